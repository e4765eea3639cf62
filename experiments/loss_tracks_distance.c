// Does the loss say how good the samples are? While generators train, the critic's estimate is held
// beside the exact W of the same points (Arjovsky, Chintala & Bottou 2017, section 4.2 and Figures
// 3 and 4): WGAN's should fall with it, the GAN's estimate of JS, ½V + log 2, should not. And how
// long clipping takes to a given W where the penalty trains (Gulrajani et al. 2017, section 3).
#include "experiments/common/toy_gan.h"
#include "toy/log_loss.h"
#include "toy/statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int64_t seeds, steps, critic_iters, early_iters, log_every, batch, look_points, width;
static double rate, wgan_rate, lambda, target;
static Reals clips;

static const Setting settings[] = {
    {"seeds", SETTING_INTEGER, &seeds, "2", "5", 1, 1000, NULL, "N", "Runs of each kind"},
    {"steps", SETTING_INTEGER, &steps, "500", "1500", 1, 1e9, NULL, "N", "Generator updates"},
    {"critic-iters", SETTING_INTEGER, &critic_iters, "5", NULL, 1, 1000, NULL, "N",
     "Critic updates to one of the generator"},
    {"early-iters", SETTING_INTEGER, &early_iters, "100", NULL, 1, 1000, NULL, "N",
     "The same in the first 25 steps and at every 500th"},
    {"log-every", SETTING_INTEGER, &log_every, "20", "50", 1, 1e9, NULL, "N",
     "Steps from one comparison to the next"},
    {"batch", SETTING_INTEGER, &batch, "128", NULL, 1, 65536, NULL, "N", "Points in a batch"},
    {"look-points", SETTING_INTEGER, &look_points, "512", "1024", 2, 20000, NULL, "N",
     "Generated and held-out points of each comparison"},
    {"width", SETTING_INTEGER, &width, "64", NULL, 1, 65536, NULL, "N",
     "Units in each of three hidden layers, of both networks"},
    {"clips", SETTING_REALS, &clips, "0.03,0.1", "0.01,0.03,0.1,0.3", 1e-6, 1e6, NULL, "C,C,...",
     "Clipping bounds of the WGANs"},
    {"lambda", SETTING_REAL, &lambda, "0.1", NULL, 1e-6, 1e6, NULL, "X", "wgan-gp's penalty"},
    {"rate", SETTING_REAL, &rate, "5e-4", NULL, 1e-9, 10, NULL, "X",
     "Learning rate of Adam (0.5, 0.9): nsgan and wgan-gp"},
    {"wgan-rate", SETTING_REAL, &wgan_rate, "5e-4", NULL, 1e-9, 10, NULL, "X",
     "Learning rate of RMSProp: wgan"},
    {"target", SETTING_REAL, &target, "3", NULL, 1, 1e6, NULL, "X",
     "The W to reach, in floors: the W of two samples of the data"},
    {0},
};

static const Program program = {
    .name = "loss_tracks_distance",
    .summary = "Critic losses beside the exact W while generators train: which losses tell how far "
               "the samples are; and how long clipping takes where the penalty trains.",
    .details = "Writes loss_tracks_distance.tsv (estimate and W over time), "
               "loss_tracks_distance_runs.tsv (rank correlation and steps to the target, by run) "
               "and the claims C27 and C35.\n\n"
               "  experiments/loss_tracks_distance --clips 0.05 --steps 2000",
    .settings = settings,
    .threads = 1,
};

// ---- the kinds of run ----

// The −log D GAN with one discriminator update to each of the generator, as GANs are trained; the
// same with as many as a critic gets, which brings V nearer to its largest value; wgan-gp; and wgan
// once for every bound.
static const char *const SET_NAMES[] = {"ring8", "swissroll"};
enum { SETS = 2, MOST_KINDS = 16 };
enum { KIND_GAN, KIND_LONG_GAN, KIND_PENALTY, KIND_CLIPPED };

static size_t kinds(void) {
    return KIND_CLIPPED + clips.count;
}

static const char *name_of(size_t kind) {
    static const char *const NAMES[] = {"nsgan", "nsgan long", "wgan-gp"};
    return kind < KIND_CLIPPED ? NAMES[kind] : text("wgan c=%g", clips.at[kind - KIND_CLIPPED]);
}

static bool is_gan(size_t kind) {
    return kind <= KIND_LONG_GAN;
}

// As the code published with the paper does: many updates as long as the critic knows nothing, and
// now and then later.
// [iters]
static int64_t iters_at(size_t kind, int64_t step) {
    if (kind == KIND_GAN) return 1;
    return step < 25 || step % 500 == 0 ? early_iters : critic_iters;
}
// [/iters]

static ToyGanSettings settings_of(size_t kind, int64_t seed) {
    bool clipped = kind >= KIND_CLIPPED;
    Rule rule = clipped ? rule_default(RULE_RMSPROP, wgan_rate) : rule_adam(rate, 0.5, 0.9);
    return (ToyGanSettings){
        .critic = {.architecture = mlp_line(2, 4, width, 1),
                   .loss = is_gan(kind) ? GAN_NONSATURATING
                           : clipped    ? GAN_WASSERSTEIN
                                        : GAN_WASSERSTEIN_GP,
                   .penalty = {.lambda = kind == KIND_PENALTY ? lambda : 0},
                   .init = INIT_HE_NORMAL,
                   .rule = rule,
                   .clip = clipped ? clips.at[kind - KIND_CLIPPED] : 0,
                   .batch = (size_t)batch},
        .generator = {.architecture = mlp_line(2, 4, width, 2),
                      .init = INIT_HE_NORMAL,
                      .rule = rule,
                      .batch = (size_t)batch},
        .critic_iters = iters_at(kind, 0),
        .look_points = (size_t)look_points,
        .seed = common.seed + (uint64_t)seed,
    };
}

// ---- a comparison ----

// What a critic says, from its values at n real and n generated points.
// [estimate]
// E f_real − E f_fake: K·W at the best K-Lipschitz f.
static double critic_value(size_t n, const double *f_real, const double *f_fake) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += f_real[i] - f_fake[i];
    return sum / (double)n;
}

// ½V + log 2 with V = E log σ(f_real) + E log(1 − σ(f_fake)): JS at the best f.
static double js_estimate(size_t n, const double *f_real, const double *f_fake) {
    double v = 0;
    for (size_t i = 0; i < n; i++)
        v += log_loss_stable(-f_real[i]).value + log_loss_stable(f_fake[i]).value;
    return v / (double)n / 2 + M_LN2;
}
// [/estimate]

static double estimate(ToyGan *gan, size_t kind) {
    size_t n = (size_t)look_points;
    double *f = allocate(2 * n, sizeof *f);
    critic_evaluate(&gan->critic, n, gan->held_out, f, NULL);
    critic_evaluate(&gan->critic, n, gan->sample, f + n, NULL);
    double value = (is_gan(kind) ? js_estimate : critic_value)(n, f, f + n);
    free(f);
    return value;
}

typedef struct {
    double correlation; // of estimate and W over the run
    double reached;     // first step with W at most the target; infinity: never
    double w;           // at the end
} Run;

static Tsv *over_time, *by_run;

static Run run(const Backend *backend, const ToyData *data, size_t kind, int64_t seed) {
    ToyGanSettings chosen = settings_of(kind, seed);
    ToyGan gan;
    size_t looks = 0, room = (size_t)(steps / log_every);
    double *said = allocate(room, sizeof *said), *w = allocate(room, sizeof *w);
    Run r = {.reached = INFINITY};
    toy_gan_build(&gan, backend, data, &chosen);
    double lowest = toy_gan_floor(&gan);
    while (looks < room) {
        gan.settings.critic_iters = iters_at(kind, gan.step);
        toy_gan_step(&gan);
        if (gan.step % log_every) continue;
        critic_losses(&gan.critic);
        toy_gan_look(&gan);
        said[looks] = estimate(&gan, kind), w[looks] = toy_gan_w(&gan);
        if (w[looks] <= target * lowest) r.reached = fmin(r.reached, (double)gan.step);
        tsv_text(over_time, data->name), tsv_text(over_time, name_of(kind));
        tsv_numbers(over_time, 4,
                    (double[]){(double)seed, (double)gan.step, said[looks], w[looks]});
        looks++;
    }
    r.w = w[looks - 1];
    r.correlation = statistics_rank_correlation(looks, said, w);
    tsv_text(by_run, data->name), tsv_text(by_run, name_of(kind));
    tsv_numbers(by_run, 5, (double[]){(double)seed, r.correlation, r.reached, r.w, lowest});
    free(said), free(w);
    toy_gan_free(&gan);
    return r;
}

// ---- what the runs of a kind come to ----

static const double CLOSE = 0.9;

typedef struct {
    int64_t runs, followers; // with a correlation of at least CLOSE
    Range correlation;
    Summary arrival; // step of those that reach the target
} Kind;
static Kind outcome[SETS][MOST_KINDS];

static void remember(Kind *k, const Run *r) {
    k->runs++;
    k->followers += r->correlation >= CLOSE;
    range_widen(&k->correlation, r->correlation);
    if (isfinite(r->reached)) summary_add(&k->arrival, r->reached);
}

static const char *arrival_text(const Kind *k) {
    if (!k->arrival.count) return "none";
    return text("%lld of %lld at %g to %g", (long long)k->arrival.count, (long long)k->runs,
                k->arrival.low, k->arrival.high);
}

static void run_all(const Backend *backend) {
    int64_t total = SETS * (int64_t)kinds() * seeds, done = 0;
    printf("%-10s %-12s │ %-23s │ runs that come to %g floors, and steps\n", "set", "loss",
           "rank correlation with W", target);
    for (int set = 0; set < SETS; set++) {
        ToyData data = toy_data_open(SET_NAMES[set], NULL);
        for (size_t kind = 0; kind < kinds(); kind++) {
            Kind *k = &outcome[set][kind];
            *k = (Kind){.correlation = RANGE_EMPTY};
            for (int64_t seed = 0; seed < seeds; seed++) {
                Run r = run(backend, &data, kind, seed);
                remember(k, &r);
                progress(++done, total, "%s on %s: W %.3f", name_of(kind), SET_NAMES[set], r.w);
            }
            printf("%-10s %-12s │ %6.3f to %6.3f        │ %s\n", SET_NAMES[set], name_of(kind),
                   k->correlation.low, k->correlation.high, arrival_text(k));
        }
        toy_data_free(&data);
    }
    putchar('\n');
}

// ---- verdicts ----

typedef struct {
    int64_t runs, followers;
} Share;

static Share share_of(size_t first, size_t end) {
    Share s = {0, 0};
    for (int set = 0; set < SETS; set++)
        for (size_t kind = first; kind < end; kind++)
            s.runs += outcome[set][kind].runs, s.followers += outcome[set][kind].followers;
    return s;
}

// That no GAN follows W says nothing where nothing else does: in part is where critics follow it
// more often than discriminators.
static Verdict verdict_tracking(Share gan, Share penalised, Share clipped) {
    Share critics = {penalised.runs + clipped.runs, penalised.followers + clipped.followers};
    if (critics.followers == critics.runs && !gan.followers) return HOLDS;
    return critics.followers * gan.runs > gan.followers * critics.runs ? MIXED : FAILS;
}

static void judge_tracking(void) {
    Share gan = share_of(KIND_GAN, KIND_PENALTY), penalised = share_of(KIND_PENALTY, KIND_CLIPPED),
          clipped = share_of(KIND_CLIPPED, kinds());
    const char *list = "";
    for (int set = 0; set < SETS; set++)
        for (size_t kind = 0; kind < kinds(); kind++) {
            const Kind *k = &outcome[set][kind];
            list = text("%s%s%s %s %.2f to %.2f", list, *list ? ", " : "", SET_NAMES[set],
                        name_of(kind), k->correlation.low, k->correlation.high);
        }
    claim(&(Claim){
        .id = "C27",
        .statement =
            "WGAN's and WGAN-GP's critic loss follows the true distance over training, the "
            "GAN's estimate of JS does not",
        .measured = text("at least %g in %lld of %lld runs of wgan-gp, %lld of %lld of wgan, %lld "
                         "of %lld of nsgan: %s",
                         CLOSE, (long long)penalised.followers, (long long)penalised.runs,
                         (long long)clipped.followers, (long long)clipped.runs,
                         (long long)gan.followers, (long long)gan.runs, list),
        .expected = text("rank correlation at least %g in every run of wgan and wgan-gp, in none "
                         "of nsgan; in part: more often",
                         CLOSE),
        .tolerance = "none",
        .seeds = seeds,
        .verdict = verdict_tracking(gan, penalised, clipped),
        .known = MIXED,
    });
}

// Fewer of its runs arrive, or as many and each later.
static bool is_slower(const Kind *clipped, const Kind *penalised) {
    if (clipped->arrival.count != penalised->arrival.count)
        return clipped->arrival.count < penalised->arrival.count;
    return summary_compare(&clipped->arrival, &penalised->arrival) > 0;
}

// On a set where most penalised runs arrive, clipping is slow if it is so at its best bound.
static bool is_slow_on(const Kind *kind, size_t count) {
    const Kind *penalised = &kind[KIND_PENALTY];
    bool slow = 2 * penalised->arrival.count > penalised->runs;
    for (size_t k = KIND_CLIPPED; k < count; k++) slow &= is_slower(&kind[k], penalised);
    return slow;
}

static Verdict verdict_speed(Kind kind[SETS][MOST_KINDS], size_t count) {
    int slow = 0;
    for (int set = 0; set < SETS; set++) slow += is_slow_on(kind[set], count);
    return slow == SETS ? HOLDS : slow ? MIXED : FAILS;
}

static void judge_speed(void) {
    const char *list = "";
    for (int set = 0; set < SETS; set++)
        for (size_t kind = KIND_PENALTY; kind < kinds(); kind++)
            list = text("%s%s%s %s %s", list, *list ? ", " : "", SET_NAMES[set], name_of(kind),
                        arrival_text(&outcome[set][kind]));
    claim(&(Claim){
        .id = "C35",
        .statement = "clipping is slow, or does not arrive, where the penalty trains",
        .measured = text("runs that come to %g floors, first and last step: %s", target, list),
        .expected = "on both sets most penalised runs arrive, and at every bound fewer clipped "
                    "ones, or as many and each later",
        .tolerance = text("%lld steps", (long long)log_every),
        .seeds = seeds,
        .verdict = verdict_speed(outcome, kinds()),
        .known = MIXED,
    });
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    if (kinds() > MOST_KINDS)
        fail(EXIT_USAGE, "--clips: at most %d bounds", MOST_KINDS - KIND_CLIPPED);
    if (steps < 2 * log_every)
        fail(EXIT_USAGE, "--steps %lld leaves fewer than two comparisons", (long long)steps);
    const Backend *backend = trainer_backend();
    over_time = tsv_open("", "set loss seed step estimate W");
    by_run = tsv_open("runs", "set loss seed correlation reached W floor");
    run_all(backend);
    judge_tracking();
    judge_speed();
    backend->close();
    return experiment_end();
}
