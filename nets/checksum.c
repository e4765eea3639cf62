#include "checksum.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>

const char CHECKSUM_KEY[] = "checksum";

static uLong add_text(uLong crc, const char *text) {
    return crc32_z(crc, (const Bytef *)text, strlen(text) + 1);
}

static uLong of_tensor(const Tensor *t) {
    size_t width[] = {[DTYPE_F32] = sizeof(float), [DTYPE_F64] = sizeof(double), [DTYPE_OTHER] = 0};
    uLong crc = add_text(crc32_z(0, NULL, 0), t->name);
    crc = crc32_z(crc, (const Bytef *)t->dims, (size_t)t->rank * sizeof *t->dims);
    return crc32_z(crc, t->data, t->count * width[t->dtype]);
}

static uLong of_entry(const Metadata *m) {
    return add_text(add_text(crc32_z(0, NULL, 0), m->key), m->value);
}

void checksum_text(char text[CHECKSUM_TEXT], size_t tensors, const Tensor *tensor, size_t entries,
                   const Metadata *metadata) {
    uLong sum = 0;
    for (size_t k = 0; k < tensors; k++) sum += of_tensor(&tensor[k]);
    for (size_t k = 0; k < entries; k++)
        if (strcmp(metadata[k].key, CHECKSUM_KEY) != 0) sum += of_entry(&metadata[k]);
    snprintf(text, CHECKSUM_TEXT, "%08lx", sum & 0xffffffff);
}

int checksum_read(SafeTensors *file, const char *path, Error *error) {
    int status = safetensors_read(file, path, error);
    const char *says = status ? NULL : safetensors_metadata(file, CHECKSUM_KEY);
    if (!says) return status;
    char has[CHECKSUM_TEXT];
    checksum_text(has, file->tensor_count, file->tensor, file->metadata_count, file->metadata);
    if (strcmp(says, has) == 0) return 0;
    char shown[20];
    status = error_set(error, EXIT_DATA, "%s: its content has the checksum %s, not %s: damaged",
                       path, has, safetensors_shown(says, shown, sizeof shown));
    safetensors_free(file);
    return status;
}
