#include "one_gaussian.h"

#include "log_loss.h"
#include "quadrature.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static const double TOLERANCE = 1e-13;

// ---- the range: breaks at and around every peak, ends where the tails are below 1e-30 ----

enum { REACH = 12, BREAKS_EACH = 7, BREAKS = BREAKS_EACH * (ONE_GAUSSIAN_MAX_COMPONENTS + 1) };

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void breaks_around(double mean, double sigma, double *at) {
    static const double steps[BREAKS_EACH] = {-REACH, -5, -2, 0, 2, 5, REACH};
    for (size_t i = 0; i < BREAKS_EACH; i++) at[i] = mean + steps[i] * sigma;
}

// Into at[BREAKS], ascending and distinct; returns how many, 0 where there is no such pair.
static size_t find_breaks(const Mixture *real, OneGaussian g, double *at) {
    if (real->dim != 1 || real->count > ONE_GAUSSIAN_MAX_COMPONENTS) return 0;
    if (!(g.scale > 0) || !isfinite(g.scale) || !isfinite(g.shift)) return 0;
    for (size_t k = 0; k < real->count; k++)
        breaks_around(real->mean[k], real->sigma[k], at + BREAKS_EACH * k);
    breaks_around(g.shift, g.scale, at + BREAKS_EACH * real->count);
    size_t all = BREAKS_EACH * (real->count + 1), count = 1;
    qsort(at, all, sizeof *at, ascending);
    for (size_t i = 1; i < all; i++)
        if (at[i] > at[count - 1]) at[count++] = at[i];
    return count;
}

static int status_of_quadrature(int status) {
    switch (status) {
    case QUADRATURE_OK:
        return DIVERGENCE_OK;
    case QUADRATURE_NOT_A_NUMBER:
        return DIVERGENCE_NOT_A_NUMBER;
    case QUADRATURE_NOT_CONVERGED:
        return DIVERGENCE_NOT_CONVERGED;
    case QUADRATURE_NO_MEMORY:
        return DIVERGENCE_NO_MEMORY;
    }
    return DIVERGENCE_BAD_ARGUMENT;
}

// ---- values ----

static const double ONE = 1;
static Mixture generated(const OneGaussian *g) {
    return (Mixture){.dim = 1, .count = 1, .weight = &ONE, .mean = &g->shift, .sigma = &g->scale};
}

int one_gaussian_divergences(Divergences *result, const Mixture *real, OneGaussian g) {
    double breaks[BREAKS];
    Mixture fake = generated(&g);
    return divergences_density_1d(result, NULL, mixture_as_log_density, &fake,
                                  mixture_as_log_density, real, find_breaks(real, g, breaks),
                                  breaks, TOLERANCE);
}

int one_gaussian_middle(double *value, const Mixture *real, OneGaussian g) {
    enum { ROOM = ONE_GAUSSIAN_MAX_COMPONENTS + 1 };
    double breaks[BREAKS], weight[ROOM], mean[ROOM], sigma[ROOM];
    size_t n = real->count, break_count = find_breaks(real, g, breaks);
    if (break_count == 0) return DIVERGENCE_BAD_ARGUMENT;
    for (size_t k = 0; k < n; k++)
        weight[k] = real->weight[k] / 2, mean[k] = real->mean[k], sigma[k] = real->sigma[k];
    weight[n] = 0.5, mean[n] = g.shift, sigma[n] = g.scale;
    Mixture middle = {.dim = 1, .count = n + 1, .weight = weight, .mean = mean, .sigma = sigma};
    Divergences d;
    int status =
        divergences_density_1d(&d, NULL, mixture_as_log_density, &middle, mixture_as_log_density,
                               real, break_count, breaks, TOLERANCE);
    if (status == DIVERGENCE_OK) *value = d.kl;
    return status;
}

// ---- −log D ----

typedef struct {
    const Mixture *real, *fake;
    OneGaussian g;
} Pair;

// d/dx of a mixture's log-density: the mean of −(x − μ_k)/σ_k² over the components' shares at x.
static double log_density_slope(const Mixture *mixture, double x) {
    double whole = mixture_log_density(mixture, &x), slope = 0;
    for (size_t k = 0; k < mixture->count; k++) {
        Mixture part = {1, 1, mixture->weight + k, mixture->mean + k, mixture->sigma + k};
        slope -= exp(mixture_log_density(&part, &x) - whole) * (x - mixture->mean[k]) /
                 (mixture->sigma[k] * mixture->sigma[k]);
    }
    return slope;
}

// [log_d]
// D* is the sigmoid of f = log p_r − log p_g, so −log D* = log(1 + e^−f), d/dx = −(1 − D*) f'.
static void log_d_integrand(const void *context, double x, double *value) {
    const Pair *pair = context;
    double log_r = mixture_log_density(pair->real, &x), log_g = mixture_log_density(pair->fake, &x);
    double minus_log_d = log_one_plus_exp(log_g - log_r),
           one_minus_d = exp(-log_one_plus_exp(log_r - log_g));
    double slope =
        -one_minus_d * (log_density_slope(pair->real, x) - log_density_slope(pair->fake, x));
    value[0] = exp(log_g) * minus_log_d;
    value[1] = -exp(log_r) * minus_log_d;
    value[2] = exp(log_g) * slope;
    value[3] = exp(log_g) * slope * (x - pair->g.shift) / pair->g.scale;
}
// [/log_d]

int one_gaussian_log_d(LogD *result, const Mixture *real, OneGaussian g) {
    double breaks[BREAKS], value[4], error[4];
    Mixture fake = generated(&g);
    Pair pair = {real, &fake, g};
    int status = quadrature_integrate(log_d_integrand, &pair, 4, find_breaks(real, g, breaks),
                                      breaks, TOLERANCE, value, error);
    if (status == QUADRATURE_OK)
        *result = (LogD){.loss = value[0], .real_part = value[1], .slope = {value[2], value[3]}};
    return status_of_quadrature(status);
}

// ---- objectives ----

int one_gaussian_value(double *value, Objective objective, const Mixture *real, OneGaussian g) {
    if (objective == OBJECTIVE_FOLLOWING) {
        LogD log_d;
        int status = one_gaussian_log_d(&log_d, real, g);
        if (status == DIVERGENCE_OK) *value = log_d.loss;
        return status;
    }
    Divergences d;
    int status = one_gaussian_divergences(&d, real, g);
    if (status != DIVERGENCE_OK) return status;
    *value = objective == OBJECTIVE_COVER  ? d.kl_rev
             : objective == OBJECTIVE_PICK ? d.kl
             : objective == OBJECTIVE_JS   ? d.js
                                           : d.kl - 2 * d.js;
    return DIVERGENCE_OK;
}

// f' = (f(−2h) − 8 f(−h) + 8 f(h) − f(2h)) / 12h, whose error is h⁴ f⁗′/30.
int one_gaussian_slope(double slope[2], Objective objective, const Mixture *real, OneGaussian g) {
    static const double weight[] = {1, -8, 8, -1};
    static const int offset[] = {-2, -1, 1, 2};
    double result[2] = {0, 0}, h = g.scale / 256;
    for (int axis = 0; axis < 2; axis++)
        for (int k = 0; k < 4; k++) {
            OneGaussian at = g;
            *(axis == 0 ? &at.shift : &at.scale) += offset[k] * h;
            double value;
            int status = one_gaussian_value(&value, objective, real, at);
            if (status != DIVERGENCE_OK) return status;
            result[axis] += weight[k] * value / (12 * h);
        }
    slope[0] = result[0], slope[1] = result[1];
    return DIVERGENCE_OK;
}

// ---- descent ----

// The Fisher information of a Gaussian is 1/scale² for its shift and 2 for log scale.
static OneGaussian moved(OneGaussian g, const double slope[2], double rate) {
    double shift = g.scale * slope[0], log_scale = 0.5 * g.scale * slope[1];
    rate = fmin(rate, 1 / fmax(fabs(shift), fabs(log_scale))); // no further than its own width
    return (OneGaussian){g.shift - rate * g.scale * shift, g.scale * exp(-rate * log_scale)};
}

int one_gaussian_fit(OneGaussian *g, double *value, Objective objective, const Mixture *real,
                     int *steps) {
    double here, there, slope[2], rate = 1;
    int status = one_gaussian_value(&here, objective, real, *g), allowed = *steps, done = 0;
    while (status == DIVERGENCE_OK && done < allowed) {
        status = one_gaussian_slope(slope, objective, real, *g);
        if (status != DIVERGENCE_OK || g->scale * hypot(slope[0], slope[1]) < 1e-7) break;
        bool lower = false;
        while (!lower && rate > 1e-9) {
            OneGaussian next = moved(*g, slope, rate);
            status = one_gaussian_value(&there, objective, real, next);
            if (status != DIVERGENCE_OK) return status;
            lower = there < here;
            if (lower) *g = next, here = there;
            rate *= lower ? 1.5 : 0.5;
        }
        if (!lower) break;
        done++;
    }
    *value = here, *steps = done;
    return status;
}
