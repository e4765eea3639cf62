#include "potential.h"
#include "statistics.h"

#include <math.h>
#include <string.h>

static double distance(const Potential *p, const double *z, const double *other) {
    return ground_cost(COST_L2, p->dim, z, other);
}

// The largest difference between what the plan moves from or to a point and the point's mass. The
// entries of one x are neighbours in the plan (transport.h), those of one y are not.
static double marginal_error(const Potential *p) {
    const PlanEntry *e = p->t.plan, *end = e + p->t.entries;
    double error = 0;
    for (size_t i = 0; i < p->n; i++) {
        double mass = 0;
        for (; e < end && e->i == i; e++) mass += e->mass;
        error = maximum(error, fabs(mass - p->a[i]));
    }
    for (size_t j = 0; j < p->m; j++) {
        double mass = 0;
        for (e = p->t.plan; e < end; e++) mass += e->j == j ? e->mass : 0;
        error = maximum(error, fabs(mass - p->b[j]));
    }
    return error;
}

// [certificate]
Certificate potential_certify(const Potential *p) {
    const Transport *t = &p->t;
    Certificate c = {.excess = -INFINITY};
    for (size_t k = 0; k < t->entries; k++) {
        const PlanEntry *e = &t->plan[k];
        c.primal += e->mass * distance(p, p->x + e->i * p->dim, p->y + e->j * p->dim);
    }
    for (size_t i = 0; i < p->n; i++) c.dual += p->a[i] * t->u[i];
    for (size_t j = 0; j < p->m; j++) c.dual += p->b[j] * t->v[j];
    for (size_t i = 0; i < p->n; i++)
        for (size_t j = 0; j < p->m; j++) {
            double cost = distance(p, p->x + i * p->dim, p->y + j * p->dim);
            c.excess = maximum(c.excess, t->u[i] + t->v[j] - cost);
        }
    c.marginals = marginal_error(p);
    return c;
}
// [/certificate]

// [extensions]
double potential_upper(const Potential *p, const double *z) {
    double least = INFINITY;
    for (size_t j = 0; j < p->m; j++)
        least = fmin(least, distance(p, z, p->y + j * p->dim) - p->t.v[j]);
    return least;
}

double potential_lower(const Potential *p, const double *z) {
    double largest = -INFINITY;
    for (size_t i = 0; i < p->n; i++)
        largest = fmax(largest, p->t.u[i] - distance(p, z, p->x + i * p->dim));
    return largest;
}

double potential_middle(const Potential *p, const double *z) {
    return (potential_lower(p, z) + potential_upper(p, z)) / 2;
}
// [/extensions]

double potential_gap(Extension *f, const Potential *p) {
    double gap = 0;
    for (size_t i = 0; i < p->n; i++) gap += p->a[i] * f(p, p->x + i * p->dim);
    for (size_t j = 0; j < p->m; j++) gap -= p->b[j] * f(p, p->y + j * p->dim);
    return gap;
}

double potential_steepest(Extension *f, const Potential *p, size_t pairs, Rng *rng) {
    double largest = 0, z[p->dim], other[p->dim];
    for (size_t k = 0; k < pairs; k++) {
        double length = pow(10, 1 - 6 * rng_uniform(rng)), squares = 0;
        for (size_t c = 0; c < p->dim; c++) {
            z[c] = 6 * rng_uniform(rng) - 3;
            other[c] = rng_normal(rng);
            squares += other[c] * other[c];
        }
        for (size_t c = 0; c < p->dim; c++) other[c] = z[c] + length * other[c] / sqrt(squares);
        largest = maximum(largest, fabs(f(p, other) - f(p, z)) / distance(p, z, other));
    }
    return largest;
}

double potential_slope(Extension *f, const Potential *p, const double *z, const double *e,
                       double h) {
    double ahead[p->dim], behind[p->dim];
    for (size_t k = 0; k < p->dim; k++) {
        ahead[k] = z[k] + h * e[k];
        behind[k] = z[k] - h * e[k];
    }
    return (f(p, ahead) - f(p, behind)) / (2 * h);
}

double potential_norm(Extension *f, const Potential *p, const double *z, double h) {
    double axis[p->dim], squares = 0;
    memset(axis, 0, sizeof axis);
    for (size_t k = 0; k < p->dim; k++) {
        axis[k] = 1;
        double slope = potential_slope(f, p, z, axis, h);
        squares += slope * slope;
        axis[k] = 0;
    }
    return sqrt(squares);
}
