// y = act(W x + b), W [out][in].
#include "net.h"

static void forward(const Layer *l, const Backend *b, Rows rows, NetMode mode, real *x, real *y) {
    (void)mode;
    size_t in = shape_size(l->in), out = shape_size(l->out);
    b->gemm(false, true, rows.count, out, in, x, l->weight, 0, y);
    b->affine_act(rows.count, out, NULL, l->bias, l->act, y, y);
}

static void backward(const Layer *l, const Backend *b, Rows rows, const real *dz, real *dx) {
    size_t in = shape_size(l->in), out = shape_size(l->out);
    b->gemm(false, false, rows.count, in, out, dz, l->weight, 0, dx);
}

static void tangent(const Layer *l, const Backend *b, Rows rows, real *tx, real *tz) {
    b->gemm(false, true, rows.count, shape_size(l->out), shape_size(l->in), tx, l->weight, 0, tz);
}

static void gradient(const Layer *l, const Backend *b, size_t rows, const real *d, const real *x) {
    b->gemm(true, false, shape_size(l->out), shape_size(l->in), rows, d, x, 1, l->dweight);
}

const LayerKind LINEAR = {.name = "linear",
                          .forward = forward,
                          .backward = backward,
                          .tangent = tangent,
                          .curvature = backward,
                          .gradient = gradient};
