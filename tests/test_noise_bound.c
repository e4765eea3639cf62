// The terms of the bound against closed forms; the families of pairs; the steps of its proof.
#include "toy/noise_bound.h"

#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

static NoiseBound bound_of(NoisePair pair) {
    NoiseBound bound;
    ck_assert_int_eq(noise_bound(&bound, &pair), NOISE_OK);
    return bound;
}

// The divergence from the masses (1 ± t)/2 to the same swapped.
static double swapped_js(double t) {
    return 0.5 * ((1 + t) * log1p(t) + (1 - t) * log1p(-t));
}

START_TEST(two_points_swapped) {
    NoiseBound b = bound_of(noise_pair_swapped(0.3));
    ck_assert_double_eq_tol(b.w, 3000, 1e-9);
    ck_assert_double_eq_tol(b.root_v, 1 / sqrt(3), 1e-15);
    ck_assert_double_eq(b.diameter, 10002);
    ck_assert_double_eq_tol(b.js, swapped_js(0.3), 1e-14);
    ck_assert_double_eq_tol(b.tv, 0.3, 1e-14);
}
END_TEST

// Two boxes of side 2 half overlap in a share 1 − d/(2 half) along each axis.
START_TEST(overlapping_boxes) {
    NoisePair pair = {.dim = 2, .half = 2, .p = {1, {3, 5}, {1}}, .q = {1, {4, 3}, {7}}};
    NoiseBound b = bound_of(pair);
    double apart = 1 - (1 - 1.0 / 4) * (1 - 2.0 / 4);
    ck_assert_double_eq_tol(b.w, sqrt(5), 1e-12);
    ck_assert_double_eq_tol(b.js, apart * M_LN2, 1e-14);
    ck_assert_double_eq_tol(b.tv, apart, 1e-14);
    ck_assert_double_eq_tol(b.root_v, sqrt(8.0 / 3), 1e-14);
    ck_assert_double_eq_tol(b.diameter, hypot(5, 6), 1e-14);
    Atoms p = pair.p;
    pair.p = pair.q, pair.q = p;
    NoiseBound reverse = bound_of(pair);
    ck_assert(reverse.js == b.js && reverse.diameter == b.diameter);
}
END_TEST

// Lines of atoms a unit apart, noise that overlaps across: JS = log 2 · min(θ/(2 half), 1), as for
// one box against another, W = θ.
START_TEST(lines) {
    for (int theta = 0; theta <= 6; theta++) {
        NoiseBound b = bound_of(noise_pair_lines(theta, 2));
        ck_assert_double_eq_tol(b.w, theta, 1e-12);
        ck_assert_double_eq_tol(b.js, M_LN2 * fmin(theta / 4.0, 1), 1e-13);
        ck_assert_double_eq_tol(b.diameter, hypot(theta + 4, 14), 1e-13);
    }
}
END_TEST

// C is the diameter of all that is there: two far atoms of one of them count.
START_TEST(diameter_within_one) {
    NoisePair pair = {.dim = 1, .half = 3, .p = {3, {0, 50, 20}, {1, 1, 1}}, .q = {1, {10}, {1}}};
    ck_assert_double_eq(bound_of(pair).diameter, 56);
    pair.p = pair.q;
    NoiseBound b = bound_of(pair);
    ck_assert(b.diameter == 6 && b.w == 0 && b.js == 0);
}
END_TEST

// One atom has all the mass whatever its weight; rounding must not make JS negative.
START_TEST(equal_but_for_rounding) {
    Rng rng = rng_stream(2, 0);
    for (int k = 0; k < 200; k++) {
        NoisePair pair = {.dim = 1, .half = 32, .p = {1, {0}, {rng_uniform(&rng)}}};
        pair.q = (Atoms){1, {0}, {rng_uniform(&rng)}};
        NoiseBound b = bound_of(pair);
        ck_assert(b.js >= 0 && b.js < 1e-15 && b.w == 0);
    }
}
END_TEST

// The links of the chain, W(P, Q) ≤ 2 √V + C TV and TV ≤ √(2 JS), and that pairs come in both kinds
// and dimensions.
START_TEST(the_chain_holds) {
    Rng rng = rng_stream(11, 0);
    int seen[2][2] = {{0}};
    for (int k = 0; k < 200; k++) {
        NoisePair pair = noise_pair_random(&rng);
        NoiseBound b = bound_of(pair);
        bool reweighted = strcmp(pair.family, "reweighted") == 0;
        seen[pair.dim - 1][reweighted]++;
        if (reweighted)
            ck_assert_mem_eq(pair.p.x, pair.q.x, pair.p.n * pair.dim * sizeof *pair.p.x);
        ck_assert_double_le(b.w, 2 * b.root_v + b.diameter * b.tv + 1e-9);
        ck_assert_double_le(b.tv, sqrt(2 * b.js) + 1e-12);
        ck_assert_double_ge(b.js, swapped_js(fmin(b.tv, 1 - 1e-15)) - 1e-12); // the sharp form
    }
    for (int i = 0; i < 4; i++) ck_assert_int_gt(seen[i / 2][i % 2], 20);
}
END_TEST

START_TEST(refusals) {
    NoisePair good = {.dim = 1, .half = 1, .p = {2, {0, 1}, {1, 2}}, .q = {1, {3}, {1}}}, bad[8];
    NoiseBound b;
    for (int k = 0; k < 8; k++) bad[k] = good;
    bad[0].dim = 3, bad[1].half = 0, bad[2].p.n = 0, bad[3].p.x[1] = 0.5, bad[4].q.x[0] = NAN;
    bad[5].p.a[0] = -1, bad[6].q.a[0] = 0, bad[7].q.n = NOISE_MOST_ATOMS + 1;
    ck_assert_int_eq(noise_bound(&b, &good), NOISE_OK);
    for (int k = 0; k < 8; k++) ck_assert_int_eq(noise_bound(&b, &bad[k]), NOISE_BAD_ARGUMENT);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("noise_bound");
    TCase *tests = tcase_create("noise_bound");
    tcase_add_test(tests, two_points_swapped);
    tcase_add_test(tests, overlapping_boxes);
    tcase_add_test(tests, lines);
    tcase_add_test(tests, diameter_within_one);
    tcase_add_test(tests, equal_but_for_rounding);
    tcase_add_test(tests, the_chain_holds);
    tcase_add_test(tests, refusals);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
