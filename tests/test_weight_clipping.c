// The judges of experiments/weight_clipping, fed with what runs might have come to, and its shapes
// against numbers worked out by hand.
#include "experiments/common/trainer.h"

#define main weight_clipping_main
#include "experiments/weight_clipping.c"
#undef main

#include <check.h> // has a fail() of its own

START_TEST(shape) {
    const double two[] = {0.5, -0.5, 0.5, -0.5}, zero[] = {0.5, -0.5, 0.5, 0.5};
    WeightShape s = shape_of(4, two, two, 0.5);
    ck_assert(s.at_bound == 1 && s.kurtosis == 1 && s.moved == 0);
    s = shape_of(4, two, zero, 1);
    ck_assert(s.at_bound == 0 && s.moved == 1); // one of four, by 1
    double box[1000], bell[1000];
    for (int i = 0; i < 1000; i++) box[i] = (i + 0.5) / 500 - 1, bell[i] = atanh(box[i]);
    ck_assert_double_eq_tol(shape_of(1000, box, box, 0.9).at_bound, 0.11, 2e-3);
    ck_assert_double_eq_tol(shape_of(1000, box, box, 0).kurtosis, 1.8, 1e-3);
    ck_assert_double_eq_tol(shape_of(1000, bell, bell, 0).kurtosis, 4.2, 0.2); // logistic
    ck_assert(isnan(shape_of(4, two, two, 0).at_bound));
}
END_TEST

static Verdict bound_of(double alive, double dead, double least, double most) {
    return verdict_bound(&(Tightness){{0.1, alive}, {0, dead}, {least, most}});
}

START_TEST(bound) {
    ck_assert_int_eq(bound_of(0.5, 1e-9, 1, 1), HOLDS);
    ck_assert_int_eq(bound_of(1, 1e-9, 0.99999, 1.00001), HOLDS);
    ck_assert_int_eq(bound_of(1.01, 1e-9, 1, 1), FAILS);
    ck_assert_int_eq(bound_of(0.5, 1.01, 1, 1), FAILS);
    ck_assert_int_eq(bound_of(0.5, 1e-9, 0.9, 1), FAILS);
    ck_assert_int_eq(bound_of(0.5, 1e-9, 1, 1.1), FAILS);
    ck_assert_int_eq(bound_of(0, 0, 0, 0), FAILS);
    Tightness dead_only = {RANGE_EMPTY, {0, 1e-9}, {1, 1}};
    ck_assert_int_eq(verdict_bound(&dead_only), HOLDS);
}
END_TEST

static void fill(Outcome outcome[KINDS], double faces, double moved, double kurtosis,
                 double penalty_moved) {
    outcome[CLIPPED_BOX] = (Outcome){.most = {faces, 0.9}, .moved = {moved, moved}};
    outcome[PENALISED_UNIFORM] =
        (Outcome){.kurtosis = {kurtosis, 3}, .moved = {penalty_moved, penalty_moved}};
}

static Verdict shapes_of(double faces, double moved, double kurtosis, double penalty_moved) {
    Outcome outcome[2][KINDS] = {0};
    fill(outcome[0], 0.5, 1, 2.9, 1);
    fill(outcome[1], faces, moved, kurtosis, penalty_moved);
    return verdict_shapes(2, outcome);
}

START_TEST(shapes_judged) {
    ck_assert_int_eq(shapes_of(0.2, 1, 2.8, 1), HOLDS);
    ck_assert_int_eq(shapes_of(0.05, 1, 2.8, 1), MIXED);
    ck_assert_int_eq(shapes_of(0.2, 1, 1.8, 1), MIXED);
    ck_assert_int_eq(shapes_of(0.05, 1, 1.8, 1), FAILS);
    // the dead do not count, on either side
    ck_assert_int_eq(shapes_of(0, 1e-6, 2.8, 1), HOLDS);
    ck_assert_int_eq(shapes_of(0.2, 1, 1.8, 1e-6), HOLDS);
    // but they alone show nothing
    Outcome dead[1][KINDS] = {0};
    fill(dead[0], 0.9, 1e-6, 3, 1e-6);
    ck_assert_int_eq(verdict_shapes(1, dead), FAILS);
    fill(dead[0], 0.9, 1e-6, 3, 1);
    ck_assert_int_eq(verdict_shapes(1, dead), MIXED);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("weight_clipping");
    TCase *tcase = tcase_create("judges");
    tcase_add_test(tcase, shape);
    tcase_add_test(tcase, bound);
    tcase_add_test(tcase, shapes_judged);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
