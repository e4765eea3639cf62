// Optimal transport between two weighted point clouds, solved exactly (Kantorovich 1942).
//
// x_1 … x_n carry masses a_i, y_1 … y_m masses b_j, both of total 1. A plan π moves one onto the
// other: π_ij ≥ 0, Σ_j π_ij = a_i, Σ_i π_ij = b_j. Among all plans and all potentials (u, v),
//
//     min_π Σ_ij π_ij c_ij  =  max_{u, v} Σ_i a_i u_i + Σ_j b_j v_j   with u_i + v_j ≤ c_ij,
//
// and u_i + v_j = c_ij wherever π_ij > 0. Potentials are unique up to adding a constant to u and
// taking it from v; here v_1 = 0. With c the distance, the value is the Wasserstein-1 distance, and
// u is what a 1-Lipschitz critic of the WGAN papers approximates on the points.
#ifndef TOY_TRANSPORT_H
#define TOY_TRANSPORT_H

#include <stddef.h>

// Σ_k |x_k - y_k| · √Σ_k (x_k - y_k)² · Σ_k (x_k - y_k)²
typedef enum { COST_L1, COST_L2, COST_SQL2 } GroundCost;

typedef enum {
    TRANSPORT_OK = 0,
    TRANSPORT_MEMORY = -1,  // out of memory
    TRANSPORT_EMPTY = -2,   // n, m or dim is 0
    TRANSPORT_WEIGHTS = -3, // a weight is negative or not finite, or all are 0
    TRANSPORT_POINTS = -4,  // a coordinate is not finite
    TRANSPORT_COSTS = -5,   // a cost is not finite, or costs span more than a quarter of DBL_MAX
} TransportStatus;

typedef struct {
    size_t i, j;
    double mass; // > 0
} PlanEntry;

typedef struct {
    double value; // Σ mass · cost over the plan
    size_t n, m, entries;
    PlanEntry *plan; // [entries], entries < n + m, ordered by i, then j
    double *u, *v;   // [n], [m]
} Transport;

// Transport from x[n][dim] to y[m][dim]. a[n], b[m]: weights ≥ 0, of which only the proportions
// matter (NULL: all equal). On success *t owns its arrays until transport_free; otherwise it is
// empty. Returns a TransportStatus.
//
// Accuracy. Inside, masses are whole numbers: exact when the weights are whole multiples of the
// smallest one (equal weights are), else multiples of 2^-60 of the total. Costs are rounded to
// whole multiples of a quantum ≤ 2^-60 (min(n, m) + 3) max c (7e-15 max c at n = m = 8192), and
// the optimum of that rounded problem is exact. So value and potentials miss the true optimum by at
// most one quantum, u_i + v_j ≤ c_ij by half of one. On a line (dim 1) points are sorted instead,
// and costs are rounded as doubles are.
//
// Memory: 8 n m bytes and O(n + m); O(n + m) on a line. Points without weight move nothing and
// get potentials that keep u_i + v_j ≤ c_ij.
int transport_solve(Transport *t, GroundCost ground, size_t dim, size_t n, const double *x,
                    const double *a, size_t m, const double *y, const double *b);

// The same for any finite costs, cost[n][m], of either sign. Memory: another 8 n m bytes.
int transport_solve_costs(Transport *t, size_t n, const double *a, size_t m, const double *b,
                          const double *cost);

// The value alone for points on a line, x[n] and y[m] in ascending order: O(n + m). Among the
// three costs, L1 and L2 coincide here. Returns a TransportStatus; *value is set on success only.
int transport_line_value(double *value, GroundCost ground, size_t n, const double *x,
                         const double *a, size_t m, const double *y, const double *b);

// c(x, y) for x[dim], y[dim]; √Σ without overflow or underflow on the way.
double ground_cost(GroundCost ground, size_t dim, const double *x, const double *y);

void transport_free(Transport *t);

// What a status means, in words.
const char *transport_error(int status);

#endif
