#include "law.h"

#include "mixture.h"
#include <math.h>
#include <stdbool.h>

static Mixture as_mixture(const Law *law) {
    static const double one = 1;
    return (Mixture){.dim = 1, .count = 1, .weight = &one, .mean = &law->at, .sigma = &law->size};
}

static double uniform_log_density(const Law *law, double x) {
    return x >= law->at && x <= law->at + law->size ? -log(law->size) : -INFINITY;
}

static double triangle_log_density(const Law *law, double x) {
    double half = law->size / 2, from_end = fmin(x - law->at, law->at + law->size - x);
    return from_end > 0 ? log(from_end) - 2 * log(half) : -INFINITY;
}

double law_log_density(const void *context, const double *x) {
    const Law *law = context;
    if (law->kind == LAW_UNIFORM) return uniform_log_density(law, *x);
    if (law->kind == LAW_TRIANGLE) return triangle_log_density(law, *x);
    Mixture mixture = as_mixture(law);
    return mixture_log_density(&mixture, x);
}

double law_density(const Law *law, double x) {
    return exp(law_log_density(law, &x));
}

void law_sample(const Law *law, Rng *rng, size_t n, double *x) {
    if (law->kind == LAW_GAUSSIAN) {
        Mixture mixture = as_mixture(law);
        mixture_sample(&mixture, rng, n, x);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        double u = rng_uniform(rng);
        if (law->kind == LAW_TRIANGLE) u = (u + rng_uniform(rng)) / 2;
        x[i] = law->at + law->size * u;
    }
}

void law_breaks(const Law *law, double at[LAW_BREAKS]) {
    bool tails = law->kind == LAW_GAUSSIAN;
    at[0] = tails ? law->at - 12 * law->size : law->at;
    at[1] = tails ? law->at : law->at + law->size / 2;
    at[2] = tails ? law->at + 12 * law->size : law->at + law->size;
}
