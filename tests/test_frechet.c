// The Fréchet distance against closed forms, and against numpy.
#include "experiments/images/frechet.h"
#include "kernels/error.h"
#include "toy/rng.h"

#include <check.h>
#include <math.h>
#include <string.h>

enum { MOST = 64 };

static double distance(size_t dim, const double *mean_a, const double *a, const double *mean_b,
                       const double *b) {
    double value = NAN;
    ck_assert_int_eq(frechet_distance(&value, dim, mean_a, a, mean_b, b), 0);
    return value;
}

// (m₁ − m₂)² + (σ₁ − σ₂)², a sum over axes where both covariances are diagonal.
START_TEST(diagonal) {
    double mean_a[] = {1, 2, 3}, mean_b[] = {1, 0, -3}, deviation_a[] = {2, 0, 5},
           deviation_b[] = {0.5, 3, 5}, a[9] = {0}, b[9] = {0}, expected = 0;
    for (int k = 0; k < 3; k++) {
        a[4 * k] = deviation_a[k] * deviation_a[k], b[4 * k] = deviation_b[k] * deviation_b[k];
        expected += pow(mean_a[k] - mean_b[k], 2) + pow(deviation_a[k] - deviation_b[k], 2);
    }
    ck_assert_double_eq_tol(distance(3, mean_a, a, mean_b, b), expected, 1e-12);
}
END_TEST

// In the plane the trace of a root is √(trace + 2 √det); here of S₁^½ S₂ S₁^½, whose trace and
// determinant are those of S₁ S₂. These two do not commute.
START_TEST(plane) {
    double mean[] = {0, 0}, a[] = {2, 0.9, 0.9, 0.7}, b[] = {1, -0.5, -0.5, 3};
    double trace = a[0] * b[0] + 2 * a[1] * b[1] + a[3] * b[3];
    double root = (a[0] * a[3] - a[1] * a[1]) * (b[0] * b[3] - b[1] * b[1]);
    double expected = a[0] + a[3] + b[0] + b[3] - 2 * sqrt(trace + 2 * sqrt(root));
    ck_assert_double_eq_tol(distance(2, mean, a, mean, b), expected, 1e-13);
    ck_assert_double_eq_tol(distance(2, mean, b, mean, a), expected, 1e-13);
}
END_TEST

// Covariances u uᵀ and v vᵀ: the root's trace is |<u, v>|.
START_TEST(rank_one) {
    double mean[4] = {0}, u[] = {1, 2, -1, 0.5}, v[] = {-2, 1, 3, 1}, a[16], b[16];
    double uu = 0, vv = 0, uv = 0;
    for (int i = 0; i < 4; i++) {
        uu += u[i] * u[i], vv += v[i] * v[i], uv += u[i] * v[i];
        for (int j = 0; j < 4; j++) a[4 * i + j] = u[i] * u[j], b[4 * i + j] = v[i] * v[j];
    }
    ck_assert_double_eq_tol(distance(4, mean, a, mean, b), uu + vv - 2 * fabs(uv), 1e-12);
}
END_TEST

// 20 points in 64 dimensions have a covariance of rank 19; its distance to itself is 0 all the
// same, and to its double (√2 − 1)² tr S.
START_TEST(singular_against_itself) {
    static double x[20 * MOST], mean[MOST], s[MOST * MOST], twice[MOST * MOST];
    Rng rng = rng_stream(3, 0);
    double trace = 0;
    for (size_t i = 0; i < 20 * MOST; i++) x[i] = rng_normal(&rng);
    frechet_moments(20, MOST, x, mean, s);
    for (size_t i = 0; i < MOST * MOST; i++) twice[i] = 2 * s[i];
    for (size_t k = 0; k < MOST; k++) trace += s[k * MOST + k];
    ck_assert_double_eq_tol(distance(MOST, mean, s, mean, s), 0, 1e-12 * trace);
    ck_assert_double_eq_tol(distance(MOST, mean, s, mean, twice), pow(M_SQRT2 - 1, 2) * trace,
                            1e-12 * trace);
}
END_TEST

// What rounding makes of an eigenvalue 0 may be negative: then it has no part in the root.
START_TEST(below_zero) {
    double mean[] = {0, 0}, a[] = {4, 0, 0, -1}, b[] = {1, 0, 0, 9};
    ck_assert_double_eq_tol(distance(2, mean, a, mean, b), 4 - 1 + 1 + 9 - 2 * 2, 1e-13);
}
END_TEST

// numpy 2: means, np.cov, and the roots of the eigenvalues of S₁ S₂.
START_TEST(as_numpy) {
    enum { N = 50, DIM = 5 };
    double x[N * DIM], y[N * DIM], mean[2][DIM], s[2][DIM * DIM];
    for (int i = 0; i < N; i++)
        for (int k = 0; k < DIM; k++) {
            x[i * DIM + k] = sin((i + 1) * (k + 1));
            y[i * DIM + k] = 0.3 * k + cos((i + 1) * (k + 2.5)) * (1 + k);
        }
    frechet_moments(N, DIM, x, mean[0], s[0]);
    frechet_moments(N, DIM, y, mean[1], s[1]);
    ck_assert_double_eq_tol(distance(DIM, mean[0], s[0], mean[1], s[1]), 16.742982286716064, 1e-12);
}
END_TEST

START_TEST(moments_by_hand) {
    double x[] = {1, 5, 3, 1, 5, 3}, mean[2], s[4];
    frechet_moments(3, 2, x, mean, s);
    double expected[] = {3, 3, 4, -2, -2, 4};
    ck_assert_double_eq_tol(mean[0], expected[0], 1e-15);
    ck_assert_double_eq_tol(mean[1], expected[1], 1e-15);
    for (int i = 0; i < 4; i++) ck_assert_double_eq_tol(s[i], expected[2 + i], 1e-14);
}
END_TEST

START_TEST(not_finite) {
    double value = 7, mean[] = {0, 0}, bad[] = {0, INFINITY}, s[] = {1, 0, 0, 1},
           worse[] = {1, NAN, NAN, 1};
    ck_assert_int_eq(frechet_distance(&value, 2, bad, s, mean, s), EXIT_NONFINITE);
    ck_assert_int_eq(frechet_distance(&value, 2, mean, s, mean, worse), EXIT_NONFINITE);
    ck_assert_double_eq(value, 7);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("frechet");
    TCase *tests = tcase_create("frechet");
    tcase_add_test(tests, diagonal);
    tcase_add_test(tests, plane);
    tcase_add_test(tests, rank_one);
    tcase_add_test(tests, singular_against_itself);
    tcase_add_test(tests, below_zero);
    tcase_add_test(tests, as_numpy);
    tcase_add_test(tests, moments_by_hand);
    tcase_add_test(tests, not_finite);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
