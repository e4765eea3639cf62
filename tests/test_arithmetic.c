// The generator's gradient by other arithmetic: plain loops in double find the library's, and what
// is changed in it; the loss's own slope gives its norm back.
#include "experiments/common/arithmetic.h"
#include "nets/net.h"
#include "toy/log_loss.h"
#include "toy/rng.h"

#include <check.h>
#include <stdlib.h>

enum { BATCH = 24 };
static const Backend *backend;
static Critic critic;
static Generator generator;

static double stable(double f) {
    return log_loss_stable(f).slope;
}

static double twice(double f) {
    return 2 * log_loss_stable(f).slope;
}

static void open_game(void) {
    CriticSettings c = {.architecture = "input 2; linear 9 leaky 0.2; linear 7 leaky 0.1; linear 1",
                        .loss = GAN,
                        .init = INIT_HE_NORMAL,
                        .rule = rule_default(RULE_ADAM, 1e-2),
                        .batch = BATCH};
    GeneratorSettings g = {.architecture = "input 3; linear 11 leaky 0.2; linear 2",
                           .init = INIT_HE_NORMAL,
                           .rule = rule_default(RULE_ADAM, 1e-2),
                           .batch = BATCH};
    Error error;
    ck_assert_msg(cpu_open(&backend, 1, &error) == 0, "%s", error.text);
    critic_build(&critic, backend, &c, 3);
    generator_build(&generator, backend, &g, 3);
    Rng rng = rng_stream(3, 0);
    double rows[BATCH][2];
    for (int step = 0; step < 20; step++) { // so that biases are not 0
        for (int i = 0; i < BATCH; i++)
            rows[i][0] = 2 + rng_normal(&rng), rows[i][1] = rng_normal(&rng);
        critic_put_real(&critic, &rows[0][0]);
        generator_put_fake(&generator, &critic);
        critic_update(&critic);
        generator_update(&generator, &critic);
    }
    generator_slope(&generator, &critic);
}

static void close_game(void) {
    critic_free(&critic);
    generator_free(&generator);
    backend->close();
}

START_TEST(plain_loops_find_the_same_gradient) {
    double rounding = gradient_rounding(&generator, &critic);
    ck_assert_double_lt(rounding, sizeof(real) == 4 ? 1e-5 : 1e-13);
    if (sizeof(real) == 4) ck_assert_double_gt(rounding, 1e-12);
}
END_TEST

START_TEST(a_wrong_gradient_is_seen) {
    Net *net = &generator.net;
    size_t count = net->weight_count;
    double *host = allocate(count, sizeof *host);
    real *changed = allocate(count, sizeof *changed);
    device_numbers(net, count, net->gradients, host);
    for (size_t i = 0; i < count; i++) changed[i] = (real)(1.01 * host[i]);
    backend->upload(net->gradients, changed, count * sizeof *changed);
    ck_assert_double_eq_tol(gradient_rounding(&generator, &critic), 0.01, 1e-4);
    for (size_t i = 0; i < count; i++) changed[i] = (real)-host[i];
    backend->upload(net->gradients, changed, count * sizeof *changed);
    ck_assert_double_eq_tol(gradient_rounding(&generator, &critic), 2, 1e-4);
    free(host), free(changed);
}
END_TEST

START_TEST(the_losses_own_slope_gives_its_norm) {
    double norm = gradient_norm(&generator.net);
    ck_assert_double_gt(norm, 1e-3);
    ck_assert_double_eq_tol(gradient_norm_by(&generator, &critic, stable) / norm, 1, 1e-5);
    ck_assert_double_eq_tol(gradient_norm_by(&generator, &critic, twice) / norm, 2, 1e-5);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("arithmetic");
    TCase *tc = tcase_create("arithmetic");
    suite_add_tcase(suite, tc);
    tcase_add_checked_fixture(tc, open_game, close_game);
    tcase_add_test(tc, plain_loops_find_the_same_gradient);
    tcase_add_test(tc, a_wrong_gradient_is_seen);
    tcase_add_test(tc, the_losses_own_slope_gives_its_norm);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
