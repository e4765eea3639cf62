// 100 steps of every rule beside PyTorch's (and TensorFlow's formula), clipping, and what a step
// may not touch.
#include "net_support.h"

#include "nets/optimiser.h"
#include "reference/optimiser_vectors.h"

enum { WEIGHTS = sizeof START / sizeof *START, CASE_COUNT = sizeof CASES / sizeof *CASES };

static double tolerance(void) {
    return sizeof(real) == sizeof(double) ? 1e-13 : 1e-5;
}

START_TEST(hundred_steps_beside_the_frameworks) {
    Error error;
    Net *net = built("input 5; linear 1", NET_TRAIN, 1, 1);
    Optimiser optimiser;
    ck_assert_int_eq(optimiser_build(&optimiser, net, CASES[_i].rule, 0, &error), EXIT_OK);
    real w[WEIGHTS], g[WEIGHTS];
    for (int i = 0; i < WEIGHTS; i++) w[i] = (real)START[i];
    put(net->layer[0].weight, w, WEIGHTS);
    double worst = 0;
    for (uint64_t t = 1, k = 0; t <= STEPS[2]; t++) {
        get(w, net->layer[0].weight, WEIGHTS);
        for (int i = 0; i < WEIGHTS; i++)
            g[i] = (real)((i + 1) * (double)w[i] + cos((i + 1) * (double)t));
        put(net->layer[0].dweight, g, WEIGHTS);
        optimiser_step(&optimiser, net);
        if (t != STEPS[k]) continue;
        get(w, net->layer[0].weight, WEIGHTS);
        for (int i = 0; i < WEIGHTS; i++)
            worst = fmax(worst, fabs((double)w[i] - CASES[_i].weights[k][i]));
        k++;
    }
    check_error("100 steps", worst, tolerance());
    uint64_t steps;
    backend->download(&steps, optimiser.step, sizeof steps);
    ck_assert_uint_eq(steps, 100);
    real *all = copied(net->weights, net->weight_count); // bias and padding had no gradient
    for (size_t i = WEIGHTS; i < net->weight_count; i++) ck_assert(all[i] == 0);
    optimiser_free(&optimiser, net);
}
END_TEST

// Clipping comes after the step, takes weights and biases, and leaves the norms' gains alone.
START_TEST(clip_after_the_step) {
    Error error;
    Net *net = built("input 2; linear 3 ln; linear 1", NET_TRAIN, 1, 1);
    Optimiser optimiser;
    Rule rule = rule_default(RULE_SGD, 1);
    ck_assert_int_eq(optimiser_build(&optimiser, net, rule, (real)0.01, &error), EXIT_OK);
    backend->fill(net->weight_count, (real)0.005, net->weights);
    backend->fill(net->weight_count, (real)-0.1, net->gradients);
    optimiser_step(&optimiser, net);
    // 0.005 + 0.1 must not be seen: a clip before the step would leave it there
    ck_assert_double_eq_tol((double)*copied(net->weights, 1), 0.01, 1e-9);
    backend->fill(net->weight_count, (real)0.013, net->gradients);
    optimiser_step(&optimiser, net);
    real *w = copied(net->weights, net->weight_count);
    for (size_t i = 0; i < net->weight_count; i++) {
        // 0.005 + 0.1, clipped to 0.01, − 0.013; without a clip 0.105 − 0.013
        double expected = i < net->plain_count ? -0.003 : 0.092;
        ck_assert_double_eq_tol((double)w[i], expected, 1e-7);
    }
    for (const Layer *l = net->layer; l < net->layer + net->count; l++)
        ck_assert_int_eq(l->bias_at < net->plain_count, !layer_is_norm(l));
    optimiser_free(&optimiser, net);
}
END_TEST

START_TEST(nan_is_not_clipped_away) {
    Error error;
    Net *net = built("input 1; linear 1", NET_TRAIN, 1, 1);
    Optimiser optimiser;
    optimiser_build(&optimiser, net, rule_default(RULE_SGD, 1), (real)0.01, &error);
    backend->fill(1, (real)NAN, net->gradients);
    optimiser_step(&optimiser, net);
    ck_assert(isnan(*copied(net->weights, 1)));
    optimiser_free(&optimiser, net);
}
END_TEST

START_TEST(moments_where_the_rule_has_them) {
    static const bool M[] = {false, true, false, false, true},
                      V[] = {false, false, true, true, true};
    Error error;
    Net *net = built("input 3; linear 2", NET_TRAIN, 1, 1);
    for (RuleKind kind = RULE_SGD; kind <= RULE_ADAM; kind++) {
        Optimiser optimiser;
        optimiser_build(&optimiser, net, rule_default(kind, 1), 0, &error);
        ck_assert_int_eq(optimiser.m != NULL, M[kind]);
        ck_assert_int_eq(optimiser.v != NULL, V[kind]);
        real start = kind == RULE_RMSPROP_TF;
        if (V[kind]) ck_assert(*copied(optimiser.v, 1) == start);
        optimiser_free(&optimiser, net);
    }
}
END_TEST

START_TEST(names_and_defaults) {
    static const char *const NAMES[] = {"sgd", "momentum", "rmsprop", "rmsprop-tf", "adam"};
    RuleKind kind = RULE_SGD;
    for (int i = 0; i < 5; i++) ck_assert(rule_find(NAMES[i], &kind) && (int)kind == i);
    ck_assert(!rule_find("Adam", &kind) && !rule_find("", &kind) && kind == RULE_ADAM);
    Rule adam = rule_default(RULE_ADAM, 0.5), rms = rule_default(RULE_RMSPROP, 0.5);
    Rule tf = rule_default(RULE_RMSPROP_TF, 0.5), heavy = rule_default(RULE_MOMENTUM, 0.5);
    ck_assert(adam.rate == 0.5 && adam.beta1 == 0.9 && adam.beta2 == 0.999 && adam.eps == 1e-8);
    ck_assert(rms.beta2 == 0.99 && rms.eps == 1e-8 && tf.beta2 == 0.9 && tf.eps == 1e-10);
    ck_assert(heavy.beta1 == 0.9 && adam.horizon == 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("optimiser");
    TCase *tcase = fixture(suite, "optimiser");
    tcase_add_loop_test(tcase, hundred_steps_beside_the_frameworks, 0, CASE_COUNT);
    tcase_add_test(tcase, clip_after_the_step);
    tcase_add_test(tcase, nan_is_not_clipped_away);
    tcase_add_test(tcase, moments_where_the_rule_has_them);
    tcase_add_test(tcase, names_and_defaults);
    return run_suite(suite);
}
