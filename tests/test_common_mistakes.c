// experiments/common_mistakes: without a mistake its update is the shared trainer's, bit by bit,
// and with one it is not; and its judge.
#include "experiments/common/trainer.h"

#define main common_mistakes_main
#include "experiments/common_mistakes.c"
#undef main

#include <check.h> // has a fail() of its own
#include <string.h>

static const Backend *backend;
static ToyData data;

static void set_up(void) {
    common.device = DEVICE_CPU, common.threads = 1;
    batch = 8, width = 6, look_points = 8, rate = 1e-2, lambda = 2;
    backend = trainer_backend();
    data = toy_data_open("ring8", NULL);
}

static void tear_down(void) {
    toy_data_free(&data);
    backend->close();
}

// Critic's weights after a few iterations of both players; NULL: by critic_update().
static real *weights_after(const Mistake *mistake, size_t *count) {
    ToyGanSettings chosen = settings_of(CORRECT, 3);
    ToyGan gan;
    toy_gan_build(&gan, backend, &data, &chosen);
    Wrong wrong = wrong_of(&gan, mistake ? *mistake : CORRECT);
    for (; gan.step < 3; gan.step++) {
        for (int64_t k = 0; k < 2; k++) {
            toy_gan_put_batch(&gan, k);
            if (mistake)
                update(&gan, &wrong);
            else
                critic_update(&gan.critic);
        }
        generator_update(&gan.generator, &gan.critic);
    }
    *count = gan.critic.net.weight_count;
    real *weights = allocate(*count, sizeof *weights);
    backend->download(weights, gan.critic.net.weights, *count * sizeof *weights);
    backend->free(wrong.t), backend->free(wrong.norms);
    toy_gan_free(&gan);
    return weights;
}

START_TEST(none_is_the_trainers) {
    size_t count;
    real *right = weights_after(NULL, &count);
    for (Mistake m = CORRECT; m < MISTAKES; m++) {
        if (m == SIGMOID_KEPT) continue; // is in the architecture
        real *got = weights_after(&m, &count);
        bool same = !memcmp(got, right, count * sizeof *got);
        ck_assert_msg(same == (m == CORRECT || m == ROOT_AT_ZERO), "%s", NAMES[m]);
        free(got);
    }
    free(right);
}
END_TEST

static Summary between(double low, double high) {
    return statistics_summary(2, (double[]){low, high});
}

// The mistake m alone has these W; all others those of the correct one.
static int costly_of(Mistake m, Summary early_w, Summary late_w, double first_zero) {
    Cost cost[MISTAKES];
    for (Mistake k = CORRECT; k < MISTAKES; k++)
        cost[k] = (Cost){between(1, 2), between(0.1, 0.2), between(1, 1), INFINITY};
    cost[m].early = early_w, cost[m].late = late_w, cost[m].first_zero = first_zero;
    return count_costly(cost);
}

START_TEST(costs_what) {
    Summary same_early = between(1, 2), same_late = between(0.1, 0.2);
    ck_assert_int_eq(costly_of(T_NORMAL, same_early, same_late, INFINITY), 0);
    ck_assert_int_eq(costly_of(T_NORMAL, between(2.1, 3), same_late, INFINITY), 1);
    ck_assert_int_eq(costly_of(T_NORMAL, same_early, between(0.21, 9e9), INFINITY), 1);
    ck_assert_int_eq(costly_of(T_NORMAL, between(1.9, 3), between(0.15, 0.9), INFINITY), 0);
    ck_assert_int_eq(costly_of(T_NORMAL, between(0.1, 0.2), between(0, 0.01), INFINITY), 0);
    ck_assert_int_eq(costly_of(ROOT_AT_ZERO, same_early, same_late, 7), 1);
    ck_assert_int_eq(costly_of(T_NORMAL, same_early, same_late, 7), 0);
    ck_assert_int_eq(verdict_on(7), HOLDS);
    ck_assert_int_eq(verdict_on(6), MIXED);
    ck_assert_int_eq(verdict_on(1), MIXED);
    ck_assert_int_eq(verdict_on(0), FAILS);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("common_mistakes");
    TCase *tcase = tcase_create("mistakes");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, none_is_the_trainers);
    tcase_add_test(tcase, costs_what);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
