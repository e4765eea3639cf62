// Stands in for the CUDA files where there is no nvcc.
#include "backend.h"

bool cuda_built(void) {
    return false;
}

int cuda_open(const Backend **backend, Precision precision, Error *error) {
    (void)precision;
    *backend = NULL;
    return error_set(error, EXIT_RESOURCE, "built without CUDA");
}
