// Every primitive on every backend against tests/reference_kernels.c.
//
// A case runs one primitive in all its variants and is run twice, on the reference and on the
// backend under test, with equal inputs. Then every buffer it used, inputs included, is compared:
// numbers within the primitive's tolerance, integers and NaN exactly, infinities by sign, and the
// bytes after the end of each buffer must be as they were. The cases are named by kernels.def, so
// that a primitive without one does not compile.
#include <check.h>
#include <float.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernels/backend.h"

#ifdef REAL_DOUBLE
#define EPSILON DBL_EPSILON
#else
#define EPSILON FLT_EPSILON
#endif

// ---- Tolerances ---------------------------------------------------------------------------------

// |got − want| <= EPSILON·(each·|want| + sum·M) + DBL_EPSILON·wide·M, M = max(1, |want| over the
// buffer). `each` is for errors that scale with the number itself, `sum` for terms that may cancel:
// those are of order 1, as the inputs are; `wide` for the order of up to 150 000 additions in
// double, which only the double build can see. What is not listed is equal to the bit: it moves
// data, or its arithmetic is fixed by scalar.h to the last rounding.
typedef struct {
    double each, sum, wide;
} Tolerance;

static const struct {
#define X(name, parameters) Tolerance name;
#include "kernels/kernels.def"
#undef X
} tolerance = {
    // up to 6400 products summed in `real` by any tree; each partial sum rounds
    .gemm = {0, 32, 0},
    .conv_forward = {0, 32, 0},
    .conv_data = {0, 32, 0},
    .conv_weights = {0, 32, 0},
    // the functions of libm and of CUDA are within 2 units each and up to three are chained; gain·x
    // + bias cancels
    .affine_act = {8, 2, 0},
    // expm1 once
    .act_slope = {4, 0, 0},
    // expm1, exp and a difference of two products
    .act_curvature = {8, 4, 0},
    // sums in double; a few roundings of terms that cancel
    .layer_norm_forward = {4, 2, 64},
    .layer_norm_backward = {4, 4, 64},
    .layer_norm_tangent = {4, 4, 64},
    .layer_norm_curvature = {4, 16, 64},
    .batch_norm_forward = {4, 2, 64},
    .batch_norm_sample = {4, 2, 0},
    .batch_norm_backward = {4, 4, 64},
    // blocks of 256 may be summed in real
    .col_sum = {2, 16, 64},
    .row_norm = {2, 0, 64},
    // t·a + (1 − t)·b, contracted or not
    .interpolate = {1, 2, 0},
    .penalty = {4, 0, 64},
    // log1p after exp; terms of both signs
    .loss = {8, 4, 64},
    .cross_entropy = {4, 4, 64},
    // a handful of roundings, contracted or not, and a difference
    .update = {8, 4, 0},
    .axpy = {1, 1, 0},
    // log, sin and cos in double, one rounding: at most the next number
    .random_normal = {1, 0, 0},
};

// ---- One side of a comparison -------------------------------------------------------------------

typedef enum { REALS, DOUBLES, WORDS, COUNTERS, BYTES } Type;
static const size_t type_size[] = {sizeof(real), sizeof(double), 4, 8, 1};

enum { GUARD = 64, BUFFERS = 4096 };
static const unsigned char guard_byte = 0xA5;

typedef struct {
    Type type;
    size_t n;
    void *memory;
} Buffer;

typedef struct {
    const Backend *backend;
    size_t n;       // the size under test; rows of most arrays
    bool poison;    // NaN and infinities among the inputs
    uint64_t state; // of the host's generator: both sides draw the same
    int count;
    Buffer buffer[BUFFERS];
} Side;

static uint64_t draw(Side *s) { // splitmix64
    uint64_t z = s->state += 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
}

static double draw_between(Side *s, double low, double high) {
    return low + (high - low) * (double)(draw(s) >> 11) * 0x1p-53;
}

// Device memory with a copy of n elements and a guard behind them; remembered for the comparison.
static void *place(Side *s, Type type, size_t n, const void *host) {
    Error error;
    size_t bytes = n * type_size[type];
    unsigned char guard[GUARD];
    memset(guard, guard_byte, sizeof guard);
    char *memory = s->backend->alloc(bytes + GUARD, &error);
    ck_assert_msg(memory != NULL, "%s", error.text);
    if (n > 0) s->backend->upload(memory, host, bytes);
    s->backend->upload(memory + bytes, guard, GUARD);
    ck_assert_int_lt(s->count, BUFFERS);
    s->buffer[s->count++] = (Buffer){type, n, memory};
    return memory;
}

static void *place_and_free(Side *s, Type type, size_t n, void *host) {
    void *memory = place(s, type, n, host);
    free(host);
    return memory;
}

// On the host; free() it.
static real *draw_reals(Side *s, size_t n, double low, double high) {
    static const double poisons[] = {NAN, INFINITY, -INFINITY};
    real *host = malloc((n + 1) * sizeof *host);
    for (size_t i = 0; i < n; i++) {
        host[i] = (real)draw_between(s, low, high);
        if (s->poison && draw(s) % 37 == 0) host[i] = (real)poisons[draw(s) % 3];
    }
    return host;
}

static real *reals_between(Side *s, size_t n, double low, double high) {
    return place_and_free(s, REALS, n, draw_reals(s, n, low, high));
}

static real *reals(Side *s, size_t n) {
    return reals_between(s, n, -1, 1);
}

static real *clean_reals(Side *s, size_t n) {
    bool poison = s->poison;
    s->poison = false;
    real *memory = reals(s, n);
    s->poison = poison;
    return memory;
}

static real *positives(Side *s, size_t n) {
    return reals_between(s, n, 0.25, 2);
}

// For what a primitive overwrites: NaN, so that reading it or leaving it shows.
static real *blank(Side *s, size_t n) {
    return reals_between(s, n, NAN, NAN);
}

static double *blank_doubles(Side *s, size_t n) {
    double host[64];
    for (size_t i = 0; i < n; i++) host[i] = NAN;
    return place(s, DOUBLES, n, host);
}

static uint32_t *indices(Side *s, size_t n, size_t below) {
    uint32_t *host = malloc((n + 1) * sizeof *host);
    for (size_t i = 0; i < n; i++) host[i] = (uint32_t)(draw(s) % below);
    return place_and_free(s, WORDS, n, host);
}

static uint8_t *bytes(Side *s, size_t n, unsigned below) {
    uint8_t *host = malloc(n + 1);
    for (size_t i = 0; i < n; i++) host[i] = (uint8_t)(draw(s) % below);
    return place_and_free(s, BYTES, n, host);
}

static uint64_t *counter(Side *s, uint64_t value) {
    return place(s, COUNTERS, 1, &value);
}

// ---- Comparison ---------------------------------------------------------------------------------

static double element(const void *host, Type type, size_t i) {
    switch (type) {
    case REALS:
        return ((const real *)host)[i];
    case DOUBLES:
        return ((const double *)host)[i];
    case WORDS:
        return ((const uint32_t *)host)[i];
    case COUNTERS:
        return (double)((const uint64_t *)host)[i];
    default:
        return ((const uint8_t *)host)[i];
    }
}

static bool agree(double got, double want, double bound) {
    if (isnan(want) || isnan(got)) return isnan(want) && isnan(got);
    if (isinf(want) || isinf(got)) return got == want;
    return fabs(got - want) <= bound;
}

// NULL where the two agree, else what differs.
static const char *compare_buffers(Type type, size_t n, const unsigned char *got,
                                   const unsigned char *want, Tolerance t) {
    static char text[200];
    size_t bytes = n * type_size[type];
    for (size_t i = 0; i < GUARD; i++)
        if (got[bytes + i] != guard_byte) return "written behind its end";
    if (type > DOUBLES) return memcmp(got, want, bytes) == 0 ? NULL : "integers differ";
    double greatest = 1;
    for (size_t i = 0; i < n; i++)
        if (isfinite(element(want, type, i)))
            greatest = fmax(greatest, fabs(element(want, type, i)));
    for (size_t i = 0; i < n; i++) {
        double a = element(got, type, i), b = element(want, type, i);
        double bound = EPSILON * (t.each * fabs(b) + t.sum * greatest);
        if (agree(a, b, bound + DBL_EPSILON * t.wide * greatest)) continue;
        snprintf(text, sizeof text, "element %zu of %zu is %.17g, want %.17g (greatest %.3g)", i, n,
                 a, b, greatest);
        return text;
    }
    return NULL;
}

// Compares and frees all buffers of both sides.
static void compare(const char *name, Side *got, Side *want, Tolerance t) {
    ck_assert_int_eq(got->count, want->count);
    for (int i = 0; i < got->count; i++) {
        Buffer a = got->buffer[i], b = want->buffer[i];
        size_t size = a.n * type_size[a.type] + GUARD;
        unsigned char *host[2] = {malloc(size), malloc(size)};
        got->backend->download(host[0], a.memory, size);
        want->backend->download(host[1], b.memory, size);
        const char *differs = compare_buffers(a.type, a.n, host[0], host[1], t);
        ck_assert_msg(!differs, "%s on %s, n = %zu%s: buffer %d: %s", name, got->backend->name,
                      got->n, got->poison ? ", NaN and Inf" : "", i, differs);
        for (int side = 0; side < 2; side++) free(host[side]);
        got->backend->free(a.memory);
        want->backend->free(b.memory);
    }
}

// ---- Cases: products ----------------------------------------------------------------------------

static void case_gemm(Side *s) {
    // the last two: enough for the CPU's own product, with rows and columns that fill no block; and
    // more steps and columns than it packs at a time
    const size_t n = s->n,
                 shapes[][3] = {{n, 31, 17}, {17, n, 31}, {31, 17, n}, {n, n, 31}, {n, 1, 31},
                                {1, n, 31},  {1, 1, n},   {n, 5, 1},   {n, n, 65}, {40, 544, n}};
    const real betas[] = {0, 1, (real)0.5};
    for (int transposed = 0; transposed < 4; transposed++)
        for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
            size_t m = shapes[i][0], columns = shapes[i][1], k = shapes[i][2];
            real beta = betas[(i + (size_t)transposed) % 3];
            real *a = reals(s, m * k), *b = reals(s, k * columns);
            real *c = beta == 0 ? blank(s, m * columns) : reals(s, m * columns);
            s->backend->gemm(transposed & 1, transposed & 2, m, columns, k, a, b, beta, c);
        }
}

// Each shape with a stride, a padding or a size that one of the others does not have.
static const ConvShape shapes[] = {
    {8, 8, 19, 4, 4, 5, 5, 2, 1, 1},     // 5×5, stride 2, same, even
    {7, 9, 20, 4, 5, 6, 5, 2, 2, 2},     // the same, odd sizes
    {28, 28, 1, 14, 14, 7, 5, 2, 1, 1},  // one channel
    {5, 6, 37, 5, 6, 2, 3, 1, 1, 1},     // 3×3, stride 1, same
    {9, 6, 17, 7, 4, 3, 3, 1, 0, 0},     // 3×3, valid
    {8, 8, 40, 4, 4, 31, 4, 2, 1, 1},    // 4×4, stride 2, padding 1
    {4, 4, 33, 1, 1, 2, 4, 1, 0, 0},     // 4×4 onto one pixel
    {6, 5, 35, 6, 5, 9, 1, 1, 0, 0},     // 1×1
    {7, 6, 16, 4, 3, 5, 1, 2, 0, 0},     // 1×1, stride 2: pixels nothing touches
    {11, 10, 18, 3, 3, 3, 2, 4, 1, 0},   // stride beyond the kernel
    {9, 9, 17, 3, 4, 2, 3, 2, 0, 1},     // a map cut short, padding unequal
    {4, 3, 16, 6, 5, 3, 3, 1, 2, 2},     // full: more map than image
    {2, 2, 21, 2, 2, 4, 7, 1, 3, 3},     // kernel beyond the image
    {3, 3, 18, 9, 9, 2, 3, 1, 5, 5},     // map pixels that touch nothing
    {5, 5, 270, 3, 3, 65, 5, 2, 2, 2},   // patches of 6750 numbers
    {12, 12, 33, 6, 6, 300, 3, 2, 0, 0}, // many map channels
    {7, 9, 3, 4, 5, 6, 5, 2, 2, 2},      // the same with few image channels
    {8, 8, 3, 4, 4, 270, 4, 2, 1, 1},
    {5, 6, 2, 5, 6, 2, 3, 1, 1, 1},
    {11, 10, 2, 3, 3, 3, 2, 4, 1, 0},
    {9, 9, 3, 3, 4, 2, 3, 2, 0, 1},
    {3, 3, 2, 9, 9, 2, 3, 1, 5, 5},
    {17, 17, 4, 17, 17, 3, 17, 1, 8, 8}, // few channels, many taps
};

static void conv_cases(Side *s, int which) {
    const size_t rows = s->n == 0 ? 0 : s->n == 1 ? 1 : s->n == 31 ? 3 : 17;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        ConvShape shape = shapes[i];
        Error error;
        ck_assert_int_eq(s->backend->conv_reserve(shape, rows, &error), EXIT_OK);
        size_t image = rows * (size_t)(shape.h * shape.w * shape.c);
        size_t map = rows * (size_t)(shape.p * shape.q * shape.o);
        size_t weights = (size_t)(shape.o * shape.k * shape.k * shape.c);
        // What lies outside counts as 0, and 0 times an infinite weight (or, for the weights, an
        // infinite y) is NaN or is left out, as an implementation likes: those stay finite.
        if (which == 0)
            s->backend->conv_forward(shape, rows, reals(s, image), clean_reals(s, weights),
                                     blank(s, map));
        if (which == 1)
            s->backend->conv_data(shape, rows, reals(s, map), clean_reals(s, weights),
                                  blank(s, image));
        if (which == 2)
            s->backend->conv_weights(shape, rows, reals(s, image), clean_reals(s, map),
                                     reals(s, weights));
    }
}

static void case_conv_forward(Side *s) {
    conv_cases(s, 0);
}

static void case_conv_data(Side *s) {
    conv_cases(s, 1);
}

static void case_conv_weights(Side *s) {
    conv_cases(s, 2);
}

// ---- Cases: activations, norms
// --------------------------------------------------------------------

static const Act acts[] = {{ACT_IDENTITY, 0}, {ACT_RELU, 0},    {ACT_LEAKY, (real)0.2},
                           {ACT_TANH, 0},     {ACT_SIGMOID, 0}, {ACT_SOFTPLUS, 0},
                           {ACT_SSOFTPLUS, 0}};
enum { ACTS = sizeof acts / sizeof *acts };
static const size_t widths[] = {1, 3, 31, 600};
enum { WIDTHS = sizeof widths / sizeof *widths };

static void case_affine_act(Side *s) {
    for (int a = 0; a < ACTS; a++)
        for (int variant = 0; variant < 4; variant++) {
            size_t channels = widths[(a + variant) % WIDTHS];
            real *gain = variant & 1 ? reals(s, channels) : NULL;
            real *bias = variant & 2 ? reals(s, channels) : NULL;
            real *x = reals_between(s, s->n * channels, -3, 3);
            real *y = variant == 3 ? x : blank(s, s->n * channels);
            s->backend->affine_act(s->n, channels, gain, bias, acts[a], x, y);
        }
}

// Outputs of `act`, and what it makes of NaN and infinities. Found once, here: a backend's own
// would not be the other's to the last bit.
static real *outputs(Side *s, Act act, size_t n) {
    real *host = draw_reals(s, n, -3, 3);
    for (size_t i = 0; i < n; i++) host[i] = act_value(act, host[i]);
    return place_and_free(s, REALS, n, host);
}

static void case_act_slope(Side *s) {
    for (int a = 0; a < ACTS; a++)
        for (int variant = 0; variant < 3; variant++) {
            size_t n = s->n * widths[(a + variant) % WIDTHS];
            real *y = outputs(s, acts[a], n), *in = reals(s, n);
            real *out = variant == 0 ? blank(s, n) : variant == 1 ? in : y;
            s->backend->act_slope(n, acts[a], y, in, out);
        }
}

static void case_act_curvature(Side *s) {
    for (int a = 0; a < ACTS; a++) {
        size_t n = s->n * widths[a % WIDTHS];
        real *y = outputs(s, acts[a], n), *tz = reals(s, n), *dz = reals(s, n), *c = reals(s, n);
        s->backend->act_curvature(n, acts[a], y, tz, dz, c);
    }
}

static const real eps = (real)1e-5;

static void case_layer_norm_forward(Side *s) {
    for (int w = 0; w < WIDTHS; w++)
        s->backend->layer_norm_forward(s->n, widths[w], eps, reals(s, s->n * widths[w]),
                                       blank(s, s->n));
}

static void case_layer_norm_backward(Side *s) {
    for (int w = 0; w < WIDTHS; w++)
        for (int variant = 0; variant < 4; variant++) {
            size_t pixels = variant & 1 ? 7 : 1, channels = widths[w], n = pixels * channels * s->n;
            real *h = reals(s, n), *rstd = positives(s, s->n);
            real *gain = variant & 2 ? reals(s, channels) : NULL, *dz = reals(s, n);
            s->backend->layer_norm_backward(s->n, pixels, channels, h, rstd, gain, dz,
                                            variant == 3 ? dz : blank(s, n));
        }
}

static void case_layer_norm_tangent(Side *s) {
    for (int w = 0; w < WIDTHS; w++) {
        size_t n = s->n * widths[w];
        real *h = reals(s, n), *rstd = positives(s, s->n), *t = reals(s, n);
        s->backend->layer_norm_tangent(s->n, widths[w], h, rstd, t, blank(s, s->n));
    }
}

static void case_layer_norm_curvature(Side *s) {
    for (int w = 0; w < WIDTHS; w++)
        for (int variant = 0; variant < 4; variant++) {
            size_t pixels = variant & 1 ? 7 : 1, channels = widths[w], n = pixels * channels * s->n;
            real *h = reals(s, n), *th = reals(s, n), *rstd = positives(s, s->n);
            real *htx = reals(s, s->n), *gain = variant & 2 ? reals(s, channels) : NULL;
            real *dz = reals(s, n), *cz = reals(s, n);
            s->backend->layer_norm_curvature(s->n, pixels, channels, h, th, rstd, htx, gain, dz, cz,
                                             variant == 3 ? cz : blank(s, n));
        }
}

static void case_batch_norm_forward(Side *s) {
    for (int w = 0; w < WIDTHS; w++) {
        real *x = reals(s, s->n * widths[w]), *rstd = blank(s, widths[w]);
        real *mean = reals(s, widths[w]), *variance = positives(s, widths[w]);
        s->backend->batch_norm_forward(s->n, widths[w], eps, (real)0.1, x, rstd, mean, variance);
    }
}

static void case_batch_norm_sample(Side *s) {
    for (int w = 0; w < WIDTHS; w++) {
        real *x = reals(s, s->n * widths[w]);
        real *mean = reals(s, widths[w]), *variance = positives(s, widths[w]);
        s->backend->batch_norm_sample(s->n, widths[w], eps, x, mean, variance);
    }
}

static void case_batch_norm_backward(Side *s) {
    for (int w = 0; w < WIDTHS; w++)
        for (int variant = 0; variant < 2; variant++) {
            size_t channels = widths[w], n = s->n * channels;
            real *h = reals(s, n), *rstd = positives(s, channels);
            real *gain = variant ? reals(s, channels) : NULL, *dz = reals(s, n);
            s->backend->batch_norm_backward(s->n, channels, h, rstd, gain, dz,
                                            variant ? dz : blank(s, n));
        }
}

// ---- Cases: reductions, penalty, losses
// -------------------------------------------------------------

static void case_col_sum(Side *s) {
    for (int w = 0; w < WIDTHS; w++)
        for (int variant = 0; variant < 2; variant++) {
            real *a = reals(s, s->n * widths[w]);
            real *b = variant ? reals(s, s->n * widths[w]) : NULL;
            s->backend->col_sum(s->n, widths[w], a, b, reals(s, widths[w]));
        }
}

static void case_row_norm(Side *s) {
    for (int w = 0; w < WIDTHS; w++)
        s->backend->row_norm(s->n, widths[w], reals(s, s->n * widths[w]), blank(s, s->n));
    size_t whole = 257 * s->n + 1;
    s->backend->row_norm(1, whole, reals(s, whole), blank(s, 1));
    // squares that underflow in float
    s->backend->row_norm(1, 3, reals_between(s, 3, 1e-30, 2e-30), blank(s, 1));
}

static void case_interpolate(Side *s) {
    for (int w = 0; w < WIDTHS; w++) {
        size_t n = s->n * widths[w];
        real *t = reals_between(s, s->n, 0, 1), *a = reals(s, n), *b = reals(s, n);
        s->backend->interpolate(s->n, widths[w], t, a, b, blank(s, n));
    }
}

// The norms are put in by hand: rows of norm 0, below 1 and above 1.
static void case_penalty(Side *s) {
    for (int w = 0; w < WIDTHS; w++)
        for (int one_sided = 0; one_sided < 2; one_sided++) {
            size_t n = s->n * widths[w];
            real *g = reals(s, n), *norms = positives(s, s->n), zero = 0;
            if (s->n > 0) s->backend->upload(norms + s->n / 2, &zero, sizeof zero);
            s->backend->penalty(s->n, widths[w], 10, one_sided, g, norms,
                                one_sided ? g : blank(s, n), blank_doubles(s, 1));
        }
}

static void case_loss(Side *s) {
    const LossTerm terms[] = {{LOSS_LINEAR, 1, 1},    {LOSS_LINEAR, -1, 1}, {LOSS_LOGISTIC, -1, 1},
                              {LOSS_LOGISTIC, 1, -1}, {LOSS_SQUARE, 1, 1},  {LOSS_SQUARE, 0, -1}};
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
        for (int extreme = 0; extreme < 2; extreme++) {
            real *f = extreme ? reals_between(s, s->n, -500, 500) : reals(s, s->n);
            s->backend->loss(terms[i], s->n, f, blank_doubles(s, 1), blank(s, s->n));
        }
}

static void case_cross_entropy(Side *s) {
    for (int w = 0; w < 3; w++)
        for (int variant = 0; variant < 3; variant++) {
            size_t n = s->n * widths[w];
            real *f = reals_between(s, n, -40, 40);
            real *delta = variant == 0 ? NULL : variant == 1 ? f : blank(s, n);
            s->backend->cross_entropy(s->n, widths[w], f, bytes(s, s->n, (unsigned)widths[w]),
                                      blank_doubles(s, 2), delta);
        }
    // equal outputs: the first counts
    real *f = blank(s, 4 * s->n);
    s->backend->fill(4 * s->n, 1, f);
    s->backend->cross_entropy(s->n, 4, f, bytes(s, s->n, 4), blank_doubles(s, 2), NULL);
}

static void case_record(Side *s) {
    const double value[] = {1.5, -2, INFINITY};
    double *ring = blank_doubles(s, 3 * 5);
    for (uint64_t at = s->n; at < s->n + 3; at++)
        s->backend->record(3, place(s, DOUBLES, 3, value), 5, counter(s, at), ring);
}

// ---- Cases: optimiser, data
// -------------------------------------------------------------------------

static void case_update(Side *s) {
    for (RuleKind kind = RULE_SGD; kind <= RULE_ADAM; kind++)
        for (uint64_t step = 1; step < 200; step += 99) {
            Rule rule = {kind, 0.01, 0.5, 0.9, 1e-8, step > 1 ? 150 : 0};
            size_t n = s->n * widths[kind % WIDTHS];
            real *g = reals(s, n), *w = reals(s, n);
            real *m = rule_uses_m(kind) ? reals(s, n) : NULL;
            real *v = rule_uses_v(kind) ? positives(s, n) : NULL;
            s->backend->update(rule, n, counter(s, step), g, w, m, v);
        }
}

static void case_clip(Side *s) {
    for (int w = 0; w < WIDTHS; w++)
        s->backend->clip(s->n * widths[w], (real)0.3, reals(s, s->n * widths[w]));
}

static void case_fill(Side *s) {
    for (int w = 0; w < WIDTHS; w++)
        s->backend->fill(s->n * widths[w], (real)w - 1, blank(s, s->n * widths[w]));
}

static void case_copy(Side *s) {
    for (int w = 0; w < WIDTHS; w++)
        s->backend->copy(s->n * widths[w], reals(s, s->n * widths[w]), blank(s, s->n * widths[w]));
}

static void case_axpy(Side *s) {
    for (int w = 0; w < WIDTHS; w++) {
        real *x = reals(s, s->n * widths[w]), *y = reals(s, s->n * widths[w]);
        s->backend->axpy(s->n * widths[w], (real)-0.7, x, y);
    }
}

enum { POOL = 50 };

static void case_gather(Side *s) {
    for (int w = 0; w < WIDTHS; w++) {
        real *data = reals(s, POOL * widths[w]);
        s->backend->gather(s->n, widths[w], data, indices(s, s->n, POOL),
                           blank(s, s->n * widths[w]));
    }
}

static void case_gather_bytes(Side *s) {
    for (int w = 0; w < WIDTHS; w++) {
        uint8_t *data = bytes(s, POOL * widths[w], 256);
        real scale = w % 2 ? (real)(2.0 / 255) : (real)(1.0 / 255), shift = w % 2 ? -1 : 0;
        s->backend->gather_bytes(s->n, widths[w], data, indices(s, s->n, POOL), scale, shift,
                                 blank(s, s->n * widths[w]));
    }
}

// ---- Cases: random numbers
// --------------------------------------------------------------------------

// A stream whose counter is about to carry into its high half.
static RandomSource source(Side *s) {
    return (RandomSource){0x0123456789ABCDEF, 0xFEDCBA9876543210, counter(s, UINT32_MAX - 3)};
}

static uint32_t *blank_words(Side *s, size_t n) {
    return indices(s, n, 1);
}

static void case_random_words(Side *s) {
    for (int w = 0; w < WIDTHS; w++)
        s->backend->random_words(source(s), s->n * widths[w], blank_words(s, s->n * widths[w]));
}

static void case_random_uniform(Side *s) {
    for (int w = 0; w < WIDTHS; w++)
        s->backend->random_uniform(source(s), s->n * widths[w], -0.3, 1.7,
                                   blank(s, s->n * widths[w]));
}

static void case_random_normal(Side *s) {
    for (int w = 0; w < WIDTHS; w++)
        s->backend->random_normal(source(s), s->n * widths[w], 0.5, 0.02,
                                  blank(s, s->n * widths[w]));
}

static void case_random_index(Side *s) {
    for (int w = 0; w < WIDTHS; w++)
        s->backend->random_index(source(s), s->n * widths[w], 60000,
                                 blank_words(s, s->n * widths[w]));
}

static void case_advance(Side *s) {
    s->backend->advance(counter(s, UINT32_MAX), s->n);
    s->backend->advance(counter(s, 5), UINT64_C(1) << 40);
}

// ---- The suite ----------------------------------------------------------------------------------

static const struct {
    const char *name;
    void (*run)(Side *);
} cases[] = {
#define X(name, parameters) {#name, case_##name},
#include "kernels/kernels.def"
#undef X
};
enum { CASES = sizeof cases / sizeof *cases };

static Tolerance tolerance_of(int index) {
    Tolerance t;
    memcpy(&t, (const char *)&tolerance + (size_t)index * sizeof t, sizeof t);
    return t;
}

static Side got, want;

static void run_both(int index, Tolerance t) {
    static const size_t sizes[] = {0, 1, 31, 257};
    const char *only = getenv("PARITY_SIZE"); // under tools that slow every launch: this size alone
    for (int i = 0; i < 8; i++) {
        if (only && sizes[i / 2] != strtoul(only, NULL, 10)) continue;
        got.n = want.n = sizes[i / 2];
        got.poison = want.poison = i % 2;
        got.state = want.state = (uint64_t)index;
        got.count = want.count = 0;
        cases[index].run(&want);
        cases[index].run(&got);
        compare(cases[index].name, &got, &want, t);
    }
}

START_TEST(cpu_agrees_with_the_reference) {
    Error error;
    ck_assert_int_eq(reference_open(&want.backend, &error), EXIT_OK);
    for (int threads = 1; threads <= 3; threads++) { // 3: uneven shares, more than most small rows
        ck_assert_msg(cpu_open(&got.backend, threads, &error) == EXIT_OK, "%s", error.text);
        run_both(_i, tolerance_of(_i));
        got.backend->close();
    }
}
END_TEST

START_TEST(cpu_gives_the_same_bits_twice) {
    Error error;
    ck_assert_msg(cpu_open(&got.backend, 2, &error) == EXIT_OK, "%s", error.text);
    want.backend = got.backend;
    run_both(_i, (Tolerance){0, 0, 0});
    got.backend->close();
}
END_TEST

START_TEST(cuda_agrees_with_the_reference) {
    Error error;
    ck_assert_int_eq(reference_open(&want.backend, &error), EXIT_OK);
    ck_assert_msg(cuda_open(&got.backend, PRECISION_FULL, &error) == EXIT_OK, "%s", error.text);
    run_both(_i, tolerance_of(_i));
    got.backend->close();
}
END_TEST

// Asked in a child of its own, which says what it is: a CUDA context does not survive the fork that
// Check makes per test.
static bool cuda_is_there(void) {
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        Error error;
        const Backend *backend;
        bool there = cuda_open(&backend, PRECISION_FULL, &error) == EXIT_OK;
        puts(there ? backend->description : "skipped: CUDA parity (no CUDA device)");
        exit(there ? 0 : 1);
    }
    int status;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(void) {
    Suite *suite = suite_create("parity");
    TCase *cpu = tcase_create("CPU"), *cuda = tcase_create("CUDA");
    tcase_set_timeout(cpu, 300);
    tcase_set_timeout(cuda, 300);
    tcase_add_loop_test(cpu, cpu_agrees_with_the_reference, 0, CASES);
    tcase_add_loop_test(cpu, cpu_gives_the_same_bits_twice, 0, CASES);
    suite_add_tcase(suite, cpu);
    if (cuda_is_there()) tcase_add_loop_test(cuda, cuda_agrees_with_the_reference, 0, CASES);
    suite_add_tcase(suite, cuda);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
