// Places on the segments between the points of two clouds, and how steep a function is there.
#ifndef TOY_SEGMENTS_H
#define TOY_SEGMENTS_H

#include "potential.h"

// COUPLED: x and y joined by the plan, with the plan's masses as probabilities. INDEPENDENT: x and
// y drawn each by its own masses, as those of x̂ in the gradient penalty are (1704.00028, alg. 1).
typedef enum { COUPLED, INDEPENDENT, SEGMENT_KINDS } SegmentKind;

// `count` places z[count][dim] = t·x + (1 − t)·y, t uniform, each with the unit vector
// e[count][dim] from y to x. A place less than `margin` > 0 from either end is drawn again, so that
// a difference quotient does not straddle the end: some segments must be longer than 2 margin.
void segments_draw(SegmentKind kind, const Potential *p, Rng *rng, size_t count, double margin,
                   double *z, double *e);

typedef struct {
    double slope_mean, slope_low, slope_high; // along the segments
    double norm_mean, below;                  // of the gradients; the share of them below 0.9
} Slopes;
Slopes slopes_summary(size_t count, const double *slope, const double *norm);

#endif
