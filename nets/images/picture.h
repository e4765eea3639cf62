// One picture: decoded from JPEG or PNG, cut square, brought to a size.
#ifndef NETS_IMAGES_PICTURE_H
#define NETS_IMAGES_PICTURE_H

#include "kernels/error.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
    int height, width, channels; // 1 (grey) or 3 (RGB)
    uint8_t *pixels;             // [height][width][channels], owned
} Picture;

typedef enum { PICTURE_NONE, PICTURE_PNG, PICTURE_JPEG } PictureFormat;

// By the first 8 bytes.
PictureFormat picture_format(const void *bytes, size_t size);

// Decodes by signature, not by name. Palettes become RGB, 16 bits 8, and what is transparent is
// laid on white; what a camera's Exif says is turned is turned upright. Returns 0, EXIT_RESOURCE,
// or EXIT_DATA with `NAME: reason`: neither format, cut short, damaged, CMYK, more than 65500
// pixels a side or 100 million in all.
int picture_decode(Picture *picture, const char *name, const void *bytes, size_t size,
                   Error *error);
int picture_read(Picture *picture, const char *path, Error *error);
void picture_free(Picture *picture);

// The largest centred square, averaged by area onto out[size][size][channels]; a smaller picture
// is enlarged the same way. Grey made of RGB is luma (BT.601), RGB of grey repeats it.
void picture_square(const Picture *picture, int size, int channels, uint8_t *out);

// Writes pixels[height][width][channels] as PNG; atomic: an old file survives any failure.
// Returns 0 or EXIT_RESOURCE.
int picture_write(const char *path, int height, int width, int channels, const uint8_t *pixels,
                  Error *error);

#endif
