#include "cifar.h"
#include "nets/file.h"

#include <stdlib.h>
#include <string.h>

int cifar_check(const char *name, const void *bytes, size_t size, size_t *count, Error *error) {
    const uint8_t *record = bytes;
    *count = size / CIFAR_RECORD;
    if (size == 0) return error_set(error, EXIT_DATA, "%s: byte 0: no records", name);
    for (size_t i = 0; i < *count; i++)
        if (record[i * CIFAR_RECORD] >= CIFAR_CLASSES)
            return error_set(error, EXIT_DATA, "%s: byte %zu: label %d, where CIFAR-10 has 0 to 9",
                             name, i * CIFAR_RECORD, record[i * CIFAR_RECORD]);
    if (size % CIFAR_RECORD == 0) return 0;
    return error_set(error, EXIT_DATA, "%s: byte %zu: not a whole record of %d bytes", name,
                     *count * CIFAR_RECORD, CIFAR_RECORD);
}

static int append(Cifar *cifar, const char *path, Error *error) {
    size_t size, count;
    void *bytes = file_read(path, &size, error);
    if (!bytes) return EXIT_RESOURCE;
    int status = cifar_check(path, bytes, size, &count, error);
    if (!status) {
        uint8_t *grown = realloc(cifar->records, (cifar->count + count) * CIFAR_RECORD);
        if (grown) {
            memcpy(grown + cifar->count * CIFAR_RECORD, bytes, size);
            cifar->records = grown;
            cifar->count += count;
        } else {
            status = error_set(error, EXIT_RESOURCE, "out of memory");
        }
    }
    free(bytes);
    return status;
}

int cifar_read(Cifar *cifar, size_t files, char *const *path, Error *error) {
    *cifar = (Cifar){0};
    int status = 0;
    for (size_t k = 0; !status && k < files; k++) status = append(cifar, path[k], error);
    if (status) cifar_free(cifar);
    return status;
}

void cifar_free(Cifar *cifar) {
    free(cifar->records);
    *cifar = (Cifar){0};
}

void cifar_pixels(const uint8_t *record, uint8_t *out) {
    enum { PLANE = CIFAR_SIDE * CIFAR_SIDE };
    for (int i = 0; i < PLANE; i++)
        for (int c = 0; c < 3; c++) out[3 * i + c] = record[1 + c * PLANE + i];
}
