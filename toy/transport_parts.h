// What the parts of the transport solver share; programs include transport.h.
#ifndef TOY_TRANSPORT_PARTS_H
#define TOY_TRANSPORT_PARTS_H

#include "transport.h"

#include <stdint.h>

// Weights as whole numbers, so that sums of masses are exact. a[n], b[m] as in transport_solve;
// fills supply[n] and demand[m], of the same total *total ≤ 2^60. Returns a TransportStatus.
int transport_masses(size_t n, const double *a, size_t m, const double *b, int64_t *supply,
                     int64_t *demand, int64_t *total);

// An empty *t with room for n + m entries and the potentials. Returns a TransportStatus.
int transport_allocate(Transport *t, size_t n, size_t m);

// Orders the plan and moves the potentials so that v_1 = 0.
void transport_finish(Transport *t);

// transport_solve for dim = 1.
int transport_solve_line(Transport *t, GroundCost ground, size_t n, const double *x,
                         const double *a, size_t m, const double *y, const double *b);

#endif
