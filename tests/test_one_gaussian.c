// One Gaussian against a mixture: closed forms, differences, identities, and fits whose end is
// known.
#include <check.h>
#include <math.h>

#include "toy/one_gaussian.h"

static const double ONE = 1, ZERO = 0, HALF[] = {0.5, 0.5}, SIGMAS[] = {1, 0.7};
static const Mixture NORMAL = {1, 1, &ONE, &ZERO, &ONE};
static const double MEANS[] = {-1.5, 2};
static const Mixture MIXED = {1, 2, HALF, MEANS, SIGMAS};

static double value(Objective objective, const Mixture *real, OneGaussian g) {
    double v = NAN;
    ck_assert_int_eq(one_gaussian_value(&v, objective, real, g), DIVERGENCE_OK);
    return v;
}

// KL(N(m, s²)‖N(0, 1)) = ½(s² + m² − 1) − log s, and the other way round with 1/s.
START_TEST(kl_of_normals) {
    OneGaussian g = {0.7, 1.6};
    double m = g.shift, s = g.scale;
    ck_assert_double_eq_tol(value(OBJECTIVE_PICK, &NORMAL, g), (s * s + m * m - 1) / 2 - log(s),
                            1e-12);
    ck_assert_double_eq_tol(value(OBJECTIVE_COVER, &NORMAL, g),
                            (1 + m * m) / (2 * s * s) - 0.5 + log(s), 1e-12);
    double slope[2];
    ck_assert_int_eq(one_gaussian_slope(slope, OBJECTIVE_PICK, &NORMAL, g), DIVERGENCE_OK);
    ck_assert_double_eq_tol(slope[0], m, 1e-8);
    ck_assert_double_eq_tol(slope[1], s - 1 / s, 1e-8);
    ck_assert_int_eq(one_gaussian_slope(slope, OBJECTIVE_COVER, &NORMAL, g), DIVERGENCE_OK);
    ck_assert_double_eq_tol(slope[0], m / (s * s), 1e-8);
    ck_assert_double_eq_tol(slope[1], 1 / s - (1 + m * m) / (s * s * s), 1e-7);
}
END_TEST

// The trapezoid rule over a fixed grid, straight from the definitions: nothing is shared with the
// adaptive quadrature of logarithms.
enum { GRID = 20001 };
static void by_trapezoid(const Mixture *real, OneGaussian g, OneGaussian judged, double *loss,
                         double *real_part, double *middle) {
    *loss = *real_part = *middle = 0;
    for (int i = 0; i < GRID; i++) {
        double x = -20 + 40.0 * i / (GRID - 1), z = (x - g.shift) / g.scale;
        double zj = (x - judged.shift) / judged.scale, root = sqrt(2 * M_PI);
        double p_g = exp(-z * z / 2) / (g.scale * root), p_r = mixture_density(real, &x);
        double p_j = exp(-zj * zj / 2) / (judged.scale * root), d = p_r / (p_r + p_j);
        if (p_r < 1e-250) continue; // the sum below 1e-20: nothing here adds to it
        *loss -= p_g * log(d) * 40 / (GRID - 1);
        *real_part += p_r * log(d) * 40 / (GRID - 1);
        *middle += (p_r + p_g) / 2 * log((p_r + p_g) / (2 * p_r)) * 40 / (GRID - 1);
    }
}

START_TEST(log_d_from_its_definition) {
    OneGaussian g = {0.4, 1.3};
    const double h = 1e-3;
    double loss, real_part, middle, above, below, v, unused;
    LogD log_d;
    by_trapezoid(&MIXED, g, g, &loss, &real_part, &middle);
    ck_assert_int_eq(one_gaussian_log_d(&log_d, &MIXED, g), DIVERGENCE_OK);
    ck_assert_double_eq_tol(log_d.loss, loss, 1e-11);
    ck_assert_double_eq_tol(log_d.real_part, real_part, 1e-11);
    ck_assert_double_eq_tol(value(OBJECTIVE_FOLLOWING, &MIXED, g), loss, 1e-11);
    ck_assert_int_eq(one_gaussian_middle(&v, &MIXED, g), DIVERGENCE_OK);
    ck_assert_double_eq_tol(v, middle, 1e-11);
    // D* fixed: only the samples move
    by_trapezoid(&MIXED, (OneGaussian){g.shift + h, g.scale}, g, &above, &unused, &unused);
    by_trapezoid(&MIXED, (OneGaussian){g.shift - h, g.scale}, g, &below, &unused, &unused);
    ck_assert_double_eq_tol(log_d.slope[0], (above - below) / (2 * h), 1e-6);
    by_trapezoid(&MIXED, (OneGaussian){g.shift, g.scale + h}, g, &above, &unused, &unused);
    by_trapezoid(&MIXED, (OneGaussian){g.shift, g.scale - h}, g, &below, &unused, &unused);
    ck_assert_double_eq_tol(log_d.slope[1], (above - below) / (2 * h), 1e-6);
}
END_TEST

// N(0, 1) and N(1, 1): 0.602 with D* fixed, 0.801 following. d/dθ of E_g[−log D*] with D* fixed is
// θ E_g[1 − D*], 1 − D* = 1/(1 + e^(θ/2·θ − θx)) for shifts.
START_TEST(fixed_and_following) {
    OneGaussian g = {1, 1};
    double fixed = 0, slope[2];
    for (int i = 0; i < GRID; i++) {
        double x = -15 + 30.0 * i / (GRID - 1);
        fixed +=
            exp(-(x - 1) * (x - 1) / 2) / sqrt(2 * M_PI) / (1 + exp(0.5 - x)) * 30 / (GRID - 1);
    }
    ck_assert_double_eq_tol(fixed, 0.602, 5e-4);
    LogD log_d;
    ck_assert_int_eq(one_gaussian_log_d(&log_d, &NORMAL, g), DIVERGENCE_OK);
    ck_assert_double_eq_tol(log_d.slope[0], fixed, 1e-10);
    ck_assert_int_eq(one_gaussian_slope(slope, OBJECTIVE_LOG_D, &NORMAL, g), DIVERGENCE_OK);
    ck_assert_double_eq_tol(slope[0], fixed, 1e-9);
    ck_assert_int_eq(one_gaussian_slope(slope, OBJECTIVE_FOLLOWING, &NORMAL, g), DIVERGENCE_OK);
    ck_assert_double_eq_tol(slope[0], 0.801, 5e-4);
}
END_TEST

// Data a hundred times narrower than P_g: log (p_g/p_r) reaches 700 000, beyond every exponential.
START_TEST(narrow_data) {
    const double sigma = 0.01;
    const Mixture narrow = {1, 1, &ONE, &ZERO, &sigma};
    OneGaussian g = {0.1, 1};
    LogD log_d;
    double kl = (1 / (sigma * sigma) * (1 + 0.01) - 1) / 2 + log(sigma);
    ck_assert_int_eq(one_gaussian_log_d(&log_d, &narrow, g), DIVERGENCE_OK);
    ck_assert_double_eq_tol(value(OBJECTIVE_PICK, &narrow, g) / kl, 1, 1e-10);
    ck_assert_double_eq_tol(log_d.loss,
                            value(OBJECTIVE_LOG_D, &narrow, g) + 2 * M_LN2 + log_d.real_part, 1e-8);
}
END_TEST

static OneGaussian fit(Objective objective, const Mixture *real, OneGaussian g) {
    double v;
    int steps = 500;
    ck_assert_int_eq(one_gaussian_fit(&g, &v, objective, real, &steps), DIVERGENCE_OK);
    ck_assert_int_lt(steps, 500);
    ck_assert_double_eq_tol(v, value(objective, real, g), 1e-12);
    return g;
}

// KL(P_r‖P_g) matches mean and variance; of one normal, every objective finds it.
START_TEST(fits) {
    OneGaussian g = fit(OBJECTIVE_COVER, &MIXED, (OneGaussian){3, 0.5});
    double mean = 0.25, square = (1 + 1.5 * 1.5 + 0.49 + 4) / 2;
    ck_assert_double_eq_tol(g.shift, mean, 1e-6);
    ck_assert_double_eq_tol(g.scale, sqrt(square - mean * mean), 1e-6);
    for (int o = OBJECTIVE_COVER; o <= OBJECTIVE_LOG_D; o++) {
        g = fit((Objective)o, &NORMAL, (OneGaussian){2, 3});
        ck_assert_double_eq_tol(g.shift, 0, 1e-5);
        ck_assert_double_eq_tol(g.scale, 1, 1e-5);
    }
    const double far[] = {-6, 6};
    const Mixture apart = {1, 2, HALF, far, SIGMAS};
    g = fit(OBJECTIVE_PICK, &apart, (OneGaussian){4, 2});
    ck_assert_double_eq_tol(g.shift, 6, 1e-4);
    ck_assert_double_eq_tol(g.scale, 0.7, 1e-4);
    ck_assert_double_eq_tol(value(OBJECTIVE_PICK, &apart, g), M_LN2, 1e-9);
}
END_TEST

START_TEST(one_step) {
    OneGaussian g = {2, 3};
    double v, before = value(OBJECTIVE_JS, &NORMAL, g);
    int steps = 1;
    ck_assert_int_eq(one_gaussian_fit(&g, &v, OBJECTIVE_JS, &NORMAL, &steps), DIVERGENCE_OK);
    ck_assert_int_eq(steps, 1);
    ck_assert_double_lt(v, before);
}
END_TEST

START_TEST(refusals) {
    double v;
    LogD log_d;
    const double centre[] = {0, 0};
    const Mixture plane = {2, 1, &ONE, centre, &ONE};
    Mixture many = {1, ONE_GAUSSIAN_MAX_COMPONENTS + 1, &ONE, &ZERO, &ONE};
    const OneGaussian good = {0, 1}, bad[] = {{0, 0}, {0, -1}, {NAN, 1}, {0, INFINITY}};
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(one_gaussian_value(&v, OBJECTIVE_JS, &NORMAL, bad[i]),
                         DIVERGENCE_BAD_ARGUMENT);
        ck_assert_int_eq(one_gaussian_log_d(&log_d, &NORMAL, bad[i]), DIVERGENCE_BAD_ARGUMENT);
        ck_assert_int_eq(one_gaussian_middle(&v, &NORMAL, bad[i]), DIVERGENCE_BAD_ARGUMENT);
    }
    ck_assert_int_eq(one_gaussian_value(&v, OBJECTIVE_PICK, &plane, good), DIVERGENCE_BAD_ARGUMENT);
    ck_assert_int_eq(one_gaussian_middle(&v, &many, good), DIVERGENCE_BAD_ARGUMENT);
}
END_TEST

int main(void) {
    TCase *values = tcase_create("values"), *descent = tcase_create("fits");
    tcase_add_test(values, kl_of_normals);
    tcase_add_test(values, log_d_from_its_definition);
    tcase_add_test(values, fixed_and_following);
    tcase_add_test(values, narrow_data);
    tcase_add_test(values, refusals);
    tcase_add_test(descent, fits);
    tcase_add_test(descent, one_step);
    tcase_set_timeout(descent, 60);
    Suite *suite = suite_create("one gaussian");
    suite_add_tcase(suite, values);
    suite_add_tcase(suite, descent);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
