// Exact transport against LEMON, brute force, closed forms and its own duality.
#include "oracle_lemon.h"
#include "toy/transport.h"
#include "toy/transport_parts.h"

#include <check.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// ---- instances -------------------------------------------------------------------------------

typedef enum { UNIFORM, CLUSTERS, GRID, DUPLICATES, ALL_EQUAL, COLLINEAR, TWINS, CLOUDS } Cloud;
typedef enum { NO_WEIGHTS, RANDOM, WHOLE, WIDE, SOME_ZERO, CONSTANT, WEIGHTS } Weights;

static uint64_t state;

static double uniform(void) { // splitmix64 (Steele, Lea & Flood 2014)
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return ((double)((z ^ z >> 31) >> 11) + 0.5) * 0x1p-53;
}

static size_t below(size_t n) {
    return (size_t)(uniform() * (double)n);
}

typedef struct {
    size_t dim, n, m;
    double *x, *y, *a, *b, *cost; // a or b NULL: equal weights
    double largest;               // cost
    GroundCost ground;
} Instance;

static double *make_points(Cloud cloud, size_t n, size_t dim) {
    double *x = malloc(n * dim * sizeof *x), along = 0;
    for (size_t k = 0; k < n * dim; k++) {
        if (k % dim == 0) along = uniform();
        switch (cloud) {
        case UNIFORM:
        case DUPLICATES:
            x[k] = uniform();
            break;
        case CLUSTERS:
            x[k] = (double)below(3) * 10 + uniform() * 0.1;
            break;
        case GRID:
            x[k] = (double)below(4);
            break;
        case ALL_EQUAL:
            x[k] = 0.7;
            break;
        case COLLINEAR:
            x[k] = along * (double)(k % dim + 1);
            break;
        default:
            x[k] = (double)(k / dim) / 8;
            break; // TWINS: the same points in both clouds
        }
    }
    if (cloud == DUPLICATES)
        for (size_t i = n / 3 + 1; i < n; i++)
            memcpy(x + i * dim, x + below(n / 3 + 1) * dim, dim * sizeof *x);
    return x;
}

static double *make_weights(Weights weights, size_t n) {
    if (weights == NO_WEIGHTS) return NULL;
    double *a = malloc(n * sizeof *a);
    for (size_t i = 0; i < n; i++) switch (weights) {
        case RANDOM:
            a[i] = uniform();
            break;
        case WHOLE:
            a[i] = (double)(1 + below(4));
            break;
        case WIDE:
            a[i] = pow(10, -12 * uniform());
            break;
        case SOME_ZERO:
            a[i] = below(2) ? uniform() : 0;
            break;
        default:
            a[i] = 0.1;
            break;
        }
    if (weights == SOME_ZERO) a[n / 2] = 1;
    return a;
}

static double straight_cost(GroundCost ground, size_t dim, const double *x, const double *y) {
    double sum = 0;
    for (size_t k = 0; k < dim; k++)
        sum += ground == COST_L1 ? fabs(x[k] - y[k]) : pow(x[k] - y[k], 2);
    return ground == COST_L2 ? sqrt(sum) : sum;
}

static void fill_costs(Instance *p) {
    p->largest = 0;
    p->cost = malloc(p->n * p->m * sizeof *p->cost);
    for (size_t i = 0; i < p->n; i++)
        for (size_t j = 0; j < p->m; j++) {
            double cost = straight_cost(p->ground, p->dim, p->x + i * p->dim, p->y + j * p->dim);
            p->cost[i * p->m + j] = cost;
            p->largest = fmax(p->largest, cost);
        }
}

static Instance make_instance(Cloud cloud, Weights weights, GroundCost ground, size_t dim, size_t n,
                              size_t m) {
    Instance p = {.dim = dim, .n = n, .m = m, .ground = ground};
    p.x = make_points(cloud, n, dim);
    p.y = make_points(cloud, m, dim);
    p.a = make_weights(weights, n);
    p.b = make_weights(weights, m);
    fill_costs(&p);
    return p;
}

static void free_instance(Instance *p) {
    free(p->x);
    free(p->y);
    free(p->a);
    free(p->b);
    free(p->cost);
}

static Transport solve(const Instance *p) {
    Transport t;
    int status = transport_solve(&t, p->ground, p->dim, p->n, p->x, p->a, p->m, p->y, p->b);
    ck_assert_msg(status == TRANSPORT_OK, "%s", transport_error(status));
    return t;
}

static Transport solve_costs(const Instance *p) {
    Transport t;
    int status = transport_solve_costs(&t, p->n, p->a, p->m, p->b, p->cost);
    ck_assert_msg(status == TRANSPORT_OK, "%s", transport_error(status));
    return t;
}

// ---- what holds for every solution -----------------------------------------------------------

static double total(size_t n, const double *w) {
    double sum = 0;
    for (size_t k = 0; k < n; k++) sum += w ? w[k] : 1;
    return sum;
}

static double share(size_t n, const double *w, double sum, size_t k) {
    return w ? w[k] / sum : 1 / (double)n;
}

static void verify_plan(const Instance *p, const Transport *t) {
    double *rows = calloc(p->n, sizeof *rows), *columns = calloc(p->m, sizeof *columns), value = 0;
    ck_assert(t->n == p->n && t->m == p->m && t->entries > 0 && t->entries < p->n + p->m);
    for (size_t k = 0; k < t->entries; k++) {
        PlanEntry e = t->plan[k];
        ck_assert(e.i < p->n && e.j < p->m && e.mass > 0);
        if (k > 0) ck_assert(t->plan[k - 1].i * p->m + t->plan[k - 1].j < e.i * p->m + e.j);
        if (p->a) ck_assert(p->a[e.i] > 0);
        if (p->b) ck_assert(p->b[e.j] > 0);
        rows[e.i] += e.mass;
        columns[e.j] += e.mass;
        value += e.mass * p->cost[e.i * p->m + e.j];
    }
    double a = total(p->n, p->a), b = total(p->m, p->b);
    for (size_t i = 0; i < p->n; i++)
        ck_assert_double_eq_tol(rows[i], share(p->n, p->a, a, i), 1e-14);
    for (size_t j = 0; j < p->m; j++)
        ck_assert_double_eq_tol(columns[j], share(p->m, p->b, b, j), 1e-14);
    ck_assert_double_le(fabs(value - t->value), 1e-13 * fabs(value) + 1e-15 * p->largest);
    free(rows);
    free(columns);
}

static void verify_potentials(const Instance *p, const Transport *t) {
    double a = total(p->n, p->a), b = total(p->m, p->b), tiny = 4e-14 * p->largest, dual = 0;
    ck_assert_double_eq(t->v[0], 0);
    for (size_t i = 0; i < p->n; i++) {
        dual += share(p->n, p->a, a, i) * t->u[i];
        for (size_t j = 0; j < p->m; j++)
            ck_assert_double_le(t->u[i] + t->v[j], p->cost[i * p->m + j] + tiny);
    }
    for (size_t j = 0; j < p->m; j++) dual += share(p->m, p->b, b, j) * t->v[j];
    for (size_t k = 0; k < t->entries; k++) {
        PlanEntry e = t->plan[k];
        ck_assert_double_eq_tol(t->u[e.i] + t->v[e.j], p->cost[e.i * p->m + e.j], tiny + DBL_MIN);
    }
    ck_assert_double_eq_tol(dual, t->value, tiny + DBL_MIN);
}

static void verify(const Instance *p, const Transport *t) {
    verify_plan(p, t);
    verify_potentials(p, t);
}

// ---- LEMON -----------------------------------------------------------------------------------

static int64_t *lemon_masses(size_t n, const double *w, int64_t uniform_mass) {
    int64_t *mass = malloc(n * sizeof *mass), left = (int64_t)1 << 58;
    double sum = total(n, w);
    size_t heaviest = 0;
    for (size_t k = 0; k < n; k++) {
        mass[k] = w ? (int64_t)(w[k] / sum * 0x1p58) : uniform_mass;
        left -= mass[k];
        if (mass[k] > mass[heaviest]) heaviest = k;
    }
    if (w) mass[heaviest] += left;
    return mass;
}

static double lemon_value(const Instance *p) {
    int64_t *supply = lemon_masses(p->n, p->a, (int64_t)p->m);
    int64_t *demand = lemon_masses(p->m, p->b, (int64_t)p->n);
    double value = lemon_transport(LEMON_WHOLE, p->n, supply, p->m, demand, p->cost, NULL);
    free(supply);
    free(demand);
    return value;
}

static void compare_with_lemon(Instance p) {
    Transport t = solve(&p), s = solve_costs(&p);
    double lemon = lemon_value(&p), tolerance = 1e-9 * lemon + 1e-14 * p.largest;
    ck_assert_double_le(fabs(t.value - lemon), tolerance);
    ck_assert_double_le(fabs(s.value - lemon), tolerance);
    verify(&p, &t);
    verify(&p, &s);
    transport_free(&t);
    transport_free(&s);
    free_instance(&p);
}

START_TEST(lemon_small) {
    static const size_t dims[] = {1, 2, 3, 4, 5, 100};
    state = (uint64_t)_i;
    for (int cloud = 0; cloud < CLOUDS; cloud++)
        for (int weights = 0; weights < WEIGHTS; weights++)
            for (int ground = COST_L1; ground <= COST_SQL2; ground++) {
                size_t n = 1 + below(40), m = below(3) ? 1 + below(40) : n;
                compare_with_lemon(make_instance(cloud, weights, ground, dims[below(6)], n, m));
            }
}
END_TEST

START_TEST(lemon_large) {
    state = 1000 + (uint64_t)_i;
    Cloud cloud = (Cloud)(_i % CLOUDS);
    for (int weights = 0; weights < WEIGHTS; weights++)
        compare_with_lemon(make_instance(cloud, weights, (GroundCost)(weights % 3), 2,
                                         _i % 2 ? 512 : 300, weights % 2 ? 512 : 160));
}
END_TEST

START_TEST(lemon_long_and_narrow) { // blocks of arcs that span rows, and rows that span blocks
    state = 7;
    for (int weights = 0; weights < WEIGHTS; weights++) {
        compare_with_lemon(make_instance(UNIFORM, weights, COST_L2, 2, 3, 900));
        compare_with_lemon(make_instance(UNIFORM, weights, COST_L2, 2, 900, 3));
        compare_with_lemon(make_instance(GRID, weights, COST_L1, 2, 1, 200));
        compare_with_lemon(make_instance(GRID, weights, COST_L1, 2, 200, 1));
    }
}
END_TEST

// ---- brute force and closed forms ------------------------------------------------------------

static double best_matching(const Instance *p, size_t i, unsigned used) {
    if (i == p->n) return 0;
    double best = INFINITY;
    for (size_t j = 0; j < p->m; j++)
        if (!(used >> j & 1))
            best = fmin(best, p->cost[i * p->m + j] + best_matching(p, i + 1, used | 1u << j));
    return best;
}

START_TEST(permutations) {
    state = 20;
    for (int k = 0; k < 200; k++) {
        size_t n = 1 + below(7);
        Instance p = make_instance((Cloud)below(CLOUDS), NO_WEIGHTS, (GroundCost)below(3),
                                   1 + below(3), n, n);
        Transport t = solve(&p);
        ck_assert_double_eq_tol(t.value, best_matching(&p, 0, 0) / (double)n,
                                1e-13 * p.largest + DBL_MIN);
        transport_free(&t);
        free_instance(&p);
    }
}
END_TEST

START_TEST(translation) { // |t| under L2, Σ|t_k| under L1, |t|² under squared L2
    static const double shift[] = {0.3, -0.4, 1.2};
    static const double expected[] = {1.9, 1.3, 1.69};
    state = 30;
    for (int ground = COST_L1; ground <= COST_SQL2; ground++)
        for (int k = 0; k < 10; k++) {
            size_t n = 1 + below(60);
            Instance p = make_instance(UNIFORM, NO_WEIGHTS, (GroundCost)ground, 3, n, n);
            p.a = make_weights(k % 2 ? RANDOM : NO_WEIGHTS, n);
            p.b = p.a ? memcpy(malloc(n * sizeof *p.b), p.a, n * sizeof *p.a) : NULL;
            for (size_t i = 0; i < 3 * n; i++) p.y[i] = p.x[i] + shift[i % 3];
            Transport t = solve(&p);
            ck_assert_double_eq_tol(t.value, expected[ground], 1e-13);
            transport_free(&t);
            free_instance(&p);
        }
}
END_TEST

START_TEST(squared_translation) { // W(x, y + t) - W(x, y) = |t|² + 2 t·(mean y - mean x)
    static const double shift[] = {0.3, -0.4};
    state = 31;
    Instance p = make_instance(UNIFORM, RANDOM, COST_SQL2, 2, 50, 70);
    Transport t = solve(&p);
    double expected = t.value + 0.25, a = total(50, p.a), b = total(70, p.b);
    for (size_t k = 0; k < 100; k++) expected -= 2 * shift[k % 2] * p.a[k / 2] / a * p.x[k];
    for (size_t k = 0; k < 140; k++) expected += 2 * shift[k % 2] * p.b[k / 2] / b * p.y[k];
    for (size_t k = 0; k < 140; k++) p.y[k] += shift[k % 2];
    Transport moved = solve(&p);
    ck_assert_double_eq_tol(moved.value, expected, 1e-13);
    transport_free(&t);
    transport_free(&moved);
    free_instance(&p);
}
END_TEST

START_TEST(two_diracs) {
    static const double x[] = {1, 2}, y[] = {4, 6}, value[] = {7, 5, 25};
    for (int ground = COST_L1; ground <= COST_SQL2; ground++) {
        Transport t;
        ck_assert_int_eq(transport_solve(&t, (GroundCost)ground, 2, 1, x, NULL, 1, y, NULL), 0);
        ck_assert_double_eq(t.value, value[ground]);
        ck_assert_double_eq(t.u[0], value[ground]);
        ck_assert(t.entries == 1 && t.plan[0].mass == 1);
        transport_free(&t);
    }
}
END_TEST

START_TEST(known_plan) { // half a mass from 0 stays, half goes to 3; all of 2 goes to 3
    static const double x[] = {0, 0, 2, 0}, y[] = {3, 0, 0, 0}, a[] = {2, 1}, b[] = {2, 1};
    Transport t;
    ck_assert_int_eq(transport_solve(&t, COST_L2, 2, 2, x, a, 2, y, b), 0);
    ck_assert_uint_eq(t.entries, 3);
    for (size_t k = 0; k < 3; k++) ck_assert_double_eq(t.plan[k].mass, 1.0 / 3);
    ck_assert(t.plan[0].i == 0 && t.plan[0].j == 0 && t.plan[1].j == 1 && t.plan[2].i == 1);
    ck_assert_double_eq_tol(t.value, 4.0 / 3, 1e-15);
    transport_free(&t);
}
END_TEST

START_TEST(costs_of_either_sign) { // adding r_i + s_j to the costs adds Σ a r + Σ b s to the value
    state = 40;
    for (int k = 0; k < 20; k++) {
        Instance p = make_instance(UNIFORM, NO_WEIGHTS, COST_L2, 2, 1 + below(20), 1 + below(20));
        Transport t = solve_costs(&p);
        double expected = t.value;
        for (size_t i = 0; i < p.n; i++) {
            double r = 4 * uniform() - 3;
            for (size_t j = 0; j < p.m; j++) p.cost[i * p.m + j] += r;
            expected += r / (double)p.n;
        }
        p.largest = 4;
        Transport shifted = solve_costs(&p);
        verify(&p, &shifted);
        ck_assert_double_eq_tol(shifted.value, expected, 1e-13);
        transport_free(&t);
        transport_free(&shifted);
        free_instance(&p);
    }
}
END_TEST

// ---- the line --------------------------------------------------------------------------------

static int compare_doubles(const void *p, const void *q) {
    double x = *(const double *)p, y = *(const double *)q;
    return (x > y) - (x < y);
}

static double mass_up_to(size_t n, const double *x, const double *a, double at) {
    double sum = 0;
    for (size_t k = 0; k < n; k++)
        if (x[k] <= at) sum += a ? a[k] : 1;
    return sum / total(n, a);
}

// ∫ |F - G|
static double area_between(const Instance *p) {
    size_t count = p->n + p->m;
    double *at = malloc(count * sizeof *at), area = 0;
    memcpy(at, p->x, p->n * sizeof *at);
    memcpy(at + p->n, p->y, p->m * sizeof *at);
    qsort(at, count, sizeof *at, compare_doubles);
    for (size_t k = 0; k + 1 < count; k++)
        area += (at[k + 1] - at[k]) *
                fabs(mass_up_to(p->n, p->x, p->a, at[k]) - mass_up_to(p->m, p->y, p->b, at[k]));
    free(at);
    return area;
}

START_TEST(line) {
    state = 50 + (uint64_t)_i;
    for (int cloud = 0; cloud < CLOUDS; cloud++)
        for (int weights = 0; weights < WEIGHTS; weights++) {
            Instance p = make_instance((Cloud)cloud, (Weights)weights, (GroundCost)below(3), 1,
                                       1 + below(60), 1 + below(60));
            Transport sorted = solve(&p), simplex = solve_costs(&p);
            double tiny = 1e-13 * p.largest, value = NAN;
            verify(&p, &sorted);
            ck_assert_double_eq_tol(sorted.value, simplex.value, tiny + DBL_MIN);
            if (p.ground != COST_SQL2)
                ck_assert_double_eq_tol(sorted.value, area_between(&p), tiny + DBL_MIN);
            if (weights == NO_WEIGHTS) {
                qsort(p.x, p.n, sizeof *p.x, compare_doubles);
                qsort(p.y, p.m, sizeof *p.y, compare_doubles);
                int status = transport_line_value(&value, p.ground, p.n, p.x, NULL, p.m, p.y, NULL);
                ck_assert_int_eq(status, TRANSPORT_OK);
                ck_assert_double_eq_tol(value, sorted.value, tiny + DBL_MIN);
            }
            transport_free(&sorted);
            transport_free(&simplex);
            free_instance(&p);
        }
}
END_TEST

START_TEST(line_value_weighted) { // half of 0 to 1, half of 0 and all of 2 to 4
    static const double x[] = {0, 2}, a[] = {2, 3}, y[] = {1, 4}, b[] = {0.2, 0.8};
    double l1, squared;
    ck_assert_int_eq(transport_line_value(&l1, COST_L1, 2, x, a, 2, y, b), TRANSPORT_OK);
    ck_assert_int_eq(transport_line_value(&squared, COST_SQL2, 2, x, a, 2, y, b), TRANSPORT_OK);
    ck_assert_double_eq_tol(l1, 0.2 * 1 + 0.2 * 4 + 0.6 * 2, 1e-15);
    ck_assert_double_eq_tol(squared, 0.2 * 1 + 0.2 * 16 + 0.6 * 4, 1e-15);
}
END_TEST

// ---- metric properties, scales ---------------------------------------------------------------

START_TEST(symmetry_and_triangle) {
    state = 60;
    for (int k = 0; k < 30; k++) {
        size_t dim = 1 + below(3), n = 1 + below(30);
        Instance p = make_instance((Cloud)below(ALL_EQUAL), (Weights)below(WEIGHTS),
                                   (GroundCost)below(2), dim, n, 1 + below(30));
        double *z = make_points(UNIFORM, n, dim);
        Instance q = p, back = p, on = p;
        back.n = p.m, back.x = p.y, back.a = p.b, back.m = p.n, back.y = p.x, back.b = p.a;
        q.m = n, q.y = z, q.b = NULL;
        on.n = n, on.x = z, on.a = NULL;
        Transport xy = solve(&p), yx = solve(&back), xz = solve(&q), zy = solve(&on);
        ck_assert_double_eq_tol(xy.value, yx.value, 1e-13 * p.largest);
        ck_assert_double_le(xy.value, xz.value + zy.value + 1e-12);
        transport_free(&xy);
        transport_free(&yx);
        transport_free(&xz);
        transport_free(&zy);
        free(z);
        free_instance(&p);
    }
}
END_TEST

START_TEST(scaling) { // a power of two scales every number and changes no decision
    static const int exponents[] = {-1000, -660, -300, 0, 300, 480, 1000};
    state = 70;
    for (int k = 0; k < 60; k++) {
        GroundCost ground = (GroundCost)(k % 3);
        int e = exponents[below(7)], power = ground == COST_SQL2 ? 2 : 1;
        if (power == 2 && abs(e) > 480) e /= 3;
        Instance p = make_instance((Cloud)below(ALL_EQUAL), RANDOM, ground, 1 + below(3), 20, 30);
        Transport t = solve(&p);
        for (size_t i = 0; i < p.n * p.dim; i++) p.x[i] = ldexp(p.x[i], e);
        for (size_t i = 0; i < p.m * p.dim; i++) p.y[i] = ldexp(p.y[i], e);
        Transport s = solve(&p);
        double scale = ldexp(p.largest, power * e);
        ck_assert_double_eq_tol(s.value, ldexp(t.value, power * e), 1e-13 * scale);
        for (size_t i = 0; i < p.n; i++)
            ck_assert_double_eq_tol(s.u[i], ldexp(t.u[i], power * e), 1e-13 * scale);
        transport_free(&t);
        transport_free(&s);
        free_instance(&p);
    }
}
END_TEST

START_TEST(weight_scale) { // only proportions matter
    state = 80;
    Instance p = make_instance(UNIFORM, RANDOM, COST_L2, 2, 30, 40);
    Transport t = solve(&p);
    for (size_t i = 0; i < p.n; i++) p.a[i] *= 1e300;
    for (size_t j = 0; j < p.m; j++) p.b[j] *= 1e-300;
    Transport s = solve(&p);
    ck_assert_double_eq_tol(s.value, t.value, 1e-14);
    transport_free(&t);
    transport_free(&s);
    free_instance(&p);
}
END_TEST

START_TEST(same_twice) {
    state = 90;
    Instance p = make_instance(GRID, RANDOM, COST_L1, 2, 50, 60);
    Transport t = solve(&p), s = solve(&p);
    ck_assert_uint_eq(t.entries, s.entries);
    ck_assert_mem_eq(t.u, s.u, t.n * sizeof *t.u);
    ck_assert_mem_eq(t.v, s.v, t.m * sizeof *t.v);
    ck_assert_mem_eq(t.plan, s.plan, t.entries * sizeof *t.plan);
    transport_free(&t);
    transport_free(&s);
    free_instance(&p);
}
END_TEST

// ---- errors ----------------------------------------------------------------------------------

static void refuses(int expected, size_t dim, size_t n, const double *x, const double *a,
                    size_t m) {
    static const double y[6] = {0};
    Transport t;
    ck_assert_int_eq(transport_solve(&t, COST_SQL2, dim, n, x, a, m, y, NULL), expected);
    ck_assert(t.plan == NULL && t.u == NULL && t.v == NULL && t.entries == 0);
    transport_free(&t);
}

START_TEST(errors) {
    static const double fine[] = {1, 2, 3, 4}, nan[] = {1, NAN, 3, 4}, huge[] = {1, 1e160, 3, 4};
    static const double infinite[] = {1, -INFINITY, 3, 4};
    static const double negative[] = {1, -1}, zero[] = {0, 0}, bad[] = {1, NAN},
                        far[] = {1, INFINITY};
    for (size_t dim = 1; dim <= 2; dim++) {
        refuses(TRANSPORT_EMPTY, dim, 0, fine, NULL, 2);
        refuses(TRANSPORT_EMPTY, dim, 2, fine, NULL, 0);
        refuses(TRANSPORT_POINTS, dim, 2, nan, NULL, 2);
        refuses(TRANSPORT_POINTS, dim, 2, infinite, NULL, 2);
        refuses(TRANSPORT_COSTS, dim, 2, huge, NULL, 2);
        refuses(TRANSPORT_WEIGHTS, dim, 2, fine, negative, 2);
        refuses(TRANSPORT_WEIGHTS, dim, 2, fine, zero, 2);
        refuses(TRANSPORT_WEIGHTS, dim, 2, fine, bad, 2);
        refuses(TRANSPORT_WEIGHTS, dim, 2, fine, far, 2);
    }
    refuses(TRANSPORT_EMPTY, 0, 2, fine, NULL, 2);
}
END_TEST

START_TEST(errors_of_costs) {
    static const double nan[] = {1, NAN}, infinite[] = {1, INFINITY}, wide[] = {-1e308, 1e308},
                        large[] = {0, 5e307};
    static const double fine[] = {1, 2}, zero[] = {0};
    const double *bad[] = {nan, infinite, wide, large};
    Transport t;
    for (int k = 0; k < 4; k++) {
        ck_assert_int_eq(transport_solve_costs(&t, 1, NULL, 2, NULL, bad[k]), TRANSPORT_COSTS);
        ck_assert_ptr_null(t.plan);
    }
    ck_assert_int_eq(transport_solve_costs(&t, 0, NULL, 2, NULL, fine), TRANSPORT_EMPTY);
    ck_assert_int_eq(transport_solve_costs(&t, 1, zero, 2, NULL, fine), TRANSPORT_WEIGHTS);
    ck_assert_int_eq(transport_solve_costs(&t, 2, NULL, 1, zero, fine), TRANSPORT_WEIGHTS);
    ck_assert_int_eq(transport_solve_costs(&t, (size_t)1 << 30, NULL, (size_t)1 << 30, NULL, fine),
                     TRANSPORT_MEMORY);
}
END_TEST

START_TEST(errors_of_line_value) {
    static const double x[] = {0, 1}, nan[] = {0, NAN}, huge[] = {0, 1e200}, zero[] = {0, 0};
    double value = 5;
    ck_assert_int_eq(transport_line_value(&value, COST_L1, 0, x, NULL, 2, x, NULL),
                     TRANSPORT_EMPTY);
    ck_assert_int_eq(transport_line_value(&value, COST_L1, 2, nan, NULL, 2, x, NULL),
                     TRANSPORT_POINTS);
    ck_assert_int_eq(transport_line_value(&value, COST_SQL2, 2, huge, NULL, 2, x, NULL),
                     TRANSPORT_COSTS);
    ck_assert_int_eq(transport_line_value(&value, COST_L1, 2, x, NULL, 2, x, zero),
                     TRANSPORT_WEIGHTS);
    ck_assert_double_eq(value, 5);
}
END_TEST

START_TEST(error_texts) {
    for (int status = TRANSPORT_COSTS; status <= TRANSPORT_OK; status++) {
        ck_assert_str_ne(transport_error(status), transport_error(1));
        for (int other = TRANSPORT_COSTS; other < status; other++)
            ck_assert_str_ne(transport_error(status), transport_error(other));
    }
}
END_TEST

// What rounding leaves over must not fall on a point too light to bear it.
START_TEST(masses_of_very_unequal_weights) {
    double a[] = {1e-19, 0.1, 1 / 3.0, 0.7, 1e-17, 1e-19}, b[] = {1, 1e-18, 0.3};
    int64_t supply[6], demand[3], total, supplied = 0, demanded = 0;
    ck_assert_int_eq(transport_masses(6, a, 3, b, supply, demand, &total), TRANSPORT_OK);
    double sum_a = 0, sum_b = 0;
    for (int i = 0; i < 6; i++) supplied += supply[i], sum_a += a[i];
    for (int j = 0; j < 3; j++) demanded += demand[j], sum_b += b[j];
    ck_assert_int_eq(supplied, total);
    ck_assert_int_eq(demanded, total);
    for (int i = 0; i < 6; i++) {
        ck_assert_int_ge(supply[i], 0);
        ck_assert_double_le(fabs((double)supply[i] / (double)total - a[i] / sum_a), 1e-15);
    }
    for (int j = 0; j < 3; j++) {
        ck_assert_int_ge(demand[j], 0);
        ck_assert_double_le(fabs((double)demand[j] / (double)total - b[j] / sum_b), 1e-15);
    }
}
END_TEST

START_TEST(extreme_coordinates) {
    static const double x[] = {0, 3e-200, 3e200, 0}, y[] = {4e-200, 0, 0, 4e200};
    ck_assert_double_eq_tol(ground_cost(COST_L2, 2, x, y), 5e-200, 1e-215);
    ck_assert_double_eq_tol(ground_cost(COST_L2, 2, x + 2, y + 2), 5e200, 1e185);
    ck_assert_double_eq(ground_cost(COST_L2, 2, x, x), 0);
    ck_assert_double_eq(ground_cost(COST_L1, 2, x + 2, y + 2), 7e200);
}
END_TEST

static Suite *transport_suite(void) {
    Suite *suite = suite_create("transport");
    TCase *tests = tcase_create("transport");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, lemon_small, 0, 8);
    tcase_add_loop_test(tests, lemon_large, 0, CLOUDS);
    tcase_add_test(tests, lemon_long_and_narrow);
    tcase_add_test(tests, permutations);
    tcase_add_test(tests, translation);
    tcase_add_test(tests, squared_translation);
    tcase_add_test(tests, two_diracs);
    tcase_add_test(tests, known_plan);
    tcase_add_test(tests, costs_of_either_sign);
    tcase_add_loop_test(tests, line, 0, 10);
    tcase_add_test(tests, line_value_weighted);
    tcase_add_test(tests, symmetry_and_triangle);
    tcase_add_test(tests, scaling);
    tcase_add_test(tests, weight_scale);
    tcase_add_test(tests, same_twice);
    tcase_add_test(tests, errors);
    tcase_add_test(tests, errors_of_costs);
    tcase_add_test(tests, errors_of_line_value);
    tcase_add_test(tests, error_texts);
    tcase_add_test(tests, masses_of_very_unequal_weights);
    tcase_add_test(tests, extreme_coordinates);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void) {
    SRunner *runner = srunner_create(transport_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
