#include "optimiser.h"

#include "arena.h"

#include <string.h>

static const struct {
    const char *name;
    double beta1, beta2, eps;
} RULES[] = {[RULE_SGD] = {"sgd", 0, 0, 0},
             [RULE_MOMENTUM] = {"momentum", 0.9, 0, 0},
             [RULE_RMSPROP] = {"rmsprop", 0, 0.99, 1e-8},
             [RULE_RMSPROP_TF] = {"rmsprop-tf", 0, 0.9, 1e-10},
             [RULE_ADAM] = {"adam", 0.9, 0.999, 1e-8}};

Rule rule_default(RuleKind kind, double rate) {
    return (Rule){.kind = kind,
                  .rate = rate,
                  .beta1 = RULES[kind].beta1,
                  .beta2 = RULES[kind].beta2,
                  .eps = RULES[kind].eps};
}

bool rule_find(const char *name, RuleKind *kind) {
    for (size_t i = 0; i < sizeof RULES / sizeof *RULES; i++)
        if (strcmp(name, RULES[i].name) == 0) {
            *kind = (RuleKind)i;
            return true;
        }
    return false;
}

// The step counter comes first, so that it is also the address of the block.
static void plan(Optimiser *o, const Net *net, Arena *arena) {
    o->step = arena_take(arena, 1, sizeof *o->step);
    if (rule_uses_m(o->rule.kind)) o->m = arena_take(arena, net->weight_count, sizeof *o->m);
    if (rule_uses_v(o->rule.kind)) o->v = arena_take(arena, net->weight_count, sizeof *o->v);
}

int optimiser_build(Optimiser *optimiser, const Net *net, Rule rule, real clip, Error *error) {
    *optimiser = (Optimiser){.rule = rule, .clip = clip};
    Arena count = {0}, arena = {0};
    plan(optimiser, net, &count);
    arena.base = net->backend->alloc(count.used, error);
    if (!arena.base) return EXIT_RESOURCE;
    plan(optimiser, net, &arena);
    if (rule.kind == RULE_RMSPROP_TF) net->backend->fill(net->weight_count, 1, optimiser->v);
    return EXIT_OK;
}

void optimiser_free(Optimiser *optimiser, const Net *net) {
    net->backend->free(optimiser->step);
    *optimiser = (Optimiser){0};
}

// [step]
void optimiser_step(Optimiser *optimiser, Net *net) {
    const Backend *b = net->backend;
    b->advance(optimiser->step, 1);
    b->update(optimiser->rule, net->weight_count, optimiser->step, net->gradients, net->weights,
              optimiser->m, optimiser->v);
    if (optimiser->clip > 0) b->clip(net->plain_count, optimiser->clip, net->weights);
}
// [/step]
