// Parallel lines with Gaussian noise on both, so that they overlap (Arjovsky & Bottou 2017,
// "Towards principled methods for training generative adversarial networks", section 3).
#ifndef TOY_NOISY_LINES_H
#define TOY_NOISY_LINES_H

#include "rng.h"
#include <stddef.h>

// The law of (θ, Z) + σ ε: Z ~ U[0, 1], ε ~ N(0, I) in the plane.
typedef struct {
    double theta, sigma;
} NoisyLine;

// Its log density at xy[2], σ > 0, in the shape of divergence.h's LogDensity.
double noisy_line_log_density(const void *noisy_line, const double *xy);

// n points into xy[n][2]: those of lines_sample(), then two normals each, none where σ = 0.
void noisy_line_sample(NoisyLine line, Rng *rng, size_t n, double *xy);

// The two lines at distance |θ| with noise σ on both: all depends on shift = |θ|/σ alone. Found by
// quadrature to about 1e-11 of their size however small they are, until they underflow.
typedef struct {
    double gap;   // log 2 − JS
    double slope; // dJS/dshift, so that dJS/d|θ| = slope/σ
} NoisyLines;

// shift ≥ 0. Returns 0 or a status of quadrature.h.
int noisy_lines(NoisyLines *result, double shift);

#endif
