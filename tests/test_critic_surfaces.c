// The judges of experiments/critic_surfaces, fed with what runs might have come to, and the way of
// the transport where it is known.
#include "experiments/common/trainer.h"

#define main critic_surfaces_main
#include "experiments/critic_surfaces.c"
#undef main

#include <check.h> // has a fail() of its own

static Verdict direction_of(double a, double b, double c) {
    Summary clipped[] = {statistics_summary(2, (double[]){a, 0.99}),
                         statistics_summary(1, (double[]){b}),
                         statistics_summary(1, (double[]){c})};
    return verdict_direction(clipped, (double[]){0.9, 0.8, 1});
}

START_TEST(direction) {
    ck_assert_int_eq(direction_of(0.86, 0.77, 0.96), HOLDS);
    ck_assert_int_eq(direction_of(0.84, 0.77, 0.96), MIXED);
    ck_assert_int_eq(direction_of(0.86, 0.75, 0.94), MIXED);
    ck_assert_int_eq(direction_of(0.4, 0.4, 0.4), FAILS);
    ck_assert_int_eq(direction_of(-0.99, -0.99, -0.99), FAILS);
}
END_TEST

START_TEST(simplicity) {
    ck_assert_int_eq(verdict_simplicity(6, 0), HOLDS);
    ck_assert_int_eq(verdict_simplicity(5, 0), MIXED);
    ck_assert_int_eq(verdict_simplicity(3, 2), MIXED);
    ck_assert_int_eq(verdict_simplicity(3, 3), FAILS);
    ck_assert_int_eq(verdict_simplicity(0, 0), FAILS);
}
END_TEST

// Real points to the right of the generated ones: the way is to the right, whichever the plan.
START_TEST(way) {
    points = 2;
    double real_side[] = {3, 0, 4, 0}, fake_side[] = {0, 0, 1, 0}, ways[4] = {0};
    Judge judge = {real_side, fake_side, ways, 0, 0};
    Transport t = solve(real_side, fake_side);
    find_way(&judge, &t);
    ck_assert_double_eq_tol(t.value, 3, 1e-12);
    for (int i = 0; i < 2; i++)
        ck_assert(fabs(ways[2 * i] - 0.5) < 1e-12 && fabs(ways[2 * i + 1]) < 1e-12);
    transport_free(&t);
    ck_assert_double_eq_tol(cosine_of((double[]){2, 0}, (double[]){3, 3}), M_SQRT1_2, 1e-15);
    ck_assert_double_eq_tol(cosine_of((double[]){2, 0}, (double[]){-1, 0}), -1, 1e-15);
    ck_assert(cosine_of((double[]){0, 0}, (double[]){3, 3}) == 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("critic_surfaces");
    TCase *tcase = tcase_create("judges");
    tcase_add_test(tcase, direction);
    tcase_add_test(tcase, simplicity);
    tcase_add_test(tcase, way);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
