// Pyramids against what their definition says of simple images; patches against the image.
#include "toy/pyramid.h"

#include <check.h>
#include <math.h>
#include <string.h>

enum { MOST = 40 };
static double image[MOST * MOST * 3], out[2 * MOST * MOST * 3], other[MOST * MOST * 3];

static void draw(size_t n, double *x) {
    Rng rng = rng_stream(1, 0);
    for (size_t i = 0; i < n; i++) x[i] = rng_normal(&rng);
}

START_TEST(levels) {
    ck_assert_uint_eq(pyramid_levels(28, 28), 2);
    ck_assert_uint_eq(pyramid_levels(16, 16), 1);
    ck_assert_uint_eq(pyramid_levels(22, 22), 1);
    ck_assert_uint_eq(pyramid_levels(23, 23), 2);
    ck_assert_uint_eq(pyramid_levels(32, 64), 2);
    ck_assert_uint_eq(pyramid_levels(64, 64), 3);
    ck_assert_uint_eq(pyramid_levels(1024, 1024), 7);
}
END_TEST

// Weights add up to 1 on the way down, at the borders too, and on the way up at both kinds of
// pixels.
START_TEST(constants_stay) {
    size_t h = _i % 2 ? 9 : 8, w = _i / 2 ? 7 : 12, coarse = (h + 1) / 2 * ((w + 1) / 2);
    for (size_t i = 0; i < h * w; i++) image[i] = 3.5;
    pyramid_down(h, w, 1, image, out);
    for (size_t i = 0; i < coarse; i++) ck_assert_double_eq_tol(out[i], 3.5, 1e-14);
    pyramid_up(h, w, 1, out, other);
    for (size_t i = 0; i < h * w; i++) ck_assert_double_eq_tol(other[i], 3.5, 1e-14);
}
END_TEST

// Far from the borders the filter, being symmetric, leaves a ramp as it is.
START_TEST(ramps_stay_inside) {
    for (size_t y = 0; y < 16; y++)
        for (size_t x = 0; x < 16; x++) image[y * 16 + x] = 2 * (double)y - 5 * (double)x;
    pyramid_down(16, 16, 1, image, out);
    for (size_t y = 1; y < 7; y++)
        for (size_t x = 1; x < 7; x++)
            ck_assert_double_eq_tol(out[y * 8 + x], 4 * (double)y - 10 * (double)x, 1e-12);
}
END_TEST

// A single bright pixel shows the filter, and its mirror image at the border.
START_TEST(one_pixel) {
    double filter[5] = {1, 4, 6, 4, 1};
    memset(image, 0, 64 * sizeof *image);
    image[3 * 8 + 4] = 256; // row 3, column 4
    pyramid_down(8, 8, 1, image, out);
    for (int y = 0; y < 4; y++)
        for (int x = 0; x < 4; x++) {
            int i = 3 - 2 * y + 2, j = 4 - 2 * x + 2;
            double expected = i >= 0 && i < 5 && j >= 0 && j < 5 ? filter[i] * filter[j] : 0;
            ck_assert_double_eq_tol(out[y * 4 + x], expected, 1e-12);
        }
    memset(image, 0, 64 * sizeof *image);
    image[8 + 0] = 256; // row 1: seen by row 0 as itself and as row −1
    pyramid_down(8, 8, 1, image, out);
    ck_assert_double_eq_tol(out[0], (4 + 4) * 6, 1e-12);
    memset(image, 0, 64 * sizeof *image);
    image[0] = 256;
    pyramid_up(8, 8, 1, image, out); // its coarse pixel (0, 0)
    ck_assert_double_eq_tol(out[0], 4 * 6 * 6, 1e-12);
    ck_assert_double_eq_tol(out[1], 4 * 6 * 4, 1e-12);
    ck_assert_double_eq_tol(out[2 * 8 + 2], 4, 1e-12);
    ck_assert_double_eq(out[3], 0);
}
END_TEST

// What was split adds up again: g_l = level l + up(g_{l+1}); channels do not mix.
START_TEST(splits_add_up) {
    size_t h = _i ? 33 : 28, w = _i ? 26 : 28, c = 3;
    draw(h * w * c, image);
    ck_assert_int_eq(pyramid_split(2, h, w, c, image, out), 0);
    pyramid_up(h, w, c, out + h * w * c, other);
    for (size_t i = 0; i < h * w * c; i++)
        ck_assert_double_eq_tol(out[i] + other[i], image[i], 1e-14);
    double lone[MOST * MOST], level[2 * MOST * MOST];
    for (size_t i = 0; i < h * w; i++) lone[i] = image[i * c + 1];
    ck_assert_int_eq(pyramid_split(2, h, w, 1, lone, level), 0);
    size_t both = h * w + (h + 1) / 2 * ((w + 1) / 2);
    for (size_t i = 0; i < both; i++) ck_assert_double_eq_tol(out[i * c + 1], level[i], 1e-14);
}
END_TEST

START_TEST(patches_are_of_the_image) {
    size_t h = 9, w = 8, count = 500, found[3][2] = {{0}};
    for (size_t i = 0; i < h * w * 2; i++) image[i] = (double)i;
    Rng rng = rng_stream(5, 0);
    static double patch[500 * 49 * 2];
    patches_draw(&rng, h, w, 2, image, count, patch);
    for (size_t n = 0; n < count; n++) {
        const double *p = patch + n * 98;
        size_t at = (size_t)p[0] / 2, y = at / w, x = at % w;
        ck_assert(y <= 2 && x <= 1);
        found[y][x]++;
        for (size_t i = 0; i < 7; i++)
            for (size_t j = 0; j < 14; j++)
                ck_assert_double_eq(p[i * 14 + j], image[((y + i) * w + x) * 2 + j]);
    }
    for (int k = 0; k < 6; k++) // 83 each, give or take 4 · 8.3
        ck_assert(found[k / 2][k % 2] > 50 && found[k / 2][k % 2] < 117);
}
END_TEST

START_TEST(normalised_by_channel) {
    enum { N = 20 };
    double patch[N * 49 * 3];
    draw(N * 49 * 3, patch);
    for (size_t i = 0; i < N * 49; i++) patch[3 * i] = 5 + 3 * patch[3 * i], patch[3 * i + 2] = 7;
    patches_normalise(N, 3, patch);
    for (size_t k = 0; k < 3; k++) {
        double mean = 0, square = 0;
        for (size_t i = 0; i < N * 49; i++)
            mean += patch[3 * i + k] / (N * 49), square += patch[3 * i + k] * patch[3 * i + k];
        ck_assert_double_eq_tol(mean, 0, 1e-13);
        ck_assert_double_eq_tol(square / (N * 49), k < 2, 1e-12);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("pyramid");
    TCase *tests = tcase_create("pyramid");
    tcase_add_test(tests, levels);
    tcase_add_loop_test(tests, constants_stay, 0, 4);
    tcase_add_test(tests, ramps_stay_inside);
    tcase_add_test(tests, one_pixel);
    tcase_add_loop_test(tests, splits_add_up, 0, 2);
    tcase_add_test(tests, patches_are_of_the_image);
    tcase_add_test(tests, normalised_by_channel);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
