// Supports apart (Arjovsky and Bottou 2017, theorems 2.1 and 2.2): between a generator's samples
// and data on a manifold of their own stands a perfect discriminator. Does training find it, is it
// still right on points that it never saw, and what happens where both have all dimensions?
#include "experiments/common/contract.h"
#include "experiments/common/spots.h"
#include "experiments/common/trainer.h"
#include "toy/divergence.h"
#include "toy/smooth.h"
#include "toy/statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t seeds, side, iterations, points, steps, hidden;
static double blur;
static Reals spaces;

static const Setting settings[] = {
    {"seeds", SETTING_INTEGER, &seeds, "2", "5", 1, 1000, NULL, "N",
     "Pairs of each kind, and a discriminator for each"},
    {"side", SETTING_INTEGER, &side, "32", "64", 16, 128, NULL, "N",
     "Side of the images, a multiple of 16: side² pixels"},
    {"iterations", SETTING_INTEGER, &iterations, "30", "100", 1, 1e6, NULL, "N",
     "Iterations that the image generators are trained for"},
    {"spaces", SETTING_REALS, &spaces, "2,3,16", "2,3,4,16,64", 2, 4096, NULL, "A,B,...",
     "Dimensions of the spaces where surfaces are told apart"},
    {"blur", SETTING_REAL, &blur, "0.5", NULL, 0.01, 100, NULL, "X",
     "Standard deviation of the noise that gives both all dimensions, their radius being 1"},
    {"points", SETTING_INTEGER, &points, "2048", "8192", 16, 1e7, NULL, "N",
     "Points of each side to train a discriminator with, and as many held out; an eighth of "
     "images"},
    {"steps", SETTING_INTEGER, &steps, "512", "4096", 1, 1e7, NULL, "N",
     "Steps of each discriminator"},
    {"hidden", SETTING_INTEGER, &hidden, "64", "128", 1, 4096, NULL, "N",
     "Width of the discriminators' two hidden layers"},
    {0},
};

static const Program program = {
    .name = "apart",
    .summary = "A discriminator between a generator's samples and data on a manifold of their own "
               "becomes perfect; where noise gives both all dimensions it cannot.",
    .details =
        "Writes apart.tsv (accuracies at the end) and apart_steps.tsv (by step of training) beside "
        "the claim C15.\n\n"
        "  experiments/apart --spaces 2,3,4,5,6,7,8",
    .settings = settings,
};

// Independent streams of random numbers, by what they are drawn for.
enum { FOR_IMAGES, FOR_IMAGES_TOLD, FOR_SURFACE, FOR_BATCHES };
static Rng stream(int purpose, int64_t index) {
    return rng_stream(common.seed, (uint64_t)purpose << 32 | (uint64_t)index);
}

static const Backend *backend;
enum { BATCH = 64 };

// Weights and latents of the s-th networks.
static uint64_t network_seed(int64_t s) {
    return common.seed * 1000 + (uint64_t)s;
}

// ---- telling apart ----

// Two sets of points, the generator's and the data's, to train with and held out.
typedef struct {
    size_t features, count;
    double *train[2], *held[2]; // [count][features]; [0] the data's
} Sides;

static double accuracy_of(Critic *d, const Sides *sides, double *const points_of[2]) {
    double *value = allocate(sides->count, sizeof *value);
    size_t right = 0;
    for (int fake = 0; fake < 2; fake++) {
        critic_evaluate(d, sides->count, points_of[fake], value, NULL);
        for (size_t i = 0; i < sides->count; i++) right += fake ? value[i] < 0 : value[i] > 0;
    }
    free(value);
    return (double)right / (2 * (double)sides->count);
}

static void draw_batch(Rng *rng, const Sides *sides, const double *from, double *batch) {
    for (size_t i = 0; i < BATCH; i++)
        memcpy(batch + i * sides->features, from + rng_below(rng, sides->count) * sides->features,
               sides->features * sizeof *batch);
}

typedef struct {
    double train, held;
} Accuracy;

static Tsv *by_step;

// [apart]
// A discriminator of the first GAN: minimises E_r[−log D] + E_g[−log(1 − D)], D = sigmoid of its
// output, so that D > ½ where the output is positive. A point is right on the right side of ½.
static Accuracy tell_apart(const Sides *sides, const char *name, double noise, int64_t seed) {
    Critic d;
    critic_build(&d, backend,
                 &(CriticSettings){.architecture =
                                       text("input %zu; linear %lld leaky 0.2; linear %lld leaky "
                                            "0.2; linear 1",
                                            sides->features, (long long)hidden, (long long)hidden),
                                   .loss = GAN,
                                   .init = INIT_HE_NORMAL,
                                   .rule = rule_default(RULE_ADAM, 1e-3),
                                   .batch = BATCH},
                 network_seed(seed));
    Rng rng = stream(FOR_BATCHES, seed);
    double *batch = allocate(BATCH * sides->features, sizeof *batch);
    Accuracy a = {0};
    for (int64_t k = 1; k <= steps; k++) {
        draw_batch(&rng, sides, sides->train[0], batch), critic_put_real(&d, batch);
        draw_batch(&rng, sides, sides->train[1], batch), critic_put_fake(&d, batch);
        critic_update(&d);
        if ((k & (k - 1)) && k < steps) continue; // at 1, 2, 4, 8, … and at the end
        a = (Accuracy){accuracy_of(&d, sides, sides->train), accuracy_of(&d, sides, sides->held)};
        tsv_text(by_step, name);
        tsv_numbers(
            by_step, 6,
            (double[]){(double)sides->features, noise, (double)seed, (double)k, a.train, a.held});
    }
    critic_losses(&d);
    free(batch);
    critic_free(&d);
    return a;
}
// [/apart]

typedef struct {
    const char *name;
    size_t features;
    double noise;
    Summary train, held, ceiling;
} Apart;

static void take_sides(Sides *sides, size_t features, size_t count, double *const all[2]) {
    *sides = (Sides){.features = features, .count = count};
    for (int side_of = 0; side_of < 2; side_of++)
        sides->train[side_of] = all[side_of],
        sides->held[side_of] = all[side_of] + count * features;
}

static void add_run(Apart *apart, const Sides *sides, int64_t seed) {
    Accuracy a = tell_apart(sides, apart->name, apart->noise, seed);
    summary_add(&apart->train, a.train), summary_add(&apart->held, a.held);
}

// ---- images ----

static SpotsShape shape(void) {
    return (SpotsShape){.latent = 100, .side = side, .width = 256, .filters = side / 8};
}

// A trained generator against the images it was trained to make.
static void tell_images_apart(SpotsKind kind, Apart *apart, int64_t seed) {
    size_t count = (size_t)points / 8, pixels = apart->features;
    double *all[] = {allocate(2 * count * pixels, sizeof(double)),
                     allocate(2 * count * pixels, sizeof(double))};
    Generator generator;
    spots_build(&generator, backend, kind, shape(), network_seed(seed));
    spots_train(&generator, kind, shape(), iterations, network_seed(seed),
                stream(FOR_IMAGES, seed));
    Rng rng = stream(FOR_IMAGES_TOLD, seed);
    spots_sample(&rng, (size_t)side, 2 * count, all[0]);
    generator_sample(&generator, 2 * count, all[1]);
    Sides sides;
    take_sides(&sides, pixels, count, all);
    add_run(apart, &sides, seed);
    generator_free(&generator);
    free(all[0]), free(all[1]);
}

// ---- two surfaces in spaces of several dimensions ----

// Mean 0, mean squared norm 1: neither place nor size tells the two apart.
static void normalise(size_t n, size_t features, double *x) {
    statistics_centre(n, features, x);
    double scale = sqrt((double)n) / statistics_norm(n * features, x);
    for (size_t i = 0; i < n * features; i++) x[i] *= scale;
}

static void draw_surface(Rng *rng, size_t features, size_t n, double *x) {
    Smooth surface;
    if (!smooth_random(&surface, rng, 2, features, 1))
        fail(EXIT_RESOURCE, "out of memory for a surface");
    for (size_t i = 0; i < n; i++) {
        double t[] = {rng_uniform(rng), rng_uniform(rng)};
        smooth_at(&surface, t, x + i * features);
    }
    smooth_free(&surface);
}

static void draw_generated(uint64_t seed, size_t features, size_t n, double *x) {
    Generator generator;
    generator_build(
        &generator, backend,
        &(GeneratorSettings){
            .architecture = text("input 2; linear 64 tanh; linear 64 tanh; linear %zu", features),
            .latent = LATENT_NORMAL,
            .init = INIT_HE_NORMAL,
            .rule = rule_default(RULE_SGD, 0),
            .batch = BATCH},
        seed);
    generator_sample(&generator, n, x);
    generator_free(&generator);
}

// ½ (1 + TV): no rule can be right more often. TV by a histogram, so within its error.
static double ceiling_of(size_t n, const double *x, const double *y) {
    Divergences d;
    int status = divergences_points(&d, 0.1, 2, n, x, NULL, n, y, NULL);
    if (status) fail(EXIT_RESOURCE, "histogram: %s", divergences_message(status));
    return (1 + d.tv) / 2;
}

// In the plane 2-dimensional sets have full dimension; there the histogram can look, too.
enum { CEILING_POINTS = 1 << 16 };

static void tell_surfaces_apart(Apart *apart, int64_t seed) {
    size_t features = apart->features, count = (size_t)points;
    size_t extra = features == 2 ? CEILING_POINTS : 0, n = 2 * count + extra;
    double *all[] = {allocate(n * features, sizeof(double)),
                     allocate(n * features, sizeof(double))};
    Rng rng = stream(FOR_SURFACE, seed * 8192 + (int64_t)features);
    draw_surface(&rng, features, n, all[0]);
    draw_generated(network_seed(seed), features, n, all[1]);
    for (int s = 0; s < 2; s++) {
        normalise(n, features, all[s]);
        for (size_t i = 0; i < n * features && apart->noise > 0; i++)
            all[s][i] += apart->noise * rng_normal(&rng);
    }
    Sides sides;
    take_sides(&sides, features, count, all);
    add_run(apart, &sides, seed);
    size_t rest = 2 * count * features;
    if (extra) summary_add(&apart->ceiling, ceiling_of(extra, all[0] + rest, all[1] + rest));
    free(all[0]), free(all[1]);
}

// ---- all pairs ----

static void print_head(void) {
    printf("%-9s │ %5s │ %5s │ %8s │ %8s │ %8s │ %8s\n", "pair", "space", "noise", "training",
           "held out", "worst", "ceiling");
}

static void apart_row(Tsv *table, const Apart *a) {
    double ceiling = a->ceiling.count ? a->ceiling.mean : NAN;
    printf("%-9s │ %5zu │ %5g │ %8.4f │ %8.4f │ %8.4f │ %8s\n", a->name, a->features, a->noise,
           a->train.mean, a->held.mean, a->held.low,
           a->ceiling.count ? text("%.4f", ceiling) : "–");
    tsv_text(table, a->name);
    tsv_numbers(table, 8,
                (double[]){(double)a->features, a->noise, (double)a->held.count, a->train.mean,
                           a->held.mean, summary_deviation(&a->held), a->held.low, ceiling});
}

typedef struct {
    Apart images[SPOTS_KINDS];
    Apart *surfaces; // [spaces.count][2]: sharp, blurred
} Results;

static void measure_images(Results *r, Tsv *table) {
    for (SpotsKind kind = SPOTS_MLP; kind < SPOTS_KINDS; kind++) {
        Apart *a = &r->images[kind];
        *a = (Apart){.name = SPOTS_NAMES[kind], .features = (size_t)(side * side)};
        for (int64_t s = 0; s < seeds; s++) tell_images_apart(kind, a, s);
        apart_row(table, a);
    }
}

static void measure_surfaces(Results *r, Tsv *table) {
    for (size_t k = 0; k < 2 * spaces.count; k++) {
        Apart *a = &r->surfaces[k];
        *a = (Apart){
            .name = "surfaces", .features = (size_t)spaces.at[k / 2], .noise = k % 2 ? blur : 0};
        for (int64_t s = 0; s < seeds; s++) {
            tell_surfaces_apart(a, s);
            progress((int64_t)k * seeds + s + 1, 2 * (int64_t)spaces.count * seeds,
                     "surfaces in %zu dimensions", a->features);
        }
        apart_row(table, a);
    }
}

// ---- the verdict ----

static const double NEARLY_ALL = 0.99;

static void judge(const Results *r) {
    Summary apart = {0}, full = {0};
    double excess = -INFINITY; // of an accuracy over its ceiling
    for (int kind = SPOTS_MLP; kind < SPOTS_KINDS; kind++)
        summary_add(&apart, r->images[kind].held.low);
    for (size_t k = 0; k < 2 * spaces.count; k++) {
        const Apart *a = &r->surfaces[k];
        if (a->noise > 0 || a->features == 2)
            summary_add(&full, a->held.mean);
        else if (a->features > 4) // in fewer, two surfaces meet or cross
            summary_add(&apart, a->held.low);
        if (a->ceiling.count) excess = fmax(excess, a->held.mean - a->ceiling.mean);
    }
    claim(&(Claim){
        .id = "C15",
        .statement = "supports apart, so a perfect discriminator exists between a generator's "
                     "samples and data on a manifold of their own, in more than 4 dimensions",
        .measured = text("worst held-out accuracy %.4f, %lld kinds of pairs; where both have all "
                         "dimensions (control) %.3f to %.3f",
                         apart.low, (long long)apart.count, full.low, full.high),
        .expected = "1; below 1",
        .tolerance = text("≥ %g; < %g and ≤ ½(1 + TV) + 0.02", NEARLY_ALL, NEARLY_ALL),
        .seeds = seeds,
        .verdict =
            apart.low >= NEARLY_ALL && full.high < NEARLY_ALL && excess <= 0.02 ? HOLDS : FAILS,
        .known = HOLDS,
    });
}

static void check_settings(void) {
    if (side % 16) fail(EXIT_USAGE, "--side %lld is not a multiple of 16", (long long)side);
    for (size_t k = 0; k < spaces.count; k++)
        if (spaces.at[k] != floor(spaces.at[k]))
            fail(EXIT_USAGE, "--spaces: %g is no number of dimensions", spaces.at[k]);
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    check_settings();
    backend = trainer_backend();
    by_step = tsv_open("steps", "pair space noise seed step train held");
    Tsv *table = tsv_open("", "pair space noise seeds train held held_dev held_low ceiling");
    Results results = {.surfaces = allocate(2 * spaces.count, sizeof *results.surfaces)};

    print_head();
    measure_images(&results, table);
    measure_surfaces(&results, table);
    judge(&results);
    free(results.surfaces);
    return experiment_end();
}
