// The judges of experiments/penalty_variants, fed with what runs might have come to.
#include "experiments/common/trainer.h"

#define main penalty_variants_main
#include "experiments/penalty_variants.c"
#undef main

#include <check.h> // has a fail() of its own

static Trained ended(double low, double high) {
    return (Trained){.w = statistics_summary(2, (double[]){low, high})};
}

START_TEST(sides) {
    Trained low = ended(1, 2), high = ended(3, 4), across = ended(1.5, 3.5);
    ck_assert_int_eq(verdict_sides(2, (Trained[]){low, low}, (Trained[]){high, across}), HOLDS);
    ck_assert_int_eq(verdict_sides(2, (Trained[]){low, high}, (Trained[]){high, low}), MIXED);
    ck_assert_int_eq(verdict_sides(2, (Trained[]){high, low}, (Trained[]){low, across}), FAILS);
    ck_assert_int_eq(verdict_sides(2, (Trained[]){low, low}, (Trained[]){across, low}), FAILS);
}
END_TEST

START_TEST(lambda_ten) {
    Trained low = ended(1, 2), high = ended(3, 4), across = ended(1.5, 3.5);
    ck_assert_int_eq(verdict_lambda(3, (Trained[]){high, low, high}), FAILS);
    ck_assert_int_eq(verdict_lambda(3, (Trained[]){high, low, across}), HOLDS);
    ck_assert_int_eq(verdict_lambda(3, (Trained[]){high, high, low}), HOLDS);
    ck_assert_int_eq(verdict_lambda(3, (Trained[]){low, low, ended(2.5, 9e9)}), FAILS);
    ck_assert_uint_eq(best_weight(3, (Trained[]){high, low, across}), 1);
}
END_TEST

START_TEST(overshoots) {
    ck_assert_int_eq(verdict_overshoot(0.05, 3, 0), HOLDS);
    ck_assert_int_eq(verdict_overshoot(0.06, 3, 0), MIXED);
    ck_assert_int_eq(verdict_overshoot(0.01, 0, 0), MIXED);
    ck_assert_int_eq(verdict_overshoot(0.01, 3, 1), MIXED);
    ck_assert_int_eq(verdict_overshoot(0.06, 0, 0), FAILS);
    ck_assert_int_eq(verdict_overshoot(0.06, 3, 1), FAILS);
}
END_TEST

START_TEST(locking) {
    Wrong never = {0, 0, 0}, at_times = {0.3, 0, 0}, at_the_end = {0.3, 2, 0}, fixed = {0, 0, 1};
    ck_assert_int_eq(verdict_locking(at_the_end, never, 1), HOLDS);
    ck_assert_int_eq(verdict_locking(fixed, never, 0), HOLDS);
    ck_assert_int_eq(verdict_locking(at_the_end, never, 0), MIXED);
    ck_assert_int_eq(verdict_locking(at_times, never, 0), MIXED);
    ck_assert_int_eq(verdict_locking(at_the_end, at_times, 1), MIXED);
    ck_assert_int_eq(verdict_locking(at_the_end, fixed, 0), FAILS);
    ck_assert_int_eq(verdict_locking(at_times, at_times, 0), FAILS);
    ck_assert_int_eq(verdict_locking(never, never, 0), FAILS);
    ck_assert_int_eq(verdict_locking(never, at_times, 0), FAILS);
}
END_TEST

// Only weights from HEAVY on count.
START_TEST(heavy_ones) {
    lambdas = (Reals){3, (double[]){1, 10, 20}};
    trained[0][0] = (Trained){.upside_down = 1, .wrong = 8};
    trained[0][1] = (Trained){.upside_down = 0.25, .wrong = 2};
    trained[0][2] = (Trained){.upside_down = 0.75, .wrong = 1};
    Wrong wrong = wrong_of(0, 5);
    ck_assert(wrong.upside_down == 0.5 && wrong.ended == 3 && wrong.fixed == 5);
    wrong = wrong_of(1, 0);
    ck_assert(wrong.upside_down == 0 && wrong.ended == 0 && wrong.fixed == 0);
    lambdas.count = 1;
    ck_assert(wrong_of(0, 0).upside_down == 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("penalty_variants");
    TCase *tcase = tcase_create("judges");
    tcase_add_test(tcase, sides);
    tcase_add_test(tcase, lambda_ten);
    tcase_add_test(tcase, overshoots);
    tcase_add_test(tcase, locking);
    tcase_add_test(tcase, heavy_ones);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
