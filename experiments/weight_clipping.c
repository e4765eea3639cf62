// Where do a critic's weights end? Clipping pushes them onto ±c, the penalty leaves a bell
// (Gulrajani et al. 2017, section 3 and Figure 1b, right). Both are started from two
// initialisations, so that neither the faces of the box nor the bell are only what they began with;
// and the gradient that clipping allows is held beside its bound. A critic whose weights never move
// has learned nothing, so its weights say nothing: it is called dead and judged as such.
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
    {"seeds", SETTING_INTEGER, &seeds, "2", "3", 1, 1000, NULL, "N", "Runs of each kind"},
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
    .details = "Writes weight_clipping.tsv (share of weights at ±c, kurtosis and how far they "
               "moved, by layer and update), weight_clipping_histogram.tsv (hidden weights of the "
               "first seed at the end), weight_clipping_bound.tsv (gradients beside the bound, "
               "also of the critic whose weights are all c) and the claims C31 and C32.\n\n"
               "  experiments/weight_clipping --clip 0.1 --depths 4",
    .settings = settings,
    .threads = 1,
};

// ---- the critics ----

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
    double moved;    // since the first update: root mean square of the change, over that of w then
} WeightShape;

static double *weights_of(const Net *net, const Layer *layer) {
    real *numbers = allocate(layer->weight_count, sizeof *numbers);
    double *w = allocate(layer->weight_count, sizeof *w);
    net->backend->download(numbers, layer->weight, layer->weight_count * sizeof *numbers);
    for (size_t i = 0; i < layer->weight_count; i++) w[i] = (double)numbers[i];
    free(numbers);
    return w;
}

// Of every layer, into begun[count] arrays that are there already or NULL.
static void remember(const Net *net, double **begun) {
    for (int k = 0; k < net->count; k++) {
        free(begun[k]);
        begun[k] = weights_of(net, &net->layer[k]);
    }
}

// c 0: the share is NAN.
static WeightShape shape_of(size_t n, const double *w, const double *begun, double c) {
    double mean = 0, second = 0, fourth = 0, change = 0, size = 0;
    size_t at_bound = 0;
    for (size_t i = 0; i < n; i++) mean += w[i] / (double)n, at_bound += fabs(w[i]) >= 0.99 * c;
    for (size_t i = 0; i < n; i++) {
        double square = (w[i] - mean) * (w[i] - mean);
        second += square / (double)n, fourth += square * square / (double)n;
        change += (w[i] - begun[i]) * (w[i] - begun[i]), size += begun[i] * begun[i];
    }
    return (WeightShape){c > 0 ? (double)at_bound / (double)n : NAN,
                         second > 0 ? fourth / (second * second) : NAN, sqrt(change / size)};
}

static Tsv *shapes, *histogram, *bounds;

// The hidden layers, those with n×n weights; where there is none, all.
static bool is_inner(const Net *net, int k) {
    return net->count <= 2 || (k > 0 && k < net->count - 1);
}

// Rows of the table; returns the mean over the hidden layers.
static WeightShape look(const Net *net, double **begun, Kind kind, int64_t depth, int64_t seed,
                        int64_t update) {
    WeightShape mean = {0, 0, 0};
    int inner = 0;
    for (int k = 0; k < net->count; k++) {
        double *w = weights_of(net, &net->layer[k]);
        WeightShape s =
            shape_of(net->layer[k].weight_count, w, begun[k], is_clipped(kind) ? clip : 0);
        free(w);
        tsv_text(shapes, KIND_NAMES[kind]);
        tsv_numbers(shapes, 7,
                    (double[]){(double)depth, (double)seed, (double)update, k + 1, s.at_bound,
                               s.kurtosis, s.moved});
        if (!is_inner(net, k)) continue;
        inner++, mean.at_bound += s.at_bound, mean.kurtosis += s.kurtosis, mean.moved += s.moved;
    }
    return (WeightShape){mean.at_bound / inner, mean.kurtosis / inner, mean.moved / inner};
}

// Of the hidden layers' weights together, in bins of which two have their middles at ±c, or over
// five of the deviations that penalised critics begin with. What lies outside, one weight in a
// million of a bell, goes to the last bins.
static void write_histogram(const Net *net, Kind kind, int64_t depth) {
    enum { BINS = 81 };
    double count[BINS] = {0}, total = 0;
    double side = is_clipped(kind) ? 1.25 * clip : 5 * sqrt(2 / (double)width);
    for (int k = 0; k < net->count; k++) {
        if (!is_inner(net, k)) continue;
        size_t n = net->layer[k].weight_count;
        double *w = weights_of(net, &net->layer[k]);
        for (size_t i = 0; i < n; i++)
            count[(int)lround(fmin(fmax((w[i] / side + 1) / 2, 0), 1) * (BINS - 1))]++;
        total += (double)n;
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

static double largest_gradient(Critic *critic) {
    enum { SIDE = 41 };
    static double x[SIDE * SIDE][2], slope[SIDE * SIDE][2];
    for (int i = 0; i < SIDE * SIDE; i++)
        x[i][0] = 4. * (i % SIDE) / (SIDE - 1) - 2, x[i][1] = 4. * (i / SIDE) / (SIDE - 1) - 2;
    critic_evaluate(critic, SIDE * SIDE, x[0], NULL, slope[0]);
    double largest = 0;
    for (int i = 0; i < SIDE * SIDE; i++) largest = fmax(largest, hypot(slope[i][0], slope[i][1]));
    return largest;
}

static void write_bound(const char *kind, int64_t depth, int64_t seed, int64_t update,
                        double gradient, double bound) {
    tsv_text(bounds, kind);
    tsv_numbers(bounds, 5,
                (double[]){(double)depth, (double)seed, (double)update, gradient, bound});
}

// [attained]
// Largest gradient over bound of the critic whose weights are all c and whose biases are 0: by the
// derivation 1, at every x with positive coordinates.
static double attained(const Backend *backend, int64_t depth) {
    ToyGanSettings chosen = settings_of(CLIPPED_BOX, depth, 0);
    Critic critic;
    critic_build(&critic, backend, &chosen.critic, 0);
    const Net *net = &critic.net;
    for (const Layer *l = net->layer; l < net->layer + net->count; l++) {
        backend->fill(l->weight_count, (real)clip, l->weight);
        backend->fill(l->bias_count, 0, l->bias);
    }
    double gradient = largest_gradient(&critic), bound = gradient_bound(net);
    write_bound("all c", depth, 0, 0, gradient, bound);
    critic_free(&critic);
    return gradient / bound;
}
// [/attained]

// ---- the runs ----

// Over seeds, at the end but for `most` and the ratios, which are of all looks.
typedef struct {
    Range at_bound, most, kurtosis, moved;
    Range alive, dead; // largest gradient over the bound, in critics that train and that do not
} Outcome;

// A critic is dead whose hidden weights end within a hundredth of where the first update left them.
static const double MOVES = 0.01;

static bool is_dead(Range moved) {
    return !(moved.high > MOVES);
}

static void run(const Backend *backend, const ToyData *data, Kind kind, int64_t depth, int64_t seed,
                Outcome *outcome) {
    ToyGanSettings chosen = settings_of(kind, depth, seed);
    ToyGan gan;
    toy_gan_build(&gan, backend, data, &chosen);
    const Net *net = &gan.critic.net;
    if (kind == CLIPPED_BOX) critic_begin_within(&gan.critic, clip / 2);
    double **begun = allocate((size_t)net->count, sizeof *begun), most = 0;
    remember(net, begun);
    Range tightness = RANGE_EMPTY;
    WeightShape s = look(net, begun, kind, depth, seed, 0);
    for (int64_t k = 0, next = 1; k < updates; k++) {
        toy_gan_put_batch(&gan, k);
        critic_update(&gan.critic);
        if (k == 0) remember(net, begun); // what the first clip throws has not been trained
        if (k % 5 == 4) generator_update(&gan.generator, &gan.critic), gan.step++;
        if (k + 1 < updates * next / looks) continue;
        next++;
        s = look(net, begun, kind, depth, seed, k + 1);
        if (!is_clipped(kind)) continue;
        most = fmax(most, s.at_bound);
        double largest = largest_gradient(&gan.critic), bound = gradient_bound(net);
        write_bound(KIND_NAMES[kind], depth, seed, k + 1, largest, bound);
        range_widen(&tightness, largest / bound);
    }
    critic_losses(&gan.critic);
    range_widen(&outcome->at_bound, s.at_bound), range_widen(&outcome->most, most);
    range_widen(&outcome->kurtosis, s.kurtosis), range_widen(&outcome->moved, s.moved);
    bool dead = is_dead((Range){s.moved, s.moved});
    range_join(dead ? &outcome->dead : &outcome->alive, tightness);
    if (seed == 0) write_histogram(net, kind, depth);
    for (int l = 0; l < net->count; l++) free(begun[l]);
    free(begun);
    toy_gan_free(&gan);
}

static void print_outcome(double depth, Kind kind, const Outcome *o) {
    Range ratio = o->alive;
    range_join(&ratio, o->dead);
    printf("%6g  %-25s │ %14s │ %5.2f to %5.2f │ %7.2g to %-7.2g │ %s\n", depth, KIND_NAMES[kind],
           is_clipped(kind) ? text("%5.3f to %5.3f", o->at_bound.low, o->at_bound.high) : "",
           o->kurtosis.low, o->kurtosis.high, o->moved.low, o->moved.high,
           is_clipped(kind) ? text("%.2g to %.2g", ratio.low, ratio.high) : "");
}

// ---- verdicts ----

typedef struct {
    Range alive, dead, attained; // over all runs, and over the critics of weights c
} Tightness;

// Single precision, through as many layers as there are.
static const double ROUNDING = 1e-4;

// Nowhere above the bound, and there where the derivation puts a critic: without the second, a
// gradient of 0 would do.
static Verdict verdict_bound(const Tightness *t) {
    bool below = fmax(t->alive.high, t->dead.high) <= 1 + ROUNDING;
    bool reached = t->attained.low >= 1 - ROUNDING && t->attained.high <= 1 + ROUNDING;
    return below && reached ? HOLDS : FAILS;
}

static void judge_bound(const Tightness *t) {
    claim(&(Claim){
        .id = "C31",
        .statement = "clipping bounds the critic's gradient by the product of c√(n·m) over layers",
        .measured =
            text("largest gradient over bound: %s; %s; %.6f to %.6f in the critic whose "
                 "weights are all c",
                 t->alive.high >= 0
                     ? text("%.2g to %.2g in critics that train", t->alive.low, t->alive.high)
                     : "no clipped critic trains",
                 t->dead.high >= 0 ? text("%.2g to %.2g in dead ones", t->dead.low, t->dead.high)
                                   : "none is dead",
                 t->attained.low, t->attained.high),
        .expected = "at most 1; 1 in the last",
        .tolerance = text("%g", ROUNDING),
        .seeds = seeds,
        .verdict = verdict_bound(t),
        .known = HOLDS,
    });
}

// Faces: from a beginning inside the box, ten times the 1 % of weights that chance alone would put
// within 1 % of ±c. Bell: from a uniform beginning, a kurtosis nearer the normal's 3 than its 1.8.
static const double FACES = 0.1, BELL = 2.4;

// Of the critics that train. Weights that nothing has moved are neither driven to ±c nor left as a
// bell: depths at which no run of a kind trains do not count, and at least one must.
static bool to_the_faces(size_t count, Outcome outcome[][KINDS]) {
    size_t trained = 0, faces = 0;
    for (size_t d = 0; d < count; d++) {
        const Outcome *o = &outcome[d][CLIPPED_BOX];
        if (is_dead(o->moved)) continue;
        trained++, faces += o->most.low > FACES;
    }
    return trained && faces == trained;
}

static bool to_a_bell(size_t count, Outcome outcome[][KINDS]) {
    size_t trained = 0, bells = 0;
    for (size_t d = 0; d < count; d++) {
        const Outcome *o = &outcome[d][PENALISED_UNIFORM];
        if (is_dead(o->moved)) continue;
        trained++, bells += o->kurtosis.low > BELL;
    }
    return trained && bells == trained;
}

static Verdict verdict_shapes(size_t count, Outcome outcome[][KINDS]) {
    bool faces = to_the_faces(count, outcome), bell = to_a_bell(count, outcome);
    return faces && bell ? HOLDS : faces || bell ? MIXED : FAILS;
}

static const char *faces_found(const Outcome *box, const Outcome *he) {
    if (is_dead(box->moved))
        return text("clipped critics dead (weights moved by %.1g of their size, from He %.1g)",
                    box->moved.high, he->moved.high);
    return text("%.2f to %.2f of the weights at ±c at most, from inside (at the end %.2f to %.2f; "
                "from He %.2f to %.2f)",
                box->most.low, box->most.high, box->at_bound.low, box->at_bound.high,
                he->at_bound.low, he->at_bound.high);
}

static void judge_shapes(Outcome outcome[][KINDS]) {
    const char *found = "";
    for (size_t d = 0; d < depths.count; d++) {
        const Outcome *o = outcome[d], *uniform = o + PENALISED_UNIFORM;
        found = text("%s%s%g layers: %s; kurtosis %.2f to %.2f penalised from uniform, weights "
                     "moved by %.2g to %.2g of their size (from normal %.2f to %.2f)",
                     found, *found ? "; " : "", depths.at[d],
                     faces_found(&o[CLIPPED_BOX], &o[CLIPPED_HE]), uniform->kurtosis.low,
                     uniform->kurtosis.high, uniform->moved.low, uniform->moved.high,
                     o[PENALISED_NORMAL].kurtosis.low, o[PENALISED_NORMAL].kurtosis.high);
    }
    claim(&(Claim){
        .id = "C32",
        .statement = "clipping drives the weights to ±c, the penalty leaves a bell around 0",
        .measured = found,
        .expected = text("in critics that train, over %g at ±c from inside, and kurtosis over %g "
                         "from uniform (1.8)",
                         FACES, BELL),
        .tolerance = text("dead: weights moved by less than %g of their size", MOVES),
        .seeds = seeds,
        .verdict = verdict_shapes(depths.count, outcome),
        .known = MIXED,
    });
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    ToyData data = toy_data_open("swissroll", NULL);
    const Backend *backend = trainer_backend();
    shapes = tsv_open("", "kind depth seed update layer at_bound kurtosis moved");
    histogram = tsv_open("histogram", "kind depth weight share");
    bounds = tsv_open("bound", "kind depth seed update gradient bound");

    Outcome(*outcome)[KINDS] = allocate(depths.count, sizeof *outcome);
    Tightness tightness = {RANGE_EMPTY, RANGE_EMPTY, RANGE_EMPTY};
    int64_t runs = (int64_t)depths.count * KINDS * seeds, done = 0;
    printf("%6s  %-25s │ %14s │ %14s │ %18s │ %s\n", "layers", "", "at ±c", "kurtosis",
           "weights moved", "gradient/bound");
    for (size_t d = 0; d < depths.count; d++) {
        range_widen(&tightness.attained, attained(backend, (int64_t)depths.at[d]));
        for (Kind kind = 0; kind < KINDS; kind++) {
            Outcome *o = &outcome[d][kind];
            *o = (Outcome){RANGE_EMPTY, RANGE_EMPTY, RANGE_EMPTY,
                           RANGE_EMPTY, RANGE_EMPTY, RANGE_EMPTY};
            for (int64_t seed = 0; seed < seeds; seed++) {
                run(backend, &data, kind, (int64_t)depths.at[d], seed, o);
                progress(++done, runs, "%s, %g layers", KIND_NAMES[kind], depths.at[d]);
            }
            print_outcome(depths.at[d], kind, o);
            range_join(&tightness.alive, o->alive), range_join(&tightness.dead, o->dead);
        }
    }
    judge_bound(&tightness);
    judge_shapes(outcome);
    free(outcome);
    backend->close();
    return experiment_end();
}
