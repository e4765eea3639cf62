// A linear critic, of which everything is known, on two fixed clouds.
#include "experiments/common/fit.h" // before Check, which has a macro `fail`
#include "experiments/common/state.h"
#include "nets/net.h"
#include "toy/clouds.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

static const double K = 4, LAMBDA = 3; // asked for: LAMBDA·(‖∇f‖ − K)²

static void build(Critic *critic, double rate) {
    const Backend *backend;
    Error error;
    ck_assert_int_eq(backend_open(&backend, DEVICE_CPU, 1, PRECISION_FULL, &error), 0);
    CriticSettings s = {.architecture = "input 2; linear 1",
                        .loss = GAN_WASSERSTEIN_GP,
                        .penalty = {.lambda = LAMBDA * K * K},
                        .init = INIT_HE_UNIFORM,
                        .rule = rule_default(RULE_SGD, rate),
                        .batch = 16};
    critic_build(critic, backend, &s, 1);
}

static Pair clouds(double shift) {
    Pair pair;
    Rng rng = rng_stream(1, 1);
    Law x = {LAW_NORMAL, shift, 0.1}, y = {LAW_NORMAL, 0, 0.1};
    ck_assert_int_eq(pair_draw(&pair, 2, &x, &y, false, 40, &rng), 0);
    return pair;
}

START_TEST(look_answers_in_the_unit_of_the_data) {
    Critic critic;
    double at[3][2] = {{0, 0}, {1, 0}, {0.5, 2}}, f[3], slope[3][2], near[3], plain[3][2];
    build(&critic, 0);
    critic_look(&critic, K, 3, at[0], f, slope[0]);
    critic_look(&critic, 1, 3, at[0], near, plain[0]);
    ck_assert_double_eq_tol(f[1] - f[0], slope[0][0], 1e-5);
    ck_assert_double_eq_tol(f[2] - f[0], 0.5 * slope[2][0] + 2 * slope[2][1], 1e-5);
    ck_assert_double_eq_tol(f[1] - f[0], K * (near[1] - near[0]), 1e-5);
    ck_assert_double_eq_tol(slope[1][1], K * plain[1][1], 1e-5);
    critic_free(&critic);
}
END_TEST

START_TEST(heights_by_hand) {
    Critic critic;
    Pair pair = clouds(1);
    const Potential *p = &pair.potential;
    double zero[2] = {0, 0}, w[2], mean = 0, square = 0, steepest = 0;
    build(&critic, 0);
    critic_look(&critic, K, 1, zero, NULL, w);
    Heights h = critic_heights(&critic, K, p);
    for (size_t i = 0; i < 40; i++) {
        double rise =
            w[0] * (p->x[2 * i] - p->y[2 * i]) + w[1] * (p->x[2 * i + 1] - p->y[2 * i + 1]);
        mean += rise / 40;
        for (size_t j = 0; j < 40; j++) {
            double d0 = p->x[2 * i] - p->y[2 * j], d1 = p->x[2 * i + 1] - p->y[2 * j + 1];
            steepest = fmax(steepest, fabs(w[0] * d0 + w[1] * d1) / hypot(d0, d1));
        }
    }
    // both sides vary by ‖w‖·0.1 along w
    square = 2 * pow(hypot(w[0], w[1]) * 0.1, 2) / 40;
    ck_assert_double_eq_tol(h.value, mean, 1e-5);
    ck_assert_double_eq_tol(h.lipschitz, steepest, 1e-4);
    ck_assert_double_eq_tol(h.error / sqrt(square), 1, 0.25);
    ck_assert_double_le(h.value / h.lipschitz, p->t.value);
    critic_free(&critic), pair_free(&pair);
}
END_TEST

// λK² and the zoom make the library's penalty the one with norm K.
START_TEST(zoom_asks_for_norm_k) {
    Critic critic;
    Pair pair = clouds(1);
    Rng rng = rng_stream(2, 1);
    double zero[2] = {0, 0}, w[2];
    build(&critic, 0); // nothing moves
    critic_look(&critic, K, 1, zero, NULL, w);
    critic_fit(&critic, &pair.potential, K, 1, &rng);
    double norm = hypot(w[0], w[1]), asked = LAMBDA * pow(norm - K, 2);
    ck_assert_double_eq_tol(critic_losses(&critic).penalty / asked, 1, 1e-4);
    critic_free(&critic), pair_free(&pair);
}
END_TEST

// The best linear critic has its slope K + W/(2λ) along the shift.
START_TEST(fit_finds_the_best_slope) {
    Critic critic;
    Pair pair = clouds(1);
    Rng rng = rng_stream(3, 1);
    double zero[2] = {0, 0}, w[2], gap = 0;
    for (int i = 0; i < 40; i++) gap += (pair.x[2 * i] - pair.y[2 * i]) / 40;
    build(&critic, 2e-3);
    critic_fit(&critic, &pair.potential, K, 3000, &rng);
    critic_look(&critic, K, 1, zero, NULL, w);
    ck_assert_double_eq_tol(w[0], K + gap / (2 * LAMBDA), 0.03);
    ck_assert_double_eq_tol(w[1], 0, 0.3);
    critic_free(&critic), pair_free(&pair);
}
END_TEST

START_TEST(a_critic_that_is_not_finite) {
    Critic critic;
    double f, far[2] = {INFINITY, 0};
    build(&critic, 0);
    critic_look(&critic, K, 1, far, &f, NULL);
}
END_TEST

START_TEST(a_slope_that_is_not_finite) {
    Critic critic;
    double slope[2], zero[2] = {0, 0};
    build(&critic, INFINITY);
    critic_put_real(&critic, (double[32]){1}), critic_put_fake(&critic, (double[32]){0});
    critic_update(&critic);
    critic_look(&critic, K, 1, zero, NULL, slope);
}
END_TEST

int main(void) {
    program = &(const Program){.name = "test_fit"}; // whose name fail() prints
    TCase *cases = tcase_create("linear critic");
    tcase_add_test(cases, look_answers_in_the_unit_of_the_data);
    tcase_add_test(cases, heights_by_hand);
    tcase_add_test(cases, zoom_asks_for_norm_k);
    tcase_add_test(cases, fit_finds_the_best_slope);
    tcase_add_exit_test(cases, a_critic_that_is_not_finite, EXIT_NONFINITE);
    tcase_add_exit_test(cases, a_slope_that_is_not_finite, EXIT_NONFINITE);
    Suite *suite = suite_create("fit");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
