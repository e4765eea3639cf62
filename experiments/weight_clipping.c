// Where do a critic's weights end? Clipping pushes them onto ±c, the penalty leaves a bell
// (Gulrajani et al. 2017, section 3 and Figure 1b, right). Both are started from two
// initialisations, so that neither the faces of the box nor the bell are only what they began with;
// and the gradient that clipping allows is held beside its bound.
#include "experiments/common/toy_gan.h"
#include "toy/statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int64_t width, batch, updates, looks, seeds;
static Reals depths;
static double clip, lambda, rate, clip_rate;

static const Setting settings[] = {
    {"clip", SETTING_REAL, &clip, "0.01", NULL, 1e-9, 10, NULL, "C", "The clipping bound c"},
    {"depths", SETTING_REALS, &depths, "3,12", NULL, 2, 100, NULL, "N,N,...",
     "Layers of the critics"},
    {"width", SETTING_INTEGER, &width, "64", "128", 1, 65536, NULL, "N", "Units of a hidden layer"},
    {"batch", SETTING_INTEGER, &batch, "64", NULL, 1, 65536, NULL, "N", "Points in a batch"},
    {"updates", SETTING_INTEGER, &updates, "800", "3000", 1, 1e9, NULL, "N",
     "Critic updates of each run; the generator takes one for every five"},
    {"looks", SETTING_INTEGER, &looks, "10", "15", 1, 10000, NULL, "N",
     "How often the weights are looked at, evenly spaced"},
    {"seeds", SETTING_INTEGER, &seeds, "1", "3", 1, 1000, NULL, "N", "Runs of each kind"},
    {"lambda", SETTING_REAL, &lambda, "0.1", NULL, 1e-6, 1e6, NULL, "X", "The penalty's weight"},
    {"rate", SETTING_REAL, &rate, "1e-4", NULL, 1e-9, 10, NULL, "X",
     "Learning rate of Adam (0.5, 0.9), penalised critics and all generators"},
    {"clip-rate", SETTING_REAL, &clip_rate, "5e-5", NULL, 1e-9, 10, NULL, "X",
     "Learning rate of RMSProp, clipped critics"},
    {0},
};

static const Program program = {
    .name = "weight_clipping",
    .summary = "Weights of clipped and of penalised critics on the Swiss roll, by layer, over "
               "training and by initialisation; the input gradient beside clipping's bound.",
    .details = "Writes weight_clipping.tsv (share of weights at ±c and kurtosis, by layer and "
               "update), weight_clipping_histogram.tsv (the first seed's weights at the end), "
               "weight_clipping_bound.tsv (gradients beside the bound) and the claims C31 and "
               "C32.\n\n"
               "  experiments/weight_clipping --clip 0.1 --depths 4",
    .settings = settings,
    .threads = 1,
};

// ---- the runs ----

typedef enum { CLIPPED_HE, CLIPPED_BOX, PENALISED_NORMAL, PENALISED_UNIFORM, KINDS } Kind;
static const char *const KIND_NAMES[] = {"clipped from He", "clipped from U(-c/2,c/2)",
                                         "penalised from normal", "penalised from uniform"};

static bool is_clipped(Kind kind) {
    return kind == CLIPPED_HE || kind == CLIPPED_BOX;
}

// [kinds]
static ToyGanSettings settings_of(Kind kind, int64_t depth, int64_t seed) {
    bool clipped = is_clipped(kind);
    return (ToyGanSettings){
        .critic = {.architecture = mlp_line(2, depth, width, 1),
                   .loss = clipped ? GAN_WASSERSTEIN : GAN_WASSERSTEIN_GP,
                   .penalty = {.lambda = clipped ? 0 : lambda},
                   .init = kind == PENALISED_UNIFORM ? INIT_HE_UNIFORM : INIT_HE_NORMAL,
                   .rule =
                       clipped ? rule_default(RULE_RMSPROP, clip_rate) : rule_adam(rate, 0.5, 0.9),
                   .clip = clipped ? clip : 0,
                   .batch = (size_t)batch},
        .generator = {.architecture = mlp_line(2, depth, width, 2),
                      .init = INIT_HE_NORMAL,
                      .rule = rule_adam(rate, 0.5, 0.9),
                      .batch = (size_t)batch},
        .critic_iters = 5,
        .look_points = (size_t)batch,
        .seed = common.seed + (uint64_t)seed,
    };
}
// [/kinds]

// ---- the weights ----

typedef struct {
    double at_bound; // share within 1 % of ±c
    double kurtosis; // E(w − mean)⁴ over the variance squared: uniform 1.8, normal 3, two points 1
} WeightShape;

static double *weights_of(const Net *net, const Layer *layer) {
    real *numbers = allocate(layer->weight_count, sizeof *numbers);
    double *w = allocate(layer->weight_count, sizeof *w);
    net->backend->download(numbers, layer->weight, layer->weight_count * sizeof *numbers);
    for (size_t i = 0; i < layer->weight_count; i++) w[i] = (double)numbers[i];
    free(numbers);
    return w;
}

// clip 0: the share is NAN.
static WeightShape shape_of(size_t n, const double *w, double c) {
    double mean = 0, second = 0, fourth = 0;
    size_t at_bound = 0;
    for (size_t i = 0; i < n; i++) mean += w[i] / (double)n, at_bound += fabs(w[i]) >= 0.99 * c;
    for (size_t i = 0; i < n; i++) {
        double square = (w[i] - mean) * (w[i] - mean);
        second += square / (double)n, fourth += square * square / (double)n;
    }
    return (WeightShape){c > 0 ? (double)at_bound / (double)n : NAN,
                         second > 0 ? fourth / (second * second) : NAN};
}

static Tsv *shapes, *histogram, *bounds;

// Of the hidden layers, those with n×n weights; where there is none, of all.
static WeightShape look(const ToyGan *gan, Kind kind, int64_t depth, int64_t seed, int64_t update) {
    const Net *net = &gan->critic.net;
    WeightShape mean = {0, 0};
    int inner = 0;
    for (int k = 0; k < net->count; k++) {
        double *w = weights_of(net, &net->layer[k]);
        WeightShape s = shape_of(net->layer[k].weight_count, w, is_clipped(kind) ? clip : 0);
        free(w);
        tsv_text(shapes, KIND_NAMES[kind]);
        tsv_numbers(
            shapes, 6,
            (double[]){(double)depth, (double)seed, (double)update, k + 1, s.at_bound, s.kurtosis});
        if (net->count > 2 && (k == 0 || k == net->count - 1)) continue;
        inner++, mean.at_bound += s.at_bound, mean.kurtosis += s.kurtosis;
    }
    return (WeightShape){mean.at_bound / inner, mean.kurtosis / inner};
}

// All weights together, in bins over [−side, side]; what lies outside goes to the last ones.
static void write_histogram(const ToyGan *gan, Kind kind, int64_t depth) {
    enum { BINS = 81 };
    double count[BINS] = {0}, total = 0, side = is_clipped(kind) ? 2 * clip : 0.5;
    const Net *net = &gan->critic.net;
    for (const Layer *l = net->layer; l < net->layer + net->count; l++) {
        double *w = weights_of(net, l);
        for (size_t i = 0; i < l->weight_count; i++)
            count[(int)lround(fmin(fmax((w[i] / side + 1) / 2, 0), 1) * (BINS - 1))]++;
        total += (double)l->weight_count;
        free(w);
    }
    for (int bin = 0; bin < BINS; bin++) {
        tsv_text(histogram, KIND_NAMES[kind]);
        tsv_numbers(
            histogram, 3,
            (double[]){(double)depth, side * (2. * bin / (BINS - 1) - 1), count[bin] / total});
    }
}

// ---- the bound on the gradient ----

// ‖∇f‖ is at most the product of the layers' norms, and no matrix of n×m entries within ±c has a
// norm above c√(nm), which all entries c reach. ReLU's mask makes nothing longer.
// [bound]
static double gradient_bound(const Net *net) {
    double bound = 1;
    for (const Layer *l = net->layer; l < net->layer + net->count; l++)
        bound *= clip * sqrt((double)l->weight_count);
    return bound;
}
// [/bound]

static double largest_gradient(ToyGan *gan) {
    enum { SIDE = 41 };
    static double x[SIDE * SIDE][2], slope[SIDE * SIDE][2];
    for (int i = 0; i < SIDE * SIDE; i++)
        x[i][0] = 4. * (i % SIDE) / (SIDE - 1) - 2, x[i][1] = 4. * (i / SIDE) / (SIDE - 1) - 2;
    critic_evaluate(&gan->critic, SIDE * SIDE, x[0], NULL, slope[0]);
    double largest = 0;
    for (int i = 0; i < SIDE * SIDE; i++) largest = fmax(largest, hypot(slope[i][0], slope[i][1]));
    return largest;
}

// ---- verdicts ----

typedef struct {
    Range at_bound, most, kurtosis; // at the end; `most`: at ±c, at any look
    Range tightness;                // largest gradient over the bound
} Outcome;

static void run(const Backend *backend, const ToyData *data, Kind kind, int64_t depth, int64_t seed,
                Outcome *outcome) {
    ToyGanSettings chosen = settings_of(kind, depth, seed);
    ToyGan gan;
    toy_gan_build(&gan, backend, data, &chosen);
    if (kind == CLIPPED_BOX) critic_begin_within(&gan.critic, clip / 2);
    WeightShape s = look(&gan, kind, depth, seed, 0);
    double most = 0;
    for (int64_t k = 0, next = 1; k < updates; k++) {
        toy_gan_put_batch(&gan, k);
        critic_update(&gan.critic);
        if (k % 5 == 4) generator_update(&gan.generator, &gan.critic), gan.step++;
        if (k + 1 < updates * next / looks) continue;
        next++;
        s = look(&gan, kind, depth, seed, k + 1);
        if (!is_clipped(kind)) continue;
        most = fmax(most, s.at_bound);
        double largest = largest_gradient(&gan), bound = gradient_bound(&gan.critic.net);
        tsv_text(bounds, KIND_NAMES[kind]);
        tsv_numbers(bounds, 5,
                    (double[]){(double)depth, (double)seed, (double)(k + 1), largest, bound});
        range_widen(&outcome->tightness, largest / bound);
    }
    critic_losses(&gan.critic);
    range_widen(&outcome->at_bound, s.at_bound), range_widen(&outcome->most, most);
    range_widen(&outcome->kurtosis, s.kurtosis);
    if (seed == 0) write_histogram(&gan, kind, depth);
    toy_gan_free(&gan);
}

static void print_outcome(double depth, Kind kind, const Outcome *o) {
    printf("%6g  %-25s │ %14s │ %5.2f to %5.2f │ %s\n", depth, KIND_NAMES[kind],
           is_clipped(kind) ? text("%5.3f to %5.3f", o->at_bound.low, o->at_bound.high) : "",
           o->kurtosis.low, o->kurtosis.high,
           is_clipped(kind) ? text("%.2g to %.2g", o->tightness.low, o->tightness.high) : "");
}

static void judge_bound(Range tightness) {
    claim(&(Claim){
        .id = "C31",
        .statement = "clipping bounds the critic's gradient by the product of c√(n·m) over layers",
        .measured =
            text("largest gradient over bound: %.3g to %.3g", tightness.low, tightness.high),
        .expected = "at most 1",
        .tolerance = "none",
        .seeds = seeds,
        .verdict = tightness.high <= 1 ? HOLDS : FAILS,
        .known = HOLDS,
    });
}

// Faces: from a beginning inside the box, ten times the 1 % of weights that chance alone would put
// within 1 % of ±c. Bell: from a uniform beginning, a kurtosis nearer the normal's 3 than its 1.8.
static const double FACES = 0.1, BELL = 2.4;

static void judge_shapes(Outcome outcome[][KINDS]) {
    size_t faces = 0, bells = 0;
    const char *found = "";
    for (size_t d = 0; d < depths.count; d++) {
        const Outcome *o = outcome[d];
        faces += o[CLIPPED_BOX].most.low > FACES;
        bells += o[PENALISED_UNIFORM].kurtosis.low > BELL;
        found = text(
            "%s%s%g layers: %.2f to %.2f of the weights at ±c at most, from inside (at the "
            "end %.2f to %.2f; from He %.2f to %.2f); kurtosis %.2f to %.2f penalised from "
            "uniform (from normal %.2f to %.2f)",
            found, *found ? "; " : "", depths.at[d], o[CLIPPED_BOX].most.low,
            o[CLIPPED_BOX].most.high, o[CLIPPED_BOX].at_bound.low, o[CLIPPED_BOX].at_bound.high,
            o[CLIPPED_HE].at_bound.low, o[CLIPPED_HE].at_bound.high,
            o[PENALISED_UNIFORM].kurtosis.low, o[PENALISED_UNIFORM].kurtosis.high,
            o[PENALISED_NORMAL].kurtosis.low, o[PENALISED_NORMAL].kurtosis.high);
    }
    claim(&(Claim){
        .id = "C32",
        .statement = "clipping drives the weights to ±c, the penalty leaves a bell around 0",
        .measured = found,
        .expected = text("over %g at ±c from inside; kurtosis over %g from uniform (1.8), at every "
                         "depth",
                         FACES, BELL),
        .tolerance = "none",
        .seeds = seeds,
        .verdict = faces + bells == 2 * depths.count ? HOLDS
                   : faces + bells                   ? MIXED
                                                     : FAILS,
        .known = MIXED,
    });
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    ToyData data = toy_data_open("swissroll", NULL);
    const Backend *backend = trainer_backend();
    shapes = tsv_open("", "kind depth seed update layer at_bound kurtosis");
    histogram = tsv_open("histogram", "kind depth weight share");
    bounds = tsv_open("bound", "kind depth seed update gradient bound");

    Outcome(*outcome)[KINDS] = allocate(depths.count, sizeof *outcome);
    Range tightness = RANGE_EMPTY;
    int64_t runs = (int64_t)depths.count * KINDS * seeds, done = 0;
    printf("%6s  %-25s │ %14s │ %14s │ %s\n", "layers", "", "at ±c", "kurtosis", "gradient/bound");
    for (size_t d = 0; d < depths.count; d++)
        for (Kind kind = 0; kind < KINDS; kind++) {
            Outcome *o = &outcome[d][kind];
            *o = (Outcome){RANGE_EMPTY, RANGE_EMPTY, RANGE_EMPTY, RANGE_EMPTY};
            for (int64_t seed = 0; seed < seeds; seed++) {
                run(backend, &data, kind, (int64_t)depths.at[d], seed, o);
                progress(++done, runs, "%s, %g layers", KIND_NAMES[kind], depths.at[d]);
            }
            print_outcome(depths.at[d], kind, o);
            if (is_clipped(kind))
                range_widen(&tightness, o->tightness.low),
                    range_widen(&tightness, o->tightness.high);
        }
    judge_bound(tightness);
    judge_shapes(outcome);
    free(outcome);
    backend->close();
    return experiment_end();
}
