// Kantorovich potentials: what certifies a plan, and how they extend beyond their points.
//
// transport.h gives u_i, v_j with u_i + v_j ≤ |x_i − y_j|. These functions carry them to every z:
//
//     upper(z) = min_j |z − y_j| − v_j      lower(z) = max_i u_i − |z − x_i|
//
// The first is the c-transform of v, which is also McShane's largest 1-Lipschitz f with
// f(y_j) ≤ −v_j; the second the smallest with f(x_i) ≥ u_i (McShane 1934; Villani, Optimal
// Transport, 2009, chapter 5). lower ≤ upper everywhere. Both, and their mean, are 1-Lipschitz and
// reach the optimum of the dual: W = E f(x) − E f(y).
#ifndef TOY_POTENTIAL_H
#define TOY_POTENTIAL_H

#include "rng.h"
#include "transport.h"

// A pair of clouds, x[n][dim] with masses a[n] and y[m][dim] with masses b[m], each of total 1, and
// the transport between them under COST_L2. Borrows all arrays.
typedef struct {
    size_t dim, n, m;
    const double *x, *a, *y, *b;
    Transport t; // a copy that owns nothing
} Potential;

// A plan with the right marginals costs at least W, potentials with u_i + v_j ≤ c_ij are worth at
// most W: where the two meet, both are optimal, whoever computed them.
typedef struct {
    double primal, dual; // Σ π_ij c_ij, Σ a_i u_i + Σ b_j v_j
    double marginals;    // largest |Σ_j π_ij − a_i|, |Σ_i π_ij − b_j|
    double excess;       // largest u_i + v_j − c_ij
} Certificate;
Certificate potential_certify(const Potential *p);

typedef double Extension(const Potential *p, const double *z); // at z[dim]; O(n + m)
Extension potential_upper, potential_lower;
Extension potential_middle; // their mean

// E f(x) − E f(y).
double potential_gap(Extension *f, const Potential *p);

// The largest |f(z) − f(z')| / |z − z'| over `pairs` random ones, z uniform in [−3, 3]^dim and z'
// at a distance from 10 down to 1e-5, log-uniform: what rounding adds stays below 1e-10.
double potential_steepest(Extension *f, const Potential *p, size_t pairs, Rng *rng);

// The slope of f at z along the unit vector e[dim], and the norm of its gradient there, by central
// differences with step h.
double potential_slope(Extension *f, const Potential *p, const double *z, const double *e,
                       double h);
double potential_norm(Extension *f, const Potential *p, const double *z, double h);

#endif
