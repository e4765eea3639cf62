// The geometry of the convolutions, held against numbers worked out by hand and against what must
// be true of any correct triple (forward, data, weights), whoever wrote it.
#include <check.h>
#include <stdlib.h>

#include "kernels/backend.h"

static const Backend *backend;

static void open_cpu(void) {
    Error error;
    ck_assert_msg(cpu_open(&backend, 2, &error) == EXIT_OK, "%s", error.text);
}

static void close_cpu(void) {
    backend->close();
}

static void reserve(ConvShape shape, size_t rows) {
    Error error;
    ck_assert_int_eq(backend->conv_reserve(shape, rows, &error), EXIT_OK);
}

static void expect(size_t n, const real *got, const real *want) {
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(got[i] == want[i], "number %zu is %g, want %g", i, (double)got[i],
                      (double)want[i]);
}

// ---- By hand: all numbers are small integers, so every order of summation gives the same
// ---------

// A 2×2 kernel over 3×3 pixels without padding: y[p][q] = x[p][q] + 2x[p][q+1] + 3x[p+1][q] +
// 4x[p+1][q+1].
START_TEST(two_by_two_valid) {
    const ConvShape shape = {3, 3, 1, 2, 2, 1, 2, 1, 0, 0};
    const real x[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, w[4] = {1, 2, 3, 4}, y[4] = {1, 10, 100, 1000};
    real got[9], weights[4] = {1000, 0, 0, -1000};
    reserve(shape, 1);
    backend->conv_forward(shape, 1, x, w, got);
    expect(4, got, (const real[]){37, 47, 67, 77});
    backend->conv_data(shape, 1, y, w, got);
    expect(9, got, (const real[]){1, 12, 20, 103, 1234, 2040, 300, 3400, 4000});
    backend->conv_weights(shape, 1, x, y, weights);
    expect(4, weights, (const real[]){1000 + 5421, 6532, 8754, 9865 - 1000});
}
END_TEST

// A 3-tap kernel with stride 2 over a line of 5, one zero in front: taps of map pixel p are image
// pixels 2p − 1, 2p, 2p + 1. Two image channels, two map channels, two rows. (The kernel is square,
// the image one line high: with top = 1 only the kernel's middle line meets it.)
START_TEST(strided_line_with_padding_and_channels) {
    const ConvShape shape = {1, 5, 2, 1, 3, 2, 3, 2, 1, 1};
    real x[20], w[36], got[20], y[12];
    for (int i = 0; i < 20; i++) x[i] = (real)(i + 1); // row 0: (1 2)(3 4)(5 6)(7 8)(9 10)
    for (int i = 0; i < 36; i++) w[i] = 1000;          // lines 0 and 2 of the kernel: never used
    const real middle[2][6] = {{1, 0, 2, 0, 3, 1}, {0, 1, 0, -1, 0, 5}};
    for (int o = 0; o < 2; o++)
        for (int i = 0; i < 6; i++) w[o * 18 + 6 + i] = middle[o][i];
    reserve(shape, 2);
    backend->conv_forward(shape, 2, x, w, got);
    // o = 0: x[2p−1] + 2x[2p] + 3x[2p+1] in channel 0, + x[2p+1] in channel 1
    expect(12, got,
           (const real[]){0 + 2 * 1 + 3 * 3 + 4, -2 + 5 * 4,           //
                          3 + 2 * 5 + 3 * 7 + 8, 4 - 6 + 5 * 8,        //
                          7 + 2 * 9, 8 - 10,                           //
                          0 + 2 * 11 + 3 * 13 + 14, -12 + 5 * 14,      //
                          13 + 2 * 15 + 3 * 17 + 18, 14 - 16 + 5 * 18, //
                          17 + 2 * 19, 18 - 20});
    for (int i = 0; i < 12; i++) y[i] = (real)(i < 6 ? i + 1 : 0); // (1 2)(3 4)(5 6), second row 0
    backend->conv_data(shape, 2, y, w, got);
    expect(10, got,
           (const real[]){2 * 1, -2,                // pixel 0: tap 1 of p = 0
                          3 * 1 + 3, 1 + 5 * 2 + 4, // pixel 1: tap 2 of 0, tap 0 of 1
                          2 * 3, -4,                //
                          3 * 3 + 5, 3 + 5 * 4 + 6, //
                          2 * 5, -6});
    for (int i = 10; i < 20; i++) ck_assert(got[i] == 0);
    real gradient[36] = {0};
    backend->conv_weights(shape, 2, x, y, gradient);
    // o = 0: y = 1, 3, 5; tap 0 sees pixels −, 1, 3; tap 1: 0, 2, 4; tap 2: 1, 3, −
    expect(6, gradient + 6,
           (const real[]){3 * 3 + 5 * 7, 3 * 4 + 5 * 8,          //
                          1 + 3 * 5 + 5 * 9, 2 + 3 * 6 + 5 * 10, //
                          3 + 3 * 7, 4 + 3 * 8});
    for (int i = 0; i < 6; i++) ck_assert(gradient[i] == 0 && gradient[12 + i] == 0);
}
END_TEST

// Stride 2 with a 1×1 kernel: data writes 0 into the pixels that nothing touches.
START_TEST(untouched_pixels_are_zero) {
    const ConvShape shape = {3, 3, 1, 2, 2, 1, 1, 2, 0, 0};
    const real y[4] = {1, 2, 3, 4}, w[1] = {10};
    real x[9];
    for (int i = 0; i < 9; i++) x[i] = NAN;
    reserve(shape, 1);
    backend->conv_data(shape, 1, y, w, x);
    expect(9, x, (const real[]){10, 0, 20, 0, 0, 0, 30, 0, 40});
}
END_TEST

// ---- In general: <conv(x, w), y> = <x, data(y, w)> = <w, weights(x, y)>
// ----------------------------

static const struct {
    size_t rows;
    ConvShape shape;
} general[] = {
    {2, {64, 64, 3, 32, 32, 64, 5, 2, 1, 1}}, {3, {16, 16, 64, 8, 8, 128, 5, 2, 1, 1}},
    {5, {7, 7, 128, 4, 4, 33, 5, 2, 2, 2}},   {1, {28, 28, 1, 14, 14, 64, 5, 2, 1, 1}},
    {7, {4, 4, 512, 1, 1, 1, 4, 1, 0, 0}},    {4, {13, 11, 31, 13, 11, 17, 3, 1, 1, 1}},
    {9, {8, 8, 20, 4, 4, 40, 4, 2, 1, 1}},    {3, {9, 10, 5, 3, 4, 6, 3, 3, 0, 1}},
    {300, {1, 1, 50, 1, 1, 70, 1, 1, 0, 0}},
};

static real *random_reals(size_t n) {
    real *x = malloc(n * sizeof *x);
    for (size_t i = 0; i < n; i++) x[i] = (real)(rand() / (double)RAND_MAX - 0.5);
    return x;
}

static double dot(size_t n, const real *a, const real *b) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)a[i] * b[i];
    return sum;
}

START_TEST(data_and_weights_are_adjoint_to_forward) {
    ConvShape s = general[_i].shape;
    size_t rows = general[_i].rows, image = rows * (size_t)(s.h * s.w * s.c);
    size_t map = rows * (size_t)(s.p * s.q * s.o), weights = (size_t)(s.o * s.k * s.k * s.c);
    srand(1);
    real *x = random_reals(image), *w = random_reals(weights), *y = random_reals(map);
    real *forward = random_reals(map), *data = random_reals(image);
    real *gradient = calloc(weights, sizeof *gradient);
    reserve(s, rows);
    backend->conv_forward(s, rows, x, w, forward);
    backend->conv_data(s, rows, y, w, data);
    backend->conv_weights(s, rows, x, y, gradient);
    double one = dot(map, forward, y), two = dot(image, x, data), three = dot(weights, w, gradient);
    // the three inner products are the same sum of up to 10^8 products of both signs
    double bound =
        (sizeof(real) == 4 ? 1e-5 : 1e-13) * sqrt(dot(map, forward, forward) * dot(map, y, y));
    ck_assert_double_eq_tol(one, two, bound);
    ck_assert_double_eq_tol(one, three, bound);
    real *all[] = {x, w, y, forward, data, gradient};
    for (int i = 0; i < 6; i++) free(all[i]);
}
END_TEST

int main(void) {
    TCase *conv = tcase_create("convolution");
    tcase_set_timeout(conv, 60);
    tcase_add_checked_fixture(conv, open_cpu, close_cpu);
    tcase_add_test(conv, two_by_two_valid);
    tcase_add_test(conv, strided_line_with_padding_and_channels);
    tcase_add_test(conv, untouched_pixels_are_zero);
    tcase_add_loop_test(conv, data_and_weights_are_adjoint_to_forward, 0,
                        sizeof general / sizeof *general);
    Suite *suite = suite_create("conv");
    suite_add_tcase(suite, conv);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
