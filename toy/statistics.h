// What repeated measurements come to.
#ifndef TOY_STATISTICS_H
#define TOY_STATISTICS_H

#include <math.h>
#include <stddef.h>

// From the lowest to the highest of what it was widened by.
typedef struct {
    double low, high;
} Range;

static const Range RANGE_EMPTY = {INFINITY, -INFINITY};

static inline void range_widen(Range *range, double x) {
    range->low = fmin(range->low, x), range->high = fmax(range->high, x);
}

typedef struct {
    double mean, deviation; // the sample's, over n − 1; 0 where n is 1
    double low, high;
} Summary;

// Of x[n], n ≥ 1.
Summary statistics_summary(size_t n, const double *x);

// Spearman's rank correlation of x[n] and y[n], n ≥ 2, in [−1, 1]: the correlation of their ranks,
// equal values sharing the mean of theirs. NAN where all values of one are equal, −2 when out of
// memory.
double statistics_rank_correlation(size_t n, const double *x, const double *y);

#endif
