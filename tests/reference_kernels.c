// The primitives of kernels.def as their definitions read: plain loops, one thread, sums in double.
// The measure of right for the parity suite; nothing is shared with the backends but scalar.h.
#include "kernels/backend.h"

#include <stdlib.h>
#include <string.h>

// ---- Matrix product, convolution ----------------------------------------------------------------

void ref_gemm(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, const real *a,
              const real *b, real beta, real *c) {
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t l = 0; l < k; l++)
                sum += (double)(transpose_a ? a[l * m + i] : a[i * k + l]) *
                       (transpose_b ? b[j * k + l] : b[l * n + j]);
            c[i * n + j] = (real)(beta == 0 ? sum : sum + (double)beta * c[i * n + j]);
        }
}

// What every convolution walks over: the pairs (map pixel, image pixel) that the kernel joins.
typedef struct {
    size_t map, image, weight; // offsets of channel 0; of a weight that of [0][i][j][0]
} Joint;
typedef void Visit(ConvShape s, Joint at, const real *x, const real *y, const real *w, double *sum);

static void walk(ConvShape s, size_t rows, Visit *visit, const real *x, const real *y,
                 const real *w, double *sum) {
    for (int row = 0; row < (int)rows; row++)
        for (int p = 0; p < s.p; p++)
            for (int q = 0; q < s.q; q++)
                for (int i = 0; i < s.k; i++)
                    for (int j = 0; j < s.k; j++) {
                        int h = p * s.stride + i - s.top, v = q * s.stride + j - s.left;
                        if (h < 0 || h >= s.h || v < 0 || v >= s.w) continue;
                        Joint at = {(size_t)(((row * s.p + p) * s.q + q) * s.o),
                                    (size_t)(((row * s.h + h) * s.w + v) * s.c),
                                    (size_t)((i * s.k + j) * s.c)};
                        visit(s, at, x, y, w, sum);
                    }
}

static size_t weight_pitch(ConvShape s) {
    return (size_t)(s.k * s.k * s.c);
}

static void visit_forward(ConvShape s, Joint at, const real *x, const real *y, const real *w,
                          double *sum) {
    (void)y;
    for (int o = 0; o < s.o; o++)
        for (int c = 0; c < s.c; c++)
            sum[at.map + (size_t)o] +=
                (double)w[(size_t)o * weight_pitch(s) + at.weight + (size_t)c] *
                x[at.image + (size_t)c];
}

static void visit_data(ConvShape s, Joint at, const real *x, const real *y, const real *w,
                       double *sum) {
    (void)x;
    for (int o = 0; o < s.o; o++)
        for (int c = 0; c < s.c; c++)
            sum[at.image + (size_t)c] +=
                (double)w[(size_t)o * weight_pitch(s) + at.weight + (size_t)c] *
                y[at.map + (size_t)o];
}

static void visit_weights(ConvShape s, Joint at, const real *x, const real *y, const real *w,
                          double *sum) {
    (void)w;
    for (int o = 0; o < s.o; o++)
        for (int c = 0; c < s.c; c++)
            sum[(size_t)o * weight_pitch(s) + at.weight + (size_t)c] +=
                (double)y[at.map + (size_t)o] * x[at.image + (size_t)c];
}

// The walk's n sums into out, or onto what is there.
static void collect(ConvShape s, size_t rows, Visit *visit, const real *x, const real *y,
                    const real *w, bool add, size_t n, real *out) {
    double *sum = calloc(n > 0 ? n : 1, sizeof *sum);
    if (!sum) abort();
    walk(s, rows, visit, x, y, w, sum);
    for (size_t i = 0; i < n; i++) out[i] = (real)(add ? out[i] + sum[i] : sum[i]);
    free(sum);
}

void ref_conv_forward(ConvShape s, size_t rows, const real *x, const real *w, real *y) {
    collect(s, rows, visit_forward, x, NULL, w, false, rows * (size_t)(s.p * s.q * s.o), y);
}

void ref_conv_data(ConvShape s, size_t rows, const real *y, const real *w, real *x) {
    collect(s, rows, visit_data, NULL, y, w, false, rows * (size_t)(s.h * s.w * s.c), x);
}

void ref_conv_weights(ConvShape s, size_t rows, const real *x, const real *y, real *w) {
    collect(s, rows, visit_weights, x, y, NULL, true, (size_t)s.o * weight_pitch(s), w);
}

// ---- Bias, gain, activation -------------------------------------------------------------------

void ref_affine_act(size_t rows, size_t channels, const real *gain, const real *bias, Act act,
                    const real *x, real *y) {
    for (size_t i = 0; i < rows * channels; i++) {
        double z = x[i];
        if (gain) z *= gain[i % channels];
        if (bias) z += bias[i % channels];
        y[i] = act_value(act, (real)z);
    }
}

void ref_act_slope(size_t n, Act act, const real *y, const real *a, real *out) {
    for (size_t i = 0; i < n; i++) out[i] = act_slope_at(act, y[i]) * a[i];
}

void ref_act_curvature(size_t n, Act act, const real *y, const real *tz, const real *dz, real *c) {
    for (size_t i = 0; i < n; i++)
        c[i] = (real)((double)act_slope_at(act, y[i]) * c[i] +
                      (double)act_rho(act, y[i]) * tz[i] * dz[i]);
}

// ---- Norms ------------------------------------------------------------------------------------

// <a·b> over n elements `pitch` apart; a[i] counts gain[i % channels] times. b or gain NULL: 1.
static double mean_of(size_t n, size_t pitch, const real *gain, size_t channels, const real *a,
                      const real *b) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (gain ? (double)gain[i % channels] : 1) * a[i * pitch] * (b ? b[i * pitch] : 1);
    return sum / (double)n;
}

static double variance_of(size_t n, size_t pitch, const real *x) {
    double mean = mean_of(n, pitch, NULL, 1, x, NULL), sum = 0;
    for (size_t i = 0; i < n; i++) sum += (x[i * pitch] - mean) * (x[i * pitch] - mean);
    return sum / (double)n;
}

// x = (x − <x>)·s over n elements `pitch` apart; returns s.
static double standardise(size_t n, size_t pitch, real eps, real *x) {
    double mean = mean_of(n, pitch, NULL, 1, x, NULL);
    double s = 1 / sqrt(variance_of(n, pitch, x) + eps);
    for (size_t i = 0; i < n; i++) x[i * pitch] = (real)((x[i * pitch] - mean) * s);
    return s;
}

void ref_layer_norm_forward(size_t rows, size_t features, real eps, real *x, real *rstd) {
    for (size_t r = 0; r < rows; r++)
        rstd[r] = (real)standardise(features, 1, eps, x + r * features);
}

void ref_layer_norm_backward(size_t rows, size_t pixels, size_t channels, const real *h,
                             const real *rstd, const real *gain, const real *dz, real *dx) {
    size_t n = pixels * channels;
    for (size_t r = 0; r < rows; r++, h += n, dz += n, dx += n) {
        double mean = mean_of(n, 1, gain, channels, dz, NULL);
        double along = mean_of(n, 1, gain, channels, dz, h);
        for (size_t i = 0; i < n; i++) {
            double a = (gain ? (double)gain[i % channels] : 1) * dz[i];
            dx[i] = (real)(rstd[r] * (a - mean - h[i] * along));
        }
    }
}

void ref_layer_norm_tangent(size_t rows, size_t features, const real *h, const real *rstd, real *t,
                            real *htx) {
    for (size_t r = 0; r < rows; r++) {
        htx[r] = (real)mean_of(features, 1, NULL, 1, t + r * features, h + r * features);
        ref_layer_norm_backward(1, 1, features, h + r * features, rstd + r, NULL, t + r * features,
                                t + r * features);
    }
}

void ref_layer_norm_curvature(size_t rows, size_t pixels, size_t channels, const real *h,
                              const real *th, const real *rstd, const real *htx, const real *gain,
                              const real *dz, const real *cz, real *cx) {
    size_t n = pixels * channels;
    for (size_t r = 0; r < rows; r++, h += n, th += n, dz += n, cz += n, cx += n) {
        double s = rstd[r];
        double a_mean = mean_of(n, 1, gain, channels, dz, NULL);
        double a_h = mean_of(n, 1, gain, channels, dz, h);
        double a_th = mean_of(n, 1, gain, channels, dz, th);
        double c_mean = mean_of(n, 1, gain, channels, cz, NULL);
        double c_h = mean_of(n, 1, gain, channels, cz, h);
        for (size_t i = 0; i < n; i++) {
            double g = gain ? (double)gain[i % channels] : 1;
            double j_of_a = s * (g * dz[i] - a_mean - h[i] * a_h);
            double j_of_c = s * (g * cz[i] - c_mean - h[i] * c_h);
            cx[i] = (real)(j_of_c - s * (h[i] * a_th + j_of_a * htx[r] + th[i] * a_h));
        }
    }
}

void ref_batch_norm_forward(size_t rows, size_t channels, real eps, real momentum, real *x,
                            real *rstd, real *running_mean, real *running_var) {
    if (rows == 0) return;
    double keep = 1 - (double)momentum,
           unbiased = rows == 1 ? 1 : (double)rows / (double)(rows - 1);
    for (size_t c = 0; c < channels; c++) {
        double mean = mean_of(rows, channels, NULL, 1, x + c, NULL);
        double variance = variance_of(rows, channels, x + c);
        running_mean[c] = (real)(keep * running_mean[c] + momentum * mean);
        running_var[c] = (real)(keep * running_var[c] + momentum * unbiased * variance);
        rstd[c] = (real)standardise(rows, channels, eps, x + c);
    }
}

void ref_batch_norm_sample(size_t rows, size_t channels, real eps, real *x,
                           const real *running_mean, const real *running_var) {
    for (size_t i = 0; i < rows * channels; i++) {
        size_t c = i % channels;
        x[i] = (real)(((double)x[i] - running_mean[c]) / sqrt((double)running_var[c] + eps));
    }
}

void ref_batch_norm_backward(size_t rows, size_t channels, const real *h, const real *rstd,
                             const real *gain, const real *dz, real *dx) {
    for (size_t c = 0; c < channels && rows > 0; c++) {
        double mean = mean_of(rows, channels, NULL, 1, dz + c, NULL);
        double along = mean_of(rows, channels, NULL, 1, dz + c, h + c);
        double scale = (gain ? (double)gain[c] : 1) * rstd[c];
        for (size_t i = c; i < rows * channels; i += channels)
            dx[i] = (real)(scale * (dz[i] - mean - h[i] * along));
    }
}

// ---- Reductions, penalty, losses ----------------------------------------------------------------

void ref_col_sum(size_t rows, size_t cols, const real *a, const real *b, real *out) {
    for (size_t c = 0; c < cols; c++) {
        double sum = out[c];
        for (size_t r = 0; r < rows; r++)
            sum += (double)a[r * cols + c] * (b ? b[r * cols + c] : 1);
        out[c] = (real)sum;
    }
}

void ref_row_norm(size_t rows, size_t cols, const real *a, real *out) {
    for (size_t r = 0; r < rows; r++) {
        double sum = 0;
        for (size_t c = 0; c < cols; c++) sum += (double)a[r * cols + c] * a[r * cols + c];
        out[r] = (real)sqrt(sum);
    }
}

void ref_interpolate(size_t rows, size_t cols, const real *t, const real *a, const real *b,
                     real *out) {
    for (size_t i = 0; i < rows * cols; i++) out[i] = interpolate_at(t[i / cols], a[i], b[i]);
}

void ref_penalty(size_t rows, size_t cols, double lambda, bool one_sided, const real *g,
                 const real *norms, real *u, double *value) {
    if (rows == 0) return;
    *value = 0;
    for (size_t r = 0; r < rows; r++) {
        double excess = (double)norms[r] - 1;
        if (one_sided && excess < 0) excess = 0;
        *value += lambda * excess * excess / (double)rows;
        for (size_t c = 0; c < cols; c++)
            u[r * cols + c] =
                norms[r] == 0
                    ? 0
                    : (real)(2 * lambda * excess / (double)rows * g[r * cols + c] / norms[r]);
    }
}

void ref_loss(LossTerm term, size_t n, const real *f, double *value, real *delta) {
    if (n == 0) return;
    *value = 0;
    for (size_t i = 0; i < n; i++) {
        *value += loss_value(term, f[i]);
        delta[i] = (real)((double)loss_slope(term, f[i]) / (double)n);
    }
    *value /= (double)n;
}

void ref_cross_entropy(size_t rows, size_t classes, const real *f, const uint8_t *label,
                       double *value, real *delta) {
    if (rows == 0) return;
    value[0] = value[1] = 0;
    for (size_t r = 0; r < rows; r++, f += classes) {
        double greatest = f[0], sum = 0;
        size_t first = 0;
        for (size_t c = 0; c < classes; c++)
            if (f[c] > greatest) greatest = f[c], first = c;
        for (size_t c = 0; c < classes; c++) sum += exp(f[c] - greatest);
        value[0] += greatest + log(sum) - f[label[r]];
        value[1] += first == label[r];
        for (size_t c = 0; delta && c < classes; c++)
            delta[r * classes + c] =
                (real)((exp(f[c] - greatest) / sum - (c == label[r] ? 1 : 0)) / (double)rows);
    }
    value[0] /= (double)rows, value[1] /= (double)rows;
}

void ref_record(size_t n, const double *value, size_t slots, const uint64_t *counter,
                double *ring) {
    for (size_t i = 0; i < n; i++) ring[(*counter % slots) * n + i] = value[i];
}

// ---- Optimiser, moving data ---------------------------------------------------------------------

void ref_update(Rule rule, size_t n, const uint64_t *step, const real *g, real *w, real *m,
                real *v) {
    for (size_t i = 0; i < n; i++)
        rule_apply(rule.kind, rule_step(rule, *step), g[i], w + i, m ? m + i : NULL,
                   v ? v + i : NULL);
}

void ref_clip(size_t n, real bound, real *w) {
    for (size_t i = 0; i < n; i++) {
        if (w[i] > bound) w[i] = bound;
        if (w[i] < -bound) w[i] = -bound;
    }
}

void ref_fill(size_t n, real value, real *out) {
    for (size_t i = 0; i < n; i++) out[i] = value;
}

void ref_copy(size_t n, const real *from, real *to) {
    for (size_t i = 0; i < n; i++) to[i] = from[i];
}

void ref_axpy(size_t n, real a, const real *x, real *y) {
    for (size_t i = 0; i < n; i++) y[i] = (real)((double)a * x[i] + y[i]);
}

void ref_gather(size_t rows, size_t cols, const real *data, const uint32_t *index, real *out) {
    for (size_t i = 0; i < rows * cols; i++) out[i] = data[index[i / cols] * cols + i % cols];
}

void ref_gather_bytes(size_t rows, size_t cols, const uint8_t *data, const uint32_t *index,
                      real scale, real shift, real *out) {
    for (size_t i = 0; i < rows * cols; i++)
        out[i] = MATH(fma)(scale, (real)data[index[i / cols] * cols + i % cols], shift);
}

// ---- Random numbers -----------------------------------------------------------------------------

// Philox4x32-10 as the paper writes it (Salmon et al., SC 2011, section 3.3): ten rounds of two
// multiplications, the key bumped by the golden ratio and sqrt(3) − 1 between them.
static void philox(RandomSource source, uint64_t block, uint32_t x[4]) {
    uint32_t key[2] = {(uint32_t)source.seed, (uint32_t)(source.seed >> 32)};
    x[0] = (uint32_t)block, x[1] = (uint32_t)(block >> 32);
    x[2] = (uint32_t)source.stream, x[3] = (uint32_t)(source.stream >> 32);
    for (int round = 0; round < 10; round++) {
        uint64_t first = UINT64_C(0xD2511F53) * x[0], second = UINT64_C(0xCD9E8D57) * x[2];
        uint32_t next[4] = {(uint32_t)(second >> 32) ^ x[1] ^ key[0], (uint32_t)second,
                            (uint32_t)(first >> 32) ^ x[3] ^ key[1], (uint32_t)first};
        memcpy(x, next, sizeof next);
        key[0] += 0x9E3779B9, key[1] += 0xBB67AE85;
    }
}

static uint32_t word_at(RandomSource source, size_t i) {
    uint32_t words[4];
    philox(source, *source.block + i / 4, words);
    return words[i % 4];
}

void ref_random_words(RandomSource source, size_t n, uint32_t *out) {
    for (size_t i = 0; i < n; i++) out[i] = word_at(source, i);
}

void ref_random_uniform(RandomSource source, size_t n, double low, double high, real *out) {
    for (size_t i = 0; i < n; i++) out[i] = word_range(word_at(source, i), low, high);
}

void ref_random_normal(RandomSource source, size_t n, double mean, double sigma, real *out) {
    for (size_t i = 0; i < n; i++) {
        uint32_t words[4];
        philox(source, *source.block + i / 4, words);
        out[i] = words_normal(words, (int)(i % 4), mean, sigma);
    }
}

void ref_random_index(RandomSource source, size_t n, uint32_t below, uint32_t *out) {
    for (size_t i = 0; i < n; i++) out[i] = word_index(word_at(source, i), below);
}

void ref_advance(uint64_t *counter, uint64_t by) {
    *counter += by;
}

// ---- The table ----------------------------------------------------------------------------------

static size_t taken;

static void *alloc(size_t bytes, Error *error) {
    void *memory = bytes < SIZE_MAX / 2 ? aligned_alloc(64, bytes / 64 * 64 + 64) : NULL;
    if (!memory) {
        error_set(error, EXIT_RESOURCE, "out of memory");
        return NULL;
    }
    taken++;
    return memset(memory, 0, bytes);
}

static size_t allocations(void) {
    return taken;
}

static void copy_bytes(void *to, const void *from, size_t bytes) {
    if (bytes > 0) memcpy(to, from, bytes);
}

static void nothing(void) {}

static int conv_reserve(ConvShape shape, size_t rows, Error *error) {
    (void)shape, (void)rows, (void)error;
    return EXIT_OK;
}

static bool capture_begin(void) {
    return false;
}

static Capture *capture_end(void) {
    return NULL;
}

static void capture_nothing(Capture *capture) {
    (void)capture;
}

int reference_open(const Backend **backend, Error *error) {
    static const Backend table = {
        .name = "reference",
        .description = "plain loops, sums in double",
        .alloc = alloc,
        .free = free,
        .allocations = allocations,
        .upload = copy_bytes,
        .download = copy_bytes,
        .sync = nothing,
        .conv_reserve = conv_reserve,
        .capture_begin = capture_begin,
        .capture_end = capture_end,
        .capture_replay = capture_nothing,
        .capture_free = capture_nothing,
        .close = nothing,
#define X(name, parameters) .name = ref_##name,
#include "kernels/kernels.def"
#undef X
    };
    (void)error;
    *backend = &table;
    return EXIT_OK;
}
