// Kantorovich–Rubinstein duality: the least cost of moving earth is the largest gap in mean height
// of a landscape with slopes of at most 1 (Arjovsky, Chintala, Bottou 2017, equation 2). Is that
// so, what does the critic's unknown scale K do, and where must the critic's slope be 1?
#include "experiments/common/fit.h"
#include "experiments/common/trainer.h"
#include "toy/clouds.h"
#include "toy/heaps.h"
#include "toy/segments.h"
#include "toy/statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int64_t points, seeds, probes, width, batch, updates;
static double lambda, rate, clip_rate;
static Reals scales, clips;

static const Setting settings[] = {
    {"points", SETTING_INTEGER, &points, "256", "1024", 8, 20000, NULL, "N",
     "Points in each cloud"},
    {"seeds", SETTING_INTEGER, &seeds, "2", "5", 1, 1000, NULL, "N",
     "Repetitions: clouds drawn and critics trained"},
    {"probes", SETTING_INTEGER, &probes, "1000", "5000", 10, 1e8, NULL, "N",
     "Places where the slope of a potential is tried"},
    {"scales", SETTING_REALS, &scales, "1,4", "1,2,4,8", 1e-3, 1e3, NULL, "K,...",
     "Norms K that the penalty (‖∇f‖ − K)² asks for, ascending from 1"},
    {"lambda", SETTING_REAL, &lambda, "1", "10", 1e-6, 1e6, NULL, "X",
     "Weight of the penalty at K = 1"},
    {"clips", SETTING_REALS, &clips, "0.05,0.2", "0.05,0.1,0.2", 1e-6, 1e3, NULL, "C,...",
     "Bounds of the weights of clipped critics, ascending"},
    {"width", SETTING_INTEGER, &width, "64", NULL, 1, 4096, NULL, "N",
     "Units in each of a critic's three hidden layers"},
    {"batch", SETTING_INTEGER, &batch, "64", "128", 1, 65536, NULL, "N",
     "Points of each side per update"},
    {"updates", SETTING_INTEGER, &updates, "600", "3000", 1, 1e9, NULL, "N",
     "Updates of each critic"},
    {"rate", SETTING_REAL, &rate, "2e-3", "1e-3", 1e-9, 1, NULL, "X",
     "Adam's step size, under the penalty"},
    {"clip-rate", SETTING_REAL, &clip_rate, "5e-5", NULL, 1e-9, 1, NULL, "X",
     "RMSProp's step size, under clipping"},
    {0},
};

static const Program program = {
    .name = "duality",
    .summary = "Least cost of transport against the potentials of its dual and against trained "
               "critics; what the scale K does; where the slope of an optimal critic is 1.",
    .details =
        "Writes duality.tsv (primal and dual), duality_plan.tsv and _heaps.tsv (two small plans), "
        "_line.tsv and _plane.tsv (their potentials), _segments.tsv and _norms.tsv (slopes between "
        "coupled and independent points), _critics.tsv and _scale.tsv (every critic, and their "
        "means) and _log.tsv (slopes of log x) beside the claims C07, C08, C09 and C36.\n\n"
        "  experiments/duality --scales 1,10 --threads 1",
    .settings = settings,
    .threads = 1,
};

// Independent streams of random numbers, by what they are drawn for.
enum { FOR_CLOUDS, FOR_FRESH_CLOUDS, FOR_SLOPES, FOR_SEGMENTS, FOR_BATCHES };
static Rng stream(int purpose, int64_t kind, int64_t seed) {
    return rng_stream(common.seed, (uint64_t)purpose << 48 | (uint64_t)kind << 32 | (uint64_t)seed);
}

// ---- pairs of clouds ----

typedef struct {
    const char *name;
    size_t dim;
    Law x, y;
    bool weighted;
    bool trained; // critics are trained on it
} Kind;

static const Kind kinds[] = {
    {"line", 1, {LAW_NORMAL, 0, 1}, {LAW_NORMAL, 1, 0.5}, false, false},
    {"line_weighted", 1, {LAW_NORMAL, 0, 1}, {LAW_NORMAL, 1, 0.5}, true, false},
    {"parallel", 2, {LAW_LINE, 0, 0}, {LAW_LINE, 1, 0}, false, true},
    {"ring", 2, {LAW_RING, 0, 0}, {LAW_NORMAL, 0, 0.5}, false, true},
    {"roll", 2, {LAW_ROLL, 0, 0}, {LAW_NORMAL, 0, 0.25}, false, true},
    {"late", 2, {LAW_RING, 0, 0}, {LAW_RING, 0, 0.2}, false, true}, // P_g close to P_r
    {"roll_weighted", 2, {LAW_ROLL, 0, 0}, {LAW_RING, 0, 0}, true, false},
    {"normal_64d", 64, {LAW_NORMAL, 0, 1}, {LAW_NORMAL, 1, 1}, false, false},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static void draw(Pair *pair, const Kind *k, int purpose, int64_t seed) {
    Rng rng = stream(purpose, k - kinds, seed);
    int status = pair_draw(pair, k->dim, &k->x, &k->y, k->weighted, (size_t)points, &rng);
    if (status) fail(EXIT_RESOURCE, "transport: %s", transport_error(status));
}

// What the claims are judged by: the worst that was seen.
static struct {
    double gap, infeasible, slope; // C07, exact
    double over, over_fresh;       // C07, critics: value/Lip − W, on the clouds and on fresh ones
    double plan;                   // C09
    Range coupled, anywhere;       // C36: slopes on coupled segments, and on all
    Range below;                   // C36: share of gradients shorter than 0.9, by pair
} worst = {.over = -INFINITY,
           .over_fresh = -INFINITY,
           .coupled = RANGE_EMPTY,
           .anywhere = RANGE_EMPTY,
           .below = RANGE_EMPTY};

// ---- primal = dual ----

static void compare(const Kind *kind, int64_t seed, Tsv *table) {
    Pair pair;
    draw(&pair, kind, FOR_CLOUDS, seed);
    const Potential *p = &pair.potential;
    Certificate c = potential_certify(p);
    double upper = potential_gap(potential_upper, p), lower = potential_gap(potential_lower, p);
    Rng rng = stream(FOR_SLOPES, kind - kinds, seed);
    double slope = maximum(potential_steepest(potential_upper, p, (size_t)probes, &rng),
                           potential_steepest(potential_lower, p, (size_t)probes, &rng));
    tsv_text(table, kind->name);
    tsv_numbers(table, 10,
                (double[]){(double)p->dim, (double)p->n, (double)p->m, (double)seed, c.primal,
                           c.dual, upper, lower, maximum(c.marginals, c.excess), slope});
    worst.gap = maximum(worst.gap, fabs(c.primal - c.dual));
    worst.gap = maximum(worst.gap, maximum(fabs(upper - c.primal), fabs(lower - c.primal)));
    worst.infeasible = maximum(worst.infeasible, maximum(c.marginals, c.excess));
    worst.slope = maximum(worst.slope, slope);
    if (!seed)
        printf("%-14s %11.9f %11.9f %11.9f  1 %+.0e\n", kind->name, c.primal, c.dual, upper,
               slope - 1);
    pair_free(&pair);
}

static void compare_all(void) {
    Tsv *table = tsv_open("", "pair dim n m seed primal dual upper lower infeasible slope");
    printf("%-14s %11s %11s %11s  %s\n", "pair", "plan", "potentials", "extended", "steepest");
    for (size_t k = 0; k < KINDS; k++)
        for (int64_t s = 0; s < seeds; s++) {
            compare(&kinds[k], s, table);
            progress((int64_t)k * seeds + s + 1, KINDS * seeds, "dual: %s", kinds[k].name);
        }
}

// ---- two small plans ----

static void write_arrows(Tsv *arrows, const Heaps *h, const Transport *t) {
    for (size_t k = 0; k < t->entries; k++) {
        PlanEntry e = t->plan[k];
        const double *x = h->x + e.i * h->dim, *y = h->y + e.j * h->dim;
        tsv_text(arrows, h->name);
        tsv_numbers(arrows, 8,
                    (double[]){x[0], h->dim == 2 ? x[1] : 0, y[0], h->dim == 2 ? y[1] : 0,
                               e.mass * HEAP_UNITS, ground_cost(COST_L2, h->dim, x, y), t->u[e.i],
                               -t->v[e.j]});
    }
}

static void write_heaps(Tsv *heaps, const Heaps *h, const Transport *t) {
    for (size_t k = 0; k < h->n + h->m; k++) {
        bool is_x = k < h->n;
        size_t i = is_x ? k : k - h->n;
        const double *z = (is_x ? h->x : h->y) + i * h->dim;
        tsv_text(heaps, h->name), tsv_text(heaps, is_x ? "x" : "y");
        tsv_numbers(heaps, 4,
                    (double[]){z[0], h->dim == 2 ? z[1] : 0, is_x ? h->units_x[i] : h->units_y[i],
                               is_x ? t->u[i] : -t->v[i]});
    }
}

// The extensions along the line, or over the plane.
static void write_extensions(const Heaps *h, const Potential *p) {
    Tsv *table = tsv_open(h->name, h->dim == 1 ? "z upper lower" : "z0 z1 upper lower");
    for (int row = 0; row <= (h->dim == 1 ? 0 : 90); row++)
        for (int column = 0; column <= 100; column++) {
            double z[2] = {-0.5 + column / 20.0, -0.5 + row / 20.0};
            if (h->dim == 1) z[0] = column / 10.0 - 1;
            tsv_numbers(table, h->dim, z);
            tsv_numbers(table, 2, (double[]){potential_upper(p, z), potential_lower(p, z)});
        }
}

static void draw_plans(void) {
    Tsv *arrows = tsv_open("plan", "example x0 x1 y0 y1 units length f_x f_y");
    Tsv *heaps = tsv_open("heaps", "example side z0 z1 units f");
    for (int k = 0; k < HEAPS_COUNT; k++) {
        Heaps h = heaps_example(k);
        Transport t;
        int status = transport_solve(&t, COST_L2, h.dim, h.n, h.x, h.a, h.m, h.y, h.b);
        if (status) fail(EXIT_RESOURCE, "transport: %s", transport_error(status));
        Potential p = {h.dim, h.n, h.m, h.x, h.a, h.y, h.b, t};
        write_arrows(arrows, &h, &t);
        write_heaps(heaps, &h, &t);
        write_extensions(&h, &p);
        double cost = potential_certify(&p).primal, least = heaps_cheapest(&h);
        worst.plan = maximum(worst.plan, fabs(cost - least));
        printf("Plan on the %s: %zu arrows cost %.9f; the cheapest of all %d! ways %.9f\n", h.name,
               t.entries, cost, HEAP_UNITS, least);
        transport_free(&t);
    }
}

// ---- segments between points ----

static const double STEP = 1e-6; // of the difference quotients
static const char *const segment_names[] = {"coupled", "independent"};

// z[probes][2] and their unit vectors.
typedef struct {
    double *z, *e;
} Places;

static Places places_draw(SegmentKind kind, const Potential *p, Rng rng) {
    size_t n = (size_t)probes;
    Places at = {allocate(n, 2 * sizeof *at.z), allocate(n, 2 * sizeof *at.e)};
    segments_draw(kind, p, &rng, n, 10 * STEP, at.z, at.e);
    return at;
}

// Of the exact potentials and of critics; all seeds of a pair share a histogram, whose bins are
// centred on the multiples of BIN from −REACH to REACH.
enum { UPPER, LOWER, MIDDLE, CRITIC, FUNCTIONS };
static const char *const function_names[] = {"upper", "lower", "middle", "critic"};
enum { SLOPE, NORM, QUANTITIES, REACH = 30, BINS = 2 * REACH + 1 };
static const char *const quantity_names[] = {"slope", "norm"};
static const double BIN = 0.05;
static double histogram[KINDS][QUANTITIES][FUNCTIONS][SEGMENT_KINDS][BINS];
static Tsv *segment_table;

static void count(double bins[BINS], const double *value) {
    for (int64_t k = 0; k < probes; k++) {
        long bin = lround(fmin(fmax(value[k] / BIN, -REACH), REACH));
        bins[bin + REACH] += 1.0 / (double)(probes * seeds);
    }
}

static Slopes record(const Kind *kind, int function, int segments, int64_t seed,
                     const double *slope, const double *norm) {
    Slopes s = slopes_summary((size_t)probes, slope, norm);
    count(histogram[kind - kinds][SLOPE][function][segments], slope);
    count(histogram[kind - kinds][NORM][function][segments], norm);
    tsv_text(segment_table, kind->name), tsv_text(segment_table, function_names[function]);
    tsv_text(segment_table, segment_names[segments]);
    tsv_numbers(segment_table, 8,
                (double[]){(double)seed, s.slope_mean, s.slope_low, s.slope_high, s.slope_low - 1,
                           s.slope_high - 1, s.norm_mean, s.below});
    return s;
}

static void write_histogram(Tsv *table, size_t kind, int quantity) {
    for (int b = 0; b < BINS; b++) {
        tsv_text(table, kinds[kind].name), tsv_text(table, quantity_names[quantity]);
        tsv_numbers(table, 1, (double[]){(b - REACH) * BIN});
        for (int function = MIDDLE; function <= CRITIC; function++)
            tsv_numbers(table, 2,
                        (double[]){histogram[kind][quantity][function][COUPLED][b],
                                   histogram[kind][quantity][function][INDEPENDENT][b]});
    }
}

static void write_histograms(void) {
    Tsv *table = tsv_open("norms", "pair quantity at middle_coupled middle_independent "
                                   "critic_coupled critic_independent");
    for (size_t k = 0; k < KINDS; k++)
        for (int quantity = 0; kinds[k].trained && quantity < QUANTITIES; quantity++)
            write_histogram(table, k, quantity);
}

// The exact potentials' slopes, by central differences.
static void judge_slopes(int function, int segments, Slopes s) {
    range_widen(&worst.anywhere, s.slope_low), range_widen(&worst.anywhere, s.slope_high);
    if (segments == COUPLED)
        range_widen(&worst.coupled, s.slope_low), range_widen(&worst.coupled, s.slope_high);
    if (function == MIDDLE && segments == INDEPENDENT) range_widen(&worst.below, s.below);
}

static void try_potentials(const Kind *kind, int64_t seed, const Pair *pair,
                           Places at[SEGMENT_KINDS]) {
    Extension *const f[] = {potential_upper, potential_lower, potential_middle};
    double *slope = allocate((size_t)probes, sizeof *slope);
    double *norm = allocate((size_t)probes, sizeof *norm);
    for (int segments = 0; segments < SEGMENT_KINDS; segments++)
        for (int function = UPPER; function <= MIDDLE; function++) {
            for (int64_t k = 0; k < probes; k++) {
                const double *z = at[segments].z + 2 * k, *e = at[segments].e + 2 * k;
                slope[k] = potential_slope(f[function], &pair->potential, z, e, STEP);
                norm[k] = potential_norm(f[function], &pair->potential, z, STEP);
            }
            judge_slopes(function, segments, record(kind, function, segments, seed, slope, norm));
        }
    free(slope), free(norm);
}

// ---- critics ----

typedef enum { PENALTY, SAME_LAMBDA, CLIP, METHODS } Method;
static const char *const method_names[] = {"penalty", "same_lambda", "clip"};

typedef struct {
    Method method;
    double scale; // K, or the bound of the weights
} Recipe;
static Recipe *recipes;
static size_t recipe_count;

static void list_recipes(void) {
    recipes = allocate(2 * scales.count + clips.count, sizeof *recipes);
    for (size_t k = 0; k < scales.count; k++)
        recipes[recipe_count++] = (Recipe){PENALTY, scales.at[k]};
    for (size_t k = 1; k < scales.count; k++)
        recipes[recipe_count++] = (Recipe){SAME_LAMBDA, scales.at[k]};
    for (size_t k = 0; k < clips.count; k++) recipes[recipe_count++] = (Recipe){CLIP, clips.at[k]};
}

// [recipe]
// The penalty λ'(‖∇f‖ − K)² is λ'K²(‖∇f‖ − 1)² to a critic that sees every point multiplied by K.
// λ' = λ/K keeps gap and penalty in proportion for all K; SAME_LAMBDA keeps λ' = λ.
static double zoom_of(Recipe r) {
    return r.method == CLIP ? 1 : r.scale;
}

static CriticSettings settings_of(Recipe r) {
    long long w = width;
    CriticSettings s = {.architecture = text("input 2; linear %lld relu; linear %lld relu; "
                                             "linear %lld relu; linear 1",
                                             w, w, w),
                        .init = INIT_HE_UNIFORM,
                        .batch = (size_t)batch};
    if (r.method == CLIP) {
        s.loss = GAN_WASSERSTEIN, s.rule = rule_default(RULE_RMSPROP, clip_rate);
        s.clip = r.scale;
    } else {
        s.loss = GAN_WASSERSTEIN_GP, s.rule = rule_default(RULE_ADAM, rate);
        s.rule.beta1 = 0, s.rule.beta2 = 0.9;
        double lambda_k = r.method == PENALTY ? lambda / r.scale : lambda;
        s.penalty.lambda = lambda_k * r.scale * r.scale;
    }
    return s;
}
// [/recipe]

// The longest gradient on a grid over [−2, 2]².
static double longest_gradient(Critic *critic, double zoom) {
    enum { SIDE = 64 };
    static double z[SIDE * SIDE][2], slope[SIDE * SIDE][2];
    double longest = 0;
    for (int k = 0; k < SIDE * SIDE; k++)
        z[k][0] = 4.0 * (k % SIDE) / (SIDE - 1) - 2, z[k][1] = 4.0 * (k / SIDE) / (SIDE - 1) - 2;
    critic_look(critic, zoom, SIDE * SIDE, z[0], NULL, slope[0]);
    for (int k = 0; k < SIDE * SIDE; k++)
        longest = maximum(longest, hypot(slope[k][0], slope[k][1]));
    return longest;
}

static void try_critic(const Kind *kind, int64_t seed, Critic *critic, Places at[SEGMENT_KINDS]) {
    double *gradient = allocate((size_t)probes, 2 * sizeof *gradient);
    double *slope = allocate((size_t)probes, sizeof *slope);
    double *norm = allocate((size_t)probes, sizeof *norm);
    for (int segments = 0; segments < SEGMENT_KINDS; segments++) {
        critic_look(critic, 1, (size_t)probes, at[segments].z, NULL, gradient);
        for (int64_t k = 0; k < probes; k++) {
            const double *g = gradient + 2 * k, *e = at[segments].e + 2 * k;
            slope[k] = g[0] * e[0] + g[1] * e[1];
            norm[k] = hypot(g[0], g[1]);
        }
        record(kind, CRITIC, segments, seed, slope, norm);
    }
    free(gradient), free(slope), free(norm);
}

typedef struct {
    double value, ratio, w; // on the clouds trained on; ratio = value / lipschitz
} Outcome;
static Outcome *outcomes; // [KINDS][recipe_count][seeds]
static Outcome *outcome_at(size_t kind, size_t recipe, int64_t seed) {
    return outcomes + (kind * recipe_count + recipe) * (size_t)seeds + seed;
}

static Outcome assess(Tsv *table, const Kind *kind, Recipe r, int64_t seed, Critic *critic,
                      const Pair *pair, const Pair *fresh) {
    Heights h = critic_heights(critic, zoom_of(r), &pair->potential);
    Heights f = critic_heights(critic, zoom_of(r), &fresh->potential);
    double ratio = require_finite(h.value / h.lipschitz, "value/Lip of a critic");
    tsv_text(table, kind->name), tsv_text(table, method_names[r.method]);
    tsv_numbers(table, 10,
                (double[]){r.scale, (double)seed, h.value, h.lipschitz,
                           longest_gradient(critic, zoom_of(r)), ratio, pair->t.value,
                           f.value / h.lipschitz, f.error / h.lipschitz, fresh->t.value});
    worst.over = maximum(worst.over, ratio - pair->t.value);
    worst.over_fresh =
        maximum(worst.over_fresh, (f.value - 2 * f.error) / h.lipschitz - fresh->t.value);
    return (Outcome){h.value, ratio, pair->t.value};
}

static void train_all_on(const Kind *kind, int64_t seed, const Backend *backend, Tsv *table) {
    Pair pair, fresh;
    draw(&pair, kind, FOR_CLOUDS, seed);
    draw(&fresh, kind, FOR_FRESH_CLOUDS, seed);
    Places at[SEGMENT_KINDS];
    for (int k = 0; k < SEGMENT_KINDS; k++)
        at[k] =
            places_draw((SegmentKind)k, &pair.potential, stream(FOR_SEGMENTS, kind - kinds, seed));
    try_potentials(kind, seed, &pair, at);
    for (size_t r = 0; r < recipe_count; r++) {
        Critic critic;
        CriticSettings critic_settings = settings_of(recipes[r]);
        Rng rng = stream(FOR_BATCHES, 0, seed);
        critic_build(&critic, backend, &critic_settings, common.seed + (uint64_t)seed);
        critic_fit(&critic, &pair.potential, zoom_of(recipes[r]), updates, &rng);
        *outcome_at((size_t)(kind - kinds), r, seed) =
            assess(table, kind, recipes[r], seed, &critic, &pair, &fresh);
        if (r == 0) try_critic(kind, seed, &critic, at);
        critic_free(&critic);
    }
    for (int k = 0; k < SEGMENT_KINDS; k++) free(at[k].z), free(at[k].e);
    pair_free(&pair), pair_free(&fresh);
}

static void train_all(void) {
    const Backend *backend = trainer_backend();
    Tsv *table = tsv_open("critics", "pair method scale seed value lipschitz grid ratio W "
                                     "fresh_ratio fresh_error fresh_W");
    segment_table = tsv_open(
        "segments", "pair function segments seed slope_mean slope_low slope_high low_less_1 "
                    "high_less_1 norm_mean below");
    list_recipes();
    outcomes = allocate(KINDS * recipe_count * (size_t)seeds, sizeof *outcomes);
    for (size_t k = 0; k < KINDS; k++)
        for (int64_t s = 0; kinds[k].trained && s < seeds; s++) {
            train_all_on(&kinds[k], s, backend, table);
            progress(s + 1, seeds, "critics: %s", kinds[k].name);
        }
    write_histograms();
}

// ---- what the scale does ----

// Over the seeds of one pair and recipe.
typedef struct {
    double value, low, high, ratio, w; // value: mean, least, most; ratio: mean of value / lipschitz
    int64_t wrong;                     // critics with E f(x) < E f(y)
} Scaled;

static Scaled scaled_at(size_t kind, size_t recipe) {
    Scaled m = {.low = INFINITY, .high = -INFINITY};
    for (int64_t s = 0; s < seeds; s++) {
        Outcome o = *outcome_at(kind, recipe, s);
        m.value += o.value / (double)seeds, m.ratio += o.ratio / (double)seeds;
        m.low = minimum(m.low, o.value), m.high = maximum(m.high, o.value);
        m.wrong += o.value < 0, m.w += o.w / (double)seeds;
    }
    return m;
}

// By method. Held: the pairs on which no recipe departs by more than 10 %, in value(K) / value(1)
// from K, in value/Lip from that of K = 1 or of the smallest bound.
static struct {
    int64_t held, wrong, critics; // wrong: of how many critics the value is below 0
} found[METHODS];
static int64_t trained_pairs;
static double clip_growth = INFINITY; // least factor from one bound to the next

// False too for critics that are flat, NaN, or upside down.
static bool within(Recipe r, const Scaled *m, const Scaled *base) {
    double value = m->value / (r.scale * base->value) - 1, ratio = m->ratio / base->ratio - 1;
    return m->value > 0 && (r.method == CLIP || fabs(value) <= 0.1) && fabs(ratio) <= 0.1;
}

static void compare_scales_on(size_t kind, Tsv *table) {
    bool held[METHODS] = {true, true, true};
    for (size_t r = 0; r < recipe_count; r++) {
        Recipe recipe = recipes[r];
        size_t first = recipe.method == CLIP ? recipe_count - clips.count : 0;
        Scaled m = scaled_at(kind, r), base = scaled_at(kind, first);
        tsv_text(table, kinds[kind].name), tsv_text(table, method_names[recipe.method]);
        tsv_numbers(table, 8,
                    (double[]){recipe.scale, m.value, m.low, m.high, m.value / base.value, m.ratio,
                               m.w, (double)m.wrong});
        held[recipe.method] &= within(recipe, &m, &base);
        found[recipe.method].wrong += m.wrong, found[recipe.method].critics += seeds;
        if (recipe.method == CLIP && r > first)
            clip_growth = minimum(clip_growth, m.value / scaled_at(kind, r - 1).value);
    }
    for (int method = 0; method < METHODS; method++) found[method].held += held[method];
    trained_pairs++;
}

static void compare_scales(void) {
    Tsv *table = tsv_open("scale", "pair method scale value low high times ratio W wrong");
    for (size_t k = 0; k < KINDS; k++)
        if (kinds[k].trained) compare_scales_on(k, table);
}

// The steepest step of log on a grid over (0, 1] whose spacing is its first point.
static double steepest_log(double spacing) {
    double largest = 0;
    for (int64_t k = 1; (double)(k + 1) * spacing <= 1; k++)
        largest =
            maximum(largest, (log((double)(k + 1) * spacing) - log((double)k * spacing)) / spacing);
    return largest;
}

// How the steepest slope grows when the first point comes ten times closer to 0: the least factor.
static double growth_of_log(void) {
    Tsv *table = tsv_open("log", "first steepest");
    double least = INFINITY, before = NAN;
    for (double first = 0.1; first > 1e-6; first /= 10) {
        double slope = steepest_log(first);
        tsv_numbers(table, 2, (double[]){first, slope});
        if (before == before) least = minimum(least, slope / before);
        before = slope;
    }
    return least;
}

// ---- verdicts ----

static Verdict verdict(bool holds) {
    return holds ? HOLDS : FAILS;
}

static void judge_duality(void) {
    claim(&(Claim){
        .id = "C07",
        .statement = "the least cost over plans is the largest E f(x) − E f(y) over 1-Lipschitz f; "
                     "a critic divided by its Lipschitz constant never exceeds it",
        .measured =
            text("|primal − dual| %.1e, constraints off by %.1e, slopes 1 %+.1e; critics: "
                 "value/Lip − W %+.3f, on fresh samples %+.3f",
                 worst.gap, worst.infeasible, worst.slope - 1, worst.over, worst.over_fresh),
        .expected = "0, 0, at most 1; critics: below 0",
        .tolerance = "1e-9; fresh samples: 2 standard errors",
        .seeds = seeds,
        .verdict = verdict(worst.gap <= 1e-9 && worst.infeasible <= 1e-9 &&
                           worst.slope <= 1 + 1e-9 && worst.over <= 1e-9 && worst.over_fresh <= 0),
        .known = HOLDS,
    });
}

static void judge_scale(double log_growth) {
    bool some = found[PENALTY].held > 0 && clip_growth > 1 && log_growth > 9, all = some;
    for (int method = 0; method < METHODS; method++) all &= found[method].held == trained_pairs;
    claim(&(Claim){
        .id = "C08",
        .statement = "K scales the dual: with the penalty (‖∇f‖ − K)² and with clipping the value "
                     "grows with K while value/Lip stays; log x is not Lipschitz on (0, 1]",
        .measured = text("within 10 %%: penalty with λ/K on %lld of %lld pairs, with one λ on %lld "
                         "(%lld of %lld critics upside down), clipping on %lld (value ×%.3g or "
                         "more from c to c); slope of log ×%.3g per decade",
                         (long long)found[PENALTY].held, (long long)trained_pairs,
                         (long long)found[SAME_LAMBDA].held, (long long)found[SAME_LAMBDA].wrong,
                         (long long)found[SAME_LAMBDA].critics, (long long)found[CLIP].held,
                         clip_growth, log_growth),
        .expected = text("%lld pairs each; slope ×10", (long long)trained_pairs),
        .tolerance = "10 % of value(K)/value(1) and of value/Lip; slope: 10 %",
        .seeds = seeds,
        .verdict = all    ? HOLDS
                   : some ? MIXED
                          : FAILS,
        .known = MIXED,
    });
}

static void judge_plan(void) {
    claim(&(Claim){
        .id = "C09",
        .statement = "a transport plan is readable as moved earth: the arrows of the plan cost W",
        .measured = text("cost of the arrows off the cheapest of all %d! ways by %.1e", HEAP_UNITS,
                         worst.plan),
        .expected = "0",
        .tolerance = "1e-12",
        .seeds = 1,
        .verdict = verdict(worst.plan <= 1e-12),
        .known = HOLDS,
    });
}

static void judge_norms(void) {
    // |slope − 1|; |slope|
    double coupled = maximum(fabs(worst.coupled.low - 1), fabs(worst.coupled.high - 1));
    double steepest = maximum(fabs(worst.anywhere.low), fabs(worst.anywhere.high));
    claim(&(Claim){
        .id = "C36",
        .statement = "an optimal critic has slope 1 on segments between coupled points; between "
                     "independent ones, where x̂ is drawn, only ≤ 1 follows",
        .measured = text("coupled: slope 1 to within %.1e; anywhere: at most 1 %+.1e; independent: "
                         "%.1f to %.1f %% of an optimal critic's gradients below 0.9",
                         coupled, steepest - 1, 100 * worst.below.low, 100 * worst.below.high),
        .expected = "0; at most 1; on some pair more than 10 %",
        .tolerance = "1e-6",
        .seeds = seeds,
        .verdict = verdict(coupled <= 1e-6 && steepest <= 1 + 1e-6 && worst.below.high > 0.1),
        .known = HOLDS,
    });
}

static void check_rising(const char *name, const Reals *list) {
    for (size_t k = 1; k < list->count; k++)
        if (list->at[k] <= list->at[k - 1])
            fail(EXIT_USAGE, "--%s: %g comes after %g; give them in ascending order", name,
                 list->at[k], list->at[k - 1]);
}

static void check_settings(void) {
    if (scales.count < 2 || scales.at[0] != 1)
        fail(EXIT_USAGE, "--scales begins with 1, to which the others are compared");
    if (clips.count < 2) fail(EXIT_USAGE, "--clips needs two bounds or more to compare");
    check_rising("scales", &scales), check_rising("clips", &clips);
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    check_settings();

    compare_all();
    draw_plans();
    train_all();
    compare_scales();
    double log_growth = growth_of_log();

    judge_duality();
    judge_scale(log_growth);
    judge_plan();
    judge_norms();
    return experiment_end();
}
