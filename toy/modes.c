#include "modes.h"

#include <string.h>

static const double REACH = 3, LEAST_SHARE = 0.01;

// Squared distance to component k in units of its sigma.
static double distance(const Mixture *m, size_t k, const double *x) {
    double sum = 0;
    for (size_t axis = 0; axis < m->dim; axis++) {
        double z = (x[axis] - m->mean[k * m->dim + axis]) / m->sigma[k];
        sum += z * z;
    }
    return sum;
}

// The component that x belongs to, or m->count.
static size_t component(const Mixture *m, const double *x) {
    size_t nearest = m->count;
    double least = REACH * REACH;
    for (size_t k = 0; k < m->count; k++) {
        double d = distance(m, k, x);
        if (d <= least) nearest = k, least = d;
    }
    return nearest;
}

void modes_count(const Mixture *mixture, size_t n, const double *x, size_t *count) {
    memset(count, 0, (mixture->count + 1) * sizeof *count);
    for (size_t i = 0; i < n; i++) count[component(mixture, x + i * mixture->dim)]++;
}

bool modes_is_covered(const Mixture *mixture, size_t k, size_t n, const size_t *count) {
    return count[k] > 0 && (double)count[k] >= LEAST_SHARE * mixture->weight[k] * (double)n;
}

Modes modes_measure(const Mixture *mixture, size_t n, const double *x) {
    size_t count[mixture->count + 1];
    modes_count(mixture, n, x, count);
    Modes modes = {0, (double)(n - count[mixture->count]) / (double)n};
    for (size_t k = 0; k < mixture->count; k++)
        modes.covered += modes_is_covered(mixture, k, n, count);
    return modes;
}
