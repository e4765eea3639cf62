// Primitives whose every output element is found alone: activations, optimisers, moving data and
// random numbers. The mathematics is scalar.h's; here is who takes which element.
#include "cuda.cuh"
#include <curand_kernel.h>

namespace {

// ---- Bias, gain, activation -------------------------------------------------------------------

__global__ void affine(size_t n, size_t channels, size_t step, const real *gain, const real *bias,
                       Act act, const real *x, real *y) {
    size_t i = first_element();
    if (i >= step) return;
    size_t c = i % channels;
    real factor = gain == NULL ? 1 : gain[c], offset = bias == NULL ? 0 : bias[c];
    for (; i < n; i += step) y[i] = act_value(act, factor * x[i] + offset);
}

__global__ void slope(size_t n, Act act, const real *y, const real *a, real *out) {
    for (size_t i = first_element(); i < n; i += element_step())
        out[i] = act_slope_at(act, y[i]) * a[i];
}

__global__ void curvature(size_t n, Act act, const real *y, const real *tz, const real *dz,
                          real *c) {
    for (size_t i = first_element(); i < n; i += element_step())
        c[i] = act_slope_at(act, y[i]) * c[i] + act_rho(act, y[i]) * tz[i] * dz[i];
}

// ---- Optimiser --------------------------------------------------------------------------------

__global__ void step_weights(Rule rule, size_t n, const uint64_t *step, const real *g, real *w,
                             real *m, real *v) {
    __shared__ RuleStep now;
    if (threadIdx.x == 0) now = rule_step(rule, *step);
    __syncthreads();
    for (size_t i = first_element(); i < n; i += element_step())
        rule_apply(rule.kind, now, g[i], &w[i], m ? m + i : NULL, v ? v + i : NULL);
}

__global__ void clip_weights(size_t n, real bound, real *w) {
    for (size_t i = first_element(); i < n; i += element_step()) w[i] = clip_at(w[i], bound);
}

// ---- Moving data ------------------------------------------------------------------------------

__global__ void fill(size_t n, real value, real *out) {
    for (size_t i = first_element(); i < n; i += element_step()) out[i] = value;
}

__global__ void add_scaled(size_t n, real a, const real *x, real *y) {
    for (size_t i = first_element(); i < n; i += element_step()) y[i] += a * x[i];
}

__global__ void gather_rows(size_t parts, size_t cols, const real *data, const uint32_t *index,
                            real *out) {
    size_t row = blockIdx.x / parts, part = blockIdx.x % parts;
    const real *from = data + index[row] * cols;
    for (size_t i = part * THREADS + threadIdx.x; i < cols; i += parts * THREADS)
        out[row * cols + i] = from[i];
}

__global__ void gather_byte_rows(size_t parts, size_t cols, const uint8_t *data,
                                 const uint32_t *index, real scale, real shift, real *out) {
    size_t row = blockIdx.x / parts, part = blockIdx.x % parts;
    const uint8_t *from = data + index[row] * cols;
    for (size_t i = part * THREADS + threadIdx.x; i < cols; i += parts * THREADS)
        out[row * cols + i] = MATH(fma)(scale, (real)from[i], shift);
}

__global__ void blend_rows(size_t parts, size_t cols, const real *t, const real *a, const real *b,
                           real *out) {
    size_t row = blockIdx.x / parts, part = blockIdx.x % parts;
    for (size_t i = part * THREADS + threadIdx.x; i < cols; i += parts * THREADS)
        out[row * cols + i] = interpolate_at(t[row], a[row * cols + i], b[row * cols + i]);
}

__global__ void record_values(size_t n, const double *value, size_t slots, const uint64_t *counter,
                              double *ring) {
    for (size_t i = first_element(); i < n; i += element_step())
        ring[*counter % slots * n + i] = value[i];
}

// ---- Random numbers ---------------------------------------------------------------------------

// cuRAND's Philox4x32-10 on the counter of scalar.h. It is what curand_init(seed, stream, 4·block)
// and curand4() compute, without their two blocks more, and without their limit of block < 2^62.
__device__ void philox(RandomSource source, uint64_t ahead, uint32_t words[4]) {
    uint64_t block = *source.block + ahead;
    uint4 counter = make_uint4((unsigned)block, (unsigned)(block >> 32), (unsigned)source.stream,
                               (unsigned)(source.stream >> 32));
    uint4 out = curand_Philox4x32_10(
        counter, make_uint2((unsigned)source.seed, (unsigned)(source.seed >> 32)));
    words[0] = out.x, words[1] = out.y, words[2] = out.z, words[3] = out.w;
}

// What becomes of the words of a block.
struct Words {
    typedef uint32_t Number;
    __device__ uint32_t operator()(const uint32_t words[4], int lane) const { return words[lane]; }
};
struct Uniform {
    typedef real Number;
    double low, high;
    __device__ real operator()(const uint32_t words[4], int lane) const {
        return word_range(words[lane], low, high);
    }
};
struct Normal {
    typedef real Number;
    double mean, sigma;
    __device__ real operator()(const uint32_t words[4], int lane) const {
        return words_normal(words, lane, mean, sigma);
    }
};
struct Index {
    typedef uint32_t Number;
    uint32_t below;
    __device__ uint32_t operator()(const uint32_t words[4], int lane) const {
        return word_index(words[lane], below);
    }
};

// One thread, one block of four words.
template <class Draw>
__global__ void draw_numbers(RandomSource source, size_t n, Draw draw, typename Draw::Number *out) {
    for (size_t block = first_element(); block < (n + 3) / 4; block += element_step()) {
        uint32_t words[4];
        philox(source, block, words);
#pragma unroll
        for (int lane = 0; lane < 4; lane++)
            if (4 * block + lane < n) out[4 * block + lane] = draw(words, lane);
    }
}

template <class Draw>
void draw_all(RandomSource source, size_t n, Draw draw, typename Draw::Number *out) {
    if (n == 0) return;
    LAUNCH(draw_numbers, element_blocks((n + 3) / 4), THREADS, source, n, draw, out);
}

__global__ void advance(uint64_t *counter, uint64_t by) {
    *counter += by;
}

} // namespace

void cuda_affine_act(size_t rows, size_t channels, const real *gain, const real *bias, Act act,
                     const real *x, real *y) {
    size_t n = rows * channels;
    if (n == 0) return;
    size_t step = channel_step(rows, channels);
    LAUNCH(affine, (unsigned)ceil_div(step, THREADS), THREADS, n, channels, step, gain, bias, act,
           x, y);
}

void cuda_act_slope(size_t n, Act act, const real *y, const real *a, real *out) {
    if (n == 0) return;
    LAUNCH(slope, element_blocks(n), THREADS, n, act, y, a, out);
}

void cuda_act_curvature(size_t n, Act act, const real *y, const real *tz, const real *dz, real *c) {
    if (n == 0) return;
    LAUNCH(curvature, element_blocks(n), THREADS, n, act, y, tz, dz, c);
}

void cuda_interpolate(size_t rows, size_t cols, const real *t, const real *a, const real *b,
                      real *out) {
    if (rows == 0 || cols == 0) return;
    size_t parts = row_parts(rows, cols);
    LAUNCH(blend_rows, (unsigned)(rows * parts), THREADS, parts, cols, t, a, b, out);
}

void cuda_record(size_t n, const double *value, size_t slots, const uint64_t *counter,
                 double *ring) {
    if (n == 0) return;
    LAUNCH(record_values, element_blocks(n), THREADS, n, value, slots, counter, ring);
}

void cuda_update(Rule rule, size_t n, const uint64_t *step, const real *g, real *w, real *m,
                 real *v) {
    if (n == 0) return;
    LAUNCH(step_weights, element_blocks(n), THREADS, rule, n, step, g, w, m, v);
}

void cuda_clip(size_t n, real bound, real *w) {
    if (n == 0) return;
    LAUNCH(clip_weights, element_blocks(n), THREADS, n, bound, w);
}

void cuda_fill(size_t n, real value, real *out) {
    if (n == 0) return;
    LAUNCH(fill, element_blocks(n), THREADS, n, value, out);
}

void cuda_copy(size_t n, const real *from, real *to) {
    if (n == 0) return;
    CUDA(cudaMemcpyAsync(to, from, n * sizeof(real), cudaMemcpyDeviceToDevice, gpu.stream));
}

void cuda_axpy(size_t n, real a, const real *x, real *y) {
    if (n == 0) return;
    LAUNCH(add_scaled, element_blocks(n), THREADS, n, a, x, y);
}

void cuda_gather(size_t rows, size_t cols, const real *data, const uint32_t *index, real *out) {
    if (rows == 0 || cols == 0) return;
    size_t parts = row_parts(rows, cols);
    LAUNCH(gather_rows, (unsigned)(rows * parts), THREADS, parts, cols, data, index, out);
}

void cuda_gather_bytes(size_t rows, size_t cols, const uint8_t *data, const uint32_t *index,
                       real scale, real shift, real *out) {
    if (rows == 0 || cols == 0) return;
    size_t parts = row_parts(rows, cols);
    LAUNCH(gather_byte_rows, (unsigned)(rows * parts), THREADS, parts, cols, data, index, scale,
           shift, out);
}

void cuda_random_words(RandomSource source, size_t n, uint32_t *out) {
    draw_all(source, n, Words{}, out);
}

void cuda_random_uniform(RandomSource source, size_t n, double low, double high, real *out) {
    draw_all(source, n, Uniform{low, high}, out);
}

void cuda_random_normal(RandomSource source, size_t n, double mean, double sigma, real *out) {
    draw_all(source, n, Normal{mean, sigma}, out);
}

void cuda_random_index(RandomSource source, size_t n, uint32_t below, uint32_t *out) {
    draw_all(source, n, Index{below}, out);
}

void cuda_advance(uint64_t *counter, uint64_t by) {
    LAUNCH(advance, 1, 1, counter, by);
}
