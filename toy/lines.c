#include "lines.h"

#include <math.h>

static LineDistances all_five(double value) {
    return (LineDistances){.w = value, .js = value, .kl = value, .kl_rev = value, .tv = value};
}

// [closed_forms]
LineDistances lines_distances(double theta) {
    if (isnan(theta)) return all_five(theta);
    if (theta == 0) return all_five(0);
    return (LineDistances){
        .w = fabs(theta), .js = M_LN2, .kl = INFINITY, .kl_rev = INFINITY, .tv = 1};
}

LineDistances lines_slopes(double theta) {
    if (isnan(theta) || theta == 0) return all_five(NAN);
    return (LineDistances){.w = copysign(1, theta), .js = 0, .kl = NAN, .kl_rev = NAN, .tv = 0};
}
// [/closed_forms]

void lines_sample(double theta, Rng *rng, size_t n, double *xy) {
    for (size_t i = 0; i < n; i++) {
        xy[2 * i] = theta;
        xy[2 * i + 1] = rng_uniform(rng);
    }
}
