#include "measures.h"

#include "experiments/common/contract.h"
#include "toy/pyramid.h"
#include "toy/sliced.h"
#include "toy/transport.h"

#include <math.h>
#include <stdlib.h>

static size_t size_of(const ImageSet *set) {
    return (size_t)set->height * (size_t)set->width * (size_t)set->channels;
}

// Images first … first + count − 1 as numbers in [−1, 1], x[count][size].
static void numbers_of(const ImageSet *set, size_t first, size_t count, double *x) {
    const uint8_t *pixels = set->pixels + first * size_of(set);
    for (size_t i = 0; i < count * size_of(set); i++) x[i] = pixels[i] / 127.5 - 1;
}

static _Noreturn void out_of_memory(void) {
    fail(EXIT_RESOURCE, "out of memory");
}

// ---- patches ----

// Patches of every level of all images: patch[level][image][patches][49 c].
static double *patches_of(const ImageSet *set, size_t levels, size_t patches, Rng *rng) {
    size_t h = (size_t)set->height, w = (size_t)set->width, c = (size_t)set->channels;
    size_t row = patches * PATCH_SIDE * PATCH_SIDE * c;
    double *all = allocate(levels * set->count * row, sizeof *all);
    double *image = allocate(size_of(set), sizeof *image);
    double *pyramid = allocate(2 * size_of(set), sizeof *pyramid);
    for (size_t i = 0; i < set->count; i++) {
        numbers_of(set, i, 1, image);
        if (pyramid_split(levels, h, w, c, image, pyramid)) out_of_memory();
        const double *level = pyramid;
        for (size_t l = 0, y = h, x = w; l < levels; l++) {
            patches_draw(rng, y, x, c, level, patches, all + (l * set->count + i) * row);
            level += y * x * c, y = (y + 1) / 2, x = (x + 1) / 2;
        }
    }
    free(image), free(pyramid);
    for (size_t l = 0; l < levels; l++)
        patches_normalise(set->count * patches, c, all + l * set->count * row);
    return all;
}

void patch_distances(const ImageSet *a, const ImageSet *b, size_t patches, size_t directions,
                     Rng rng, double *level) {
    size_t levels = pyramid_levels((size_t)a->height, (size_t)a->width);
    size_t dim = PATCH_SIDE * PATCH_SIDE * (size_t)a->channels;
    size_t n = a->count * patches, m = b->count * patches;
    double *x = patches_of(a, levels, patches, &rng), *y = patches_of(b, levels, patches, &rng);
    for (size_t l = 0; l < levels; l++)
        if (sliced_wasserstein(&level[l], &rng, directions, dim, n, x + l * n * dim, NULL, m,
                               y + l * m * dim, NULL))
            out_of_memory();
    free(x), free(y);
}

// ---- exact transport ----

Summary minibatch_distance(const ImageSet *a, const ImageSet *b, size_t batch, size_t batches) {
    size_t size = size_of(a);
    double *x = allocate(batch * size, sizeof *x), *y = allocate(batch * size, sizeof *y);
    double *w = allocate(batches, sizeof *w);
    for (size_t k = 0; k < batches; k++) {
        Transport t;
        numbers_of(a, k * batch, batch, x), numbers_of(b, k * batch, batch, y);
        if (transport_solve(&t, COST_L2, size, batch, x, NULL, batch, y, NULL)) out_of_memory();
        w[k] = t.value;
        transport_free(&t);
    }
    Summary summary = statistics_summary(batches, w);
    free(x), free(y), free(w);
    return summary;
}

// ---- classes ----

// [class_score]
double class_score(size_t n, size_t classes, const double *probability) {
    double *mean = allocate(classes, sizeof *mean), sum = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < classes; k++) mean[k] += probability[i * classes + k] / (double)n;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < classes; k++) {
            double p = probability[i * classes + k];
            if (p > 0) sum += p * log(p / mean[k]);
        }
    free(mean);
    return exp(sum / (double)n);
}
// [/class_score]
