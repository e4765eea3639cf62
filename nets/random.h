// Random draws on the device: a primitive and the step of its counter. The state is one block
// number.
#ifndef NETS_RANDOM_H
#define NETS_RANDOM_H

#include "../kernels/backend.h"

// A source with its own counter, starting at block 0. Returns 0 or EXIT_RESOURCE; free it with
// random_free(). Give each purpose (latents, interpolation, indices, initial weights) its own
// stream.
int random_open(RandomSource *source, const Backend *backend, uint64_t seed, uint64_t stream,
                Error *error);
void random_free(RandomSource *source, const Backend *backend);

void random_draw_uniform(const Backend *backend, RandomSource source, size_t n, double low,
                         double high, real *out);
void random_draw_normal(const Backend *backend, RandomSource source, size_t n, double mean,
                        double sigma, real *out);
void random_draw_index(const Backend *backend, RandomSource source, size_t n, uint32_t below,
                       uint32_t *out);

// The counter, for checkpoints. Both wait for the device.
uint64_t random_block(const Backend *backend, RandomSource source);
void random_restore(const Backend *backend, RandomSource source, uint64_t block);

#endif
