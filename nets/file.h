// Whole files: into memory, and onto the disk or not at all.
#ifndef NETS_FILE_H
#define NETS_FILE_H

#include "../kernels/error.h"
#include <stddef.h>

// Everything that can be read from `path`, pipes included, into memory that the caller frees, and
// its length into *size. NULL with `cannot read PATH: REASON` in *error: an EXIT_RESOURCE.
void *file_read(const char *path, size_t *size, Error *error);

typedef struct {
    const void *bytes;
    size_t size;
} FilePart;

// Writes the parts, one after the other, as the file `path`. Atomic: a file that was there stays
// whole until the new one is on the disk, and after any failure; of a symbolic link, the file it
// names is replaced; a device or pipe is written as it is. Returns 0, or EXIT_RESOURCE with `cannot
// write PATH: REASON`.
int file_write(const char *path, size_t parts, const FilePart *part, Error *error);

#endif
