// Cache files: a set of images as it lies in memory, behind a header.
#ifndef NETS_IMAGES_CACHE_H
#define NETS_IMAGES_CACHE_H

#include "image_set.h"

// FOLDER/NAME-KEY.images, the folder being made where it is missing; NULL: that of the user. NULL
// with the reason in *why if there can be none. The caller frees it.
char *cache_path(const char *folder, const char *name, uint64_t key, Error *why);

// Maps the file as the set. False if it is not there, not of this key, or not whole.
bool cache_open(ImageSet *set, const char *path, uint64_t key, int threads);

// The same for bytes, which the set then refers to.
bool cache_check(ImageSet *set, const void *bytes, size_t size, uint64_t key, int threads);

// Room for a set of which count, height, width, channels and classes are known: pixels and, if
// `labelled`, labels, to be filled in. A temporary file that is to become `path`, or memory if
// `path` is NULL or cannot be written, with the reason in set->uncached. Returns 0 or
// EXIT_RESOURCE.
typedef struct {
    int file; // −1: memory
    char *temporary;
    uint8_t *pixels, *labels;
} CacheRoom;
int cache_room(CacheRoom *room, ImageSet *set, bool labelled, const char *path, Error *error);

// Once it is filled in: makes the header and the digest, and puts the file in place. A set without
// labels may by then have fewer images or channels than there was room for.
void cache_keep(CacheRoom *room, ImageSet *set, const char *path, uint64_t key, int threads);
void cache_drop(CacheRoom *room, ImageSet *set);

void cache_close(ImageSet *set);

#endif
