// Gaussian mixtures in 1-D or 2-D whose components are round: x ~ Σ_k w_k N(μ_k, σ_k² I).
#ifndef TOY_MIXTURE_H
#define TOY_MIXTURE_H

#include "rng.h"
#include <stddef.h>

// Borrows its arrays. dim is 1 or 2, count ≥ 1; weights are positive with total 1, sigmas positive.
typedef struct {
    size_t dim, count;
    const double *weight; // [count]
    const double *mean;   // [count][dim]
    const double *sigma;  // [count]
} Mixture;

// The density at x[dim].
double mixture_density(const Mixture *mixture, const double *x);

// Its logarithm, summed over the components without leaving the log scale: −745 is no limit. It is
// finite wherever |x − μ_k|² / σ_k² does not overflow.
double mixture_log_density(const Mixture *mixture, const double *x);

// Its gradient (the score) into slope[dim]: Σ_k r_k (μ_k − x) / σ_k², r_k the share of component k
// in the density at x.
void mixture_log_slope(const Mixture *mixture, const double *x, double *slope);

// The same as mixture_log_density(), in the shape of divergence.h's LogDensity; the context is a
// Mixture.
double mixture_as_log_density(const void *mixture, const double *x);

// n points into x[n][dim]: for each one uniform, which picks the component by cumulative weight,
// then dim normals.
void mixture_sample(const Mixture *mixture, Rng *rng, size_t n, double *x);

#endif
