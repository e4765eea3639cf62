// Layer norm: one block per row, every mean over the row in double. The equations are derived in
// kernels.def.
#include "cuda.cuh"

namespace {

enum { ROW_THREADS = 512 };

// The channel of feature threadIdx.x + step·ROW_THREADS, without a division at each step.
struct Channel {
    size_t now, step, count;
    __device__ explicit Channel(size_t channels)
        : now(threadIdx.x % channels), step(ROW_THREADS % channels), count(channels) {}
    __device__ void next() {
        now += step;
        if (now >= count) now -= count;
    }
};

// gain[c]·value, in double.
__device__ double gained(const real *gain, Channel channel, real value) {
    return gain == NULL ? (double)value : (double)gain[channel.now] * value;
}

template <int N> __device__ void row_mean(double (&value)[N], size_t features) {
    block_sum<N, ROW_THREADS>(value);
    for (int i = 0; i < N; i++) value[i] /= (double)features;
}

__global__ void __launch_bounds__(ROW_THREADS)
    forward(size_t features, real eps, real *x, real *rstd) {
    x += blockIdx.x * features;
    double mean[1] = {}, var[1] = {};
    for (size_t i = threadIdx.x; i < features; i += ROW_THREADS) mean[0] += x[i];
    row_mean(mean, features);
    for (size_t i = threadIdx.x; i < features; i += ROW_THREADS)
        var[0] += (x[i] - mean[0]) * (x[i] - mean[0]);
    row_mean(var, features);
    double s = 1 / sqrt(var[0] + eps);
    for (size_t i = threadIdx.x; i < features; i += ROW_THREADS)
        x[i] = (real)(s * (x[i] - mean[0]));
    if (threadIdx.x == 0) rstd[blockIdx.x] = (real)s;
}

// dx = J a, a = gain·dz.
__global__ void __launch_bounds__(ROW_THREADS)
    backward(size_t features, size_t channels, const real *h, const real *rstd, const real *gain,
             const real *dz, real *dx) {
    h += blockIdx.x * features, dz += blockIdx.x * features, dx += blockIdx.x * features;
    double s = rstd[blockIdx.x], mean[2] = {}; // <a>, <a·h>
    Channel c(channels);
    for (size_t i = threadIdx.x; i < features; i += ROW_THREADS, c.next()) {
        double a = gained(gain, c, dz[i]);
        mean[0] += a, mean[1] += a * h[i];
    }
    row_mean(mean, features);
    c = Channel(channels);
    for (size_t i = threadIdx.x; i < features; i += ROW_THREADS, c.next())
        dx[i] = (real)(s * (gained(gain, c, dz[i]) - mean[0] - h[i] * mean[1]));
}

// th = J tx over tx, and <h·tx>.
__global__ void __launch_bounds__(ROW_THREADS)
    tangent(size_t features, const real *h, const real *rstd, real *t, real *htx) {
    h += blockIdx.x * features, t += blockIdx.x * features;
    double s = rstd[blockIdx.x], mean[2] = {}; // <tx>, <h·tx>
    for (size_t i = threadIdx.x; i < features; i += ROW_THREADS)
        mean[0] += t[i], mean[1] += (double)h[i] * t[i];
    row_mean(mean, features);
    for (size_t i = threadIdx.x; i < features; i += ROW_THREADS)
        t[i] = (real)(s * (t[i] - mean[0] - h[i] * mean[1]));
    if (threadIdx.x == 0) htx[blockIdx.x] = (real)mean[1];
}

// cx = J b − s·(h·<a·th> + J(a)·<h·tx> + th·<a·h>), a = gain·dz, b = gain·cz.
__global__ void __launch_bounds__(ROW_THREADS)
    curvature(size_t features, size_t channels, const real *h, const real *th, const real *rstd,
              const real *htx, const real *gain, const real *dz, const real *cz, real *cx) {
    size_t start = blockIdx.x * features;
    h += start, th += start, dz += start, cz += start, cx += start;
    double s = rstd[blockIdx.x], h_tx = htx[blockIdx.x];
    double mean[5] = {}; // <a>, <a·h>, <a·th>, <b>, <b·h>
    Channel c(channels);
    for (size_t i = threadIdx.x; i < features; i += ROW_THREADS, c.next()) {
        double a = gained(gain, c, dz[i]), b = gained(gain, c, cz[i]);
        mean[0] += a, mean[1] += a * h[i], mean[2] += a * th[i];
        mean[3] += b, mean[4] += b * h[i];
    }
    row_mean(mean, features);
    c = Channel(channels);
    for (size_t i = threadIdx.x; i < features; i += ROW_THREADS, c.next()) {
        double j_a = s * (gained(gain, c, dz[i]) - mean[0] - h[i] * mean[1]);
        double j_b = s * (gained(gain, c, cz[i]) - mean[3] - h[i] * mean[4]);
        cx[i] = (real)(j_b - s * (h[i] * mean[2] + j_a * h_tx + th[i] * mean[1]));
    }
}

} // namespace

void cuda_layer_norm_forward(size_t rows, size_t features, real eps, real *x, real *rstd) {
    if (rows == 0 || features == 0) return;
    LAUNCH(forward, (unsigned)rows, ROW_THREADS, features, eps, x, rstd);
}

void cuda_layer_norm_backward(size_t rows, size_t pixels, size_t channels, const real *h,
                              const real *rstd, const real *gain, const real *dz, real *dx) {
    if (rows == 0 || pixels * channels == 0) return;
    LAUNCH(backward, (unsigned)rows, ROW_THREADS, pixels * channels, channels, h, rstd, gain, dz,
           dx);
}

void cuda_layer_norm_tangent(size_t rows, size_t features, const real *h, const real *rstd, real *t,
                             real *htx) {
    if (rows == 0 || features == 0) return;
    LAUNCH(tangent, (unsigned)rows, ROW_THREADS, features, h, rstd, t, htx);
}

void cuda_layer_norm_curvature(size_t rows, size_t pixels, size_t channels, const real *h,
                               const real *th, const real *rstd, const real *htx, const real *gain,
                               const real *dz, const real *cz, real *cx) {
    if (rows == 0 || pixels * channels == 0) return;
    LAUNCH(curvature, (unsigned)rows, ROW_THREADS, pixels * channels, channels, h, th, rstd, htx,
           gain, dz, cz, cx);
}
