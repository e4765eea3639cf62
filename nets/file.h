// A whole file into memory.
#ifndef NETS_FILE_H
#define NETS_FILE_H

#include "../kernels/error.h"
#include <stddef.h>

// Everything that can be read from `path`, pipes included, into memory that the caller frees, and
// its length into *size. NULL with `cannot read PATH: REASON` in *error: an EXIT_RESOURCE.
void *file_read(const char *path, size_t *size, Error *error);

#endif
