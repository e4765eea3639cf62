// The adversarial losses as terms: what each side's mean is taken of. f is the critic's raw output.
//
//   loss     critic, minimised                            generator, minimised    source
//   gan      −log sigma(f_real) − log(1 − sigma(f_fake))  log(1 − sigma(f_fake))  1406.2661 eq. 1
//   nonsat   the same                                     −log sigma(f_fake)      there, section 3
//   lsgan    (f_real − 1)²/2 + f_fake²/2                  (f_fake − 1)²/2         1611.04076 eq. 9
//   wgan     f_fake − f_real                              −f_fake                 1701.07875 alg. 1
//   wgan-gp  the same, and the penalty of gan.h           −f_fake                 1704.00028 alg. 1
//
// In the logits' form (softplus(±f)) none overflows.
#ifndef NETS_LOSS_H
#define NETS_LOSS_H

#include "../kernels/backend.h"

typedef enum {
    GAN,
    GAN_NONSATURATING,
    GAN_LEAST_SQUARES,
    GAN_WASSERSTEIN,
    GAN_WASSERSTEIN_GP
} GanLoss;

typedef struct {
    LossTerm real_side, fake_side, generator;
} GanTerms;

GanTerms gan_terms(GanLoss loss);
// "gan", "nonsat", "lsgan", "wgan", "wgan-gp"; false for anything else.
bool gan_loss_find(const char *name, GanLoss *loss);

#endif
