// LEMON's network simplex as an independent oracle for exact transport.
#ifndef TESTS_ORACLE_LEMON_H
#define TESTS_ORACLE_LEMON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// LEMON's potentials in double precision can cycle for ever on ties (grids, duplicates). With
// LEMON_WHOLE, costs are rounded to multiples of 2^-46 of the largest and it always ends.
typedef enum { LEMON_WHOLE, LEMON_DOUBLE } LemonCosts;

// Minimum of Σ mass_ij cost_ij per unit of mass, for cost[n][m] ≥ 0 and supply[n], demand[m] of
// equal totals; NaN when LEMON finds no optimum. *seconds (may be NULL): the time of run() alone;
// building the graph and copying it into the solver are not counted.
double lemon_transport(LemonCosts costs, size_t n, const int64_t *supply, size_t m,
                       const int64_t *demand, const double *cost, double *seconds);

#ifdef __cplusplus
}
#endif

#endif
