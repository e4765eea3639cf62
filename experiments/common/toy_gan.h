// A GAN on points from end to end: data, players, the iteration of the papers' algorithms, and the
// exact distance that their losses only estimate.
#ifndef TOY_GAN_H
#define TOY_GAN_H

#include "toy_data.h"
#include "trainer.h"

typedef struct {
    CriticSettings critic;
    GeneratorSettings generator;
    int64_t critic_iters; // critic updates to a generator update
    size_t look_points;   // how many points toy_gan_w() compares
    uint64_t seed;
} ToyGanSettings;

typedef struct {
    const ToyData *data;
    ToyGanSettings settings;
    Critic critic;
    Generator generator;
    int64_t step;              // generator updates done
    double *batch;             // [batch][dim]
    double *held_out, *sample; // [look_points][dim]
} ToyGan;

// Ends the program with EXIT_USAGE where an architecture does not fit the data. `data` must outlive
// the run.
void toy_gan_build(ToyGan *, const Backend *, const ToyData *, const ToyGanSettings *);
void toy_gan_free(ToyGan *);

// Points for the next critic update, into the critic's rows: real ones that depend on the seed, the
// step and `k` alone, and a generated batch.
void toy_gan_put_batch(ToyGan *, int64_t k);

// critic_iters critic updates and one generator update (1701.07875 and 1704.00028, algorithm 1).
void toy_gan_step(ToyGan *);

// look_points generated points, from the same latents each time, into ->sample.
void toy_gan_look(ToyGan *);

// Exact W (Euclidean ground cost) between ->sample, as last looked at, and the held-out points.
double toy_gan_w(const ToyGan *);

// What W two samples of the data themselves measure: ->held_out against another one, or against
// points of the training part. No generator can be expected to come below it.
double toy_gan_floor(const ToyGan *);

#endif
