// What repeated measurements come to.
#ifndef TOY_STATISTICS_H
#define TOY_STATISTICS_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

// From the lowest to the highest of what it was widened by.
typedef struct {
    double low, high;
} Range;

static const Range RANGE_EMPTY = {INFINITY, -INFINITY};

static inline void range_widen(Range *range, double x) {
    range->low = fmin(range->low, x), range->high = fmax(range->high, x);
}

// Makes `range` reach over `other` as well, which may be empty.
static inline void range_join(Range *range, Range other) {
    range->low = fmin(range->low, other.low), range->high = fmax(range->high, other.high);
}

// Numbers that arrive one at a time; starts as {0}.
typedef struct {
    int64_t count;
    double mean, squares; // Σ (x − mean)²
    double low, high;
} Summary;

void summary_add(Summary *summary, double x);

// The sample's standard deviation, over count − 1; 0 for fewer than two numbers.
double summary_deviation(const Summary *summary);

// −1 where every number of a lies below every number of b, 1 where every one lies above, else 0: a
// difference that no run contradicts. Deviations are of no use for it, as one wild run makes them
// forgive everything. 0 where one of the two is empty.
int summary_compare(const Summary *a, const Summary *b);

// Of x[n].
Summary statistics_summary(size_t n, const double *x);

// Euclidean norm of x[n].
double statistics_norm(size_t n, const double *x);

// Takes from each column of x[n][columns] its mean.
void statistics_centre(size_t n, size_t columns, double *x);

// Spearman's rank correlation of x[n] and y[n], n ≥ 2, in [−1, 1]: the correlation of their ranks,
// equal values sharing the mean of theirs. NAN where all values of one are equal, −2 when out of
// memory.
double statistics_rank_correlation(size_t n, const double *x, const double *y);

#endif
