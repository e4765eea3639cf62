// The Fréchet distance: how far apart two sets of points would be if each were Gaussian.
//
// Between N(m₁, S₁) and N(m₂, S₂) the squared Wasserstein-2 distance has a closed form (Fréchet
// 1957, Dowson & Landau 1982),
//
//     d² = ‖m₁ − m₂‖² + tr S₁ + tr S₂ − 2 tr (S₁^½ S₂ S₁^½)^½,
//
// and d² of the features of two sets of images is the "Fréchet inception distance" (Heusel et al.
// 2017) where the features are Inception's.
#ifndef IMAGES_FRECHET_H
#define IMAGES_FRECHET_H

#include <stddef.h>

// Mean[dim] and covariance[dim][dim], over n − 1, of x[n][dim]; n ≥ 2.
void frechet_moments(size_t n, size_t dim, const double *x, double *mean, double *covariance);

// *value = d², at least 0. Covariances may be singular; an eigenvalue below 0 counts as 0 (rounding
// makes such). Returns 0; EXIT_RESOURCE where memory is out; EXIT_NONFINITE where a number is not
// finite, or LAPACK does not converge.
int frechet_distance(double *value, size_t dim, const double *mean_a, const double *covariance_a,
                     const double *mean_b, const double *covariance_b);

#endif
