// A device that runs the primitives of kernels.def: the table of functions, its memory, its errors.
//
// One process uses one device, on one stream: primitives run in the order they are called and
// return before they have finished. Nothing but download() and sync() waits for them. A primitive
// never allocates and never fails: shapes are checked when a net is built, and a CUDA call or
// launch that fails nevertheless prints file, line and CUDA's reason and exits with EXIT_RESOURCE
// (4).
//
// Pointers named real *, double *, uint64_t * in kernels.def are device memory from alloc();
// structs and scalars are passed by value and so become part of a captured graph. Device pointers
// may be offset on the host (x + row·features) but not followed.
#ifndef KERNELS_BACKEND_H
#define KERNELS_BACKEND_H

#include "device.h"
#include "error.h"
#include "scalar.h"

#ifdef __cplusplus
extern "C" {
#endif

// One convolution, seen from both ends: an image of h×w×c per row and a map of p×q×o per row,
// joined by a k×k kernel. Map pixel (p, q) touches image pixels
//   (p·stride + i − top, q·stride + j − left), 0 <= i, j < k,
// those outside the image counting as 0. Padding below and to the right is whatever p and q leave.
// A convolution goes image → map; a transposed convolution goes map → image with the same struct.
typedef struct {
    int h, w, c, p, q, o, k, stride, top, left;
} ConvShape;

// Where random numbers come from: see scalar.h. `block` is the counter of the next unused block, in
// device memory, so that it moves on when a captured graph is replayed.
typedef struct {
    uint64_t seed, stream;
    uint64_t *block;
} RandomSource;

typedef enum { PRECISION_FULL, PRECISION_TF32 } Precision; // TF32: GPU matrix products only

typedef struct Capture Capture;

typedef struct {
    const char *name;        // "cpu" or "cuda", or "reference" in the tests
    const char *description; // one line for provenance: device, BLAS core type, threads, versions

    // Zeroed device memory aligned to 64 bytes; NULL, with the reason in *error, when there is
    // none.
    void *(*alloc)(size_t bytes, Error *error);
    void (*free)(void *memory);  // NULL is allowed
    size_t (*allocations)(void); // how often memory was taken since open, scratch included: the
                                 // tests compare it before and after a step
    // upload() has read `from` when it returns; download() waits for all work before it.
    void (*upload)(void *to, const void *from, size_t bytes);
    void (*download)(void *to, const void *from, size_t bytes);
    void (*sync)(void);

    // Scratch belongs to the backend and is shared by everything on its stream. A conv layer
    // announces itself once, when its net is built: scratch then suffices for conv_forward,
    // conv_data and conv_weights of this shape on up to `rows` rows. Returns 0 or EXIT_RESOURCE.
    // Growing waits for the device, and would move scratch from under a captured graph: build every
    // net before the first capture.
    int (*conv_reserve)(ConvShape shape, size_t rows, Error *error);

    // A whole iteration as one graph. capture_begin() returns false where there is nothing to gain
    // (CPU, reference); the caller then simply calls its iteration every time. Between begin and
    // end only primitives may be called, and they are recorded, not run.
    bool (*capture_begin)(void);
    Capture *(*capture_end)(void);
    void (*capture_replay)(Capture *capture);
    void (*capture_free)(Capture *capture); // NULL is allowed

    void (*close)(void); // frees what open took; all memory from alloc() must be freed before

#define X(name, parameters) void(*name) parameters;
#include "kernels.def"
#undef X
} Backend;

// Opens a device. threads: 0 for all the process may use; the CPU backend gives them to OpenMP and
// BLAS alike and never nests one in the other. DEVICE_AUTO takes the GPU if one can be used, else
// the CPU, whose description then ends in why not, if the build has CUDA. Returns 0 and *backend,
// or EXIT_RESOURCE with a line in *error ("built without CUDA", "no CUDA device: …"). One backend
// of each kind may be open at a time.
int backend_open(const Backend **backend, Device device, int threads, Precision precision,
                 Error *error);

// "auto", "cpu", "cuda"; false for anything else.
bool device_find(const char *name, Device *device);

// The two that backend_open chooses from; cuda_none.c answers the second where there is no nvcc.
int cpu_open(const Backend **backend, int threads, Error *error);
int cuda_open(const Backend **backend, Precision precision, Error *error);
bool cuda_built(void);
// Plain loops, sums in double: the parity suite's measure of right. Lives in tests/.
int reference_open(const Backend **backend, Error *error);

#define X(name, parameters)                                                                        \
    void cpu_##name parameters;                                                                    \
    void cuda_##name parameters;                                                                   \
    void ref_##name parameters;
#include "kernels.def"
#undef X

#ifdef __cplusplus
}
#endif
#endif
