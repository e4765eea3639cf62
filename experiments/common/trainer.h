// Training on points: a critic, a generator and the half-steps between them. The programs about
// training share these and differ in their settings.
//
//     const Backend *backend = trainer_backend();
//     critic_build(&critic, backend, &critic_settings, seed);
//     generator_build(&generator, backend, &generator_settings, seed);
//     for each step {
//         for n_critic times {
//             critic_put_real(&critic, points);          // drawn by the program
//             generator_put_fake(&generator, &critic);   // fresh latents
//             critic_update(&critic);
//         }
//         generator_update(&generator, &critic);
//     }
//
// Points are host arrays of doubles, [n][features]; an image is one row in H, W, C order. All
// functions end the program with a line on stderr where the device, the memory or an architecture
// fails. Every player has random numbers of its own (initial weights, latents, the t of x̂,
// samples), which depend on `seed` alone: to look at a run does not change it.
#ifndef TRAINER_H
#define TRAINER_H

#include "contract.h"
#include "nets/gan.h"
#include "nets/init.h"
#include "nets/optimiser.h"
#include "nets/random.h"

// The device of --device, with --threads; written into the provenance.
const Backend *trainer_backend(void);
const Backend *trainer_backend_at(Precision precision);

// "input I; linear W relu; …; linear O", with `layers` linear layers in all. Kept as text() keeps.
const char *mlp_line(int inputs, int64_t layers, int64_t width, int outputs);

Rule rule_adam(double rate, double beta1, double beta2);

// ---- the critic, or discriminator ----

typedef struct {
    const char *architecture; // one number per row at its end, raw: no sigmoid (loss.h)
    GanLoss loss;
    Penalty penalty; // lambda 0: none
    Init init;
    Rule rule;
    double clip;  // after each step; 0: none
    double noise; // σ of white noise on real and generated rows before the critic; 0: none
    size_t batch;
} CriticSettings;

typedef struct {
    Net net; // rows: [real; fake; x̂]
    CriticSettings settings;
    uint64_t seed;
    Optimiser optimiser;
    RandomSource mix;   // of t
    RandomSource noise; // of the white noise
    RandomSource looks; // of the noise where the run is only looked at
    RandomSource picks; // of images out of a pool
    double sigma;       // of the noise now; settings.noise, unless the program lowers it
    real *noise_rows;   // [2·batch][features] on the device; NULL without noise
    uint32_t *index;    // [batch] on the device, of the images picked
    real *t, *norms;    // [batch] on the device
    double *values;     // [VALUE_COUNT] on the device
} Critic;

void critic_build(Critic *, const Backend *, const CriticSettings *, uint64_t seed);
void critic_free(Critic *);

// Begins again with weights from U(−side, side) and no biases: an ordinary beginning mostly lies
// outside a small clipping bound, whose first clip throws it onto ±c.
void critic_begin_within(Critic *, double side);

// `batch` points for the next update.
void critic_put_real(Critic *, const double *points);
void critic_put_fake(Critic *, const double *points);

// Noise of the present sigma, drawn from `source`, onto rows within the first two batches.
void critic_add_noise(Critic *, Rows rows, RandomSource source);

// Noise onto the points put, if there is any; the loss's gradient; one step of the optimiser; the
// clip.
void critic_update(Critic *);

// The three means of the last update (gan.h); their sum is the loss. Ends the program with
// EXIT_NONFINITE where one is not finite: call it now and then.
typedef struct {
    double real, fake, penalty;
} CriticLosses;
CriticLosses critic_losses(const Critic *);
CriticLosses critic_values(const Critic *); // the same, whatever they are

// ‖∇f(x̂)‖ over the batch at the last update with a penalty.
typedef struct {
    double mean, max;
} GradientNorms;
GradientNorms critic_norms(const Critic *);
double critic_mean_norm(const Critic *);

// f at points x[n][features] into value[n], and its gradient by x into slope[n][features]; either
// may be NULL. Overwrites the rows put before, not the weights nor their gradients.
void critic_evaluate(Critic *, size_t n, const double *x, double *value, double *slope);

// ---- the generator ----

typedef enum { LATENT_NORMAL, LATENT_UNIFORM } Latent; // N(0, 1) or U(−1, 1), each number

typedef struct {
    const char *architecture;
    Latent latent;
    Init init;
    Rule rule;
    size_t batch;       // the critic's
    bool reuse_latents; // an update takes the latents of the last generator_put_fake()
} GeneratorSettings;

typedef struct {
    Net net;
    GeneratorSettings settings;
    Optimiser optimiser;
    RandomSource latents, looks; // of training, of generator_sample()
    double *values;              // [VALUE_COUNT] on the device
} Generator;

void generator_build(Generator *, const Backend *, const GeneratorSettings *, uint64_t seed);
void generator_free(Generator *);

// A batch from fresh latents into the critic's fake rows.
void generator_put_fake(Generator *, Critic *);

// Fresh latents, unless reused; the gradient of the critic's loss for the generator into
// net.gradients; no step.
void generator_slope(Generator *, Critic *);

// generator_slope() and one step of the optimiser.
void generator_update(Generator *, Critic *);

// The generator's loss at its last slope or update, checked as critic_losses().
double generator_loss(const Generator *);
double generator_value(const Generator *); // the same, whatever it is

// n points from fresh latents into x[n][features]; batch norm uses its running statistics.
void generator_sample(Generator *, size_t n, double *x);

// The next generator_sample() begins with the latents of the first: the same points, moving.
void generator_rewind(Generator *);

// ---- both ----

// Ends the program with EXIT_USAGE unless the generator makes what the critic takes.
void trainer_check_pair(const Generator *, const Critic *);

// Euclidean norm of net->gradients, summed in double.
double gradient_norm(const Net *net);

#endif
