#include "random_pairs.h"

#include <math.h>
#include <stdbool.h>

const char *random_pair_name(RandomPairKind kind) {
    static const char *const names[RANDOM_PAIR_KINDS] = {"dense", "peaked", "sparse", "disjoint",
                                                         "near"};
    return names[kind];
}

static void normalise(size_t n, double *weight) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += weight[i];
    for (size_t i = 0; i < n; i++) weight[i] /= sum;
}

// Exponential weights, uniform over the simplex once normalised; their fourth powers are peaked.
static void draw_weights(Rng *rng, size_t n, bool peaked, double *weight) {
    for (size_t i = 0; i < n; i++) {
        double e = -log(rng_uniform(rng));
        weight[i] = peaked ? pow(e, 4) : e;
    }
}

static void thin(Rng *rng, size_t n, double *weight) {
    size_t kept = (size_t)rng_below(rng, n);
    for (size_t i = 0; i < n; i++)
        if (i != kept && rng_below(rng, 2)) weight[i] = 0;
}

static void part(Rng *rng, size_t n, double *p, double *q) {
    size_t cut = 1 + (size_t)rng_below(rng, n - 1);
    for (size_t i = 0; i < n; i++) (i < cut ? q : p)[i] = 0;
}

static void stay_near(Rng *rng, size_t n, const double *p, double *q) {
    double change = pow(10, -3 * rng_uniform(rng));
    for (size_t i = 0; i < n; i++) q[i] = p[i] * (1 + change * (2 * rng_uniform(rng) - 1));
}

RandomPairKind random_pair_draw(Rng *rng, PmfPair *pair) {
    RandomPairKind kind = (RandomPairKind)rng_below(rng, RANDOM_PAIR_KINDS);
    pair->dim = 1 + (size_t)rng_below(rng, 2);
    size_t n = pair->count = 2 + (size_t)rng_below(rng, RANDOM_PAIR_POINTS - 1);
    for (size_t i = 0; i < n * pair->dim; i++) pair->x[i] = rng_uniform(rng);
    draw_weights(rng, n, kind == RANDOM_PAIR_PEAKED, pair->p);
    draw_weights(rng, n, kind == RANDOM_PAIR_PEAKED, pair->q);
    if (kind == RANDOM_PAIR_SPARSE) thin(rng, n, pair->p), thin(rng, n, pair->q);
    if (kind == RANDOM_PAIR_DISJOINT) part(rng, n, pair->p, pair->q);
    if (kind == RANDOM_PAIR_NEAR) stay_near(rng, n, pair->p, pair->q);
    normalise(n, pair->p), normalise(n, pair->q);
    return kind;
}
