// How a camera was held: pictures are stored as the sensor saw them, with the way up beside them.
#ifndef NETS_IMAGES_ORIENTATION_H
#define NETS_IMAGES_ORIENTATION_H

#include "picture.h"

// Exif's Orientation, 1 to 8: where row 0 and column 0 of what is stored belong. 1, upright, where
// the bytes say nothing that can be read: Exif is no part of the pixels.
int orientation_of_jpeg(const void *bytes, size_t size);
int orientation_of_exif(const void *tiff, size_t size); // what a PNG's eXIf chunk holds

// Turns and mirrors the picture upright. Returns 0 or EXIT_RESOURCE, with the picture as it was.
int orientation_apply(Picture *picture, int orientation, Error *error);

#endif
