// From points and weights to the integer problem of network_simplex.c, and back.
#include "transport.h"

#include "network_simplex.h"
#include "transport_parts.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static double sum_of_squares(size_t dim, const double *x, const double *y) {
    double sum = 0;
    for (size_t k = 0; k < dim; k++) sum += (x[k] - y[k]) * (x[k] - y[k]);
    return sum;
}

static double euclidean(size_t dim, const double *x, const double *y) {
    double largest = 0, sum = sum_of_squares(dim, x, y);
    if (sum > DBL_MIN / DBL_EPSILON && sum <= DBL_MAX) return sqrt(sum);
    for (size_t k = 0; k < dim; k++) largest = fmax(largest, fabs(x[k] - y[k]));
    if (largest == 0 || isinf(largest)) return largest;
    sum = 0;
    for (size_t k = 0; k < dim; k++) sum += pow((x[k] - y[k]) / largest, 2);
    return largest * sqrt(sum);
}

double ground_cost(GroundCost ground, size_t dim, const double *x, const double *y) {
    if (ground == COST_SQL2) return sum_of_squares(dim, x, y);
    if (ground == COST_L2) return euclidean(dim, x, y);
    double sum = 0;
    for (size_t k = 0; k < dim; k++) sum += fabs(x[k] - y[k]);
    return sum;
}

// The costs of a problem: a given matrix, or else the ground cost of points.
typedef struct {
    const double *matrix;
    GroundCost ground;
    size_t dim;
    const double *x, *y;
    size_t n, m;
} Costs;

static double cost_at(const Costs *costs, size_t i, size_t j) {
    if (costs->matrix) return costs->matrix[i * costs->m + j];
    return ground_cost(costs->ground, costs->dim, costs->x + i * costs->dim,
                       costs->y + j * costs->dim);
}

// A cost as it is, then, in the same place, in units of 2^-exponent above the lowest.
typedef union {
    double real;
    int64_t units;
} Cost;

typedef struct {
    Cost *cost;
    double lowest;
    int exponent;
} Quantised;

static int quantise(Quantised *q, const Costs *costs) {
    size_t size = costs->n * costs->m;
    double lowest = 0, highest = 0;
    bool finite = true;
    for (size_t i = 0, k = 0; i < costs->n; i++)
        for (size_t j = 0; j < costs->m; j++, k++) {
            double cost = cost_at(costs, i, j);
            finite &= isfinite(cost);
            lowest = cost < lowest ? cost : lowest;
            highest = cost > highest ? cost : highest;
            q->cost[k].real = cost;
        }
    double range = highest - lowest;
    if (!finite || range > DBL_MAX / 4) return TRANSPORT_COSTS;
    q->lowest = lowest;
    q->exponent = 0;
    if (range > 0)
        q->exponent =
            ilogb((double)network_simplex_cost_limit(costs->n, costs->m)) - 1 - ilogb(range);
    // Two factors: 2^exponent alone may overflow.
    double half = ldexp(1, q->exponent / 2), rest = ldexp(1, q->exponent - q->exponent / 2);
    for (size_t k = 0; k < size; k++)
        q->cost[k].units = (int64_t)((q->cost[k].real - lowest) * half * rest + 0.5);
    return TRANSPORT_OK;
}

typedef struct {
    int64_t *supply, *demand, total; // masses
    int64_t *u, *v;                  // potentials in the units of the costs
    BasisArc *arc;
    size_t arcs;
} Solution;

static void collect(Transport *t, const Solution *s, const Quantised *q, const Costs *costs) {
    for (size_t k = 0; k < s->arcs; k++) {
        size_t i = s->arc[k].i, j = s->arc[k].j;
        double mass = (double)s->arc[k].mass / (double)s->total;
        t->plan[t->entries++] = (PlanEntry){i, j, mass};
        t->value += mass * cost_at(costs, i, j);
    }
    for (size_t i = 0; i < t->n; i++) t->u[i] = ldexp((double)s->u[i], -q->exponent) + q->lowest;
    for (size_t j = 0; j < t->m; j++) t->v[j] = ldexp((double)s->v[j], -q->exponent);
    transport_finish(t);
}

static int solve_integer(Transport *t, const Costs *costs, const Quantised *q, Solution *s) {
    size_t n = costs->n, m = costs->m;
    int status = transport_allocate(t, n, m);
    if (status) return status;
    if (network_simplex(n, s->supply, m, s->demand, &q->cost->units, s->arc, &s->arcs, s->u,
                        s->v)) {
        transport_free(t);
        return TRANSPORT_MEMORY;
    }
    collect(t, s, q, costs);
    return TRANSPORT_OK;
}

static int solve(Transport *t, const Costs *costs, const double *a, const double *b) {
    size_t n = costs->n, m = costs->m;
    if (n >= INT32_MAX / 2 || m >= INT32_MAX / 2 || n > SIZE_MAX / sizeof(Cost) / m)
        return TRANSPORT_MEMORY;
    Quantised q = {.cost = malloc(n * m * sizeof *q.cost)};
    int64_t *block = malloc(2 * (n + m) * sizeof *block);
    Solution s = {.arc = malloc((n + m) * sizeof *s.arc)};
    int status = q.cost && block && s.arc ? TRANSPORT_OK : TRANSPORT_MEMORY;
    if (!status) {
        s.supply = block;
        s.demand = s.supply + n;
        s.u = s.demand + m;
        s.v = s.u + n;
        status = transport_masses(n, a, m, b, s.supply, s.demand, &s.total);
    }
    if (!status) status = quantise(&q, costs);
    if (!status) status = solve_integer(t, costs, &q, &s);
    free(q.cost);
    free(block);
    free(s.arc);
    return status;
}

static bool all_finite(size_t count, const double *value) {
    for (size_t k = 0; k < count; k++)
        if (!isfinite(value[k])) return false;
    return true;
}

int transport_solve(Transport *t, GroundCost ground, size_t dim, size_t n, const double *x,
                    const double *a, size_t m, const double *y, const double *b) {
    *t = (Transport){0};
    if (n == 0 || m == 0 || dim == 0) return TRANSPORT_EMPTY;
    if (!all_finite(n * dim, x) || !all_finite(m * dim, y)) return TRANSPORT_POINTS;
    if (dim == 1) return transport_solve_line(t, ground, n, x, a, m, y, b);
    Costs costs = {.ground = ground, .dim = dim, .x = x, .y = y, .n = n, .m = m};
    return solve(t, &costs, a, b);
}

int transport_solve_costs(Transport *t, size_t n, const double *a, size_t m, const double *b,
                          const double *cost) {
    *t = (Transport){0};
    if (n == 0 || m == 0) return TRANSPORT_EMPTY;
    Costs costs = {.matrix = cost, .n = n, .m = m};
    return solve(t, &costs, a, b);
}

int transport_allocate(Transport *t, size_t n, size_t m) {
    *t = (Transport){.n = n, .m = m};
    t->plan = malloc((n + m) * sizeof *t->plan);
    t->u = malloc(n * sizeof *t->u);
    t->v = malloc(m * sizeof *t->v);
    if (t->plan && t->u && t->v) return TRANSPORT_OK;
    transport_free(t);
    return TRANSPORT_MEMORY;
}

static int compare_entries(const void *left, const void *right) {
    const PlanEntry *p = left, *q = right;
    if (p->i != q->i) return p->i < q->i ? -1 : 1;
    return p->j < q->j ? -1 : p->j > q->j;
}

void transport_finish(Transport *t) {
    double shift = t->v[0];
    qsort(t->plan, t->entries, sizeof *t->plan, compare_entries);
    for (size_t i = 0; i < t->n; i++) t->u[i] += shift;
    for (size_t j = 0; j < t->m; j++) t->v[j] -= shift;
}

void transport_free(Transport *t) {
    free(t->plan);
    free(t->u);
    free(t->v);
    *t = (Transport){0};
}

const char *transport_error(int status) {
    switch (status) {
    case TRANSPORT_OK:
        return "no error";
    case TRANSPORT_MEMORY:
        return "out of memory";
    case TRANSPORT_EMPTY:
        return "no points or no coordinates";
    case TRANSPORT_WEIGHTS:
        return "a weight is negative or not finite, or all weights are 0";
    case TRANSPORT_POINTS:
        return "a coordinate is not finite";
    case TRANSPORT_COSTS:
        return "a cost is not finite, or costs are too large for double precision";
    default:
        return "unknown status";
    }
}
