// Initial weights. Biases and norm offsets 0, gains 1 (DCGAN: normal(1, 0.02)).
//
// fan_in = k·k·in channels and fan_out = k·k·out channels, in the layer's own direction (linear:
// k = 1). For a convt PyTorch counts the two the other way round; Glorot's sum is the same.
//   INIT_HE_NORMAL       sigma² = 2/fan_in                  He et al. 2015, 1502.01852
//   INIT_HE_UNIFORM      ±sqrt(6/fan_in)
//   INIT_GLOROT_NORMAL   sigma² = 2/(fan_in + fan_out)      Glorot and Bengio 2010
//   INIT_GLOROT_UNIFORM  ±sqrt(6/(fan_in + fan_out))
//   INIT_DCGAN           normal(0, 0.02)                    Radford et al. 2016, 1511.06434
#ifndef NETS_INIT_H
#define NETS_INIT_H

#include "net.h"

typedef enum {
    INIT_HE_NORMAL,
    INIT_HE_UNIFORM,
    INIT_GLOROT_NORMAL,
    INIT_GLOROT_UNIFORM,
    INIT_DCGAN
} Init;

// Draws every weight of `net` from `source`, layer by layer; the same numbers on every backend.
void net_init(Net *net, Init init, RandomSource source);

// "he-normal", "he-uniform", "glorot-normal", "glorot-uniform", "dcgan"; false for anything else.
bool init_find(const char *name, Init *init);

#endif
