#include "mixture.h"

#include <math.h>

static const double HALF_LOG_TWO_PI = 0.918938533204672741780329736405617640;

static double component_log_density(const Mixture *mixture, size_t k, const double *x) {
    double sigma = mixture->sigma[k], square = 0;
    for (size_t axis = 0; axis < mixture->dim; axis++) {
        double z = (x[axis] - mixture->mean[k * mixture->dim + axis]) / sigma;
        square += z * z;
    }
    return -0.5 * square - (double)mixture->dim * (HALF_LOG_TWO_PI + log(sigma));
}

double mixture_log_density(const Mixture *mixture, const double *x) {
    // log Σ exp(l_k) = greatest + log(sum), sum in units of the greatest term so far
    double greatest = -INFINITY, sum = 0;
    for (size_t k = 0; k < mixture->count; k++) {
        double l = log(mixture->weight[k]) + component_log_density(mixture, k, x);
        if (l > greatest) {
            sum = 1 + sum * exp(greatest - l);
            greatest = l;
        } else if (l > -INFINITY) {
            sum += exp(l - greatest);
        }
    }
    return greatest + log(sum);
}

double mixture_density(const Mixture *mixture, const double *x) {
    return exp(mixture_log_density(mixture, x));
}

void mixture_log_slope(const Mixture *mixture, const double *x, double *slope) {
    double whole = mixture_log_density(mixture, x);
    for (size_t axis = 0; axis < mixture->dim; axis++) slope[axis] = 0;
    for (size_t k = 0; k < mixture->count; k++) {
        double share = exp(log(mixture->weight[k]) + component_log_density(mixture, k, x) - whole);
        for (size_t axis = 0; axis < mixture->dim; axis++)
            slope[axis] += share * (mixture->mean[k * mixture->dim + axis] - x[axis]) /
                           (mixture->sigma[k] * mixture->sigma[k]);
    }
}

double mixture_as_log_density(const void *mixture, const double *x) {
    return mixture_log_density(mixture, x);
}

// The component at height u of the cumulative weights; the last one takes what rounding leaves.
static size_t pick_component(const Mixture *mixture, double u) {
    size_t k = 0;
    double cumulative = mixture->weight[0];
    while (u >= cumulative && k + 1 < mixture->count) cumulative += mixture->weight[++k];
    return k;
}

void mixture_sample(const Mixture *mixture, Rng *rng, size_t n, double *x) {
    size_t dim = mixture->dim;
    for (size_t i = 0; i < n; i++) {
        size_t k = pick_component(mixture, rng_uniform(rng));
        for (size_t axis = 0; axis < dim; axis++)
            x[i * dim + axis] = mixture->mean[k * dim + axis] + mixture->sigma[k] * rng_normal(rng);
    }
}
