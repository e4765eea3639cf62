// Distributions on the line, one mode each, as plain values.
#ifndef TOY_LAW_H
#define TOY_LAW_H

#include "rng.h"
#include <stddef.h>

typedef enum { LAW_GAUSSIAN, LAW_UNIFORM, LAW_TRIANGLE } LawKind;

typedef struct {
    LawKind kind;
    double at, size; // Gaussian: mean and σ; the others: left end and width
} Law;

static inline Law law_gaussian(double mean, double sigma) {
    return (Law){LAW_GAUSSIAN, mean, sigma};
}

static inline Law law_uniform(double left, double width) {
    return (Law){LAW_UNIFORM, left, width};
}

// 0 at both ends, 2/width in the middle.
static inline Law law_triangle(double left, double width) {
    return (Law){LAW_TRIANGLE, left, width};
}

double law_density(const Law *law, double x);

// In the shape of divergence.h's LogDensity; the context is a Law.
double law_log_density(const void *law, const double *x);

// n points into x[n].
void law_sample(const Law *law, Rng *rng, size_t n, double *x);

enum { LAW_BREAKS = 3 };
// Where a quadrature should break: the ends (of a Gaussian, ±12 σ, beyond which lies 4e-33 of the
// mass) and the middle.
void law_breaks(const Law *law, double at[LAW_BREAKS]);

#endif
