// Counted by hand on a small mixture, and on samples of the sets themselves.
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "toy/modes.h"
#include "toy/sets.h"

static const double WEIGHT[] = {0.5, 0.5}, MEAN[] = {0, 0, 10, 0}, SIGMA[] = {1, 0.5};
static const Mixture PAIR = {2, 2, WEIGHT, MEAN, SIGMA};

START_TEST(by_hand) {
    // inside, at the edge, just outside; inside and outside of the narrower one; nowhere; NaN
    const double x[] = {1, 1, 0, 3, 0, 3.01, 10, 1.4, 10, 1.6, 5, 5, NAN, 0, 9, 0};
    Modes modes = modes_measure(&PAIR, 8, x);
    ck_assert_uint_eq(modes.covered, 2);
    ck_assert_double_eq(modes.quality, 4. / 8);
    modes = modes_measure(&PAIR, 3, x);
    ck_assert_uint_eq(modes.covered, 1);
    ck_assert_double_eq(modes.quality, 2. / 3);
    modes = modes_measure(&PAIR, 1, x + 10);
    ck_assert_uint_eq(modes.covered, 0);
    ck_assert_double_eq(modes.quality, 0);
}
END_TEST

START_TEST(by_component) {
    static double x[2 * 104];
    size_t count[3];
    for (size_t i = 0; i < 104; i++) x[2 * i] = i < 100 ? 0 : i < 101 ? 10 : 5;
    modes_count(&PAIR, 104, x, count);
    ck_assert(count[0] == 100 && count[1] == 1 && count[2] == 3);
    ck_assert(modes_is_covered(&PAIR, 0, 104, count) && modes_is_covered(&PAIR, 1, 104, count));
    ck_assert(!modes_is_covered(&PAIR, 1, 300, count) && modes_is_covered(&PAIR, 0, 300, count));
}
END_TEST

// 1 % of the share: of 1000 points 5 are asked for, 4 are not enough.
START_TEST(least_share) {
    static double x[2000];
    for (size_t few = 4; few <= 5; few++) {
        for (size_t i = 0; i < 1000; i++) x[2 * i] = i < few ? 10 : 0, x[2 * i + 1] = 0;
        ck_assert_uint_eq(modes_measure(&PAIR, 1000, x).covered, few == 5 ? 2 : 1);
    }
}
END_TEST

// P(|z| ≤ 3) of a normal vector in the plane is 1 − exp(−9/2).
START_TEST(own_samples) {
    static double x[2 * 20000];
    for (SetKind set = SET_RING8; set <= SET_GRID25; set++) {
        Rng rng = rng_stream(3, set);
        set_sample(set, &rng, 20000, x);
        Modes modes = modes_measure(set_mixture(set), 20000, x);
        ck_assert_uint_eq(modes.covered, set_mixture(set)->count);
        ck_assert_double_eq_tol(modes.quality, 1 - exp(-4.5), 0.004);
        modes = modes_measure(set_mixture(SET_RING8), 20000, x);
        if (set == SET_GRID25) ck_assert_double_le(modes.quality, 0.2);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("modes");
    TCase *tcase = tcase_create("modes");
    tcase_add_test(tcase, by_hand);
    tcase_add_test(tcase, by_component);
    tcase_add_test(tcase, least_share);
    tcase_add_test(tcase, own_samples);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
