// The safetensors file format, read strictly and written deterministically.
//
// u64 little-endian length of the header, the header (JSON object, starts with `{`, at most 100 MB,
// may be padded with blanks), then the tensors' bytes without gaps. The header maps names to
// {dtype, shape, data_offsets}, and `__metadata__` to an object of strings.
#ifndef NETS_SAFETENSORS_H
#define NETS_SAFETENSORS_H

#include "../kernels/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SAFETENSORS_RANK = 8 };
typedef enum {
    DTYPE_F32,
    DTYPE_F64,
    DTYPE_OTHER
} Dtype; // OTHER: known to the format, not used here

typedef struct {
    const char *name;
    Dtype dtype;
    int rank;
    size_t dims[SAFETENSORS_RANK];
    size_t count;     // product of dims; 1 for rank 0
    const void *data; // count numbers, little-endian; may be unaligned when read: memcpy
} Tensor;

typedef struct {
    const char *key, *value;
} Metadata;

// By key, for qsort.
int metadata_order(const void *a, const void *b);

typedef struct {
    size_t tensor_count, metadata_count;
    Tensor *tensor;     // in file order of their data
    Metadata *metadata; // sorted by key
    void *owned;        // what safetensors_free() frees; names and data point into it
} SafeTensors;

// Reads a file, or bytes (for the fuzzer; they must outlive the result). Returns 0, EXIT_DATA with
// `PATH: byte OFFSET: reason`, or EXIT_RESOURCE. Refuses everything the format forbids: a header
// length past the end or over 100 MB, no leading `{`, bad UTF-8 or JSON, duplicate keys, unknown
// dtype, negative or fractional or overflowing numbers, offsets that do not match shape·size,
// overlap, gaps, trailing bytes, metadata that are not strings, rank over 8, keys of a tensor other
// than the three. OFFSET is where the entry's name stands in the header, or where the text, or the
// file, is broken.
int safetensors_read(SafeTensors *file, const char *path, Error *error);
int safetensors_parse(SafeTensors *file, const char *name, const void *bytes, size_t size,
                      Error *error);
void safetensors_free(SafeTensors *file);

const Tensor *safetensors_tensor(const SafeTensors *file, const char *name); // NULL if absent
const char *safetensors_metadata(const SafeTensors *file, const char *key);  // NULL if absent

// Writes tensors in the order given and metadata sorted by key, header padded to 8 bytes: equal
// content is equal bytes. Atomic: PATH.PID.tmp, fsync, rename, fsync of the folder; the old file
// survives any failure and the temporary one does not; of a symbolic link, the file it names is
// replaced; a device or pipe is written as it is.
// Returns 0, EXIT_USAGE (duplicate names, not UTF-8, not F32 or F64) or EXIT_RESOURCE.
int safetensors_write(const char *path, size_t tensors, const Tensor *tensor, size_t entries,
                      const Metadata *metadata, Error *error);

// Text from a file, fit for a message: one line of at most size − 1 bytes, no control characters.
// Returns `out`.
const char *safetensors_shown(const char *text, char *out, size_t size);

// Copies into data[count], widening F32. False for another dtype or count.
bool tensor_read_double(const Tensor *tensor, size_t count, double *data);

#endif
