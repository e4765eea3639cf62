// What is a clipped critic's value worth? Clipping makes f K-Lipschitz for a K that nobody knows,
// so the value estimates K·W (Arjovsky, Chintala & Bottou 2017, section 3). Many critics, of
// several widths, depths, bounds and lengths of training, on the same pairs of distributions: how
// far apart are their values, does dividing by the ratio found on one pair bring them together, and
// is what comes out the distance?
#include "experiments/common/trainer.h"
#include "toy/sets.h"
#include "toy/statistics.h"
#include "toy/transport.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int64_t seeds, batch, points;
static double rate;
static Reals widths, depths, clips, lengths;

static const Setting settings[] = {
    {"widths", SETTING_REALS, &widths, "16,64", "16,64,256", 1, 65536, NULL, "N,N,...",
     "Units of a hidden layer"},
    {"depths", SETTING_REALS, &depths, "2,3", "2,3,4", 2, 100, NULL, "N,N,...", "Layers"},
    {"clips", SETTING_REALS, &clips, "0.03,0.1", "0.01,0.03,0.1", 1e-9, 10, NULL, "C,C,...",
     "Clipping bounds"},
    {"lengths", SETTING_REALS, &lengths, "100,300", "300,1000", 1, 1e9, NULL, "N,N,...",
     "Critic updates"},
    {"seeds", SETTING_INTEGER, &seeds, "2", NULL, 1, 1000, NULL, "N",
     "Critics of each width, depth, bound and length"},
    {"rate", SETTING_REAL, &rate, "1e-3", NULL, 1e-9, 10, NULL, "X", "Learning rate of RMSProp"},
    {"batch", SETTING_INTEGER, &batch, "64", NULL, 1, 65536, NULL, "N", "Points in a batch"},
    {"points", SETTING_INTEGER, &points, "512", "2048", 2, 20000, NULL, "N",
     "Points that values and W are measured on"},
    {0},
};

static const Program program = {
    .name = "critic_scale",
    .summary = "Values of many clipped critics on three pairs of distributions, before and after "
               "division by the scale found on the first pair, beside the exact W.",
    .details =
        "Writes critic_scale.tsv (value and corrected value by critic and pair) and the claim "
        "C28.\n\n"
        "  experiments/critic_scale --widths 32 --clips 0.01,0.02,0.04",
    .settings = settings,
    .threads = 1,
};

// ---- the pairs: the ring against itself moved, against itself blown up, against the grid ----

enum { PAIRS = 3 };
static const char *const PAIR_NAMES[] = {"moved by 1", "1.5 times as large", "the grid"};

static void draw(int pair, Rng *rng, size_t n, double *first, double *second) {
    set_sample(SET_RING8, rng, n, first);
    set_sample(pair == 2 ? SET_GRID25 : SET_RING8, rng, n, second);
    for (size_t i = 0; i < n; i++) {
        if (pair == 0) second[2 * i] += 1;
        if (pair == 1) second[2 * i] *= 1.5, second[2 * i + 1] *= 1.5;
    }
}

static double *held_out[PAIRS][2];
static double exact[PAIRS];

static void measure_pairs(void) {
    size_t n = (size_t)points;
    for (int pair = 0; pair < PAIRS; pair++) {
        Rng rng = rng_stream(common.seed, 1 + (uint64_t)pair);
        for (int side = 0; side < 2; side++) held_out[pair][side] = allocate(n, 2 * sizeof(double));
        draw(pair, &rng, n, held_out[pair][0], held_out[pair][1]);
        Transport t;
        int status =
            transport_solve(&t, COST_L2, 2, n, held_out[pair][0], NULL, n, held_out[pair][1], NULL);
        if (status) fail(EXIT_RESOURCE, "transport: %s", transport_error(status));
        exact[pair] = t.value;
        transport_free(&t);
    }
}

// ---- the critics ----

typedef struct {
    double width, depth, clip, length, seed;
} Kind;

static Kind kind_at(size_t k) {
    Kind kind;
    kind.seed = (double)(k % (size_t)seeds), k /= (size_t)seeds;
    kind.length = lengths.at[k % lengths.count], k /= lengths.count;
    kind.clip = clips.at[k % clips.count], k /= clips.count;
    kind.depth = depths.at[k % depths.count], k /= depths.count;
    kind.width = widths.at[k];
    return kind;
}

static double mean_of(Critic *critic, const double *x) {
    size_t n = (size_t)points;
    double *f = allocate(n, sizeof *f), sum = 0;
    critic_evaluate(critic, n, x, f, NULL);
    for (size_t i = 0; i < n; i++) sum += f[i];
    free(f);
    return sum / (double)n;
}

static double value_of(const Backend *backend, Kind kind, int pair) {
    uint64_t seed = common.seed + (uint64_t)kind.seed;
    CriticSettings chosen = {.architecture =
                                 mlp_line(2, (int64_t)kind.depth, (int64_t)kind.width, 1),
                             .loss = GAN_WASSERSTEIN,
                             .init = INIT_HE_NORMAL,
                             .rule = rule_default(RULE_RMSPROP, rate),
                             .clip = kind.clip,
                             .batch = (size_t)batch};
    Critic critic;
    critic_build(&critic, backend, &chosen, seed);
    critic_begin_within(&critic, kind.clip);
    Rng rng = rng_stream(seed, 100 + (uint64_t)pair);
    double *first = allocate((size_t)batch, 2 * sizeof *first);
    double *second = allocate((size_t)batch, 2 * sizeof *second);
    for (int64_t k = 0; k < (int64_t)kind.length; k++) {
        draw(pair, &rng, (size_t)batch, first, second);
        critic_put_real(&critic, first), critic_put_fake(&critic, second);
        critic_update(&critic);
    }
    critic_losses(&critic);
    double value = mean_of(&critic, held_out[pair][0]) - mean_of(&critic, held_out[pair][1]);
    free(first), free(second);
    critic_free(&critic);
    return value;
}

// ---- values and their spread ----

// Coefficient of variation.
static double variation(const Summary *s) {
    return summary_deviation(s) / fabs(s->mean);
}

// [correction]
// The remedy: a critic's scale is what it makes of the first pair, K = value/W there. One that
// holds the moved ring for the real one has none.
static void correct(size_t count, double *value[PAIRS], double *corrected[PAIRS]) {
    for (size_t k = 0; k < count; k++) {
        double scale = value[0][k] / exact[0];
        if (!(scale > 0)) fail(EXIT_NONFINITE, "a critic's value is %g: no scale", value[0][k]);
        for (int pair = 0; pair < PAIRS; pair++) corrected[pair][k] = value[pair][k] / scale;
    }
}
// [/correction]

static const double WIDE = 0.5, TOGETHER = 0.1; // variation before, after
static const double TRUE_WITHIN = 0.1;          // of W

static void judge(size_t count, double *value[PAIRS], double *corrected[PAIRS]) {
    double before = INFINITY, after = 0, astray = 0;
    const char *list = "";
    printf("%-20s │ %7s │ %-17s │ %s\n", "the ring and", "exact W", "value (variation)",
           "corrected (variation)");
    for (int pair = 0; pair < PAIRS; pair++) {
        Summary v = statistics_summary(count, value[pair]);
        Summary c = statistics_summary(count, corrected[pair]);
        printf("%-20s │ %7.3f │ %10.3g (%.2f) │ %.3f (%.2f)\n", PAIR_NAMES[pair], exact[pair],
               v.mean, variation(&v), c.mean, variation(&c));
        before = fmin(before, variation(&v));
        if (pair == 0) continue;
        after = fmax(after, variation(&c));
        astray = fmax(astray, fabs(c.mean / exact[pair] - 1));
        list = text("%s; %s: %.3f to %.3f where W is %.3f", list, PAIR_NAMES[pair], c.low, c.high,
                    exact[pair]);
    }
    bool wide = before > WIDE, together = after <= TOGETHER, true_to_w = astray <= TRUE_WITHIN;
    claim(&(Claim){
        .id = "C28",
        .statement = "critics of other widths, depths and bounds give other values for one pair; "
                     "dividing by the scale found on a fixed pair makes them agree, and on W",
        .measured = text("variation over %zu critics at least %.2f before, up to %.2f after%s",
                         count, before, after, list),
        .expected = text("over %g before, at most %g after; corrected means within %g of W", WIDE,
                         TOGETHER, TRUE_WITHIN),
        .tolerance = "none",
        .seeds = seeds,
        .verdict = wide && together && true_to_w   ? HOLDS
                   : wide || together || true_to_w ? MIXED
                                                   : FAILS,
        .known = MIXED,
    });
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    const Backend *backend = trainer_backend();
    measure_pairs();
    size_t count = widths.count * depths.count * clips.count * lengths.count * (size_t)seeds,
           done = 0;
    double *value[PAIRS], *corrected[PAIRS];
    for (int pair = 0; pair < PAIRS; pair++) {
        value[pair] = allocate(count, sizeof(double));
        corrected[pair] = allocate(count, sizeof(double));
    }
    for (size_t k = 0; k < count; k++)
        for (int pair = 0; pair < PAIRS; pair++) {
            value[pair][k] = value_of(backend, kind_at(k), pair);
            progress((int64_t)++done, (int64_t)(PAIRS * count), "value %.3g", value[pair][k]);
        }
    backend->close();
    correct(count, value, corrected);

    Tsv *table = tsv_open("", "pair width depth clip length seed value corrected W");
    for (int pair = 0; pair < PAIRS; pair++)
        for (size_t k = 0; k < count; k++) {
            Kind d = kind_at(k);
            tsv_text(table, PAIR_NAMES[pair]);
            tsv_numbers(table, 8,
                        (double[]){d.width, d.depth, d.clip, d.length, d.seed, value[pair][k],
                                   corrected[pair][k], exact[pair]});
        }
    judge(count, value, corrected);
    for (int pair = 0; pair < PAIRS; pair++) {
        free(value[pair]), free(corrected[pair]);
        for (int side = 0; side < 2; side++) free(held_out[pair][side]);
    }
    return experiment_end();
}
