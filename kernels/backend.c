#include "backend.h"

#include <string.h>

// The CPU in place of a GPU that could not be had.
static int open_instead(const Backend **backend, int threads, const char *reason, Error *error) {
    static Backend cpu;
    static char description[sizeof error->text + 300];
    int status = cpu_open(backend, threads, error);
    if (status != EXIT_OK || !cuda_built()) return status;
    snprintf(description, sizeof description, "%s; %s", (*backend)->description, reason);
    cpu = **backend, cpu.description = description;
    *backend = &cpu;
    return EXIT_OK;
}

int backend_open(const Backend **backend, Device device, int threads, Precision precision,
                 Error *error) {
    if (device == DEVICE_CPU) return cpu_open(backend, threads, error);
    Error missing;
    int status = cuda_open(backend, precision, &missing);
    if (status == EXIT_OK) return EXIT_OK;
    if (device == DEVICE_AUTO) return open_instead(backend, threads, missing.text, error);
    *error = missing;
    return status;
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
