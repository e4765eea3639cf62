// The two half-steps of a GAN: gradients only, so that any optimiser, and any test, can follow.
// No allocation, no host synchronisation; everything can be captured.
#ifndef NETS_GAN_H
#define NETS_GAN_H

#include "loss.h"
#include "penalty.h"

// Device array of doubles that a step leaves behind; for wgan, loss = sum of all three.
enum { VALUE_REAL, VALUE_FAKE, VALUE_PENALTY, VALUE_GENERATOR, VALUE_COUNT };

// The critic's loss gradient into critic->gradients (overwritten). Real samples must lie in rows
// [0, B) of its input, generated ones in [B, 2B). With penalty.lambda > 0,
// whatever the loss, t is [B] and norms [B]: forward 3B, deltas, backward 3B, penalty_gradient().
// With lambda 0: forward, backward, gradient on 2B rows; t and norms may be NULL and VALUE_PENALTY
// is 0.
void critic_gradient(Net *critic, GanLoss loss, Penalty penalty, const real *t, real *norms,
                     double *values);

// The generator's, into generator->gradients (overwritten), from latents in rows [0, B) of its
// input: forward, copy to the critic's rows [B, 2B), critic forward and backward to its input
// there, copy the delta back, backward, gradient. The critic's gradients are not touched. Both nets
// have the same B; the generator's output size is the critic's input size.
void generator_gradient(Net *generator, Net *critic, GanLoss loss, double *values);

// Its two halves, for a caller that changes the generated rows in between, by noise for example.
// The first: forward, copy to the critic's rows [B, 2B). The second: the rest, from those rows as
// they are; what was done to them must have the identity as its derivative.
void generator_forward(Net *generator, Net *critic);
void generator_backward(Net *generator, Net *critic, GanLoss loss, double *values);

#endif
