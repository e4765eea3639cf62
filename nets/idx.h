// Grey images and their labels from IDX files, the format of MNIST and its successors, gzipped or
// not.
//
// Two zero bytes, 8 (unsigned bytes), the number of dimensions: 3 for images, 1 for labels; images,
// height, width as big-endian u32, or labels alone; then the bytes, row by row, and nothing after
// them.
#ifndef NETS_IDX_H
#define NETS_IDX_H

#include "../kernels/error.h"
#include <stddef.h>
#include <stdint.h>

typedef struct {
    size_t count, height, width;
    uint8_t *pixels; // [count][height][width], owned
} IdxImages;

// Reads a file, or bytes. Returns 0, EXIT_DATA with `PATH: byte OFFSET: reason`, or EXIT_RESOURCE.
// Refuses anything but whole images of 1..4096 pixels a side, at least one of them, and nothing
// after the last; in a gzipped file also a checksum that is not that of its pixels, and a second
// member. OFFSET counts unpacked bytes, or packed ones where the reason says "gzip". Memory is
// taken for what the file can hold, not for what its header promises.
int idx_read(IdxImages *images, const char *path, Error *error);
int idx_parse(IdxImages *images, const char *name, const void *bytes, size_t size, Error *error);
void idx_free(IdxImages *images);

typedef struct {
    size_t count;
    uint8_t *labels; // [count], owned
} IdxLabels;

// The same for labels: at least one, and nothing after the last.
int idx_labels_read(IdxLabels *labels, const char *path, Error *error);
int idx_labels_parse(IdxLabels *labels, const char *name, const void *bytes, size_t size,
                     Error *error);
void idx_labels_free(IdxLabels *labels);

// Image `index` into row[height][width][1], from 0..255 to −1..1.
void idx_row(const IdxImages *images, size_t index, double *row);

#endif
