// The generator's gradient once more, by other arithmetic: how much of it is rounding?
#ifndef ARITHMETIC_H
#define ARITHMETIC_H

#include "trainer.h"

// Both take the batch that generator_slope() has just drawn, with the loss log(1 − σ(f)).

// ‖gradient − exact‖ / ‖exact‖, exact being the gradient at the same weights and latents by plain
// loops in double (toy/mlp.h). Both nets are of linear layers, leaky or identity.
double gradient_rounding(const Generator *, const Critic *);

// The norm of the gradient where `slope`, a function of the logit, stands for the loss's. The
// generator's gradients are overwritten.
double gradient_norm_by(Generator *, Critic *, double (*slope)(double logit));

// `count` numbers from the device.
void device_numbers(const Net *, size_t count, const real *from, double *to);

#endif
