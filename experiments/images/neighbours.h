// Has a generator learned its images by heart? Then samples lie closer to images that it was
// trained on than fresh images of the same kind do.
#ifndef IMAGES_NEIGHBOURS_H
#define IMAGES_NEIGHBOURS_H

#include "nets/images/image_set.h"

typedef struct {
    size_t image, neighbour; // numbers in their sets
    double distance;         // of their pixels as numbers in [−1, 1], Euclidean
} Neighbour;

// The nearest image of `among` to each of the first n of `images`, the first of equals, into
// nearest[n]. Exact: sums of whole numbers. On as many threads.
void neighbours_find(size_t n, const ImageSet *images, const ImageSet *among, int threads,
                     Neighbour *nearest);

// From the closest pair to the farthest.
void neighbours_sort(size_t n, Neighbour *nearest);

// A picture of pairs, image and neighbour, from the closest to the farthest and evenly spaced by
// rank, at PATH. Ends the program with EXIT_RESOURCE where it cannot be written.
void neighbours_draw(const char *path, const ImageSet *images, const ImageSet *among, size_t n,
                     const Neighbour *sorted);

#endif
