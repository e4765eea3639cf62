#include "random.h"

int random_open(RandomSource *source, const Backend *backend, uint64_t seed, uint64_t stream,
                Error *error) {
    *source = (RandomSource){.seed = seed, .stream = stream};
    source->block = backend->alloc(sizeof *source->block, error); // zeroed
    return source->block ? EXIT_OK : EXIT_RESOURCE;
}

void random_free(RandomSource *source, const Backend *backend) {
    backend->free(source->block);
    source->block = NULL;
}

static void advance_by_words(const Backend *backend, RandomSource source, size_t n) {
    backend->advance(source.block, (n + 3) / 4);
}

void random_draw_uniform(const Backend *backend, RandomSource source, size_t n, double low,
                         double high, real *out) {
    backend->random_uniform(source, n, low, high, out);
    advance_by_words(backend, source, n);
}

void random_draw_normal(const Backend *backend, RandomSource source, size_t n, double mean,
                        double sigma, real *out) {
    backend->random_normal(source, n, mean, sigma, out);
    advance_by_words(backend, source, n);
}

void random_draw_index(const Backend *backend, RandomSource source, size_t n, uint32_t below,
                       uint32_t *out) {
    backend->random_index(source, n, below, out);
    advance_by_words(backend, source, n);
}

uint64_t random_block(const Backend *backend, RandomSource source) {
    uint64_t block;
    backend->download(&block, source.block, sizeof block);
    return block;
}

void random_restore(const Backend *backend, RandomSource source, uint64_t block) {
    backend->sync();
    backend->upload(source.block, &block, sizeof block);
}
