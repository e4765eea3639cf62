// The generator with a known best discriminator: its gradient is that of the Jensen–Shannon
// divergence, found by quadrature; the score of a mixture is a difference quotient.
#include <check.h>
#include <math.h>

#include "toy/centres.h"
#include "toy/divergence.h"
#include "toy/sets.h"

static Centres centres;

static double js_of(const Centres *c) {
    Divergences d;
    static const double box[] = {-4, 4, -4, 4};
    ck_assert_int_eq(divergences_density_2d(&d, mixture_as_log_density, &c->data,
                                            mixture_as_log_density, &c->generated, box, 200, 200),
                     DIVERGENCE_OK);
    return d.js;
}

// Sampled, so within the error of a mean of 2048 probes for each centre.
START_TEST(the_best_pull_descends_the_js_divergence) {
    const double h = 1e-3;
    centres_draw(&centres, 0.3, rng_stream(7, 1));
    Pull best = centres_best_pull(&centres), exact;
    for (int k = 0; k < CENTRES; k++)
        for (int axis = 0; axis < 2; axis++) {
            double at = centres.centre[k][axis];
            centres.centre[k][axis] = at + h;
            double above = js_of(&centres);
            centres.centre[k][axis] = at - h;
            double below = js_of(&centres);
            centres.centre[k][axis] = at;
            exact.by[k][axis] = 2 * (above - below) / (2 * h);
        }
    ck_assert_double_gt(pull_cosine(&best, &exact), 0.98);
    ck_assert_double_eq_tol(pull_norm(&best) / pull_norm(&exact), 1, 0.1);
}
END_TEST

START_TEST(a_pull_is_a_mean_over_a_centres_probes) {
    static double logit[PROBES], slope[PROBES][2];
    for (int i = 0; i < PROBES; i++) {
        logit[i] = i % CENTRES == 2 ? 0 : -1e4;
        slope[i][0] = 3, slope[i][1] = -4;
    }
    Pull pull = centres_pull(logit, &slope[0][0]);
    ck_assert_double_eq_tol(pull.by[2][0], -1.5 / CENTRES, 1e-12);
    ck_assert_double_eq_tol(pull.by[2][1], 2.0 / CENTRES, 1e-12);
    ck_assert_double_eq_tol(pull_norm(&pull), 2.5 / CENTRES, 1e-12);
    Pull other = {0};
    other.by[2][0] = 7, other.by[3][1] = 7;
    ck_assert_double_eq_tol(pull_cosine(&pull, &other), -0.6 / sqrt(2), 1e-12);
}
END_TEST

START_TEST(probes_lie_about_their_centres) {
    centres_draw(&centres, 0.1, rng_stream(0, 0));
    const double *ring = set_mixture(SET_RING8)->mean;
    for (int k = 0; k < CENTRES; k++) {
        double mean[2] = {0, 0}, square = 0, n = PROBES / CENTRES;
        const double *c = centres.centre[k];
        for (int i = k; i < PROBES; i += CENTRES)
            for (int axis = 0; axis < 2; axis++) {
                mean[axis] += centres.probe[i][axis] / n;
                square += pow(centres.probe[i][axis] - c[axis], 2) / (2 * n);
            }
        ck_assert_double_eq_tol(mean[0], c[0], 0.015);
        ck_assert_double_eq_tol(mean[1], c[1], 0.015);
        ck_assert_double_eq_tol(sqrt(square), 0.1, 0.006);
        for (int j = 0; j < CENTRES; j++)
            ck_assert_double_gt(hypot(c[0] - ring[2 * j], c[1] - ring[2 * j + 1]), 0.3);
    }
}
END_TEST

START_TEST(the_score_is_a_difference_quotient) {
    static const double weight[] = {0.2, 0.5, 0.3}, mean[] = {0, 1, 2, -1, -3, 0.5},
                        sigma[] = {0.5, 1, 0.1};
    const Mixture plane = {2, 3, weight, mean, sigma}, line = {1, 3, weight, mean, sigma};
    const double h = 1e-5;
    for (double a = -40; a <= 40; a += 1.7) {
        double x[2] = {a, 0.3 - a / 3}, slope[2], alone;
        mixture_log_slope(&plane, x, slope);
        mixture_log_slope(&line, x, &alone);
        for (int axis = 0; axis < 2; axis++) {
            double up[2] = {x[0], x[1]}, down[2] = {x[0], x[1]};
            up[axis] += h, down[axis] -= h;
            double quotient =
                (mixture_log_density(&plane, up) - mixture_log_density(&plane, down)) / (2 * h);
            ck_assert_double_eq_tol(slope[axis], quotient, 1e-6 * (1 + fabs(quotient)));
        }
        double above = a + h, below = a - h;
        double quotient =
            (mixture_log_density(&line, &above) - mixture_log_density(&line, &below)) / (2 * h);
        ck_assert_double_eq_tol(alone, quotient, 1e-6 * (1 + fabs(quotient)));
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("centres");
    TCase *tc = tcase_create("centres");
    suite_add_tcase(suite, tc);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, the_best_pull_descends_the_js_divergence);
    tcase_add_test(tc, a_pull_is_a_mean_over_a_centres_probes);
    tcase_add_test(tc, probes_lie_about_their_centres);
    tcase_add_test(tc, the_score_is_a_difference_quotient);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
