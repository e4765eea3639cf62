// The closed forms for the parallel lines against binned samples, sorted samples and limits.
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "toy/divergence.h"
#include "toy/lines.h"

static const double THETAS[] = {-1, -0.25, -1e-300, 1e-300, 0.5, 1, 3, INFINITY};
enum { THETA_COUNT = sizeof THETAS / sizeof *THETAS };

START_TEST(apart_only_w_depends_on_theta) {
    double theta = THETAS[_i];
    LineDistances d = lines_distances(theta);
    ck_assert(d.w == fabs(theta));
    ck_assert(d.js == log(2) && d.tv == 1);
    ck_assert(d.kl == INFINITY && d.kl_rev == INFINITY);
}
END_TEST

START_TEST(at_zero_all_vanish) {
    for (int sign = -1; sign <= 1; sign += 2) {
        LineDistances d = lines_distances(sign * 0.0);
        ck_assert(d.w == 0 && d.js == 0 && d.tv == 0 && d.kl == 0 && d.kl_rev == 0);
    }
}
END_TEST

START_TEST(no_theta_no_distance) {
    LineDistances d = lines_distances(NAN), s = lines_slopes(NAN);
    ck_assert(isnan(d.w) && isnan(d.js) && isnan(d.tv) && isnan(d.kl) && isnan(d.kl_rev));
    ck_assert(isnan(s.w) && isnan(s.js) && isnan(s.tv) && isnan(s.kl) && isnan(s.kl_rev));
}
END_TEST

START_TEST(slopes_are_difference_quotients) {
    for (double theta = -1; theta <= 1; theta += 0.25) {
        const double h = 0x1p-10;
        LineDistances slope = lines_slopes(theta);
        if (theta == 0) {
            ck_assert(isnan(slope.w) && isnan(slope.js) && isnan(slope.tv));
            ck_assert(isnan(slope.kl) && isnan(slope.kl_rev));
            continue;
        }
        LineDistances above = lines_distances(theta + h), below = lines_distances(theta - h);
        ck_assert(slope.w == (above.w - below.w) / (2 * h));
        ck_assert(slope.js == (above.js - below.js) / (2 * h));
        ck_assert(slope.tv == (above.tv - below.tv) / (2 * h));
        ck_assert(isnan(slope.kl) && isnan(slope.kl_rev));
    }
}
END_TEST

enum { POINTS = 4096 };
static double here[2 * POINTS], there[2 * POINTS];

// Histograms of samples: for θ of a cell or more nothing overlaps and the four are as stated.
// The same points at θ = 0 give exactly 0.
START_TEST(samples_agree) {
    const double cell = 0.125;
    for (double theta = -1; theta <= 1; theta += 0.25) {
        Rng rng = rng_stream(21, 0), other = rng_stream(21, theta == 0 ? 0 : 1);
        lines_sample(0, &rng, POINTS, here);
        lines_sample(theta, &other, POINTS, there);
        LineDistances expected = lines_distances(theta);
        Divergences d;
        ck_assert_int_eq(divergences_points(&d, cell, 2, POINTS, there, NULL, POINTS, here, NULL),
                         DIVERGENCE_OK);
        ck_assert_double_eq_tol(d.js, expected.js, 1e-15);
        ck_assert_double_eq_tol(d.tv, expected.tv, 1e-15);
        ck_assert(d.kl == expected.kl && d.kl_rev == expected.kl_rev);
    }
}
END_TEST

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

// x is θ, y is uniform: the Kolmogorov–Smirnov distance times √n stays under its 99.9 % point.
START_TEST(sample_is_a_line) {
    Rng rng = rng_stream(22, 0), twin = rng;
    lines_sample(-0.75, &rng, POINTS, here);
    double distance = 0;
    for (size_t i = 0; i < POINTS; i++) {
        ck_assert(here[2 * i] == -0.75);
        ck_assert(here[2 * i + 1] == rng_uniform(&twin));
        there[i] = here[2 * i + 1];
    }
    qsort(there, POINTS, sizeof *there, ascending);
    for (size_t i = 0; i < POINTS; i++)
        distance = fmax(distance, fabs(there[i] - ((double)i + 0.5) / POINTS));
    ck_assert_double_lt(distance * sqrt(POINTS), 1.95);
}
END_TEST

int main(void) {
    TCase *forms = tcase_create("closed forms"), *samples = tcase_create("samples");
    tcase_add_loop_test(forms, apart_only_w_depends_on_theta, 0, THETA_COUNT);
    tcase_add_test(forms, at_zero_all_vanish);
    tcase_add_test(forms, no_theta_no_distance);
    tcase_add_test(forms, slopes_are_difference_quotients);
    tcase_add_test(samples, samples_agree);
    tcase_add_test(samples, sample_is_a_line);
    Suite *suite = suite_create("lines");
    suite_add_tcase(suite, forms);
    suite_add_tcase(suite, samples);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
