// Transport on a line: for a convex cost of x - y the sorted points are matched in order, mass by
// mass (the quantile coupling). The matched pairs (i, j) climb a staircase from the first to the
// last pair, one step in i or in j at a time. Its n + m - 1 pairs are a basis: u_i + v_j = c_ij
// along the stairs gives all potentials, and because c(x, y) + c(x', y') ≤ c(x, y') + c(x', y) for
// x ≤ x', y ≤ y' (Monge), u_i + v_j ≤ c_ij elsewhere.
#include "transport_parts.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

typedef struct {
    size_t n, m, i, j;
    const int64_t *supply, *demand;
    int64_t supply_left, demand_left; // of x_i and y_j before this pair
} Staircase;

static Staircase staircase_start(size_t n, const int64_t *supply, size_t m, const int64_t *demand) {
    return (Staircase){n, m, 0, 0, supply, demand, supply[0], demand[0]};
}

static int64_t staircase_mass(const Staircase *s) {
    return s->supply_left < s->demand_left ? s->supply_left : s->demand_left;
}

static bool staircase_next(Staircase *s) {
    bool last_i = s->i + 1 == s->n, last_j = s->j + 1 == s->m;
    int64_t mass = staircase_mass(s);
    if (last_i && last_j) return false;
    s->supply_left -= mass;
    s->demand_left -= mass;
    if (last_j || (!last_i && s->supply_left == 0))
        s->supply_left = s->supply[++s->i];
    else
        s->demand_left = s->demand[++s->j];
    return true;
}

static int check_line(GroundCost ground, size_t n, const double *x, size_t m, const double *y) {
    double low = fmin(x[0], y[0]), high = fmax(x[n - 1], y[m - 1]);
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i])) return TRANSPORT_POINTS;
    for (size_t j = 0; j < m; j++)
        if (!isfinite(y[j])) return TRANSPORT_POINTS;
    return ground_cost(ground, 1, &low, &high) <= DBL_MAX / 4 ? TRANSPORT_OK : TRANSPORT_COSTS;
}

int transport_line_value(double *value, GroundCost ground, size_t n, const double *x,
                         const double *a, size_t m, const double *y, const double *b) {
    if (n == 0 || m == 0) return TRANSPORT_EMPTY;
    int64_t *mass = calloc(n + m, sizeof *mass), total;
    if (!mass) return TRANSPORT_MEMORY;
    int status = transport_masses(n, a, m, b, mass, mass + n, &total);
    if (!status) status = check_line(ground, n, x, m, y);
    if (!status) {
        Staircase s = staircase_start(n, mass, m, mass + n);
        *value = 0;
        do
            *value += (double)staircase_mass(&s) / (double)total *
                      ground_cost(ground, 1, &x[s.i], &y[s.j]);
        while (staircase_next(&s));
    }
    free(mass);
    return status;
}

typedef struct {
    double at;
    int64_t mass;
    size_t index;
} Point;

static int compare_points(const void *left, const void *right) {
    const Point *p = left, *q = right;
    if (p->at != q->at) return p->at < q->at ? -1 : 1;
    return p->index < q->index ? -1 : p->index > q->index;
}

// Sorts points and their masses together; index[k] is where the k-th point was.
static int sort_points(size_t n, const double *from, double *x, int64_t *mass, size_t *index) {
    Point *point = malloc(n * sizeof *point);
    if (!point) return TRANSPORT_MEMORY;
    for (size_t k = 0; k < n; k++) point[k] = (Point){from[k], mass[k], k};
    qsort(point, n, sizeof *point, compare_points);
    for (size_t k = 0; k < n; k++) {
        x[k] = point[k].at;
        mass[k] = point[k].mass;
        index[k] = point[k].index;
    }
    free(point);
    return TRANSPORT_OK;
}

// Climbs the stairs over sorted points: plan and potentials, at the points' original indices.
static void climb(Transport *t, GroundCost ground, Staircase s, const double *x, const double *y,
                  const size_t *index_x, const size_t *index_y, int64_t total) {
    double cost = ground_cost(ground, 1, &x[0], &y[0]), u = 0, v = cost;
    bool next = true;
    for (size_t i = 0; next; next = staircase_next(&s)) {
        cost = ground_cost(ground, 1, &x[s.i], &y[s.j]);
        if (s.i > i)
            u = cost - v;
        else
            v = cost - u;
        i = s.i;
        t->u[index_x[s.i]] = u;
        t->v[index_y[s.j]] = v;
        if (staircase_mass(&s) == 0) continue;
        double mass = (double)staircase_mass(&s) / (double)total;
        t->plan[t->entries++] = (PlanEntry){index_x[s.i], index_y[s.j], mass};
        t->value += mass * cost;
    }
}

int transport_solve_line(Transport *t, GroundCost ground, size_t n, const double *x,
                         const double *a, size_t m, const double *y, const double *b) {
    double *at = calloc(n + m, sizeof *at);
    int64_t *mass = calloc(n + m, sizeof *mass), total;
    size_t *index = calloc(n + m, sizeof *index);
    int status = at && mass && index ? TRANSPORT_OK : TRANSPORT_MEMORY;
    if (!status) status = transport_masses(n, a, m, b, mass, mass + n, &total);
    if (!status) status = sort_points(n, x, at, mass, index);
    if (!status) status = sort_points(m, y, at + n, mass + n, index + n);
    if (!status) status = check_line(ground, n, at, m, at + n);
    if (!status) status = transport_allocate(t, n, m);
    if (!status) {
        Staircase s = staircase_start(n, mass, m, mass + n);
        climb(t, ground, s, at, at + n, index, index + n, total);
        transport_finish(t);
    }
    free(at);
    free(mass);
    free(index);
    return status;
}
