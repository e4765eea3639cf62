// A network and its five sweeps.
//
// A layer is y = act(op(x)), op being linear, conv, convt (each with bias) or a norm; an item of
// the architecture with a norm makes two layers, the first with the identity as act. Everything is
// NHWC and a row is one sample. Four letters: x value, d delta (adjoint of f), t tangent along u, c
// curvature (adjoint of S = <u, grad f>); z stands before the activation, y after. J is op's
// Jacobian.
//
//   sweep      rows           each layer                                  in place
//   forward    any            y = act(op(x))                              norms: h over x
//   backward   any            dz = act'(y)·dy;  dx = Jᵀdz                 dz over dy
//   tangent    penalty        tz = J tx;  ty = act'(y)·tz                 norms: th over tx
//   curvature  penalty        cz = act'(y)·cy + rho(y)·tz·dz;             cz over cy
//                             cx = Jᵀcz (+ d(dzᵀJ tx)/dx, layer norm)
//   gradient   loss           dW += dz⊗x,  db += sum dz
//              penalty        dW += dz⊗tx + cz⊗x,  db += sum cz, never sum dz
//
// Why: for fixed u, d<u, grad f>/dw is the weight gradient of the tangent of f along u; a reverse
// sweep over the pair (value, tangent) has d as the adjoint of the tangent, already there from
// backward, and c as the adjoint of the value. For a norm, x is read as h and tx as th in the last
// row: dgain += sum dz·th + cz·h, dbias += sum cz (kernels.def derives it).
//
// Rows. A net holds `batches` batches of `batch` rows. A critic with a penalty holds three:
//   [0, B) real · [B, 2B) fake · [2B, 3B) interpolates: the *penalty rows*, always the last batch.
// Forward and backward take any range; the *loss rows* of a critic are [0, 2B). Batch norm takes
// statistics over each batch of `batch` rows separately: a range given to it starts on a multiple.
//
// Buffers. B rows of penalty, R = batch·batches, F the layer's output features. One arena each net.
//
//   buffer  rows  which layers              written by          alive to   note
//   input   R     the net                   caller              gradient   x of the first layer
//   y       R     all                       forward             gradient   x of the next layer
//   dy      R     all                       caller, backward    gradient   dx of the next; then dz
//   dinput  R     the net                   backward            penalty    its penalty rows are g
//   rstd    R     layer norm                forward             curvature  batch norm instead has
//                                                                          [batches][channels]
//   htx     B     layer norm                tangent             curvature
//   tinput  B     the net      \ only       penalty             gradient   u
//   ty      B     all           | on the    tangent             gradient   tx of the next layer
//   tz      B     curved act    | reference tangent             curvature
//   cy      B     l <= top     /  path      curvature           gradient   then cz
//   spare   B     the widest: one, only     tangent             tangent    tz between product
//                 on the short path                                        and mask
//
// `top` is the last layer with a second derivative (curved activation or layer norm); above it
// every cz is 0 and curvature and its gradients are skipped. Without one (top = −1) the net is
// *flat*. A sweep needs the ones before it on the same rows, with nothing written in between.
//
// The short path, for flat nets, has no t buffers: u is written over input's penalty rows and each
// ty over y's, where y is needed only as a mask and is read element by element in the act_slope
// that overwrites it (the product itself goes to `spare`). What `input` and y then hold is [x_real;
// x_fake; t], so one product per layer, dz⊗x over all 3B rows, gives loss and penalty at once;
// biases still take the loss rows only. Overwriting needs: no cz (nobody reads y or x of penalty
// rows again), and a layer's own mask read before its own y goes (order of the sweep).
//
// In place in norms: forward turns x (y of the layer before, whose act is the identity, so its y is
// no mask) into h; tangent turns tx (its ty) into th. Neither is wanted in the original again.
#ifndef NETS_NET_H
#define NETS_NET_H

#include "architecture.h"

typedef struct {
    size_t first, count;
} Rows;

typedef enum {
    NET_SAMPLE,           // forward only: no deltas, no gradients
    NET_TRAIN,            // first derivatives
    NET_PENALTY,          // and the penalty: short path if the net is flat, else the reference path
    NET_PENALTY_REFERENCE // and the penalty by the reference path even if flat
} NetUse;

// Batch statistics, or the running ones. Only batch norm sees the difference.
typedef enum { MODE_TRAIN, MODE_SAMPLE } NetMode;

typedef struct Layer Layer;

// What op is, one table per kind: linear.c, conv.c, conv_transpose.c, norm.c (two). Pointers are to
// the first of `rows`; rows.first only finds a norm's statistics. Activation, bias gradients and
// the walk over layers are net.c's.
typedef struct {
    const char *name;
    int (*reserve)(const Layer *, const Backend *, size_t rows, Error *); // scratch; may be NULL
    void (*forward)(const Layer *, const Backend *, Rows, NetMode, real *x,
                    real *y); // y = act(op(x))
    void (*backward)(const Layer *, const Backend *, Rows, const real *dz, real *dx); // dx = Jᵀdz
    void (*tangent)(const Layer *, const Backend *, Rows, real *tx, real *tz);        // tz = J tx
    // cx = Jᵀcz + second-order part (layer norm: finds dz, th, htx in the Layer). Linear kinds put
    // their backward here: the signatures agree.
    void (*curvature)(const Layer *, const Backend *, Rows, const real *cz, real *cx);
    void (*gradient)(const Layer *, const Backend *, size_t rows, const real *d,
                     const real *x); // dW += d⊗x
} LayerKind;

extern const LayerKind LINEAR, CONV, CONV_TRANSPOSE, BATCH_NORM, LAYER_NORM;

struct Layer {
    const LayerKind *kind;
    int item; // index in the architecture; a norm shares its item's
    Shape in, out;
    ConvShape conv;
    Act act;
    real eps;
    size_t batch; // rows per batch, for batch norm
    // Weights and biases, and where their gradients go. linear [out][in], conv and convt
    // [o][k][k][c] of ConvShape, norms gain [c] (NULL: nogain); bias [channels]. Offsets into Net's
    // vectors.
    size_t weight_at, weight_count, bias_at, bias_count;
    size_t mean_at, var_at; // batch norm, in the net's running
    real *weight, *bias, *dweight, *dbias;
    real *running_mean, *running_var; // batch norm
    real *x, *y, *dx, *dy;            // x and dx are the y and dy of the layer before, or the net's
    real *tx, *ty, *tz, *cy;          // NULL where the table above has none
    real *rstd, *htx;
};

static inline bool layer_is_norm(const Layer *layer) {
    return layer->kind == &BATCH_NORM || layer->kind == &LAYER_NORM;
}

typedef struct {
    const Backend *backend;
    Architecture architecture;
    NetUse use;
    size_t batch, batches;
    int count, top; // layers, last curved layer or −1
    bool coupled;   // has batch norm: rows depend on each other
    Layer *layer;   // [count], on the host
    // One number per trainable weight, padding to 16 between tensors included (it stays 0):
    // zeroing, Adam and clipping are one call. Norm gains and offsets come last, so that
    // weights[0..plain) is what clipping clips.
    size_t weight_count, plain_count, running_count;
    real *weights, *gradients, *running;
    real *input, *dinput, *tinput, *spare;
    void *arena;
} Net;

// The layers and the places of their weights, without numbers and without a backend: enough for
// penalty_check() and checkpoint_check(), before memory is taken. Returns 0, EXIT_RESOURCE, or
// EXIT_USAGE: a penalty use with batch norm in the architecture needs `allow_coupled`, and then
// only penalty_norms() will take it; an eps that is 0 in the build's type, or a slope that is
// infinite. Free with net_free(), also after a failure (it zeroes *net first).
int net_outline(Net *net, const Architecture *architecture, NetUse use, size_t batch,
                size_t batches, bool allow_coupled, Error *error);
// Bytes on the device that an outlined net would take, scratch of convolutions aside.
size_t net_memory(Net *outline);
// The same as a net on `backend`, with one allocation on the device and one on the host (the
// layers). Weights and biases are 0, gains 1, running variances 1: see init.h.
int net_build(Net *net, const Backend *backend, const Architecture *architecture, NetUse use,
              size_t batch, size_t batches, bool allow_coupled, Error *error);
void net_free(Net *net);

// Device addresses of row `row` of [rows][features] arrays, NHWC.
real *net_input(const Net *net, size_t row);        // x, written by the caller
real *net_output(const Net *net, size_t row);       // y of the last layer
real *net_output_delta(const Net *net, size_t row); // dy of the last layer, written by the caller
real *net_input_delta(const Net *net, size_t row);  // dx of the first: g, or a generator's delta
Rows net_penalty_rows(const Net *net);              // the last batch

// The sweeps. Ranges must lie in the net; each is a programming error (assert) otherwise.
void net_forward(Net *net, Rows rows, NetMode mode);
// Input deltas are computed for `input_rows`, a part of `rows`, only: {0, 0} for none.
void net_backward(Net *net, Rows rows, Rows input_rows);
// From u in tinput (reference) or in input's penalty rows (short path). The tangent of f, in ty or
// in y's penalty rows of the last layer, summed over rows equals <u, g>: tests check it.
void net_tangent(Net *net);
void net_curvature(Net *net);
// dW += dz⊗x, db += sum dz on these rows.
void net_gradient(Net *net, Rows loss_rows);
// Reference path: dW += dz⊗tx + cz⊗x, db += sum cz on the penalty rows.
void net_gradient_penalty(Net *net);
// Short path: loss and penalty rows in one product per layer; db from loss_rows, which must be
// everything before the penalty rows.
void net_gradient_joined(Net *net, Rows loss_rows);
void net_zero_gradients(Net *net);
bool net_short_path(const Net *net); // which of the two this net was planned for

#endif
