// Folders of numbered files, and the temporary files that a killed program left.
#ifndef FILES_H
#define FILES_H

#include <stddef.h>
#include <stdint.h>

// Removes what file_write() of a killed program left in a folder, NAME.PID.tmp, where NAME is one
// of `names`, which end with NULL, or a number with ".png" or ".safetensors". Nothing where there
// is no such folder.
void files_sweep(const char *folder, const char *const *names);

// Numbered files of a folder, NNNNNNNN and `ending` (".png"), in ascending order, into *numbers,
// which is the caller's to free. Returns how many; 0 where there is no such folder.
size_t files_numbered(const char *folder, const char *ending, int64_t **numbers);

#endif
