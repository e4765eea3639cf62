// The gradient penalty, read as its definition (1704.00028, eq. 3 and algorithm 1):
//   x̂ = t·real + (1 − t)·fake, one t per row;   g = grad f(x̂), forward and backward from 1;
//   P = lambda·mean (|g| − 1)²  (one-sided: max(0, |g| − 1)²);   u = dP/dg, 0 where g = 0;
//   dP/dw = d<u, grad f>/dw with u fixed: tangent along u, curvature, gradient (net.h).
// The short path drops what is 0 in a flat net; both paths are the same up to rounding.
//
// A row's gradient must be that row's alone. Batch norm ties the rows of a batch together, so that
// g mixes samples: penalty_check() refuses it, and a program that wants to show the effect must
// build its net with allow_coupled and can then only measure.
#ifndef NETS_PENALTY_H
#define NETS_PENALTY_H

#include "net.h"

typedef struct {
    double lambda; // > 0
    bool one_sided;
} Penalty;

// 0, or EXIT_USAGE naming the layer that couples rows, an output other than one number per row, or
// a net that was not built with a penalty use and three batches.
int penalty_check(const Net *critic, Error *error);

// x̂ into the penalty rows from the real and fake rows; t is [B].
void penalty_interpolate(Net *critic, const real *t);

// |grad f| of the rows now in the penalty rows into norms[B], by forward and backward of those rows
// alone; g stays in net_input_delta(). Takes coupled nets. Weights' gradients are not touched.
void penalty_norms(Net *critic, real *norms);

// After a backward sweep has put g in place: norms[B], value[0] = P, u where the tangent starts;
// then tangent, curvature and the weight gradients, of the loss rows [0, 2B) too. Both paths;
// net_zero_gradients() is the caller's.
void penalty_gradient(Net *critic, Penalty penalty, real *norms, double *value);

#endif
