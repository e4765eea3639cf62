// y = act(gain·h + bias), h the normalised x: over a row's features (layer norm), or over the rows
// and pixels of each channel (batch norm). h replaces x, th replaces tx.
#include "net.h"

static const real MOMENTUM = (real)0.1; // of batch norm's running statistics, PyTorch's
static const Act IDENTITY = {.kind = ACT_IDENTITY};

static size_t pixels_of(const Layer *l) {
    return (size_t)l->out.h * (size_t)l->out.w;
}

static size_t channels_of(const Layer *l) {
    return (size_t)l->out.c;
}

// Row `first` of what forward left in place of x.
static const real *h_at(const Layer *l, size_t first) {
    return l->x + first * shape_size(l->in);
}

// dgain += sum of d·h; with (dz, th) and (cz, h) also the penalty's.
static void gain_gradient(const Layer *l, const Backend *b, size_t rows, const real *d,
                          const real *h) {
    if (l->weight) b->col_sum(rows * pixels_of(l), channels_of(l), d, h, l->dweight);
}

static void layer_forward(const Layer *l, const Backend *b, Rows rows, NetMode mode, real *x,
                          real *y) {
    (void)mode;
    b->layer_norm_forward(rows.count, shape_size(l->in), l->eps, x, l->rstd + rows.first);
    b->affine_act(rows.count * pixels_of(l), channels_of(l), l->weight, l->bias, l->act, x, y);
}

static void layer_backward(const Layer *l, const Backend *b, Rows rows, const real *dz, real *dx) {
    b->layer_norm_backward(rows.count, pixels_of(l), channels_of(l), h_at(l, rows.first),
                           l->rstd + rows.first, l->weight, dz, dx);
}

static void layer_tangent(const Layer *l, const Backend *b, Rows rows, real *tx, real *tz) {
    b->layer_norm_tangent(rows.count, shape_size(l->in), h_at(l, rows.first), l->rstd + rows.first,
                          tx, l->htx);
    b->affine_act(rows.count * pixels_of(l), channels_of(l), l->weight, NULL, IDENTITY, tx, tz);
}

static void layer_curvature(const Layer *l, const Backend *b, Rows rows, const real *cz, real *cx) {
    const real *dz = l->dy + rows.first * shape_size(l->out);
    b->layer_norm_curvature(rows.count, pixels_of(l), channels_of(l), h_at(l, rows.first), l->tx,
                            l->rstd + rows.first, l->htx, l->weight, dz, cz, cx);
}

const LayerKind LAYER_NORM = {.name = "ln",
                              .forward = layer_forward,
                              .backward = layer_backward,
                              .tangent = layer_tangent,
                              .curvature = layer_curvature,
                              .gradient = gain_gradient};

// The part of `rows` that lies in the batch of row `at`: statistics never cross batches.
static Rows within_batch(const Layer *l, Rows rows, size_t at) {
    size_t left = rows.first + rows.count - at;
    return (Rows){at, left < l->batch ? left : l->batch};
}

static void batch_forward(const Layer *l, const Backend *b, Rows rows, NetMode mode, real *x,
                          real *y) {
    size_t pixels = pixels_of(l), channels = channels_of(l), features = shape_size(l->in);
    if (mode == MODE_SAMPLE)
        b->batch_norm_sample(rows.count * pixels, channels, l->eps, x, l->running_mean,
                             l->running_var);
    else
        for (size_t at = rows.first; at < rows.first + rows.count; at += l->batch)
            b->batch_norm_forward(within_batch(l, rows, at).count * pixels, channels, l->eps,
                                  MOMENTUM, x + (at - rows.first) * features,
                                  l->rstd + at / l->batch * channels, l->running_mean,
                                  l->running_var);
    b->affine_act(rows.count * pixels, channels, l->weight, l->bias, l->act, x, y);
}

static void batch_backward(const Layer *l, const Backend *b, Rows rows, const real *dz, real *dx) {
    size_t channels = channels_of(l), features = shape_size(l->in);
    for (size_t at = rows.first; at < rows.first + rows.count; at += l->batch) {
        size_t offset = (at - rows.first) * features;
        b->batch_norm_backward(within_batch(l, rows, at).count * pixels_of(l), channels,
                               h_at(l, at), l->rstd + at / l->batch * channels, l->weight,
                               dz + offset, dx + offset);
    }
}

const LayerKind BATCH_NORM = {
    .name = "bn", .forward = batch_forward, .backward = batch_backward, .gradient = gain_gradient};
