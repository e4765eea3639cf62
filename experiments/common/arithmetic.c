#include "arithmetic.h"

#include "toy/log_loss.h"
#include "toy/mlp.h"

#include <math.h>
#include <stdlib.h>

void device_numbers(const Net *net, size_t count, const real *from, double *to) {
    real *numbers = allocate(count, sizeof *numbers);
    net->backend->download(numbers, from, count * sizeof *numbers);
    for (size_t i = 0; i < count; i++) to[i] = (double)numbers[i];
    free(numbers);
}

static double *host_copy(const Net *net, size_t count, const real *from) {
    double *copy = allocate(count, sizeof *copy);
    device_numbers(net, count, from, copy);
    return copy;
}

// A net's layers over host copies of its weights and gradients, laid out as it lays them out.
static Mlp plain(const Net *net, const double *weights, double *gradients) {
    Mlp mlp = {.count = (size_t)net->count};
    for (int l = 0; l < net->count; l++) {
        const Layer *layer = &net->layer[l];
        mlp.layer[l] = (MlpLayer){
            .in = shape_size(layer->in),
            .out = shape_size(layer->out),
            .leak = layer->act.kind == ACT_LEAKY ? (double)layer->act.leak : 1,
            .weight = weights + layer->weight_at,
            .bias = weights + layer->bias_at,
            .dweight = gradients ? gradients + layer->weight_at : NULL,
            .dbias = gradients ? gradients + layer->bias_at : NULL,
        };
    }
    return mlp;
}

// Row by row, with the generator's outputs lying where the critic's inputs lie.
static void exact_gradient(const Mlp *generator, const Mlp *critic, size_t batch, const double *z) {
    size_t latent = generator->layer[0].in, below = mlp_size(generator) - critic->layer[0].in;
    size_t size = below + mlp_size(critic);
    double *values = allocate(size, sizeof *values), *deltas = allocate(size, sizeof *deltas);
    for (size_t i = 0; i < batch; i++) {
        for (size_t k = 0; k < latent; k++) values[k] = z[i * latent + k];
        mlp_forward(generator, values);
        double f = *mlp_forward(critic, values + below);
        deltas[size - 1] = log_loss_stable(f).slope / (double)batch;
        mlp_backward(critic, values + below, deltas + below);
        mlp_backward(generator, values, deltas);
    }
    free(values), free(deltas);
}

double gradient_rounding(const Generator *generator, const Critic *critic) {
    const Net *lower = &generator->net, *upper = &critic->net;
    size_t count = lower->weight_count, batch = lower->batch;
    double *weights = host_copy(lower, count, lower->weights);
    double *above = host_copy(upper, upper->weight_count, upper->weights);
    double *z =
        host_copy(lower, batch * shape_size(lower->architecture.input), net_input(lower, 0));
    double *gradient = host_copy(lower, count, lower->gradients);
    double *exact = allocate(count, sizeof *exact), difference = 0, whole = 0;
    Mlp g = plain(lower, weights, exact), d = plain(upper, above, NULL);
    exact_gradient(&g, &d, batch, z);
    for (size_t i = 0; i < count; i++) {
        difference += (gradient[i] - exact[i]) * (gradient[i] - exact[i]);
        whole += exact[i] * exact[i];
    }
    free(weights), free(above), free(z), free(gradient), free(exact);
    return sqrt(difference / whole);
}

double gradient_norm_by(Generator *generator, Critic *critic, double (*slope)(double logit)) {
    Net *lower = &generator->net, *upper = &critic->net;
    const Backend *b = lower->backend;
    size_t batch = lower->batch;
    Rows latents = {0, batch}, fakes = {batch, batch};
    double *logits = host_copy(upper, batch, net_output(upper, batch));
    real *slopes = allocate(batch, sizeof *slopes);
    for (size_t i = 0; i < batch; i++) slopes[i] = (real)(slope(logits[i]) / (double)batch);
    b->upload(net_output_delta(upper, batch), slopes, batch * sizeof *slopes);
    free(logits), free(slopes);
    net_backward(upper, fakes, fakes);
    b->copy(batch * shape_size(upper->architecture.input), net_input_delta(upper, batch),
            net_output_delta(lower, 0));
    net_backward(lower, latents, (Rows){0, 0});
    net_zero_gradients(lower);
    net_gradient(lower, latents);
    return gradient_norm(lower);
}
