// Random numbers on the CPU: Random123's Philox, block by block.
#include "cpu.h"

#include <Random123/philox.h>

static void block_words(RandomSource source, uint64_t block, uint32_t words[4]) {
    philox4x32_key_t key = {{(uint32_t)source.seed, (uint32_t)(source.seed >> 32)}};
    philox4x32_ctr_t counter = {{(uint32_t)block, (uint32_t)(block >> 32), (uint32_t)source.stream,
                                 (uint32_t)(source.stream >> 32)}};
    philox4x32_ctr_t out = philox4x32(counter, key);
    for (int lane = 0; lane < 4; lane++) words[lane] = out.v[lane];
}

// out[i] = VALUE for every element, of `words` and `lane`.
#define DRAW(VALUE)                                                                                \
    PARALLEL(n) {                                                                                  \
        Range blocks = share((n + 3) / 4);                                                         \
        for (size_t block = blocks.first; block < blocks.end; block++) {                           \
            uint32_t words[4];                                                                     \
            block_words(source, *source.block + block, words);                                     \
            for (int lane = 0; lane < 4 && 4 * block + (size_t)lane < n; lane++)                   \
                out[4 * block + (size_t)lane] = VALUE;                                             \
        }                                                                                          \
    }

void cpu_random_words(RandomSource source, size_t n, uint32_t *out) {
    DRAW(words[lane])
}

void cpu_random_uniform(RandomSource source, size_t n, double low, double high, real *out) {
    DRAW(word_range(words[lane], low, high))
}

void cpu_random_normal(RandomSource source, size_t n, double mean, double sigma, real *out) {
    DRAW(words_normal(words, lane, mean, sigma))
}

void cpu_random_index(RandomSource source, size_t n, uint32_t below, uint32_t *out) {
    DRAW(word_index(words[lane], below))
}

void cpu_advance(uint64_t *counter, uint64_t by) {
    *counter += by;
}
