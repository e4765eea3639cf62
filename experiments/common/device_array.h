// Memory on the device for programs, which end with a line where there is none.
#ifndef DEVICE_ARRAY_H
#define DEVICE_ARRAY_H

#include "contract.h"
#include "kernels/backend.h"

// `count` zeroed elements of `size` bytes, for backend->free().
static inline void *device_array(const Backend *backend, size_t count, size_t size) {
    Error error;
    void *array = backend->alloc(count * size, &error);
    if (!array) fail(EXIT_RESOURCE, "%s", error.text);
    return array;
}

#endif
