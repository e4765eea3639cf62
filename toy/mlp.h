// A multilayer perceptron as plainly as it can be written, in double: what the networks of nets/,
// which compute in single precision and in blocks, are held against.
#ifndef TOY_MLP_H
#define TOY_MLP_H

#include <stddef.h>

enum { MLP_LAYERS = 8 };

// y = act(weight·x + bias), act(z) = z for z > 0, leak·z below: leak 1 is the identity.
typedef struct {
    size_t in, out;
    double leak;
    const double *weight, *bias; // [out][in], [out]; borrowed
    double *dweight, *dbias;     // gradients, added to; borrowed; NULL: not wanted
} MlpLayer;

typedef struct {
    size_t count;
    MlpLayer layer[MLP_LAYERS];
} Mlp;

// How many numbers the values of one row take: the input and every layer's output.
size_t mlp_size(const Mlp *mlp);

// values[mlp_size]: the input is in front, the layers' outputs follow, the last one at the end,
// where a pointer to it is returned.
double *mlp_forward(const Mlp *mlp, double *values);

// After mlp_forward(). deltas[mlp_size]: the slopes of a loss by the last layer's outputs are at
// the end; the slopes by all before them are written, those by the input in front, and the
// gradients of the weights added up.
void mlp_backward(const Mlp *mlp, const double *values, double *deltas);

#endif
