// The judge of experiments/overfitting, fed with what runs might have come to, and with the rows of
// the reference run.
#include "experiments/images/image_gan.h"
#include "paper_tables.h"

#define main overfitting_main
#include "experiments/overfitting.c"
#undef main

#include <check.h> // has a fail() of its own

static const char *const VERDICTS[] = {[HOLDS] = "HOLDS", [FAILS] = "FAILS", [MIXED] = "MIXED"};

// Two runs, of which the second ends with a value on training images of 10 and a gap as given.
static Kind kind_with(double gap_before, double gap_at_end) {
    Kind k = NO_RUNS;
    take_run(&k, (Run){{8, 8 - gap_before}, {4, 4 - 0.4 * gap_at_end}});
    take_run(&k, (Run){{8, 8 - gap_before}, {10, 10 - gap_at_end}});
    return k;
}

static Verdict verdict(Kind few, Kind many) {
    return verdict_of((Kind[KINDS]){[FEW] = few, [MANY] = many});
}

START_TEST(held_out_images_are_not_trained_on) {
    static const uint8_t pixels[20 * 4];
    ImageSet mixed = {.count = 20, .height = 2, .width = 2, .channels = 1, .pixels = pixels};
    validation = 6, images = 5;
    Parts p = parts_of(&mixed);
    ck_assert(p.held.count == 6 && p.many.count == 14 && p.few.count == 5);
    ck_assert(p.held.pixels == pixels && p.many.pixels == pixels + 6 * 4);
    ck_assert(p.few.pixels == p.many.pixels);
}
END_TEST

START_TEST(few_part_and_many_stay) {
    Kind few = kind_with(0.1, 3), many = kind_with(0, 0.5);
    ck_assert_int_eq(verdict(few, many), HOLDS);
    ck_assert_int_eq(verdict(many, few), FAILS);
    ck_assert_int_eq(verdict(few, few), MIXED);
    ck_assert_int_eq(verdict(many, many), MIXED);
    ck_assert_int_eq(verdict(kind_with(0.1, -3), many), MIXED); // the other way round
    ck_assert_int_eq(verdict(few, kind_with(0, -3)), MIXED);
}
END_TEST

// A tenth of the value: with few images at least that, with many less, of either sign.
START_TEST(a_gap_of_a_tenth) {
    Kind few = kind_with(0.1, 3), many = kind_with(0, 0.5);
    ck_assert_int_eq(verdict(kind_with(0.1, 1.001), many), HOLDS);
    ck_assert_int_eq(verdict(kind_with(0.1, 0.999), many), MIXED);
    ck_assert_int_eq(verdict(few, kind_with(0, 0.999)), HOLDS);
    ck_assert_int_eq(verdict(few, kind_with(0, 1.001)), MIXED);
    ck_assert_int_eq(verdict(few, kind_with(0, -0.999)), HOLDS);
    ck_assert_int_eq(verdict(few, kind_with(0, -1.001)), MIXED);
}
END_TEST

// In absolute numbers, in every run: 1.2 at the end of the first run, 3 of the second.
START_TEST(a_gap_that_grows) {
    Kind many = kind_with(0, 0.5);
    ck_assert_int_eq(verdict(kind_with(1.199, 3), many), HOLDS);
    ck_assert_int_eq(verdict(kind_with(1.201, 3), many), MIXED);
}
END_TEST

START_TEST(every_run_counts) {
    Kind few = kind_with(0.1, 3), many = kind_with(0, 0.5), other = few;
    take_run(&other, (Run){{10, 9.95}, {10, 9.9}});
    ck_assert_int_eq(verdict(other, many), MIXED);
    other = many;
    take_run(&other, (Run){{10, 10}, {10, 8}});
    ck_assert_int_eq(verdict(few, other), MIXED);
}
END_TEST

// Without a positive value there is no share, whatever the signs make of a quotient.
START_TEST(nothing_learned) {
    static const Run runs[] = {
        {{-2, -3}, {-10, -13}},               // the quotient is −0.3
        {{-2, -2.2}, {-10, -7}},              // 0.3
        {{-1, -1.1}, {10, 7}},                // at the end only
        {{1, 0.9}, {-10, -10.5}},             // before only
        {{1, 0.9}, {0, -3}},                  // nothing to divide by
        {{0, -0.1}, {10, 7}},                 //
        {{-7565507., -8571952}, {-7e6, -8e6}} // of both signs, far away
    };
    Kind few = kind_with(0.1, 3), many = kind_with(0, 0.5), fails = kind_with(0.1, 0.2);
    for (size_t k = 0; k < sizeof runs / sizeof *runs; k++) {
        Kind alone = NO_RUNS, among = few;
        take_run(&alone, runs[k]), take_run(&among, runs[k]);
        ck_assert(!alone.positive && !among.positive);
        ck_assert_int_eq(verdict(alone, many), MIXED);
        ck_assert_int_eq(verdict(among, many), MIXED);
        ck_assert_int_eq(verdict(few, alone), MIXED);
        ck_assert_int_eq(verdict(fails, alone), MIXED);
        ck_assert_int_eq(verdict(alone, few), MIXED);
        ck_assert_int_eq(verdict(alone, alone), MIXED);
        ck_assert_ptr_nonnull(strstr(kind_text(&among), "no gap"));
        ck_assert_ptr_null(strstr(kind_text(&among), "%"));
    }
    ck_assert(isnan(share((Quarter){-10, -13})) && isnan(share((Quarter){0, -3})));
    ck_assert_double_eq_tol(share((Quarter){10, 7}), 0.3, 1e-12);
    ck_assert_str_eq(kind_text(&few),
                     "4.00 to 10.00 on training images, 2.80 to 7.00 on others, gap 30 to 30 %");
}
END_TEST

// Quarters of the reference run's looks, judged, are the row of its claims.
START_TEST(the_reference_run) {
    enum { SEEDS = 8, LOOKS = 1000 };
    static Quarter looks[KINDS][SEEDS][LOOKS];
    int count[KINDS][SEEDS] = {0};
    Table t = table_open("plots/paper/overfitting.tsv");
    while (table_next(&t)) {
        int kind = table_number(&t, 0) < 10000 ? FEW : MANY, seed = (int)table_number(&t, 1);
        int k = count[kind][seed]++;
        looks[kind][seed][k] = (Quarter){table_number(&t, 3), table_number(&t, 4)};
    }
    Kind kind[KINDS] = {NO_RUNS, NO_RUNS};
    for (int k = 0; k < KINDS; k++)
        for (int seed = 0; seed < SEEDS && count[k][seed]; seed++) {
            int quarter = count[k][seed] / 4;
            Run r = {{0, 0}, {0, 0}};
            for (int i = 0; i < quarter; i++) {
                take_in(&r.second, looks[k][seed][quarter + i], quarter);
                take_in(&r.last, looks[k][seed][3 * quarter + i], quarter);
            }
            take_run(&kind[k], r);
        }
    t = table_open("plots/paper/overfitting.claims.tsv");
    ck_assert(table_next(&t));
    ck_assert_str_eq(t.cell[CLAIM_MEASURED], measured_of(kind));
    ck_assert_str_eq(t.cell[CLAIM_VERDICT], VERDICTS[verdict_of(kind)]);
    ck_assert(!table_next(&t));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("overfitting");
    TCase *tcase = tcase_create("overfitting");
    tcase_add_test(tcase, held_out_images_are_not_trained_on);
    tcase_add_test(tcase, few_part_and_many_stay);
    tcase_add_test(tcase, a_gap_of_a_tenth);
    tcase_add_test(tcase, a_gap_that_grows);
    tcase_add_test(tcase, every_run_counts);
    tcase_add_test(tcase, nothing_learned);
    tcase_add_test(tcase, the_reference_run);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
