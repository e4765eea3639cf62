// The bound W(P, Q) ≤ 2 √V + 2 C √JS(P + ε, Q + ε) for bounded noise ε (Arjovsky & Bottou 2017,
// "Towards principled methods for training generative adversarial networks", theorem 3.3), on pairs
// for which every term is exact: atoms at whole numbers, ε uniform on a box of whole sides.
#ifndef TOY_NOISE_BOUND_H
#define TOY_NOISE_BOUND_H

#include "rng.h"
#include <stddef.h>

enum { NOISE_MOST_ATOMS = 11, NOISE_MOST_HALF = 1000 };

typedef struct {
    size_t n;                       // 1 to NOISE_MOST_ATOMS
    double x[2 * NOISE_MOST_ATOMS]; // [n][dim], whole, below 2^31 in size
    double a[NOISE_MOST_ATOMS];     // weights ≥ 0, normalised where they are used
} Atoms;

typedef struct {
    const char *family;
    size_t dim; // 1 or 2
    int half;   // ε ~ U[−half, half]^dim, 1 to NOISE_MOST_HALF
    Atoms p, q;
} NoisePair;

// One to six atoms each, at random places with random weights: "random". Or, as often, the places
// of q are those of p: "reweighted".
NoisePair noise_pair_random(Rng *rng);

// Two points 10^4 apart, half 1, with the weights (1 ± t)/2 and these swapped, 0 ≤ t ≤ 1:
// "swapped".
NoisePair noise_pair_swapped(double t);

// The segments x_1 = 0 and x_1 = theta (whole) of length 10, 11 atoms each: "lines".
NoisePair noise_pair_lines(int theta, int half);

typedef struct {
    double w;        // W(P, Q), by exact transport
    double root_v;   // √V, V = E‖ε‖²
    double diameter; // C, of the union of the two noisy supports
    double js, tv;   // between P + ε and Q + ε, which are even over unit cells: sums over these
} NoiseBound;

enum { NOISE_OK = 0, NOISE_BAD_ARGUMENT = -1, NOISE_NO_MEMORY = -2 };

// Memory and time grow with (n + m) (2 half)^dim. Returns one of the three.
int noise_bound(NoiseBound *bound, const NoisePair *pair);

// One line of English for a status.
const char *noise_bound_message(int status);

#endif
