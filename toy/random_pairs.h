// Random pairs of distributions on a few points, of every kind that a bound should survive.
#ifndef TOY_RANDOM_PAIRS_H
#define TOY_RANDOM_PAIRS_H

#include "rng.h"
#include "sequences.h"

typedef enum {
    RANDOM_PAIR_DENSE,    // weights uniform over the simplex
    RANDOM_PAIR_PEAKED,   // a few large weights, many small ones
    RANDOM_PAIR_SPARSE,   // weights on about half of the points, drawn for each of the two
    RANDOM_PAIR_DISJOINT, // supports that do not meet
    RANDOM_PAIR_NEAR,     // q is p but for relative changes of at most 1e-3 to 1
    RANDOM_PAIR_KINDS
} RandomPairKind;

// "dense" … "near".
const char *random_pair_name(RandomPairKind kind);

enum { RANDOM_PAIR_POINTS = 12 };

// 2 to RANDOM_PAIR_POINTS points, uniform over the unit interval or square, with two laws on them,
// into a pair that was built for RANDOM_PAIR_POINTS points of dimension 2. Returns the kind drawn.
RandomPairKind random_pair_draw(Rng *rng, PmfPair *pair);

#endif
