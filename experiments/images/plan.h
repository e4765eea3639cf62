// What a step would take, before anything is trained: layers, memory, arithmetic.
#ifndef PLAN_H
#define PLAN_H

#include "image_gan.h"

#include <stdio.h>

// Floating-point operations (2 per multiply-add, products only) of one iteration: critic_iters
// critic updates and one of the generator.
double plan_flop(const ImageGanSettings *);

// Both nets layer by layer, memory on the device with `images` and `held_out` images of the
// critic's input size, and plan_flop(). Ends the program with EXIT_USAGE where an architecture is
// wrong.
void plan_print(const ImageGanSettings *, size_t images, size_t held_out, FILE *out);

#endif
