#include "rng.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

#include <Random123/philox.h>

void rng_block(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
    philox4x32_ctr_t c = {{counter[0], counter[1], counter[2], counter[3]}};
    philox4x32_key_t k = {{key[0], key[1]}};
    c = philox4x32_R(10, c, k);
    for (int lane = 0; lane < 4; lane++) out[lane] = c.v[lane];
}

Rng rng_stream(uint64_t seed, uint64_t stream) {
    return (Rng){.key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
                 .counter = {0, 0, (uint32_t)stream, (uint32_t)(stream >> 32)},
                 .lane = 4};
}

static void next_block(Rng *rng) {
    rng_block(rng->counter, rng->key, rng->word);
    if (++rng->counter[0] == 0) rng->counter[1]++;
    rng->lane = 0;
}

uint32_t rng_word(Rng *rng) {
    if (rng->lane == 4) next_block(rng);
    return rng->word[rng->lane++];
}

static uint64_t two_words(Rng *rng) {
    uint64_t high = rng_word(rng);
    return high << 32 | rng_word(rng);
}

uint64_t rng_below(Rng *rng, uint64_t n) {
    assert(n > 0);
    // 2^64 mod n values are too many; without them every remainder is met equally often
    uint64_t surplus = -n % n, word;
    do word = two_words(rng);
    while (word < surplus);
    return word % n;
}

double rng_uniform(Rng *rng) {
    uint64_t bits;
    do bits = two_words(rng) >> 11;
    while (bits == 0);
    return (double)bits * 0x1p-53;
}

double rng_normal(Rng *rng) {
    const double width = 0x1.b72cd3f331398p+0; // 2 √(2/e): v lies in ± half of it
    while (true) {
        double u = rng_uniform(rng);
        double x = (rng_uniform(rng) - 0.5) * width / u;
        if (x * x <= -4 * log(u)) return x;
    }
}

void rng_shuffle(Rng *rng, size_t n, uint32_t *order) {
    for (size_t i = n; i > 1; i--) {
        size_t k = (size_t)rng_below(rng, i);
        uint32_t last = order[i - 1];
        order[i - 1] = order[k], order[k] = last;
    }
}
