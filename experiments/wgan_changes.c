// From GAN to WGAN in four changes: no sigmoid, no logarithm, clipped weights, no momentum
// (Arjovsky, Chintala & Bottou 2017, algorithm 1). Do they train a generator, and what does each of
// them do? Each is undone in turn, on two sets; and a generator is trained with and without batch
// norm, whose absence the source says WGAN does not mind.
#include "experiments/common/toy_gan.h"
#include "toy/statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int64_t seeds, steps, log_every, batch, width, look_points;
static double rate, clip;

static const Setting settings[] = {
    {"seeds", SETTING_INTEGER, &seeds, "1", "3", 1, 1000, NULL, "N",
     "Runs of each variant and set"},
    {"steps", SETTING_INTEGER, &steps, "300", "2000", 1, 1e9, NULL, "N", "Generator updates"},
    {"log-every", SETTING_INTEGER, &log_every, "50", "200", 1, 1e9, NULL, "N",
     "Steps between measurements"},
    {"rate", SETTING_REAL, &rate, "1e-3", "2e-4", 1e-9, 10, NULL, "X",
     "Learning rate of all optimisers (algorithm 1: 5e-5)"},
    {"clip", SETTING_REAL, &clip, "0.05", NULL, 1e-9, 10, NULL, "C",
     "The clipping bound (algorithm 1: 0.01)"},
    {"batch", SETTING_INTEGER, &batch, "64", NULL, 1, 65536, NULL, "N", "Points in a batch"},
    {"width", SETTING_INTEGER, &width, "64", "128", 1, 65536, NULL, "N",
     "Units in each of three hidden layers, of both networks"},
    {"look-points", SETTING_INTEGER, &look_points, "256", "1024", 2, 20000, NULL, "N",
     "Generated and held-out points that W is measured between"},
    {0},
};

static const Program program = {
    .name = "wgan_changes",
    .summary =
        "WGAN with clipping, with each of its four changes undone, and with batch norm in the "
        "generator, by the exact W over training.",
    .details =
        "Writes wgan_changes.tsv (W over time), wgan_changes_final.tsv (W at the end by run) "
        "and the claims C25 and C30.\n\n"
        "  experiments/wgan_changes --rate 5e-5 --clip 0.01 --steps 20000",
    .settings = settings,
    .threads = 1,
};

// [variants]
typedef enum {
    WGAN,
    WITH_SIGMOID,
    WITH_LOG,
    UNCLIPPED,
    WITH_MOMENTUM,
    PLAIN_GAN,
    VARIANTS
} Variant;
static const char *const VARIANT_NAMES[] = {"wgan",        "sigmoid kept",  "log kept",
                                            "not clipped", "momentum kept", "gan, all undone"};

// The sigmoid stands on the critic, whose mean difference is then bounded; the logarithm brings the
// discriminator's loss back, of a clipped network.
static CriticSettings critic_of(Variant v) {
    bool logarithm = v == WITH_LOG || v == PLAIN_GAN,
         momentum = v == WITH_MOMENTUM || v == PLAIN_GAN;
    const char *line = mlp_line(2, 4, width, 1);
    return (CriticSettings){.architecture = v == WITH_SIGMOID ? text("%s sigmoid", line) : line,
                            .loss = logarithm ? GAN : GAN_WASSERSTEIN,
                            .init = INIT_HE_NORMAL,
                            .rule = momentum ? rule_adam(rate, 0.9, 0.999)
                                             : rule_default(RULE_RMSPROP, rate),
                            .clip = v == UNCLIPPED || v == PLAIN_GAN ? 0 : clip,
                            .batch = (size_t)batch};
}
// [/variants]

static GeneratorSettings generator_of(Variant v, bool batch_norm) {
    CriticSettings critic = critic_of(v);
    const char *line = mlp_line(2, 4, width, 2);
    if (batch_norm)
        line =
            text("input 2; linear %lld bn relu; linear %lld bn relu; linear %lld bn relu; linear 2",
                 (long long)width, (long long)width, (long long)width);
    return (GeneratorSettings){
        .architecture = line, .init = INIT_HE_NORMAL, .rule = critic.rule, .batch = (size_t)batch};
}

// ---- the runs ----

static const char *const SET_NAMES[] = {"ring8", "swissroll"};
enum { SETS = 2, LAST_LOOKS = 5, MOST_SEEDS = 1000 };

static Tsv *over_time, *at_end;

// W at the end: the mean of the last looks, as some variants circle. Infinite where the run left
// the finite numbers, which an unclipped critic may.
static double run(const Backend *backend, const ToyData *data, Variant v, bool batch_norm,
                  int64_t seed, double *start) {
    ToyGanSettings chosen = {.critic = critic_of(v),
                             .generator = generator_of(v, batch_norm),
                             .critic_iters = 5,
                             .look_points = (size_t)look_points,
                             .seed = common.seed + (uint64_t)seed};
    const char *name = batch_norm ? text("%s, batch norm", VARIANT_NAMES[v]) : VARIANT_NAMES[v];
    double last[LAST_LOOKS], w = INFINITY;
    int64_t looks = 0;
    ToyGan gan;
    toy_gan_build(&gan, backend, data, &chosen);
    for (; gan.step <= steps; toy_gan_step(&gan)) {
        if (gan.step % log_every) continue;
        toy_gan_look(&gan);
        if (!isfinite(gan.sample[0])) break;
        w = toy_gan_w(&gan);
        if (gan.step == 0) *start = w;
        last[looks++ % LAST_LOOKS] = w;
        tsv_text(over_time, data->name), tsv_text(over_time, name);
        tsv_numbers(over_time, 3, (double[]){(double)seed, (double)gan.step, w});
    }
    bool finished = gan.step > steps;
    size_t kept = (size_t)(looks < LAST_LOOKS ? looks : LAST_LOOKS);
    w = finished ? statistics_summary(kept, last).mean : INFINITY;
    tsv_text(at_end, data->name), tsv_text(at_end, name);
    tsv_numbers(at_end, 4, (double[]){(double)seed, *start, w, toy_gan_floor(&gan)});
    toy_gan_free(&gan);
    return w;
}

typedef struct {
    Summary w;
    double share; // largest W at the end over W at the start
} Outcome;

static Outcome outcome_of(const Backend *backend, int set, Variant v, bool batch_norm) {
    ToyData data = toy_data_open(SET_NAMES[set], NULL);
    static double w[MOST_SEEDS];
    Outcome o = {.share = 0};
    for (int64_t seed = 0; seed < seeds; seed++) {
        double start = NAN;
        w[seed] = run(backend, &data, v, batch_norm, seed, &start);
        o.share = fmax(o.share, w[seed] / start);
    }
    o.w = statistics_summary((size_t)seeds, w);
    toy_data_free(&data);
    printf("%-10s %-28s │ %.3f (%.3f to %.3f) │ %.2f\n", SET_NAMES[set],
           batch_norm ? text("%s, batch norm", VARIANT_NAMES[v]) : VARIANT_NAMES[v], o.w.mean,
           o.w.low, o.w.high, o.share);
    return o;
}

// ---- verdicts ----

static const double TRAINED = 0.5; // of the W at the start

static void judge_changes(Outcome outcome[SETS][VARIANTS]) {
    bool trains = true;
    const char *list = "";
    for (int set = 0; set < SETS; set++) {
        trains &= outcome[set][WGAN].share <= TRAINED;
        list = text("%s%s%s:", list, *list ? "; " : "", SET_NAMES[set]);
        for (Variant v = 0; v < VARIANTS; v++)
            list =
                text("%s%s %s %.3f", list, v ? "," : "", VARIANT_NAMES[v], outcome[set][v].w.mean);
    }
    claim(&(Claim){
        .id = "C25",
        .statement = "the four changes from GAN to WGAN suffice to train",
        .measured = text("W at the end, %s", list),
        .expected = text("wgan: at most %g of W at the start in every run", TRAINED),
        .tolerance = "none",
        .seeds = seeds,
        .verdict = trains ? HOLDS : FAILS,
        .known = HOLDS,
    });
}

static void judge_batch_norm(Outcome plain[SETS][VARIANTS], Outcome normed[SETS][2]) {
    bool trains = true;
    const char *list = "";
    for (int set = 0; set < SETS; set++) {
        trains &= plain[set][WGAN].share <= TRAINED;
        list = text("%s%s%s: wgan %.3f (with batch norm %.3f), gan %.3f (with batch norm %.3f)",
                    list, *list ? "; " : "", SET_NAMES[set], plain[set][WGAN].w.mean,
                    normed[set][0].w.mean, plain[set][PLAIN_GAN].w.mean, normed[set][1].w.mean);
    }
    claim(&(Claim){
        .id = "C30",
        .statement = "a plain generator without batch norm trains under WGAN",
        .measured = text("W at the end, %s", list),
        .expected =
            text("wgan without batch norm: at most %g of W at the start in every run", TRAINED),
        .tolerance = "none",
        .seeds = seeds,
        .verdict = trains ? HOLDS : FAILS,
        .known = HOLDS,
    });
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    const Backend *backend = trainer_backend();
    over_time = tsv_open("", "set variant seed step W");
    at_end = tsv_open("final", "set variant seed start W floor");
    Outcome plain[SETS][VARIANTS], normed[SETS][2];
    int64_t total = SETS * (VARIANTS + 2), done = 0;
    printf("%-10s %-28s │ %-22s │ of W at the start\n", "set", "variant", "W at the end (range)");
    for (int set = 0; set < SETS; set++) {
        for (Variant v = 0; v < VARIANTS; v++) {
            plain[set][v] = outcome_of(backend, set, v, false);
            progress(++done, total, "%s on %s", VARIANT_NAMES[v], SET_NAMES[set]);
        }
        normed[set][0] = outcome_of(backend, set, WGAN, true);
        normed[set][1] = outcome_of(backend, set, PLAIN_GAN, true);
        progress(done += 2, total, "batch norm on %s", SET_NAMES[set]);
    }
    judge_changes(plain);
    judge_batch_norm(plain, normed);
    backend->close();
    return experiment_end();
}
