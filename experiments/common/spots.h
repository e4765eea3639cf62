// Small generators of images, trained a little: what manifolds.c and apart.c look into.
//
// The data are images of one round spot, white on black in [−1, 1], whose place and width are
// drawn: a manifold of three dimensions among side² pixels.
#ifndef SPOTS_H
#define SPOTS_H

#include "toy/rng.h"
#include "trainer.h"

// n images into x[n][side][side].
void spots_sample(Rng *rng, size_t side, size_t n, double *x);

typedef enum {
    SPOTS_LINEAR, // a linear map, untrained: the control
    SPOTS_MLP,    // 4 hidden layers, ReLU
    SPOTS_DCGAN,  // 4 transposed convolutions, ReLU, no norm
    SPOTS_KINDS
} SpotsKind;
extern const char *const SPOTS_NAMES[SPOTS_KINDS];

typedef struct {
    int64_t latent, side; // N(0, 1) latents; a multiple of 16
    int64_t width;        // of the hidden layers of the linear map and the MLP
    int64_t filters;      // before the DCGAN's last layer, twice as many before each layer above
} SpotsShape;

enum { SPOTS_BATCH = 64 };

// With initial weights (He) that depend on `seed` alone. Free with generator_free().
void spots_build(Generator *, const Backend *, SpotsKind, SpotsShape, uint64_t seed);

// `iterations` of WGAN-GP (λ = 10, Adam 2e-4 (0.5, 0.9), two critic updates for each of the
// generator's) on images drawn from `rng`.
void spots_train(Generator *, SpotsKind, SpotsShape, int64_t iterations, uint64_t seed, Rng rng);

#endif
