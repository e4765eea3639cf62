#include "divergence.h"

#include "quadrature.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

// P and Q at one point, twice over: the logarithm outlives the value, which may underflow to 0.
typedef struct {
    double p, q, log_p, log_q;
} Pair;

static Pair pair_of_values(double p, double q) {
    return (Pair){.p = p, .q = q, .log_p = log(p), .log_q = log(q)};
}

static Pair pair_of_logs(double log_p, double log_q) {
    return (Pair){.p = exp(log_p), .q = exp(log_q), .log_p = log_p, .log_q = log_q};
}

static double tv_term(Pair at) {
    return 0.5 * fabs(at.p - at.q);
}

static double kl_term(Pair at) {
    if (at.log_p == -INFINITY) return 0;
    if (at.log_q == -INFINITY) return INFINITY;
    return at.p * (at.log_p - at.log_q);
}

static Pair pair_swapped(Pair at) {
    return (Pair){.p = at.q, .q = at.p, .log_p = at.log_q, .log_q = at.log_p};
}

// For p ≥ q, with d = log q − log p ≤ 0: log(m/p) = log((1 + e^d)/2) = log1p(½ expm1 d) and
// log(m/q) is d less. Nothing here can overflow, and d = 0 gives exactly 0.
static double js_term(Pair at) {
    if (at.log_p < at.log_q) return js_term(pair_swapped(at));
    if (at.log_p == -INFINITY) return 0;
    double d = at.log_q - at.log_p;
    double log_m_over_p = log1p(0.5 * expm1(d));
    double from_q = at.log_q == -INFINITY ? 0 : at.q * (log_m_over_p - d);
    return -0.5 * (at.p * log_m_over_p + from_q);
}

static Divergences terms(Pair at) {
    return (Divergences){.tv = tv_term(at),
                         .js = js_term(at),
                         .kl = kl_term(at),
                         .kl_rev = kl_term(pair_swapped(at))};
}

// The four, and the two masses that tell whether P and Q were seen whole. As an array, for
// quadrature; the order is that of Divergences, then p, q.
enum { TV, JS, KL, KL_REV, MASS_P, MASS_Q, SUMS };
typedef struct {
    double of[SUMS];
} Sums;

static Sums sums_at(Pair at) {
    Divergences d = terms(at);
    return (Sums){{d.tv, d.js, d.kl, d.kl_rev, at.p, at.q}};
}

static Sums sums_added(Sums a, Sums b) {
    for (int s = 0; s < SUMS; s++) a.of[s] += b.of[s];
    return a;
}

static Divergences sums_divergences(const Sums *sums) {
    return (Divergences){
        .tv = sums->of[TV], .js = sums->of[JS], .kl = sums->of[KL], .kl_rev = sums->of[KL_REV]};
}

static bool whole(const Sums *sums, double slack) {
    return fabs(sums->of[MASS_P] - 1) <= slack && fabs(sums->of[MASS_Q] - 1) <= slack;
}

// By halves, so that rounding grows with log n instead of n.
static Sums pmf_sums(size_t n, const double *p, const double *q) {
    Sums sums = {{0}};
    if (n > 32) return sums_added(pmf_sums(n / 2, p, q), pmf_sums(n - n / 2, p + n / 2, q + n / 2));
    for (size_t i = 0; i < n; i++) sums = sums_added(sums, sums_at(pair_of_values(p[i], q[i])));
    return sums;
}

Divergences divergences_pmf(size_t n, const double *p, const double *q) {
    bool good = true;
    for (size_t i = 0; i < n; i++) good = good && p[i] >= 0 && q[i] >= 0;
    if (good) {
        Sums sums = pmf_sums(n, p, q);
        if (whole(&sums, DIVERGENCE_MASS_SLACK)) return sums_divergences(&sums);
    }
    return (Divergences){.tv = NAN, .js = NAN, .kl = NAN, .kl_rev = NAN};
}

typedef struct {
    LogDensity *log_p, *log_q;
    const void *p, *q;
} Densities;

static Sums density_sums(const Densities *pair, const double *x) {
    return sums_at(pair_of_logs(pair->log_p(pair->p, x), pair->log_q(pair->q, x)));
}

static void density_integrand(const void *context, double x, double *f) {
    Sums sums = density_sums(context, &x);
    for (int s = 0; s < SUMS; s++) f[s] = sums.of[s];
}

int divergences_density_1d(Divergences *result, Divergences *error, LogDensity *log_p,
                           const void *p, LogDensity *log_q, const void *q, size_t break_count,
                           const double *breaks, double tolerance) {
    Densities pair = {.log_p = log_p, .log_q = log_q, .p = p, .q = q};
    Sums value, estimate;
    int status = quadrature_integrate(density_integrand, &pair, SUMS, break_count, breaks,
                                      tolerance, value.of, estimate.of);
    if (status == QUADRATURE_BAD_ARGUMENT) return DIVERGENCE_BAD_ARGUMENT;
    if (status == QUADRATURE_NO_MEMORY) return DIVERGENCE_NO_MEMORY;
    if (status == QUADRATURE_NOT_A_NUMBER) return DIVERGENCE_NOT_A_NUMBER;
    *result = sums_divergences(&value);
    if (error != NULL) *error = sums_divergences(&estimate);
    if (status == QUADRATURE_NOT_CONVERGED) return DIVERGENCE_NOT_CONVERGED;
    return whole(&value, 10 * tolerance + 1e-13) ? DIVERGENCE_OK : DIVERGENCE_BAD_MASS;
}

int divergences_density_2d(Divergences *result, LogDensity *log_p, const void *p, LogDensity *log_q,
                           const void *q, const double box[4], size_t nx, size_t ny) {
    double dx = (box[1] - box[0]) / (double)nx, dy = (box[3] - box[2]) / (double)ny;
    if (nx == 0 || ny == 0 || !(dx > 0 && dy > 0 && isfinite(dx) && isfinite(dy)))
        return DIVERGENCE_BAD_ARGUMENT;
    Densities pair = {.log_p = log_p, .log_q = log_q, .p = p, .q = q};
    Sums sums = {{0}};
    for (size_t i = 0; i < nx; i++) {
        Sums row = {{0}}; // summed apart: less rounding
        for (size_t j = 0; j < ny; j++) {
            double x[2] = {box[0] + ((double)i + 0.5) * dx, box[2] + ((double)j + 0.5) * dy};
            row = sums_added(row, density_sums(&pair, x));
        }
        sums = sums_added(sums, row);
    }
    for (int s = 0; s < SUMS; s++) {
        if (isnan(sums.of[s])) return DIVERGENCE_NOT_A_NUMBER;
        sums.of[s] *= dx * dy;
    }
    *result = sums_divergences(&sums);
    return whole(&sums, DIVERGENCE_MASS_SLACK) ? DIVERGENCE_OK : DIVERGENCE_BAD_MASS;
}

// One weighted point of either sample: where it lies, and what it adds to P and to Q.
typedef struct {
    const double *key; // [dim]: cell indices, or the coordinates themselves for cell = 0
    size_t order;      // its place in the input: equal cells are summed in that order
    double p, q;
} Atom;

static int compare_keys(const double *a, const double *b, size_t dim) {
    for (size_t k = 0; k < dim; k++)
        if (a[k] != b[k]) return a[k] < b[k] ? -1 : 1;
    return 0;
}

static int compare_atoms(const void *left, const void *right, void *dim) {
    const Atom *a = left, *b = right;
    int by_key = compare_keys(a->key, b->key, *(const size_t *)dim);
    return by_key != 0 ? by_key : (a->order > b->order) - (a->order < b->order);
}

// Coordinates to keys, count = points × dim.
static int make_keys(double cell, size_t count, const double *x, double *key) {
    for (size_t k = 0; k < count; k++) {
        if (!isfinite(x[k])) return DIVERGENCE_BAD_POINTS;
        key[k] = cell > 0 ? floor(x[k] / cell + 0.5) : x[k];
        if (cell > 0 && !(fabs(key[k]) <= 0x1p53)) return DIVERGENCE_CELL_TOO_SMALL;
    }
    return DIVERGENCE_OK;
}

typedef struct {
    size_t count;
    const double *x, *weight; // [count][dim], [count] or NULL
} Sample;

static double sample_weight(const Sample *sample, size_t i) {
    return sample->weight != NULL ? sample->weight[i] : 1;
}

// The total of the weights; NaN when they are unusable.
static double total_weight(const Sample *sample) {
    double total = 0;
    for (size_t i = 0; i < sample->count; i++) {
        double weight = sample_weight(sample, i);
        if (!(weight >= 0)) return NAN;
        total += weight;
    }
    return total > 0 && isfinite(total) ? total : NAN;
}

// Merges equal keys of the sorted atoms into probability vectors p, q; returns their length.
static size_t merge(size_t dim, size_t count, const Atom *atom, double *p, double *q) {
    size_t cells = 0;
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || compare_keys(atom[i - 1].key, atom[i].key, dim) != 0) {
            p[cells] = q[cells] = 0;
            cells++;
        }
        p[cells - 1] += atom[i].p;
        q[cells - 1] += atom[i].q;
    }
    return cells;
}

// The work of divergences_points in given room: atom[n + m], key[n + m][dim], p[n + m], q[n + m].
static int compare_samples(Divergences *result, double cell, size_t dim, const Sample *first,
                           const Sample *second, Atom *atom, double *key, double *p, double *q) {
    size_t n = first->count, m = second->count;
    int status = make_keys(cell, n * dim, first->x, key);
    if (status == DIVERGENCE_OK) status = make_keys(cell, m * dim, second->x, key + n * dim);
    if (status != DIVERGENCE_OK) return status;
    double total_p = total_weight(first), total_q = total_weight(second);
    if (isnan(total_p) || isnan(total_q)) return DIVERGENCE_BAD_WEIGHTS;
    for (size_t i = 0; i < n + m; i++) {
        atom[i] = (Atom){.key = key + i * dim, .order = i};
        if (i < n)
            atom[i].p = sample_weight(first, i);
        else
            atom[i].q = sample_weight(second, i - n);
    }
    qsort_r(atom, n + m, sizeof *atom, compare_atoms, &dim);
    size_t cells = merge(dim, n + m, atom, p, q);
    for (size_t c = 0; c < cells; c++) {
        p[c] /= total_p;
        q[c] /= total_q;
    }
    *result = divergences_pmf(cells, p, q);
    return DIVERGENCE_OK;
}

int divergences_points(Divergences *result, double cell, size_t dim, size_t n, const double *x,
                       const double *a, size_t m, const double *y, const double *b) {
    if (n == 0 || m == 0 || dim == 0 || !(cell >= 0) || isinf(cell)) return DIVERGENCE_BAD_ARGUMENT;
    Sample first = {n, x, a}, second = {m, y, b};
    Atom *atom = reallocarray(NULL, n + m, sizeof *atom);
    double *key = reallocarray(NULL, n + m, dim * sizeof *key);
    double *pmf = reallocarray(NULL, n + m, 2 * sizeof *pmf);
    int status = DIVERGENCE_NO_MEMORY;
    if (atom != NULL && key != NULL && pmf != NULL)
        status = compare_samples(result, cell, dim, &first, &second, atom, key, pmf, pmf + n + m);
    free(atom);
    free(key);
    free(pmf);
    return status;
}

const char *divergences_message(int status) {
    switch (status) {
    case DIVERGENCE_OK:
        return "ok";
    case DIVERGENCE_BAD_ARGUMENT:
        return "a size, range, cell or tolerance has no meaning";
    case DIVERGENCE_BAD_WEIGHTS:
        return "weights must be finite and not negative, their total > 0";
    case DIVERGENCE_BAD_POINTS:
        return "a coordinate is not finite";
    case DIVERGENCE_CELL_TOO_SMALL:
        return "the cell is too small for the size of the coordinates";
    case DIVERGENCE_BAD_MASS:
        return "a density does not integrate to 1 over the range given";
    case DIVERGENCE_NOT_A_NUMBER:
        return "a density is not a number";
    case DIVERGENCE_NOT_CONVERGED:
        return "a divergence did not reach its tolerance";
    case DIVERGENCE_NO_MEMORY:
        return "out of memory";
    }
    return "unknown status";
}
