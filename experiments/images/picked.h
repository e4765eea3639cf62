// Sets of images made of others, or of nothing; their pixels are owned: picked_free().
#ifndef IMAGES_PICKED_H
#define IMAGES_PICKED_H

#include "nets/images/image_set.h"
#include "toy/rng.h"

// Room for `count` black images of the shape of `like`, for the caller to fill.
uint8_t *picked_room(ImageSet *picked, const ImageSet *like, size_t count);

// `count` images of `set`, drawn without replacement; at most as many as it has.
ImageSet picked_at_random(const ImageSet *set, size_t count, Rng rng);

// The images that a run with `held_out` > 0 of them kept back trains on, and those kept back.
void picked_apart(const ImageSet *set, size_t held_out, ImageSet part[2]);

// All images of `set`, each drawn into one of two halves; the first has the odd one.
void picked_halves(const ImageSet *set, Rng rng, ImageSet half[2]);

// Every byte uniform over 0 … 255.
ImageSet picked_noise(const ImageSet *like, size_t count, Rng rng);

// Every pixel of `set` becomes the mean of those at most `reach` rows and columns away, rounded.
ImageSet picked_blurred(const ImageSet *set, int reach);

void picked_free(ImageSet *);

#endif
