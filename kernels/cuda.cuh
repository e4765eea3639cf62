// What the CUDA files share: the device's state, checked calls and launches, how threads walk over
// arrays, and sums over a block.
//
// Sums are the same on every run: each thread adds its elements in order, and partial sums meet in
// a fixed tree. Nothing is added by atomics.
#ifndef KERNELS_CUDA_CUH
#define KERNELS_CUDA_CUH

#include "backend.h"
#include <cublas_v2.h>
#include <cuda_runtime.h>

enum { THREADS = 256, WARP = 32 };
// Columns whose statistics batch norm keeps at a time.
static const size_t MEAN_COLUMNS = 65536;

typedef struct {
    cudaStream_t stream;
    cublasHandle_t blas;
    Precision precision;
    unsigned processors; // streaming multiprocessors
    void *blas_space;    // cuBLAS must not allocate inside a captured graph
    real *products;      // partial products of convolutions, conv_scratch_bytes()
    double *sums;        // partial sums over rows and columns, sums_scratch_bytes()
    double *means;       // [2][MEAN_COLUMNS]
    size_t allocations;
} Gpu;
extern Gpu gpu;

size_t conv_scratch_bytes(void);
size_t sums_scratch_bytes(void);

// Prints one line and exits with EXIT_RESOURCE. A kernel that fails while it runs is reported by a
// later call: run under compute-sanitizer to learn which it was.
[[noreturn]] void cuda_fail(const char *file, int line, const char *call, const char *reason);

#define CUDA(call)                                                                                 \
    do {                                                                                           \
        cudaError_t status = (call);                                                               \
        if (status != cudaSuccess)                                                                 \
            cuda_fail(__FILE__, __LINE__, #call, cudaGetErrorString(status));                      \
    } while (0)

#ifndef CUDA_EMULATED
#define START(kernel, blocks, threads, ...)                                                        \
    kernel<<<(blocks), (threads), 0, gpu.stream>>>(__VA_ARGS__)
#else // by tests/emulator, without nvcc
#define START(kernel, blocks, threads, ...)                                                        \
    emulate(                                                                                       \
        gpu.stream, #kernel, (blocks), (threads),                                                  \
        [=](auto... arguments) { kernel(arguments...); }, __VA_ARGS__)
#endif

#define LAUNCH(kernel, blocks, threads, ...)                                                       \
    do {                                                                                           \
        START(kernel, blocks, threads, __VA_ARGS__);                                               \
        cudaError_t status = cudaGetLastError();                                                   \
        if (status != cudaSuccess)                                                                 \
            cuda_fail(__FILE__, __LINE__, "launch of " #kernel, cudaGetErrorString(status));       \
    } while (0)

// ---- Walks ------------------------------------------------------------------------------------
// Over n elements: for (size_t i = first_element(); i < n; i += element_step()).
static inline unsigned element_blocks(size_t n) {
    size_t blocks = ceil_div(n, THREADS), most = 16 * (size_t)gpu.processors;
    return (unsigned)(blocks < most ? blocks : most);
}
static __device__ inline size_t first_element(void) {
    return blockIdx.x * (size_t)blockDim.x + threadIdx.x;
}
static __device__ inline size_t element_step(void) {
    return gridDim.x * (size_t)blockDim.x;
}

// Over [rows][channels] by threads that keep their channel: the step is a whole number of rows, so
// nothing is divided in the loop. Threads with first_element() >= step have nothing to do.
static inline size_t channel_step(size_t rows, size_t channels) {
    size_t at_once = 2048 * (size_t)gpu.processors / channels;
    return channels * (at_once < 1 ? 1 : at_once < rows ? at_once : rows);
}

// Over [rows][cols] by blocks that keep their row: row = blockIdx.x / parts, and the columns
// part·THREADS + threadIdx.x, and so on by parts·THREADS.
static inline size_t row_parts(size_t rows, size_t cols) {
    size_t parts = ceil_div(cols, 4 * THREADS), most = ceil_div(32 * (size_t)gpu.processors, rows);
    return parts < most ? parts : most;
}

// Sums each of N values over a block of THREADS_ threads; every thread gets the totals.
template <int N, int THREADS_> static __device__ inline void block_sum(double (&value)[N]) {
    __shared__ double part[N][THREADS_ / WARP];
    for (int i = 0; i < N; i++)
        for (int apart = WARP / 2; apart > 0; apart /= 2)
            value[i] += __shfl_xor_sync(0xffffffffu, value[i], apart);
    __syncthreads(); // part of an earlier call has been read by all
    if (threadIdx.x % WARP == 0)
        for (int i = 0; i < N; i++) part[i][threadIdx.x / WARP] = value[i];
    __syncthreads();
    for (int i = 0; i < N; i++) {
        value[i] = 0;
        for (int warp = 0; warp < THREADS_ / WARP; warp++) value[i] += part[i][warp];
    }
}

#endif
