// How good are generated images? Measures between sets of images of one size, as bytes, and in the
// answers of a classifier. Each is the same number on every run of the same seed.
//
// Where a distance is one between pixels, they are numbers in [−1, 1], what networks see.
#ifndef IMAGES_MEASURES_H
#define IMAGES_MEASURES_H

#include "nets/images/image_set.h"
#include "toy/rng.h"
#include "toy/statistics.h"

// Sliced Wasserstein distance between 7×7 patches of the levels of Laplacian pyramids (Karras et
// al. 2018, section 5): `patches` of each image and level; each level's patches of a set
// normalised by channel (toy/pyramid.h); the mean of W_1 over `directions`. level[pyramid_levels]
// gets a value each, finest first. Both sets' places and the directions come from `rng`. Images
// have 7 pixels a side at least. Ends the program with EXIT_RESOURCE where memory is out.
void patch_distances(const ImageSet *a, const ImageSet *b, size_t patches, size_t directions,
                     Rng rng, double *level);

// The exact W_1 (Euclidean ground cost on pixels) between image k·batch … of one set and of the
// other, for each of `batches`; batch·batches is at most either count.
Summary minibatch_distance(const ImageSet *a, const ImageSet *b, size_t batch, size_t batches);

// exp of the mean over images of KL(p(class | image) ‖ p(class)), p(class) being the mean of
// p(class | image), probability[n][classes]: 1 where all images get the same answer, `classes`
// where each is sure and all classes are equally frequent (Salimans et al. 2016).
double class_score(size_t n, size_t classes, const double *probability);

#endif
