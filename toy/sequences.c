#include "sequences.h"

#include "transport.h"

#include <math.h>
#include <stdlib.h>

static const double PI = 3.14159265358979323846;

bool pmf_pair_build(PmfPair *pair, size_t count, size_t dim) {
    double *room = calloc(count * (dim + 2), sizeof *room);
    *pair = (PmfPair){count, dim, room, room + count * dim, room + count * (dim + 1)};
    return room;
}

void pmf_pair_free(PmfPair *pair) {
    free(pair->x);
    *pair = (PmfPair){0};
}

double pmf_pair_diameter(const PmfPair *pair) {
    double widest = 0;
    for (size_t i = 0; i < pair->count; i++)
        for (size_t j = 0; j < i; j++)
            widest = fmax(widest, ground_cost(COST_L2, pair->dim, pair->x + i * pair->dim,
                                              pair->x + j * pair->dim));
    return widest;
}

// Cells of one side from `first` up to `last`, as points [first, last), beginning at x = 0.
static void put_cells(PmfPair *pair, size_t first, size_t last, double side) {
    for (size_t i = first; i < last; i++) pair->x[i] = ((double)(i - first) + 0.5) * side;
}

static void spread_evenly(double *weight, size_t first, size_t last) {
    for (size_t i = first; i < last; i++) weight[i] = 1 / (double)(last - first);
}

// U[a, b] against U[0, 1]; a < b count cells of side 1/unit, a ≤ unit.
static bool box(PmfPair *pair, size_t unit, size_t a, size_t b) {
    size_t count = b > unit ? b : unit;
    if (!pmf_pair_build(pair, count, 1)) return false;
    put_cells(pair, 0, count, 1 / (double)unit);
    spread_evenly(pair->p, a, b);
    spread_evenly(pair->q, 0, unit);
    return true;
}

static bool trimmed_box(PmfPair *pair, size_t n, size_t resolution) {
    return box(pair, n * resolution, 0, n * resolution - resolution / 2);
}

static bool sliding_box(PmfPair *pair, size_t n, size_t resolution) {
    return box(pair, n * resolution, resolution, (n + 1) * resolution);
}

// The density 1 + a cos(2πkx) has in a cell of side h about c the mass
// h (1 + a cos(2πkc) sin(πkh)/(πkh)).
static bool ripple(PmfPair *pair, double a, size_t k, size_t resolution) {
    size_t count = k * resolution;
    double side = 1 / (double)count, half_phase = PI / (double)resolution;
    if (!pmf_pair_build(pair, count, 1)) return false;
    put_cells(pair, 0, count, side);
    spread_evenly(pair->q, 0, count);
    for (size_t i = 0; i < count; i++) {
        double phase = (2 * (double)(i % resolution) + 1) * half_phase; // cos has period 1/k
        pair->p[i] = side * (1 + a * cos(phase) * sin(half_phase) / half_phase);
    }
    return true;
}

static bool fading_ripple(PmfPair *pair, size_t n, size_t resolution) {
    return ripple(pair, 1 / (double)n, 1, resolution);
}

static bool fast_ripple(PmfPair *pair, size_t n, size_t resolution) {
    return ripple(pair, 1, n, resolution);
}

// Each period of 1/n: half of its cells, the tooth, the other half.
static bool comb(PmfPair *pair, size_t n, size_t resolution) {
    if (!pmf_pair_build(pair, n * (resolution + 1), 1)) return false;
    double side = 1 / (double)(n * resolution);
    size_t at = 0;
    for (size_t cell = 0; cell < n * resolution; cell++) {
        if (cell % resolution == resolution / 2) {
            pair->x[at] = (double)cell * side;
            pair->p[at++] = 1 / (double)n;
        }
        pair->x[at] = ((double)cell + 0.5) * side;
        pair->q[at++] = side;
    }
    return true;
}

static bool parallel_lines(PmfPair *pair, size_t n, size_t resolution) {
    if (!pmf_pair_build(pair, 2 * resolution, 2)) return false;
    for (size_t i = 0; i < 2 * resolution; i++) {
        bool moved = i >= resolution;
        pair->x[2 * i] = moved ? 1 / (double)n : 0;
        pair->x[2 * i + 1] = ((double)(i % resolution) + 0.5) / (double)resolution;
        (moved ? pair->p : pair->q)[i] = 1 / (double)resolution;
    }
    return true;
}

static bool two_modes(PmfPair *pair, size_t n, size_t resolution) {
    size_t last = resolution + 1;
    if (!pmf_pair_build(pair, resolution + 2, 1)) return false;
    put_cells(pair, 1, last, 1 / (double)resolution);
    spread_evenly(pair->q, 1, last);
    pair->x[last] = 1;
    pair->p[0] = 0.5 * (1 - 1 / (double)n);
    pair->p[last] = 0.5 * (1 + 1 / (double)n);
    return true;
}

static bool speck(PmfPair *pair, size_t n, size_t resolution) {
    (void)resolution;
    if (!pmf_pair_build(pair, 2, 1)) return false;
    pair->x[1] = 1;
    pair->p[0] = 1 - 1 / (double)n;
    pair->p[1] = 1 / (double)n;
    pair->q[0] = 1;
    return true;
}

static bool escaping_speck(PmfPair *pair, size_t n, size_t resolution) {
    (void)resolution;
    if (n > SEQUENCE_TAIL || !pmf_pair_build(pair, SEQUENCE_TAIL, 1)) return false;
    double total = 0;
    for (size_t k = SEQUENCE_TAIL; k >= 1; k--) total += pow((double)k, -3);
    for (size_t k = 1; k <= SEQUENCE_TAIL; k++) {
        pair->x[k - 1] = (double)k;
        pair->q[k - 1] = pow((double)k, -3) / total;
        pair->p[k - 1] = (1 - 1 / (double)n) * pair->q[k - 1];
    }
    pair->p[n - 1] += 1 / (double)n;
    return true;
}

static const struct {
    const char *name;
    bool bounded;
    bool (*member)(PmfPair *, size_t n, size_t resolution);
} sequences[SEQUENCE_COUNT] = {
    [SEQUENCE_FADING_RIPPLE] = {"fading_ripple", true, fading_ripple},
    [SEQUENCE_TRIMMED_BOX] = {"trimmed_box", true, trimmed_box},
    [SEQUENCE_SPECK] = {"speck", true, speck},
    [SEQUENCE_SLIDING_BOX] = {"sliding_box", true, sliding_box},
    [SEQUENCE_FAST_RIPPLE] = {"fast_ripple", true, fast_ripple},
    [SEQUENCE_COMB] = {"comb", true, comb},
    [SEQUENCE_PARALLEL_LINES] = {"parallel_lines", true, parallel_lines},
    [SEQUENCE_TWO_MODES] = {"two_modes", true, two_modes},
    [SEQUENCE_ESCAPING_SPECK] = {"escaping_speck", false, escaping_speck},
};

const char *sequence_name(SequenceKind kind) {
    return sequences[kind].name;
}

bool sequence_is_bounded(SequenceKind kind) {
    return sequences[kind].bounded;
}

bool sequence_member(SequenceKind kind, size_t n, size_t resolution, PmfPair *pair) {
    return sequences[kind].member(pair, n, resolution);
}
