// log(1 − σ(f)) against long double, and where it breaks down as written against what the exponent
// and the digits of float and double say.
#include <check.h>
#include <math.h>

#include "toy/log_loss.h"

START_TEST(the_stable_formula_in_long_double) {
    for (double f = -600; f <= 600; f += 0.37) {
        long double e = expl((long double)f), value = -log1pl(e), slope = -e / (1 + e);
        LogLoss l = log_loss_stable(f);
        ck_assert_double_eq_tol(log_one_plus_exp(f) / (double)-value, 1, 1e-14);
        ck_assert_double_eq_tol(l.value / (double)value, 1, 1e-14);
        ck_assert_double_eq_tol(l.slope / (double)slope, 1, 1e-14);
    }
    ck_assert(log_one_plus_exp(1e308) == 1e308 && log_one_plus_exp(-1e308) == 0);
    ck_assert(log_loss_stable(1e308).value == -1e308 && log_loss_stable(1e308).slope == -1);
    ck_assert(log_loss_stable(-1e308).value == 0 && log_loss_stable(-1e308).slope == 0);
}
END_TEST

START_TEST(the_formulas_agree_near_zero) {
    for (double f = -4; f <= 4; f += 0.31) {
        LogLoss exact = log_loss_stable((float)f), single = log_loss_naive_float((float)f),
                twice = log_loss_naive_double((float)f);
        ck_assert_double_eq_tol(single.value / exact.value, 1, 1e-5);
        ck_assert_double_eq_tol(single.slope / exact.slope, 1, 1e-5);
        ck_assert_double_eq_tol(twice.value / exact.value, 1, 1e-13);
        ck_assert_double_eq_tol(twice.slope / exact.slope, 1, 1e-13);
        ck_assert(single.value != twice.value);
    }
}
END_TEST

START_TEST(where_the_written_formula_breaks) {
    LogLossBreaks single = log_loss_breaks(log_loss_naive_float),
                  twice = log_loss_breaks(log_loss_naive_double);
    ck_assert_double_eq_tol(single.zero_value, -17.3287, 2e-3); // −25 log 2
    ck_assert_double_eq_tol(single.zero_slope, -44.3614, 2e-3); // −64 log 2
    ck_assert_double_eq_tol(single.nan_slope, -88.7228, 2e-3);  // −128 log 2
    ck_assert_double_eq_tol(single.infinite, 16.6355, 2e-3);    // 24 log 2
    ck_assert_double_eq_tol(twice.zero_value, -37.4299, 2e-3);
    ck_assert_double_eq_tol(twice.zero_slope, -354.8914, 2e-3);
    ck_assert_double_eq_tol(twice.nan_slope, -709.7827, 2e-3);
    ck_assert_double_eq_tol(twice.infinite, 36.7368, 2e-3);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("log_loss");
    TCase *tc = tcase_create("log_loss");
    suite_add_tcase(suite, tc);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, the_stable_formula_in_long_double);
    tcase_add_test(tc, the_formulas_agree_near_zero);
    tcase_add_test(tc, where_the_written_formula_breaks);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
