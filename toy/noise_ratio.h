// The gradient of −log D under noise (Arjovsky & Bottou 2017, theorem 2.6), for a generator
// x = θ + z whose samples a perfect discriminator rejects: D and its slope should both be 0 there,
// and are centred Gaussian noise instead, independent of each other and from sample to sample.
#ifndef TOY_NOISE_RATIO_H
#define TOY_NOISE_RATIO_H

#include "rng.h"
#include <stddef.h>

// NOISE_ON_D: D = ε, D' = r, the theorem's model; −D'/D = −r/ε, a Cauchy variable of scale
// slope_sigma/sigma. NOISE_ON_LOGIT: the same noise before the sigmoid, f = level + ε, f' = r, so
// that −d/dx log D = −(1 − D) r.
typedef enum { NOISE_ON_D, NOISE_ON_LOGIT } NoisePlace;

typedef struct {
    NoisePlace place;
    double sigma, slope_sigma; // of ε and of r, > 0
    double level;              // of the logit
    size_t batch;              // samples that an update averages, ≥ 1
} NoiseModel;

// One update: the mean over a batch.
double noise_update(const NoiseModel *model, Rng *rng);

// What n updates, x[n], look like: √n times the Kolmogorov–Smirnov distance from the Cauchy
// distribution of scale slope_sigma/sigma, from that of the scale fitted by the quartiles, and from
// the normal one so fitted; and the tail index of the largest hundredth. Leaves |x| ascending.
typedef struct {
    double ks, ks_fitted, ks_normal, index;
} NoiseShape;
NoiseShape noise_shape(const NoiseModel *model, size_t n, double *x);

// Whether means settle as draws are added. `series` ≥ 2 independent series of `many` updates from
// streams of (seed, first_stream …); the means over `few` and over all of them spread over the
// series by the interquartile ranges few_spread and many_spread, in the ratio √(few/many) where
// there is a variance. growth: the median over series of mean square (many) / mean square (few).
// Returns 0, or −1 when memory runs out.
typedef struct {
    double few_spread, many_spread, growth;
} Settling;
int noise_settling(Settling *result, const NoiseModel *model, uint64_t seed, uint64_t first_stream,
                   size_t series, size_t few, size_t many);

#endif
