// What only the CUDA backend has: captured iterations, TF32, running out of memory. The primitives
// themselves are test_parity.c's.
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/backend.h"

static const Backend *cuda, *reference;
static Error error;

static real *device_reals(const Backend *backend, size_t n, unsigned seed) {
    real *host = malloc((n + 1) * sizeof *host), *memory = backend->alloc(n * sizeof *host, &error);
    ck_assert_msg(memory != NULL, "%s", error.text);
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525 + 1013904223;
        host[i] = (real)seed / 2147483648u - 1;
    }
    backend->upload(memory, host, n * sizeof *host);
    free(host);
    return memory;
}

static real *host_reals(const Backend *backend, const real *memory, size_t n) {
    real *host = malloc((n + 1) * sizeof *host);
    backend->download(host, memory, n * sizeof *host);
    return host;
}

static void open_cuda(Precision precision) {
    ck_assert_msg(cuda_open(&cuda, precision, &error) == EXIT_OK, "%s", error.text);
}

// ---- Products -----------------------------------------------------------------------------------

// One shape for each tile that the GPU has, in every direction; strides, borders, cut tiles.
static const ConvShape shapes[] = {
    {16, 16, 3, 8, 8, 64, 5, 2, 1, 1},   {15, 17, 64, 8, 9, 130, 5, 2, 2, 2},
    {8, 8, 132, 8, 8, 68, 3, 1, 1, 1},   {9, 7, 20, 5, 4, 20, 4, 2, 1, 1},
    {28, 28, 1, 14, 14, 16, 5, 2, 1, 1}, {4, 4, 256, 2, 2, 256, 5, 2, 1, 1},
};
enum { SHAPES = sizeof shapes / sizeof *shapes, ROWS = 9 };

typedef struct {
    size_t n;
    real *memory[3], *out; // x, y, w; and which of them is the result
} Product;

static Product product_run(const Backend *backend, ConvShape s, int which) {
    size_t n[3] = {(size_t)(ROWS * s.h * s.w * s.c), (size_t)(ROWS * s.p * s.q * s.o),
                   (size_t)(s.o * s.k * s.k * s.c)};
    Product p;
    for (int i = 0; i < 3; i++) p.memory[i] = device_reals(backend, n[i], (unsigned)i + 1);
    real *x = p.memory[0], *y = p.memory[1], *w = p.memory[2];
    ck_assert_msg(backend->conv_reserve(s, ROWS, &error) == 0, "%s", error.text);
    if (which == 0) backend->conv_forward(s, ROWS, x, w, y), p.out = y, p.n = n[1];
    if (which == 1) backend->conv_data(s, ROWS, y, w, x), p.out = x, p.n = n[0];
    if (which == 2) backend->conv_weights(s, ROWS, x, y, w), p.out = w, p.n = n[2];
    return p;
}

static void product_free(const Backend *backend, Product p) {
    for (int i = 0; i < 3; i++) backend->free(p.memory[i]);
}

static double relative_error(const real *got, const real *want, size_t n) {
    double error2 = 0, size2 = 0;
    for (size_t i = 0; i < n; i++) {
        error2 += ((double)got[i] - want[i]) * ((double)got[i] - want[i]);
        size2 += (double)want[i] * want[i];
    }
    return sqrt(error2 / size2);
}

static double product_error(ConvShape shape, int which) {
    Product a = product_run(cuda, shape, which), b = product_run(reference, shape, which);
    real *got = host_reals(cuda, a.out, a.n), *want = host_reals(reference, b.out, b.n);
    double relative = relative_error(got, want, a.n);
    free(got);
    free(want);
    product_free(cuda, a);
    product_free(reference, b);
    return relative;
}

// 10 bits of mantissa: a factor is off by 2^-11 at most, 2^-11/sqrt(3) in the mean; a product by
// sqrt(2) times that, 4e-4, and so, norm-wise, is a sum of many. Much less would be another mode.
START_TEST(tf32_convolutions_are_as_exact_as_tf32) {
    open_cuda(PRECISION_TF32);
    for (int which = 0; which < 3; which++) {
        double relative = product_error(shapes[_i], which);
        ck_assert_double_lt(relative, 6e-4);
        if (sizeof(real) == 4) ck_assert_double_gt(relative, 1e-4);
    }
    cuda->close();
}
END_TEST

START_TEST(full_convolutions_are_exact_to_rounding) {
    open_cuda(PRECISION_FULL);
    for (int which = 0; which < 3; which++)
        ck_assert_double_lt(product_error(shapes[_i], which), sizeof(real) == 4 ? 2e-6 : 4e-15);
    cuda->close();
}
END_TEST

enum { SIDE = 256 };

// Of A·B, transposed as bits 0 and 1 of `transposed` say.
static double gemm_error(int transposed) {
    const Backend *on[2] = {cuda, reference};
    real *c[2];
    for (int i = 0; i < 2; i++) {
        real *a = device_reals(on[i], SIDE * SIDE, 1), *b = device_reals(on[i], SIDE * SIDE, 2);
        real *product = device_reals(on[i], SIDE * SIDE, 3);
        on[i]->gemm(transposed & 1, transposed & 2, SIDE, SIDE, SIDE, a, b, 0, product);
        c[i] = host_reals(on[i], product, SIDE * SIDE);
        on[i]->free(a), on[i]->free(b), on[i]->free(product);
    }
    double relative = relative_error(c[0], c[1], SIDE * SIDE);
    free(c[0]), free(c[1]);
    return relative;
}

// How cuBLAS comes to 10 bits is its own affair: cutting them off would shrink each factor by 3e-4
// in the mean, and a product by twice that.
START_TEST(products_have_the_precision_asked_for) {
    open_cuda(PRECISION_TF32);
    for (int transposed = 0; transposed < 4; transposed++) {
        double relative = gemm_error(transposed);
        ck_assert_double_lt(relative, 1e-3);
        if (sizeof(real) == 4) ck_assert_double_gt(relative, 1e-4);
    }
    cuda->close();
    open_cuda(PRECISION_FULL);
    for (int transposed = 0; transposed < 4; transposed++)
        ck_assert_double_lt(gemm_error(transposed), sizeof(real) == 4 ? 2e-6 : 4e-15);
    cuda->close();
}
END_TEST

START_TEST(convolutions_give_the_same_bits_twice) {
    open_cuda(_i % 2 ? PRECISION_TF32 : PRECISION_FULL);
    for (int which = 0; which < 3; which++) {
        Product a = product_run(cuda, shapes[_i / 2], which),
                b = product_run(cuda, shapes[_i / 2], which);
        real *first = host_reals(cuda, a.out, a.n), *second = host_reals(cuda, b.out, b.n);
        ck_assert_int_eq(memcmp(first, second, a.n * sizeof *first), 0);
        free(first);
        free(second);
        product_free(cuda, a);
        product_free(cuda, b);
    }
    cuda->close();
}
END_TEST

// ---- Captured iterations ------------------------------------------------------------------------

enum { WIDTH = 100 };

typedef struct {
    RandomSource source;
    uint64_t *step;
    real *x, *w, *y, *g, *m, *v, *norm;
    double *value, *ring;
} Iteration;

static void *device_zeros(size_t bytes) {
    void *memory = cuda->alloc(bytes, &error);
    ck_assert_msg(memory != NULL, "%s", error.text);
    return memory;
}

static Iteration iteration_new(void) {
    Iteration i = {.source = {5, 6, device_zeros(8)}, .step = device_zeros(8)};
    i.x = device_zeros(WIDTH * WIDTH * sizeof(real));
    i.w = device_reals(cuda, WIDTH * WIDTH, 3);
    i.y = device_zeros(WIDTH * WIDTH * sizeof(real)),
    i.g = device_zeros(WIDTH * WIDTH * sizeof(real));
    i.m = device_zeros(WIDTH * WIDTH * sizeof(real)),
    i.v = device_zeros(WIDTH * WIDTH * sizeof(real));
    i.norm = device_zeros(sizeof(real));
    i.value = device_zeros(sizeof(double)), i.ring = device_zeros(4 * sizeof(double));
    return i;
}

static void iteration_free(Iteration i) {
    void *const memory[] = {i.source.block, i.step,  i.x,   i.w, i.y, i.g, i.m, i.v,
                            i.norm,         i.value, i.ring};
    for (size_t k = 0; k < sizeof memory / sizeof *memory; k++) cuda->free(memory[k]);
}

// Draws, a product, a loss, its gradient, Adam, and every counter that moves.
static void iteration_run(Iteration i) {
    const Rule adam = {RULE_ADAM, 0.01, 0.5, 0.9, 1e-8, 0};
    const size_t n = WIDTH * WIDTH;
    cuda->random_normal(i.source, n, 0, 1, i.x);
    cuda->advance(i.source.block, (n + 3) / 4);
    cuda->gemm(false, true, WIDTH, WIDTH, WIDTH, i.x, i.w, 0, i.y);
    cuda->loss((LossTerm){LOSS_LOGISTIC, 1, 1}, n, i.y, i.value, i.g);
    cuda->gemm(true, false, WIDTH, WIDTH, WIDTH, i.g, i.x, 0, i.y);
    cuda->copy(n, i.y, i.g);
    cuda->row_norm(1, n, i.g, i.norm);
    cuda->record(1, i.value, 4, i.step, i.ring);
    cuda->advance(i.step, 1);
    cuda->update(adam, n, i.step, i.g, i.w, i.m, i.v);
}

START_TEST(a_replayed_iteration_is_the_iteration) {
    open_cuda(PRECISION_FULL);
    Iteration plain = iteration_new(), captured = iteration_new();
    for (int i = 0; i < 4; i++) iteration_run(plain);
    size_t allocations = cuda->allocations();
    iteration_run(captured); // what loads a kernel when it is first used does so now
    ck_assert(cuda->capture_begin());
    iteration_run(captured);
    Capture *capture = cuda->capture_end();
    for (int i = 0; i < 3; i++) cuda->capture_replay(capture);
    ck_assert_uint_eq(cuda->allocations(), allocations);
    uint64_t step;
    cuda->download(&step, captured.step, sizeof step);
    ck_assert_uint_eq(step, 4); // capturing ran nothing
    real *want = host_reals(cuda, plain.w, WIDTH * WIDTH);
    real *got = host_reals(cuda, captured.w, WIDTH * WIDTH);
    ck_assert_int_eq(memcmp(got, want, WIDTH * WIDTH * sizeof *got), 0);
    double losses[2][4];
    cuda->download(losses[0], plain.ring, sizeof losses[0]);
    cuda->download(losses[1], captured.ring, sizeof losses[1]);
    ck_assert_int_eq(memcmp(losses[0], losses[1], sizeof losses[0]), 0);
    ck_assert_double_ne(losses[0][0], losses[0][1]);
    free(want);
    free(got);
    cuda->capture_free(capture);
    cuda->capture_free(NULL);
    iteration_free(plain);
    iteration_free(captured);
    cuda->close();
}
END_TEST

// ---- Limits -------------------------------------------------------------------------------------

START_TEST(no_memory_is_reported_and_survived) {
    open_cuda(PRECISION_FULL);
    ck_assert_ptr_null(cuda->alloc((size_t)1 << 50, &error));
    ck_assert_msg(strstr(error.text, "GPU memory") != NULL, "%s", error.text);
    real *x = device_reals(cuda, 10, 1);
    cuda->fill(10, 3, x);
    real *host = host_reals(cuda, x, 10);
    ck_assert(host[9] == 3);
    free(host);
    cuda->free(x);
    cuda->free(NULL);
    cuda->close();
}
END_TEST

START_TEST(a_second_one_is_refused) {
    open_cuda(PRECISION_FULL);
    const Backend *other;
    ck_assert_int_eq(cuda_open(&other, PRECISION_FULL, &error), EXIT_RESOURCE);
    ck_assert_msg(strstr(error.text, "open already") != NULL, "%s", error.text);
    cuda->close();
}
END_TEST

START_TEST(too_many_pixels_are_refused) {
    open_cuda(PRECISION_FULL);
    ConvShape shape = {1024, 1024, 1, 512, 512, 1, 5, 2, 1, 1};
    ck_assert_int_eq(cuda->conv_reserve(shape, 2048, &error), EXIT_RESOURCE);
    ck_assert_int_eq(cuda->conv_reserve(shape, 2, &error), 0);
    cuda->close();
}
END_TEST

int main(void) {
    if (cuda_open(&cuda, PRECISION_FULL, &error) != EXIT_OK) {
        printf("skipped: CUDA (%s)\n0 passed, 0 failed, 1 skipped\n", error.text);
        return 0;
    }
    puts(cuda->description);
    cuda->close();
    if (reference_open(&reference, &error) != EXIT_OK) return 1;
    Suite *suite = suite_create("cuda");
    TCase *cases = tcase_create("CUDA");
    tcase_add_loop_test(cases, tf32_convolutions_are_as_exact_as_tf32, 0, SHAPES);
    tcase_add_loop_test(cases, full_convolutions_are_exact_to_rounding, 0, SHAPES);
    tcase_add_test(cases, products_have_the_precision_asked_for);
    tcase_add_test(cases, a_replayed_iteration_is_the_iteration);
    tcase_add_test(cases, no_memory_is_reported_and_survived);
    tcase_add_test(cases, a_second_one_is_refused);
    tcase_add_test(cases, too_many_pixels_are_refused);
    suite_add_tcase(suite, cases);
    TCase *twice = tcase_create("twice"); // which an emulated GPU need not show
    tcase_add_loop_test(twice, convolutions_give_the_same_bits_twice, 0, 2 * SHAPES);
    suite_add_tcase(suite, twice);
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_NOFORK); // a CUDA context does not survive a fork
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
