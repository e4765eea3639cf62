#include "gradient_probe.h"

#include <math.h>

// [probe]
// After generator_slope() the deltas of every row still stand, and the product of one row alone is
// that sample's gradient, but for the 1/B of the mean.
static void sample_gradient_norms(Generator *generator, double *norms) {
    Net *net = &generator->net;
    for (size_t row = 0; row < net->batch; row++) {
        net_zero_gradients(net);
        net_gradient(net, (Rows){row, 1});
        norms[row] = (double)net->batch * gradient_norm(net);
    }
}

// E‖g_batch‖² = ‖E g‖² + variance/B and E‖g_sample‖² = ‖E g‖² + variance: the norms alone give the
// variance.
GradientProbe gradient_probe(Generator *generator, Critic *critic, size_t batches,
                             double *sample_norms) {
    size_t batch = generator->net.batch;
    double sum = 0, squares = 0, sample_squares = 0, n = (double)batches, b = (double)batch;
    for (size_t k = 0; k < batches; k++) {
        double *samples = sample_norms + k * batch;
        generator_slope(generator, critic);
        double norm = gradient_norm(&generator->net);
        sum += norm, squares += norm * norm;
        sample_gradient_norms(generator, samples);
        for (size_t row = 0; row < batch; row++) sample_squares += samples[row] * samples[row];
    }
    return (GradientProbe){
        .norm = sum / n,
        .norm_sd = sqrt(fmax(squares - sum * sum / n, 0) / (n - 1)),
        .variance = (sample_squares / b - squares) / n * b / (b - 1),
    };
}
// [/probe]
