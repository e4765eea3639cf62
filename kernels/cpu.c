// The CPU backend: opening and closing, memory, matrix products, everything element by element.
#include "cpu.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

Cpu cpu;

// ---- Memory -----------------------------------------------------------------------------------

enum { HUGE_PAGE = 1 << 21 };

void *cpu_memory(size_t bytes) {
    size_t align = bytes >= HUGE_PAGE ? HUGE_PAGE : 64;
    if (bytes > SIZE_MAX - align) return NULL;
    size_t whole = ceil_div(larger(bytes, 1), align) * align;
    void *memory = aligned_alloc(align, whole);
    if (!memory) return NULL;
    // A network's arena is walked end to end: with 4 KiB pages that is one page table look-up per
    // 1024 floats. Only a hint, so its result does not matter.
    if (align == HUGE_PAGE) (void)madvise(memory, whole, MADV_HUGEPAGE);
    memset(memory, 0, whole);
    cpu.allocations++;
    return memory;
}

bool cpu_reserve_scratch(size_t shared, size_t each) {
    enum { PAGE = 4096 };
    shared = larger(cpu.scratch_shared, ceil_div(shared, PAGE) * PAGE);
    each = larger(cpu.scratch_each, ceil_div(each, PAGE) * PAGE);
    if (shared == cpu.scratch_shared && each == cpu.scratch_each) return true;
    char *scratch = cpu_memory(shared + (size_t)cpu.threads * each);
    if (!scratch) return false;
    free(cpu.scratch);
    cpu.scratch = scratch, cpu.scratch_shared = shared, cpu.scratch_each = each;
    return true;
}

static void *alloc(size_t bytes, Error *error) {
    void *memory = cpu_memory(bytes);
    if (!memory) error_set(error, EXIT_RESOURCE, "out of memory: cannot allocate %zu bytes", bytes);
    return memory;
}

static size_t allocations(void) {
    return cpu.allocations;
}

static void copy_bytes(void *to, const void *from, size_t bytes) {
    if (bytes > 0) memcpy(to, from, bytes);
}

static void sync_nothing(void) {}

static bool capture_begin(void) {
    return false;
}

static Capture *capture_end(void) {
    return NULL;
}

static void capture_nothing(Capture *capture) {
    (void)capture;
}

// ---- Opening and closing ----------------------------------------------------------------------

static void cpu_close(void) {
    free(cpu.partial);
    free(cpu.scratch);
    cpu = (Cpu){0};
}

static char description[200];

static const Backend table = {
    .name = "cpu",
    .description = description,
    .alloc = alloc,
    .free = free,
    .allocations = allocations,
    .upload = copy_bytes,
    .download = copy_bytes,
    .sync = sync_nothing,
    .conv_reserve = cpu_conv_reserve,
    .capture_begin = capture_begin,
    .capture_end = capture_end,
    .capture_replay = capture_nothing,
    .capture_free = capture_nothing,
    .close = cpu_close,
#define X(name, parameters) .name = cpu_##name,
#include "kernels.def"
#undef X
};

int cpu_open(const Backend **backend, int threads, Error *error) {
    enum { MOST_THREADS = 1024 };
    if (cpu.threads > 0) return error_set(error, EXIT_RESOURCE, "the CPU backend is open already");
    if (threads < 0 || threads > MOST_THREADS)
        return error_set(error, EXIT_RESOURCE, "cannot use %d threads: give 0 to %d", threads,
                         MOST_THREADS);
    cpu.threads = threads > 0 ? threads : omp_get_max_threads();
    cpu.partial = cpu_memory((size_t)cpu.threads * COLUMN_PANEL * sizeof *cpu.partial);
    if (!cpu.partial || !cpu_reserve_scratch(0, PRODUCT_SCRATCH)) {
        cpu_close();
        return error_set(error, EXIT_RESOURCE, "out of memory: no scratch for the CPU backend");
    }
    openblas_set_num_threads(1);
    snprintf(description, sizeof description,
             "CPU, OpenMP with %d thread%s, %.60s, core type %.30s, %s", cpu.threads,
             cpu.threads == 1 ? "" : "s", openblas_get_config(), openblas_get_corename(),
             sizeof(real) == sizeof(float) ? "float" : "double");
    *backend = &table;
    return EXIT_OK;
}

// ---- Bias, gain, activation -------------------------------------------------------------------

#define INLINE static inline __attribute__((always_inline))

// Calls with act.kind a constant, so that the choice is made once and not for every element.
#define EVERY_ACT(act, CALL)                                                                       \
    switch (act.kind) {                                                                            \
        CALL(ACT_IDENTITY)                                                                         \
        CALL(ACT_RELU)                                                                             \
        CALL(ACT_LEAKY) CALL(ACT_TANH) CALL(ACT_SIGMOID) CALL(ACT_SOFTPLUS) CALL(ACT_SSOFTPLUS)    \
    }

INLINE void affine_rows(Range rows, size_t channels, const real *gain, const real *bias, Act act,
                        const real *x, real *y) {
    for (size_t r = rows.first; r < rows.end; r++) {
        const real *from = x + r * channels;
        real *to = y + r * channels;
#pragma omp simd
        for (size_t c = 0; c < channels; c++) {
            real z = gain ? gain[c] * from[c] : from[c];
            to[c] = act_value(act, bias ? z + bias[c] : z);
        }
    }
}

void cpu_affine_act(size_t rows, size_t channels, const real *gain, const real *bias, Act act,
                    const real *x, real *y) {
    PARALLEL(rows * channels) {
        Range mine = share(rows);
#define CALL(KIND)                                                                                 \
    case KIND:                                                                                     \
        affine_rows(mine, channels, gain, bias, (Act){KIND, act.leak}, x, y);                      \
        break;
        EVERY_ACT(act, CALL)
#undef CALL
    }
}

INLINE void slope_range(Range range, Act act, const real *y, const real *a, real *out) {
#pragma omp simd
    for (size_t i = range.first; i < range.end; i++) out[i] = act_slope_at(act, y[i]) * a[i];
}

void cpu_act_slope(size_t n, Act act, const real *y, const real *a, real *out) {
    PARALLEL(n) {
        Range mine = share(n);
#define CALL(KIND)                                                                                 \
    case KIND:                                                                                     \
        slope_range(mine, (Act){KIND, act.leak}, y, a, out);                                       \
        break;
        EVERY_ACT(act, CALL)
#undef CALL
    }
}

INLINE void curvature_range(Range range, Act act, const real *y, const real *tz, const real *dz,
                            real *c) {
#pragma omp simd
    for (size_t i = range.first; i < range.end; i++)
        c[i] = act_slope_at(act, y[i]) * c[i] + act_rho(act, y[i]) * tz[i] * dz[i];
}

void cpu_act_curvature(size_t n, Act act, const real *y, const real *tz, const real *dz, real *c) {
    PARALLEL(n) {
        Range mine = share(n);
#define CALL(KIND)                                                                                 \
    case KIND:                                                                                     \
        curvature_range(mine, (Act){KIND, act.leak}, y, tz, dz, c);                                \
        break;
        EVERY_ACT(act, CALL)
#undef CALL
    }
}

// ---- Gradient penalty -------------------------------------------------------------------------

void cpu_interpolate(size_t rows, size_t cols, const real *t, const real *a, const real *b,
                     real *out) {
    PARALLEL(rows * cols) {
        Range mine = share(rows);
        for (size_t r = mine.first; r < mine.end; r++)
#pragma omp simd
            for (size_t i = r * cols; i < (r + 1) * cols; i++)
                out[i] = interpolate_at(t[r], a[i], b[i]);
    }
}

void cpu_penalty(size_t rows, size_t cols, double lambda, bool one_sided, const real *g,
                 const real *norms, real *u, double *value) {
    if (rows == 0) return;
    double sum = 0;
    for (size_t r = 0; r < rows; r++) {
        double excess = penalty_excess(norms[r], one_sided);
        sum += excess * excess;
    }
    *value = lambda / (double)rows * sum;
    PARALLEL(rows * cols) {
        Range mine = share(rows);
        for (size_t r = mine.first; r < mine.end; r++) {
            double factor = penalty_factor(norms[r], one_sided, lambda, rows); // may exceed a float
            bool flat = norms[r] == 0;
#pragma omp simd
            for (size_t i = r * cols; i < (r + 1) * cols; i++) u[i] = flat ? 0 : factor * g[i];
        }
    }
}

// ---- Losses: a few hundred numbers, on one thread -----------------------------------------------

void cpu_loss(LossTerm term, size_t n, const real *f, double *value, real *delta) {
    if (n == 0) return;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += loss_value(term, f[i]);
        delta[i] = loss_slope(term, f[i]) / (real)n;
    }
    *value = sum / (double)n;
}

// One row: its loss, whether the label is the largest output, and the softmax.
static double cross_entropy_row(size_t classes, const real *f, size_t label, double share_of_row,
                                bool *hit, real *delta) {
    size_t best = 0;
    for (size_t c = 1; c < classes; c++)
        if (f[c] > f[best]) best = c;
    *hit = best == label;
    double shift = f[best], sum = 0, loss;
    for (size_t c = 0; c < classes; c++) sum += exp(f[c] - shift);
    loss = shift + log(sum) - f[label];
    for (size_t c = 0; c < classes && delta; c++) {
        double softmax = exp(f[c] - shift) / sum;
        delta[c] = (real)((softmax - (c == label)) * share_of_row);
    }
    return loss;
}

void cpu_cross_entropy(size_t rows, size_t classes, const real *f, const uint8_t *label,
                       double *value, real *delta) {
    if (rows == 0) return;
    double sum = 0, hits = 0;
    for (size_t r = 0; r < rows; r++) {
        bool hit;
        sum += cross_entropy_row(classes, f + r * classes, label[r], 1.0 / (double)rows, &hit,
                                 delta ? delta + r * classes : NULL);
        hits += hit;
    }
    value[0] = sum / (double)rows;
    value[1] = hits / (double)rows;
}

void cpu_record(size_t n, const double *value, size_t slots, const uint64_t *counter,
                double *ring) {
    for (size_t i = 0; i < n; i++) ring[*counter % slots * n + i] = value[i];
}

// ---- Optimiser --------------------------------------------------------------------------------

INLINE void update_range(Range range, RuleKind kind, RuleStep step, const real *g, real *w, real *m,
                         real *v) {
#pragma omp simd
    for (size_t i = range.first; i < range.end; i++)
        rule_apply(kind, step, g[i], w + i, rule_uses_m(kind) ? m + i : NULL,
                   rule_uses_v(kind) ? v + i : NULL);
}

void cpu_update(Rule rule, size_t n, const uint64_t *step, const real *g, real *w, real *m,
                real *v) {
    RuleStep now = rule_step(rule, *step);
    PARALLEL(n) {
        Range mine = share(n);
        switch (rule.kind) {
#define CALL(KIND)                                                                                 \
    case KIND:                                                                                     \
        update_range(mine, KIND, now, g, w, m, v);                                                 \
        break;
            CALL(RULE_SGD)
            CALL(RULE_MOMENTUM) CALL(RULE_RMSPROP) CALL(RULE_RMSPROP_TF) CALL(RULE_ADAM)
#undef CALL
        }
    }
}

void cpu_clip(size_t n, real bound, real *w) {
    EACH(i, n) w[i] = clip_at(w[i], bound);
}

// ---- Moving data ------------------------------------------------------------------------------

void cpu_fill(size_t n, real value, real *out) {
    EACH(i, n) out[i] = value;
}

void cpu_copy(size_t n, const real *from, real *to) {
    EACH(i, n) to[i] = from[i];
}

void cpu_axpy(size_t n, real a, const real *x, real *y) {
    EACH(i, n) y[i] += a * x[i];
}

void cpu_gather(size_t rows, size_t cols, const real *data, const uint32_t *index, real *out) {
    PARALLEL(rows * cols) {
        Range mine = share(rows);
        for (size_t r = mine.first; r < mine.end; r++)
            memcpy(out + r * cols, data + index[r] * cols, cols * sizeof *out);
    }
}

void cpu_gather_bytes(size_t rows, size_t cols, const uint8_t *data, const uint32_t *index,
                      real scale, real shift, real *out) {
    PARALLEL(rows * cols) {
        Range mine = share(rows);
        for (size_t r = mine.first; r < mine.end; r++) {
            const uint8_t *from = data + index[r] * cols;
            real *to = out + r * cols;
#pragma omp simd
            for (size_t i = 0; i < cols; i++) to[i] = MATH(fma)(scale, from[i], shift);
        }
    }
}
