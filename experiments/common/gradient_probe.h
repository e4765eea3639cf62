// How large and how unsteady the generator's gradient is, with both players held still.
#ifndef GRADIENT_PROBE_H
#define GRADIENT_PROBE_H

#include "trainer.h"

typedef struct {
    double norm, norm_sd; // of a batch's gradient: mean and standard deviation over batches
    double variance;      // of one sample's gradient: mean squared distance from the expected one
} GradientProbe;

// Over `batches` ≥ 2 batches of fresh latents, by the generator's weights and of the critic's loss.
// sample_norms[batches · B] becomes the norms of the single samples' gradients, in order of their
// drawing. No weight moves; the generator's gradients are overwritten.
GradientProbe gradient_probe(Generator *, Critic *, size_t batches, double *sample_norms);

#endif
