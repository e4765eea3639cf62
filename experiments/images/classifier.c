#include "classifier.h"

#include "experiments/common/device_array.h"
#include "nets/checkpoint.h"
#include "nets/checksum.h"
#include "nets/init.h"
#include "nets/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t FOR_WEIGHTS = 1ull << 63; // stream of random numbers

static void check(int status, const Error *error) {
    if (status) fail(status, "%s", error->text);
}

// ---- building ----

static void open_arrays(Classifier *c) {
    const Backend *backend = c->net.backend;
    size_t batch = c->net.batch;
    c->classes = shape_size(architecture_output(&c->net.architecture));
    c->features = shape_size(c->net.layer[c->net.count - 1].in);
    c->pixels = device_array(backend, batch * shape_size(c->net.architecture.input), 1);
    c->labels = device_array(backend, batch, 1);
    c->order = device_array(backend, batch, sizeof *c->order);
    c->values = device_array(backend, 2, sizeof *c->values);
    uint32_t *order = allocate(batch, sizeof *order);
    for (size_t i = 0; i < batch; i++) order[i] = (uint32_t)i;
    backend->upload(c->order, order, batch * sizeof *order);
    free(order);
}

static void check_images(const Net *net, const char *of, const ImageSet *set) {
    Shape in = net->architecture.input;
    if (in.h != set->height || in.w != set->width || in.c != set->channels)
        fail(EXIT_USAGE, "%s takes images of %dx%dx%d, these are %dx%dx%d", of, in.h, in.w, in.c,
             set->height, set->width, set->channels);
}

void classifier_build(Classifier *c, const Backend *backend, const char *line, const ImageSet *set,
                      size_t batch, uint64_t seed) {
    Architecture architecture;
    RandomSource source;
    Error error;
    *c = (Classifier){0};
    check(architecture_parse(&architecture, line, &error), &error);
    check(net_build(&c->net, backend, &architecture, NET_TRAIN, batch, 1, false, &error), &error);
    check_images(&c->net, "the classifier", set);
    open_arrays(c);
    if (c->classes != (size_t)set->classes)
        fail(EXIT_USAGE, "the classifier has %zu outputs, the images are of %d classes", c->classes,
             set->classes);
    check(random_open(&source, backend, seed, FOR_WEIGHTS, &error), &error);
    net_init(&c->net, INIT_HE_NORMAL, source);
    random_free(&source, backend);
}

void classifier_free(Classifier *c) {
    const Backend *backend = c->net.backend;
    backend->free(c->pixels), backend->free(c->labels);
    backend->free(c->order), backend->free(c->values);
    net_free(&c->net);
}

// ---- files ----

void classifier_save(const Classifier *c, const char *path, size_t entries, const Metadata *entry) {
    const Architecture *architecture = &c->net.architecture;
    size_t length = (size_t)architecture_format(architecture, NULL, 0) + 1;
    char *line = allocate(length, 1);
    architecture_format(architecture, line, length);
    Metadata *all = allocate(entries + 2, sizeof *all);
    all[0] = (Metadata){"architecture", line};
    all[1] = (Metadata){"classes", text("%zu", c->classes)};
    memcpy(all + 2, entry, entries * sizeof *entry);
    NetSet set = {"", &c->net, c->net.weights, true};
    Error error;
    check(checkpoint_write(path, 1, &set, entries + 2, all, &error), &error);
    free(all), free(line);
}

void classifier_load(Classifier *c, const Backend *backend, const char *path, const ImageSet *set,
                     size_t batch) {
    SafeTensors file;
    Architecture architecture;
    Net outline;
    Error error;
    *c = (Classifier){0};
    check(checksum_read(&file, path, &error), &error);
    const char *line = safetensors_metadata(&file, "architecture");
    if (!line || !safetensors_metadata(&file, "classes"))
        fail(EXIT_DATA,
             "%s: no `architecture` and `classes` in __metadata__: not of train_classifier", path);
    if (architecture_parse(&architecture, line, &error))
        fail(EXIT_DATA, "%s: %s", path, error.text);
    // before memory is taken for a net that the file has no weights for, however large it is
    check(net_outline(&outline, &architecture, NET_SAMPLE, batch, 1, false, &error), &error);
    check(checkpoint_check(&file, path, "", &outline, &error), &error);
    net_free(&outline);
    check(net_build(&c->net, backend, &architecture, NET_SAMPLE, batch, 1, false, &error), &error);
    check_images(&c->net, path, set);
    NetSet weights = {"", &c->net, c->net.weights, true};
    check(checkpoint_read(&file, path, 1, &weights, false, &error), &error);
    safetensors_free(&file);
    open_arrays(c);
}

// ---- images in, numbers out ----

// Images set[index[0 … rows)], or from `first` on where index is NULL, and their classes.
static void put(Classifier *c, const ImageSet *set, size_t rows, size_t first,
                const uint32_t *index) {
    const Backend *backend = c->net.backend;
    size_t size = shape_size(c->net.architecture.input);
    uint8_t *pixels = allocate(rows, size), *labels = allocate(rows, 1);
    for (size_t i = 0; i < rows; i++) {
        size_t at = index ? index[i] : first + i;
        memcpy(pixels + i * size, set->pixels + at * size, size);
        if (set->labels) labels[i] = set->labels[at];
    }
    backend->upload(c->pixels, pixels, rows * size);
    backend->upload(c->labels, labels, rows);
    backend->gather_bytes(rows, size, c->pixels, c->order, (real)(2.0 / 255), -1,
                          net_input(&c->net, 0));
    free(pixels), free(labels);
}

static Fit read_fit(const Classifier *c) {
    double value[2];
    c->net.backend->download(value, c->values, sizeof value);
    return (Fit){value[0], value[1]};
}

Fit classifier_gradient(Classifier *c, const ImageSet *set, const uint32_t *index) {
    Net *net = &c->net;
    Rows rows = {0, net->batch};
    put(c, set, rows.count, 0, index);
    net_forward(net, rows, MODE_TRAIN);
    net->backend->cross_entropy(rows.count, c->classes, net_output(net, 0), c->labels, c->values,
                                net_output_delta(net, 0));
    net_zero_gradients(net);
    net_backward(net, rows, (Rows){0, 0});
    net_gradient(net, rows);
    return read_fit(c);
}

Fit classifier_fit(Classifier *c, const ImageSet *set) {
    Fit sum = {0, 0};
    for (size_t first = 0, rows; first < set->count; first += rows) {
        rows = set->count - first < c->net.batch ? set->count - first : c->net.batch;
        put(c, set, rows, first, NULL);
        net_forward(&c->net, (Rows){0, rows}, MODE_SAMPLE);
        c->net.backend->cross_entropy(rows, c->classes, net_output(&c->net, 0), c->labels,
                                      c->values, NULL);
        Fit fit = read_fit(c);
        sum.loss += fit.loss * (double)rows, sum.accuracy += fit.accuracy * (double)rows;
    }
    return (Fit){sum.loss / (double)set->count, sum.accuracy / (double)set->count};
}

static void download(const Net *net, size_t count, const real *from, double *to) {
    real *numbers = allocate(count, sizeof *numbers);
    net->backend->download(numbers, from, count * sizeof *numbers);
    for (size_t i = 0; i < count; i++) to[i] = (double)numbers[i];
    free(numbers);
}

// Rows of outputs into probabilities, in place; the largest taken away first, so that none
// overflows.
static void softmax(size_t rows, size_t classes, double *p) {
    for (size_t i = 0; i < rows; i++, p += classes) {
        double largest = p[0], sum = 0;
        for (size_t k = 1; k < classes; k++) largest = fmax(largest, p[k]);
        for (size_t k = 0; k < classes; k++) sum += p[k] = exp(p[k] - largest);
        for (size_t k = 0; k < classes; k++) p[k] /= sum;
    }
}

void classifier_look(Classifier *c, const ImageSet *set, double *probability, double *feature) {
    const Net *net = &c->net;
    for (size_t first = 0, rows; first < set->count; first += rows) {
        rows = set->count - first < net->batch ? set->count - first : net->batch;
        put(c, set, rows, first, NULL);
        net_forward(&c->net, (Rows){0, rows}, MODE_SAMPLE);
        if (feature)
            download(net, rows * c->features, net->layer[net->count - 1].x,
                     feature + first * c->features);
        if (!probability) continue;
        double *p = probability + first * c->classes;
        download(net, rows * c->classes, net_output(net, 0), p);
        softmax(rows, c->classes, p);
    }
}
