// Stands in for the CUDA files where there is no nvcc.
#include "backend.h"

int cuda_open(const Backend **backend, Precision precision, Error *error) {
    (void)precision;
    *backend = NULL;
    return error_set(error, EXIT_RESOURCE, "built without CUDA");
}
