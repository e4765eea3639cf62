#include "init.h"

#include "random.h"

#include <string.h>

static const char *const NAMES[] = {[INIT_HE_NORMAL] = "he-normal",
                                    [INIT_HE_UNIFORM] = "he-uniform",
                                    [INIT_GLOROT_NORMAL] = "glorot-normal",
                                    [INIT_GLOROT_UNIFORM] = "glorot-uniform",
                                    [INIT_DCGAN] = "dcgan"};
static const double DCGAN_SIGMA = 0.02;

bool init_find(const char *name, Init *init) {
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (strcmp(name, NAMES[i]) == 0) {
            *init = (Init)i;
            return true;
        }
    return false;
}

static double fan(const Layer *layer, Shape side) {
    if (layer->kind == &LINEAR) return (double)shape_size(side);
    return (double)layer->conv.k * layer->conv.k * side.c;
}

static double variance(const Layer *layer, Init init) {
    double in = fan(layer, layer->in), out = fan(layer, layer->out);
    switch (init) {
    case INIT_HE_NORMAL:
    case INIT_HE_UNIFORM:
        return 2 / in;
    case INIT_GLOROT_NORMAL:
    case INIT_GLOROT_UNIFORM:
        return 2 / (in + out);
    default:
        return DCGAN_SIGMA * DCGAN_SIGMA;
    }
}

void net_init(Net *net, Init init, RandomSource source) {
    const Backend *b = net->backend;
    for (Layer *l = net->layer; l < net->layer + net->count; l++) {
        b->fill(l->bias_count, 0, l->bias);
        if (layer_is_norm(l)) {
            if (l->weight && init == INIT_DCGAN)
                random_draw_normal(b, source, l->weight_count, 1, DCGAN_SIGMA, l->weight);
            else if (l->weight)
                b->fill(l->weight_count, 1, l->weight);
        } else if (init == INIT_HE_UNIFORM || init == INIT_GLOROT_UNIFORM) {
            double bound = sqrt(3 * variance(l, init)); // variance of U(−a, a) is a²/3
            random_draw_uniform(b, source, l->weight_count, -bound, bound, l->weight);
        } else
            random_draw_normal(b, source, l->weight_count, 0, sqrt(variance(l, init)), l->weight);
    }
}
