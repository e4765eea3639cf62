#include "statistics.h"

#include <math.h>
#include <stdlib.h>

Summary statistics_summary(size_t n, const double *x) {
    Summary s = {0, 0, INFINITY, -INFINITY};
    for (size_t i = 0; i < n; i++) {
        s.mean += x[i] / (double)n;
        s.low = fmin(s.low, x[i]), s.high = fmax(s.high, x[i]);
    }
    for (size_t i = 0; i < n && n > 1; i++)
        s.deviation += (x[i] - s.mean) * (x[i] - s.mean) / (double)(n - 1);
    s.deviation = sqrt(s.deviation);
    return s;
}

typedef struct {
    double value;
    size_t index;
} Place;

static int by_value(const void *a, const void *b) {
    double x = ((const Place *)a)->value, y = ((const Place *)b)->value;
    return (x > y) - (x < y);
}

// Ranks from 0, in the order of the values.
static void ranks_of(size_t n, const double *x, Place *place, double *rank) {
    for (size_t i = 0; i < n; i++) place[i] = (Place){x[i], i};
    qsort(place, n, sizeof *place, by_value);
    for (size_t first = 0, end; first < n; first = end) {
        for (end = first; end < n && place[end].value == place[first].value; end++) continue;
        for (size_t i = first; i < end; i++) rank[place[i].index] = (double)(first + end - 1) / 2;
    }
}

static double correlation(size_t n, const double *x, const double *y) {
    double middle = (double)(n - 1) / 2, xx = 0, yy = 0, xy = 0; // the mean of all ranks
    for (size_t i = 0; i < n; i++) {
        double dx = x[i] - middle, dy = y[i] - middle;
        xx += dx * dx, yy += dy * dy, xy += dx * dy;
    }
    return xy / sqrt(xx * yy);
}

double statistics_rank_correlation(size_t n, const double *x, const double *y) {
    Place *place = malloc(n * sizeof *place);
    double *rank = malloc(2 * n * sizeof *rank), value = -2;
    if (place && rank) {
        ranks_of(n, x, place, rank);
        ranks_of(n, y, place, rank + n);
        value = correlation(n, rank, rank + n);
    }
    free(place), free(rank);
    return value;
}
