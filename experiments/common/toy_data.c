#include "toy_data.h"

#include "contract.h"
#include "points.h"

#include <stdlib.h>
#include <string.h>

enum { HELD_OUT_EVERY = 5, FEWEST = 2 * HELD_OUT_EVERY };

// FNV-1a over the numbers' bytes.
static uint64_t digest_of(size_t count, const double *x) {
    uint64_t digest = 0xcbf29ce484222325;
    const unsigned char *bytes = (const unsigned char *)x;
    for (size_t k = 0; k < count * sizeof *x; k++) digest = (digest ^ bytes[k]) * 0x100000001b3;
    return digest;
}

// Fisher and Yates; the same for every seed of training, so that runs hold out the same points.
static void shuffle(size_t count, size_t dim, double *x) {
    Rng rng = rng_stream(0, 0);
    for (size_t i = count; i > 1; i--) {
        double *a = x + (i - 1) * dim, *b = x + (size_t)rng_below(&rng, i) * dim;
        for (size_t k = 0; k < dim; k++) {
            double kept = a[k];
            a[k] = b[k], b[k] = kept;
        }
    }
}

ToyData toy_data_open(const char *name, const char *columns) {
    ToyData data = {.name = name};
    if (set_find(name, &data.set)) {
        if (columns) fail(EXIT_USAGE, "--columns picks from a file, and %s is none", name);
        data.endless = true, data.dim = 2;
        return data;
    }
    Points points = points_read(name, columns, false);
    if (points.count < FEWEST)
        fail(EXIT_DATA, "%s: %zu points, too few to train on: at least %d", name, points.count,
             FEWEST);
    data.count = points.count, data.dim = points.dim, data.x = points.x;
    data.digest = digest_of(data.count * data.dim, data.x);
    shuffle(data.count, data.dim, data.x);
    return data;
}

void toy_data_free(ToyData *data) {
    free(data->x);
    *data = (ToyData){0};
}

static void copy_point(const ToyData *data, size_t from, double *x) {
    memcpy(x, data->x + from * data->dim, data->dim * sizeof *x);
}

void toy_data_draw(const ToyData *data, Rng *rng, size_t n, double *x) {
    if (data->endless) {
        set_sample(data->set, rng, n, x);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        size_t k; // not one of those that are held out: 4, 9, 14, …
        do k = (size_t)rng_below(rng, data->count);
        while (k % HELD_OUT_EVERY == HELD_OUT_EVERY - 1);
        copy_point(data, k, x + i * data->dim);
    }
}

void toy_data_held_out(const ToyData *data, Rng *rng, size_t n, double *x) {
    if (data->endless) {
        set_sample(data->set, rng, n, x);
        return;
    }
    size_t held_out = data->count / HELD_OUT_EVERY;
    for (size_t i = 0; i < n; i++)
        copy_point(data, HELD_OUT_EVERY * (i % held_out + 1) - 1, x + i * data->dim);
}
