// From GAN to WGAN in four changes: no sigmoid, no logarithm, clipped weights, no momentum
// (Arjovsky, Chintala & Bottou 2017, algorithm 1). Do they train a generator, and is each of them
// needed? Each is undone in turn, on two sets, then all at once; and generators are trained with
// and without batch norm, whose absence the source says WGAN does not mind, and a GAN does.
#include "experiments/common/toy_gan.h"
#include "toy/statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int64_t seeds, steps, log_every, batch, width, look_points;
static double rate, clip;

static const Setting settings[] = {
    {"seeds", SETTING_INTEGER, &seeds, "2", "4", 1, 1000, NULL, "N",
     "Runs of each variant and set"},
    {"steps", SETTING_INTEGER, &steps, "400", "2000", 1, 1e9, NULL, "N", "Generator updates"},
    {"log-every", SETTING_INTEGER, &log_every, "20", "100", 1, 1e9, NULL, "N",
     "Steps between measurements"},
    {"rate", SETTING_REAL, &rate, "1e-3", "2e-4", 1e-9, 10, NULL, "X",
     "Learning rate of all optimisers (algorithm 1: 5e-5)"},
    {"clip", SETTING_REAL, &clip, "0.05", NULL, 1e-9, 10, NULL, "C",
     "The clipping bound (algorithm 1: 0.01)"},
    {"batch", SETTING_INTEGER, &batch, "64", NULL, 1, 65536, NULL, "N", "Points in a batch"},
    {"width", SETTING_INTEGER, &width, "48", "128", 1, 65536, NULL, "N",
     "Units in each of three hidden layers, of both networks"},
    {"look-points", SETTING_INTEGER, &look_points, "256", "1024", 2, 20000, NULL, "N",
     "Generated and held-out points that W is measured between"},
    {0},
};

static const Program program = {
    .name = "wgan_changes",
    .summary =
        "WGAN with clipping, with each of its four changes undone, beside a GAN, both also with "
        "batch norm in the generator, by the exact W over training.",
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
    WITH_MORE_MOMENTUM,
    ALL_UNDONE,
    AS_PRACTISED,
    VARIANTS
} Variant;
static const char *const VARIANT_NAMES[] = {"wgan",        "sigmoid kept", "log kept",
                                            "not clipped", "momentum 0.5", "momentum 0.9",
                                            "all undone",  "gan"};

static bool is_gan(Variant v) {
    return v == ALL_UNDONE || v == AS_PRACTISED;
}

static Rule rule_of(Variant v) {
    if (v == WITH_MORE_MOMENTUM) return rule_adam(rate, 0.9, 0.999);
    if (v == WITH_MOMENTUM || is_gan(v)) return rule_adam(rate, 0.5, 0.999);
    return rule_default(RULE_RMSPROP, rate);
}

// The sigmoid stands on the critic, whose mean difference is then bounded. The logarithm brings the
// discriminator's loss back, with −log D for the generator, as GANs are trained.
static CriticSettings critic_of(Variant v) {
    const char *line = mlp_line(2, 4, width, 1);
    return (CriticSettings){.architecture = v == WITH_SIGMOID ? text("%s sigmoid", line) : line,
                            .loss =
                                v == WITH_LOG || is_gan(v) ? GAN_NONSATURATING : GAN_WASSERSTEIN,
                            .init = INIT_HE_NORMAL,
                            .rule = rule_of(v),
                            .clip = v == UNCLIPPED || is_gan(v) ? 0 : clip,
                            .batch = (size_t)batch};
}

// Algorithm 1 has five updates of the critic to one of the generator, a GAN mostly one of each.
static int64_t critic_iters_of(Variant v) {
    return v == AS_PRACTISED ? 1 : 5;
}
// [/variants]

static GeneratorSettings generator_of(Variant v, bool batch_norm) {
    const char *line = mlp_line(2, 4, width, 2);
    if (batch_norm)
        line =
            text("input 2; linear %lld bn relu; linear %lld bn relu; linear %lld bn relu; linear 2",
                 (long long)width, (long long)width, (long long)width);
    return (GeneratorSettings){
        .architecture = line, .init = INIT_HE_NORMAL, .rule = rule_of(v), .batch = (size_t)batch};
}

// ---- the runs ----

static const char *const SET_NAMES[] = {"ring8", "swissroll"};
enum { SETS = 2, LAST_LOOKS = 5, MOST_SEEDS = 1000 };

static Tsv *over_time, *at_end;

static const char *name_of(Variant v, bool batch_norm) {
    return batch_norm ? text("%s, batch norm", VARIANT_NAMES[v]) : VARIANT_NAMES[v];
}

// W at the end: the mean of the last looks, as some variants circle. Infinite where the run left
// the finite numbers, which an unclipped critic may.
static double run(const Backend *backend, const ToyData *data, Variant v, bool batch_norm,
                  int64_t seed, double *start) {
    ToyGanSettings chosen = {.critic = critic_of(v),
                             .generator = generator_of(v, batch_norm),
                             .critic_iters = critic_iters_of(v),
                             .look_points = (size_t)look_points,
                             .seed = common.seed + (uint64_t)seed};
    const char *name = name_of(v, batch_norm);
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
    printf("%-10s %-17s │ %.3f to %.3f │ %.2f\n", SET_NAMES[set], name_of(v, batch_norm), o.w.low,
           o.w.high, o.share);
    return o;
}

// ---- verdicts ----

static const double TRAINED = 0.5; // of the W at the start
static const double MARGIN = 1.5;  // of the W with batch norm

static bool trains(const Outcome *o) {
    return o->share <= TRAINED;
}

static const char *range_of(const Outcome *o) {
    return text("%.3f to %.3f", o->w.low, o->w.high);
}

static void judge_changes(Outcome outcome[SETS][VARIANTS]) {
    bool suffice = true, needed = true;
    const char *list = "";
    for (int set = 0; set < SETS; set++) {
        const Outcome *wgan = &outcome[set][WGAN];
        suffice &= trains(wgan);
        list = text("%s%s%s: wgan %s, %.2f of the start", list, *list ? "; " : "", SET_NAMES[set],
                    range_of(wgan), wgan->share);
        for (Variant v = WITH_SIGMOID; v <= ALL_UNDONE; v++) {
            bool worse = summary_compare(&wgan->w, &outcome[set][v].w) < 0;
            needed &= worse;
            list = text("%s, %s %s (%s)", list, VARIANT_NAMES[v], range_of(&outcome[set][v]),
                        worse ? "worse" : "not worse");
        }
    }
    claim(&(Claim){
        .id = "C25",
        .statement = "the four changes from GAN to WGAN suffice to train, and each is needed",
        .measured = text("W at the end, %s", list),
        .expected = text("wgan: at most %g of W at the start in every run; with a change undone, "
                         "every run worse than every one of wgan",
                         TRAINED),
        .tolerance = "the ranges over seeds must not meet",
        .seeds = seeds,
        .verdict = suffice && needed ? HOLDS
                   : suffice         ? MIXED
                                     : FAILS,
        .known = MIXED,
    });
}

// Trains without batch norm, and the worst run nearly as well as the worst one with it.
static bool does_without(const Outcome *plain, const Outcome *normed) {
    return trains(plain) && plain->w.high <= MARGIN * normed->w.high;
}

static void judge_batch_norm(Outcome plain[SETS][VARIANTS], Outcome normed[SETS][VARIANTS]) {
    int wgan_does = 0, gan_does_not = 0;
    const char *list = "";
    for (int set = 0; set < SETS; set++) {
        const Outcome *wgan[] = {&plain[set][WGAN], &normed[set][WGAN]};
        const Outcome *gan[] = {&plain[set][AS_PRACTISED], &normed[set][AS_PRACTISED]};
        wgan_does += does_without(wgan[0], wgan[1]);
        gan_does_not +=
            !does_without(gan[0], gan[1]) && summary_compare(&gan[1]->w, &gan[0]->w) < 0;
        list = text("%s%s%s: wgan %s, with batch norm %s; gan %s, with batch norm %s", list,
                    *list ? "; " : "", SET_NAMES[set], range_of(wgan[0]), range_of(wgan[1]),
                    range_of(gan[0]), range_of(gan[1]));
    }
    claim(&(Claim){
        .id = "C30",
        .statement = "a plain generator without batch norm trains under WGAN, where a GAN needs it",
        .measured = text("W at the end, %s", list),
        .expected = text("without it, wgan: at most %g of W at the start in every run, and of the "
                         "worst with it at most %g times; gan: not so, and every run worse than "
                         "with it",
                         TRAINED, MARGIN),
        .tolerance = "none",
        .seeds = seeds,
        .verdict = wgan_does == SETS && gan_does_not == SETS ? HOLDS
                   : wgan_does                               ? MIXED
                                                             : FAILS,
        .known = MIXED,
    });
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    const Backend *backend = trainer_backend();
    over_time = tsv_open("", "set variant seed step W");
    at_end = tsv_open("final", "set variant seed start W floor");
    static Outcome plain[SETS][VARIANTS], normed[SETS][VARIANTS];
    int64_t total = SETS * (VARIANTS + 2), done = 0;
    printf("%-10s %-17s │ %-14s │ worst, of W at the start\n", "set", "variant", "W at the end");
    for (int set = 0; set < SETS; set++)
        for (Variant v = 0; v < VARIANTS; v++)
            for (int batch_norm = 0; batch_norm < 2; batch_norm++) {
                if (batch_norm && v != WGAN && v != AS_PRACTISED) continue;
                Outcome *o = batch_norm ? &normed[set][v] : &plain[set][v];
                *o = outcome_of(backend, set, v, batch_norm);
                progress(++done, total, "%s on %s", name_of(v, batch_norm), SET_NAMES[set]);
            }
    judge_changes(plain);
    judge_batch_norm(plain, normed);
    backend->close();
    return experiment_end();
}
