// A trained generator, to sample from: out of a run folder, a checkpoint, or an exported net.
//
//     ImageGenerator generator;
//     image_generator_open(&generator, trainer_backend(), "runs/fashion-quick", 64);
//     image_generator_sample(&generator, seed, n, bytes);        n · generator.features bytes
//     image_generator_free(&generator);
#ifndef GENERATOR_LOAD_H
#define GENERATOR_LOAD_H

#include "experiments/common/trainer_images.h"

typedef struct {
    Net net;                  // for sampling only: batch norm uses its running statistics
    size_t latents, features; // numbers into and out of a row
    int height, width, channels;
    Latent latent;
    PixelRange range;
    const char *path; // of the file that it was read from
    int64_t step;     // generator updates behind it; −1 for an exported net
    const char *data; // image_data_line() of the run; "" for an exported net
} ImageGenerator;

// From PATH: a run folder (its newest checkpoint that can be read), a checkpoint of train_images,
// or an exported net with its `architecture` in __metadata__, whose latents are N(0, 1) unless it
// says `latent` uniform. Ends the program with EXIT_RESOURCE where it cannot be read, and with
// EXIT_DATA where it is damaged or makes no images of 1 or 3 channels.
void image_generator_open(ImageGenerator *, const Backend *, const char *path, size_t batch);
void image_generator_free(ImageGenerator *);

// n latents from `seed` into z[n][latents]; the first of many are those of few.
void image_generator_latents(const ImageGenerator *, uint64_t seed, size_t n, real *z);

// The images of z[n][latents] into bytes[n][height][width][channels].
void image_generator_make(ImageGenerator *, size_t n, const real *z, uint8_t *bytes);

// Both, for n images.
void image_generator_sample(ImageGenerator *, uint64_t seed, size_t n, uint8_t *bytes);

// The latent at share t of the way from a to b, n numbers each. N(0, 1) in n dimensions lies close
// to the sphere of radius √n: a straight line would cut through its inside, where the generator was
// hardly trained, so the way is an arc. In the cube of U(−1, 1) the middle of a straight line
// is too short as well, but an arc would leave the cube, and the way is the line.
void latent_between(Latent, double t, size_t n, const real *a, const real *b, real *z);

#endif
