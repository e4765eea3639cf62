#include "mlp.h"

size_t mlp_size(const Mlp *mlp) {
    size_t size = mlp->layer[0].in;
    for (size_t l = 0; l < mlp->count; l++) size += mlp->layer[l].out;
    return size;
}

double *mlp_forward(const Mlp *mlp, double *values) {
    double *x = values;
    for (size_t l = 0; l < mlp->count; l++) {
        const MlpLayer *layer = &mlp->layer[l];
        double *y = x + layer->in;
        for (size_t o = 0; o < layer->out; o++) {
            double z = layer->bias[o];
            for (size_t i = 0; i < layer->in; i++) z += layer->weight[o * layer->in + i] * x[i];
            y[o] = z > 0 ? z : layer->leak * z;
        }
        x = y;
    }
    return x;
}

void mlp_backward(const Mlp *mlp, const double *values, double *deltas) {
    size_t at = mlp_size(mlp);
    for (size_t l = mlp->count; l-- > 0;) {
        const MlpLayer *layer = &mlp->layer[l];
        at -= layer->out;
        const double *y = values + at, *dy = deltas + at, *x = y - layer->in;
        double *dx = deltas + at - layer->in;
        for (size_t i = 0; i < layer->in; i++) dx[i] = 0;
        for (size_t o = 0; o < layer->out; o++) {
            double dz = y[o] > 0 ? dy[o] : layer->leak * dy[o];
            const double *weight = layer->weight + o * layer->in;
            for (size_t i = 0; i < layer->in; i++) dx[i] += weight[i] * dz;
            if (!layer->dweight) continue;
            double *dweight = layer->dweight + o * layer->in;
            for (size_t i = 0; i < layer->in; i++) dweight[i] += dz * x[i];
            layer->dbias[o] += dz;
        }
    }
}
