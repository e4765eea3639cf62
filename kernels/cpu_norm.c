// Sums over rows and over columns on the CPU, and the two norms made of them. Every sum is in
// double.
#include "cpu.h"

#include <string.h>

// ---- Layer norm: one row after another, threads share the rows
// -----------------------------------

typedef struct {
    double a, ah, at; // <a>, <a·h>, <a·th>
} RowMeans;

// Of a = gain·d over one row; t NULL leaves `at` 0.
static RowMeans row_means(size_t pixels, size_t channels, const real *gain, const real *d,
                          const real *h, const real *t) {
    double sum = 0, with_h = 0, with_t = 0, features = (double)(pixels * channels);
    for (size_t p = 0; p < pixels; p++) {
#pragma omp simd reduction(+ : sum, with_h, with_t)
        for (size_t c = 0; c < channels; c++) {
            double a = gain ? (double)gain[c] * d[c] : d[c];
            sum += a, with_h += a * h[c], with_t += t ? a * t[c] : 0;
        }
        d += channels, h += channels;
        if (t) t += channels;
    }
    return (RowMeans){sum / features, with_h / features, with_t / features};
}

static void layer_norm_row(size_t n, real eps, real *x, real *rstd) {
    double mean = 0, variance = 0;
#pragma omp simd reduction(+ : mean)
    for (size_t i = 0; i < n; i++) mean += x[i];
    mean /= (double)n;
#pragma omp simd reduction(+ : variance)
    for (size_t i = 0; i < n; i++) variance += (x[i] - mean) * (x[i] - mean);
    double s = 1 / sqrt(variance / (double)n + eps);
#pragma omp simd
    for (size_t i = 0; i < n; i++) x[i] = (real)(s * (x[i] - mean));
    *rstd = (real)s;
}

void cpu_layer_norm_forward(size_t rows, size_t features, real eps, real *x, real *rstd) {
    PARALLEL(rows * features) {
        Range mine = share(rows);
        for (size_t r = mine.first; r < mine.end; r++)
            layer_norm_row(features, eps, x + r * features, rstd + r);
    }
}

// out = J(gain·d) of one row; m.a and m.ah are its means.
static void jacobian_row(size_t pixels, size_t channels, const real *h, real s, const real *gain,
                         RowMeans m, const real *d, real *out) {
    for (size_t p = 0; p < pixels; p++, h += channels, d += channels, out += channels) {
#pragma omp simd
        for (size_t c = 0; c < channels; c++)
            out[c] = (real)(s * ((gain ? (double)gain[c] * d[c] : d[c]) - m.a - h[c] * m.ah));
    }
}

void cpu_layer_norm_backward(size_t rows, size_t pixels, size_t channels, const real *h,
                             const real *rstd, const real *gain, const real *dz, real *dx) {
    size_t features = pixels * channels;
    PARALLEL(rows * features) {
        Range mine = share(rows);
        for (size_t r = mine.first; r < mine.end; r++) {
            size_t at = r * features;
            RowMeans m = row_means(pixels, channels, gain, dz + at, h + at, NULL);
            jacobian_row(pixels, channels, h + at, rstd[r], gain, m, dz + at, dx + at);
        }
    }
}

void cpu_layer_norm_tangent(size_t rows, size_t features, const real *h, const real *rstd, real *t,
                            real *htx) {
    PARALLEL(rows * features) {
        Range mine = share(rows);
        for (size_t r = mine.first; r < mine.end; r++) {
            size_t at = r * features;
            RowMeans m = row_means(1, features, NULL, t + at, h + at, NULL);
            jacobian_row(1, features, h + at, rstd[r], NULL, m, t + at, t + at);
            htx[r] = (real)m.ah;
        }
    }
}

// cx = J(gain·cz) − s·(h·<a·th> + J(a)·htx + th·<a·h>),  a = gain·dz, of one row.
static void curvature_row(size_t pixels, size_t channels, const real *h, const real *th, real s,
                          real htx, const real *gain, const real *dz, const real *cz, real *cx) {
    RowMeans a = row_means(pixels, channels, gain, dz, h, th);
    RowMeans c = row_means(pixels, channels, gain, cz, h, NULL);
    for (size_t p = 0; p < pixels; p++) {
#pragma omp simd
        for (size_t i = 0; i < channels; i++) {
            double g = gain ? gain[i] : 1;
            double j_of_a = s * (g * dz[i] - a.a - h[i] * a.ah);
            double j_of_c = s * (g * cz[i] - c.a - h[i] * c.ah);
            cx[i] = (real)(j_of_c - s * (h[i] * a.at + j_of_a * htx + th[i] * a.ah));
        }
        h += channels, th += channels, dz += channels, cz += channels, cx += channels;
    }
}

void cpu_layer_norm_curvature(size_t rows, size_t pixels, size_t channels, const real *h,
                              const real *th, const real *rstd, const real *htx, const real *gain,
                              const real *dz, const real *cz, real *cx) {
    size_t features = pixels * channels;
    PARALLEL(rows * features) {
        Range mine = share(rows);
        for (size_t r = mine.first; r < mine.end; r++) {
            size_t at = r * features;
            curvature_row(pixels, channels, h + at, th + at, rstd[r], htx[r], gain, dz + at,
                          cz + at, cx + at);
        }
    }
}

// ---- Sums over rows, per column -----------------------------------------------------------------

// sums[c] over all rows, c below width <= COLUMN_PANEL, of
//   (a − mean[c])²  if mean,  else a·b  if b,  else a.
// Every thread adds up its rows in its own line of cpu.partial; the lines are added in order.
static void column_sums(size_t rows, size_t cols, size_t width, const real *a, const real *b,
                        const double *mean, double *sums) {
    int parts = 1;
    PARALLEL(rows * width) {
        double *sum = cpu.partial + (size_t)omp_get_thread_num() * COLUMN_PANEL;
        Range mine = share(rows);
        memset(sum, 0, width * sizeof *sum);
#pragma omp single nowait
        parts = omp_get_num_threads();
        for (size_t r = mine.first; r < mine.end; r++) {
            const real *x = a + r * cols, *y = b ? b + r * cols : NULL;
#pragma omp simd
            for (size_t c = 0; c < width; c++) {
                double value = x[c];
                if (mean) value = (value - mean[c]) * (value - mean[c]);
                if (y) value *= y[c];
                sum[c] += value;
            }
        }
    }
    memset(sums, 0, width * sizeof *sums);
    for (int t = 0; t < parts; t++)
        for (size_t c = 0; c < width; c++) sums[c] += cpu.partial[(size_t)t * COLUMN_PANEL + c];
}

void cpu_col_sum(size_t rows, size_t cols, const real *a, const real *b, real *out) {
    double sums[COLUMN_PANEL];
    for (size_t from = 0; from < cols; from += COLUMN_PANEL) {
        size_t width = smaller(cols - from, COLUMN_PANEL);
        column_sums(rows, cols, width, a + from, b ? b + from : NULL, NULL, sums);
        for (size_t c = 0; c < width; c++) out[from + c] = (real)(out[from + c] + sums[c]);
    }
}

static double sum_of_squares(const real *a, Range range) {
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = range.first; i < range.end; i++) sum += (double)a[i] * a[i];
    return sum;
}

// One long row, a whole gradient: threads share it.
static double long_norm(size_t n, const real *a) {
    int parts = 1;
    PARALLEL(n) {
#pragma omp single nowait
        parts = omp_get_num_threads();
        cpu.partial[omp_get_thread_num()] = sum_of_squares(a, share(n));
    }
    double sum = 0;
    for (int t = 0; t < parts; t++) sum += cpu.partial[t];
    return sqrt(sum);
}

void cpu_row_norm(size_t rows, size_t cols, const real *a, real *out) {
    if (rows == 1) {
        *out = (real)long_norm(cols, a);
        return;
    }
    PARALLEL(rows * cols) {
        Range mine = share(rows);
        for (size_t r = mine.first; r < mine.end; r++)
            out[r] = (real)sqrt(sum_of_squares(a, (Range){r * cols, (r + 1) * cols}));
    }
}

// ---- Batch norm -------------------------------------------------------------------------------

// x = scale[c]·(x − mean[c]) in a panel of columns.
static void standardise(size_t rows, size_t cols, size_t width, const double *mean,
                        const double *scale, real *x) {
    PARALLEL(rows * width) {
        Range mine = share(rows);
        for (size_t r = mine.first; r < mine.end; r++)
#pragma omp simd
            for (size_t c = 0; c < width; c++)
                x[r * cols + c] = (real)(scale[c] * (x[r * cols + c] - mean[c]));
    }
}

void cpu_batch_norm_forward(size_t rows, size_t channels, real eps, real momentum, real *x,
                            real *rstd, real *running_mean, real *running_var) {
    double mean[COLUMN_PANEL], scale[COLUMN_PANEL], n = (double)rows, keep = 1 - (double)momentum;
    double unbiased = rows > 1 ? n / (n - 1) : 1;
    for (size_t from = 0; from < channels && rows > 0; from += COLUMN_PANEL) {
        size_t width = smaller(channels - from, COLUMN_PANEL);
        column_sums(rows, channels, width, x + from, NULL, NULL, mean);
        for (size_t c = 0; c < width; c++) mean[c] /= n;
        column_sums(rows, channels, width, x + from, NULL, mean, scale);
        for (size_t c = 0; c < width; c++) {
            double variance = scale[c] / n;
            real *m = running_mean + from + c, *v = running_var + from + c;
            *m = (real)(keep * *m + momentum * mean[c]);
            *v = (real)(keep * *v + momentum * variance * unbiased);
            scale[c] = 1 / sqrt(variance + eps);
            rstd[from + c] = (real)scale[c];
        }
        standardise(rows, channels, width, mean, scale, x + from);
    }
}

void cpu_batch_norm_sample(size_t rows, size_t channels, real eps, real *x,
                           const real *running_mean, const real *running_var) {
    double mean[COLUMN_PANEL], scale[COLUMN_PANEL];
    for (size_t from = 0; from < channels; from += COLUMN_PANEL) {
        size_t width = smaller(channels - from, COLUMN_PANEL);
        for (size_t c = 0; c < width; c++) {
            mean[c] = running_mean[from + c];
            scale[c] = 1 / sqrt((double)running_var[from + c] + eps);
        }
        standardise(rows, channels, width, mean, scale, x + from);
    }
}

void cpu_batch_norm_backward(size_t rows, size_t channels, const real *h, const real *rstd,
                             const real *gain, const real *dz, real *dx) {
    double mean[COLUMN_PANEL], along[COLUMN_PANEL];
    for (size_t from = 0; from < channels && rows > 0; from += COLUMN_PANEL) {
        size_t width = smaller(channels - from, COLUMN_PANEL);
        column_sums(rows, channels, width, dz + from, NULL, NULL, mean);
        column_sums(rows, channels, width, dz + from, h + from, NULL, along);
        for (size_t c = 0; c < width; c++) mean[c] /= (double)rows, along[c] /= (double)rows;
        PARALLEL(rows * width) {
            Range mine = share(rows);
            for (size_t r = mine.first; r < mine.end; r++)
#pragma omp simd
                for (size_t c = 0; c < width; c++) {
                    size_t at = r * channels + from + c;
                    double scale = (gain ? (double)gain[from + c] : 1) * rstd[from + c];
                    dx[at] = (real)(scale * (dz[at] - mean[c] - h[at] * along[c]));
                }
        }
    }
}
