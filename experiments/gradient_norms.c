// How the critic's gradient fares on its way back through twelve layers, under weight clipping and
// under the penalty (Gulrajani et al. 2017, section 3 and Figure 1b), and how narrow the range of
// clipping bounds is that trains at all.
#include "experiments/common/toy_gan.h"
#include "toy/statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static Reals bounds, scan_bounds, scan_depths;
static int64_t depth, width, batch, updates, seeds, scan_width, scan_steps, scan_seeds, look_points;
static double lambda, rate, clip_rate, scan_rate;

static const Setting settings[] = {
    {"bounds", SETTING_REALS, &bounds, "0.001,0.01,0.1", NULL, 1e-9, 10, NULL, "C,C,...",
     "Clipping bounds whose gradients are measured"},
    {"depth", SETTING_INTEGER, &depth, "12", NULL, 3, 100, NULL, "N", "Layers of both networks"},
    {"width", SETTING_INTEGER, &width, "64", "256", 1, 65536, NULL, "N", "Units of a hidden layer"},
    {"batch", SETTING_INTEGER, &batch, "64", NULL, 1, 65536, NULL, "N", "Points in a batch"},
    {"updates", SETTING_INTEGER, &updates, "200", "500", 1, 1e9, NULL, "N",
     "Critic updates after which the gradients are measured again"},
    {"seeds", SETTING_INTEGER, &seeds, "2", NULL, 1, 1000, NULL, "N", "Runs of each kind"},
    {"lambda", SETTING_REAL, &lambda, "0.1", NULL, 1e-6, 1e6, NULL, "X", "The penalty's weight"},
    {"rate", SETTING_REAL, &rate, "1e-4", NULL, 1e-9, 10, NULL, "X",
     "Learning rate of Adam (0.5, 0.9), penalised critics and all generators"},
    {"clip-rate", SETTING_REAL, &clip_rate, "5e-5", NULL, 1e-9, 10, NULL, "X",
     "Learning rate of RMSProp, clipped critics"},
    {"scan-bounds", SETTING_REALS, &scan_bounds, "0.01,0.1,1", "0.001,0.003,0.01,0.03,0.1,0.3,1",
     1e-9, 100, NULL, "C,C,...", "Clipping bounds whose generators are trained"},
    {"scan-depths", SETTING_REALS, &scan_depths, "3", "3,12", 2, 100, NULL, "N,N,...",
     "Layers of the critics in that scan"},
    {"scan-width", SETTING_INTEGER, &scan_width, "64", NULL, 1, 65536, NULL, "N",
     "Their units in a hidden layer"},
    {"scan-steps", SETTING_INTEGER, &scan_steps, "300", "1000", 1, 1e9, NULL, "N",
     "Generator updates of a run of the scan"},
    {"scan-seeds", SETTING_INTEGER, &scan_seeds, "2", "5", 1, 1000, NULL, "N",
     "Runs of each kind in the scan"},
    {"scan-rate", SETTING_REAL, &scan_rate, "1e-3", "5e-4", 1e-9, 10, NULL, "X",
     "Learning rate of both networks in the scan"},
    {"look-points", SETTING_INTEGER, &look_points, "256", "512", 2, 20000, NULL, "N",
     "Generated and held-out points that W is measured between"},
    {0},
};

static const Program program = {
    .name = "gradient_norms",
    .summary = "Norm of the critic's gradient layer by layer under weight clipping and under the "
               "penalty, on the Swiss roll; and which clipping bounds train.",
    .details = "Writes gradient_norms.tsv (norm by layer), gradient_norms_slopes.tsv (decades per "
               "layer, beside the prediction), gradient_norms_scan.tsv (W after training, by bound "
               "and depth) and the claims C33 and C48.\n\n"
               "  experiments/gradient_norms --width 512 --bounds 0.05,0.1,0.2",
    .settings = settings,
    .threads = 1,
};

// ---- the networks ----

// Two ways to begin: He's normal weights, which the first clip throws onto ±c, or uniform ones
// inside the bound, U(−c/2, c/2), that it leaves alone; under the penalty He's uniform ones.
typedef enum { BEGIN_HE, BEGIN_BOX, BEGINNINGS } Beginning;
static const char *const BEGINNING_NAMES[] = {"he", "box"};

// clip 0: the penalty.
static ToyGanSettings settings_of(double clip, int64_t layers, int64_t units, int64_t seed,
                                  double critic_rate, Beginning beginning) {
    return (ToyGanSettings){
        .critic = {.architecture = mlp_line(2, layers, units, 1),
                   .loss = clip > 0 ? GAN_WASSERSTEIN : GAN_WASSERSTEIN_GP,
                   .penalty = {.lambda = clip > 0 ? 0 : lambda},
                   .init = beginning == BEGIN_HE ? INIT_HE_NORMAL : INIT_HE_UNIFORM,
                   .rule = clip > 0 ? rule_default(RULE_RMSPROP, critic_rate)
                                    : rule_adam(critic_rate, 0.5, 0.9),
                   .clip = clip,
                   .batch = (size_t)batch},
        .generator = {.architecture = mlp_line(2, layers, units, 2),
                      .init = INIT_HE_NORMAL,
                      .rule = rule_adam(rate, 0.5, 0.9),
                      .batch = (size_t)batch},
        .critic_iters = 5,
        .look_points = (size_t)look_points,
        .seed = common.seed + (uint64_t)seed,
    };
}

// ---- gradients by layer ----

// norm[l] = ‖dL/dy_l‖ over the batch, y_0 the input and y_l layer l's output, L the critic's loss
// without the penalty. A layer's sweep leaves dz in place of dy, so each dy is made again from the
// dz above it: dy_l = dz_{l+1} W_{l+1}.
// [norms]
static void activation_norms(ToyGan *gan, double *norm) {
    Net *net = &gan->critic.net;
    const Backend *b = net->backend;
    size_t rows = 2 * net->batch, widest = 0;
    for (int k = 0; k < net->count; k++) {
        size_t in = shape_size(net->layer[k].in);
        widest = in > widest ? in : widest;
    }
    Error error;
    real *dy = b->alloc(rows * widest * sizeof *dy, &error);
    real *result = b->alloc(sizeof *result, &error), value;
    if (!dy || !result) fail(EXIT_RESOURCE, "%s", error.text);
    toy_gan_put_batch(gan, 0);
    critic_gradient(net, GAN_WASSERSTEIN, (Penalty){0}, NULL, NULL, gan->critic.values);
    for (int k = 0; k < net->count; k++) {
        const Layer *above = &net->layer[k];
        size_t in = shape_size(above->in), out = shape_size(above->out);
        b->gemm(false, false, rows, in, out, above->dy, above->weight, 0, dy);
        b->row_norm(1, rows * in, dy, result);
        b->download(&value, result, sizeof value);
        norm[k] = (double)value;
    }
    b->free(dy), b->free(result);
}
// [/norms]

// Decades per layer on the way back, by least squares over the hidden layers; −infinity where the
// gradient has died out.
static double decades_per_layer(int64_t layers, const double *norm) {
    double n = 0, x = 0, y = 0, xx = 0, xy = 0;
    for (int64_t l = 1; l < layers; l++) {
        if (!(norm[l] > 0)) return -INFINITY;
        double back = (double)(layers - l), value = log10(norm[l]);
        n += 1, x += back, y += value, xx += back * back, xy += back * value;
    }
    return n > 1 ? (n * xy - x * y) / (n * xx - x * x) : NAN;
}

// Mean square of an entry of a hidden layer: He's normal of variance 2/n cut at ±c, which is c²
// where c is small, or that of U(−c/2, c/2).
static double mean_square(double clip, Beginning beginning) {
    double sigma = sqrt(2 / (double)width), a = clip / sigma;
    if (beginning == BEGIN_BOX) return clip * clip / 12;
    double inside = erf(a / M_SQRT2) - a * sqrt(2 / M_PI) * exp(-a * a / 2);
    return sigma * sigma * inside + clip * clip * erfc(a / M_SQRT2);
}

// dz passes Wᵀ and a mask that half of the units pass: n/2 terms, log10 √(n/2 · mean square)
// decades.
static double predicted(double clip, Beginning beginning) {
    return clip > 0 ? log10(sqrt((double)width / 2 * mean_square(clip, beginning))) : 0;
}

static Tsv *norms_table, *slopes_table;

static double measure(ToyGan *gan, double clip, Beginning beginning, int64_t seed, int64_t update) {
    double *norm = allocate((size_t)depth, sizeof *norm);
    activation_norms(gan, norm);
    for (int64_t l = 0; l < depth; l++) {
        tsv_text(norms_table, clip > 0 ? text("%g", clip) : "penalty");
        tsv_text(norms_table, BEGINNING_NAMES[beginning]);
        tsv_numbers(norms_table, 4, (double[]){(double)seed, (double)update, (double)l, norm[l]});
    }
    double slope = decades_per_layer(depth, norm);
    tsv_text(slopes_table, clip > 0 ? text("%g", clip) : "penalty");
    tsv_text(slopes_table, BEGINNING_NAMES[beginning]);
    tsv_numbers(slopes_table, 4,
                (double[]){(double)seed, (double)update, slope, predicted(clip, beginning)});
    free(norm);
    return slope;
}

// Slopes after one update and after all, over seeds.
typedef struct {
    Range first, last;
    double prediction;
} Slopes;

static Slopes deep_run(const Backend *backend, const ToyData *data, double clip,
                       Beginning beginning) {
    Slopes s = {RANGE_EMPTY, RANGE_EMPTY, predicted(clip, beginning)};
    for (int64_t seed = 0; seed < seeds; seed++) {
        ToyGanSettings chosen =
            settings_of(clip, depth, width, seed, clip > 0 ? clip_rate : rate, beginning);
        ToyGan gan;
        toy_gan_build(&gan, backend, data, &chosen);
        if (clip > 0 && beginning == BEGIN_BOX) critic_begin_within(&gan.critic, clip / 2);
        for (int64_t k = 0; k < updates; k++) {
            toy_gan_put_batch(&gan, k);
            critic_update(&gan.critic);
            if (k == 0) range_widen(&s.first, measure(&gan, clip, beginning, seed, 1));
            if (k % 5 == 4) generator_update(&gan.generator, &gan.critic), gan.step++;
        }
        critic_losses(&gan.critic);
        range_widen(&s.last, measure(&gan, clip, beginning, seed, updates));
        toy_gan_free(&gan);
    }
    return s;
}

// ---- which bounds train ----

// W is the mean of looks over the last quarter of a run: where the generator circles, one look is
// luck.
enum { LOOKS = 5 };

typedef struct {
    double start, w, slope; // W before and after, decades per layer
} Trained;

static Trained scan_run(const Backend *backend, const ToyData *data, double clip, int64_t layers,
                        int64_t seed) {
    ToyGanSettings chosen = settings_of(clip, layers, scan_width, seed, scan_rate, BEGIN_BOX);
    chosen.generator.architecture = mlp_line(2, 4, scan_width, 2);
    chosen.generator.rule = rule_adam(scan_rate, 0.5, 0.9);
    ToyGan gan;
    toy_gan_build(&gan, backend, data, &chosen);
    if (clip > 0) critic_begin_within(&gan.critic, clip / 2);
    toy_gan_look(&gan);
    Trained trained = {.start = toy_gan_w(&gan)};
    for (int64_t look = 1; look <= LOOKS; look++) {
        while (gan.step < scan_steps * (3 * LOOKS + look) / (4 * LOOKS)) toy_gan_step(&gan);
        critic_losses(&gan.critic);
        toy_gan_look(&gan);
        trained.w += toy_gan_w(&gan) / LOOKS;
    }
    double *norm = allocate((size_t)layers, sizeof *norm);
    activation_norms(&gan, norm);
    trained.slope = decades_per_layer(layers, norm);
    free(norm);
    toy_gan_free(&gan);
    return trained;
}

// Means over seeds of one bound and depth; rows of the table on the way.
static Trained scan_bound(const Backend *backend, const ToyData *data, Tsv *table, double clip,
                          int64_t layers) {
    Trained mean = {0, 0, 0};
    for (int64_t seed = 0; seed < scan_seeds; seed++) {
        Trained t = scan_run(backend, data, clip, layers, seed);
        tsv_numbers(table, 6,
                    (double[]){(double)layers, clip, (double)seed, t.start, t.w, t.slope});
        mean.start += t.start / (double)scan_seeds, mean.w += t.w / (double)scan_seeds;
        mean.slope += t.slope / (double)scan_seeds;
    }
    return mean;
}

// [range]
// A bound trains where its generator goes at least half of the way that the penalty's goes, from
// the W that both begin with. Where the penalty's goes nowhere there is nothing to compare with.
static const double HALF = 0.5;

static bool trains(Trained clipped, Trained penalised) {
    double way = penalised.start - penalised.w;
    return way > 0 && clipped.start - clipped.w >= HALF * way;
}

// Decades from the smallest to the largest bound that trains, named in *list; NAN where none does.
static double workable_decades(const Trained *clipped, Trained penalised, const char **list) {
    Range workable = RANGE_EMPTY;
    *list = "";
    for (size_t k = 0; k < scan_bounds.count; k++) {
        if (!trains(clipped[k], penalised)) continue;
        range_widen(&workable, log10(scan_bounds.at[k]));
        *list = text("%s%s%g", *list, **list ? ", " : "", scan_bounds.at[k]);
    }
    return **list ? workable.high - workable.low : NAN;
}
// [/range]

static const double NARROW = 1;

// A depth at which no bound trains shows no range, be it narrow or wide.
static Verdict verdict_range(size_t depths, const double *decades) {
    size_t narrow = 0;
    for (size_t d = 0; d < depths; d++) narrow += decades[d] <= NARROW;
    return narrow == depths ? HOLDS : narrow ? MIXED : FAILS;
}

// A depth's row of the table; what is found is added to *found. Returns the decades.
static double scan_depth(const Backend *backend, const ToyData *data, Tsv *table, int64_t layers,
                         const char **found) {
    Trained *clipped = allocate(scan_bounds.count, sizeof *clipped);
    Trained penalised = scan_bound(backend, data, table, 0, layers);
    printf("%8lld %8.3f %8.3f", (long long)layers, penalised.start, penalised.w);
    for (size_t k = 0; k < scan_bounds.count; k++) {
        clipped[k] = scan_bound(backend, data, table, scan_bounds.at[k], layers);
        printf(" %8.3f", clipped[k].w);
        progress((int64_t)k + 1, (int64_t)scan_bounds.count, "scan, %lld layers, c = %g",
                 (long long)layers, scan_bounds.at[k]);
    }
    putchar('\n');
    const char *list;
    double decades = workable_decades(clipped, penalised, &list);
    *found = text("%s%s%lld layers: %s", *found, **found ? "; " : "", (long long)layers,
                  *list ? text("%s (%.2g decades)", list, decades) : "none");
    free(clipped);
    return decades;
}

static void scan(const Backend *backend, const ToyData *data) {
    Tsv *table = tsv_open("scan", "depth clip seed start W slope");
    const char *found = "";
    double *decades = allocate(scan_depths.count, sizeof *decades);
    printf("\nW before and after %lld steps, by clipping bound (width %lld):\n%8s %8s %8s",
           (long long)scan_steps, (long long)scan_width, "layers", "before", "penalty");
    for (size_t k = 0; k < scan_bounds.count; k++) printf(" %8g", scan_bounds.at[k]);
    putchar('\n');
    for (size_t d = 0; d < scan_depths.count; d++)
        decades[d] = scan_depth(backend, data, table, (int64_t)scan_depths.at[d], &found);
    claim(&(Claim){
        .id = "C48",
        .statement = "only a narrow range of clipping bounds trains",
        .measured =
            text("bounds that bring W at least half as far down as the penalty does: %s", found),
        .expected =
            text("at most %g decade from the smallest to the largest, at every depth", NARROW),
        .tolerance = text("the scan's grid, %zu bounds over %.2g decades", scan_bounds.count,
                          log10(scan_bounds.at[scan_bounds.count - 1] / scan_bounds.at[0])),
        .seeds = scan_seeds,
        .verdict = verdict_range(scan_depths.count, decades),
        .known = MIXED,
    });
    free(decades);
}

// ---- verdicts ----

static void print_slopes(const char *name, Beginning beginning, Slopes s) {
    printf("%-8s %-6s │ %11.3f │ %7.3f to %7.3f │ %7.3f to %7.3f\n", name,
           BEGINNING_NAMES[beginning], s.prediction, s.first.low, s.first.high, s.last.low,
           s.last.high);
}

// A tenth of a decade a layer is a factor of 12 over twelve layers.
static const double LEVEL = 0.1;

typedef struct {
    bool exponential;    // every clipped critic
    Range penalty;       // slopes at the end
    double error;        // of the prediction after one update, largest
    const char *clipped; // for the claim
} DepthSeen;
static DepthSeen depth_seen = {
    .exponential = true, .penalty = {INFINITY, -INFINITY}, .clipped = ""};

static void remember(DepthSeen *seen, double clip, Beginning beginning, Slopes s) {
    if (clip == 0) {
        range_join(&seen->penalty, s.last);
        return;
    }
    seen->exponential &= s.last.high < -LEVEL || s.last.low > LEVEL;
    seen->error = fmax(seen->error,
                       fmax(fabs(s.first.low - s.prediction), fabs(s.first.high - s.prediction)));
    seen->clipped = text("%s%s%g/%s %.2f to %.2f", seen->clipped, *seen->clipped ? ", " : "", clip,
                         BEGINNING_NAMES[beginning], s.last.low, s.last.high);
}

static Verdict verdict_depth(const DepthSeen *seen) {
    bool level = seen->penalty.low > -LEVEL && seen->penalty.high < LEVEL;
    return seen->exponential && level ? HOLDS : seen->exponential || level ? MIXED : FAILS;
}

static void measure_depth(const Backend *backend, const ToyData *data) {
    int64_t total = BEGINNINGS * (int64_t)(bounds.count + 1), done = 0;
    printf("Decades per layer, from the output to the input:\n%-8s %-6s │ %11s │ %18s │ %18s\n",
           "c", "begin", "predicted", "after one update", text("after %lld", (long long)updates));
    for (size_t k = 0; k <= bounds.count; k++)
        for (Beginning beginning = 0; beginning < BEGINNINGS; beginning++) {
            double clip = k < bounds.count ? bounds.at[k] : 0;
            Slopes s = deep_run(backend, data, clip, beginning);
            const char *name = clip > 0 ? text("%g", clip) : "penalty";
            print_slopes(name, beginning, s);
            remember(&depth_seen, clip, beginning, s);
            progress(++done, total, "c = %s: %.3f decades per layer", name, s.last.low);
        }
}

static void judge_depth(void) {
    claim(&(Claim){
        .id = "C33",
        .statement = "the gradient's norm changes exponentially with depth under clipping and "
                     "stays level under the penalty",
        .measured = text("decades per layer: c/beginning %s; penalty %.3f to %.3f; after one "
                         "update at most %.2f from the prediction",
                         depth_seen.clipped, depth_seen.penalty.low, depth_seen.penalty.high,
                         depth_seen.error),
        .expected = text("clipped beyond ±%g, penalised within", LEVEL),
        .tolerance = text("%g", LEVEL),
        .seeds = seeds,
        .verdict = verdict_depth(&depth_seen),
        .known = HOLDS,
    });
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    ToyData data = toy_data_open("swissroll", NULL);
    const Backend *backend = trainer_backend();
    norms_table = tsv_open("", "clip begin seed update layer norm");
    slopes_table = tsv_open("slopes", "clip begin seed update slope predicted");

    measure_depth(backend, &data);
    judge_depth();
    scan(backend, &data);

    backend->close();
    return experiment_end();
}
