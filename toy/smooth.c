#include "smooth.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum { STRETCH_GRID = 256, ORDER_MAX = 16, BASIS_MAX = 2 * ORDER_MAX + 1 };

static size_t basis_count(const Smooth *s) {
    return 2 * s->order + 1;
}

// φ at t, into phi[2·order + 1].
static void basis(size_t order, double t, double *phi) {
    phi[0] = 1;
    for (size_t k = 1; k <= order; k++) {
        phi[2 * k - 1] = cos(2 * M_PI * (double)k * t);
        phi[2 * k] = sin(2 * M_PI * (double)k * t);
    }
}

// What is left of the coefficients once the first of two parameters is fixed: row[dim][basis]. Of a
// curve nothing is fixed.
static void fix_first(const Smooth *s, double t, double *row) {
    size_t b = basis_count(s);
    double phi[BASIS_MAX];
    basis(s->order, t, phi);
    for (size_t j = 0; j < s->dim; j++)
        for (size_t l = 0; l < b; l++) {
            const double *c = s->coefficient + (s->parameters == 1 ? j * b : j * b * b) + l;
            double sum = c[0];
            for (size_t k = 1; k < b && s->parameters == 2; k++) sum += c[k * b] * phi[k];
            row[j * b + l] = sum;
        }
}

static double dot(size_t n, const double *a, const double *b) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

void smooth_at(const Smooth *s, const double *t, double *x) {
    size_t b = basis_count(s);
    double first[BASIS_MAX], last[BASIS_MAX];
    basis(s->order, t[0], first), basis(s->order, t[s->parameters - 1], last);
    for (size_t j = 0; j < s->dim; j++) {
        if (s->parameters == 1) {
            x[j] = dot(b, s->coefficient + j * b, last);
            continue;
        }
        x[j] = 0;
        for (size_t k = 0; k < b; k++)
            x[j] += first[k] * dot(b, s->coefficient + (j * b + k) * b, last);
    }
}

bool smooth_grid(const Smooth *s, size_t n, SmoothVisit *visit, void *context) {
    size_t b = basis_count(s), rows = s->parameters == 1 ? 1 : n;
    double *phi = malloc(n * b * sizeof *phi), *x = malloc(n * s->dim * sizeof *x),
           *row = malloc(s->dim * b * sizeof *row);
    bool ok = phi && x && row;
    for (size_t i = 0; ok && i < n; i++) basis(s->order, (double)i / (double)n, phi + i * b);
    for (size_t r = 0; ok && r < rows; r++) {
        fix_first(s, (double)r / (double)n, row);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < s->dim; j++)
                x[i * s->dim + j] = dot(b, row + j * b, phi + i * b);
        visit(context, n, x);
    }
    free(phi), free(x), free(row);
    return ok;
}

// ---- stretching into the unit cube ----

typedef struct {
    size_t dim;
    double *low, *high;
} Range;

static void widen(void *context, size_t count, const double *x) {
    Range *range = context;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < range->dim; j++) {
            double value = x[i * range->dim + j];
            range->low[j] = fmin(range->low[j], value);
            range->high[j] = fmax(range->high[j], value);
        }
}

typedef struct {
    size_t dim;
    double *before; // the row before, [STRETCH_GRID][dim]
    bool has_before;
    double step; // largest difference of a coordinate between neighbours
} Steps;

static void step_on(void *context, size_t count, const double *x) {
    Steps *steps = context;
    for (size_t k = 0; k < count * steps->dim; k++) {
        if (k >= steps->dim) steps->step = fmax(steps->step, fabs(x[k] - x[k - steps->dim]));
        if (steps->has_before) steps->step = fmax(steps->step, fabs(x[k] - steps->before[k]));
        steps->before[k] = x[k];
    }
    steps->has_before = true;
}

// Scales coordinate j to SMOOTH_SPAN and puts it somewhere; φ_0 = 1 carries the offset.
static void stretch(Smooth *s, Rng *rng, size_t j, double low, double high) {
    size_t b = basis_count(s), count = s->parameters == 1 ? b : b * b;
    double *c = s->coefficient + j * count, scale = SMOOTH_SPAN / (high - low);
    for (size_t k = 0; k < count; k++) c[k] *= scale;
    double room = 1 - 2 * SMOOTH_MARGIN - SMOOTH_SPAN;
    c[0] += SMOOTH_MARGIN + room * rng_uniform(rng) - low * scale;
}

static bool fill_cube(Smooth *s, Rng *rng) {
    double *ends = malloc(2 * s->dim * sizeof *ends),
           *before = malloc(STRETCH_GRID * s->dim * sizeof *before);
    bool ok = ends && before;
    Range range = {s->dim, ends, ends + s->dim};
    for (size_t j = 0; ok && j < s->dim; j++) range.low[j] = INFINITY, range.high[j] = -INFINITY;
    ok = ok && smooth_grid(s, STRETCH_GRID, widen, &range);
    for (size_t j = 0; ok && j < s->dim; j++) stretch(s, rng, j, range.low[j], range.high[j]);
    Steps steps = {.dim = s->dim, .before = before};
    ok = ok && smooth_grid(s, STRETCH_GRID, step_on, &steps);
    s->speed = steps.step * STRETCH_GRID;
    free(ends), free(before);
    return ok;
}

static double frequency(size_t k) {
    return k == 0 ? 1 : (double)((k + 1) / 2);
}

bool smooth_random(Smooth *s, Rng *rng, size_t parameters, size_t dim, size_t order) {
    assert((parameters == 1 || parameters == 2) && dim > 0 && order > 0 && order <= ORDER_MAX);
    *s = (Smooth){.parameters = parameters, .dim = dim, .order = order};
    size_t b = basis_count(s), rows = parameters == 1 ? 1 : b;
    s->coefficient = malloc(dim * rows * b * sizeof *s->coefficient);
    if (!s->coefficient) return false;
    for (size_t j = 0; j < dim; j++)
        for (size_t k = 0; k < rows; k++)
            for (size_t l = 0; l < b; l++)
                s->coefficient[(j * rows + k) * b + l] =
                    rng_normal(rng) / (frequency(k) * frequency(l));
    if (fill_cube(s, rng)) return true;
    smooth_free(s);
    return false;
}

void smooth_free(Smooth *s) {
    free(s->coefficient);
    s->coefficient = NULL;
}
