// Kullback–Leibler (both ways), Jensen–Shannon and total variation, in one place, for probability
// vectors, densities and samples. All four are sums or integrals of the same pointwise terms:
//   kl: p log(p/q)    kl_rev: q log(q/p)    js: ½ p log(p/m) + ½ q log(q/m), m = ½(p + q)
//   tv: ½ |p − q|
// with natural logarithms, 0 · log 0 = 0 and a · log(a/0) = +infinity. Each of the four is right
// whether or not another one is infinite.
#ifndef TOY_DIVERGENCE_H
#define TOY_DIVERGENCE_H

#include <stddef.h>

typedef struct {
    double tv, js, kl, kl_rev; // kl = KL(P‖Q), kl_rev = KL(Q‖P)
} Divergences;

enum {
    DIVERGENCE_OK = 0,
    DIVERGENCE_BAD_ARGUMENT = -1,
    DIVERGENCE_BAD_WEIGHTS = -2,
    DIVERGENCE_BAD_POINTS = -3,
    DIVERGENCE_CELL_TOO_SMALL = -4,
    DIVERGENCE_BAD_MASS = -5,
    DIVERGENCE_NOT_A_NUMBER = -6,
    DIVERGENCE_NOT_CONVERGED = -7,
    DIVERGENCE_NO_MEMORY = -8
};

// The total of a probability vector, or of a density on a grid, may differ from 1 by this much.
#define DIVERGENCE_MASS_SLACK 1e-6

// Probability vectors p[n], q[n]: entries ≥ 0 with total 1 (within DIVERGENCE_MASS_SLACK), used as
// they are. Anything else has no divergence: all four are then NaN.
// Equal vectors give exactly 0; the KL of nearly equal ones may come out as −1e-17 by rounding.
Divergences divergences_pmf(size_t n, const double *p, const double *q);

// log of a density at x: finite, or −infinity where the density is 0. Divergences of densities
// start from these, so that a tail whose density underflows gives no false infinity.
typedef double LogDensity(const void *context, const double *x);

// 1-D densities, by adaptive quadrature over [breaks[0], breaks[break_count − 1]], which must hold
// all of both masses but about the tolerance. Put a break wherever a density jumps or bends, and
// around every peak that is narrow for its gap (see quadrature.h).
// tolerance: per divergence, absolute, relative once the divergence exceeds 1; 1e-12 is within
// reach. error, unless NULL, receives the estimates.
//
// BAD_MASS: p or q does not integrate to 1 within 10 · tolerance: a peak or a jump was missed, a
// tail cut off. NOT_CONVERGED: as it says. Both leave the values all the same, the others
// (BAD_ARGUMENT: breaks or tolerance, NOT_A_NUMBER: a density, NO_MEMORY) do not.
int divergences_density_1d(Divergences *result, Divergences *error, LogDensity *log_p,
                           const void *p, LogDensity *log_q, const void *q, size_t break_count,
                           const double *breaks, double tolerance);

// 2-D densities, by the midpoint rule on nx × ny equal cells of the box {x0, x1, y0, y1}. Where
// densities are smooth at the scale of a cell and vanish at the edge of the box, the error falls
// faster than any power of the cell's side; the kink of |p − q| in tv costs its square, a jump the
// side itself.
//
// BAD_MASS: the sum of p or q is not 1: too coarse a grid or too small a box; the values are left.
// BAD_ARGUMENT: an empty or infinite box, or no cells. NOT_A_NUMBER: a density.
int divergences_density_2d(Divergences *result, LogDensity *log_p, const void *p, LogDensity *log_q,
                           const void *q, const double box[4], size_t nx, size_t ny);

// Weighted points x[n][dim] and y[m][dim], as histograms over cells of side `cell` centred on its
// multiples: along each axis the index is floor(x / cell + ½). cell = 0 compares the atoms: only
// points with equal coordinates meet (−0 equals 0). Joining cells never raises any of the four;
// for samples of densities the cell should hold many points, else they all look disjoint.
// a[n], b[m]: weights ≥ 0 with a positive total, each normalised to total 1; NULL means equal ones.
//
// BAD_ARGUMENT: n, m or dim is 0, or cell is negative or not finite. BAD_POINTS: a coordinate is
// not finite. BAD_WEIGHTS: a weight is negative or not finite, or their total is 0 or overflows.
// CELL_TOO_SMALL: an index beyond 2^53, where doubles no longer tell neighbouring cells apart.
// NO_MEMORY. None of them leaves a result.
int divergences_points(Divergences *result, double cell, size_t dim, size_t n, const double *x,
                       const double *a, size_t m, const double *y, const double *b);

// One line of English for a status.
const char *divergences_message(int status);

#endif
