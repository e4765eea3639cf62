// Noise on real and generated images before the discriminator gives a GAN a gradient where there
// was none (Arjovsky & Bottou 2017, section 3). One source adds that it blurs the samples: a
// discriminator that sees noisy images alone cannot ask for detail finer than the noise. The same
// GAN without noise, with two strengths of constant noise, and with noise that is 0 from half-way.
#include "experiments/images/image_gan.h"
#include "experiments/images/measures.h"
#include "experiments/images/picked.h"
#include "experiments/images/small_gan.h"
#include "toy/pyramid.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *data_name;
static int64_t side, judged, seeds, steps, log_every, width, batch;
static double rate, noise, strong_noise;

static const Setting settings[] = {
    {"data", SETTING_TEXT, &data_name, "fashion", NULL, 0, 0, NULL, "SET|PATH",
     "Grey images: fashion, or a path"},
    {"size", SETTING_INTEGER, &side, "14", "28", 8, 256, NULL, "N",
     "Pixels a side, to which images are averaged"},
    {"judged", SETTING_INTEGER, &judged, "500", "1000", 2, 1e7, NULL, "N",
     "Images of a measurement, generated and real"},
    {"seeds", SETTING_INTEGER, &seeds, "1", "3", 1, 1000, NULL, "N", "Runs of each kind"},
    {"steps", SETTING_INTEGER, &steps, "350", "800", 2, 1e9, NULL, "N", "Updates of each network"},
    {"log-every", SETTING_INTEGER, &log_every, "25", NULL, 1, 1e9, NULL, "N",
     "Steps between measurements"},
    {"width", SETTING_INTEGER, &width, "8", NULL, 1, 4096, NULL, "N",
     "Channels of the larger convolution; the smaller has twice as many"},
    {"batch", SETTING_INTEGER, &batch, "32", NULL, 2, 65536, NULL, "N", "Images in a batch"},
    {"rate", SETTING_REAL, &rate, "1e-3", NULL, 1e-9, 10, NULL, "X",
     "Learning rate of Adam (0.5, 0.9)"},
    {"noise", SETTING_REAL, &noise, "0.3", NULL, 1e-6, 100, NULL, "SIGMA",
     "White noise on images, whose pixels are in [-1, 1]"},
    {"strong-noise", SETTING_REAL, &strong_noise, "1", NULL, 1e-6, 100, NULL, "SIGMA",
     "The stronger of the two noises, and the beginning of the one that falls"},
    {0},
};

static const Program program = {
    .name = "instance_noise",
    .summary = "How sharp a GAN's images are where its discriminator sees them through noise: "
               "none, weak, strong, and strong falling to 0.",
    .details =
        "Sharpness is the mean square of the finest level of a Laplacian pyramid as a share of "
        "that of real images: detail, of images as they are, and edges, of images whose grain a "
        "median filter took away. Writes instance_noise.tsv (both, and the sliced distance of "
        "patches, over time), instance_noise_final.tsv (their means over the last quarter, by "
        "run), "
        "instance_noise_lines.tsv (real images, blurred and noisy ones), "
        "instance_noise_samples.tsv (pictures of the first seed) and the claim C49.",
    .settings = settings,
    .threads = 1,
};

// Streams of random numbers.
enum { FOR_REAL, FOR_OTHERS, FOR_NOISE, FOR_PATCHES };
enum { PATCHES = 8, DIRECTIONS = 64 };

// ---- sharpness ----

// An image in [−1, 1].
static void as_numbers(size_t size, const uint8_t *bytes, double *x) {
    for (size_t i = 0; i < size; i++) x[i] = bytes[i] / 127.5 - 1;
}

// Every pixel becomes the median of the 3×3 around it, those beyond the border being the border's:
// grain goes, an edge stays.
static void without_grain(size_t h, size_t w, const double *image, double *out) {
    for (size_t at = 0; at < h * w; at++) {
        double sorted[9];
        int n = 0;
        for (int k = 0; k < 9; k++) {
            size_t y = at / w + (size_t)(k / 3), x = at % w + (size_t)(k % 3);
            y = y < 1 ? 0 : y > h ? h - 1 : y - 1, x = x < 1 ? 0 : x > w ? w - 1 : x - 1;
            int place = n++;
            for (; place > 0 && sorted[place - 1] > image[y * w + x]; place--)
                sorted[place] = sorted[place - 1];
            sorted[place] = image[y * w + x];
        }
        out[at] = sorted[4];
    }
}

// Means over images and pixels of the square of the pyramid's finest level: of the images as they
// are, and of their edges, the images without grain.
typedef struct {
    double detail, edges;
} Energy;

// [energy]
static double energy_of(size_t h, size_t w, const double *image, double *level) {
    double sum = 0;
    if (pyramid_split(2, h, w, 1, image, level)) fail(EXIT_RESOURCE, "no memory");
    for (size_t i = 0; i < h * w; i++) sum += level[i] * level[i];
    return sum / (double)(h * w);
}

static Energy fine_energy(const ImageSet *set) {
    size_t h = (size_t)set->height, w = (size_t)set->width, size = h * w;
    double *image = allocate(size, sizeof *image), *clean = allocate(size, sizeof *clean);
    double *level = allocate(size + ((h + 1) / 2) * ((w + 1) / 2), sizeof *level);
    Energy sum = {0, 0};
    for (size_t k = 0; k < set->count; k++) {
        as_numbers(size, set->pixels + k * size, image);
        without_grain(h, w, image, clean);
        sum.detail += energy_of(h, w, image, level) / (double)set->count;
        sum.edges += energy_of(h, w, clean, level) / (double)set->count;
    }
    free(image), free(clean), free(level);
    return sum;
}
// [/energy]

// Down to half the side and up again: a picture without its finest level.
static void blur(size_t h, size_t w, double *image) {
    double *coarse = allocate(((h + 1) / 2) * ((w + 1) / 2), sizeof *coarse);
    pyramid_down(h, w, 1, image, coarse);
    pyramid_up(h, w, 1, coarse, image);
    free(coarse);
}

static ImageSet changed(const ImageSet *set, bool blurred, double sigma) {
    ImageSet out;
    size_t h = (size_t)set->height, w = (size_t)set->width, size = h * w;
    uint8_t *bytes = picked_room(&out, set, set->count);
    double *image = allocate(size, sizeof *image);
    Rng rng = rng_stream(common.seed, FOR_NOISE);
    for (size_t k = 0; k < set->count; k++) {
        as_numbers(size, set->pixels + k * size, image);
        if (blurred) blur(h, w, image);
        for (size_t i = 0; i < size; i++) {
            double x = image[i] + (sigma > 0 ? sigma * rng_normal(&rng) : 0);
            bytes[k * size + i] = pixel_byte(PIXELS_SIGNED, x);
        }
    }
    free(image);
    return out;
}

// ---- what images are held to ----

static Tsv *over_time, *at_end, *lines, *samples;
static ImageSet reals; // `judged` of them
static Energy real_energy;

// Energies as a share of real images', and the sliced distance of patches, mean over levels.
typedef struct {
    double detail, edges, swd;
} Look;

static Look measure(const ImageSet *set) {
    double level[PYRAMID_MOST];
    patch_distances(set, &reals, PATCHES, DIRECTIONS, rng_stream(common.seed, FOR_PATCHES), level);
    double sum = 0;
    size_t levels = pyramid_levels((size_t)side, (size_t)side);
    for (size_t l = 0; l < levels; l++) sum += level[l] / (double)levels;
    Energy e = fine_energy(set);
    return (Look){e.detail / real_energy.detail, e.edges / real_energy.edges, sum};
}

static Grid grid_of_samples(void) {
    return (Grid){4, 4, (int)side, (int)side, 1};
}

// Of real images, changed or not.
static Look line(const char *name, const ImageSet *set) {
    Look l = measure(set);
    tsv_text(lines, name), tsv_numbers(lines, 3, (double[]){l.detail, l.edges, l.swd});
    pictures_write(samples, 1, &name, grid_of_samples(), set->pixels);
    printf("%-9s │ %6.2f │ %5.2f │ %.3f\n", name, l.detail, l.edges, l.swd);
    return l;
}

static Look measure_lines(const ImageSet *set) {
    ImageSet others = picked_at_random(set, (size_t)judged, rng_stream(common.seed, FOR_OTHERS));
    reals = picked_at_random(set, (size_t)judged, rng_stream(common.seed, FOR_REAL));
    real_energy = fine_energy(&reals);
    ImageSet blurred = changed(&others, true, 0), noisy = changed(&others, false, noise);
    printf("%-9s │ detail │ edges │ patches\n", "");
    line("real", &others);
    Look soft = line("blurred", &blurred);
    line("noisy", &noisy);
    picked_free(&others), picked_free(&blurred), picked_free(&noisy);
    return soft;
}

// ---- a run ----

static const char *const KIND_NAMES[] = {"none", "weak", "strong", "annealed"};
enum { NONE, WEAK, STRONG, ANNEALED, KINDS };

static ImageGanSettings settings_of(int kind, int64_t seed) {
    Rule rule = rule_adam(rate, 0.5, 0.9);
    return (ImageGanSettings){
        .critic = {.architecture = small_critic((int)side, width),
                   .loss = GAN_NONSATURATING,
                   .init = INIT_HE_NORMAL,
                   .rule = rule,
                   .noise = kind == NONE   ? 0
                            : kind == WEAK ? noise
                                           : strong_noise,
                   .batch = (size_t)batch},
        .generator = {.architecture = small_generator((int)side, width, true),
                      .init = INIT_HE_NORMAL,
                      .rule = rule,
                      .batch = (size_t)batch},
        .critic_iters = 1,
        .noise_horizon = kind == ANNEALED ? steps / 2 : 0,
        .seed = common.seed + (uint64_t)seed,
    };
}

static Look look(ImageGan *gan, int kind, int64_t seed) {
    ImageSet made;
    if (!image_gan_finite(gan))
        fail(EXIT_NONFINITE, "a loss is not finite at step %lld", (long long)gan->step);
    image_gan_sample(gan, (size_t)judged, picked_room(&made, &reals, (size_t)judged));
    Look l = measure(&made);
    if (seed == 0 && gan->step == steps)
        pictures_write(samples, 1, &KIND_NAMES[kind], grid_of_samples(), made.pixels);
    picked_free(&made);
    tsv_text(over_time, KIND_NAMES[kind]);
    tsv_numbers(over_time, 5,
                (double[]){(double)seed, (double)gan->step, l.detail, l.edges, l.swd});
    return l;
}

typedef struct {
    double first; // distance of patches at the first look
    Look last;    // means over the last quarter: a GAN's images change from look to look
} Run;

static Run run(const Backend *backend, const ImageSet *set, int kind, int64_t seed) {
    ImageGanSettings chosen = settings_of(kind, seed);
    ImageGan gan;
    Look sum = {0, 0, 0};
    double looks = 0, first = NAN;
    image_gan_build(&gan, backend, set, NULL, &chosen);
    while (gan.step < steps) {
        image_gan_step(&gan);
        if (gan.step % log_every && gan.step != steps) continue;
        Look l = look(&gan, kind, seed);
        if (isnan(first)) first = l.swd;
        if (4 * gan.step <= 3 * steps) continue;
        sum.detail += l.detail, sum.edges += l.edges, sum.swd += l.swd, looks++;
    }
    image_gan_free(&gan);
    return (Run){first, {sum.detail / looks, sum.edges / looks, sum.swd / looks}};
}

// ---- all runs, and the verdict ----

typedef struct {
    Summary detail, edges, swd; // over seeds
    bool idle;                  // in some run nothing was learned
} Kind;

// A run whose patches do not come to this share of their distance at the first look has learned
// nothing: how sharp its images are is then said of the grain that an untrained generator makes.
static const double NEARER = 0.5;

static void take_run(Kind *kind, Run r) {
    summary_add(&kind->detail, r.last.detail), summary_add(&kind->edges, r.last.edges);
    summary_add(&kind->swd, r.last.swd);
    kind->idle = kind->idle || !(r.last.swd <= NEARER * r.first);
}

static void run_all(const Backend *backend, const ImageSet *set, Kind kind[KINDS]) {
    for (int k = 0; k < KINDS; k++)
        for (int64_t seed = 0; seed < seeds; seed++) {
            Run r = run(backend, set, k, seed);
            Look l = r.last;
            tsv_text(at_end, KIND_NAMES[k]);
            tsv_numbers(at_end, 4, (double[]){(double)seed, l.detail, l.edges, l.swd});
            take_run(&kind[k], r);
            printf("%-9s │ %6.2f │ %5.2f │ %.3f   seed %lld\n", KIND_NAMES[k], l.detail, l.edges,
                   l.swd, (long long)seed);
            progress(k * seeds + seed + 1, KINDS * seeds, "noise %s: %.2f", KIND_NAMES[k],
                     l.detail);
        }
    putchar('\n');
}

static const char *spread(const char *list, int kind, const Summary *s) {
    return text("%s%s%s %.2f (%.2f to %.2f)", list, kind ? ", " : "", KIND_NAMES[kind], s->mean,
                s->low, s->high);
}

// Less than the same GAN without noise, in every run.
static int softer(const Summary *noisy, const Summary *none) {
    return summary_compare(noisy, none) < 0;
}

// Grain of a generator that learned nothing is no answer, neither with noise nor without.
static Verdict verdict_of(const Kind kind[KINDS]) {
    int blurred = 0;
    for (int k = WEAK; k <= STRONG; k++)
        blurred +=
            softer(&kind[k].detail, &kind[NONE].detail) + softer(&kind[k].edges, &kind[NONE].edges);
    if (kind[NONE].idle || kind[WEAK].idle || kind[STRONG].idle) return MIXED;
    return blurred == 4 ? HOLDS : blurred ? MIXED : FAILS;
}

static const char *measured_of(const Kind kind[KINDS], Look soft) {
    const char *detail = "", *edges = "", *off = "", *idle = "";
    for (int k = 0; k < KINDS; k++) {
        detail = spread(detail, k, &kind[k].detail), edges = spread(edges, k, &kind[k].edges);
        off = text("%s%s%.3f", off, k ? ", " : "", kind[k].swd.mean);
        if (kind[k].idle) idle = text("%s%s%s", idle, *idle ? ", " : "", KIND_NAMES[k]);
    }
    return text(
        "of real images' detail (blurred ones %.2f), by noise: %s; of their edges (blurred "
        "%.2f): %s; patches off by %s%s%s",
        soft.detail, detail, soft.edges, edges, off,
        *idle ? text("; not nearer than %g of the first look, which tells nothing: ", NEARER) : "",
        idle);
}

static void judge(const Kind kind[KINDS], Look soft) {
    claim(&(Claim){
        .id = "C49",
        .statement = "noise added to real and generated images against vanishing gradients blurs "
                     "the samples",
        .measured = measured_of(kind, soft),
        .expected = "detail and edges, with weak and with strong noise, below those without noise",
        .tolerance = "below where every run is below every run",
        .seeds = seeds,
        .verdict = verdict_of(kind),
        .known = FAILS,
    });
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    const Backend *backend = trainer_backend();
    ImageSet set = grey_images(data_name, PART_TRAIN, side, 0);
    if (set.count < (size_t)judged)
        fail(EXIT_USAGE, "--judged %lld: there are %zu images", (long long)judged, set.count);
    if (judged < 16) fail(EXIT_USAGE, "--judged %lld: 16 are shown", (long long)judged);
    over_time = tsv_open("", "noise seed step detail edges swd");
    at_end = tsv_open("final", "noise seed detail edges swd");
    lines = tsv_open("lines", "images detail edges swd");
    samples = pictures_open("samples", "images line", grid_of_samples());

    Look soft = measure_lines(&set);
    Kind kind[KINDS] = {0};
    run_all(backend, &set, kind);
    judge(kind, soft);
    picked_free(&reals), image_set_close(&set);
    backend->close();
    return experiment_end();
}
