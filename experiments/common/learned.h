// What networks make of two distributions: the distance that a trained critic reports, and the one
// that a trained discriminator reports. For programs that measure without networks and only
// compare: they build without OpenBLAS and jansson, where learned_none.c stands in.
#ifndef LEARNED_H
#define LEARNED_H

#include "toy/rng.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// False where the program was built without networks; learned_measure() then ends it with
// EXIT_RESOURCE.
bool learned_available(void);

// n points of each distribution into real[n][features] and fake[n][features].
typedef void PairSampler(const void *context, Rng *rng, size_t n, double *real, double *fake);

typedef struct {
    size_t features;
    int64_t steps;      // of each network, each on a fresh batch
    double lambda;      // of the critic's two-sided gradient penalty, > 0
    size_t evaluations; // points per side that the estimates are taken on, fresh too
} LearnedSettings;

typedef struct {
    double w;  // mean f(real) − mean f(fake), f the critic; its penalty is left out
    double js; // ½ V + log 2, V = mean log D(real) + mean log(1 − D(fake)), D the discriminator
} LearnedDistances;

// Trains both networks from scratch: two hidden layers of 64 ReLU, batches of 64, Adam with β 0.5
// and 0.9 and a rate that falls linearly from 2e-3 to 0. Every random number comes from `rng`. Ends
// the program with EXIT_NONFINITE where a loss leaves the finite numbers.
LearnedDistances learned_measure(const LearnedSettings *settings, PairSampler *sampler,
                                 const void *context, Rng rng);

#endif
