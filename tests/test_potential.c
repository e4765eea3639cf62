// Potentials and their extensions against closed forms and certificates; segments; small heaps.
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "toy/clouds.h"
#include "toy/heaps.h"
#include "toy/segments.h"

static const Law RING = {LAW_RING, 0, 0}, BLOB = {LAW_NORMAL, 0.5, 0.5}, WIDE = {LAW_NORMAL, 0, 1};

static Pair example(size_t dim, bool weighted, uint64_t seed) {
    Pair pair;
    Rng rng = rng_stream(seed, 1);
    const Law *x = dim == 2 ? &RING : &WIDE;
    ck_assert_int_eq(pair_draw(&pair, dim, x, &BLOB, weighted, 60, &rng), TRANSPORT_OK);
    return pair;
}

// ---- clouds ----

START_TEST(pairs_have_masses_and_a_plan) {
    for (int weighted = 0; weighted < 2; weighted++) {
        Pair pair = example(2, weighted, 3);
        double a = 0, b = 0, lowest = 1;
        ck_assert_uint_eq(pair.potential.n, 60);
        ck_assert_uint_eq(pair.potential.m, weighted ? 45 : 60);
        for (size_t i = 0; i < 60; i++) a += pair.a[i], lowest = fmin(lowest, pair.a[i]);
        for (size_t j = 0; j < pair.potential.m; j++) b += pair.b[j];
        ck_assert_double_eq_tol(a, 1, 1e-14);
        ck_assert_double_eq_tol(b, 1, 1e-14);
        ck_assert(weighted ? lowest < 0.5 / 60 : lowest > 0.999 / 60);
        pair_free(&pair);
        ck_assert_ptr_null(pair.x);
    }
}
END_TEST

START_TEST(laws_lie_where_they_say) {
    const Law laws[] = {
        {LAW_NORMAL, 2, 0.1}, {LAW_LINE, 2, 0}, {LAW_ROLL, 0, 0}, {LAW_RING, 0, 0.3}};
    Pair p[2];
    for (int k = 0; k < 2; k++) {
        Rng rng = rng_stream(9, 1);
        ck_assert_int_eq(pair_draw(&p[k], 2, &laws[2 * k], &laws[2 * k + 1], false, 400, &rng), 0);
    }
    double x = 0, z = 0, spread = 0;
    for (int i = 0; i < 400; i++) {
        x += p[0].x[2 * i] / 400, z += p[0].x[2 * i + 1] / 400;
        ck_assert_double_eq(p[0].y[2 * i], 2);
        ck_assert_double_lt(hypot(p[1].x[2 * i], p[1].x[2 * i + 1]), 2.2);
        spread += pow(hypot(p[1].y[2 * i], p[1].y[2 * i + 1]) - 2 / 1.414, 2) / 400;
    }
    ck_assert_double_eq_tol(x, 2, 0.03);
    ck_assert_double_eq_tol(z, 0, 0.03);
    ck_assert_double_eq_tol(sqrt(spread), 0.3, 0.05);
    pair_free(&p[0]), pair_free(&p[1]);
}
END_TEST

// ---- the certificate ----

START_TEST(certificate_meets_a_closed_form) {
    // Every point of a cloud moved by (0.3, 0.4): W = 0.5.
    Pair pair = example(2, false, 4);
    double moved[120];
    for (int k = 0; k < 120; k++) moved[k] = pair.x[k] + (k % 2 ? 0.4 : 0.3);
    Transport t;
    ck_assert_int_eq(transport_solve(&t, COST_L2, 2, 60, pair.x, pair.a, 60, moved, pair.a), 0);
    Certificate c = potential_certify(&(Potential){2, 60, 60, pair.x, pair.a, moved, pair.a, t});
    ck_assert_double_eq_tol(c.primal, 0.5, 1e-12);
    ck_assert_double_eq_tol(c.dual, 0.5, 1e-12);
    ck_assert_double_lt(c.marginals, 1e-14);
    ck_assert_double_lt(c.excess, 1e-14);
    transport_free(&t), pair_free(&pair);
}
END_TEST

START_TEST(certificate_sees_what_is_wrong) {
    Pair pair = example(2, true, 5);
    const Potential *p = &pair.potential;
    pair.t.plan[3].mass += 0.01;
    ck_assert_double_eq_tol(potential_certify(p).marginals, 0.01, 1e-12);
    pair.t.plan[3].mass -= 0.01;
    pair.t.u[pair.t.plan[3].i] += 0.02; // tight there
    Certificate c = potential_certify(p);
    ck_assert_double_eq_tol(c.excess, 0.02, 1e-9);
    ck_assert_double_gt(c.dual, c.primal);
    pair.t.plan[0].j = (pair.t.plan[0].j + 1) % p->m; // right out of x, wrong into y
    ck_assert_double_gt(potential_certify(p).marginals, 1e-4);
    pair_free(&pair);
}
END_TEST

// ---- extensions ----

static Extension *const EXTENSIONS[] = {potential_upper, potential_lower, potential_middle};

START_TEST(extensions_agree_with_the_potentials) {
    for (size_t dim = 1; dim <= 3; dim++)
        for (int k = 0; k < 3; k++) {
            Pair pair = example(dim, true, 6 + dim);
            const Potential *p = &pair.potential;
            for (size_t i = 0; i < p->n; i++)
                ck_assert_double_eq_tol(EXTENSIONS[k](p, p->x + i * dim), p->t.u[i], 1e-12);
            for (size_t j = 0; j < p->m; j++)
                ck_assert_double_eq_tol(EXTENSIONS[k](p, p->y + j * dim), -p->t.v[j], 1e-12);
            ck_assert_double_eq_tol(potential_gap(EXTENSIONS[k], p), p->t.value, 1e-12);
            Rng rng = rng_stream(1, 2);
            ck_assert_double_le(potential_steepest(EXTENSIONS[k], p, 2000, &rng), 1 + 1e-9);
            pair_free(&pair);
        }
}
END_TEST

// A 1-Lipschitz function: the least of g_k + |z − s_k|.
typedef struct {
    double s[5][2], g[5];
} Cones;

static double cones_at(const Cones *c, const double *z) {
    double f = INFINITY;
    for (int k = 0; k < 5; k++) f = fmin(f, c->g[k] + hypot(z[0] - c->s[k][0], z[1] - c->s[k][1]));
    return f;
}

// Lowered until f(y_j) ≤ −v_j holds it lies below the upper extension, raised until f(x_i) ≥ u_i
// above the lower one.
START_TEST(extensions_are_the_extreme_ones) {
    Pair pair = example(2, true, 11);
    const Potential *p = &pair.potential;
    Rng rng = rng_stream(2, 2);
    Cones f;
    double down = INFINITY, up = -INFINITY;
    for (int k = 0; k < 5; k++)
        f.s[k][0] = rng_normal(&rng), f.s[k][1] = rng_normal(&rng), f.g[k] = rng_uniform(&rng);
    for (size_t j = 0; j < p->m; j++) down = fmin(down, -p->t.v[j] - cones_at(&f, p->y + 2 * j));
    for (size_t i = 0; i < p->n; i++) up = fmax(up, p->t.u[i] - cones_at(&f, p->x + 2 * i));
    for (int k = 0; k < 500; k++) {
        double z[2] = {3 * rng_normal(&rng), 3 * rng_normal(&rng)};
        ck_assert_double_le(cones_at(&f, z) + down, potential_upper(p, z) + 1e-12);
        ck_assert_double_ge(cones_at(&f, z) + up, potential_lower(p, z) - 1e-12);
    }
    pair_free(&pair);
}
END_TEST

static double steep(const Potential *p, const double *z) {
    (void)p;
    return 3 * z[0] - 4 * z[1];
}

START_TEST(slopes_of_a_plane) {
    Pair pair = example(2, false, 12);
    Rng rng = rng_stream(3, 2);
    double z[2] = {0.2, -0.7}, e[2] = {0.6, 0.8};
    ck_assert_double_eq_tol(potential_slope(steep, &pair.potential, z, e, 1e-3), -1.4, 1e-9);
    ck_assert_double_eq_tol(potential_norm(steep, &pair.potential, z, 1e-3), 5, 1e-9);
    double largest = potential_steepest(steep, &pair.potential, 2000, &rng);
    ck_assert(largest > 4.99 && largest < 5 + 1e-8);
    pair_free(&pair);
}
END_TEST

// ---- segments ----

// Two far pairs, of masses 0.8 and 0.2, each with its partner at distance 1.
static double X
[4] = {0, 0, 10, 0}, Y[4] = {0, 1, 10, 1}, MASS[2] = {0.8, 0.2};

START_TEST(segments_follow_plan_or_masses) {
    Transport t;
    enum { COUNT = 20000 };
    static double z[COUNT][2], e[COUNT][2];
    ck_assert_int_eq(transport_solve(&t, COST_L2, 2, 2, X, MASS, 2, Y, MASS), 0);
    Potential p = { 2, 2, 2, X, MASS, Y, MASS, t };
    for (int kind = COUPLED; kind <= INDEPENDENT; kind++) {
        Rng rng = rng_stream(4, 2);
        double left = 0, right = 0, across = 0, height = 0;
        segments_draw((SegmentKind)kind, &p, &rng, COUNT, 0.01, z[0], e[0]);
        for (int k = 0; k < COUNT; k++) {
            ck_assert_double_eq_tol(hypot(e[k][0], e[k][1]), 1, 1e-12);
            ck_assert(e[k][1] < 0 && z[k][1] >= (kind == COUPLED ? 0.01 : 0) && z[k][1] <= 1);
            bool upright = e[k][1] < -0.9;
            left += upright && z[k][0] == 0, right += upright && z[k][0] == 10;
            across += !upright, height += z[k][1] / COUNT;
            // on the segment: x = z + s e for the s that brings the height to 0
            double foot = z[k][0] - z[k][1] * e[k][0] / e[k][1];
            ck_assert(fabs(foot) < 1e-9 || fabs(foot - 10) < 1e-9);
        }
        ck_assert_double_eq_tol(left / COUNT, kind == COUPLED ? 0.8 : 0.64, 0.02);
        ck_assert_double_eq_tol(right / COUNT, kind == COUPLED ? 0.2 : 0.04, 0.02);
        ck_assert_double_eq_tol(across / COUNT, kind == COUPLED ? 0 : 0.32, 0.02);
        ck_assert_double_eq_tol(height, 0.5, 0.01);
    }
    transport_free(&t);
}
END_TEST

START_TEST(coupled_segments_have_slope_one) {
    Pair pair = example(2, true, 13);
    enum { COUNT = 500 };
    double z[2 * COUNT], e[2 * COUNT];
    Rng rng = rng_stream(5, 2);
    segments_draw(COUPLED, &pair.potential, &rng, COUNT, 1e-5, z, e);
    for (int k = 0; k < COUNT; k++)
        for (int f = 0; f < 3; f++)
            ck_assert_double_eq_tol(
                potential_slope(EXTENSIONS[f], &pair.potential, z + 2 * k, e + 2 * k, 1e-6), 1,
                1e-8);
    pair_free(&pair);
}
END_TEST

START_TEST(summary_of_slopes) {
    Slopes s = slopes_summary(4, (double[]){1, -1, 0.5, 0.5}, (double[]){1, 0.9, 0.8, 0.1});
    ck_assert_double_eq(s.slope_mean, 0.25);
    ck_assert_double_eq(s.slope_low, -1);
    ck_assert_double_eq(s.slope_high, 1);
    ck_assert_double_eq_tol(s.norm_mean, 0.7, 1e-15);
    ck_assert_double_eq(s.below, 0.5);
}
END_TEST

// ---- heaps ----

START_TEST(heaps_cheapest_is_the_transport) {
    for (int k = 0; k < HEAPS_COUNT; k++) {
        Heaps h = heaps_example(k);
        int x = 0, y = 0;
        for (size_t i = 0; i < h.n; i++) x += h.units_x[i];
        for (size_t j = 0; j < h.m; j++) y += h.units_y[j];
        ck_assert(x == HEAP_UNITS && y == HEAP_UNITS);
        Transport t;
        ck_assert_int_eq(transport_solve(&t, COST_L2, h.dim, h.n, h.x, h.a, h.m, h.y, h.b), 0);
        ck_assert_double_eq_tol(heaps_cheapest(&h), t.value, 1e-12);
        transport_free(&t);
    }
}
END_TEST

START_TEST(heaps_cheapest_by_hand) {
    // 5 units from 0 to 3, 3 from 10 to 10: 15/8; the other way round costs (5·10 + 3·7)/8.
    Heaps h = {
        .dim = 1, .n = 2, .m = 2, .x = {0, 10}, .units_x = {5, 3}, .y = {10, 3}, .units_y = {3, 5}};
    ck_assert_double_eq_tol(heaps_cheapest(&h), 15.0 / 8, 1e-15);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("potential");
    TCase *cases = tcase_create("all");
    tcase_add_test(cases, pairs_have_masses_and_a_plan);
    tcase_add_test(cases, laws_lie_where_they_say);
    tcase_add_test(cases, certificate_meets_a_closed_form);
    tcase_add_test(cases, certificate_sees_what_is_wrong);
    tcase_add_test(cases, extensions_agree_with_the_potentials);
    tcase_add_test(cases, extensions_are_the_extreme_ones);
    tcase_add_test(cases, slopes_of_a_plane);
    tcase_add_test(cases, segments_follow_plan_or_masses);
    tcase_add_test(cases, coupled_segments_have_slope_one);
    tcase_add_test(cases, summary_of_slopes);
    tcase_add_test(cases, heaps_cheapest_is_the_transport);
    tcase_add_test(cases, heaps_cheapest_by_hand);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
