// Parallel lines: P_θ is the law of (θ, Z), Z ~ U[0, 1], compared with P_0
// (Arjovsky, Chintala & Bottou 2017, example 1).
#ifndef TOY_LINES_H
#define TOY_LINES_H

#include "rng.h"
#include <stddef.h>

// Natural logarithms; kl = KL(P_θ‖P_0), kl_rev = KL(P_0‖P_θ), tv = ½ L1.
typedef struct {
    double w, js, kl, kl_rev, tv;
} LineDistances;

// The closed forms: for θ ≠ 0 the supports are disjoint, so w = |θ|, js = log 2, tv = 1 and both
// KL are +infinity; at θ = 0 all five are 0. A NaN θ gives five NaN.
LineDistances lines_distances(double theta);

// d/dθ of the five. w: the sign of θ; js and tv: 0; both KL: NaN, a constant +infinity has no
// slope. At θ = 0, where w has a kink and the others jump, all are NaN.
LineDistances lines_slopes(double theta);

// n points of P_θ into xy[n][2], one uniform each.
void lines_sample(double theta, Rng *rng, size_t n, double *xy);

#endif
