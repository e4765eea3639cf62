// What a step would take, before anything is trained: layers, memory, arithmetic.
#ifndef PLAN_H
#define PLAN_H

#include "image_data.h"
#include "image_gan.h"

#include <stdio.h>

// Floating-point operations (2 per multiply-add, products only) of one iteration: critic_iters
// critic updates and one of the generator.
double plan_flop(const ImageGanSettings *);

// Both nets layer by layer, memory on the device with the images of `data`, and plan_flop(). Ends
// the program with EXIT_USAGE where an architecture is wrong, or does not fit the images.
void plan_print(const ImageGanSettings *, const ImageData *data, FILE *out);

#endif
