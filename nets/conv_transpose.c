// y = act(Wᵀ * x + b): the map of ConvShape is x, its image y. The three primitives of a
// convolution with the roles of x and y exchanged.
#include "net.h"

static int reserve(const Layer *l, const Backend *b, size_t rows, Error *error) {
    return b->conv_reserve(l->conv, rows, error);
}

static void forward(const Layer *l, const Backend *b, Rows rows, NetMode mode, real *x, real *y) {
    (void)mode;
    size_t pixels = (size_t)l->out.h * (size_t)l->out.w, channels = (size_t)l->out.c;
    b->conv_data(l->conv, rows.count, x, l->weight, y);
    b->affine_act(rows.count * pixels, channels, NULL, l->bias, l->act, y, y);
}

static void backward(const Layer *l, const Backend *b, Rows rows, const real *dz, real *dx) {
    b->conv_forward(l->conv, rows.count, dz, l->weight, dx);
}

static void tangent(const Layer *l, const Backend *b, Rows rows, real *tx, real *tz) {
    b->conv_data(l->conv, rows.count, tx, l->weight, tz);
}

static void gradient(const Layer *l, const Backend *b, size_t rows, const real *d, const real *x) {
    b->conv_weights(l->conv, rows, d, x, l->dweight);
}

const LayerKind CONV_TRANSPOSE = {.name = "convt",
                                  .reserve = reserve,
                                  .forward = forward,
                                  .backward = backward,
                                  .tangent = tangent,
                                  .curvature = backward,
                                  .gradient = gradient};
