// Mean, spread and extremes of numbers that arrive one at a time.
#ifndef TOY_SPREAD_H
#define TOY_SPREAD_H

#include <stdint.h>

// Starts as {0}.
typedef struct {
    int64_t count;
    double mean, squares; // Σ (value − mean)²
    double low, high;
} Spread;

void spread_add(Spread *spread, double value);

// Sample standard deviation (n − 1); 0 for fewer than two values.
double spread_deviation(const Spread *spread);

#endif
