// How heavy a tail is: two distributions to compare a sample with, a test and an index.
#ifndef TOY_TAILS_H
#define TOY_TAILS_H

#include <stddef.h>

// Distribution functions F(x), centred, of a scale > 0: the quartile of the Cauchy distribution,
// the standard deviation of the normal one.
typedef double DistributionFunction(double x, double scale);
double cauchy_below(double x, double scale);
double normal_below(double x, double scale);

// Puts x[n] into ascending order; what follows takes such samples, n ≥ 1, without NaN.
void sort_ascending(size_t n, double *x);

// The sample's quantile at `share` in [0, 1], by linear interpolation between order statistics.
double quantile(size_t n, const double *ascending, double share);

// Kolmogorov–Smirnov: √n · sup |F_n − F|. For a sample of F and large n it exceeds 1.36 once in 20
// samples, 1.63 once in 100 and 1.95 once in 1000.
double kolmogorov_smirnov(size_t n, const double *ascending, DistributionFunction *below,
                          double scale);

// Hill's estimate (Annals of Statistics 3, 1975) of the index α of a tail P(X > x) ~ x^−α, from
// the `top` largest of n numbers, 1 ≤ top < n, all of those positive: 1 / mean log(x_i / x_0), x_0
// being the largest that is not among them. Its standard error is α/√top. Means exist for α > 1,
// variances for α > 2; the Cauchy distribution has α = 1. +infinity where all `top` equal x_0.
double hill_index(size_t n, const double *ascending, size_t top);

#endif
