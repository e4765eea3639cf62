// What the programs that compare many small GANs on grey images share: their networks, by the size
// of the images, and pictures of what they make, as tables.
#ifndef SMALL_GAN_H
#define SMALL_GAN_H

#include "experiments/common/contract.h"
#include "grid.h"
#include "nets/images/image_set.h"

// A part of a data set, `side` pixels a side, at most `limit` images (0: all). Ends the program
// with EXIT_USAGE where the images are not grey.
ImageSet grey_images(const char *source, ImagePart part, int64_t side, int64_t limit);

// Two convolutions of stride 2, `width` and 2·width channels, no batch norm. Kept as text() keeps.
const char *small_critic(int side, int64_t width);

// The way back from LATENT numbers: 2·width channels of a quarter of the side, `width` of a half,
// the image.
enum { LATENT_NUMBERS = 32 };
const char *small_generator(int side, int64_t width, bool batch_norm);

// A table of pictures: a line of pixels, bytes, a row. `names` are the columns before them, all
// text but the last, `line`, which comes from here.
Tsv *pictures_open(const char *suffix, const char *names, Grid);

// The first rows·columns of `pictures` as one (grid_tile), under the names name[names].
void pictures_write(Tsv *, size_t names, const char *const *name, Grid, const uint8_t *pictures);

#endif
