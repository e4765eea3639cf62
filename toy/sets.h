// The 2-D sets of the Wasserstein-GAN papers, with the settings of the programs published with
// Gulrajani et al. 2017, "Improved training of Wasserstein GANs".
#ifndef TOY_SETS_H
#define TOY_SETS_H

#include "mixture.h"
#include <stdbool.h>

typedef enum {
    SET_RING8,  // 8 Gaussians on a circle of radius 2, σ 0.02, all divided by 1.414
    SET_GRID25, // 25 Gaussians at 2 · {−2 … 2}², σ 0.05, all divided by 2.828
    // scikit-learn's make_swiss_roll, noise 0.25, axes 0 and 2, divided by 7.5:
    // t = 1.5 π (1 + 2 u), u ~ U(0, 1); (t cos t, t sin t) + N(0, 0.25² I). The third axis, along
    // which the roll is flat, is not drawn.
    SET_SWISS_ROLL
} SetKind;

// n points into xy[n][2]. From one generator state the Gaussians are the same to the bit on every
// machine with IEEE doubles (compile with -ffp-contract=off); the roll goes through the maths
// library's sin and cos, and agrees to their last place.
void set_sample(SetKind kind, Rng *rng, size_t n, double *xy);

// The mixture behind a set; NULL for the roll, whose density has no closed form.
const Mixture *set_mixture(SetKind kind);

// "ring8", "grid25" or "swissroll" to its kind; false for any other name.
bool set_find(const char *name, SetKind *kind);

#endif
