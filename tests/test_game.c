// Distributions on the line and the game between them, against closed forms and plain sums.
#include <check.h>
#include <math.h>

#include "toy/game.h"
#include "toy/quadrature.h"

static double logistic_of_line(const void *line, double x) {
    const double *a = line;
    return a[0] + a[1] * x;
}

static double constant(const void *logit, double x) {
    (void)x;
    return *(const double *)logit;
}

static double value(const Game *game, Logit *logit, const void *context) {
    double v;
    ck_assert_int_eq(game_value(game, logit, context, 1e-10, &v), QUADRATURE_OK);
    return v;
}

static double js(const Game *game) {
    Divergences d;
    ck_assert_int_eq(game_divergences(game, 1e-10, &d), DIVERGENCE_OK);
    return d.js;
}

START_TEST(laws_by_hand) {
    const Law gaussian = law_gaussian(1, 2), uniform = law_uniform(-1, 4);
    const Law triangle = law_triangle(1, 2);
    ck_assert_double_eq_tol(law_density(&gaussian, 3), exp(-0.5) / sqrt(8 * M_PI), 1e-15);
    ck_assert_double_eq_tol(law_density(&uniform, 2.9), 0.25, 1e-15);
    ck_assert(law_density(&uniform, 3.1) == 0 && law_density(&uniform, -1.1) == 0);
    ck_assert_double_eq_tol(law_density(&triangle, 2), 1, 1e-15);
    ck_assert_double_eq_tol(law_density(&triangle, 1.25), 0.25, 1e-15);
    ck_assert_double_eq_tol(law_density(&triangle, 2.9), 0.1, 1e-15);
    ck_assert(law_density(&triangle, 1) == 0 && law_density(&triangle, 3.5) == 0);
}
END_TEST

// Mean and variance of 2^17 points, within five standard errors.
START_TEST(laws_sampled) {
    enum { N = 1 << 17 };
    static double x[N];
    const Law laws[] = {law_gaussian(1, 2), law_uniform(-1, 4), law_triangle(1, 2)};
    const double mean[] = {1, 1, 2}, variance[] = {4, 16.0 / 12, 4.0 / 24};
    for (int k = 0; k < 3; k++) {
        Rng rng = rng_stream(5, (uint64_t)k);
        law_sample(&laws[k], &rng, N, x);
        double sum = 0, squares = 0;
        for (int i = 0; i < N; i++) sum += x[i], squares += (x[i] - mean[k]) * (x[i] - mean[k]);
        ck_assert_double_eq_tol(sum / N, mean[k], 5 * sqrt(variance[k] / N));
        ck_assert_double_eq_tol(squares / N, variance[k], 5 * variance[k] * sqrt(2.0 / N));
    }
}
END_TEST

// N(−1, 1) against N(1, 1): the logit of D* is −2x.
START_TEST(best_of_gaussians) {
    const Game game = {law_gaussian(-1, 1), law_gaussian(1, 1)};
    const double line[] = {0, -2};
    for (double x = -20; x <= 20; x += 2.5)
        ck_assert_double_eq_tol(game_optimal_logit(&game, x), -2 * x, 1e-12);
    ck_assert_double_eq_tol(game_probability(game_optimal_logit(&game, 0.5)), 1 / (1 + M_E), 1e-15);
    ck_assert_double_eq_tol(value(&game, logistic_of_line, line), 2 * js(&game) - 2 * M_LN2, 1e-9);
    double error;
    ck_assert_int_eq(game_error(&game, logistic_of_line, line, 1e-10, &error), QUADRATURE_OK);
    ck_assert_double_le(error, 1e-10);
}
END_TEST

START_TEST(best_of_uniforms) {
    const Game game = {law_uniform(0, 2), law_uniform(1, 2)};
    ck_assert(game_optimal_logit(&game, 0.5) == INFINITY);
    ck_assert(game_optimal_logit(&game, 1.5) == 0);
    ck_assert(game_optimal_logit(&game, 2.5) == -INFINITY);
    ck_assert(isnan(game_optimal_logit(&game, 3.5)));
    // half of each mass is told with certainty, the rest guessed
    ck_assert_double_eq_tol(value(&game, game_optimal_logit, &game), -M_LN2, 1e-9);
    ck_assert_double_eq_tol(js(&game), M_LN2 / 2, 1e-9);
}
END_TEST

// D constant: V = log D + log(1 − D) whatever the two are, and on the uniforms ∫ m |D − D*| has
// half its mass where D* = ½, a quarter each where it is 1 and 0.
START_TEST(constant_discriminator) {
    const Game game = {law_uniform(0, 2), law_uniform(1, 2)};
    const double logit = 1, d = 1 / (1 + exp(-1));
    ck_assert_double_eq_tol(value(&game, constant, &logit), log(d) + log(1 - d), 1e-9);
    double error;
    ck_assert_int_eq(game_error(&game, constant, &logit, 1e-10, &error), QUADRATURE_OK);
    ck_assert_double_eq_tol(error, (d - 0.5) / 2 + 0.25, 1e-9);
}
END_TEST

START_TEST(certain_and_wrong) {
    const Game game = {law_uniform(0, 1), law_uniform(2, 1)}, swapped = {game.fake, game.real};
    ck_assert(value(&game, game_optimal_logit, &game) == 0);
    double v;
    ck_assert_int_eq(game_value(&game, game_optimal_logit, &swapped, 1e-9, &v), QUADRATURE_OK);
    ck_assert(v == -INFINITY);
    const double huge = 800; // where D itself rounds to 1: V is −800, not −infinity
    ck_assert_double_eq_tol(value(&game, constant, &huge), -800, 1e-6);
}
END_TEST

// Triangles half apart: each has half its mass alone, which counts ½ log 2; where both are, the
// integral of ½ a log 2a + ½ (1 − a) log 2(1 − a) over [0, 1] is ½ log 2 − ¼.
START_TEST(js_by_case) {
    const Game game = {law_triangle(0, 2), law_triangle(1, 2)};
    double js_of[CASE_COUNT];
    ck_assert_int_eq(game_js_by_case(&game, 1e-13, js_of), QUADRATURE_OK);
    ck_assert(js_of[CASE_NEITHER] == 0);
    ck_assert_double_eq_tol(js_of[CASE_REAL], M_LN2 / 4, 1e-13);
    ck_assert_double_eq_tol(js_of[CASE_FAKE], M_LN2 / 4, 1e-13);
    ck_assert_double_eq_tol(js_of[CASE_BOTH], M_LN2 / 2 - 0.25, 1e-13);
    ck_assert_double_eq_tol(js(&game), M_LN2 - 0.25, 1e-10);
}
END_TEST

START_TEST(js_term_by_hand) {
    const Game game = {law_triangle(0, 2), law_triangle(1, 2)};
    GameCase which;
    ck_assert(game_js_term(&game, -1, &which) == 0 && which == CASE_NEITHER);
    ck_assert_double_eq_tol(game_js_term(&game, 0.5, &which), 0.25 * M_LN2, 1e-15);
    ck_assert(which == CASE_REAL);
    ck_assert_double_eq_tol(game_js_term(&game, 2.75, &which), 0.125 * M_LN2, 1e-15);
    ck_assert(which == CASE_FAKE);
    // ¾ and ¼ about their mean ½
    ck_assert_double_eq_tol(game_js_term(&game, 1.25, &which), 0.375 * log(1.5) + 0.125 * log(0.5),
                            1e-15);
    ck_assert(which == CASE_BOTH);
}
END_TEST

START_TEST(apart_at_any_distance) {
    for (double gap = 1e-6; gap < 2e6; gap *= 100) {
        const Game game = {law_triangle(0, 2), law_triangle(2 + gap, 2)};
        double js_of[CASE_COUNT];
        ck_assert_int_eq(game_js_by_case(&game, 1e-13, js_of), QUADRATURE_OK);
        ck_assert_double_eq_tol(js_of[CASE_REAL], M_LN2 / 2, 1e-13);
        ck_assert_double_eq_tol(js_of[CASE_FAKE], M_LN2 / 2, 1e-13);
        ck_assert(js_of[CASE_NEITHER] == 0 && js_of[CASE_BOTH] == 0);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("game");
    TCase *tests = tcase_create("game");
    tcase_add_test(tests, laws_by_hand);
    tcase_add_test(tests, laws_sampled);
    tcase_add_test(tests, best_of_gaussians);
    tcase_add_test(tests, best_of_uniforms);
    tcase_add_test(tests, constant_discriminator);
    tcase_add_test(tests, certain_and_wrong);
    tcase_add_test(tests, js_by_case);
    tcase_add_test(tests, js_term_by_hand);
    tcase_add_test(tests, apart_at_any_distance);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
