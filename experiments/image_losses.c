// Losses on images. WGAN "no longer needs" batch norm or a convolutional generator to train
// (Arjovsky, Chintala & Bottou 2017, section 4.3); and one source says that the penalty does not
// beat clipping in practice. Four losses and three generators against one critic without batch
// norm, judged by the Fréchet distance in the features of a classifier trained here.
#include "experiments/images/classifier.h"
#include "experiments/images/frechet.h"
#include "experiments/images/image_data.h"
#include "experiments/images/image_gan.h"
#include "experiments/images/picked.h"
#include "experiments/images/plan.h"
#include "experiments/images/small_gan.h"
#include "toy/statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char *data_name;
static int64_t side, judged, seeds, steps, log_every, width, mlp_width, batch, critic_iters;
static int64_t classifier_images;
static double rate, wgan_rate, clip, lambda;

static const Setting settings[] = {
    {"data", SETTING_TEXT, &data_name, "fashion", NULL, 0, 0, NULL, "SET|PATH",
     "Grey labelled images with a test part: fashion, or a folder of IDX files"},
    {"size", SETTING_INTEGER, &side, "14", NULL, 4, 256, NULL, "N",
     "Pixels a side, to which images are averaged"},
    {"judged", SETTING_INTEGER, &judged, "500", "2000", 2, 1e7, NULL, "N",
     "Generated images of a measurement, and test images they are held to"},
    {"seeds", SETTING_INTEGER, &seeds, "1", "3", 1, 1000, NULL, "N", "Runs of each kind"},
    {"steps", SETTING_INTEGER, &steps, "120", "600", 1, 1e9, NULL, "N", "Generator updates"},
    {"log-every", SETTING_INTEGER, &log_every, "20", "50", 1, 1e9, NULL, "N",
     "Steps between measurements"},
    {"width", SETTING_INTEGER, &width, "8", "16", 1, 4096, NULL, "N",
     "Channels of the larger convolution; the smaller has twice as many"},
    {"mlp-width", SETTING_INTEGER, &mlp_width, "64", "128", 1, 65536, NULL, "N",
     "Units in each of three hidden layers of the plain generator"},
    {"batch", SETTING_INTEGER, &batch, "32", NULL, 2, 65536, NULL, "N", "Images in a batch"},
    {"critic-iters", SETTING_INTEGER, &critic_iters, "5", NULL, 1, 1000, NULL, "N",
     "Critic updates to one of the generator, in wgan and wgan-gp; the others take 1"},
    {"rate", SETTING_REAL, &rate, "1e-3", NULL, 1e-9, 10, NULL, "X",
     "Learning rate of Adam (0.5, 0.9), all losses but wgan"},
    {"wgan-rate", SETTING_REAL, &wgan_rate, "1e-3", NULL, 1e-9, 10, NULL, "X",
     "Learning rate of RMSProp, wgan"},
    {"clip", SETTING_REAL, &clip, "0.02", NULL, 1e-6, 1e6, NULL, "C", "Bound on wgan's weights"},
    {"lambda", SETTING_REAL, &lambda, "10", NULL, 1e-6, 1e6, NULL, "X", "wgan-gp's penalty"},
    {"classifier-images", SETTING_INTEGER, &classifier_images, "4000", "20000", 2, 1e7, NULL, "N",
     "Training images of the classifier, which sees each twice"},
    {0},
};

static const Program program = {
    .name = "image_losses",
    .summary = "Four GAN losses on images, with and without batch norm and with a plain MLP for a "
               "generator, at equal steps and at equal work.",
    .details =
        "Writes image_losses.tsv (every run over time), image_losses_final.tsv (every run at equal "
        "steps and at equal work), image_losses_lines.tsv (real images and noise, measured alike), "
        "image_losses_samples.tsv (pictures of the first seed's runs) and the claims C30 and C42. "
        "Work is counted in products of the networks, not in seconds: runs go on until they have "
        "done as much as wgan, with the same generator, at --steps.",
    .settings = settings,
    .threads = 1,
};

// Streams of random numbers.
enum { FOR_TRAINING, FOR_TEST, FOR_NOISE, FOR_ORDER };

// ---- the kinds of run ----

static const char *const LOSS_NAMES[] = {"gan", "nsgan", "wgan", "wgan-gp"};
static const GanLoss LOSS[] = {GAN, GAN_NONSATURATING, GAN_WASSERSTEIN, GAN_WASSERSTEIN_GP};
enum { LOSS_GAN, LOSS_NSGAN, LOSS_WGAN, LOSS_GP, LOSSES };

static const char *const NET_NAMES[] = {"dcgan", "no-bn", "mlp"};
enum { DCGAN, WITHOUT_NORM, PLAIN, NETS };

static const char *generator_line(int net) {
    if (net != PLAIN) return small_generator((int)side, width, net == DCGAN);
    return text("input %d; linear %lld relu; linear %lld relu; linear %lld relu; "
                "linear %lldx%lldx1 tanh",
                LATENT_NUMBERS, (long long)mlp_width, (long long)mlp_width, (long long)mlp_width,
                (long long)side, (long long)side);
}

static ImageGanSettings settings_of(int net, int loss, int64_t seed) {
    bool wasserstein = loss == LOSS_WGAN || loss == LOSS_GP;
    Rule rule =
        loss == LOSS_WGAN ? rule_default(RULE_RMSPROP, wgan_rate) : rule_adam(rate, 0.5, 0.9);
    return (ImageGanSettings){
        .critic = {.architecture = small_critic((int)side, width),
                   .loss = LOSS[loss],
                   .penalty = {.lambda = loss == LOSS_GP ? lambda : 0},
                   .init = INIT_HE_NORMAL,
                   .rule = rule,
                   .clip = loss == LOSS_WGAN ? clip : 0,
                   .batch = (size_t)batch},
        .generator = {.architecture = generator_line(net),
                      .init = INIT_HE_NORMAL,
                      .rule = rule,
                      .batch = (size_t)batch},
        .critic_iters = wasserstein ? critic_iters : 1,
        .seed = common.seed + (uint64_t)seed,
    };
}

// ---- the measure ----

enum { BATCH = 100, EPOCHS = 2 }; // of the classifier

typedef struct {
    double *mean, *covariance;
} Moments;

static Classifier classifier;
static Moments reference; // of the test images

static Moments moments_of(const ImageSet *set) {
    size_t n = set->count, dim = classifier.features;
    double *feature = allocate(n * dim, sizeof *feature);
    Moments m = {allocate(dim, sizeof(double)), allocate(dim * dim, sizeof(double))};
    classifier_look(&classifier, set, NULL, feature);
    frechet_moments(n, dim, feature, m.mean, m.covariance);
    free(feature);
    return m;
}

static void moments_free(Moments *m) {
    free(m->mean), free(m->covariance);
}

static double distance_to_test(const ImageSet *set) {
    Moments m = moments_of(set);
    double d;
    int status = frechet_distance(&d, classifier.features, m.mean, m.covariance, reference.mean,
                                  reference.covariance);
    if (status) fail(status, "no Fréchet distance: features not finite, or no memory");
    moments_free(&m);
    return d;
}

// On the first --classifier-images; Adam, its rate falling to 0.
static void train_classifier(const Backend *backend, const ImageSet *set) {
    Error error;
    Optimiser optimiser;
    size_t count = set->count < (size_t)classifier_images ? set->count : (size_t)classifier_images;
    classifier_build(&classifier, backend,
                     text("input %lldx%lldx1; conv 16 k3 s2 bn relu; conv 32 k3 s2 bn relu; "
                          "linear 32 bn relu; linear %d",
                          (long long)side, (long long)side, set->classes),
                     set, BATCH, common.seed);
    Rule rule = rule_default(RULE_ADAM, 2e-3);
    rule.horizon = EPOCHS * (count / BATCH);
    int status = optimiser_build(&optimiser, &classifier.net, rule, 0, &error);
    if (status) fail(status, "%s", error.text);
    Rng rng = rng_stream(common.seed, FOR_ORDER);
    uint32_t *order = allocate(count, sizeof *order);
    for (size_t i = 0; i < count; i++) order[i] = (uint32_t)i;
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        rng_shuffle(&rng, count, order);
        for (size_t k = 0; k < count / BATCH; k++) {
            classifier_gradient(&classifier, set, order + k * BATCH);
            optimiser_step(&optimiser, &classifier.net);
        }
    }
    free(order);
    optimiser_free(&optimiser, &classifier.net);
}

// Real training images, and noise, held to the test images as generated ones are.
static double measure_line(const char *name, ImageSet set, Tsv *lines, double accuracy) {
    double d = distance_to_test(&set);
    tsv_text(lines, name), tsv_numbers(lines, 2, (double[]){d, accuracy});
    picked_free(&set);
    return d;
}

static void measure_lines(const ImageSet *train, const ImageSet *all_test) {
    ImageSet test = picked_at_random(all_test, (size_t)judged, rng_stream(common.seed, FOR_TEST));
    double accuracy = classifier_fit(&classifier, all_test).accuracy;
    Tsv *lines = tsv_open("lines", "images frechet accuracy");
    Rng rng = rng_stream(common.seed, FOR_TRAINING), noise = rng_stream(common.seed, FOR_NOISE);
    reference = moments_of(&test);
    double real =
        measure_line("real", picked_at_random(train, (size_t)judged, rng), lines, accuracy);
    double grain =
        measure_line("noise", picked_noise(train, (size_t)judged, noise), lines, accuracy);
    printf("Fréchet distance to %lld test images, by a classifier that has %.1f %% of the test "
           "part right\nreal images %.3g, noise %.4g\n",
           (long long)judged, 100 * accuracy, real, grain);
    picked_free(&test);
}

// ---- a run ----

typedef struct {
    double begin, at_steps, at_work; // Fréchet distances
} Run;

static Tsv *over_time, *at_end, *samples;

static void write_samples(ImageGan *gan, int net, int loss) {
    Grid grid = {2, 3, (int)side, (int)side, 1};
    uint8_t *bytes = allocate(6, gan->training.features);
    image_gan_sample(gan, 6, bytes);
    pictures_write(samples, 2, (const char *[]){NET_NAMES[net], LOSS_NAMES[loss]}, grid, bytes);
    free(bytes);
}

static double look(ImageGan *gan, int net, int loss, int64_t seed, double flop) {
    ImageSet made, like = {.height = (int)side, .width = (int)side, .channels = 1};
    if (gan->step > 0 && !image_gan_finite(gan))
        fail(EXIT_NONFINITE, "a loss of %s is not finite at step %lld", LOSS_NAMES[loss],
             (long long)gan->step);
    image_gan_sample(gan, (size_t)judged, picked_room(&made, &like, (size_t)judged));
    double d = distance_to_test(&made);
    picked_free(&made);
    tsv_text(over_time, NET_NAMES[net]), tsv_text(over_time, LOSS_NAMES[loss]);
    tsv_numbers(over_time, 4,
                (double[]){(double)seed, (double)gan->step, (double)gan->step * flop, d});
    return d;
}

// `budget` is the work at which losses are compared; runs go on until they have done it.
// [run]
static Run run(const Backend *backend, const ImageSet *set, int net, int loss, int64_t seed,
               double budget) {
    ImageGanSettings chosen = settings_of(net, loss, seed);
    double flop = plan_flop(&chosen);
    int64_t affordable = (int64_t)floor(budget / flop);
    int64_t last = steps > affordable ? steps : affordable;
    ImageGan gan;
    Run r = {NAN, NAN, NAN};
    image_gan_build(&gan, backend, set, NULL, &chosen);
    r.begin = r.at_work = look(&gan, net, loss, seed, flop);
    while (gan.step < last) {
        image_gan_step(&gan);
        if (gan.step % log_every && gan.step != steps && gan.step != affordable) continue;
        double d = look(&gan, net, loss, seed, flop);
        if (gan.step == affordable) r.at_work = d;
        if (gan.step == steps) r.at_steps = d;
        if (gan.step == steps && seed == 0) write_samples(&gan, net, loss);
    }
    image_gan_free(&gan);
    return r;
}
// [/run]

// ---- all runs, and the verdicts ----

typedef struct {
    Summary at_steps, at_work;             // over seeds
    Summary share_at_steps, share_at_work; // of the distance at the beginning
} Kind;

static void add(Kind *kind, int net, int loss, int64_t seed, Run r) {
    tsv_text(at_end, NET_NAMES[net]), tsv_text(at_end, LOSS_NAMES[loss]);
    tsv_numbers(at_end, 4, (double[]){(double)seed, r.begin, r.at_steps, r.at_work});
    summary_add(&kind->at_steps, r.at_steps), summary_add(&kind->at_work, r.at_work);
    summary_add(&kind->share_at_steps, r.at_steps / r.begin);
    summary_add(&kind->share_at_work, r.at_work / r.begin);
}

static void run_all(const Backend *backend, const ImageSet *set, Kind kind[NETS][LOSSES]) {
    int64_t all = NETS * LOSSES * seeds, done = 0;
    for (int net = 0; net < NETS; net++) {
        ImageGanSettings measure = settings_of(net, LOSS_WGAN, 0);
        double budget = (double)steps * plan_flop(&measure);
        for (int loss = 0; loss < LOSSES; loss++)
            for (int64_t seed = 0; seed < seeds; seed++) {
                Run r = run(backend, set, net, loss, seed, budget);
                add(&kind[net][loss], net, loss, seed, r);
                progress(++done, all, "%s, %s: %.3g", NET_NAMES[net], LOSS_NAMES[loss], r.at_steps);
            }
    }
}

static const char *spread(const Summary *s) {
    return text("%.1f (%.1f to %.1f)", s->mean, s->low, s->high);
}

static void print_table(Kind kind[NETS][LOSSES]) {
    printf("%-8s │ %-8s │ %-22s │ %s\n", "net", "loss", "at equal steps", "at equal work");
    for (int net = 0; net < NETS; net++)
        for (int loss = 0; loss < LOSSES; loss++) {
            const Kind *k = &kind[net][loss];
            printf("%-8s │ %-8s │ %-22s │ %s\n", NET_NAMES[net], LOSS_NAMES[loss],
                   spread(&k->at_steps), spread(&k->at_work));
        }
    putchar('\n');
}

// What is left, in every run, of the distance of an untrained generator where one has trained.
static const double TRAINED = 0.25;

// Of the worst run without batch norm, and with the MLP.
static const char *shares(Kind kind[NETS][LOSSES], int loss, bool at_work) {
    const Kind *plain = &kind[PLAIN][loss], *bare = &kind[WITHOUT_NORM][loss];
    return text("%s %.0f, %.0f %%", LOSS_NAMES[loss],
                100 * (at_work ? bare->share_at_work : bare->share_at_steps).high,
                100 * (at_work ? plain->share_at_work : plain->share_at_steps).high);
}

static void judge_plain(Kind kind[NETS][LOSSES]) {
    int trained = 0;
    for (int net = WITHOUT_NORM; net < NETS; net++)
        for (int loss = LOSS_WGAN; loss < LOSSES; loss++)
            trained += kind[net][loss].share_at_steps.high <= TRAINED;
    claim(&(Claim){
        .id = "C30",
        .statement = "images: without batch norm, and with a plain MLP for a generator, WGAN and "
                     "WGAN-GP still train",
        .measured = text("Fréchet distance left of the untrained one, worst run without batch "
                         "norm, and of the MLP: %s; %s; beside them, at equal work, %s; %s",
                         shares(kind, LOSS_WGAN, false), shares(kind, LOSS_GP, false),
                         shares(kind, LOSS_GAN, true), shares(kind, LOSS_NSGAN, true)),
        .expected = text("at most %.0f %% in every run of wgan and wgan-gp", 100 * TRAINED),
        .tolerance = "none",
        .seeds = seeds,
        .verdict = trained == 4 ? HOLDS
                   : trained    ? MIXED
                                : FAILS,
        .known = HOLDS,
    });
}

// Of three losses with a generator: the penalty's, clipping's, the saturating GAN's.
static const char *three(const Kind *kind, int net) {
    const int order[] = {LOSS_GP, LOSS_WGAN, LOSS_GAN};
    const char *steps_list = "", *work_list = "";
    for (int k = 0; k < 3; k++) {
        const Kind *one = &kind[order[k]];
        steps_list = text("%s%s%s", steps_list, k ? ", " : "", spread(&one->at_steps));
        work_list = text("%s%s%s", work_list, k ? ", " : "", spread(&one->at_work));
    }
    return text("%s: %s at equal steps, %s at equal work", NET_NAMES[net], steps_list, work_list);
}

// Of the 2 · NETS comparisons with clipping, how many the penalty wins: every run below every run.
static int penalty_wins(Kind kind[NETS][LOSSES]) {
    int wins = 0;
    for (int net = 0; net < NETS; net++) {
        const Kind *gp = &kind[net][LOSS_GP], *wgan = &kind[net][LOSS_WGAN];
        wins += summary_compare(&gp->at_steps, &wgan->at_steps) < 0;
        wins += summary_compare(&gp->at_work, &wgan->at_work) < 0;
    }
    return wins;
}

// Whether with every generator at least one of the two has trained: else there is nothing to
// compare.
static bool have_trained(Kind kind[NETS][LOSSES]) {
    bool all = true;
    for (int net = 0; net < NETS; net++)
        all = all && (kind[net][LOSS_GP].share_at_steps.high <= TRAINED ||
                      kind[net][LOSS_WGAN].share_at_steps.high <= TRAINED);
    return all;
}

static void judge_penalty(Kind kind[NETS][LOSSES]) {
    int wins = penalty_wins(kind);
    bool trained = have_trained(kind);
    const char *measured = "Fréchet distance of wgan-gp, wgan, gan, ";
    for (int net = 0; net < NETS; net++)
        measured = text("%s%s%s", measured, net ? "; " : "", three(kind[net], net));
    if (!trained) measured = text("%s; not all have trained", measured);
    claim(&(Claim){
        .id = "C42",
        .statement = "images: WGAN-GP does not beat WGAN with clipping in practice",
        .measured = measured,
        .expected = "wgan-gp not below wgan, with no generator, neither at equal steps nor at "
                    "equal work",
        .tolerance = "below where every run is below every run",
        .seeds = seeds,
        .verdict = trained && wins == 0          ? HOLDS
                   : trained && wins == 2 * NETS ? FAILS
                                                 : MIXED,
        .known = FAILS,
    });
}

static void check(const ImageSet *train, const ImageSet *test) {
    if (!train->labels) fail(EXIT_USAGE, "--data %s: the images have no labels", data_name);
    size_t least = train->count < test->count ? train->count : test->count;
    if (least < (size_t)judged)
        fail(EXIT_USAGE, "--judged %lld: there are %zu images", (long long)judged, least);
    if (train->count < BATCH || classifier_images < BATCH)
        fail(EXIT_USAGE, "the classifier's batch is %d: fewer images", BATCH);
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    const Backend *backend = trainer_backend();
    ImageSet train = grey_images(data_name, PART_TRAIN, side, 0);
    ImageSet test = grey_images(data_name, PART_TEST, side, 0);
    check(&train, &test);
    image_data_match(&train, &test, data_name);
    over_time = tsv_open("", "net loss seed step work frechet");
    at_end = tsv_open("final", "net loss seed begin frechet frechet_at_work");
    samples = pictures_open("samples", "net loss line", (Grid){2, 3, (int)side, (int)side, 1});

    train_classifier(backend, &train);
    measure_lines(&train, &test);
    static Kind kind[NETS][LOSSES];
    run_all(backend, &train, kind);
    print_table(kind);
    judge_plain(kind);
    judge_penalty(kind);

    moments_free(&reference), classifier_free(&classifier);
    image_set_close(&train), image_set_close(&test);
    backend->close();
    return experiment_end();
}
