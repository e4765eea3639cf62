// LEMON's network simplex (lemon.cs.elte.hu) as an independent oracle.
#ifndef TESTS_ORACLE_LEMON_H
#define TESTS_ORACLE_LEMON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Minimum of Σ mass_ij cost[i][j], per unit of total mass; NaN when LEMON finds no optimum.
// supply[n], demand[m] with equal totals. *seconds (may be NULL) is the time of run() alone:
// building the graph and its maps is not counted.
double lemon_transport(size_t n, const int64_t *supply, size_t m, const int64_t *demand,
                       const double *cost, double *seconds);

#ifdef __cplusplus
}
#endif

#endif
