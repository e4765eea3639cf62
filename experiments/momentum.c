// Why WGAN gave up momentum: with Adam the critic's update pointed away from minus the gradient,
// and training became unstable (Arjovsky, Chintala & Bottou 2017, section 4). Measured: the cosine
// of the two at every update, before and after the clip, by optimiser and rate; and whether W at
// the end is worse than under the same Adam without momentum.
#include "experiments/common/toy_gan.h"
#include "toy/statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int64_t seeds, steps, batch, width, look_points;
static Reals rates;
static double clip;

static const Setting settings[] = {
    {"rates", SETTING_REALS, &rates, "1e-4,1e-3,1e-2", NULL, 1e-9, 10, NULL, "X,X,...",
     "Learning rates of the critic"},
    {"seeds", SETTING_INTEGER, &seeds, "2", "5", 1, 1000, NULL, "N", "Runs of each kind"},
    {"steps", SETTING_INTEGER, &steps, "300", "1000", 1, 1e9, NULL, "N",
     "Generator updates, five of the critic to each"},
    {"clip", SETTING_REAL, &clip, "0.05", NULL, 1e-9, 10, NULL, "C", "The clipping bound c"},
    {"batch", SETTING_INTEGER, &batch, "64", NULL, 1, 65536, NULL, "N", "Points in a batch"},
    {"width", SETTING_INTEGER, &width, "64", NULL, 1, 65536, NULL, "N",
     "Units in each of three hidden layers, of both networks"},
    {"look-points", SETTING_INTEGER, &look_points, "256", "1024", 2, 20000, NULL, "N",
     "Generated and held-out points that W is measured between"},
    {0},
};

static const Program program = {
    .name = "momentum",
    .summary = "Cosine between the clipped critic's update and minus its gradient under Adam, "
               "RMSProp and SGD, on the ring of Gaussians.",
    .details =
        "Writes momentum.tsv (cosines at the rate in the middle of --rates), momentum_runs.tsv "
        "(share of negative cosines, largest loss and final W by run) and the claim C29.\n\n"
        "  experiments/momentum --rates 1e-3 --clip 0.01",
    .settings = settings,
    .threads = 1,
};

// [optimisers]
// Without momentum each coordinate of the update is −gradient times something positive, so that the
// cosine cannot be negative: for those three it is algebra, and the measurement a check of it. The
// three Adams differ in β1 alone.
typedef enum { ADAM_09, ADAM_05, ADAM_0, RMSPROP, SGD, OPTIMISERS } Kind;
static const char *const NAMES[] = {"adam 0.9", "adam 0.5", "adam 0", "rmsprop", "sgd"};

static bool has_momentum(Kind kind) {
    return kind == ADAM_09 || kind == ADAM_05;
}

static Rule rule_of(Kind kind, double rate) {
    switch (kind) {
    case ADAM_09:
        return rule_adam(rate, 0.9, 0.999);
    case ADAM_05:
        return rule_adam(rate, 0.5, 0.999);
    case ADAM_0:
        return rule_adam(rate, 0, 0.999);
    case RMSPROP:
        return rule_default(RULE_RMSPROP, rate);
    default:
        return rule_default(RULE_SGD, rate);
    }
}
// [/optimisers]

// The critic is built without a clip, which follows by hand: the update can be seen before and
// after.
static ToyGanSettings settings_of(Kind kind, double rate, int64_t seed) {
    return (ToyGanSettings){
        .critic = {.architecture = mlp_line(2, 4, width, 1),
                   .loss = GAN_WASSERSTEIN,
                   .init = INIT_HE_NORMAL,
                   .rule = rule_of(kind, rate),
                   .batch = (size_t)batch},
        .generator = {.architecture = mlp_line(2, 4, width, 2),
                      .init = INIT_HE_NORMAL,
                      .rule = rule_default(RULE_RMSPROP, 5e-4),
                      .batch = (size_t)batch},
        .critic_iters = 5,
        .look_points = (size_t)look_points,
        .seed = common.seed + (uint64_t)seed,
    };
}

// ---- one update ----

typedef struct {
    double before, after; // cosine with −gradient of the step, and of the step with its clip
    double loss;
} Update;

static double *vector_of(const Net *net, const real *device) {
    real *numbers = allocate(net->weight_count, sizeof *numbers);
    double *v = allocate(net->weight_count, sizeof *v);
    net->backend->download(numbers, device, net->weight_count * sizeof *numbers);
    for (size_t i = 0; i < net->weight_count; i++) v[i] = (double)numbers[i];
    free(numbers);
    return v;
}

// Of to − from and −gradient; NAN where one of them is 0.
static double cosine(size_t n, const double *from, const double *to, const double *gradient) {
    double dd = 0, gg = 0, dg = 0;
    for (size_t i = 0; i < n; i++) {
        double d = to[i] - from[i];
        dd += d * d, gg += gradient[i] * gradient[i], dg -= d * gradient[i];
    }
    return dd > 0 && gg > 0 ? dg / sqrt(dd * gg) : NAN;
}

static Update update(ToyGan *gan) {
    Net *net = &gan->critic.net;
    double *from = vector_of(net, net->weights);
    critic_update(&gan->critic);
    double *gradient = vector_of(net, net->gradients), *stepped = vector_of(net, net->weights);
    net->backend->clip(net->plain_count, (real)clip, net->weights);
    double *clipped = vector_of(net, net->weights);
    CriticLosses losses = critic_losses(&gan->critic);
    Update u = {cosine(net->weight_count, from, stepped, gradient),
                cosine(net->weight_count, from, clipped, gradient), losses.real + losses.fake};
    free(from), free(gradient), free(stepped), free(clipped);
    return u;
}

// ---- one run ----

typedef struct {
    double updates, negative, negative_after; // how many cosines are below 0
    double least;                             // cosine before the clip
    double largest_loss, w;
} Run;

static Tsv *by_update, *by_run;

// In the table of updates: those at the rate in the middle, every so many of them, so that an
// optimiser has about a thousand.
static bool shown(double rate, double update) {
    int64_t every = 1 + 5 * steps * seeds / 1000;
    return rate == rates.at[rates.count / 2] && (int64_t)update % every == 0;
}

static void count(Run *r, Update u) {
    r->updates++, r->negative += u.before < 0, r->negative_after += u.after < 0;
    r->least = fmin(r->least, u.before);
    r->largest_loss = fmax(r->largest_loss, fabs(u.loss));
}

static Run run(const Backend *backend, const ToyData *data, Kind kind, double rate, int64_t seed) {
    ToyGanSettings chosen = settings_of(kind, rate, seed);
    ToyGan gan;
    Run r = {.least = INFINITY};
    toy_gan_build(&gan, backend, data, &chosen);
    critic_begin_within(&gan.critic, clip);
    for (; gan.step < steps; gan.step++) {
        for (int64_t k = 0; k < chosen.critic_iters; k++) {
            toy_gan_put_batch(&gan, k);
            Update u = update(&gan);
            count(&r, u);
            if (!shown(rate, r.updates)) continue;
            tsv_text(by_update, NAMES[kind]);
            tsv_numbers(by_update, 6,
                        (double[]){rate, (double)seed, r.updates, u.before, u.after, u.loss});
        }
        generator_update(&gan.generator, &gan.critic);
    }
    toy_gan_look(&gan);
    r.w = toy_gan_w(&gan);
    tsv_text(by_run, NAMES[kind]);
    tsv_numbers(by_run, 7,
                (double[]){rate, (double)seed, r.negative / r.updates, r.negative_after / r.updates,
                           r.least, r.largest_loss, r.w});
    toy_gan_free(&gan);
    return r;
}

// ---- verdict ----

// The runs of one optimiser and rate.
typedef struct {
    Summary share, share_after; // of negative cosines
    Summary loss, w;
    double least;
} Cell;
static Cell *cells[OPTIMISERS]; // [rates]

static void add(Cell *c, const Run *r) {
    c->least = c->share.count ? fmin(c->least, r->least) : r->least;
    summary_add(&c->share, r->negative / r->updates);
    summary_add(&c->share_after, r->negative_after / r->updates);
    summary_add(&c->loss, r->largest_loss), summary_add(&c->w, r->w);
}

static void print_cell(Kind kind, size_t k) {
    const Cell *c = &cells[kind][k];
    printf("%-9s %8g │ %6.2f to %6.2f │ %6.2f to %6.2f │ %6.3f │ %9.3g │ %.3f to %.3f\n",
           NAMES[kind], rates.at[k], 100 * c->share.low, 100 * c->share.high,
           100 * c->share_after.low, 100 * c->share_after.high, c->least, c->loss.high, c->w.low,
           c->w.high);
}

static const double TURNED = 0.01; // of the updates of every run

static double largest_share_without(void) {
    double share = 0;
    for (Kind kind = 0; kind < OPTIMISERS; kind++)
        for (size_t k = 0; !has_momentum(kind) && k < rates.count; k++)
            share = fmax(share, cells[kind][k].share.high);
    return share;
}

static void judge(void) {
    const char *list = "";
    int64_t turned = 0, worse = 0, asked = 0;
    for (Kind kind = 0; kind < OPTIMISERS; kind++)
        for (size_t k = 0; has_momentum(kind) && k < rates.count; k++, asked++) {
            const Cell *c = &cells[kind][k];
            bool suffers = summary_compare(&c->w, &cells[ADAM_0][k].w) > 0;
            turned += c->share.low >= TURNED, worse += suffers;
            list = text("%s%s at %g %.2f to %.2f %%, W %.3f to %.3f (%s); ", list, NAMES[kind],
                        rates.at[k], 100 * c->share.low, 100 * c->share.high, c->w.low, c->w.high,
                        suffers ? "worse" : "not worse");
        }
    double without = largest_share_without();
    claim(&(Claim){
        .id = "C29",
        .statement = "with momentum the clipped critic's update turns against minus the gradient, "
                     "and training is worse for it",
        .measured = text("negative cosines by run, %swithout momentum at most %.2f %%", list,
                         100 * without),
        .expected = text("adam 0.9 and 0.5 at each rate: at least %g %% in every run, and every W "
                         "above every one of adam 0; none without momentum",
                         100 * TURNED),
        .tolerance = "the ranges over seeds must not meet",
        .seeds = seeds,
        .verdict = !turned || without > 0              ? FAILS
                   : turned == asked && worse == asked ? HOLDS
                                                       : MIXED,
        .known = MIXED,
    });
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    ToyData data = toy_data_open("ring8", NULL);
    const Backend *backend = trainer_backend();
    by_update = tsv_open("", "optimiser rate seed update cosine cosine_clipped loss");
    by_run = tsv_open("runs", "optimiser rate seed negative negative_clipped least loss W");
    int64_t total = OPTIMISERS * (int64_t)rates.count * seeds, done = 0;
    printf("%-9s %8s │ %-16s │ %-16s │ %6s │ %9s │ %s\n", "optimiser", "rate", "negative, %",
           "after the clip", "least", "loss", "W");
    for (Kind kind = 0; kind < OPTIMISERS; kind++) {
        cells[kind] = allocate(rates.count, sizeof *cells[kind]);
        for (size_t k = 0; k < rates.count; k++) {
            for (int64_t seed = 0; seed < seeds; seed++) {
                Run r = run(backend, &data, kind, rates.at[k], seed);
                add(&cells[kind][k], &r);
                progress(++done, total, "%s at %g: W %.3f", NAMES[kind], rates.at[k], r.w);
            }
            print_cell(kind, k);
        }
    }
    judge();
    for (Kind kind = 0; kind < OPTIMISERS; kind++) free(cells[kind]);
    backend->close();
    toy_data_free(&data);
    return experiment_end();
}
