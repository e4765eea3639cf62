#include "heaps.h"

#include "transport.h"

#include <math.h>

static const Heaps examples[HEAPS_COUNT] = {
    [HEAPS_LINE] = {.name = "line",
                    .dim = 1,
                    .n = 4,
                    .m = 4,
                    .x = {1, 2, 6, 7},
                    .units_x = {3, 2, 2, 1},
                    .y = {0, 3.5, 5, 8},
                    .units_y = {1, 3, 2, 2}},
    [HEAPS_PLANE] = {.name = "plane",
                     .dim = 2,
                     .n = 4,
                     .m = 5,
                     .x = {0.3, 2.2, 1.2, 0.2, 2.2, 3.2, 3.9, 1.9},
                     .units_x = {2, 2, 3, 1},
                     .y = {0.2, 0.6, 1.1, 1.5, 2.6, 1.4, 3.3, 3.3, 3.4, 0.3},
                     .units_y = {1, 2, 2, 2, 1}},
};

Heaps heaps_example(int which) {
    Heaps h = examples[which];
    for (size_t i = 0; i < h.n; i++) h.a[i] = (double)h.units_x[i] / HEAP_UNITS;
    for (size_t j = 0; j < h.m; j++) h.b[j] = (double)h.units_y[j] / HEAP_UNITS;
    return h;
}

// Each unit by the point where it lies.
static void unpack(size_t n, const int *units, size_t point[HEAP_UNITS]) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < units[i]; k++) point[count++] = i;
}

// [cheapest]
// Of sending the units of x from `first` on to those units of y that `used` does not hold.
static double cheapest(const Heaps *h, const size_t *from, const size_t *to, int first, int used) {
    if (first == HEAP_UNITS) return 0;
    double least = INFINITY;
    for (int k = 0; k < HEAP_UNITS; k++) {
        if (used >> k & 1) continue;
        const double *x = h->x + from[first] * h->dim, *y = h->y + to[k] * h->dim;
        double cost = ground_cost(COST_L2, h->dim, x, y) / HEAP_UNITS;
        least = fmin(least, cost + cheapest(h, from, to, first + 1, used | 1 << k));
    }
    return least;
}
// [/cheapest]

double heaps_cheapest(const Heaps *h) {
    size_t from[HEAP_UNITS], to[HEAP_UNITS];
    unpack(h->n, h->units_x, from);
    unpack(h->m, h->units_y, to);
    return cheapest(h, from, to, 0, 0);
}
