// The estimates and judges of experiments/loss_tracks_distance, fed with numbers worked out by
// hand.
#include "experiments/common/trainer.h"

#define main loss_tracks_distance_main
#include "experiments/loss_tracks_distance.c"
#undef main

#include <check.h> // has a fail() of its own

// D = ¾ at both real points, ¼ and 0 at the generated ones, then the other way round; ½ everywhere.
START_TEST(estimates) {
    const double up[] = {log(3), log(3)}, down[] = {-log(3), -800}, zero[] = {0, 0};
    ck_assert_double_eq_tol(critic_value(2, up, down), log(3) * 1.5 + 400, 1e-12);
    ck_assert_double_eq_tol(critic_value(2, down, up), -log(3) * 1.5 - 400, 1e-12);
    ck_assert_double_eq_tol(js_estimate(2, up, down), 0.75 * log(0.75) + log(2), 1e-15);
    ck_assert_double_eq_tol(js_estimate(1, down, up), log(0.25) + log(2), 1e-15);
    ck_assert_double_eq_tol(js_estimate(1, up, zero), log(0.75) / 2 + log(0.5) / 2 + log(2), 1e-15);
    ck_assert_double_eq_tol(js_estimate(1, zero, down), log(0.5) / 2 + log(0.75) / 2 + log(2),
                            1e-15);
    ck_assert_double_eq_tol(js_estimate(2, zero, zero), 0, 1e-15);
}
END_TEST

START_TEST(updates_of_a_step) {
    critic_iters = 5, early_iters = 100;
    ck_assert_int_eq(iters_at(KIND_PENALTY, 0), 100);
    ck_assert_int_eq(iters_at(KIND_CLIPPED, 24), 100);
    ck_assert_int_eq(iters_at(KIND_LONG_GAN, 25), 5);
    ck_assert_int_eq(iters_at(KIND_PENALTY, 500), 100);
    ck_assert_int_eq(iters_at(KIND_GAN, 0), 1);
}
END_TEST

START_TEST(what_runs_come_to) {
    Kind k = {.correlation = RANGE_EMPTY};
    const Run runs[] = {{0.9, 40, 1}, {0.89, INFINITY, 2}, {0.95, 20, 3}, {-0.95, 30, 3}};
    for (int i = 0; i < 4; i++) remember(&k, &runs[i]);
    ck_assert(k.runs == 4 && k.followers == 2);
    ck_assert(k.correlation.low == -0.95 && k.correlation.high == 0.95);
    ck_assert(k.arrival.count == 3 && k.arrival.low == 20 && k.arrival.high == 40);
    ck_assert_str_eq(arrival_text(&k), "3 of 4 at 20 to 40");
    remember(&k, &(Run){.correlation = NAN, .reached = INFINITY});
    ck_assert(k.runs == 5 && k.followers == 2);
}
END_TEST

START_TEST(kinds_are_told_apart) {
    double bounds[] = {0.1, 0.2};
    clips = (Reals){2, bounds};
    for (int set = 0; set < SETS; set++)
        for (size_t kind = 0; kind < kinds(); kind++)
            outcome[set][kind] = (Kind){.runs = 10, .followers = 1 << kind};
    Share gan = share_of(KIND_GAN, KIND_PENALTY), clipped = share_of(KIND_CLIPPED, kinds());
    ck_assert(gan.runs == 40 && gan.followers == 6);
    ck_assert(clipped.runs == 40 && clipped.followers == 48);
}
END_TEST

START_TEST(tracking) {
    const Share all = {4, 4}, none = {4, 0}, half = {4, 2}, one = {4, 1};
    ck_assert_int_eq(verdict_tracking(none, all, all), HOLDS);
    ck_assert_int_eq(verdict_tracking(one, all, all), MIXED);
    ck_assert_int_eq(verdict_tracking(none, all, half), MIXED);
    ck_assert_int_eq(verdict_tracking(none, half, all), MIXED);
    ck_assert_int_eq(verdict_tracking(none, none, none), FAILS); // nothing follows anything
    ck_assert_int_eq(verdict_tracking(all, all, all), FAILS);
    ck_assert_int_eq(verdict_tracking(half, none, half), FAILS);
    ck_assert_int_eq(verdict_tracking(one, none, half), FAILS); // as often
    ck_assert_int_eq(verdict_tracking((Share){8, 1}, none, half), MIXED);
}
END_TEST

static Kind arriving(int64_t count, double first, double last) {
    Kind k = {.runs = 4, .correlation = RANGE_EMPTY};
    for (int64_t i = 0; i < count; i++) summary_add(&k.arrival, i ? last : first);
    return k;
}

START_TEST(speed) {
    Kind all = arriving(4, 100, 200), late = arriving(4, 250, 400), across = arriving(4, 150, 400),
         few = arriving(2, 10, 20), most = arriving(3, 100, 900), never = arriving(0, 0, 0);
    ck_assert(is_slower(&late, &all) && !is_slower(&all, &late) && !is_slower(&across, &all));
    ck_assert(is_slower(&few, &all) && !is_slower(&all, &few) && is_slower(&never, &few));
    Kind k[KIND_CLIPPED + 2] = {[KIND_PENALTY] = all, late, never};
    ck_assert(is_slow_on(k, KIND_CLIPPED + 2));
    k[KIND_CLIPPED] = across;
    ck_assert(!is_slow_on(k, KIND_CLIPPED + 2));
    k[KIND_CLIPPED] = few, k[KIND_PENALTY] = most;
    ck_assert(is_slow_on(k, KIND_CLIPPED + 2));
    k[KIND_CLIPPED + 1] = all;
    ck_assert(!is_slow_on(k, KIND_CLIPPED + 2) && is_slow_on(k, KIND_CLIPPED + 1));
    k[KIND_PENALTY] = few, k[KIND_CLIPPED] = never; // half of them do not show that it trains
    ck_assert(!is_slow_on(k, KIND_CLIPPED + 1));
    k[KIND_PENALTY] = never;
    ck_assert(!is_slow_on(k, KIND_CLIPPED + 1));
}
END_TEST

START_TEST(speed_on_both) {
    Kind k[SETS][MOST_KINDS];
    for (int set = 0; set < SETS; set++)
        k[set][KIND_PENALTY] = arriving(4, 100, 200), k[set][KIND_CLIPPED] = arriving(3, 10, 20);
    ck_assert_int_eq(verdict_speed(k, KIND_CLIPPED + 1), HOLDS);
    k[1][KIND_CLIPPED] = arriving(4, 150, 400);
    ck_assert_int_eq(verdict_speed(k, KIND_CLIPPED + 1), MIXED);
    k[0][KIND_PENALTY] = arriving(2, 1, 2);
    ck_assert_int_eq(verdict_speed(k, KIND_CLIPPED + 1), FAILS);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("loss_tracks_distance");
    TCase *tcase = tcase_create("loss_tracks_distance");
    tcase_add_test(tcase, estimates);
    tcase_add_test(tcase, updates_of_a_step);
    tcase_add_test(tcase, what_runs_come_to);
    tcase_add_test(tcase, kinds_are_told_apart);
    tcase_add_test(tcase, tracking);
    tcase_add_test(tcase, speed);
    tcase_add_test(tcase, speed_on_both);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
