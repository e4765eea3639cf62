// CIFAR-10's binary batches: records of a label, 0 to 9, and 32×32 pixels, all of red, then of
// green, then of blue.
#ifndef NETS_IMAGES_CIFAR_H
#define NETS_IMAGES_CIFAR_H

#include "kernels/error.h"

#include <stddef.h>
#include <stdint.h>

enum { CIFAR_SIDE = 32, CIFAR_CLASSES = 10, CIFAR_RECORD = 1 + 3 * CIFAR_SIDE * CIFAR_SIDE };

typedef struct {
    size_t count;
    uint8_t *records; // [count][CIFAR_RECORD], owned
} Cifar;

// How many records the bytes are. Returns 0, or EXIT_DATA with `NAME: byte OFFSET: reason`.
int cifar_check(const char *name, const void *bytes, size_t size, size_t *count, Error *error);

// Files of batches, one after the other. Returns 0, EXIT_DATA or EXIT_RESOURCE.
int cifar_read(Cifar *cifar, size_t files, char *const *path, Error *error);
void cifar_free(Cifar *cifar);

// A record's pixels as out[32][32][3].
void cifar_pixels(const uint8_t *record, uint8_t *out);

#endif
