// How good are generated images? They are held beside images that the generator has not seen, as
// far as there are any, by measures that see different things, and beside three lines that tell
// what a number means: real images against real ones, blurred ones, and noise.
#include "experiments/images/classifier.h"
#include "experiments/images/frechet.h"
#include "experiments/images/generator_load.h"
#include "experiments/images/image_data.h"
#include "experiments/images/measures.h"
#include "experiments/images/neighbours.h"
#include "experiments/images/picked.h"
#include "experiments/images/recipe_parse.h"
#include "toy/pyramid.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *data_name, *classifier_path;
static int on_bad;
static int64_t count, size, patches, directions, batch, batches, neighbours;

static const Setting settings[] = {
    {"data", SETTING_TEXT, &data_name, NULL, NULL, 0, 0, NULL, "SET|PATH",
     "The real images: fashion, emoji, or a path; unless given, those of the run, or fashion"},
    {"classifier", SETTING_TEXT, &classifier_path, NULL, NULL, 0, 0, NULL, "FILE",
     "Also the class score and the Fréchet distance, by this net of train_classifier"},
    {"count", SETTING_INTEGER, &count, "2000", "10000", 2, 1e7, NULL, "N",
     "Images of each set, or as many as the smallest has"},
    {"size", SETTING_INTEGER, &size, "0", NULL, 0, 4096, NULL, "N",
     "Pixels a side, where SAMPLES are pictures; 0: as they are"},
    {"on-bad", SETTING_CHOICE, &on_bad, "fail", NULL, 0, 0, "fail|skip", NULL,
     "What happens at a picture that cannot be read"},
    {"patches", SETTING_INTEGER, &patches, "16", NULL, 1, 1e5, NULL, "N",
     "Patches of each image and level"},
    {"directions", SETTING_INTEGER, &directions, "128", NULL, 1, 1e6, NULL, "N",
     "Random directions of the sliced distance"},
    {"batch", SETTING_INTEGER, &batch, "500", NULL, 1, 20000, NULL, "N",
     "Images of each side in an exact W; unless given, fewer where there are not as many"},
    {"batches", SETTING_INTEGER, &batches, "4", NULL, 1, 1e6, NULL, "N", "Exact Ws"},
    {"neighbours", SETTING_INTEGER, &neighbours, "1000", NULL, 1, 1e7, NULL, "N",
     "Images whose nearest training image is looked for"},
    {0},
};

static const Program program = {
    .name = "evaluate_images",
    .summary = "How far generated images are from real ones: by patches, by exact transport, by "
               "a classifier's answers and features, and by their nearest training images.",
    .details =
        "SAMPLES is a run folder or checkpoint of train_images, an exported generator, or pictures "
        "(a folder, IDX, CIFAR-10). All are compared with test images. Where the data have none, "
        "those that the run kept back stand for them; where it kept none of these data, one half "
        "of "
        "the images, the other half standing for the training ones.\n\n"
        "swd_S: sliced Wasserstein distance of 7×7 patches on the level of S pixels of a Laplacian "
        "pyramid, times 1000; levels are halved until at most 22 pixels a side are left: 64, 32, "
        "16 or 28, 14. W: exact Wasserstein distance of minibatches, pixels in [-1, 1]. score: exp "
        "of the mean KL(p(class | image) || p(class)), the higher the better. frechet: squared "
        "Frechet distance of features. nearest: median distance to the nearest training image.\n\n"
        "With --out: evaluate_images.tsv, evaluate_images_nearest.tsv (all those distances) and "
        "evaluate_images_nearest.png, pairs of a sample and its nearest training image, from the "
        "closest pair to the farthest.\n\n"
        "  experiments/train_classifier --preset paper --out run\n"
        "  experiments/evaluate_images runs/fashion-quick --classifier "
        "run/train_classifier.safetensors",
    .arguments = "SAMPLES",
    .argument_count = 1,
    .settings = settings,
    .tool = true,
    .threads = 1,
};

// Streams of random numbers.
enum { FOR_HALVES, FOR_TEST, FOR_TRAINING, FOR_NOISE, FOR_SAMPLES, FOR_PATCHES };
enum { BATCH = 100, BLUR = 2 }; // of the networks; pixels to every side

// ---- the sets ----

// What config.ini of a run folder says, or fashion.
static const char *data_of_run(const char *folder) {
    Recipe config;
    Error error;
    const char *path = text("%s/config.ini", folder), *data = "fashion";
    FILE *file = fopen(path, "r");
    if (!file) return data;
    if (recipe_parse(&config, path, file, &error)) fail(EXIT_DATA, "%s", error.text);
    for (int k = 0; k < config.count; k++)
        if (strcmp(config.entry[k].name, "data") == 0) data = text("%s", config.entry[k].value);
    recipe_free(&config), fclose(file);
    return data;
}

// In the order of the table; each is compared with the last.
enum { SAMPLES, TRAINING, BLURRED, NOISE, TEST, SETS };
static const char *const NAMES[SETS] = {"samples", "training", "blurred", "noise", "test"};

// Returns 0; EXIT_USAGE where the source has not this part; ends the program on all else.
static int open_part(ImageSet *set, const char *source, ImagePart part, int64_t side,
                     size_t limit) {
    ImageRequest request = {
        .source = source, .part = part, .size = (int)side, .limit = limit, .skip_bad = on_bad == 1};
    Error error;
    int status = image_set_open(set, &request, &error);
    if (status && !(status == EXIT_USAGE && part == PART_TEST)) fail(status, "%s", error.text);
    if (!status && set->skipped > 0)
        fprintf(stderr, "%s: %zu pictures left out, which cannot be read\n", source, set->skipped);
    return status;
}

static bool is_generator(const char *path) {
    struct stat about;
    size_t length = strlen(path), ending = strlen(".safetensors");
    return (length > ending && strcmp(path + length - ending, ".safetensors") == 0) ||
           stat(text("%s/ckpt", path), &about) == 0;
}

// *trained_on: image_data_line() of the run.
static ImageSet generated(const Backend *backend, const char *path, const char **trained_on) {
    ImageGenerator generator;
    image_generator_open(&generator, backend, path, BATCH);
    ImageSet set, like = {.height = generator.height,
                          .width = generator.width,
                          .channels = generator.channels};
    uint8_t *pixels = picked_room(&set, &like, (size_t)count);
    image_generator_sample(&generator, common.seed, (size_t)count, pixels);
    *trained_on = generator.data;
    image_generator_free(&generator);
    return set;
}

// `count` generated images, or as many pictures, drawn from all.
static ImageSet open_samples(const Backend *backend, const char *path, const char **trained_on) {
    *trained_on = "";
    if (is_generator(path) && size > 0) fail(EXIT_USAGE, "--size is for SAMPLES that are pictures");
    if (is_generator(path)) return generated(backend, path, trained_on);
    ImageSet all;
    open_part(&all, path, PART_TRAIN, size, 0);
    size_t least = all.count < (size_t)count ? all.count : (size_t)count;
    ImageSet set = picked_at_random(&all, least, rng_stream(common.seed, FOR_SAMPLES));
    image_set_close(&all);
    return set;
}

// The data's training and test part; else what the run trained on and what it kept back, or two
// halves.
typedef struct {
    ImageSet all, training, test; // all: where the other two are parts of it
    const char *instead;          // of a test part; NULL where there is one
    const ImageSet *seen;         // what the generator was trained on, or may have been
    bool others;                  // the run's images were not these
} Real;

// The training part, as far as a run with --limit has seen it. Returns whether it is what the run
// was trained on.
static bool open_training(ImageSet *set, int64_t side, const char *trained_on) {
    size_t count = image_data_count(trained_on);
    open_part(set, data_name, PART_TRAIN, side, 0);
    if (count == 0 || count >= set->count) return image_data_is(trained_on, set);
    ImageSet first;
    open_part(&first, data_name, PART_TRAIN, side, count);
    bool same = image_data_is(trained_on, &first);
    image_set_close(same ? set : &first);
    if (same) *set = first;
    return same;
}

static void open_real(Real *real, int64_t side, const char *trained_on) {
    ImageSet part[2];
    *real = (Real){.seen = &real->training};
    real->others = !open_training(&real->training, side, trained_on) && *trained_on;
    if (open_part(&real->test, data_name, PART_TEST, side, 0) == 0) {
        image_data_match(&real->training, &real->test, data_name);
        return;
    }
    real->all = real->training;
    size_t kept = image_data_kept_of(trained_on, &real->all);
    if (kept > 0) {
        picked_apart(&real->all, kept, part);
        real->instead = "the images that the run kept back stand";
    } else {
        picked_halves(&real->all, rng_stream(common.seed, FOR_HALVES), part);
        real->instead =
            "a half of its images stands, on which a generator may have been trained (and "
            "samples are looked for in both halves, test images in the other),";
        real->seen = &real->all;
    }
    real->training = part[0], real->test = part[1];
}

static void close_real(Real *real) {
    if (real->instead)
        picked_free(&real->training), picked_free(&real->test), image_set_close(&real->all);
    else
        image_set_close(&real->training), image_set_close(&real->test);
}

static void check_shapes(const ImageSet *samples, const ImageSet *real) {
    if (samples->height != real->height || samples->width != real->width ||
        samples->channels != real->channels)
        fail(EXIT_USAGE, "the samples are %dx%dx%d, the images of %s %dx%dx%d", samples->height,
             samples->width, samples->channels, data_name, real->height, real->width,
             real->channels);
    if (samples->height < PATCH_SIDE || samples->width < PATCH_SIDE)
        fail(EXIT_USAGE, "the images are %dx%d pixels: a patch has %d a side", samples->height,
             samples->width, PATCH_SIDE);
}

// Sets of equally many images: what is measured depends on how many there are.
static void make_sets(ImageSet set[SETS], const ImageSet *samples, const Real *real) {
    size_t least = samples->count < real->test.count ? samples->count : real->test.count;
    if (real->training.count < least) least = real->training.count;
    if (!setting_given("batch") && least < (size_t)(batch * batches))
        batch = (int64_t)least / batches;
    if (least < (size_t)(batch * batches) || batch == 0)
        fail(EXIT_USAGE, "%zu images are too few for --batches %lld of %lld", least,
             (long long)batches, (long long)batch);
    set[SAMPLES] = *samples, set[SAMPLES].count = least;
    set[TRAINING] = picked_at_random(&real->training, least, rng_stream(common.seed, FOR_TRAINING));
    set[BLURRED] = picked_blurred(&set[TRAINING], BLUR);
    set[NOISE] = picked_noise(samples, least, rng_stream(common.seed, FOR_NOISE));
    set[TEST] = picked_at_random(&real->test, least, rng_stream(common.seed, FOR_TEST));
}

// ---- the measures ----

typedef struct {
    double swd[PYRAMID_MOST], score, frechet, nearest;
    Summary w;
} Values;

static void measure_pixels(const ImageSet set[SETS], size_t levels, Values value[SETS]) {
    for (int s = 0; s < SETS; s++) {
        for (size_t l = 0; l < levels; l++) value[s].swd[l] = NAN;
        value[s].w = (Summary){.mean = NAN, .squares = NAN};
        if (s == TEST) continue;
        patch_distances(&set[s], &set[TEST], (size_t)patches, (size_t)directions,
                        rng_stream(common.seed, FOR_PATCHES), value[s].swd);
        for (size_t l = 0; l < levels; l++) value[s].swd[l] *= 1000;
        value[s].w = minibatch_distance(&set[s], &set[TEST], (size_t)batch, (size_t)batches);
        progress(s + 1, SETS, "patches and transport of %s", NAMES[s]);
    }
}

// What the classifier makes of a set: a score, and the moments of its features.
typedef struct {
    double score, *mean, *covariance;
} View;

static View view_of(Classifier *classifier, const ImageSet *set) {
    size_t n = set->count, dim = classifier->features;
    double *probability = allocate(n * classifier->classes, sizeof *probability);
    double *feature = allocate(n * dim, sizeof *feature);
    View view = {.mean = allocate(dim, sizeof(double)),
                 .covariance = allocate(dim * dim, sizeof(double))};
    classifier_look(classifier, set, probability, feature);
    view.score = class_score(n, classifier->classes, probability);
    frechet_moments(n, dim, feature, view.mean, view.covariance);
    free(probability), free(feature);
    return view;
}

static void measure_classes(const Backend *backend, const ImageSet set[SETS], Values value[SETS]) {
    for (int s = 0; s < SETS; s++) value[s].score = value[s].frechet = NAN;
    if (!classifier_path) return;
    Classifier classifier;
    View view[SETS];
    classifier_load(&classifier, backend, classifier_path, &set[TEST], BATCH);
    for (int s = 0; s < SETS; s++)
        view[s] = view_of(&classifier, &set[s]), value[s].score = view[s].score;
    for (int s = 0; s < SETS; s++) {
        int status = s == TEST ? 0
                               : frechet_distance(&value[s].frechet, classifier.features,
                                                  view[s].mean, view[s].covariance, view[TEST].mean,
                                                  view[TEST].covariance);
        if (status)
            fail(status, "no Fréchet distance of %s: features not finite, or no memory", NAMES[s]);
    }
    for (int s = 0; s < SETS; s++) free(view[s].mean), free(view[s].covariance);
    classifier_free(&classifier);
}

// Distances of samples to the nearest image that the generator was trained on, or may have been,
// and of test images to their nearest training images.
static void measure_neighbours(const ImageSet set[SETS], const Real *real, Values value[SETS]) {
    size_t n = set[TEST].count < (size_t)neighbours ? set[TEST].count : (size_t)neighbours;
    Neighbour *nearest = allocate(n, sizeof *nearest);
    Tsv *table = common.out ? tsv_open("nearest", "set rank distance") : NULL;
    for (int s = 0; s < SETS; s++) {
        value[s].nearest = NAN;
        if (s != SAMPLES && s != TEST) continue;
        const ImageSet *among = s == SAMPLES ? real->seen : &real->training;
        neighbours_find(n, &set[s], among, common.threads, nearest);
        neighbours_sort(n, nearest);
        value[s].nearest = (nearest[(n - 1) / 2].distance + nearest[n / 2].distance) / 2;
        for (size_t k = 0; table && k < n; k++) {
            tsv_text(table, NAMES[s]);
            tsv_numbers(table, 2, (double[]){(double)k, nearest[k].distance});
        }
        if (s == SAMPLES && common.out)
            neighbours_draw(text("%s/%s_nearest.png", common.out, program.name), &set[s], among, n,
                            nearest);
    }
    free(nearest);
}

// ---- the table ----

static const char *column_names(const ImageSet *set, size_t levels) {
    const char *names = "set images";
    int side = set->height;
    for (size_t l = 0; l < levels; l++, side = (side + 1) / 2)
        names = text("%s swd_%d", names, side);
    return text("%s W W_deviation score frechet nearest", names);
}

static void print_number(double x) {
    if (isnan(x))
        printf("  %9s", "–");
    else
        printf("  %9.4g", x);
}

static void report(const ImageSet set[SETS], size_t levels, const Values value[SETS]) {
    Tsv *table = common.out ? tsv_open("", column_names(set, levels)) : NULL;
    printf("%zu images of each set against as many test images; W: mean over %lld minibatches of "
           "%lld\n%-9s",
           set[TEST].count, (long long)batches, (long long)batch, "");
    int side = set->height;
    for (size_t l = 0; l < levels; l++, side = (side + 1) / 2)
        printf("  %9s", text("swd_%d", side));
    printf("  %9s  %9s  %9s  %9s\n", "W", "score", "frechet", "nearest");
    for (int s = 0; s < SETS; s++) {
        const Values *v = &value[s];
        double rest[] = {v->w.mean, v->score, v->frechet, v->nearest};
        printf("%-9s", NAMES[s]);
        for (size_t l = 0; l < levels; l++) print_number(v->swd[l]);
        for (int k = 0; k < 4; k++) print_number(rest[k]);
        putchar('\n');
        if (!table) continue;
        tsv_text(table, NAMES[s]);
        tsv_numbers(table, 1, (double[]){(double)set[s].count});
        tsv_numbers(table, levels, v->swd);
        tsv_numbers(table, 5,
                    (double[]){v->w.mean, s == TEST ? NAN : summary_deviation(&v->w), v->score,
                               v->frechet, v->nearest});
    }
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    const Backend *backend = trainer_backend();
    const char *trained_on;
    if (!data_name) data_name = data_of_run(common.arguments[0]);
    ImageSet samples = open_samples(backend, common.arguments[0], &trained_on), set[SETS];
    Real real;
    open_real(&real, samples.height == samples.width ? samples.height : 0, trained_on);
    check_shapes(&samples, &real.training);
    make_sets(set, &samples, &real);
    size_t levels = pyramid_levels((size_t)samples.height, (size_t)samples.width);

    Values value[SETS];
    measure_pixels(set, levels, value);
    measure_classes(backend, set, value);
    measure_neighbours(set, &real, value);
    report(set, levels, value);
    if (real.others) printf("The run was trained on other images than those of %s\n", data_name);
    if (real.instead) printf("%s has no test part: %s for it\n", data_name, real.instead);
    if (!classifier_path)
        printf("No score and no Fréchet distance: --classifier FILE, of train_classifier\n");

    for (int s = 0; s < SETS; s++)
        if (s != SAMPLES) picked_free(&set[s]);
    picked_free(&samples), close_real(&real);
    backend->close();
    return experiment_end();
}
