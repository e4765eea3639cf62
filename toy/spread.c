#include "spread.h"

#include <math.h>

// Welford, Technometrics 4 (1962): no difference of large sums.
void spread_add(Spread *s, double value) {
    s->low = s->count ? fmin(s->low, value) : value;
    s->high = s->count ? fmax(s->high, value) : value;
    double before = value - s->mean;
    s->mean += before / (double)++s->count;
    s->squares += before * (value - s->mean);
}

double spread_deviation(const Spread *s) {
    return s->count > 1 ? sqrt(s->squares / (double)(s->count - 1)) : 0;
}
