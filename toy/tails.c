#include "tails.h"
#include "statistics.h"

#include <math.h>
#include <stdlib.h>

double cauchy_below(double x, double scale) {
    return 0.5 + atan2(x, scale) / M_PI;
}

double normal_below(double x, double scale) {
    return 0.5 * erfc(-x / (scale * M_SQRT2));
}

static int compare(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

void sort_ascending(size_t n, double *x) {
    qsort(x, n, sizeof *x, compare);
}

double quantile(size_t n, const double *ascending, double share) {
    double place = share * (double)(n - 1);
    size_t below = (size_t)place;
    if (below + 1 >= n) return ascending[n - 1];
    double rest = place - (double)below;
    return (1 - rest) * ascending[below] + rest * ascending[below + 1];
}

double kolmogorov_smirnov(size_t n, const double *ascending, DistributionFunction *below,
                          double scale) {
    double distance = 0, count = (double)n;
    for (size_t i = 0; i < n; i++) {
        double f = below(ascending[i], scale); // F_n jumps from i/n to (i + 1)/n here
        distance = maximum(distance, maximum(f - (double)i / count, (double)(i + 1) / count - f));
    }
    return sqrt(count) * distance;
}

double hill_index(size_t n, const double *ascending, size_t top) {
    double threshold = ascending[n - top - 1], sum = 0;
    for (size_t i = n - top; i < n; i++) sum += log(ascending[i] / threshold);
    return (double)top / sum;
}
