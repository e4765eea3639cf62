// Against numbers worked out by hand and, for ties, by a few lines of Python.
#include <check.h>
#include <math.h>

#include "toy/statistics.h"

START_TEST(summary) {
    const double x[] = {2, 4, 4, 4, 5, 5, 7, 9};
    Summary s = statistics_summary(8, x);
    ck_assert_double_eq_tol(s.mean, 5, 1e-15);
    ck_assert_double_eq_tol(summary_deviation(&s), sqrt(32. / 7), 1e-15);
    ck_assert(s.low == 2 && s.high == 9);
    s = statistics_summary(1, x);
    ck_assert(s.mean == 2 && summary_deviation(&s) == 0 && s.low == 2 && s.high == 2);
}
END_TEST

START_TEST(ranges) {
    Range r = RANGE_EMPTY;
    range_join(&r, RANGE_EMPTY);
    ck_assert(r.low > r.high);
    range_widen(&r, 2), range_join(&r, (Range){-1, 1}), range_join(&r, RANGE_EMPTY);
    ck_assert(r.low == -1 && r.high == 2);
}
END_TEST

START_TEST(compare) {
    const double low[] = {1, 2}, high[] = {3, 1e6}, across[] = {1.5, 4}, touching[] = {2, 3};
    Summary a = statistics_summary(2, low), b = statistics_summary(2, high), none = {0};
    ck_assert_int_eq(summary_compare(&a, &b), -1);
    ck_assert_int_eq(summary_compare(&b, &a), 1);
    ck_assert_int_eq(summary_compare(&a, &a), 0);
    Summary c = statistics_summary(2, across), d = statistics_summary(2, touching);
    ck_assert_int_eq(summary_compare(&a, &c), 0);
    ck_assert_int_eq(summary_compare(&c, &b), 0);
    ck_assert_int_eq(summary_compare(&a, &d), 0);
    ck_assert_int_eq(summary_compare(&d, &a), 0);
    ck_assert_int_eq(summary_compare(&none, &b), 0);
    ck_assert_int_eq(summary_compare(&b, &none), 0);
}
END_TEST

START_TEST(rank_correlation) {
    const double x[] = {1, 2, 3, 4, 5}, cubes[] = {-1, 8, 27, 64, 125}, down[] = {9, 7, 5, 3, -1};
    const double mixed[] = {2, 1, 4, 3, 5}; // 1 − 6·4/(5·24)
    const double ties[] = {1, 1, 2, 3, 3}, flat[] = {7, 7, 7, 7, 7};
    ck_assert_double_eq_tol(statistics_rank_correlation(5, x, cubes), 1, 1e-15);
    ck_assert_double_eq_tol(statistics_rank_correlation(5, x, down), -1, 1e-15);
    ck_assert_double_eq_tol(statistics_rank_correlation(5, x, mixed), 0.8, 1e-15);
    ck_assert_double_eq_tol(statistics_rank_correlation(5, x, ties), 0.9486832980505138, 1e-15);
    ck_assert_double_eq_tol(statistics_rank_correlation(5, mixed, ties), 0.7905694150420948, 1e-15);
    ck_assert(isnan(statistics_rank_correlation(5, x, flat)));
}
END_TEST

START_TEST(norm_and_centre) {
    double x[] = {3, 1, 4, 5, 5, -3};
    ck_assert_double_eq_tol(statistics_norm(2, x + 3), sqrt(50), 1e-15);
    statistics_centre(3, 2, x); // columns (3, 4, 5) and (1, 5, −3)
    const double expected[] = {-1, 0, 0, 4, 1, -4};
    for (int k = 0; k < 6; k++) ck_assert_double_eq_tol(x[k], expected[k], 1e-15);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("statistics");
    TCase *tcase = tcase_create("statistics");
    tcase_add_test(tcase, summary);
    tcase_add_test(tcase, ranges);
    tcase_add_test(tcase, compare);
    tcase_add_test(tcase, rank_correlation);
    tcase_add_test(tcase, norm_and_centre);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
