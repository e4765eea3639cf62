// Primitives that add up: over columns, over a row, and the means behind penalty and losses.
#include "cuda.cuh"

namespace {

// ---- Over the rows of a column ------------------------------------------------------------------
//
// A block of TILE_COLS × TILE_ROWS threads takes TILE_COLS columns and `chunk` rows. With more than
// one chunk its sums go to `partial` [chunks][SUMS][count] and finish_columns() adds those up in
// order. What is summed, and what is done with the total, is the caller's Terms:
//   SUMS                      how many sums per column
//   add(i, column, sum)       adds element i (in column `column`) to sum[SUMS]
//   finish(column, sum)       takes the totals
// `column` counts from `first`, the first of the `count` columns at hand.

enum { TILE_COLS = 32, TILE_ROWS = 8, CHUNK_LEAST = 64, CHUNKS_EACH = 4 };

template <class Terms>
__global__ void sum_columns(Terms terms, size_t rows, size_t cols, size_t first, size_t count,
                            size_t chunk, double *partial) {
    __shared__ double part[Terms::SUMS][TILE_ROWS][TILE_COLS];
    unsigned x = threadIdx.x % TILE_COLS, y = threadIdx.x / TILE_COLS;
    size_t column = blockIdx.x * (size_t)TILE_COLS + x;
    size_t end = (blockIdx.y + 1) * chunk < rows ? (blockIdx.y + 1) * chunk : rows;
    double sum[Terms::SUMS] = {};
    if (column < count)
        for (size_t row = blockIdx.y * chunk + y; row < end; row += TILE_ROWS)
            terms.add(row * cols + first + column, column, sum);
    for (int s = 0; s < Terms::SUMS; s++) part[s][y][x] = sum[s];
    __syncthreads();
    if (y > 0 || column >= count) return;
    for (int s = 0; s < Terms::SUMS; s++)
        for (int i = 1; i < TILE_ROWS; i++) sum[s] += part[s][i][x];
    if (gridDim.y == 1) {
        terms.finish(column, sum);
        return;
    }
    for (int s = 0; s < Terms::SUMS; s++)
        partial[(blockIdx.y * (size_t)Terms::SUMS + s) * count + column] = sum[s];
}

template <class Terms>
__global__ void finish_columns(Terms terms, size_t count, unsigned chunks, const double *partial) {
    size_t column = first_element();
    if (column >= count) return;
    double sum[Terms::SUMS] = {};
    for (unsigned chunk = 0; chunk < chunks; chunk++)
        for (int s = 0; s < Terms::SUMS; s++)
            sum[s] += partial[(chunk * (size_t)Terms::SUMS + s) * count + column];
    terms.finish(column, sum);
}

// More than one chunk only while there are fewer blocks than the device has room for: that bounds
// `partial` (sums_scratch_bytes).
template <class Terms>
void reduce_columns(Terms terms, size_t rows, size_t cols, size_t first, size_t count) {
    size_t tiles = ceil_div(count, TILE_COLS);
    size_t chunks = CHUNKS_EACH * (size_t)gpu.processors / tiles;
    size_t most = ceil_div(rows, CHUNK_LEAST);
    chunks = chunks > most ? most : chunks < 1 ? 1 : chunks;
    size_t chunk = ceil_div(rows, chunks);
    dim3 grid((unsigned)tiles, (unsigned)ceil_div(rows, chunk));
    LAUNCH(sum_columns, grid, TILE_COLS * TILE_ROWS, terms, rows, cols, first, count, chunk,
           gpu.sums);
    if (grid.y > 1)
        LAUNCH(finish_columns, (unsigned)ceil_div(count, THREADS), THREADS, terms, count, grid.y,
               gpu.sums);
}

struct Products {
    enum { SUMS = 1 };
    const real *a, *b;
    real *out;
    __device__ void add(size_t i, size_t, double *sum) const {
        sum[0] += b == NULL ? (double)a[i] : (double)a[i] * b[i];
    }
    __device__ void finish(size_t column, const double *sum) const {
        out[column] = (real)(out[column] + sum[0]);
    }
};

// ---- Batch norm ---------------------------------------------------------------------------------

struct Mean {
    enum { SUMS = 1 };
    size_t rows;
    const real *x;
    double *mean;
    __device__ void add(size_t i, size_t, double *sum) const { sum[0] += x[i]; }
    __device__ void finish(size_t column, const double *sum) const {
        mean[column] = sum[0] / (double)rows;
    }
};

struct Variance {
    enum { SUMS = 1 };
    size_t rows;
    const real *x;
    const double *mean;
    real eps, momentum, *rstd, *running_mean, *running_var;
    __device__ void add(size_t i, size_t column, double *sum) const {
        double off = x[i] - mean[column];
        sum[0] += off * off;
    }
    __device__ void finish(size_t column, const double *sum) const {
        double unbiased = sum[0] / (double)(rows > 1 ? rows - 1 : 1), take = momentum;
        rstd[column] = (real)(1 / sqrt(sum[0] / (double)rows + eps));
        running_mean[column] = (real)((1 - take) * running_mean[column] + take * mean[column]);
        running_var[column] = (real)((1 - take) * running_var[column] + take * unbiased);
    }
};

// <dz> and <dz·h>.
struct Adjoints {
    enum { SUMS = 2 };
    size_t rows;
    const real *h, *dz;
    double *mean;
    __device__ void add(size_t i, size_t, double *sum) const {
        sum[0] += dz[i], sum[1] += (double)dz[i] * h[i];
    }
    __device__ void finish(size_t column, const double *sum) const {
        mean[column] = sum[0] / (double)rows;
        mean[MEAN_COLUMNS + column] = sum[1] / (double)rows;
    }
};

// The last three walk with a channel per thread over `count` columns from `first`.
__device__ bool start_walk(size_t step, size_t count, size_t *row, size_t *column) {
    *row = first_element() / count, *column = first_element() % count;
    return first_element() < step;
}

__global__ void normalise(size_t rows, size_t cols, size_t first, size_t count, size_t step,
                          real *x, const double *mean, const real *rstd) {
    size_t row, column;
    if (!start_walk(step, count, &row, &column)) return;
    for (; row < rows; row += step / count) {
        real *at = x + row * cols + first + column;
        *at = (real)((*at - mean[column]) * rstd[first + column]);
    }
}

__global__ void normalise_running(size_t n, size_t channels, size_t step, real eps, real *x,
                                  const real *mean, const real *var) {
    size_t i = first_element(), c = i % channels;
    if (i >= step) return;
    double factor = 1 / sqrt((double)var[c] + eps), offset = mean[c];
    for (; i < n; i += step) x[i] = (real)((x[i] - offset) * factor);
}

__global__ void denormalise(size_t rows, size_t cols, size_t first, size_t count, size_t step,
                            const real *h, const real *rstd, const real *gain, const double *mean,
                            const real *dz, real *dx) {
    size_t row, column;
    if (!start_walk(step, count, &row, &column)) return;
    double factor = rstd[first + column];
    if (gain != NULL) factor *= gain[first + column];
    double mean_dz = mean[column], mean_dzh = mean[MEAN_COLUMNS + column];
    for (; row < rows; row += step / count) {
        size_t i = row * cols + first + column;
        dx[i] = (real)(factor * (dz[i] - mean_dz - h[i] * mean_dzh));
    }
}

// ---- Over a row ---------------------------------------------------------------------------------

enum { PART_LEAST = 4096 };

// Squares of part blockIdx.x % parts of row blockIdx.x / parts.
__global__ void sum_squares(size_t parts, size_t cols, const real *a, real *out, double *partial) {
    size_t row = blockIdx.x / parts, part = blockIdx.x % parts;
    double sum[1] = {};
    for (size_t i = part * THREADS + threadIdx.x; i < cols; i += parts * THREADS)
        sum[0] += (double)a[row * cols + i] * a[row * cols + i];
    block_sum<1, THREADS>(sum);
    if (threadIdx.x > 0) return;
    if (parts == 1)
        out[row] = (real)sqrt(sum[0]);
    else
        partial[blockIdx.x] = sum[0];
}

__global__ void finish_norms(size_t rows, size_t parts, const double *partial, real *out) {
    size_t row = first_element();
    if (row >= rows) return;
    double sum = 0;
    for (size_t part = 0; part < parts; part++) sum += partial[row * parts + part];
    out[row] = (real)sqrt(sum);
}

// ---- Means over rows, by one block --------------------------------------------------------------

__global__ void penalty_value(size_t rows, double lambda, bool one_sided, const real *norms,
                              double *value) {
    double sum[1] = {};
    for (size_t row = threadIdx.x; row < rows; row += THREADS) {
        double excess = penalty_excess(norms[row], one_sided);
        sum[0] += excess * excess;
    }
    block_sum<1, THREADS>(sum);
    if (threadIdx.x == 0) *value = lambda / (double)rows * sum[0];
}

// u = dP/dg, a multiple of g for each row; 0, not 0·g, where the norm is 0.
__global__ void penalty_direction(size_t rows, size_t parts, size_t cols, double lambda,
                                  bool one_sided, const real *g, const real *norms, real *u) {
    size_t row = blockIdx.x / parts, part = blockIdx.x % parts;
    double factor = penalty_factor(norms[row], one_sided, lambda, rows);
    for (size_t i = part * THREADS + threadIdx.x; i < cols; i += parts * THREADS)
        u[row * cols + i] = norms[row] == 0 ? 0 : (real)(factor * g[row * cols + i]);
}

__global__ void loss_mean(LossTerm term, size_t n, const real *f, double *value, real *delta) {
    double sum[1] = {};
    for (size_t i = threadIdx.x; i < n; i += THREADS) {
        sum[0] += loss_value(term, f[i]);
        delta[i] = (real)(loss_slope(term, f[i]) / (double)n);
    }
    block_sum<1, THREADS>(sum);
    if (threadIdx.x == 0) *value = sum[0] / (double)n;
}

// One row: its loss is returned, and delta written. f and delta may be the same.
__device__ double softmax_row(size_t rows, size_t classes, const real *f, size_t label, bool *hit,
                              real *delta) {
    size_t best = 0;
    for (size_t j = 1; j < classes; j++)
        if (f[j] > f[best]) best = j;
    double top = f[best], at_label = f[label], sum = 0;
    for (size_t j = 0; j < classes; j++) sum += exp(f[j] - top);
    *hit = best == label;
    if (delta != NULL)
        for (size_t j = 0; j < classes; j++)
            delta[j] = (real)((exp(f[j] - top) / sum - (j == label)) / (double)rows);
    return top + log(sum) - at_label;
}

__global__ void softmax_mean(size_t rows, size_t classes, const real *f, const uint8_t *label,
                             double *value, real *delta) {
    double sum[2] = {};
    for (size_t row = threadIdx.x; row < rows; row += THREADS) {
        bool hit;
        sum[0] += softmax_row(rows, classes, f + row * classes, label[row], &hit,
                              delta == NULL ? NULL : delta + row * classes);
        sum[1] += hit;
    }
    block_sum<2, THREADS>(sum);
    if (threadIdx.x == 0) value[0] = sum[0] / (double)rows, value[1] = sum[1] / (double)rows;
}

} // namespace

// Two sums of a column at most, for CHUNKS_EACH tiles a processor; or one of a row's part.
size_t sums_scratch_bytes(void) {
    return 2 * TILE_COLS * CHUNKS_EACH * (size_t)gpu.processors * sizeof(double);
}

void cuda_col_sum(size_t rows, size_t cols, const real *a, const real *b, real *out) {
    if (rows == 0 || cols == 0) return;
    reduce_columns(Products{a, b, out}, rows, cols, 0, cols);
}

void cuda_batch_norm_forward(size_t rows, size_t channels, real eps, real momentum, real *x,
                             real *rstd, real *running_mean, real *running_var) {
    if (rows == 0) return;
    for (size_t first = 0; first < channels; first += MEAN_COLUMNS) {
        size_t left = channels - first, count = left < MEAN_COLUMNS ? left : MEAN_COLUMNS;
        reduce_columns(Mean{rows, x, gpu.means}, rows, channels, first, count);
        reduce_columns(Variance{rows, x, gpu.means, eps, momentum, rstd + first,
                                running_mean + first, running_var + first},
                       rows, channels, first, count);
        size_t step = channel_step(rows, count);
        LAUNCH(normalise, (unsigned)ceil_div(step, THREADS), THREADS, rows, channels, first, count,
               step, x, gpu.means, rstd);
    }
}

void cuda_batch_norm_sample(size_t rows, size_t channels, real eps, real *x,
                            const real *running_mean, const real *running_var) {
    size_t n = rows * channels;
    if (n == 0) return;
    size_t step = channel_step(rows, channels);
    LAUNCH(normalise_running, (unsigned)ceil_div(step, THREADS), THREADS, n, channels, step, eps, x,
           running_mean, running_var);
}

void cuda_batch_norm_backward(size_t rows, size_t channels, const real *h, const real *rstd,
                              const real *gain, const real *dz, real *dx) {
    if (rows == 0) return;
    for (size_t first = 0; first < channels; first += MEAN_COLUMNS) {
        size_t left = channels - first, count = left < MEAN_COLUMNS ? left : MEAN_COLUMNS;
        reduce_columns(Adjoints{rows, h, dz, gpu.means}, rows, channels, first, count);
        size_t step = channel_step(rows, count);
        LAUNCH(denormalise, (unsigned)ceil_div(step, THREADS), THREADS, rows, channels, first,
               count, step, h, rstd, gain, gpu.means, dz, dx);
    }
}

void cuda_row_norm(size_t rows, size_t cols, const real *a, real *out) {
    if (rows == 0) return;
    size_t parts = TILE_COLS * (size_t)gpu.processors / rows, most = ceil_div(cols, PART_LEAST);
    parts = parts > most ? most : parts;
    parts = parts < 1 ? 1 : parts;
    LAUNCH(sum_squares, (unsigned)(rows * parts), THREADS, parts, cols, a, out, gpu.sums);
    if (parts > 1)
        LAUNCH(finish_norms, (unsigned)ceil_div(rows, THREADS), THREADS, rows, parts, gpu.sums,
               out);
}

void cuda_penalty(size_t rows, size_t cols, double lambda, bool one_sided, const real *g,
                  const real *norms, real *u, double *value) {
    if (rows == 0) return;
    LAUNCH(penalty_value, 1, THREADS, rows, lambda, one_sided, norms, value);
    if (cols == 0) return;
    size_t parts = row_parts(rows, cols);
    LAUNCH(penalty_direction, (unsigned)(rows * parts), THREADS, rows, parts, cols, lambda,
           one_sided, g, norms, u);
}

void cuda_loss(LossTerm term, size_t n, const real *f, double *value, real *delta) {
    if (n == 0) return;
    LAUNCH(loss_mean, 1, THREADS, term, n, f, value, delta);
}

void cuda_cross_entropy(size_t rows, size_t classes, const real *f, const uint8_t *label,
                        double *value, real *delta) {
    if (rows == 0) return;
    LAUNCH(softmax_mean, 1, THREADS, rows, classes, f, label, value, delta);
}
