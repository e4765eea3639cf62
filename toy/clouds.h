// Pairs of weighted point clouds with the exact transport between them.
#ifndef TOY_CLOUDS_H
#define TOY_CLOUDS_H

#include "potential.h"

#include <stdbool.h>

typedef enum {
    LAW_NORMAL, // N((shift, 0, …), σ² I)
    LAW_RING,   // the ring of 8 Gaussians (sets.h) + N(0, σ² I)
    LAW_ROLL,   // the Swiss roll (sets.h) + N(0, σ² I)
    LAW_LINE    // the line at θ = shift (lines.h) + N(0, σ² I)
} LawKind;

typedef struct {
    LawKind kind;
    double shift, sigma;
} Law; // in the plane, LAW_NORMAL in any dimension

// Owns its arrays; `potential` borrows them.
typedef struct {
    double *x, *y, *a, *b;
    Transport t;
    Potential potential;
} Pair;

// n points of each law with equal masses; `weighted`: ¾ n of the second one, and random masses,
// proportional to U(0, 1), on both sides. Returns a TransportStatus; the pair is the caller's to
// free after success.
int pair_draw(Pair *pair, size_t dim, const Law *x, const Law *y, bool weighted, size_t n,
              Rng *rng);
void pair_free(Pair *pair);

#endif
