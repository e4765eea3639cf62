// A critic that has seen too few images learns these images and not their law: its loss on them and
// on fresh images of the same kind part (Gulrajani et al. 2017, section 5 and Figure 5b, on 1000
// digits of MNIST). The control trains on all images but those held out.
#include "experiments/images/image_gan.h"
#include "experiments/images/picked.h"
#include "toy/statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char *data_name, *critic_line, *generator_line;
static int64_t images, validation, seeds, steps, log_every, batch, critic_iters;
static double rate, lambda;

static const Setting settings[] = {
    {"data", SETTING_TEXT, &data_name, "fashion", NULL, 0, 0, NULL, "SET|PATH",
     "Images: fashion, or a path"},
    {"images", SETTING_INTEGER, &images, "250", "1000", 2, 1e7, NULL, "N",
     "Training images; the control has all but the held-out ones"},
    {"validation", SETTING_INTEGER, &validation, "1000", NULL, 2, 1e7, NULL, "N",
     "Images held out"},
    {"seeds", SETTING_INTEGER, &seeds, "1", "3", 1, 1000, NULL, "N", "Runs of each kind"},
    {"steps", SETTING_INTEGER, &steps, "160", "2500", 1, 1e9, NULL, "N", "Generator updates"},
    {"log-every", SETTING_INTEGER, &log_every, "10", "25", 1, 1e9, NULL, "N",
     "Steps from one look at the losses to the next"},
    {"critic", SETTING_TEXT, &critic_line,
     "input 28x28x1; linear 256 leaky 0.2; linear 256 leaky 0.2; linear 1", NULL, 0, 0, NULL,
     "ARCH", "Architecture of the critic"},
    {"generator", SETTING_TEXT, &generator_line,
     "input 64; linear 256 relu; linear 256 relu; linear 28x28x1 tanh", NULL, 0, 0, NULL, "ARCH",
     "Architecture of the generator"},
    {"batch", SETTING_INTEGER, &batch, "50", NULL, 1, 65536, NULL, "N", "Images in a batch"},
    {"critic-iters", SETTING_INTEGER, &critic_iters, "5", NULL, 1, 1000, NULL, "N",
     "Critic updates to one of the generator"},
    {"lambda", SETTING_REAL, &lambda, "10", NULL, 1e-6, 1e6, NULL, "X",
     "Weight of the gradient penalty"},
    {"rate", SETTING_REAL, &rate, "1e-3", "5e-4", 1e-9, 10, NULL, "X",
     "Learning rate of Adam (0.5, 0.9)"},
    {0},
};

static const Program program = {
    .name = "overfitting",
    .summary = "The critic's loss on its training images and on images held out, where there are "
               "few and where there are many.",
    .details = "Writes overfitting.tsv (both estimates over time), overfitting_runs.tsv (their gap "
               "at the end, by run) and the claim C44.",
    .settings = settings,
    .threads = 1,
};

// Streams of random numbers.
enum { FOR_IMAGES };

// ---- a run ----

// Estimates of the distance to the generated images, E f(real) − E f(fake), by one critic on
// training images and on images held out. Means over a quarter of the looks.
typedef struct {
    double training, validation;
} Quarter;

typedef struct {
    Quarter second, last;
} Run;

static double gap(Quarter q) {
    return q.training - q.validation;
}

// As a share of what the critic says of its training images; NaN where that is not positive: the
// critic then tells no image from a generated one, and a gap is a share of nothing.
static double share(Quarter q) {
    return q.training > 0 ? gap(q) / q.training : NAN;
}

static ImageGanSettings settings_of(int64_t seed) {
    Rule rule = rule_adam(rate, 0.5, 0.9);
    return (ImageGanSettings){
        .critic = {.architecture = critic_line,
                   .loss = GAN_WASSERSTEIN_GP,
                   .penalty = {.lambda = lambda},
                   .init = INIT_HE_NORMAL,
                   .rule = rule,
                   .batch = (size_t)batch},
        .generator = {.architecture = generator_line,
                      .init = INIT_HE_NORMAL,
                      .rule = rule,
                      .batch = (size_t)batch},
        .critic_iters = critic_iters,
        .held_out = (size_t)validation,
        .seed = common.seed + (uint64_t)seed,
    };
}

static Tsv *over_time, *by_run;

// Losses at one look, without penalty, the sign turned.
static Quarter look_at(ImageGan *gan, int64_t seed) {
    if (!image_gan_finite(gan))
        fail(EXIT_NONFINITE, "a loss is not finite at step %lld", (long long)gan->step);
    ImageGanLook look = image_gan_look(gan);
    Quarter q = {-look.training, -look.validation};
    tsv_numbers(over_time, 5,
                (double[]){(double)gan->training.count, (double)seed, (double)gan->step, q.training,
                           q.validation});
    return q;
}

static void take_in(Quarter *sum, Quarter q, int64_t of) {
    sum->training += q.training / (double)of, sum->validation += q.validation / (double)of;
}

// [run]
static Run run(const Backend *backend, const ImageSet *set, const ImageSet *held, int64_t seed) {
    ImageGanSettings chosen = settings_of(seed);
    ImageGan gan;
    Run r = {{0, 0}, {0, 0}};
    int64_t quarter = steps / log_every / 4;
    image_gan_build(&gan, backend, set, held, &chosen);
    for (int64_t k = 0; k < 4 * quarter; k++) {
        while (gan.step < (k + 1) * log_every) image_gan_step(&gan);
        Quarter now = look_at(&gan, seed);
        if (k / quarter == 1) take_in(&r.second, now, quarter);
        if (k / quarter == 3) take_in(&r.last, now, quarter);
        progress(gan.step, steps, "%zu images, seed %lld: %.2f, held out %.2f", set->count,
                 (long long)seed, now.training, now.validation);
    }
    image_gan_free(&gan);
    return r;
}
// [/run]

// ---- all runs, and the verdict ----

enum { FEW, MANY, KINDS };
typedef struct {
    Range training, validation, share; // at the end, over seeds
    bool positive;                     // the value on training images, in both quarters of each run
    bool grew;                         // the gap, in every run, since the second quarter
} Kind;

static const Kind NO_RUNS = {RANGE_EMPTY, RANGE_EMPTY, RANGE_EMPTY, true, true};

static void take_run(Kind *kind, Run r) {
    range_widen(&kind->training, r.last.training);
    range_widen(&kind->validation, r.last.validation);
    range_widen(&kind->share, share(r.last));
    kind->positive = kind->positive && r.second.training > 0 && r.last.training > 0;
    kind->grew = kind->grew && gap(r.last) > gap(r.second);
}

static void add(Kind *kind, size_t count, int64_t seed, Run r) {
    static bool begun;
    if (!begun) printf("E f(real) − E f(fake)   │ training  unseen │ gap\n"), begun = true;
    printf("%7zu images, seed %lld │ %7.3f %7.3f │ %s\n", count, (long long)seed, r.last.training,
           r.last.validation,
           r.last.training > 0 ? text("%5.1f %%", 100 * share(r.last)) : " none");
    tsv_numbers(by_run, 6,
                (double[]){(double)count, (double)seed, r.last.training, r.last.validation,
                           share(r.last), share(r.second)});
    take_run(kind, r);
}

typedef struct {
    ImageSet held, many, few; // the few are the first of the many
} Parts;

static Parts parts_of(const ImageSet *mixed) {
    size_t size = (size_t)mixed->height * (size_t)mixed->width * (size_t)mixed->channels;
    Parts p = {*mixed, *mixed, *mixed};
    p.held.count = (size_t)validation;
    p.many.count -= p.held.count, p.many.pixels += p.held.count * size;
    p.few = p.many, p.few.count = (size_t)images;
    return p;
}

static void run_all(const Backend *backend, const ImageSet *all, Kind kind[KINDS]) {
    for (int64_t seed = 0; seed < seeds; seed++) {
        Rng rng = rng_stream(common.seed + (uint64_t)seed, FOR_IMAGES);
        ImageSet mixed = picked_at_random(all, all->count, rng);
        Parts p = parts_of(&mixed);
        add(&kind[FEW], p.few.count, seed, run(backend, &p.few, &p.held, seed));
        add(&kind[MANY], p.many.count, seed, run(backend, &p.many, &p.held, seed));
        picked_free(&mixed);
    }
}

// A gap of this share of the estimate counts as one.
static const double GAP = 0.1;

static const char *kind_text(const Kind *k) {
    return text("%.2f to %.2f on training images, %.2f to %.2f on others, %s", k->training.low,
                k->training.high, k->validation.low, k->validation.high,
                k->positive
                    ? text("gap %.0f to %.0f %%", 100 * k->share.low, 100 * k->share.high)
                    : "no gap, for the value on training images is not positive in every run");
}

// Where a critic learned nothing, of few images or of many, the runs tell neither way.
static Verdict verdict_of(const Kind kind[KINDS]) {
    bool part = kind[FEW].share.low >= GAP && kind[FEW].grew;
    bool stay = kind[MANY].share.high < GAP && kind[MANY].share.low > -GAP;
    if (!kind[FEW].positive || !kind[MANY].positive) return MIXED;
    return part && stay ? HOLDS : part || stay ? MIXED : FAILS;
}

static const char *measured_of(const Kind kind[KINDS]) {
    return text("E f(real) − E f(fake): %s; trained on all but the held-out ones: %s",
                kind_text(&kind[FEW]), kind_text(&kind[MANY]));
}

static void judge(const Kind kind[KINDS]) {
    claim(&(Claim){
        .id = "C44",
        .statement = text("the critic's loss on %lld training images and on images held out show "
                          "overfitting: the two part",
                          (long long)images),
        .measured = measured_of(kind),
        .expected = text("a gap of at least %.0f %%, growing, in every run; with many images less "
                         "in every run",
                         100 * GAP),
        .tolerance = text("%.0f %% of the estimate", 100 * GAP),
        .seeds = seeds,
        .verdict = verdict_of(kind),
        .known = HOLDS,
    });
}

static ImageSet open_images(void) {
    ImageRequest request = {.source = data_name};
    ImageSet all;
    Error error;
    int status = image_set_open(&all, &request, &error);
    if (status) fail(status, "%s", error.text);
    if ((int64_t)all.count <= images + validation)
        fail(EXIT_USAGE, "%s has %zu images: --images and --validation leave none for the control",
             data_name, all.count);
    return all;
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    if (steps < 4 * log_every)
        fail(EXIT_USAGE, "--steps %lld: fewer than four looks", (long long)steps);
    const Backend *backend = trainer_backend();
    ImageSet all = open_images();
    over_time = tsv_open("", "images seed step training validation");
    by_run = tsv_open("runs", "images seed training validation gap gap_before");
    Kind kind[KINDS] = {NO_RUNS, NO_RUNS};
    run_all(backend, &all, kind);
    judge(kind);
    image_set_close(&all);
    backend->close();
    return experiment_end();
}
