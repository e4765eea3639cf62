// Does the loss say how good the samples are? While generators train, the critic's estimate is held
// beside the exact W of the same points (Arjovsky, Chintala & Bottou 2017, section 4.2 and Figures
// 3 and 4): WGAN's should fall with it, the GAN's estimate of JS, ½V + log 2, should not. And how
// long clipping takes to a given W where the penalty trains (Gulrajani et al. 2017, section 3).
#include "experiments/common/toy_gan.h"
#include "toy/statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int64_t seeds, steps, warm_up, log_every, batch, look_points, width;
static double rate, wgan_rate, lambda, target;
static Reals clips;

static const Setting settings[] = {
    {"seeds", SETTING_INTEGER, &seeds, "1", "3", 1, 1000, NULL, "N", "Runs of each kind"},
    {"steps", SETTING_INTEGER, &steps, "400", "1500", 1, 1e9, NULL, "N", "Generator updates"},
    {"warm-up", SETTING_INTEGER, &warm_up, "100", NULL, 0, 1e9, NULL, "N",
     "Critic updates before the first generator update"},
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
    {"rate", SETTING_REAL, &rate, "1e-3", "5e-4", 1e-9, 10, NULL, "X",
     "Learning rate of Adam (0.5, 0.9): gan and wgan-gp"},
    {"wgan-rate", SETTING_REAL, &wgan_rate, "1e-3", "5e-4", 1e-9, 10, NULL, "X",
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

// ---- the kinds of run: gan, wgan-gp, and wgan once for every bound ----

static const char *const SET_NAMES[] = {"ring8", "swissroll"};
enum { SETS = 2, MOST_KINDS = 16 };
enum { KIND_GAN, KIND_PENALTY, KIND_CLIPPED };

static size_t kinds(void) {
    return KIND_CLIPPED + clips.count;
}

static const char *name_of(size_t kind) {
    return kind == KIND_GAN       ? "gan"
           : kind == KIND_PENALTY ? "wgan-gp"
                                  : text("wgan c=%g", clips.at[kind - KIND_CLIPPED]);
}

static ToyGanSettings settings_of(size_t kind, int64_t seed) {
    bool clipped = kind >= KIND_CLIPPED;
    Rule rule = clipped ? rule_default(RULE_RMSPROP, wgan_rate) : rule_adam(rate, 0.5, 0.9);
    return (ToyGanSettings){
        .critic = {.architecture = mlp_line(2, 4, width, 1),
                   .loss = kind == KIND_GAN ? GAN
                           : clipped        ? GAN_WASSERSTEIN
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
        .critic_iters = 5,
        .look_points = (size_t)look_points,
        .seed = common.seed + (uint64_t)seed,
    };
}

// ---- a comparison ----

// log σ(f), without overflow.
static double log_sigmoid(double f) {
    return fmin(f, 0) - log1p(exp(-fabs(f)));
}

// What the critic says of the points at hand, held-out and generated: E f_real − E f_fake, or
// ½(E log D_real + E log(1 − D_fake)) + log 2.
// [estimate]
static double estimate(ToyGan *gan, size_t kind) {
    size_t n = (size_t)look_points;
    double *f = allocate(2 * n, sizeof *f), sum = 0;
    critic_evaluate(&gan->critic, n, gan->held_out, f, NULL);
    critic_evaluate(&gan->critic, n, gan->sample, f + n, NULL);
    for (size_t i = 0; i < n; i++)
        sum +=
            kind == KIND_GAN ? (log_sigmoid(f[i]) + log_sigmoid(-f[n + i])) / 2 : f[i] - f[n + i];
    free(f);
    return sum / (double)n + (kind == KIND_GAN ? M_LN2 : 0);
}
// [/estimate]

typedef struct {
    double correlation; // of estimate and W over the run
    double reached;     // first step with W at most the target; infinity: never
    double w;           // at the end
} Run;

static Tsv *over_time, *by_run;

static Run run(const Backend *backend, const ToyData *data, size_t kind, int64_t seed) {
    ToyGanSettings chosen = settings_of(kind, seed);
    ToyGan gan;
    size_t looks = 0, room = (size_t)(steps / log_every) + 1;
    double *said = allocate(room, sizeof *said), *w = allocate(room, sizeof *w);
    Run r = {.reached = INFINITY};
    toy_gan_build(&gan, backend, data, &chosen);
    double goal = target * toy_gan_floor(&gan);
    for (int64_t k = 0; k < warm_up; k++) toy_gan_put_batch(&gan, k), critic_update(&gan.critic);
    while (gan.step < steps) {
        toy_gan_step(&gan);
        if (gan.step % log_every) continue;
        critic_losses(&gan.critic);
        toy_gan_look(&gan);
        said[looks] = estimate(&gan, kind), w[looks] = toy_gan_w(&gan);
        if (w[looks] <= goal) r.reached = fmin(r.reached, (double)gan.step);
        tsv_text(over_time, data->name), tsv_text(over_time, name_of(kind));
        tsv_numbers(over_time, 4,
                    (double[]){(double)seed, (double)gan.step, said[looks], w[looks]});
        looks++;
    }
    r.w = w[looks - 1];
    r.correlation = statistics_rank_correlation(looks, said, w);
    tsv_text(by_run, data->name), tsv_text(by_run, name_of(kind));
    tsv_numbers(by_run, 5, (double[]){(double)seed, r.correlation, r.reached, r.w, goal / target});
    free(said), free(w);
    toy_gan_free(&gan);
    return r;
}

// ---- verdicts ----

typedef struct {
    double low, high;        // correlation
    double fastest, slowest; // steps to the target
} Kind;
static Kind outcome[SETS][MOST_KINDS];

static const char *steps_text(double step) {
    return isinf(step) ? "never" : text("%g", step);
}

static void run_all(const Backend *backend) {
    int64_t total = SETS * (int64_t)kinds() * seeds, done = 0;
    printf("%-10s %-12s │ %-24s │ steps to %g floors\n", "set", "loss", "rank correlation with W",
           target);
    for (int set = 0; set < SETS; set++) {
        ToyData data = toy_data_open(SET_NAMES[set], NULL);
        for (size_t kind = 0; kind < kinds(); kind++) {
            Kind *k = &outcome[set][kind];
            *k = (Kind){INFINITY, -INFINITY, INFINITY, -INFINITY};
            for (int64_t seed = 0; seed < seeds; seed++) {
                Run r = run(backend, &data, kind, seed);
                k->low = fmin(k->low, r.correlation), k->high = fmax(k->high, r.correlation);
                k->fastest = fmin(k->fastest, r.reached), k->slowest = fmax(k->slowest, r.reached);
                progress(++done, total, "%s on %s: W %.3f", name_of(kind), SET_NAMES[set], r.w);
            }
            printf("%-10s %-12s │ %6.3f to %6.3f         │ %s to %s\n", SET_NAMES[set],
                   name_of(kind), k->low, k->high, steps_text(k->fastest), steps_text(k->slowest));
        }
        toy_data_free(&data);
    }
    putchar('\n');
}

static const double CLOSE = 0.9;

static void judge_tracking(void) {
    double wasserstein = INFINITY, penalty = INFINITY, gan = -INFINITY;
    const char *list = "";
    for (int set = 0; set < SETS; set++)
        for (size_t kind = 0; kind < kinds(); kind++) {
            const Kind *k = &outcome[set][kind];
            list = text("%s%s%s %s %.2f to %.2f", list, *list ? ", " : "", SET_NAMES[set],
                        name_of(kind), k->low, k->high);
            if (kind == KIND_GAN) gan = fmax(gan, k->high);
            if (kind == KIND_PENALTY) penalty = fmin(penalty, k->low);
            if (kind >= KIND_CLIPPED) wasserstein = fmin(wasserstein, k->low);
        }
    bool wgan_tracks = wasserstein >= CLOSE, penalty_tracks = penalty >= CLOSE,
         gan_does_not = gan < CLOSE;
    int parts = wgan_tracks + penalty_tracks + gan_does_not;
    claim(&(Claim){
        .id = "C27",
        .statement =
            "WGAN's and WGAN-GP's critic loss follows the true distance over training, the "
            "GAN's estimate of JS does not",
        .measured = list,
        .expected = text("rank correlation at least %g in every run of wgan and wgan-gp, below in "
                         "gan",
                         CLOSE),
        .tolerance = "none",
        .seeds = seeds,
        .verdict = parts == 3 ? HOLDS
                   : parts    ? MIXED
                              : FAILS,
        .known = MIXED,
    });
}

static void judge_speed(void) {
    bool penalty_arrives = true;
    int slower = 0, cases = 0;
    const char *list = "";
    for (int set = 0; set < SETS; set++) {
        const Kind *penalised = &outcome[set][KIND_PENALTY];
        penalty_arrives &= isfinite(penalised->slowest);
        for (size_t kind = KIND_PENALTY; kind < kinds(); kind++) {
            const Kind *k = &outcome[set][kind];
            list = text("%s%s%s %s %s to %s", list, *list ? ", " : "", SET_NAMES[set],
                        name_of(kind), steps_text(k->fastest), steps_text(k->slowest));
            if (kind >= KIND_CLIPPED) cases++, slower += k->fastest > penalised->slowest;
        }
    }
    claim(&(Claim){
        .id = "C35",
        .statement = "clipping is slow, or does not arrive, where the penalty trains",
        .measured = text("steps to %g floors: %s", target, list),
        .expected = "the penalty arrives in every run, and its slowest before any clipped one",
        .tolerance = text("%lld steps", (long long)log_every),
        .seeds = seeds,
        .verdict = penalty_arrives && slower == cases ? HOLDS
                   : slower                           ? MIXED
                                                      : FAILS,
        .known = FAILS,
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
