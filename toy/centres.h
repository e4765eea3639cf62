// A generator whose best discriminator is known: data of eight Gaussians on a ring, and a generator
// of eight like them, each somewhere between two of the ring's. Its parameters are its centres,
// G(k, z) = centre_k + σ z with k uniform and z standard normal in the plane.
#ifndef TOY_CENTRES_H
#define TOY_CENTRES_H

#include "mixture.h"

enum { CENTRES = 8, PROBES = 16384 };

// Points to itself: neither copy nor move it.
typedef struct {
    double centre[CENTRES][2], sigma[CENTRES], weight[CENTRES];
    Mixture data, generated;
    double probe[PROBES][2]; // of the generated, from centre 0, 1, … 7, 0, …
} Centres;

// The data's centres are those of SET_RING8. The generator's stand 0.3 to 0.7 of the way round to
// the next one, at 0.6 to 1.4 of the radius, uniformly.
void centres_draw(Centres *centres, double sigma, Rng rng);

// The gradient of E log(1 − D(G)) by the centres, D held still.
typedef struct {
    double by[CENTRES][2];
} Pull;

// From a discriminator's logits f at the probes, [PROBES], and their gradients ∇f, [PROBES][2]: the
// mean over centre k's probes of −D ∇f, divided by CENTRES.
Pull centres_pull(const double *logit, const double *slope);

// That of the best discriminator, D = P_r/(P_r + P_g), whose logit is log P_r − log P_g. It is also
// the gradient of 2 JS(P_r, P_g).
Pull centres_best_pull(const Centres *centres);

double pull_norm(const Pull *pull);
double pull_cosine(const Pull *a, const Pull *b); // NaN where a norm is 0

#endif
