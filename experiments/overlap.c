// Two manifolds drawn at random share next to nothing (Arjovsky and Bottou 2017, lemmas 2 and 3):
// where they cross, they cross in a set of fewer dimensions. A computer sees cells, not points, so
// the claim becomes one about resolution: of the cells of side h that two random curves or surfaces
// touch, how many do both touch, and how fast does that share fall with h?
#include "experiments/common/contract.h"
#include "toy/cells.h"
#include "toy/divergence.h"
#include "toy/smooth.h"
#include "toy/statistics.h"
#include "toy/transport.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int64_t groups, pairs, plane_level, space_level, octaves, samples;
static double nudge;
static Reals shifts;

static const Setting settings[] = {
    {"groups", SETTING_INTEGER, &groups, "4", "8", 2, 1000, NULL, "N",
     "Independent groups of pairs; each gives an exponent of its own"},
    {"pairs", SETTING_INTEGER, &pairs, "16", "32", 1, 1e6, NULL, "N",
     "Pairs of surfaces in a group; twice as many of curves in the plane, 32 times in space"},
    {"plane-level", SETTING_INTEGER, &plane_level, "9", "11", 5, 13, NULL, "N",
     "Finest cells of the unit square: side 2^-N"},
    {"space-level", SETTING_INTEGER, &space_level, "7", "8", 5, 9, NULL, "N",
     "Finest cells of the unit cube: side 2^-N"},
    {"octaves", SETTING_INTEGER, &octaves, "2", "3", 1, 4, NULL, "N",
     "How many halvings of the side, the finest ones, the exponent is fitted over"},
    {"nudge", SETTING_REAL, &nudge, "0.02", "0.01", 1e-6, 0.05, NULL, "X",
     "How far an aligned curve is moved to break the alignment"},
    {"shifts", SETTING_REALS, &shifts, "0,0.001,0.003,0.01,0.03", NULL, 0, 0.05, NULL, "A,B,...",
     "How far a whole curve is moved, to see what W and JS say"},
    {"samples", SETTING_INTEGER, &samples, "256", "1024", 2, 20000, NULL, "N",
     "Points of the curve and of its moved copy for W; 128 times as many for JS"},
    {0},
};

static const Program program = {
    .name = "overlap",
    .summary = "Two random curves in the plane, surfaces in space, curves in space: the share of "
               "cells of side h that both touch falls as h to the power of the codimension.",
    .details = "Writes overlap.tsv (shared cells by their side), overlap_exponents.tsv, "
               "overlap_shifts.tsv (a moved curve: JS and W), overlap_curve_a.tsv, _b.tsv and "
               "overlap_cells.tsv (one pair, to be drawn) beside the claim C14.\n\n"
               "  experiments/overlap --pairs 100 --plane-level 12",
    .settings = settings,
};

// Independent streams of random numbers, by what they are drawn for.
enum { FOR_PAIRS, FOR_SHIFTS, FOR_PICTURE };
static Rng stream(int purpose, int64_t index) {
    return rng_stream(common.seed, (uint64_t)purpose << 32 | (uint64_t)index);
}

// ---- the pairs ----

// The nudged pair is the aligned one with its second curve moved by `nudge`.
enum { CURVES_PLANE, SURFACES_SPACE, CURVES_SPACE, ALIGNED, NUDGED, KINDS };
static const struct {
    const char *name, *what;
    size_t parameters;
    unsigned dim;
    int64_t pairs; // times --pairs
    double exponent;
} kinds[KINDS] = {
    {"curves_plane", "two curves in the plane", 1, 2, 2, 1},
    {"surfaces_space", "two surfaces in space", 2, 3, 1, 1},
    {"curves_space", "two curves in space", 1, 3, 32, 2},
    {"aligned", "curves that share a stretch", 1, 2, 1, 0},
    {"nudged", "the same, one moved aside", 1, 2, 1, 1},
};

enum { CURVE_ORDER = 3, SURFACE_ORDER = 1, COARSEST_LEVEL = 2, LEVELS_MAX = 16 };

static int64_t level_of(int kind) {
    return kinds[kind].dim == 2 ? plane_level : space_level;
}

static Smooth draw_smooth(int kind, Rng *rng) {
    size_t parameters = kinds[kind].parameters;
    Smooth s;
    if (!smooth_random(&s, rng, parameters, kinds[kind].dim,
                       parameters == 1 ? CURVE_ORDER : SURFACE_ORDER))
        fail(EXIT_RESOURCE, "out of memory for a smooth map");
    return s;
}

// So many points along each parameter that two neighbours lie at most a 16th (curves) or a half
// (surfaces) of a finest cell apart in every coordinate.
static size_t grid_size(int kind, double speed) {
    double per_cell = kinds[kind].parameters == 1 ? 16 : 2;
    return (size_t)ceil(per_cell * speed * (double)(1 << level_of(kind)));
}

static void walk(const Smooth *s, size_t n, SmoothVisit *visit, void *context) {
    if (!smooth_grid(s, n, visit, context)) fail(EXIT_RESOURCE, "out of memory for a grid");
}

// [mark]
static void mark(void *cells, size_t count, const double *x) {
    cells_mark(cells, count, x);
}

static void mark_pair(int kind, Rng *rng, Cells *a, Cells *b) {
    Cells *cells[] = {a, b};
    for (int which = 0; which < 2; which++) {
        Smooth s = draw_smooth(kind, rng);
        walk(&s, grid_size(kind, s.speed), mark, cells[which]);
        smooth_free(&s);
    }
}
// [/mark]

static void keep(void *points, size_t count, const double *x) {
    double **at = points;
    for (size_t k = 0; k < 2 * count; k++) *(*at)++ = x[k];
}

// [aligned]
// The second curve follows the first for half of its length, then leaves it smoothly for a third
// curve: b = (1 − w)·a + w·c with w = 0 on [0, ½] and sin² beyond, moved by `aside`.
static void mark_aligned(int kind, Rng *rng, double aside, Cells *a, Cells *b) {
    Smooth first = draw_smooth(kind, rng), third = draw_smooth(kind, rng);
    size_t n = grid_size(kind, first.speed + third.speed + 2 * M_PI);
    double *x = allocate(2 * n, sizeof *x), *y = allocate(2 * n, sizeof *y), *end = x;
    walk(&first, n, keep, &end), end = y, walk(&third, n, keep, &end);
    double angle = 2 * M_PI * rng_uniform(rng), move[] = {aside * cos(angle), aside * sin(angle)};
    for (size_t i = 0; i < n; i++) {
        double t = (double)i / (double)n, w = t < 0.5 ? 0 : pow(sin(2 * M_PI * t), 2);
        for (int j = 0; j < 2; j++)
            y[2 * i + j] = (1 - w) * x[2 * i + j] + w * y[2 * i + j] + move[j];
    }
    cells_mark(a, n, x), cells_mark(b, n, y);
    free(x), free(y);
    smooth_free(&first), smooth_free(&third);
}
// [/aligned]

// ---- the share of cells, by their side ----

static void build_cells(Cells *cells, unsigned dim, int64_t level) {
    if (!cells_build(cells, dim, (unsigned)level)) fail(EXIT_RESOURCE, "out of memory for cells");
}

static double shared_fraction(const Cells *a, const Cells *b) {
    return 2 * (double)cells_shared(a, b) / (double)(cells_count(a) + cells_count(b));
}

// Adds to share[level] for every level; from the finest cells upwards, eight (four) to one.
static void measure_pair(int kind, Rng rng, double *share) {
    Cells a, b;
    build_cells(&a, kinds[kind].dim, level_of(kind));
    build_cells(&b, kinds[kind].dim, level_of(kind));
    if (kind == ALIGNED || kind == NUDGED)
        mark_aligned(kind, &rng, kind == NUDGED ? nudge : 0, &a, &b);
    else
        mark_pair(kind, &rng, &a, &b);
    for (int64_t level = level_of(kind);; level--) {
        share[level] += shared_fraction(&a, &b);
        if (level == COARSEST_LEVEL) break;
        cells_coarsen(&a), cells_coarsen(&b);
    }
    cells_free(&a), cells_free(&b);
}

// [exponent]
// Slope of log share against log h, by least squares over the finest levels; NaN where a share
// is 0.
static double exponent_of(const double *share, int64_t finest) {
    double middle = (double)finest - (double)octaves / 2, slope = 0, squares = 0;
    for (int64_t level = finest - octaves; level <= finest; level++) {
        if (share[level] == 0) return NAN;
        double x = middle - (double)level; // log2 of h, about its mean
        slope += x * log2(share[level]), squares += x * x;
    }
    return slope / squares;
}
// [/exponent]

typedef struct {
    Summary exponent;
    Summary finest; // share at the finest level
    bool empty;     // a group shared no cell at all at some level
} Overlap;

static Overlap measure_kind(int kind, Tsv *table) {
    Summary by_level[LEVELS_MAX] = {0};
    Overlap result = {0};
    int64_t count = pairs * kinds[kind].pairs, finest = level_of(kind);
    for (int64_t g = 0; g < groups; g++) {
        double share[LEVELS_MAX] = {0};
        for (int64_t p = 0; p < count; p++) {
            measure_pair(kind, stream(FOR_PAIRS, (kind * groups + g) * count + p), share);
            progress(g * count + p + 1, groups * count, "%s", kinds[kind].what);
        }
        for (int64_t level = COARSEST_LEVEL; level <= finest; level++)
            summary_add(&by_level[level], share[level] /= (double)count);
        double exponent = exponent_of(share, finest);
        if (isnan(exponent)) result.empty = true;
        summary_add(&result.exponent, exponent);
    }
    for (int64_t level = COARSEST_LEVEL; level <= finest; level++) {
        tsv_text(table, kinds[kind].name);
        tsv_numbers(table, 3,
                    (double[]){ldexp(1, -(int)level), by_level[level].mean,
                               summary_deviation(&by_level[level])});
    }
    result.finest = by_level[finest];
    return result;
}

static void print_kind(int kind, const Overlap *o) {
    printf("%-29s │ %6g │ %8.3g │ %8g │ %8.3f ± %.3f\n", kinds[kind].what,
           ldexp(1, -(int)level_of(kind)), o->finest.mean, kinds[kind].exponent, o->exponent.mean,
           summary_deviation(&o->exponent));
}

static void measure_overlaps(Overlap *overlap) {
    Tsv *shares = tsv_open("", "kind h share deviation");
    Tsv *exponents = tsv_open("exponents", "kind expected exponent deviation low high groups pairs "
                                           "h share");
    printf("%-29s │ %6s │ %8s │ %8s │ %s\n", "", "side h", "shared", "expected", "exponent");
    for (int kind = 0; kind < KINDS; kind++) {
        Overlap *o = &overlap[kind];
        *o = measure_kind(kind, shares);
        tsv_text(exponents, kinds[kind].name);
        tsv_numbers(exponents, 9,
                    (double[]){kinds[kind].exponent, o->exponent.mean,
                               summary_deviation(&o->exponent), o->exponent.low, o->exponent.high,
                               (double)groups, (double)(pairs * kinds[kind].pairs),
                               ldexp(1, -(int)level_of(kind)), o->finest.mean});
        print_kind(kind, o);
    }
}

// ---- what W and JS say of a curve and its moved copy ----

// n points moved by (dx, dy), one at a random time in each n-th of the curve: a sample with little
// chance in it.
static void sample_curve(const Smooth *s, Rng *rng, size_t n, const double move[2], double *x) {
    for (size_t i = 0; i < n; i++) {
        double t = ((double)i + rng_uniform(rng)) / (double)n;
        smooth_at(s, &t, x + 2 * i);
        x[2 * i] += move[0], x[2 * i + 1] += move[1];
    }
}

static double transport(size_t n, const double *x, const double *y) {
    Transport t;
    int status = transport_solve(&t, COST_L2, 2, n, x, NULL, n, y, NULL);
    if (status) fail(EXIT_RESOURCE, "transport: %s", transport_error(status));
    double value = t.value;
    transport_free(&t);
    return value;
}

static double histogram_js(double side, size_t n, const double *x, const double *y) {
    Divergences d;
    int status = divergences_points(&d, side, 2, n, x, NULL, n, y, NULL);
    if (status) fail(EXIT_RESOURCE, "histogram: %s", divergences_message(status));
    return d.js;
}

static void measure_shifts(void) {
    Tsv *table = tsv_open("shifts", "shift h JS W");
    size_t few = (size_t)samples, many = 128 * few;
    double *x = allocate(2 * many, sizeof *x), *y = allocate(2 * many, sizeof *y);
    Rng rng = stream(FOR_SHIFTS, 0);
    Smooth curve = draw_smooth(CURVES_PLANE, &rng);
    const double sides[] = {1.0 / 32, 1.0 / 128, 1.0 / 512}, none[] = {0, 0};
    for (size_t k = 0; k < shifts.count; k++) {
        double move[] = {shifts.at[k] * cos(1), shifts.at[k] * sin(1)}; // along no axis
        sample_curve(&curve, &rng, few, none, x), sample_curve(&curve, &rng, few, move, y);
        double w = transport(few, x, y);
        sample_curve(&curve, &rng, many, none, x), sample_curve(&curve, &rng, many, move, y);
        for (size_t s = 0; s < 3; s++)
            tsv_numbers(table, 4,
                        (double[]){shifts.at[k], sides[s], histogram_js(sides[s], many, x, y), w});
        progress((int64_t)k + 1, (int64_t)shifts.count, "shift %g", shifts.at[k]);
    }
    smooth_free(&curve);
    free(x), free(y);
}

// ---- one pair, to be drawn ----

static void write_curve(void *context, size_t count, const double *x) {
    for (size_t i = 0; i <= count; i++) tsv_numbers(context, 2, x + 2 * (i % count));
}

static void write_cells(Tsv *table, const Cells *a, const Cells *b) {
    size_t side = (size_t)1 << a->level;
    for (size_t k = 0; k < side * side; k++) {
        int in_a = a->bits[k / 64] >> k % 64 & 1, in_b = b->bits[k / 64] >> k % 64 & 1;
        if (in_a || in_b)
            tsv_numbers(table, 4,
                        (double[]){1 / (double)side, (double)(k / side) / (double)side,
                                   (double)(k % side) / (double)side, in_a + 2 * in_b});
    }
}

static void write_pair(void) {
    enum { FINE = 6, COARSE = 4, DRAWN = 800 };
    const char *const suffixes[] = {"curve_a", "curve_b"};
    Rng rng = stream(FOR_PICTURE, 0);
    Cells a, b, *cells[] = {&a, &b};
    for (int which = 0; which < 2; which++) {
        build_cells(cells[which], 2, FINE);
        Smooth s = draw_smooth(CURVES_PLANE, &rng);
        walk(&s, grid_size(CURVES_PLANE, s.speed), mark, cells[which]);
        walk(&s, DRAWN, write_curve, tsv_open(suffixes[which], "x y"));
        smooth_free(&s);
    }
    Tsv *table = tsv_open("cells", "h x y touched");
    for (; a.level >= COARSE; cells_coarsen(&a), cells_coarsen(&b))
        if (a.level == FINE || a.level == COARSE) write_cells(table, &a, &b);
    cells_free(&a), cells_free(&b);
}

// ---- the verdict ----

static const double TOLERANCE = 0.1;

static void judge(const Overlap *overlap) {
    bool holds = true;
    for (int kind = 0; kind < KINDS; kind++) {
        if (overlap[kind].empty) {
            printf("C14: in some group no cell is shared by %s; raise --pairs.\n",
                   kinds[kind].what);
            return;
        }
        holds &= fabs(overlap[kind].exponent.mean - kinds[kind].exponent) <= TOLERANCE;
    }
    double e[KINDS], d[KINDS];
    for (int k = 0; k < KINDS; k++)
        e[k] = overlap[k].exponent.mean, d[k] = summary_deviation(&overlap[k].exponent);
    claim(&(Claim){
        .id = "C14",
        .statement = "two curves in the plane share no stretch, two surfaces in space no patch: "
                     "the shared part of the cells of side h falls as h^codimension; perfectly "
                     "aligned ones keep theirs, until moved",
        .measured = text("exponents: curves in the plane %.3f ± %.3f, surfaces %.3f ± %.3f, curves "
                         "in space %.3f ± %.3f; aligned %.3f ± %.3f, moved %.3f ± %.3f",
                         e[0], d[0], e[1], d[1], e[2], d[2], e[3], d[3], e[4], d[4]),
        .expected = "1, 1, 2; 0, 1",
        .tolerance = text("%g", TOLERANCE),
        .seeds = groups,
        .verdict = holds ? HOLDS : FAILS,
        .known = HOLDS,
    });
}

static void check_settings(void) {
    if (octaves > space_level - COARSEST_LEVEL || octaves > plane_level - COARSEST_LEVEL)
        fail(EXIT_USAGE,
             "--octaves %lld: the finest cells are only %lld halvings from the "
             "coarsest",
             (long long)octaves, (long long)(fmin(space_level, plane_level) - COARSEST_LEVEL));
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    check_settings();

    Overlap overlap[KINDS];
    measure_overlaps(overlap);
    measure_shifts();
    write_pair();
    judge(overlap);
    return experiment_end();
}
