// Random smooth curves and surfaces: trigonometric polynomials with random coefficients, so that
// they are closed, without corners, and differ in every direction a smooth map can differ in.
#ifndef TOY_SMOOTH_H
#define TOY_SMOOTH_H

#include "rng.h"
#include <stdbool.h>
#include <stddef.h>

// x_j(t) = offset_j + Σ_k c_jk φ_k(t_1) for a curve, Σ_kl c_jkl φ_k(t_1) φ_l(t_2) for a surface,
// with φ = 1, cos 2πt, sin 2πt, cos 4πt, … up to `order`; t in [0, 1)^parameters.
typedef struct {
    size_t parameters, dim, order; // 1 (curve) or 2 (surface); coordinates; highest frequency
    double *coefficient;           // [dim][2·order + 1 (, squared)]
    double speed; // largest |∂x_j/∂t_i| found on a grid: how far a step of t moves a coordinate
} Smooth;

// A coordinate fills an interval of this length, at least this far from 0 and 1.
#define SMOOTH_SPAN 0.7
#define SMOOTH_MARGIN 0.06

// Draws coefficients N(0, 1), divided by the frequency (by each of the two frequencies, 0 counting
// as 1), then stretches each coordinate so that its values on a grid fill an interval of length
// SMOOTH_SPAN, placed uniformly inside the margins. (Not the same interval for all: at its ends a
// map turns round, and maps that all turn at one place meet there more often than they should.)
// Between the grid's points it may pass the ends by a little, but stays in (0, 1). False when
// memory runs out. Free with smooth_free().
bool smooth_random(Smooth *s, Rng *rng, size_t parameters, size_t dim, size_t order);
void smooth_free(Smooth *s);

// The point at t[parameters] into x[dim].
void smooth_at(const Smooth *s, const double *t, double *x);

// Visits the points of the grid t = (i/n, j/n), row by row: a curve is one row of n points, a
// surface n rows of them. x[count][dim] is good during the visit only. False when memory runs out.
typedef void SmoothVisit(void *context, size_t count, const double *x);
bool smooth_grid(const Smooth *s, size_t n, SmoothVisit *visit, void *context);

#endif
