// A GAN on images from end to end: the data on the device, both players, the iteration of the
// papers' algorithms, and what is measured beside it.
#ifndef IMAGE_GAN_H
#define IMAGE_GAN_H

#include "experiments/common/trainer_images.h"
#include "nets/images/image_set.h"

typedef struct {
    CriticSettings critic;
    GeneratorSettings generator;
    int64_t critic_iters;  // critic updates to a generator update
    int64_t noise_horizon; // the noise before the critic falls linearly to 0 at this step; 0: stays
    size_t held_out;       // images that training does not see, out of the set; 0: none
    bool capture;          // on a GPU: a whole iteration as one graph
    uint64_t seed;
} ImageGanSettings;

typedef struct {
    ImageGanSettings settings;
    Critic critic;
    Generator generator;
    ImagePool training, held_out;
    int64_t step;   // generator updates done
    bool warm;      // a step was done by this process
    Capture *graph; // of an iteration, on a GPU
} ImageGan;

// Ends the program with EXIT_USAGE where a critic does not take, or a generator does not make,
// images of this shape.
void image_gan_check(const Architecture *critic, const Architecture *generator, const ImageSet *);

// `held` is a set of held-out images of the same shape, of which settings->held_out are taken,
// evenly spaced; NULL: that many of `set` are kept back. Both are copied to the device. Ends the
// program with EXIT_USAGE where an architecture does not fit the images, with EXIT_RESOURCE where
// the device has no room.
void image_gan_build(ImageGan *, const Backend *, const ImageSet *set, const ImageSet *held,
                     const ImageGanSettings *);
void image_gan_free(ImageGan *);

// critic_iters critic updates and one generator update (1701.07875 and 1704.00028, algorithm 1).
void image_gan_step(ImageGan *);

// False where a loss of the last step is not finite; waits for the device.
bool image_gan_finite(const ImageGan *);

typedef struct {
    double critic, generator; // losses at the last updates
    double w, penalty;        // parts of the first; nan where the loss has none
    GradientNorms norms;      // ‖∇f(x̂)‖, nan without a penalty
    double validation,
        training; // critic's loss now, without penalty, on held-out images and on as
                  // many evenly spaced over the training set; nan where nothing is held out
} ImageGanLook;

// Changes nothing that training uses. Before the first step everything is nan.
ImageGanLook image_gan_look(ImageGan *);

// n images, from the same latents each time, into bytes[n][features].
void image_gan_sample(ImageGan *, size_t n, uint8_t *bytes);

#endif
