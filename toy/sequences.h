// Sequences P_n beside a P, one for every way to converge in one sense and not in another. Each
// member is a pair of weight vectors on common points, on which divergences and transport are
// computed: densities are cut into cells, each with its exact mass at its centre, and an atom that
// meets a density is a point of its own, so that what is singular stays singular.
//
// What the cutting costs: nothing for boxes; for ripples O(side²) of TV, JS and KL(P_n‖P), and
// O(side) of KL(P‖P_n), whose integrand is infinite where the ripple touches 0; no more than a side
// of W.
#ifndef TOY_SEQUENCES_H
#define TOY_SEQUENCES_H

#include <stdbool.h>
#include <stddef.h>

// p = P_n, q = P, of total 1 each. On a line (dim 1) the points are in ascending order.
typedef struct {
    size_t count, dim;
    double *x;     // [count][dim]
    double *p, *q; // [count]
} PmfPair;

typedef enum {
    SEQUENCE_FADING_RIPPLE,  // density 1 + cos(2πx)/n        against U[0, 1]
    SEQUENCE_TRIMMED_BOX,    // U[0, 1 − 1/(2n)]              against U[0, 1]
    SEQUENCE_SPECK,          // (1 − 1/n) δ_0 + (1/n) δ_1     against δ_0
    SEQUENCE_SLIDING_BOX,    // U[1/n, 1 + 1/n]               against U[0, 1]
    SEQUENCE_FAST_RIPPLE,    // density 1 + cos(2πnx)         against U[0, 1]
    SEQUENCE_COMB,           // n equal atoms at (i + ½)/n    against U[0, 1]
    SEQUENCE_PARALLEL_LINES, // the segment {1/n} × [0, 1]    against {0} × [0, 1]
    SEQUENCE_TWO_MODES,      // ½(1 − 1/n) δ_0 + ½(1 + 1/n) δ_1 against U[0, 1]
    SEQUENCE_ESCAPING_SPECK, // (1 − 1/n) P + (1/n) δ_n       against P, P(k) ∝ 1/k³, k = 1, 2, …
    SEQUENCE_COUNT
} SequenceKind;

// "fading_ripple" … "escaping_speck".
const char *sequence_name(SequenceKind kind);

enum { SEQUENCE_TAIL = 65536 }; // P of the escaping speck ends here: 1e-10 of it lies beyond

// False for the last one only: all others stay within [0, 2] × [0, 1] for every n.
bool sequence_is_bounded(SequenceKind kind);

// The n-th member, n ≥ 1. resolution ≥ 2, even: cells per unit length where P_n has no detail, per
// length 1/n where it has; points per segment of the lines. Returns false when memory is out, or n
// is beyond SEQUENCE_TAIL; the arrays are the caller's until pmf_pair_free().
bool sequence_member(SequenceKind kind, size_t n, size_t resolution, PmfPair *pair);

// Room for `count` points, all zero.
bool pmf_pair_build(PmfPair *pair, size_t count, size_t dim);
void pmf_pair_free(PmfPair *pair);

// The largest distance between two of its points, weighted or not.
double pmf_pair_diameter(const PmfPair *pair);

#endif
