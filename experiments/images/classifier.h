// A classifier of images: a net with one output per class, whose softmax is p(class | image). The
// library trains it by cross-entropy; what enters its last layer are an image's *features*, in
// which images of different sets can be compared.
//
// Images come as bytes and enter the net as numbers in [−1, 1]. All functions end the program with
// a line on stderr where the device, the memory, a file or an architecture fails.
#ifndef IMAGES_CLASSIFIER_H
#define IMAGES_CLASSIFIER_H

#include "experiments/common/contract.h"
#include "nets/images/image_set.h"
#include "nets/net.h"
#include "nets/safetensors.h"

typedef struct {
    Net net;
    size_t classes, features;
    // On the device: a batch of bytes, the rows' order 0, 1, …, their classes, loss and accuracy.
    uint8_t *pixels, *labels;
    uint32_t *order;
    double *values;
} Classifier;

// Of the architecture `line`, with initial weights (He, from `seed`). Ends the program with
// EXIT_USAGE where it does not take images of `set` or has not one output per class.
void classifier_build(Classifier *, const Backend *, const char *line, const ImageSet *set,
                      size_t batch, uint64_t seed);
void classifier_free(Classifier *);

// Writes an exported net (nets/checkpoint.h) with `architecture`, `classes` and these entries.
void classifier_save(const Classifier *, const char *path, size_t entries, const Metadata *entry);

// The net of such a file, for classifier_look() alone. Ends the program with EXIT_DATA where it is
// damaged or no classifier, with EXIT_USAGE where it takes no images of the set's size.
void classifier_load(Classifier *, const Backend *, const char *path, const ImageSet *set,
                     size_t batch);

// Means over images: cross-entropy in nats; share of images whose largest output is their class.
typedef struct {
    double loss, accuracy;
} Fit;

// The gradient of the loss on the `batch` images set[index[…]] into net.gradients; batch norm by
// the batch. Returns the fit before the step that the caller makes of it.
Fit classifier_gradient(Classifier *, const ImageSet *set, const uint32_t *index);

// On all images of the set; batch norm by its running statistics.
Fit classifier_fit(Classifier *, const ImageSet *set);

// p(class | image) into probability[count][classes] and features into feature[count][features], by
// running statistics; either may be NULL.
void classifier_look(Classifier *, const ImageSet *set, double *probability, double *feature);

#endif
