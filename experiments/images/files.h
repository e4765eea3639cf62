// Files that are there whole or not at all, and the temporary ones that a killed program left.
#ifndef FILES_H
#define FILES_H

#include "kernels/error.h"

#include <stdint.h>

// Replaces PATH atomically: PATH.PID.tmp, fsync, rename. The old file survives any failure. Returns
// 0 or EXIT_RESOURCE.
int file_replace(const char *path, const void *bytes, size_t size, Error *error);

// Removes what such writing left in a folder: names that end in .PID.tmp. Nothing where there is no
// such folder.
void files_sweep(const char *folder);

// Numbered files of a folder, NNNNNNNN and `ending` (".png"), in ascending order, into *numbers,
// which is the caller's to free. Returns how many; 0 where there is no such folder.
size_t files_numbered(const char *folder, const char *ending, int64_t **numbers);

#endif
