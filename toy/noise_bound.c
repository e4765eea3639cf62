#include "noise_bound.h"

#include "divergence.h"
#include "transport.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

// ---- pairs ----

static Atoms random_atoms(size_t dim, uint64_t width, Rng *rng) {
    Atoms atoms = {.n = 1 + rng_below(rng, 6)};
    for (size_t k = 0; k < dim * atoms.n; k++) atoms.x[k] = (double)rng_below(rng, width);
    for (size_t i = 0; i < atoms.n; i++) atoms.a[i] = rng_uniform(rng);
    return atoms;
}

NoisePair noise_pair_random(Rng *rng) {
    NoisePair pair = {.family = "random", .dim = 1 + rng_below(rng, 2)};
    uint64_t width = 4ull << 2 * rng_below(rng, 5); // 4 to 1024
    pair.half = 1 + (int)rng_below(rng, pair.dim == 1 ? 32 : 6);
    pair.p = random_atoms(pair.dim, width, rng), pair.q = random_atoms(pair.dim, width, rng);
    if (rng_below(rng, 2)) return pair;
    pair.family = "reweighted", pair.q = pair.p;
    for (size_t i = 0; i < pair.q.n; i++) pair.q.a[i] = rng_uniform(rng);
    return pair;
}

NoisePair noise_pair_swapped(double t) {
    return (NoisePair){.family = "swapped",
                       .dim = 1,
                       .half = 1,
                       .p = {2, {0, 1e4}, {1 + t, 1 - t}},
                       .q = {2, {0, 1e4}, {1 - t, 1 + t}}};
}

NoisePair noise_pair_lines(int theta, int half) {
    NoisePair pair = {.family = "lines", .dim = 2, .half = half, .p.n = 11, .q.n = 11};
    for (int i = 0; i < 11; i++) {
        pair.q.x[2 * i] = theta;
        pair.p.x[2 * i + 1] = pair.q.x[2 * i + 1] = i;
        pair.p.a[i] = pair.q.a[i] = 1;
    }
    return pair;
}

// ---- the terms of the bound ----

static size_t cells_of(const NoisePair *pair) {
    size_t side = 2 * (size_t)pair->half;
    return pair->dim == 1 ? side : side * side;
}

// Each atom becomes the centres of the unit cells of its box, each with the atom's weight.
static void spread(const NoisePair *pair, const Atoms *atoms, double *points, double *weights) {
    size_t side = 2 * (size_t)pair->half, cells = cells_of(pair);
    for (size_t i = 0; i < atoms->n; i++)
        for (size_t c = 0; c < cells; c++) {
            size_t index[2] = {c % side, c / side};
            for (size_t k = 0; k < pair->dim; k++)
                *points++ = atoms->x[i * pair->dim + k] - pair->half + (double)index[k] + 0.5;
            *weights++ = atoms->a[i];
        }
}

static int noisy_divergences(Divergences *d, const NoisePair *pair) {
    size_t cells = cells_of(pair), n = pair->p.n * cells, m = pair->q.n * cells, dim = pair->dim;
    double *points = reallocarray(NULL, n + m, dim * sizeof *points);
    double *weights = reallocarray(NULL, n + m, sizeof *weights);
    int status = DIVERGENCE_NO_MEMORY;
    if (points && weights) {
        double *others = points + n * dim;
        spread(pair, &pair->p, points, weights), spread(pair, &pair->q, others, weights + n);
        status = divergences_points(d, 0, dim, n, points, weights, m, others, weights + n);
    }
    free(points), free(weights);
    return status;
}

// The farthest corners of two boxes: along each axis their centres' distance, and a half on either
// side.
static double box_distance(const NoisePair *pair, const double *x, const double *y) {
    double square = 0;
    for (size_t k = 0; k < pair->dim; k++) {
        double length = fabs(x[k] - y[k]) + 2 * pair->half;
        square += length * length;
    }
    return sqrt(square);
}

static double diameter(const NoisePair *pair) {
    const Atoms *p = &pair->p, *q = &pair->q;
    double widest = 0;
    for (size_t i = 0; i < p->n + q->n; i++)
        for (size_t j = 0; j <= i; j++) {
            const double *x = i < p->n ? p->x + i * pair->dim : q->x + (i - p->n) * pair->dim;
            const double *y = j < p->n ? p->x + j * pair->dim : q->x + (j - p->n) * pair->dim;
            widest = fmax(widest, box_distance(pair, x, y));
        }
    return widest;
}

static bool usable(const Atoms *atoms, size_t dim) {
    if (atoms->n < 1 || atoms->n > NOISE_MOST_ATOMS) return false;
    for (size_t k = 0; k < atoms->n * dim; k++)
        if (!(fabs(atoms->x[k]) < 0x1p31 && atoms->x[k] == floor(atoms->x[k]))) return false;
    return true;
}

int noise_bound(NoiseBound *bound, const NoisePair *pair) {
    const Atoms *p = &pair->p, *q = &pair->q;
    size_t dim = pair->dim;
    if (dim < 1 || dim > 2 || pair->half < 1 || pair->half > NOISE_MOST_HALF || !usable(p, dim) ||
        !usable(q, dim))
        return NOISE_BAD_ARGUMENT;
    Transport t;
    int status = transport_solve(&t, COST_L2, dim, p->n, p->x, p->a, q->n, q->x, q->a);
    if (status) return status == TRANSPORT_MEMORY ? NOISE_NO_MEMORY : NOISE_BAD_ARGUMENT;
    double w = t.value;
    transport_free(&t);
    Divergences d;
    status = noisy_divergences(&d, pair);
    if (status) return status == DIVERGENCE_NO_MEMORY ? NOISE_NO_MEMORY : NOISE_BAD_ARGUMENT;
    *bound = (NoiseBound){.w = w,
                          .root_v = pair->half * sqrt((double)dim / 3), // half²/3 by axis
                          .diameter = diameter(pair),
                          .js = fmax(d.js, 0), // of equal ones it may round to -1e-17
                          .tv = d.tv};
    return NOISE_OK;
}

const char *noise_bound_message(int status) {
    switch (status) {
    case NOISE_OK:
        return "ok";
    case NOISE_BAD_ARGUMENT:
        return "a pair needs whole coordinates in 1 or 2 dimensions and weights that are not "
               "negative";
    case NOISE_NO_MEMORY:
        return "out of memory";
    }
    return "unknown status";
}
