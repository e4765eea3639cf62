// Which components of a mixture a sample reaches.
#ifndef TOY_MODES_H
#define TOY_MODES_H

#include "mixture.h"
#include <stdbool.h>

// A point belongs to the component whose mean is nearest in units of its sigma, if that is within
// 3; so does exp(−9/2) = 1.1 % less than all of a plane's own sample. A component is covered when
// its points are at least 1 % of its weight's share of them.
typedef struct {
    size_t covered;
    double quality; // share of the points that belong to a component
} Modes;

// Of points x[n][mixture->dim], n ≥ 1. A point that is not finite belongs to none.
Modes modes_measure(const Mixture *mixture, size_t n, const double *x);

// How many of the points belong to each component, into count[mixture->count + 1]; the last: to
// none.
void modes_count(const Mixture *mixture, size_t n, const double *x, size_t *count);

// Whether that covers component k.
bool modes_is_covered(const Mixture *mixture, size_t k, size_t n, const size_t *count);

#endif
