// An image by scales, and patches of it: what a sliced distance between sets of images looks at
// (Karras, Aila, Laine & Lehtinen 2018, "Progressive Growing of GANs", section 5).
//
// A level holds the detail that the next coarser one lacks: with g_0 the image and
// g_{l+1} = down(g_l), level l is g_l − up(g_{l+1}), and the last is g itself (Burt & Adelson
// 1983). So differences at one scale cannot hide behind another. Images are [height][width][c]
// doubles; level l has ⌈side / 2^l⌉ pixels where the image has `side`.
#ifndef TOY_PYRAMID_H
#define TOY_PYRAMID_H

#include "rng.h"
#include <stddef.h>

enum { PATCH_SIDE = 7, PYRAMID_MOST = 16 };

// Halved until at most 22 pixels of the shorter side are left: the last level is the one nearest to
// 16 by ratio (12 to 22; 16 itself for powers of two). 28 → 28, 14; 64 → 64, 32, 16.
size_t pyramid_levels(size_t height, size_t width);

// Every second pixel of every second row of the image under the filter (1 4 6 4 1)/16 in both
// directions: out[⌈height/2⌉][⌈width/2⌉][c]. Beyond the border pixels are mirrored about the last.
void pyramid_down(size_t height, size_t width, size_t c, const double *image, double *out);

// The way up to height × width: pixels of the coarser image with zeros between, filtered, times 4.
void pyramid_up(size_t height, size_t width, size_t c, const double *coarse, double *out);

// All levels, finest first, one after another in out[Σ_l ⌈height/2^l⌉ ⌈width/2^l⌉ c]. Returns 0, or
// −1 out of memory. 2 pixels a side at least.
int pyramid_split(size_t levels, size_t height, size_t width, size_t c, const double *image,
                  double *out);

// `count` patches of 7×7 pixels at places uniform over the image (7 pixels a side at least), into
// patch[count][49 c].
void patches_draw(Rng *rng, size_t height, size_t width, size_t c, const double *image,
                  size_t count, double *patch);

// Shifts and scales each channel to mean 0 and deviation 1 over all n patches; a constant channel
// becomes 0.
void patches_normalise(size_t n, size_t c, double *patch);

#endif
