// The one function that kernels/cuda_elementwise.cu takes from cuRAND, by Random123.
#ifndef EMULATED_CURAND_KERNEL_H
#define EMULATED_CURAND_KERNEL_H

#include "emulator.h"
#include <Random123/philox.h>

static inline uint4 curand_Philox4x32_10(uint4 counter, uint2 key) {
    r123::Philox4x32::ctr_type block = {{counter.x, counter.y, counter.z, counter.w}};
    r123::Philox4x32::key_type seed = {{key.x, key.y}};
    block = r123::Philox4x32()(block, seed);
    return {block[0], block[1], block[2], block[3]};
}

#endif
