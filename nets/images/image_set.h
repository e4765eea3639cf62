// A set of images of one size, as bytes: from IDX files, CIFAR-10 batches, a folder of pictures or
// an emoji font; packed once into a cache file and mapped into memory from then on.
#ifndef NETS_IMAGES_IMAGE_SET_H
#define NETS_IMAGES_IMAGE_SET_H

#include "kernels/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    FORMAT_AUTO,  // by what is found at the path
    FORMAT_IDX,   // an IDX file, or a folder with train-images-idx3-ubyte[.gz] …
    FORMAT_CIFAR, // a .bin file, or a folder with data_batch_1.bin …
    FORMAT_FOLDER,
    FORMAT_EMOJI // a font whose glyphs are PNGs
} ImageFormat;

// Which part of a source that has both; a source that has one part only is all training.
typedef enum { PART_TRAIN, PART_TEST } ImagePart;

typedef struct {
    const char *source; // a path, or a built-in name: `fashion`, `emoji`
    ImageFormat format;
    ImagePart part;
    int size;          // pixels a side, to 4096; 0: as the source has them, emoji 64, a folder none
    size_t limit;      // at most this many, the first in the source's order; 0: all
    bool skip_bad;     // leave out pictures that are damaged or not supported, instead of failing
    const char *cache; // folder of cache files; NULL: ~/.cache/earthmover (XDG_CACHE_HOME)
    int threads;       // 0: one per core
    // While decoding, from the calling thread, with `done` growing; may be NULL.
    void (*progress)(size_t done, size_t total);
} ImageRequest;

typedef struct {
    size_t count, skipped;
    int height, width, channels;
    const uint8_t *pixels; // [count][height][width][channels]
    const uint8_t *labels; // [count], each below `classes`; NULL where the source has none
    int classes;
    char digest[17]; // 16 hex digits over pixels and labels: equal sets, equal digests
    Error uncached;  // why there is no cache file of it; "" if there is
    void *map;       // what image_set_close() undoes
    size_t map_size;
} ImageSet;

// The set is the same for any number of threads, and with a cache file or without. A folder whose
// pictures are all grey has one channel, any other three. The cache file follows from the settings
// and the content of the source's files, of a folder's from their names, sizes and times; a damaged
// or foreign one is made again, and where none can be written the set is in memory.
//
// Returns 0; EXIT_USAGE (a name that is neither built in nor a path, a format or part that is not
// there, a built-in set that is not installed, with the command that installs it); EXIT_DATA with
// the file and the byte or the reason, of several bad pictures the first; EXIT_RESOURCE.
int image_set_open(ImageSet *set, const ImageRequest *request, Error *error);
void image_set_close(ImageSet *set);

#endif
