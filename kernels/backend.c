#include "backend.h"

#include <string.h>

int backend_open(const Backend **backend, Device device, int threads, Precision precision,
                 Error *error) {
    if (device != DEVICE_CPU && cuda_open(backend, precision, error) == EXIT_OK) return EXIT_OK;
    if (device == DEVICE_CUDA) return EXIT_RESOURCE;
    error->text[0] = '\0';
    return cpu_open(backend, threads, error);
}

bool device_find(const char *name, Device *device) {
    static const char *const names[] = {
        [DEVICE_AUTO] = "auto", [DEVICE_CPU] = "cpu", [DEVICE_CUDA] = "cuda"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) != 0) continue;
        *device = (Device)i;
        return true;
    }
    return false;
}
