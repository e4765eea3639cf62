// What the files of the CPU backend share: its threads, its scratch, its ways to divide work.
//
// There is one pool of threads, OpenMP's. BLAS is told to use the thread that calls it and is
// called on slices from inside parallel regions: two pools on the same cores would take turns
// spinning.
#ifndef KERNELS_CPU_H
#define KERNELS_CPU_H

#include "backend.h"

#include <cblas.h>
#include <omp.h>

// clang warns of every `omp simd` loop that it leaves scalar, as it must where libm is called.
#ifdef __clang__
#pragma clang diagnostic ignored "-Wpass-failed"
#endif

enum {
    PARALLEL_FROM = 1 << 15,  // elements below which starting threads costs more than it gains
    COLUMN_PANEL = 512,       // columns that one pass of column_sums() takes
    PRODUCT_SCRATCH = 3 << 18 // bytes of each thread that a matrix product may use
};

typedef struct {
    int threads;
    double *partial; // [threads][COLUMN_PANEL]
    char *scratch;   // of products and convolutions: [scratch_shared], [threads][scratch_each]
    size_t scratch_shared, scratch_each, allocations;
} Cpu;

extern Cpu cpu;

// The BLAS function of the build's own type.
#ifdef REAL_DOUBLE
#define BLAS(name) cblas_d##name
#else
#define BLAS(name) cblas_s##name
#endif

// A parallel region over `work` elements; a region of one thread where there are few. Inside,
// share() is the calling thread's part.
#define PRAGMA(text) _Pragma(#text)
#define PARALLEL(work) PRAGMA(omp parallel num_threads(cpu.threads) if ((work) >= PARALLEL_FROM))
// for every i below n, in any order
#define EACH(i, n)                                                                                 \
    PRAGMA(omp parallel for simd num_threads(cpu.threads) if ((n) >= PARALLEL_FROM))               \
    for (size_t i = 0; i < (n); i++)

typedef struct {
    size_t first, end;
} Range;

static inline Range share_of(size_t n, size_t part, size_t parts) {
    return (Range){n * part / parts, n * (part + 1) / parts};
}

static inline Range share(size_t n) {
    return share_of(n, (size_t)omp_get_thread_num(), (size_t)omp_get_num_threads());
}

static inline size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

static inline size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

// Zeroed memory aligned to 64 bytes, counted; NULL where there is none.
void *cpu_memory(size_t bytes);
// Makes scratch at least so many bytes; false where there is no memory.
bool cpu_reserve_scratch(size_t shared, size_t each);

// What is a thread's own of it.
static inline real *tile_of(int thread) {
    return (real *)(cpu.scratch + cpu.scratch_shared + (size_t)thread * cpu.scratch_each);
}

// conv_reserve of the backend.
int cpu_conv_reserve(ConvShape shape, size_t rows, Error *error);

#endif
