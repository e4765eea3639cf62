// Random numbers that are the same on every machine: Philox4x32-10 (Salmon, Moraes, Dror & Shaw,
// "Parallel random numbers: as easy as 1, 2, 3", SC 2011), a counter put through a keyed bijection.
// A (seed, stream) pair names a sequence of 2^66 words; two pairs share no block.
#ifndef TOY_RNG_H
#define TOY_RNG_H

#include <stddef.h>
#include <stdint.h>

// A plain value: a copy is a second generator that goes on from the same place.
typedef struct Rng {
    uint32_t key[2];     // seed: low, high half
    uint32_t counter[4]; // of the next block: block low, high; stream low, high
    uint32_t word[4];    // the current block
    unsigned lane;       // the next word of it; 4 when all are used
} Rng;

// The bijection itself, one block: out = philox4x32-10(counter, key).
void rng_block(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

// The sequence of (seed, stream), at its start.
Rng rng_stream(uint64_t seed, uint64_t stream);

// The next word; the lanes of a block are used in order 0 to 3.
uint32_t rng_word(Rng *rng);

// Uniform over 0 … n − 1, without bias, n ≥ 1. Uses two words, and two more for every rejection.
uint64_t rng_below(Rng *rng, uint64_t n);

// Uniform over the multiples of 2^−53 strictly inside (0, 1). Uses two words, the first one as the
// high half (and two more once in 2^53 calls, when all 53 bits are 0).
double rng_uniform(Rng *rng);

// Standard normal, by the ratio of uniforms (Kinderman & Monahan, ACM TOMS 3, 1977): (u, v) uniform
// over a rectangle, accepted inside the region v² ≤ −4 u² log u, x = v / u.
//
// Why not Box–Muller: its value is a product of log, sin and cos, whose last bits differ from one
// maths library to the next. Here x takes one subtraction (exact), one product and one division,
// which IEEE 754 defines to the bit; log only decides acceptance, and a last place of log matters
// to that decision about once in 10^16 draws.
// Uses a random number of words, 5.5 on average.
double rng_normal(Rng *rng);

// Puts order[n] into one of its n! orders, all equally likely (Fisher and Yates).
void rng_shuffle(Rng *rng, size_t n, uint32_t *order);

#endif
