// A GPU for machines that have none: kernels/*.cu as they are, compiled by an ordinary C++ compiler
// and run on the processor, thread by thread.
//
//   c++ -x c++ -Itests/emulator -include emulator.h kernels/cuda.cu …
//
// This file is the language: what nvcc knows without being told. cuda_runtime.h, cublas_v2.h and
// curand_kernel.h beside it stand for the toolkit's; threads.cpp runs blocks, runtime.cpp has
// memory, streams, graphs and products. The kernels need three places of their own (CUDA_EMULATED):
// how one is launched, and two instructions of tensor cores.
//
// What it shows. Formulas, indices, the partition of work, for any number of multiprocessors
// (EMULATED_PROCESSORS). Reads of memory nobody wrote: device and shared memory start as NaN.
// Writes past an allocation, device pointers followed by the host, host memory that is gone when an
// asynchronous copy reads it: nothing runs before someone waits for it. Missing barriers, mostly:
// from one barrier to the next the warps of a block run one after the other, now upwards, now
// downwards. Barriers and shuffles that not all threads reach; launches beyond the limits; calls
// that a captured stream forbids. And tests that would need glibc's last bits: exp and the like are
// those of the next wider type, rounded.
//
// What it cannot show. cuBLAS and its choice of algorithms (products here are plain loops; TF32
// rounds their factors), cuRAND's generator (here Random123's, which the CPU backend has too), the
// device's own exp, log and division, nvcc's contractions and register pressure; anything about
// time; the memory model: threads here never run at once, so a race inside a warp, between blocks,
// or hidden by both orders stays hidden. For these, tests/on_gpu.sh.
#ifndef EMULATOR_H
#define EMULATOR_H

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <math.h>
#include <new>

#define CUDA_EMULATED 1
#define __host__
#define __device__
#define __global__
#define __launch_bounds__(...)
// One block runs at a time, so that its shared memory can be static. A section of its own lets each
// launch start with NaN in it.
#define __shared__ static __attribute__((section("emulated_shared")))

struct uint2 {
    unsigned x, y;
};
struct uint3 {
    unsigned x, y, z;
};
struct uint4 {
    unsigned x, y, z, w;
};
struct dim3 {
    unsigned x, y, z;
    dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
};
static inline uint2 make_uint2(unsigned x, unsigned y) {
    return {x, y};
}
static inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) {
    return {x, y, z, w};
}

// Of the thread that runs.
extern uint3 threadIdx, blockIdx;
extern dim3 blockDim, gridDim;

// Prints one line and aborts: the program under test is wrong.
[[noreturn]] __attribute__((format(printf, 1, 2))) void emulated_fault(const char *format, ...);

// ---- Threads that wait for each other -----------------------------------------------------------

#define EMULATED_TEXT(line) #line
#define EMULATED_LINE(line) EMULATED_TEXT(line)
#define EMULATED_HERE __FILE__ ":" EMULATED_LINE(__LINE__)

enum { EMULATED_WARP = 32 };
void emulated_barrier(const char *where);
// Waits until all lanes of the warp are here; then `work` gets what each brought, once for all.
void emulated_together(const char *where, void *brought, void (*work)(void *const *lanes));

#define __syncthreads() emulated_barrier(EMULATED_HERE)
#define __shfl_xor_sync(mask, value, apart) emulated_shuffle(EMULATED_HERE, mask, value, apart)

template <class T> T emulated_shuffle(const char *where, unsigned mask, T value, int apart) {
    struct Lane {
        T give, take;
        int apart;
    } mine = {value, value, apart};
    if (mask != 0xffffffffu) emulated_fault("%s: a shuffle of less than a warp", where);
    emulated_together(where, &mine, [](void *const *lanes) {
        for (int i = 0; i < EMULATED_WARP; i++) {
            Lane *lane = (Lane *)lanes[i];
            lane->take = ((Lane *)lanes[i ^ lane->apart])->give;
        }
    });
    return mine.take;
}

// ---- Instructions -------------------------------------------------------------------------------

static inline uint32_t __umulhi(uint32_t a, uint32_t b) {
    return (uint32_t)((uint64_t)a * b >> 32);
}
static inline uint32_t __float_as_uint(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}
static inline float __uint_as_float(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

// cvt.rna.tf32.f32: to 10 bits of mantissa, ties away from 0. NaN and infinity stay.
static inline uint32_t emulated_tf32(float value) {
    uint32_t bits = __float_as_uint(value);
    return std::isfinite(value) ? (bits + 0x1000u) & ~0x1fffu : bits;
}

// mma.sync.m16n8k8, row by column, of TF32: d += a·b. cuda_conv.cu says who holds what.
void emulated_mma(const char *where, float (&d)[4], const float (&a)[4], const float (&b)[2]);

// ---- Mathematics --------------------------------------------------------------------------------

#define EMULATED_FUNCTION(name)                                                                    \
    static inline float emulated_##name(float x) {                                                 \
        return (float)std::name((double)x);                                                        \
    }                                                                                              \
    static inline double emulated_##name(double x) {                                               \
        return (double)std::name((long double)x);                                                  \
    }
EMULATED_FUNCTION(exp)
EMULATED_FUNCTION(expm1)
EMULATED_FUNCTION(log)
EMULATED_FUNCTION(log1p)
EMULATED_FUNCTION(tanh)
EMULATED_FUNCTION(sin)
EMULATED_FUNCTION(cos)
#undef EMULATED_FUNCTION
static inline double emulated_pow(double x, double y) {
    return (double)std::pow((long double)x, (long double)y);
}
#define exp emulated_exp
#define expf emulated_exp
#define expm1 emulated_expm1
#define expm1f emulated_expm1
#define log emulated_log
#define log1p emulated_log1p
#define log1pf emulated_log1p
#define tanh emulated_tanh
#define tanhf emulated_tanh
#define sin emulated_sin
#define cos emulated_cos
#define pow emulated_pow

// ---- Launches -----------------------------------------------------------------------------------

struct EmulatedStream;
struct EmulatedKernel {
    const char *name;
    dim3 blocks;
    unsigned threads;
    std::function<void()> body; // one thread of it
};
// To the end of the stream; what is wrong with it, cudaGetLastError() says.
void emulated_launch(EmulatedStream *stream, EmulatedKernel kernel);
void emulated_run(const EmulatedKernel &kernel);

// Arguments are copied here and now, as a launch does.
template <class Body, class... Arguments>
void emulate(EmulatedStream *stream, const char *name, dim3 blocks, unsigned threads, Body body,
             Arguments... arguments) {
    emulated_launch(stream, {name, blocks, threads, [=] { body(arguments...); }});
}

#endif
