#include "image_data.h"

#include "experiments/common/contract.h"

#include <stdio.h>
#include <string.h>

static void open_set(ImageSet *set, const ImageRequest *request) {
    Error error;
    int status = image_set_open(set, request, &error);
    if (status) fail(status, "%s", error.text);
}

static size_t at_most(size_t a, size_t b) {
    return a < b ? a : b;
}

// False where the source has no test part.
static bool open_test(ImageSet *test, ImageRequest request) {
    Error error;
    request.part = PART_TEST;
    request.limit = 0; // those held out are evenly spaced over it
    int status = image_set_open(test, &request, &error);
    if (status && status != EXIT_USAGE) fail(status, "%s", error.text);
    return status == 0;
}

void image_data_match(const ImageSet *set, const ImageSet *test, const char *source) {
    if (set->height != test->height || set->width != test->width || set->channels != test->channels)
        fail(EXIT_DATA, "%s: the test images are %dx%dx%d, the training images %dx%dx%d", source,
             test->height, test->width, test->channels, set->height, set->width, set->channels);
    if (test->classes > set->classes)
        fail(EXIT_DATA, "%s: the test labels go up to %d, the training labels to %d", source,
             test->classes - 1, set->classes - 1);
}

void image_data_open(ImageData *data, const ImageRequest *request, size_t held_out) {
    ImageRequest training = *request;
    *data = (ImageData){.held_out = held_out};
    if (held_out > 0) data->has_test = open_test(&data->test, *request);
    if (!data->has_test && training.limit > 0)
        training.limit += at_most(held_out, training.limit / 9);
    open_set(&data->set, &training);
    if (data->has_test) image_data_match(&data->set, &data->test, request->source);
    data->held_out = at_most(held_out, data->has_test ? data->test.count : data->set.count / 10);
    if (*data->set.uncached.text)
        fprintf(stderr, "%s: no cache: %s\n", request->source, data->set.uncached.text);
    if (data->set.skipped > 0)
        fprintf(stderr, "%s: %zu pictures left out, which cannot be read\n", request->source,
                data->set.skipped);
}

void image_data_close(ImageData *data) {
    if (data->has_test) image_set_close(&data->test);
    image_set_close(&data->set);
}

const ImageSet *image_data_held_out(const ImageData *data) {
    return data->has_test ? &data->test : NULL;
}

size_t image_data_spaced(const ImageSet *set, size_t k, size_t of) {
    return (2 * k + 1) * set->count / (2 * of);
}

static const char *set_line(const ImageSet *set) {
    return text("%zu images %dx%dx%d, digest %s", set->count, set->height, set->width,
                set->channels, set->digest);
}

const char *image_data_line(const ImageData *data) {
    return text("%s, %zu held out of %s", set_line(&data->set), data->held_out,
                data->has_test ? text("test part %s", data->test.digest) : "them");
}

size_t image_data_count(const char *line) {
    size_t count = 0;
    return sscanf(line, "%zu images ", &count) == 1 ? count : 0;
}

bool image_data_is(const char *line, const ImageSet *set) {
    const char *start = set_line(set);
    return strncmp(line, start, strlen(start)) == 0;
}

size_t image_data_kept_of(const char *line, const ImageSet *set) {
    size_t kept = 0;
    int end = 0;
    if (!image_data_is(line, set)) return 0;
    line += strlen(set_line(set));
    sscanf(line, ", %zu held out of them%n", &kept, &end);
    return end > 0 && !line[end] && kept < set->count ? kept : 0;
}
