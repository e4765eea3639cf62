// Training on images that live on the device as bytes: a batch is drawn there, from a counter of
// the critic's, so that nothing but the losses travels.
#ifndef TRAINER_IMAGES_H
#define TRAINER_IMAGES_H

#include "trainer.h"

// What bytes 0..255 become for the networks: as the generator's last activation has it, tanh
// [−1, 1], sigmoid [0, 1].
typedef enum { PIXELS_SIGNED, PIXELS_UNIT } PixelRange;

// The range that fits a generator: [0, 1] where it ends in a sigmoid, else [−1, 1].
PixelRange pixel_range(const Architecture *generator);

// The nearest byte; what lies outside the range becomes 0 or 255. Ends the program with
// EXIT_NONFINITE where x is no number.
uint8_t pixel_byte(PixelRange range, double x);

typedef struct {
    const Backend *backend;
    size_t count, features; // images, numbers in each: height·width·channels
    PixelRange range;
    uint8_t *bytes; // [count][features] on the device
} ImagePool;

// A pool of `count` > 0 images, black until they are put. Ends the program with EXIT_RESOURCE where
// the device has no room.
void image_pool_build(ImagePool *, const Backend *, size_t count, size_t features, PixelRange);
void image_pool_free(ImagePool *);

// `count` images, host bytes [count][features], from place `first` on.
void image_pool_put(ImagePool *, size_t first, size_t count, const uint8_t *bytes);

// A batch of images for the next update, drawn with replacement.
void critic_put_images(Critic *, const ImagePool *);

// Mean over `count` images of the pool, evenly spaced over it as its order may be that of what they
// show, of what the critic's loss takes of real ones, and of what it takes of generated ones over
// the rows that the last generator update put, both by the critic as it is now. Changes nothing
// that training uses.
double critic_pool_loss(Critic *, const ImagePool *, size_t count);
double critic_fake_loss(Critic *);

#endif
