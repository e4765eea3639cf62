// Stands in for learned.c where OpenBLAS or jansson is missing.
#include "learned.h"

#include "contract.h"

bool learned_available(void) {
    return false;
}

LearnedDistances learned_measure(const LearnedSettings *settings, PairSampler *sampler,
                                 const void *context, Rng rng) {
    (void)settings, (void)sampler, (void)context, (void)rng;
    fail(EXIT_RESOURCE, "built without networks");
}
