// A checksum of what a file of tensors says, so that a bit that turned over on the disk is noticed
// though every number is still a number.
#ifndef NETS_CHECKSUM_H
#define NETS_CHECKSUM_H

#include "safetensors.h"

enum { CHECKSUM_TEXT = 9 };
extern const char CHECKSUM_KEY[]; // of the entry in __metadata__ that holds it: 8 hex digits

// Over all tensors (name, shape, numbers) and all metadata but its own entry, in whatever order:
// the sum of a CRC-32 of each. It protects from accidents, not from malice.
void checksum_text(char text[CHECKSUM_TEXT], size_t tensors, const Tensor *tensor, size_t entries,
                   const Metadata *metadata);

// safetensors_read(), and EXIT_DATA too where the file has a checksum and it is not right. A file
// without one, as other programs write them, is taken as it is.
int checksum_read(SafeTensors *file, const char *path, Error *error);

#endif
