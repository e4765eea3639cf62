// Tails: closed forms of the two distributions, the test and the index on samples made for them,
// and the noise model against what is known of a ratio of normals.
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "toy/noise_ratio.h"
#include "toy/rng.h"
#include "toy/tails.h"

enum { N = 20000 };
static double x[N];

START_TEST(distribution_functions) {
    ck_assert_double_eq_tol(cauchy_below(3, 3), 0.75, 1e-15);
    ck_assert_double_eq_tol(cauchy_below(-3, 3), 0.25, 1e-15);
    ck_assert_double_eq_tol(cauchy_below(1e12, 1), 1 - 1e-12 / M_PI, 1e-15);
    ck_assert_double_eq_tol(normal_below(0, 2), 0.5, 1e-15);
    ck_assert_double_eq_tol(normal_below(2 * 1.959963984540054, 2), 0.975, 1e-14);
    ck_assert_double_eq_tol(normal_below(-10, 1) / 7.61985302416052e-24, 1, 1e-12);
}
END_TEST

START_TEST(quantiles) {
    double y[] = {4, 1, 3, 2, 0};
    sort_ascending(5, y);
    for (int i = 0; i < 5; i++) ck_assert(y[i] == i);
    ck_assert(quantile(5, y, 0) == 0 && quantile(5, y, 0.5) == 2 && quantile(5, y, 1) == 4);
    ck_assert_double_eq_tol(quantile(5, y, 0.3), 1.2, 1e-15);
    ck_assert(quantile(1, y, 0.7) == 0);
}
END_TEST

// By hand. F(−1) = ¼, F(0) = ½, F(1) = ¾; F_n jumps at each point, and F may be ahead before the
// jump or behind after it.
START_TEST(distance_by_hand) {
    double above[] = {0, 1};    // before 0, F is ahead by ½
    double below[] = {-1, 0};   // from 0 on, F_n is ahead by ½
    double both[] = {-1, 0, 1}; // before −1 and from 1 on, by ¼
    ck_assert_double_eq_tol(kolmogorov_smirnov(2, above, cauchy_below, 1), sqrt(2) / 2, 1e-15);
    ck_assert_double_eq_tol(kolmogorov_smirnov(2, below, cauchy_below, 1), sqrt(2) / 2, 1e-15);
    ck_assert_double_eq_tol(kolmogorov_smirnov(3, both, cauchy_below, 1), sqrt(3) / 4, 1e-15);
}
END_TEST

// Inverse distribution functions of uniform numbers.
static void draw_cauchy(double scale) {
    Rng rng = rng_stream(31, 0);
    for (int i = 0; i < N; i++) x[i] = scale * tan(M_PI * (rng_uniform(&rng) - 0.5));
    sort_ascending(N, x);
}

START_TEST(test_tells_them_apart) {
    draw_cauchy(2);
    ck_assert_double_lt(kolmogorov_smirnov(N, x, cauchy_below, 2), 1.95);
    ck_assert_double_gt(kolmogorov_smirnov(N, x, cauchy_below, 2.2), 1.95);
    ck_assert_double_gt(kolmogorov_smirnov(N, x, normal_below, 2 / 0.6745), 5);
    Rng rng = rng_stream(32, 0);
    for (int i = 0; i < N; i++) x[i] = 3 * rng_normal(&rng);
    sort_ascending(N, x);
    ck_assert_double_lt(kolmogorov_smirnov(N, x, normal_below, 3), 1.95);
}
END_TEST

// Pareto: x = u^(−1/α) has P(X > x) = x^−α exactly.
START_TEST(index_of_pareto) {
    double alpha = (double[]){0.5, 1, 2, 4}[_i];
    Rng rng = rng_stream(33, (uint64_t)_i);
    for (int i = 0; i < N; i++) x[i] = pow(rng_uniform(&rng), -1 / alpha);
    sort_ascending(N, x);
    double index = hill_index(N, x, 2000);
    ck_assert_double_eq_tol(index / alpha, 1, 4 / sqrt(2000));
}
END_TEST

START_TEST(index_by_hand) {
    double y[] = {0.5, 1, M_E, M_E * M_E};
    ck_assert_double_eq_tol(hill_index(4, y, 2), 1 / 1.5, 1e-15);
    double same[] = {1, 1, 1};
    ck_assert(isinf(hill_index(3, same, 1)));
}
END_TEST

// r/ε is Cauchy with the ratio of the σ as its scale, and so is the mean of any number of them.
START_TEST(noise_on_d_is_cauchy) {
    NoiseModel model = {NOISE_ON_D, 0.5, 1.5, 0, (size_t[]){1, 16}[_i]};
    Rng rng = rng_stream(34, (uint64_t)_i);
    for (int i = 0; i < N; i++) x[i] = noise_update(&model, &rng);
    NoiseShape shape = noise_shape(&model, N, x);
    ck_assert_double_lt(shape.ks, 1.95);
    ck_assert_double_lt(shape.ks_fitted, 1.95);
    ck_assert_double_gt(shape.ks_normal, 5);
    ck_assert_double_eq_tol(shape.index, 1, 4 / sqrt(N / 100));
    for (int i = 1; i < N; i++) ck_assert(x[i] >= x[i - 1] && x[i - 1] >= 0);
}
END_TEST

// −(1 − D) r, here with D so near 0 that it is −r: normal, of variance σ²/batch.
START_TEST(noise_on_logits_is_normal) {
    NoiseModel model = {NOISE_ON_LOGIT, 0.5, 1.5, -40, 4};
    Rng rng = rng_stream(35, 0);
    for (int i = 0; i < N; i++) x[i] = noise_update(&model, &rng);
    sort_ascending(N, x);
    ck_assert_double_lt(kolmogorov_smirnov(N, x, normal_below, 0.75), 1.95);
    Rng twin = rng_stream(36, 0), again = twin;
    model = (NoiseModel){NOISE_ON_LOGIT, 1e-9, 1, 1, 1};
    rng_normal(&twin);
    double slope = rng_normal(&twin);
    ck_assert_double_eq_tol(noise_update(&model, &again), -slope / (1 + M_E), 1e-8);
}
END_TEST

START_TEST(means_settle_or_not) {
    Settling cauchy, normal;
    NoiseModel model = {NOISE_ON_D, 1, 1, 0, 1};
    ck_assert_int_eq(noise_settling(&cauchy, &model, 37, 0, 400, 10, 1000), 0);
    model.place = NOISE_ON_LOGIT, model.level = -40;
    ck_assert_int_eq(noise_settling(&normal, &model, 37, 1000, 400, 10, 1000), 0);
    // quartiles of the mean: of a Cauchy ±1 for any number of draws; of a normal 1.349/√draws
    ck_assert_double_eq_tol(cauchy.few_spread, 2, 0.6);
    ck_assert_double_eq_tol(cauchy.many_spread, 2, 0.6);
    ck_assert_double_eq_tol(normal.few_spread, 1.349 / sqrt(10), 0.1);
    ck_assert_double_eq_tol(normal.many_spread, 1.349 / sqrt(1000), 0.01);
    ck_assert_double_gt(cauchy.growth, 20);
    ck_assert_double_eq_tol(normal.growth, 1, 0.2);
}
END_TEST

int main(void) {
    TCase *tails = tcase_create("tails"), *noise = tcase_create("noise");
    tcase_add_test(tails, distribution_functions);
    tcase_add_test(tails, quantiles);
    tcase_add_test(tails, distance_by_hand);
    tcase_add_test(tails, test_tells_them_apart);
    tcase_add_loop_test(tails, index_of_pareto, 0, 4);
    tcase_add_test(tails, index_by_hand);
    tcase_add_loop_test(noise, noise_on_d_is_cauchy, 0, 2);
    tcase_add_test(noise, noise_on_logits_is_normal);
    tcase_add_test(noise, means_settle_or_not);
    Suite *suite = suite_create("tails");
    suite_add_tcase(suite, tails);
    suite_add_tcase(suite, noise);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
