// Noisy lines against sums over the plane, mixtures on the line, differences and limits.
#include "toy/divergence.h"
#include "toy/lines.h"
#include "toy/mixture.h"
#include "toy/noisy_lines.h"

#include <check.h>
#include <math.h>

static NoisyLines lines(double shift) {
    NoisyLines l;
    ck_assert_int_eq(noisy_lines(&l, shift), 0);
    return l;
}

// The line as 4000 atoms, each with a Gaussian around it.
START_TEST(density_is_a_convolution) {
    static const double sigmas[] = {0.05, 0.3, 2};
    NoisyLine line = {0.7, sigmas[_i]};
    Rng rng = rng_stream(5, (uint64_t)_i);
    for (int trial = 0; trial < 20; trial++) {
        double at[2] = {0.7 + line.sigma * rng_normal(&rng),
                        rng_uniform(&rng) + 2 * line.sigma * rng_normal(&rng)};
        double sum = 0;
        for (int k = 0; k < 4000; k++) {
            double mean[2] = {0.7, (k + 0.5) / 4000}, one = 1;
            Mixture atom = {.dim = 2, .count = 1, .weight = &one, .mean = mean};
            atom.sigma = &line.sigma;
            sum += mixture_density(&atom, at) / 4000;
        }
        ck_assert_double_eq_tol(exp(noisy_line_log_density(&line, at)) / sum, 1, 1e-5);
    }
}
END_TEST

// JS in the plane, from the two densities alone, is that of shift θ/σ: the length of the line and
// the scale do not matter.
START_TEST(plane_reduces_to_shift) {
    static const NoisyLine there[] = {{0.3, 0.3}, {1, 0.5}, {-1, 0.25}, {0.2, 1}, {0, 0.4}};
    NoisyLine q = there[_i], p = {0, q.sigma};
    double r = 9 * q.sigma, box[4] = {fmin(q.theta, 0) - r, fmax(q.theta, 0) + r, -r, 1 + r};
    Divergences d;
    ck_assert_int_eq(divergences_density_2d(&d, noisy_line_log_density, &p, noisy_line_log_density,
                                            &q, box, 300, 300),
                     0);
    ck_assert_double_eq_tol(d.js, M_LN2 - lines(fabs(q.theta) / q.sigma).gap, 1e-10);
}
END_TEST

START_TEST(agrees_with_gaussians_on_a_line) {
    static const double shifts[] = {0, 1e-3, 0.1, 1, 2.5, 6, 12};
    double shift = shifts[_i], one = 1, zero = 0;
    Mixture p = {.dim = 1, .count = 1, .weight = &one, .mean = &zero, .sigma = &one}, q = p;
    q.mean = &shift;
    double breaks[] = {-12, 0, shift / 2 + 1e-9, shift + 2e-9, shift + 12};
    Divergences d;
    ck_assert_int_eq(divergences_density_1d(&d, NULL, mixture_as_log_density, &p,
                                            mixture_as_log_density, &q, 5, breaks, 1e-12),
                     0);
    ck_assert_double_eq_tol(M_LN2 - lines(shift).gap, d.js, 2e-12);
}
END_TEST

// Five points, relative: also where JS itself has long rounded to log 2.
START_TEST(slope_is_a_difference_quotient) {
    static const double shifts[] = {0.01, 0.5, 2, 7, 20, 45, 70};
    double s = shifts[_i], h = s < 1 ? s / 50 : 1e-2 / s;
    double difference = (8 * (lines(s - h).gap - lines(s + h).gap) -
                         (lines(s - 2 * h).gap - lines(s + 2 * h).gap)) /
                        (12 * h);
    double slope = lines(s).slope;
    ck_assert_double_gt(slope, 0);
    ck_assert_double_eq_tol(difference / slope, 1, 1e-7);
}
END_TEST

START_TEST(limits) {
    ck_assert_double_eq_tol(lines(0).gap, M_LN2, 1e-14);
    ck_assert_double_eq(lines(0).slope, 0);
    ck_assert_double_eq_tol(lines(1e-3).slope, 1e-3 / 4, 1e-9);     // JS ≈ shift²/8
    ck_assert(M_LN2 - lines(30).gap == M_LN2 && lines(30).gap > 0); // flat as a value
    ck_assert(lines(90).gap == 0 && lines(90).slope == 0);          // underflow
    double far = 40, gap = lines(far).gap * exp(far * far / 8);     // leading order:
    double wide = (2 * M_PI) / (far * sqrt(2 * M_PI));              // ∫ e^{-u}(…) du = π
    ck_assert_double_eq_tol(gap / wide, 1, 0.01);
    NoisyLines l;
    ck_assert_int_ne(noisy_lines(&l, NAN), 0);
}
END_TEST

enum { POINTS = 40000 };
static double xy[2 * POINTS], more[2 * POINTS];

START_TEST(samples_follow_the_density) {
    Rng rng = rng_stream(8, 0);
    noisy_line_sample((NoisyLine){0, 0.4}, &rng, POINTS, xy);
    noisy_line_sample((NoisyLine){0.6, 0.4}, &rng, POINTS, more);
    double mean[2] = {0}, square[2] = {0};
    for (int i = 0; i < POINTS; i++)
        for (int k = 0; k < 2; k++) mean[k] += more[2 * i + k] / POINTS;
    for (int i = 0; i < POINTS; i++)
        for (int k = 0; k < 2; k++) square[k] += pow(more[2 * i + k] - mean[k], 2) / POINTS;
    ck_assert_double_eq_tol(mean[0], 0.6, 0.01);
    ck_assert_double_eq_tol(mean[1], 0.5, 0.015);
    ck_assert_double_eq_tol(square[0], 0.16, 0.005);
    ck_assert_double_eq_tol(square[1], 0.16 + 1.0 / 12, 0.008);
    Divergences d;
    ck_assert_int_eq(divergences_points(&d, 0.2, 2, POINTS, xy, NULL, POINTS, more, NULL), 0);
    ck_assert_double_eq_tol(d.js, M_LN2 - lines(1.5).gap, 0.01);
}
END_TEST

START_TEST(no_noise_no_change) {
    Rng first = rng_stream(8, 1), second = first;
    noisy_line_sample((NoisyLine){0.5, 0}, &first, 10, xy);
    lines_sample(0.5, &second, 10, more);
    for (int k = 0; k < 20; k++) ck_assert_double_eq(xy[k], more[k]);
    ck_assert_uint_eq(rng_word(&first), rng_word(&second));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("noisy_lines");
    TCase *tests = tcase_create("noisy_lines");
    tcase_add_loop_test(tests, density_is_a_convolution, 0, 3);
    tcase_add_loop_test(tests, plane_reduces_to_shift, 0, 5);
    tcase_add_loop_test(tests, agrees_with_gaussians_on_a_line, 0, 7);
    tcase_add_loop_test(tests, slope_is_a_difference_quotient, 0, 7);
    tcase_add_test(tests, limits);
    tcase_add_test(tests, samples_follow_the_density);
    tcase_add_test(tests, no_noise_no_change);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
