#include "trainer_images.h"

#include <math.h>
#include <stdlib.h>

PixelRange pixel_range(const Architecture *generator) {
    bool unit = generator->item[generator->count - 1].act == ACT_SIGMOID;
    return unit ? PIXELS_UNIT : PIXELS_SIGNED;
}

uint8_t pixel_byte(PixelRange range, double x) {
    require_finite(x, "a generated pixel"); // which fmax() would make black
    double byte = range == PIXELS_UNIT ? 255 * x : 127.5 * (x + 1);
    return (uint8_t)lrint(fmin(fmax(byte, 0), 255));
}

// ---- the pool ----

void image_pool_build(ImagePool *pool, const Backend *backend, size_t count, size_t features,
                      PixelRange range) {
    Error error;
    *pool = (ImagePool){.backend = backend, .count = count, .features = features, .range = range};
    pool->bytes = backend->alloc(count * features, &error);
    if (!pool->bytes)
        fail(EXIT_RESOURCE, "%zu images of %zu bytes on the device: %s", count, features,
             error.text);
}

void image_pool_free(ImagePool *pool) {
    pool->backend->free(pool->bytes);
    *pool = (ImagePool){0};
}

void image_pool_put(ImagePool *pool, size_t first, size_t count, const uint8_t *bytes) {
    pool->backend->upload(pool->bytes + first * pool->features, bytes, count * pool->features);
}

static void gather(const ImagePool *pool, size_t count, const uint32_t *index, real *out) {
    bool unit = pool->range == PIXELS_UNIT;
    pool->backend->gather_bytes(count, pool->features, pool->bytes, index,
                                (real)((unit ? 1 : 2) / 255.0), unit ? 0 : -1, out);
}

void critic_put_images(Critic *critic, const ImagePool *pool) {
    Net *net = &critic->net;
    random_draw_index(net->backend, critic->picks, net->batch, (uint32_t)pool->count,
                      critic->index);
    gather(pool, net->batch, critic->index, net_input(net, 0));
}

// ---- the loss without a step ----

// Sum of a term over the critic's outputs in `rows`.
static double term_sum(const Net *net, LossTerm term, Rows rows) {
    real *f = allocate(rows.count, sizeof *f);
    double sum = 0;
    net->backend->download(f, net_output(net, rows.first), rows.count * sizeof *f);
    for (size_t i = 0; i < rows.count; i++) sum += (double)loss_value(term, f[i]);
    free(f);
    return sum;
}

double critic_fake_loss(Critic *critic) {
    Net *net = &critic->net;
    Rows fakes = {net->batch, net->batch};
    net_forward(net, fakes, MODE_TRAIN);
    LossTerm term = gan_terms(critic->settings.loss).fake_side;
    return term_sum(net, term, fakes) / (double)net->batch;
}

double critic_pool_loss(Critic *critic, const ImagePool *pool, size_t count) {
    Net *net = &critic->net;
    LossTerm term = gan_terms(critic->settings.loss).real_side;
    uint32_t *index = allocate(net->batch, sizeof *index);
    double sum = 0;
    for (size_t first = 0; first < count; first += net->batch) {
        Rows rows = {0, count - first < net->batch ? count - first : net->batch};
        for (size_t i = 0; i < rows.count; i++)
            index[i] = (uint32_t)((2 * (first + i) + 1) * pool->count / (2 * count));
        net->backend->upload(critic->index, index, rows.count * sizeof *index);
        gather(pool, rows.count, critic->index, net_input(net, 0));
        critic_add_noise(critic, rows, critic->looks);
        net_forward(net, rows, MODE_TRAIN);
        sum += term_sum(net, term, rows);
    }
    if (critic->sigma > 0) random_restore(net->backend, critic->looks, 0);
    free(index);
    return sum / (double)count;
}
