// The transport problem in whole numbers: integer masses, integer costs, an exact optimum.
#ifndef TOY_NETWORK_SIMPLEX_H
#define TOY_NETWORK_SIMPLEX_H

#include <stddef.h>
#include <stdint.h>

// An arc i → j of the optimal basis that carries mass.
typedef struct {
    uint32_t i, j;
    int64_t mass;
} BasisArc;

// The largest cost network_simplex accepts: every potential then stays below 2^62 in magnitude.
int64_t network_simplex_cost_limit(size_t n, size_t m);

// Minimises Σ mass_ij cost_ij over the plans with row sums `supply` and column sums `demand`.
// supply[n], demand[m] ≥ 0 with equal positive totals ≤ 2^62; cost[n][m] in
// [0, network_simplex_cost_limit(n, m)]; n + m < 2^31.
// Fills arc[] (room for n + m), *arcs, and the potentials u[n], v[m], for which
// u_i + v_j ≤ cost_ij holds everywhere and with equality on every arc.
// Returns 0, or -1 when memory runs out.
int network_simplex(size_t n, const int64_t *supply, size_t m, const int64_t *demand,
                    const int64_t *cost, BasisArc *arc, size_t *arcs, int64_t *u, int64_t *v);

#endif
