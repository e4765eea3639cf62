// The judges of experiments/mode_collapse, fed with what runs might have come to.
#include "experiments/common/trainer.h"

#define main mode_collapse_main
#include "experiments/mode_collapse.c"
#undef main

#include <check.h> // has a fail() of its own

START_TEST(looks_by_work) {
    Look looks[] = {{.work = 0}, {.work = 10}, {.work = 20}, {.work = 30}};
    Run r = {4, looks};
    ck_assert(look_at(&r, 5) == looks && look_at(&r, 0) == looks);
    ck_assert(look_at(&r, 19.9) == looks + 1 && look_at(&r, 20) == looks + 2);
    ck_assert(look_at(&r, 1e9) == looks + 3 && last_look(&r) == looks + 3);
}
END_TEST

// In the order of GanLoss: gan, nsgan, lsgan, wgan, wgan-gp.
static void miss(Missed m[LOSSES], const int64_t modes[LOSSES]) {
    for (int loss = 0; loss < LOSSES; loss++) m[loss] = (Missed){modes[loss], modes[loss] > 0};
}

static bool collapse(int64_t gan, int64_t nsgan, int64_t lsgan, int64_t wgan, int64_t wgan_gp) {
    Missed m[LOSSES];
    miss(m, (int64_t[]){gan, nsgan, lsgan, wgan, wgan_gp});
    return shows_collapse(m);
}

START_TEST(collapse_of_one_set) {
    ck_assert(collapse(9, 5, 4, 3, 2));
    ck_assert(collapse(9, 5, 4, 0, 0));  // as few as another, but for the one that collapses
    ck_assert(!collapse(8, 8, 8, 8, 8)); // nothing has learnt anything
    ck_assert(!collapse(0, 0, 0, 0, 0)); // nothing collapses
    ck_assert(!collapse(9, 2, 4, 3, 5)); // the other way round
    ck_assert(!collapse(9, 5, 4, 1, 2)); // clipping misses fewer
    ck_assert(!collapse(1, 5, 4, 3, 2)); // the saturating GAN does
}
END_TEST

START_TEST(collapse_of_both) {
    const int64_t shows[] = {9, 5, 4, 3, 2}, does_not[] = {9, 5, 4, 1, 2};
    Missed m[SETS][LOSSES];
    miss(m[0], shows), miss(m[1], shows);
    ck_assert_int_eq(verdict_collapse(m), HOLDS);
    miss(m[0], does_not);
    ck_assert_int_eq(verdict_collapse(m), MIXED);
    miss(m[1], does_not);
    ck_assert_int_eq(verdict_collapse(m), FAILS);
}
END_TEST

START_TEST(missed_modes) {
    Look all = {.modes = 8}, some = {.modes = 5}, earlier[] = {{.modes = 1}, {.modes = 6}};
    seeds = 3;
    all_runs[0][GAN][0] = (Run){1, &all};
    all_runs[0][GAN][1] = (Run){1, &some};
    all_runs[0][GAN][2] = (Run){2, earlier};
    Missed m = missed(0, GAN);
    ck_assert(m.modes == 5 && m.runs == 2);
    all.modes = 25, some.modes = 24;
    all_runs[1][GAN][0] = (Run){1, &all};
    all_runs[1][GAN][1] = all_runs[1][GAN][2] = (Run){1, &some};
    m = missed(1, GAN);
    ck_assert(m.modes == 2 && m.runs == 2);
}
END_TEST

// Two runs of each: W 4 at their beginning, then as given, with a unit of work each look for ours
// and two thirds of one for the other's.
static Pair pair_with(bool equal_work, const double ours[2][3], const double other[2][3]) {
    static Look looks[2][2][4];
    static Run runs[2][2];
    seeds = 2;
    for (int side = 0; side < 2; side++)
        for (int k = 0; k < 2; k++) {
            runs[side][k] = (Run){4, looks[side][k]};
            looks[side][k][0] = (Look){.w = 4};
            for (int i = 0; i < 3; i++)
                looks[side][k][i + 1] =
                    (Look){.work = (i + 1) * (side ? 2. / 3 : 1), .w = (side ? other : ours)[k][i]};
        }
    return pair_of(runs[0], runs[1], equal_work);
}

START_TEST(pairs) {
    const double falls[2][3] = {{3, 2, 0.5}, {3, 1.5, 0.25}},
                 stays[2][3] = {{1.25, 1, 1}, {1.75, 1.25, 1}};
    Pair end = pair_with(false, falls, stays), work = pair_with(true, falls, stays);
    ck_assert(end.ours.low == 0.25 && end.ours.high == 0.5 && end.other.low == 1);
    ck_assert(end.trained && is_better(&end));
    ck_assert(work.ours.low == 1.5 && work.ours.high == 2 && work.other.high == 1);
    ck_assert(work.trained && !is_better(&work)); // W 2 is just half of 4
    end = pair_with(false, stays, falls), work = pair_with(true, stays, falls);
    ck_assert(end.trained && !is_better(&end));
    ck_assert(work.ours.low == 1 && work.other.high == 0.5 && !is_better(&work));
    const double poor[2][3] = {{3, 3, 3}, {3, 3, 1}};
    end = pair_with(false, falls, poor);
    ck_assert(!end.trained && !is_better(&end));
    const double across[2][3] = {{1, 1, 1}, {1, 1, 0.4}};
    end = pair_with(false, falls, across);
    ck_assert(end.trained && !is_better(&end));
}
END_TEST

START_TEST(pairs_of_all_sets) {
    static Look penalised[] = {{.w = 8}, {.work = 3, .w = 4}, {.work = 6, .w = 2}};
    static Look clipped[] = {{.w = 8}, {.work = 2, .w = 7}, {.work = 4, .w = 3}};
    seeds = 1;
    for (int set = 0; set < SETS; set++) {
        all_runs[set][GAN_WASSERSTEIN_GP][0] = (Run){3, penalised};
        all_runs[set][GAN_WASSERSTEIN][0] = (Run){3, clipped};
    }
    all_runs[1][GAN_WASSERSTEIN][0].count = 2;
    Pair p[2 * SETS];
    pairs_with(GAN_WASSERSTEIN, p);
    ck_assert(p[0].ours.mean == 2 && p[0].other.mean == 3);       // equal steps
    ck_assert(p[1].ours.mean == 2 && p[1].other.mean == 7);       // on the other set
    ck_assert(p[SETS].ours.mean == 4 && p[SETS].other.mean == 3); // equal work
    ck_assert(p[SETS + 1].ours.mean == 8 && p[SETS + 1].other.mean == 7);
}
END_TEST

START_TEST(does_not_beat) {
    const double low[2] = {1, 2}, high[2] = {3, 4};
    Summary a = statistics_summary(2, low), b = statistics_summary(2, high);
    const Pair better = {a, b, true}, worse = {b, a, true}, even = {a, a, true},
               idle = {a, b, false};
    ck_assert_int_eq(verdict_penalty(2, (Pair[]){worse, even}), HOLDS);
    ck_assert_int_eq(verdict_penalty(2, (Pair[]){better, better}), FAILS);
    ck_assert_int_eq(verdict_penalty(2, (Pair[]){better, even}), MIXED);
    ck_assert_int_eq(verdict_penalty(2, (Pair[]){better, worse}), MIXED);
    ck_assert_int_eq(verdict_penalty(2, (Pair[]){idle, idle}), FAILS); // shows nothing
    ck_assert_int_eq(verdict_penalty(2, (Pair[]){idle, even}), MIXED);
    ck_assert_int_eq(verdict_penalty(2, (Pair[]){idle, better}), FAILS);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("mode_collapse");
    TCase *tcase = tcase_create("mode_collapse");
    tcase_add_test(tcase, looks_by_work);
    tcase_add_test(tcase, collapse_of_one_set);
    tcase_add_test(tcase, collapse_of_both);
    tcase_add_test(tcase, missed_modes);
    tcase_add_test(tcase, pairs);
    tcase_add_test(tcase, pairs_of_all_sets);
    tcase_add_test(tcase, does_not_beat);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
