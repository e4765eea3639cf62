#include "segments.h"
#include "statistics.h"

#include <math.h>

// An index k with probability mass[k]; masses have total 1 but for rounding.
static size_t draw_index(size_t n, const double *mass, Rng *rng) {
    double left = rng_uniform(rng);
    size_t k = 0;
    while (k + 1 < n && left >= mass[k]) left -= mass[k++];
    return k;
}

static PlanEntry draw_entry(const Transport *t, Rng *rng) {
    double left = rng_uniform(rng);
    size_t k = 0;
    while (k + 1 < t->entries && left >= t->plan[k].mass) left -= t->plan[k++].mass;
    return t->plan[k];
}

// [segments]
static void draw_ends(SegmentKind kind, const Potential *p, Rng *rng, const double **x,
                      const double **y) {
    PlanEntry ends = draw_entry(&p->t, rng);
    if (kind == INDEPENDENT)
        ends.i = draw_index(p->n, p->a, rng), ends.j = draw_index(p->m, p->b, rng);
    *x = p->x + ends.i * p->dim;
    *y = p->y + ends.j * p->dim;
}

void segments_draw(SegmentKind kind, const Potential *p, Rng *rng, size_t count, double margin,
                   double *z, double *e) {
    for (size_t k = 0; k < count; k++) {
        const double *x, *y;
        double t, length;
        do {
            draw_ends(kind, p, rng, &x, &y);
            t = rng_uniform(rng);
            length = ground_cost(COST_L2, p->dim, x, y);
        } while (fmin(t, 1 - t) * length < margin);
        for (size_t c = 0; c < p->dim; c++) {
            *z++ = t * x[c] + (1 - t) * y[c];
            *e++ = (x[c] - y[c]) / length;
        }
    }
}
// [/segments]

Slopes slopes_summary(size_t count, const double *slope, const double *norm) {
    Slopes s = {.slope_low = INFINITY, .slope_high = -INFINITY};
    for (size_t k = 0; k < count; k++) {
        s.slope_mean += slope[k] / (double)count, s.norm_mean += norm[k] / (double)count;
        s.slope_low = minimum(s.slope_low, slope[k]),
        s.slope_high = maximum(s.slope_high, slope[k]);
        s.below += (norm[k] < 0.9) / (double)count;
    }
    return s;
}
