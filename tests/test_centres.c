// The generator with a known best discriminator: its gradient is that of the Jensen–Shannon
// divergence, found by quadrature; the mixture's score and the plain perceptron, by differences.
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "toy/centres.h"
#include "toy/divergence.h"
#include "toy/log_loss.h"
#include "toy/mlp.h"
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

// ---- the plain perceptron

enum { IN = 2, HIDDEN = 3, OUT = 2, WEIGHTS = HIDDEN * IN + HIDDEN + OUT * HIDDEN + OUT };

static Mlp perceptron(const double *w, double *dw) {
    double *d2 = dw ? dw + HIDDEN * IN + HIDDEN : NULL;
    const double *w2 = w + HIDDEN * IN + HIDDEN;
    return (Mlp){2,
                 {{IN, HIDDEN, 0.2, w, w + HIDDEN * IN, dw, dw ? dw + HIDDEN * IN : NULL},
                  {HIDDEN, OUT, 1, w2, w2 + OUT * HIDDEN, d2, d2 ? d2 + OUT * HIDDEN : NULL}}};
}

static double loss_at(const double *w, const double *x) {
    double values[IN + HIDDEN + OUT] = {x[0], x[1]};
    Mlp mlp = perceptron(w, NULL);
    const double *y = mlp_forward(&mlp, values);
    return y[0] * y[0] / 2 + 3 * y[1];
}

START_TEST(back_propagation_is_a_difference_quotient) {
    Rng rng = rng_stream(5, 0);
    double w[WEIGHTS], dw[WEIGHTS] = {0}, x[IN];
    for (int i = 0; i < WEIGHTS; i++) w[i] = rng_normal(&rng);
    for (int i = 0; i < IN; i++) x[i] = rng_normal(&rng);
    Mlp mlp = perceptron(w, dw);
    ck_assert_uint_eq(mlp_size(&mlp), IN + HIDDEN + OUT);
    double values[IN + HIDDEN + OUT] = {x[0], x[1]}, deltas[IN + HIDDEN + OUT];
    const double *y = mlp_forward(&mlp, values);
    ck_assert_ptr_eq(y, values + IN + HIDDEN);
    deltas[IN + HIDDEN] = y[0], deltas[IN + HIDDEN + 1] = 3;
    mlp_backward(&mlp, values, deltas);
    for (int i = 0; i < WEIGHTS + IN; i++) {
        double *at = i < WEIGHTS ? &w[i] : &x[i - WEIGHTS], was = *at, h = 1e-6;
        *at = was + h;
        double above = loss_at(w, x);
        *at = was - h;
        double below = loss_at(w, x);
        *at = was;
        double slope = i < WEIGHTS ? dw[i] : deltas[i - WEIGHTS];
        ck_assert_double_eq_tol(slope, (above - below) / (2 * h), 1e-7);
    }
    mlp_backward(&mlp, values, deltas); // gradients add up
    ck_assert_double_eq_tol(dw[WEIGHTS - 1], 6, 1e-12);
}
END_TEST

// ---- log(1 − σ(f))

START_TEST(the_stable_formula_in_long_double) {
    for (double f = -600; f <= 600; f += 0.37) {
        long double e = expl((long double)f), value = -log1pl(e), slope = -e / (1 + e);
        LogLoss l = log_loss_stable(f);
        ck_assert_double_eq_tol(l.value / (double)value, 1, 1e-14);
        ck_assert_double_eq_tol(l.slope / (double)slope, 1, 1e-14);
    }
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
    Suite *suite = suite_create("centres");
    TCase *tc = tcase_create("centres");
    suite_add_tcase(suite, tc);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, the_best_pull_descends_the_js_divergence);
    tcase_add_test(tc, a_pull_is_a_mean_over_a_centres_probes);
    tcase_add_test(tc, probes_lie_about_their_centres);
    tcase_add_test(tc, the_score_is_a_difference_quotient);
    tcase_add_test(tc, back_propagation_is_a_difference_quotient);
    tcase_add_test(tc, the_stable_formula_in_long_double);
    tcase_add_test(tc, the_formulas_agree_near_zero);
    tcase_add_test(tc, where_the_written_formula_breaks);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
