// The judge of experiments/instance_noise, fed with what runs might have come to, and with the rows
// of the reference run.
#include "experiments/images/image_gan.h"
#include "paper_tables.h"

#define main instance_noise_main
#include "experiments/instance_noise.c"
#undef main

#include <check.h> // has a fail() of its own

static const char *const VERDICTS[] = {[HOLDS] = "HOLDS", [FAILS] = "FAILS", [MIXED] = "MIXED"};

// Two runs about this sharp, whose patches came from 0.2 to 0.06.
static Kind kind_with(double detail, double edges) {
    Kind k = {0};
    take_run(&k, (Run){0.2, {detail, edges, 0.06}});
    take_run(&k, (Run){0.2, {detail + 0.1, edges + 0.1, 0.06}});
    return k;
}

static Verdict verdict(Kind none, Kind weak, Kind strong) {
    return verdict_of((Kind[KINDS]){none, weak, strong, kind_with(5, 5)});
}

START_TEST(softer_in_every_run) {
    Kind none = kind_with(0.8, 0.6), soft = kind_with(0.6, 0.4), same = none;
    ck_assert_int_eq(verdict(none, soft, soft), HOLDS);
    ck_assert_int_eq(verdict(none, same, same), FAILS);
    ck_assert_int_eq(verdict(soft, none, none), FAILS); // sharper
    ck_assert_int_eq(verdict(none, same, soft), MIXED);
    ck_assert_int_eq(verdict(none, soft, same), MIXED);
    ck_assert_int_eq(verdict(none, soft, kind_with(0.8, 0.4)), MIXED);
    ck_assert_int_eq(verdict(none, soft, kind_with(0.6, 0.6)), MIXED);
    ck_assert_int_eq(verdict(none, soft, kind_with(0.699, 0.499)), HOLDS);
    ck_assert_int_eq(verdict(none, soft, kind_with(0.701, 0.499)),
                     MIXED); // a run within those of none
    ck_assert_int_eq(verdict(none, soft, kind_with(0.699, 0.501)), MIXED);
}
END_TEST

// Patches no nearer than half of what they were at first: no verdict follows from such runs.
START_TEST(nothing_learned) {
    Kind none = kind_with(0.8, 0.6), soft = kind_with(0.6, 0.4), grain = kind_with(2.9, 3.1);
    ck_assert_int_eq(verdict(none, grain, grain), FAILS);
    Kind idle = grain;
    take_run(&idle, (Run){0.2, {2.9, 3.1, 0.101}});
    ck_assert(idle.idle && !grain.idle);
    ck_assert_int_eq(verdict(none, idle, grain), MIXED);
    ck_assert_int_eq(verdict(none, grain, idle), MIXED);
    ck_assert_int_eq(verdict(idle, none, none), MIXED);
    ck_assert_int_eq(verdict(idle, soft, soft), MIXED);
    ck_assert_int_eq(verdict_of((Kind[KINDS]){none, grain, grain, idle}), FAILS); // not asked for
    Kind just = {0};
    take_run(&just, (Run){0.2, {1, 1, 0.1}});
    ck_assert(!just.idle);
    take_run(&just, (Run){0.2, {1, 1, 0.01}});
    ck_assert(!just.idle);
    take_run(&just, (Run){NAN, {1, 1, 0.01}}); // not measured
    ck_assert(just.idle);
    take_run(&just, (Run){0.2, {1, 1, 0.01}});
    ck_assert(just.idle);
    const Kind all[KINDS] = {none, idle, grain, idle};
    ck_assert_ptr_nonnull(
        strstr(measured_of(all, (Look){0, 0, 0}), "tells nothing: weak, annealed"));
}
END_TEST

static int kind_named(const char *name) {
    int k = 0;
    while (k < KINDS && strcmp(KIND_NAMES[k], name)) k++;
    ck_assert_int_lt(k, KINDS);
    return k;
}

// The reference run's first looks and means, judged, are the row of its claims.
START_TEST(the_reference_run) {
    enum { SEEDS = 8 };
    double first[KINDS][SEEDS] = {0};
    Table t = table_open("plots/paper/instance_noise.tsv");
    while (table_next(&t)) {
        double *of = &first[kind_named(t.cell[0])][(int)table_number(&t, 1)];
        if (*of == 0) *of = table_number(&t, 5);
    }
    Kind kind[KINDS] = {0};
    t = table_open("plots/paper/instance_noise_final.tsv");
    while (table_next(&t)) {
        int k = kind_named(t.cell[0]);
        take_run(&kind[k], (Run){first[k][(int)table_number(&t, 1)],
                                 {table_number(&t, 2), table_number(&t, 3), table_number(&t, 4)}});
    }
    Look soft = {0, 0, 0};
    t = table_open("plots/paper/instance_noise_lines.tsv");
    while (table_next(&t))
        if (strcmp(t.cell[0], "blurred") == 0)
            soft = (Look){table_number(&t, 1), table_number(&t, 2), table_number(&t, 3)};
    t = table_open("plots/paper/instance_noise.claims.tsv");
    ck_assert(table_next(&t));
    ck_assert_str_eq(t.cell[CLAIM_MEASURED], measured_of(kind, soft));
    ck_assert_str_eq(t.cell[CLAIM_VERDICT], VERDICTS[verdict_of(kind)]);
    ck_assert(!table_next(&t));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("instance_noise");
    TCase *tcase = tcase_create("instance_noise");
    tcase_add_test(tcase, softer_in_every_run);
    tcase_add_test(tcase, nothing_learned);
    tcase_add_test(tcase, the_reference_run);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
