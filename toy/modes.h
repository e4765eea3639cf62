// Which components of a mixture a sample reaches.
#ifndef TOY_MODES_H
#define TOY_MODES_H

#include "mixture.h"

// A point belongs to the component whose mean is nearest in units of its sigma, if that is within
// 3; so does exp(−9/2) = 1.1 % less than all of a plane's own sample. A component is covered when
// its points are at least 1 % of its weight's share of them.
typedef struct {
    size_t covered;
    double quality; // share of the points that belong to a component
} Modes;

// Of points x[n][mixture->dim], n ≥ 1. A point that is not finite belongs to none.
Modes modes_measure(const Mixture *mixture, size_t n, const double *x);

#endif
