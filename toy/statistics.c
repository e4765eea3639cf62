#include "statistics.h"

#include <math.h>
#include <stdlib.h>

// Welford, Technometrics 4 (1962): no difference of large sums.
void summary_add(Summary *s, double x) {
    s->low = s->count ? fmin(s->low, x) : x;
    s->high = s->count ? fmax(s->high, x) : x;
    double before = x - s->mean;
    s->mean += before / (double)++s->count;
    s->squares += before * (x - s->mean);
}

double summary_deviation(const Summary *s) {
    return s->count > 1 ? sqrt(s->squares / (double)(s->count - 1)) : 0;
}

int summary_compare(const Summary *a, const Summary *b) {
    if (!a->count || !b->count) return 0;
    return (a->low > b->high) - (a->high < b->low);
}

Summary statistics_summary(size_t n, const double *x) {
    Summary s = {0};
    for (size_t i = 0; i < n; i++) summary_add(&s, x[i]);
    return s;
}

double statistics_norm(size_t n, const double *x) {
    double squares = 0;
    for (size_t i = 0; i < n; i++) squares += x[i] * x[i];
    return sqrt(squares);
}

void statistics_centre(size_t n, size_t columns, double *x) {
    for (size_t k = 0; k < columns; k++) {
        double mean = 0;
        for (size_t i = 0; i < n; i++) mean += x[i * columns + k] / (double)n;
        for (size_t i = 0; i < n; i++) x[i * columns + k] -= mean;
    }
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
