// Which distance is the stronger? On a bounded set (Arjovsky, Chintala, Bottou 2017, Theorem 2)
//
//     KL → 0, either way   ⇒   TV → 0  ⇔  JS → 0   ⇒   W → 0  ⇔  weak convergence,
//
// with a bound for every arrow, and no ⇒ turns back. Here every bound is tried on random pairs, and
// every arrow on sequences made to break those that can be broken.
#include "experiments/common/contract.h"
#include "toy/bounded_functions.h"
#include "toy/divergence.h"
#include "toy/random_pairs.h"
#include "toy/rng.h"
#include "toy/sequences.h"
#include "toy/statistics.h"
#include "toy/transport.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int64_t pairs, doublings, resolution;

static const Setting settings[] = {
    {"pairs", SETTING_INTEGER, &pairs, "20000", "1000000", 1, 1e8, NULL, "N",
     "Random pairs on which the bounds are tried"},
    {"doublings", SETTING_INTEGER, &doublings, "6", "10", 6, 14, NULL, "N",
     "The sequences run over n = 1, 2, 4, …, 2^N"},
    {"resolution", SETTING_INTEGER, &resolution, "256", "512", 8, 4096, NULL, "N",
     "Cells that a density is cut into, per detail of it; even"},
    {0},
};

static const Program program = {
    .name = "weak_topology",
    .summary = "Which convergence implies which: KL, TV, JS, W and weak convergence on random "
               "pairs and on sequences that part them.",
    .details = "Writes weak_topology.tsv (the distances along each sequence), "
               "weak_topology_functions.tsv (each test function's gap), weak_topology_arrows.tsv "
               "(which sequence breaks which arrow), weak_topology_slopes.tsv (test functions of "
               "limited slope) and weak_topology_pairs.tsv (some of the random pairs) beside the "
               "claims C05 and C06.",
    .settings = settings,
};

// ---- the distances of a pair ----

// [distances]
enum { KL, KL_REV, TV, JS, W, WEAK, SENSES }; // the senses in which P_n may converge
static const char *const sense_names[SENSES] = {"KL", "KL_rev", "TV", "JS", "W", "weak"};

typedef struct {
    double of[SENSES];
} Distances;

static double wasserstein(const PmfPair *pair) {
    Transport t;
    int status = transport_solve(&t, COST_L2, pair->dim, pair->count, pair->x, pair->p, pair->count,
                                 pair->x, pair->q);
    if (status) fail(EXIT_RESOURCE, "transport: %s", transport_error(status));
    double value = t.value;
    transport_free(&t);
    return value;
}

// |E f(X_n) − E f(X)|
static double gap(const PmfPair *pair, const BoundedFunction *f) {
    double sum = 0;
    for (size_t i = 0; i < pair->count; i++)
        if (pair->p[i] != pair->q[i])
            sum += f->value(pair->x[i * pair->dim]) * (pair->p[i] - pair->q[i]);
    return fabs(sum);
}

static Distances measure(const PmfPair *pair) {
    Divergences d = divergences_pmf(pair->count, pair->p, pair->q);
    return (Distances){{d.kl, d.kl_rev, d.tv, d.js, wasserstein(pair), 0}};
}
// [/distances]

static PmfPair member(int kind, int64_t n, int64_t cells) {
    PmfPair pair;
    if (!sequence_member((SequenceKind)kind, (size_t)n, (size_t)cells, &pair))
        fail(EXIT_RESOURCE, "out of memory");
    return pair;
}

// ---- the bounds, on random pairs ----

enum { PAIRS_KEPT = 800 };
static const double NEAREST = 1e-4; // TV below which the ratios are left to rounding

// [bounds]
// Left side over right side of each bound: none may exceed 1, and where the constant is the best
// possible some come close.
typedef struct {
    double pinsker, js_below, js_above, w;
} Ratios;

static Ratios ratios(const Distances *d, double diam) {
    double tv = d->of[TV], smaller_kl = minimum(d->of[KL], d->of[KL_REV]);
    return (Ratios){.pinsker = 2 * tv * tv / smaller_kl,
                    .js_below = tv * tv / (2 * d->of[JS]),
                    .js_above = d->of[JS] / (M_LN2 * tv),
                    .w = d->of[W] / (diam * tv)};
}
// [/bounds]

static Ratios largest(Ratios a, Ratios b) {
    return (Ratios){maximum(a.pinsker, b.pinsker), maximum(a.js_below, b.js_below),
                    maximum(a.js_above, b.js_above), maximum(a.w, b.w)};
}

static Ratios try_bounds(void) {
    Tsv *table = tsv_open("pairs", "kind points TV JS KL KL_rev W_over_diameter");
    PmfPair pair;
    if (!pmf_pair_build(&pair, RANDOM_PAIR_POINTS, 2)) fail(EXIT_RESOURCE, "out of memory");
    Ratios tightest = {0};
    for (int64_t k = 0; k < pairs; k++) {
        Rng rng = rng_stream(common.seed, (uint64_t)k);
        RandomPairKind kind;
        Distances d;
        do {
            kind = random_pair_draw(&rng, &pair);
            d = measure(&pair);
        } while (d.of[TV] < NEAREST);
        double diam = pmf_pair_diameter(&pair);
        tightest = largest(tightest, ratios(&d, diam));
        if (k < PAIRS_KEPT) {
            tsv_text(table, random_pair_name(kind));
            tsv_numbers(table, 6,
                        (double[]){(double)pair.count, d.of[TV], d.of[JS], d.of[KL], d.of[KL_REV],
                                   d.of[W] / diam});
        }
        progress(k + 1, pairs, "random pairs");
    }
    pmf_pair_free(&pair);
    printf("Bounds on %lld random pairs, left side over right side at most:\n"
           "  TV² ≤ KL/2 %.9f   TV²/2 ≤ JS %.9f   JS ≤ log 2·TV %.9f   W ≤ diam·TV %.9f\n\n",
           (long long)pairs, tightest.pinsker, tightest.js_below, tightest.js_above, tightest.w);
    return tightest;
}

// ---- the sequences ----

typedef enum { FALLS, STAYS, INFINITE, UNCLEAR } Trend;
static const char *const trend_names[] = {"→ 0", "stays", "∞", "unclear"};

// From the middle n to the last one: a power of n below −0.3, or near 0.
static Trend trend(double middle, double last) {
    double doubled = (double)(doublings - doublings / 2);
    double power = log2(last / middle) / doubled;
    if (isinf(last)) return INFINITE;
    if (last == 0 || power < -0.3) return FALLS;
    return power > -0.05 ? STAYS : UNCLEAR;
}

typedef struct {
    Trend of[SEQUENCE_COUNT][SENSES];
    double last[SEQUENCE_COUNT][SENSES]; // value at the last n
    double above; // largest |E f(X_n) − E f(X)| / min(Lip f · W, 2 TV): at most 1
} Sweep;

// Each test function's gap in a row of its own; the largest is the measure of weak convergence.
static double test_functions(Tsv *table, const PmfPair *pair, const Distances *d, double *above) {
    double widest = 0;
    for (int k = 0; k < BOUNDED_FUNCTION_COUNT; k++) {
        const BoundedFunction *f = &bounded_functions[k];
        double g = gap(pair, f), allowed = minimum(f->lipschitz * d->of[W], 2 * d->of[TV]);
        tsv_numbers(table, 1, &g);
        widest = maximum(widest, g);
        *above = maximum(*above, g / allowed);
    }
    return widest;
}

static const char *function_columns(void) {
    const char *columns = "sequence n";
    for (int k = 0; k < BOUNDED_FUNCTION_COUNT; k++)
        columns = text("%s %s", columns, bounded_functions[k].name);
    return columns;
}

static void follow(int kind, Tsv *table, Tsv *functions, Sweep *sweep) {
    Distances middle = {{0}}, d;
    for (int64_t k = 0; k <= doublings; k++) {
        double n = (double)(1 << k);
        PmfPair pair = member(kind, 1 << k, resolution);
        d = measure(&pair);
        tsv_text(functions, sequence_name((SequenceKind)kind));
        tsv_numbers(functions, 1, &n);
        d.of[WEAK] = test_functions(functions, &pair, &d, &sweep->above);
        tsv_text(table, sequence_name((SequenceKind)kind));
        tsv_numbers(table, 1, &n);
        tsv_numbers(table, SENSES, d.of);
        if (k == doublings / 2) middle = d;
        pmf_pair_free(&pair);
        progress(k, doublings, "%s", sequence_name((SequenceKind)kind));
    }
    for (int s = 0; s < SENSES; s++) {
        sweep->of[kind][s] = trend(middle.of[s], d.of[s]);
        sweep->last[kind][s] = d.of[s];
    }
}

// Pads by characters, not bytes.
static void print_cell(const char *word) {
    int width = 0;
    for (const char *c = word; *c; c++) width += (*c & 0xC0) != 0x80;
    printf("  %s%*s", word, 9 - width, "");
}

static Sweep sweep_sequences(void) {
    Tsv *table = tsv_open("", "sequence n KL KL_rev TV JS W weak");
    Tsv *functions = tsv_open("functions", function_columns());
    Sweep sweep = {0};
    printf("%-16s", "as n grows");
    for (int s = 0; s < SENSES; s++) print_cell(sense_names[s]);
    for (int kind = 0; kind < SEQUENCE_COUNT; kind++) {
        follow(kind, table, functions, &sweep);
        printf("\n%-16s", sequence_name((SequenceKind)kind));
        for (int s = 0; s < SENSES; s++) print_cell(trend_names[sweep.of[kind][s]]);
        if (!sequence_is_bounded((SequenceKind)kind)) printf("  unbounded");
    }
    printf("\n\n");
    return sweep;
}

// ---- the arrows ----

// [arrows]
// What Theorem 2 says of bounded sets: from the row's sense the column's follows. Without a bound
// nothing gives W.
static const bool theorem[SENSES][SENSES] = {
    /* KL     */ {1, 0, 1, 1, 1, 1},
    /* KL_rev */ {0, 1, 1, 1, 1, 1},
    /* TV     */ {0, 0, 1, 1, 1, 1},
    /* JS     */ {0, 0, 1, 1, 1, 1},
    /* W      */ {0, 0, 0, 0, 1, 1},
    /* weak   */ {0, 0, 0, 0, 1, 1},
};

// The first sequence that converges in one sense and not in the other; −1: none does.
static int breaker(const Sweep *sweep, int from, int to, bool bounded) {
    for (int kind = 0; kind < SEQUENCE_COUNT; kind++)
        if (sequence_is_bounded((SequenceKind)kind) == bounded && sweep->of[kind][from] == FALLS &&
            sweep->of[kind][to] != FALLS)
            return kind;
    return -1;
}
// [/arrows]

typedef struct {
    int kept, broken, wrong; // arrows on a bounded set; those not as the theorem says
    int unbounded;           // of the five arrows to W, those broken once the set has no bound
} Arrows;

static Arrows judge_arrows(const Sweep *sweep) {
    Tsv *table = tsv_open("arrows", "from to theorem broken_by broken_by_unbounded");
    Arrows arrows = {0};
    for (int from = 0; from < SENSES; from++)
        for (int to = 0; to < SENSES; to++) {
            if (from == to) continue;
            int by = breaker(sweep, from, to, true), far = breaker(sweep, from, to, false);
            tsv_text(table, sense_names[from]);
            tsv_text(table, sense_names[to]);
            tsv_text(table, theorem[from][to] ? "yes" : "no");
            tsv_text(table, by < 0 ? "-" : sequence_name((SequenceKind)by));
            tsv_text(table, far < 0 ? "-" : sequence_name((SequenceKind)far));
            (by < 0 ? arrows.kept++ : arrows.broken++);
            arrows.wrong += theorem[from][to] != (by < 0);
            arrows.unbounded += to == W && far >= 0;
        }
    return arrows;
}

// ---- test functions of limited slope ----

// [limited_slope]
// sup E_p f − E_q f over |f| ≤ 1 with slopes of at most L. Such f are, up to a constant, the
// 1-Lipschitz functions of the distance min(L |x − y|, 2), so that this is transport at that cost.
// L = ∞ is the norm of p − q in the dual of C_b.
static double limited_slope(const PmfPair *pair, double slope) {
    size_t n = pair->count;
    double *cost = allocate(n * n, sizeof *cost);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            const double *x = pair->x + i * pair->dim, *y = pair->x + j * pair->dim;
            if (i != j) cost[i * n + j] = fmin(slope * ground_cost(COST_L2, pair->dim, x, y), 2);
        }
    Transport t;
    int status = transport_solve_costs(&t, n, pair->p, n, pair->q, cost);
    if (status) fail(EXIT_RESOURCE, "transport: %s", transport_error(status));
    double value = t.value;
    transport_free(&t);
    free(cost);
    return value;
}
// [/limited_slope]

enum { COARSE = 16, COARSE_LAST = 16, SLOPE_STEPS = 33 }; // a cost matrix holds n² numbers

// Over the slopes 2^-2 … 2^6, and without a limit. Returns the largest |norm − 2 TV|.
static double sweep_slopes(void) {
    Tsv *table = tsv_open("slopes", "sequence n slope value W TV");
    double error = 0;
    for (int kind = 0; kind < SEQUENCE_COUNT; kind++) {
        if (!sequence_is_bounded((SequenceKind)kind)) continue;
        for (int64_t n = 1; n <= COARSE_LAST; n *= 2) {
            PmfPair pair = member(kind, n, COARSE);
            Distances d = measure(&pair);
            for (int k = 0; k <= SLOPE_STEPS; k++) {
                double slope = k == SLOPE_STEPS ? INFINITY : exp2(-2 + 0.25 * k);
                double value = limited_slope(&pair, slope);
                if (isinf(slope)) error = maximum(error, fabs(value - 2 * d.of[TV]));
                tsv_text(table, sequence_name((SequenceKind)kind));
                tsv_numbers(table, 5, (double[]){(double)n, slope, value, d.of[W], d.of[TV]});
            }
            pmf_pair_free(&pair);
        }
        progress(kind + 1, SEQUENCE_COUNT, "limited slopes: %s", sequence_name((SequenceKind)kind));
    }
    return error;
}

// ---- verdicts ----

static const double ROUNDING = 1e-9;

static Verdict verdict(bool holds) {
    return holds ? HOLDS : FAILS;
}

static const double CLOSE = 0.99; // of the tightest pair, where no better constant is possible

static void judge_strength(Ratios r, Arrows arrows) {
    double most = maximum(maximum(r.pinsker, r.js_below), maximum(r.js_above, r.w));
    double least = minimum(minimum(r.pinsker, r.js_below), minimum(r.js_above, r.w));
    claim(&(Claim){
        .id = "C05",
        .statement = "on a bounded set KL → 0 ⇒ TV → 0 ⇔ JS → 0 ⇒ W → 0 ⇔ weak convergence, and no "
                     "⇒ turns back; TV² ≤ KL/2, TV²/2 ≤ JS ≤ log 2·TV, W ≤ diam·TV",
        .measured =
            text("left/right ≤ %.8g, %.8g, %.8g, %.8g on %lld pairs; of 30 arrows %d unbroken, %d "
                 "broken, %d not as stated; no bound: %d of 5 arrows to W broken",
                 r.pinsker, r.js_below, r.js_above, r.w, (long long)pairs, arrows.kept,
                 arrows.broken, arrows.wrong, arrows.unbounded),
        .expected = "≤ 1 each, and near it; 16 unbroken, 14 broken, 0 not as stated; 5 of 5",
        .tolerance = text("%g above 1, %g below", ROUNDING, 1 - CLOSE),
        .seeds = 1,
        .verdict = verdict(most <= 1 + ROUNDING && least >= CLOSE && arrows.wrong == 0 &&
                           arrows.unbounded == 5),
        .known = HOLDS,
    });
}

static void judge_dual(const Sweep *sweep, double norm_error) {
    int together = 0, bounded = 0, apart = 0;
    for (int kind = 0; kind < SEQUENCE_COUNT; kind++) {
        const Trend *t = sweep->of[kind];
        if (!sequence_is_bounded((SequenceKind)kind)) continue;
        bounded++;
        together += (t[W] == FALLS) == (t[WEAK] == FALLS) && t[W] != UNCLEAR && t[WEAK] != UNCLEAR;
        apart += t[WEAK] == FALLS && t[TV] == STAYS && t[JS] == STAYS;
    }
    claim(&(Claim){
        .id = "C06",
        .statement = "on a bounded set W(P_n, P) → 0 exactly when E f(X_n) → E f(X) for every "
                     "bounded continuous f; the dual norm of C_b is 2 TV, the stronger",
        .measured =
            text("W and the gaps of %d functions agree in %d of %d sequences; in %d of "
                 "them both fall and TV, JS stay; gap over min(Lip f·W, 2 TV) ≤ %.8g; "
                 "|norm − 2 TV| ≤ %.2g",
                 BOUNDED_FUNCTION_COUNT, together, bounded, apart, sweep->above, norm_error),
        .expected = text("%d of %d; 3; ≤ 1; 0", bounded, bounded),
        .tolerance = text("%g", ROUNDING),
        .seeds = 1,
        .verdict = verdict(together == bounded && apart == 3 && sweep->above <= 1 + ROUNDING &&
                           norm_error <= ROUNDING),
        .known = HOLDS,
    });
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    if (resolution % 2) fail(EXIT_USAGE, "--resolution %lld is odd", (long long)resolution);

    Ratios tightest = try_bounds();
    Sweep sweep = sweep_sequences();
    Arrows arrows = judge_arrows(&sweep);
    double norm_error = sweep_slopes();
    judge_strength(tightest, arrows);
    judge_dual(&sweep, norm_error);
    return experiment_end();
}
