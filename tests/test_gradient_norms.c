// The judges of experiments/gradient_norms, fed with what runs might have come to.
#include "experiments/common/trainer.h"

#define main gradient_norms_main
#include "experiments/gradient_norms.c"
#undef main

#include <check.h> // has a fail() of its own

static Trained ended(double start, double w) {
    return (Trained){.start = start, .w = w};
}

START_TEST(half_of_the_way) {
    Trained penalised = ended(1.5, 0.5);
    ck_assert(trains(ended(1.5, 1), penalised));
    ck_assert(!trains(ended(1.5, 1.0625), penalised));
    ck_assert(trains(ended(1.5, 0.25), penalised));
    ck_assert(!trains(ended(1.5, 2), penalised));
    // a penalty that trains nothing is no measure
    ck_assert(!trains(ended(1.5, 1.5), ended(1.5, 1.5)));
    ck_assert(!trains(ended(1.5, 1.5), ended(1.5, 1.75)));
}
END_TEST

START_TEST(decades) {
    double at[] = {0.01, 0.1, 1};
    scan_bounds = (Reals){3, at};
    const char *list;
    Trained penalised = ended(1.5, 0.5), still = ended(1.5, 1.5), good = ended(1.5, 0.6);
    ck_assert_double_eq_tol(workable_decades((Trained[]){good, good, still}, penalised, &list), 1,
                            1e-12);
    ck_assert_str_eq(list, "0.01, 0.1");
    ck_assert_double_eq_tol(workable_decades((Trained[]){good, still, good}, penalised, &list), 2,
                            1e-12);
    ck_assert(workable_decades((Trained[]){still, still, good}, penalised, &list) == 0);
    ck_assert(isnan(workable_decades((Trained[]){still, still, still}, penalised, &list)));
    ck_assert_str_eq(list, "");
}
END_TEST

START_TEST(range) {
    ck_assert_int_eq(verdict_range(2, (double[]){0, 1}), HOLDS);
    ck_assert_int_eq(verdict_range(2, (double[]){0, 1.5}), MIXED);
    ck_assert_int_eq(verdict_range(2, (double[]){2, 3}), FAILS);
    ck_assert_int_eq(verdict_range(2, (double[]){0, NAN}), MIXED);
    ck_assert_int_eq(verdict_range(1, (double[]){NAN}), FAILS);
}
END_TEST

static Verdict depth_of(double clipped_low, double clipped_high, double penalised) {
    DepthSeen seen = {.exponential = true, .penalty = {INFINITY, -INFINITY}, .clipped = ""};
    Slopes steep = {{-1, -1}, {-1, -1}, -1};
    Slopes other = {{0, 0}, {clipped_low, clipped_high}, 0.25};
    Slopes level = {{0, 0}, {penalised, 0}, 0};
    remember(&seen, 0.01, BEGIN_HE, steep);
    remember(&seen, 0.1, BEGIN_BOX, other);
    remember(&seen, 0, BEGIN_HE, level);
    ck_assert(seen.error == 0.25);
    return verdict_depth(&seen);
}

START_TEST(exponential_or_level) {
    ck_assert_int_eq(depth_of(0.2, 0.4, 0.05), HOLDS);
    ck_assert_int_eq(depth_of(-0.4, -0.2, -0.05), HOLDS);
    ck_assert_int_eq(depth_of(-0.2, 0.2, 0.05), MIXED);
    ck_assert_int_eq(depth_of(0.05, 0.4, 0.05), MIXED);
    ck_assert_int_eq(depth_of(0.2, 0.4, 0.2), MIXED);
    ck_assert_int_eq(depth_of(0.2, 0.4, -0.2), MIXED);
    ck_assert_int_eq(depth_of(-0.05, 0.05, -0.2), FAILS);
}
END_TEST

// norm[l] is a power of ten per layer, towards the input smaller.
START_TEST(least_squares) {
    ck_assert_double_eq_tol(decades_per_layer(4, (double[]){9, 1e-3, 1e-2, 1e-1}), -1, 1e-12);
    ck_assert_double_eq_tol(decades_per_layer(3, (double[]){9, 100, 1}), 2, 1e-12);
    ck_assert(decades_per_layer(3, (double[]){9, 0, 1}) == -INFINITY);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("gradient_norms");
    TCase *tcase = tcase_create("judges");
    tcase_add_test(tcase, half_of_the_way);
    tcase_add_test(tcase, decades);
    tcase_add_test(tcase, range);
    tcase_add_test(tcase, exponential_or_level);
    tcase_add_test(tcase, least_squares);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
