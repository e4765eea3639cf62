// An optimiser: a rule (scalar.h), its moments and its step count, all on the device.
#ifndef NETS_OPTIMISER_H
#define NETS_OPTIMISER_H

#include "net.h"

typedef struct {
    Rule rule;
    real clip;      // after each step weights[0..plain) go into [−clip, clip]; 0: no clipping
    real *m, *v;    // [net->weight_count], laid out as net->weights; NULL where the rule has none
    uint64_t *step; // steps done; the update reads it after it was advanced
} Optimiser;

// Defaults: sgd; momentum beta1 0.9; rmsprop beta2 0.99, eps 1e-8 outside the root (PyTorch);
// rmsprop-tf beta2 0.9, eps 1e-10 inside, v starting at 1; adam 0.9, 0.999, 1e-8.
Rule rule_default(RuleKind kind, double rate);
// "sgd", "momentum", "rmsprop", "rmsprop-tf", "adam"; false for anything else.
bool rule_find(const char *name, RuleKind *kind);

// Moments for `net`. Returns 0 or EXIT_RESOURCE; free with optimiser_free().
int optimiser_build(Optimiser *optimiser, const Net *net, Rule rule, real clip, Error *error);
void optimiser_free(Optimiser *optimiser, const Net *net);

// One step down net->gradients, then the clip. No host synchronisation, no allocation.
void optimiser_step(Optimiser *optimiser, Net *net);

#endif
