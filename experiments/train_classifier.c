// Trains a small classifier on labelled images: the measure that evaluate_images holds generated
// ones to, where the literature takes a network trained on a million photographs.
#include "experiments/images/classifier.h"
#include "experiments/images/image_data.h"
#include "nets/optimiser.h"
#include "toy/rng.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char *data_name, *architecture;
static int64_t epochs, batch, limit;
static double rate;

static const Setting settings[] = {
    {"data", SETTING_TEXT, &data_name, "fashion", NULL, 0, 0, NULL, "SET|PATH",
     "Labelled images with a test part: fashion, or a folder of IDX files or CIFAR-10 batches"},
    {"classifier", SETTING_TEXT, &architecture,
     "input 28x28x1; conv 16 k3 s1 bn relu; conv 32 k3 s2 bn relu; conv 32 k3 s1 bn relu; "
     "conv 64 k3 s2 bn relu; linear 64 bn relu; linear 10",
     NULL, 0, 0, NULL, "ARCH",
     "Its architecture, one output per class; what enters the last layer are the features"},
    {"epochs", SETTING_INTEGER, &epochs, "1", "4", 1, 1e6, NULL, "N", "Passes over the images"},
    {"batch", SETTING_INTEGER, &batch, "128", NULL, 2, 65536, NULL, "N", "Images in a batch"},
    {"rate", SETTING_REAL, &rate, "2e-3", NULL, 1e-9, 10, NULL, "X",
     "Learning rate of Adam (0.9, 0.999), falling linearly to 0 at the last step"},
    {"limit", SETTING_INTEGER, &limit, "8000", "0", 0, 1e9, NULL, "N",
     "At most this many images of each part; 0: all"},
    {0},
};

static const Program program = {
    .name = "train_classifier",
    .summary = "Train a small classifier on labelled images, for evaluate_images.",
    .details =
        "Writes train_classifier.tsv (loss and accuracy on both parts, by epoch) and the net, "
        "train_classifier.safetensors, in PyTorch's names. Ctrl-C finishes the step, saves and "
        "exits with 130.\n\n"
        "  experiments/train_classifier --preset paper --out run",
    .settings = settings,
    .threads = 1,
};

// Streams of random numbers.
enum { FOR_ORDER };

static ImageSet open_part(ImagePart part) {
    ImageRequest request = {.source = data_name, .part = part, .limit = (size_t)limit};
    ImageSet set;
    Error error;
    int status = image_set_open(&set, &request, &error);
    if (status) fail(status, "%s", error.text);
    if (!set.labels) fail(EXIT_USAGE, "--data %s: the images have no labels", data_name);
    return set;
}

// One pass in a new order, as far as whole batches go. Returns the mean of the fits before each
// step.
// [epoch]
static Fit train_epoch(Classifier *c, Optimiser *optimiser, const ImageSet *set, Rng *rng,
                       uint32_t *order, int64_t *step, int64_t steps) {
    Fit sum = {0, 0};
    int64_t done = 0;
    rng_shuffle(rng, set->count, order);
    for (; done < (int64_t)set->count / batch && !interrupted(); done++) {
        Fit fit = classifier_gradient(c, set, order + done * batch);
        optimiser_step(optimiser, &c->net);
        sum.loss += fit.loss, sum.accuracy += fit.accuracy;
        progress(++*step, steps, "loss %.3f", fit.loss);
    }
    return (Fit){sum.loss / (double)done, sum.accuracy / (double)done};
}
// [/epoch]

static void check_finite(Fit fit, int64_t epoch) {
    if (!isfinite(fit.loss))
        fail(EXIT_NONFINITE, "the loss is not finite in epoch %lld: %g", (long long)epoch,
             fit.loss);
}

// Returns the last accuracy on the test part.
static double train(Classifier *c, const ImageSet *set, const ImageSet *test) {
    Error error;
    Optimiser optimiser;
    int64_t step = 0, steps = epochs * ((int64_t)set->count / batch);
    Rule rule = rule_default(RULE_ADAM, rate);
    rule.horizon = (uint64_t)steps;
    int status = optimiser_build(&optimiser, &c->net, rule, 0, &error);
    if (status) fail(status, "%s", error.text);
    Tsv *table = tsv_open("", "epoch train_loss train_accuracy test_loss test_accuracy");
    uint32_t *order = allocate(set->count, sizeof *order);
    for (size_t i = 0; i < set->count; i++) order[i] = (uint32_t)i;
    Rng rng = rng_stream(common.seed, FOR_ORDER);
    Fit after = {NAN, NAN};
    printf("%5s │ %10s %8s │ %10s %8s\n", "epoch", "train loss", "accuracy", "test loss",
           "accuracy");
    for (int64_t epoch = 1; epoch <= epochs && !interrupted(); epoch++) {
        Fit during = train_epoch(c, &optimiser, set, &rng, order, &step, steps);
        if (interrupted()) break;
        after = classifier_fit(c, test);
        check_finite(during, epoch), check_finite(after, epoch);
        tsv_numbers(
            table, 5,
            (double[]){(double)epoch, during.loss, during.accuracy, after.loss, after.accuracy});
        printf("%5lld │ %10.4f %6.2f %% │ %10.4f %6.2f %%\n", (long long)epoch, during.loss,
               100 * during.accuracy, after.loss, 100 * after.accuracy);
    }
    optimiser_free(&optimiser, &c->net);
    free(order);
    return after.accuracy;
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    Error error;
    const Backend *backend;
    int status = backend_open(&backend, common.device, common.threads, PRECISION_FULL, &error);
    if (status) fail(status, "%s", error.text);
    provenance_device(backend->description);
    ImageSet set = open_part(PART_TRAIN), test = open_part(PART_TEST);
    image_data_match(&set, &test, data_name);
    if ((int64_t)set.count < batch)
        fail(EXIT_USAGE, "--batch %lld: there are %zu images", (long long)batch, set.count);
    Classifier classifier;
    classifier_build(&classifier, backend, architecture, &set, (size_t)batch, common.seed);

    interrupt_wait();
    double accuracy = train(&classifier, &set, &test);
    const char *path = text("%s/%s.safetensors", common.out, program.name);
    classifier_save(
        &classifier, path, 3,
        (Metadata[]){{"data", set.digest},
                     {"seed", text("%llu", (unsigned long long)common.seed)},
                     {"test accuracy", isnan(accuracy) ? "unknown" : text("%.4f", accuracy)}});
    printf("%s: %s\n", path,
           isnan(accuracy) ? "not yet tested"
                           : text("%.2f %% of %zu test images right", 100 * accuracy, test.count));

    classifier_free(&classifier);
    image_set_close(&set), image_set_close(&test);
    backend->close();
    int code = experiment_end();
    return interrupted() ? EXIT_INTERRUPT : code;
}
