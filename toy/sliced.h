// Sliced Wasserstein distance: transport on the line is a matter of sorting, so project both clouds
// on many directions and average (Rabin, Peyré, Delon & Bernot 2011).
#ifndef TOY_SLICED_H
#define TOY_SLICED_H

#include "rng.h"
#include <stddef.h>

// *value = mean over `directions` ≥ 1 directions e, uniform on the unit sphere, of the exact W_1
// (ground cost |s − t|) between the projections <e, x_i> and <e, y_j>. It is a distance between the
// clouds, at most their W_1 under the L2 cost, and equal to it in one dimension, where a single
// direction is used.
// x[n][dim], y[m][dim]; a[n], b[m] are weights ≥ 0, each normalised to total 1, NULL for equal
// ones. Directions come from `rng`. Returns 0 or a status of transport.h.
int sliced_wasserstein(double *value, Rng *rng, size_t directions, size_t dim, size_t n,
                       const double *x, const double *a, size_t m, const double *y,
                       const double *b);

#endif
