// The plain perceptron: its gradients are difference quotients, and it adds them up.
#include <check.h>

#include "toy/mlp.h"
#include "toy/rng.h"

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

int main(void) {
    Suite *suite = suite_create("mlp");
    TCase *tc = tcase_create("mlp");
    suite_add_tcase(suite, tc);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, back_propagation_is_a_difference_quotient);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
