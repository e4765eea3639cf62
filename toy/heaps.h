// Two problems small enough to draw: heaps x and hollows y with masses in whole units,
// HEAP_UNITS in all.
#ifndef TOY_HEAPS_H
#define TOY_HEAPS_H

#include <stddef.h>

enum { HEAP_UNITS = 8 };

typedef struct {
    const char *name;
    size_t dim, n, m;
    double x[2 * HEAP_UNITS], y[2 * HEAP_UNITS]; // [n][dim], [m][dim]
    int units_x[HEAP_UNITS], units_y[HEAP_UNITS];
    double a[HEAP_UNITS], b[HEAP_UNITS]; // the same as masses of total 1
} Heaps;

enum { HEAPS_LINE, HEAPS_PLANE, HEAPS_COUNT };
Heaps heaps_example(int which);

// The least mean distance over all HEAP_UNITS! ways to send each unit of x to one of y. No way that
// splits units is cheaper: the corners of the set of plans between equal masses are permutations
// (Birkhoff 1946).
double heaps_cheapest(const Heaps *heaps);

#endif
