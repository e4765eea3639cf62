// The sliced distance against values known in closed form, and against transport on the line.
#include "toy/sliced.h"
#include "toy/transport.h"

#include <check.h>
#include <math.h>

static double sliced(size_t directions, size_t dim, size_t n, const double *x, const double *a,
                     size_t m, const double *y, const double *b) {
    Rng rng = rng_stream(7, 1);
    double value = NAN;
    ck_assert_int_eq(sliced_wasserstein(&value, &rng, directions, dim, n, x, a, m, y, b), 0);
    return value;
}

// Moving a point by a vector of length 1 moves its projection by |<e, f>|, whose mean over the
// sphere is Γ(d/2) / (√π Γ((d+1)/2)).
START_TEST(one_point_in_any_dimension) {
    size_t dim = (size_t)_i + 1;
    double zero[6] = {0}, unit[6] = {0};
    for (size_t k = 0; k < dim; k++) unit[k] = 1 / sqrt((double)dim);
    double d = (double)dim, expected = tgamma(d / 2) / (sqrt(M_PI) * tgamma((d + 1) / 2));
    double value = sliced(40000, dim, 1, zero, NULL, 1, unit, NULL);
    ck_assert_double_eq_tol(value, expected, dim == 1 ? 1e-15 : 4 * 0.4 / sqrt(40000));
}
END_TEST

START_TEST(on_a_line_it_is_transport) {
    double x[] = {3, -1, 0.5, 0.5}, a[] = {1, 2, 0.5, 3}, y[] = {2, 7, -4}, b[] = {1, 1, 0.25};
    Transport t;
    ck_assert_int_eq(transport_solve(&t, COST_L2, 1, 4, x, a, 3, y, b), 0);
    ck_assert_double_eq_tol(sliced(5, 1, 4, x, a, 3, y, b), t.value, 1e-13);
    transport_free(&t);
}
END_TEST

START_TEST(below_the_full_distance_and_symmetric) {
    double x[20], y[30], a[10], b[15];
    Rng rng = rng_stream(3, 0);
    for (size_t k = 0; k < 20; k++) x[k] = rng_normal(&rng);
    for (size_t k = 0; k < 30; k++) y[k] = 1 + 2 * rng_normal(&rng);
    for (size_t k = 0; k < 10; k++) a[k] = rng_uniform(&rng);
    for (size_t k = 0; k < 15; k++) b[k] = rng_uniform(&rng);
    Transport t;
    ck_assert_int_eq(transport_solve(&t, COST_L2, 2, 10, x, a, 15, y, b), 0);
    double there = sliced(500, 2, 10, x, a, 15, y, b), back = sliced(500, 2, 15, y, b, 10, x, a);
    ck_assert_double_lt(there, t.value);
    ck_assert_double_gt(there, 0.3 * t.value);
    ck_assert_double_eq_tol(there, back, 1e-12);
    ck_assert_double_eq_tol(sliced(500, 2, 10, x, a, 10, x, a), 0, 1e-15);
    transport_free(&t);
}
END_TEST

START_TEST(refusals) {
    double value = 5, x[] = {0, 1}, negative[] = {-1, 2}, bad[] = {0, NAN};
    Rng rng = rng_stream(0, 0);
    ck_assert_int_eq(sliced_wasserstein(&value, &rng, 1, 1, 0, x, NULL, 2, x, NULL),
                     TRANSPORT_EMPTY);
    ck_assert_int_eq(sliced_wasserstein(&value, &rng, 1, 1, 2, x, negative, 2, x, NULL),
                     TRANSPORT_WEIGHTS);
    ck_assert_int_eq(sliced_wasserstein(&value, &rng, 1, 2, 1, bad, NULL, 1, x, NULL),
                     TRANSPORT_POINTS);
    ck_assert_double_eq(value, 5);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sliced");
    TCase *tests = tcase_create("sliced");
    tcase_add_loop_test(tests, one_point_in_any_dimension, 0, 6);
    tcase_add_test(tests, on_a_line_it_is_transport);
    tcase_add_test(tests, below_the_full_distance_and_symmetric);
    tcase_add_test(tests, refusals);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
