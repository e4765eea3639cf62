// What the tests of nets/ share: a backend per test, nets from a line, host copies, random fills,
// and central differences. TEST_DEVICE=cuda runs them on the GPU.
#ifndef TESTS_NET_SUPPORT_H
#define TESTS_NET_SUPPORT_H

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nets/gan.h"
#include "toy/rng.h"

static const Backend *backend;
static int threads = 1; // the nets here are too small for more

// ---- Fixture ----------------------------------------------------------------------------------

enum { OWNED = 64 };
static void *owned[OWNED]; // host arrays and nets of one test, given back by tear_down()
static Net nets[8];
static int owned_count, net_count;

static inline void set_up(void) {
    Error error;
    Device device;
    const char *name = getenv("TEST_DEVICE");
    ck_assert_msg(device_find(name ? name : "cpu", &device), "TEST_DEVICE: cpu or cuda");
    int status = backend_open(&backend, device, threads, PRECISION_FULL, &error);
    ck_assert_msg(status == EXIT_OK, "%s", error.text);
}

static inline void free_all(void) {
    while (net_count > 0) net_free(&nets[--net_count]);
    while (owned_count > 0) free(owned[--owned_count]);
}

static inline void tear_down(void) {
    free_all();
    backend->close();
}

static inline void *host(size_t count, size_t size) {
    ck_assert_int_lt(owned_count, OWNED);
    owned[owned_count] = calloc(count ? count : 1, size);
    ck_assert_ptr_nonnull(owned[owned_count]);
    return owned[owned_count++];
}

static inline Architecture parsed(const char *line) {
    Architecture a;
    Error error;
    ck_assert_msg(architecture_parse(&a, line, &error) == EXIT_OK, "%s: %s", line, error.text);
    return a;
}

static inline Net *built(const char *line, NetUse use, size_t batch, size_t batches) {
    Architecture a = parsed(line);
    Error error;
    ck_assert_int_lt(net_count, 8);
    Net *net = &nets[net_count++];
    int status = net_build(net, backend, &a, use, batch, batches, false, &error);
    ck_assert_msg(status == EXIT_OK, "%s: %s", line, error.text);
    return net;
}

// ---- Moving numbers ---------------------------------------------------------------------------

static inline void put(real *device, const real *from, size_t n) {
    if (n > 0) backend->upload(device, from, n * sizeof *from);
}

static inline void get(real *to, const real *device, size_t n) {
    if (n > 0) backend->download(to, device, n * sizeof *to);
}

static inline real *copied(const real *device, size_t n) {
    real *to = host(n, sizeof *to);
    get(to, device, n);
    return to;
}

static inline bool all_are(const real *a, size_t n, double value) {
    for (size_t i = 0; i < n; i++)
        if ((double)a[i] != value) return false;
    return true;
}

// mean + sigma·normal
static inline void put_normal(real *device, size_t n, double mean, double sigma, Rng *rng) {
    real *values = malloc((n ? n : 1) * sizeof *values);
    for (size_t i = 0; i < n; i++) values[i] = (real)(mean + sigma * rng_normal(rng));
    put(device, values, n);
    free(values);
}

// Every weight away from its special values: biases off 0, gains off 1.
static inline void put_weights(Net *net, double scale, Rng *rng) {
    for (Layer *l = net->layer; l < net->layer + net->count; l++) {
        double fan = layer_is_norm(l) ? 1 : (double)l->weight_count / (double)l->bias_count;
        double sigma = layer_is_norm(l) ? 0.3 : scale / sqrt(fan);
        put_normal(l->weight, l->weight_count, layer_is_norm(l) ? 1 : 0, sigma, rng);
        put_normal(l->bias, l->bias_count, 0, 0.3, rng);
    }
}

static inline size_t input_size(const Net *net) {
    return shape_size(net->architecture.input);
}

static inline size_t output_size(const Net *net) {
    return shape_size(architecture_output(&net->architecture));
}

// ---- Differences ------------------------------------------------------------------------------

// A number computed from the state of the device, and a fingerprint of every ReLU and LeakyReLU
// mask it went through: a stencil that crosses a kink measures nothing.
typedef struct {
    double value;
    uint64_t masks;
} Point;
typedef Point Objective(void *context);

static inline uint64_t masks_of(const Net *net, Rows rows) {
    uint64_t hash = 14695981039346656037u;
    for (const Layer *l = net->layer; l < net->layer + net->count; l++) {
        if (l->act.kind != ACT_RELU && l->act.kind != ACT_LEAKY) continue;
        size_t n = rows.count * shape_size(l->out);
        real *y = malloc(n * sizeof *y);
        get(y, l->y + rows.first * shape_size(l->out), n);
        for (size_t i = 0; i < n; i++) hash = (hash ^ (y[i] > 0)) * 1099511628211u;
        free(y);
    }
    return hash;
}

// Central differences of `objective` by n numbers on the device, five points each. Returns false
// as soon as a mask differs from `base`.
static inline bool differences(Objective *objective, void *context, real *device, size_t n,
                               double step, double *derivative) {
    static const double OFFSET[4] = {-2, -1, 1, 2}, WEIGHT[4] = {1, -8, 8, -1};
    uint64_t base = objective(context).masks;
    bool smooth = true;
    for (size_t i = 0; i < n && smooth; i++) {
        real kept, moved;
        get(&kept, device + i, 1);
        derivative[i] = 0;
        for (int k = 0; k < 4; k++) {
            moved = (real)((double)kept + OFFSET[k] * step);
            put(device + i, &moved, 1);
            Point point = objective(context);
            derivative[i] += WEIGHT[k] * point.value / (12 * step);
            smooth = smooth && point.masks == base;
        }
        put(device + i, &kept, 1);
    }
    return smooth;
}

static inline double norm_of(const double *a, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * a[i];
    return sqrt(sum);
}

// |a − b|/max(|b|, least)
static inline double relative_error(const real *a, const double *b, size_t n, double least) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
    return sqrt(sum) / fmax(norm_of(b, n), least);
}

// The largest error of a tensor of net->gradients, each relative to its own size (or 1e-3 of the
// whole gradient, where that is larger, so that a tensor with gradient 0 can be judged); −1 where a
// stencil met a kink.
static inline double weight_error(Net *net, Objective *objective, void *context, double step) {
    double *expected = host(net->weight_count, sizeof *expected), worst = 0;
    for (Layer *l = net->layer; l < net->layer + net->count; l++)
        if (!differences(objective, context, l->weight, l->weight_count, step,
                         expected + l->weight_at) ||
            !differences(objective, context, l->bias, l->bias_count, step, expected + l->bias_at))
            return -1;
    real *gradient = copied(net->gradients, net->weight_count);
    double least = 1e-3 * norm_of(expected, net->weight_count);
    for (Layer *l = net->layer; l < net->layer + net->count; l++) {
        worst = fmax(worst, relative_error(gradient + l->weight_at, expected + l->weight_at,
                                           l->weight_count, least));
        worst = fmax(worst, relative_error(gradient + l->bias_at, expected + l->bias_at,
                                           l->bias_count, least));
    }
    // what lies between the tensors is 0
    double whole = relative_error(gradient, expected, net->weight_count, least);
    return fmax(worst, whole);
}

// SHOW_ERRORS=1 prints what was reached.
static inline void check_error(const char *what, double error, double tolerance) {
    if (getenv("SHOW_ERRORS")) printf("%.1e  %s\n", error, what);
    ck_assert_msg(error >= 0 && error <= tolerance, "%s: error %.2e, allowed %.0e", what, error,
                  tolerance);
}

// ---- Running ----------------------------------------------------------------------------------

static inline int run_suite(Suite *suite) {
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}

static inline TCase *fixture(Suite *suite, const char *name) {
    TCase *tcase = tcase_create(name);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 300);
    suite_add_tcase(suite, tcase);
    return tcase;
}

#endif
