#include "noise_ratio.h"

#include "tails.h"
#include <math.h>
#include <stdlib.h>

// [noise]
double noise_update(const NoiseModel *model, Rng *rng) {
    double sum = 0;
    for (size_t i = 0; i < model->batch; i++) {
        double noise = model->sigma * rng_normal(rng), slope = model->slope_sigma * rng_normal(rng);
        if (model->place == NOISE_ON_D)
            sum -= slope / noise;
        else
            sum -= slope / (1 + exp(model->level + noise)); // 1 − σ(f) = 1/(1 + e^f)
    }
    return sum / (double)model->batch;
}
// [/noise]

static double interquartile(size_t n, double *x) {
    sort_ascending(n, x);
    return quantile(n, x, 0.75) - quantile(n, x, 0.25);
}

NoiseShape noise_shape(const NoiseModel *model, size_t n, double *x) {
    static const double normal_quartile = 0.674489750196082; // of standard deviation 1
    double quartile = interquartile(n, x) / 2;
    NoiseShape shape = {
        .ks = kolmogorov_smirnov(n, x, cauchy_below, model->slope_sigma / model->sigma),
        .ks_fitted = kolmogorov_smirnov(n, x, cauchy_below, quartile),
        .ks_normal = kolmogorov_smirnov(n, x, normal_below, quartile / normal_quartile),
    };
    for (size_t i = 0; i < n; i++) x[i] = fabs(x[i]);
    sort_ascending(n, x);
    shape.index = hill_index(n, x, (n + 99) / 100);
    return shape;
}

int noise_settling(Settling *result, const NoiseModel *model, uint64_t seed, uint64_t first_stream,
                   size_t series, size_t few, size_t many) {
    double *room = reallocarray(NULL, 3 * series, sizeof *room);
    if (room == NULL) return -1;
    double *early = room, *late = room + series, *growth = room + 2 * series;
    for (size_t k = 0; k < series; k++) {
        Rng rng = rng_stream(seed, first_stream + k);
        double sum = 0, squares = 0, early_squares = 0;
        for (size_t n = 1; n <= many; n++) {
            double x = noise_update(model, &rng);
            sum += x, squares += x * x;
            if (n == few) early[k] = sum / (double)few, early_squares = squares / (double)few;
        }
        late[k] = sum / (double)many;
        growth[k] = squares / (double)many / early_squares;
    }
    result->few_spread = interquartile(series, early);
    result->many_spread = interquartile(series, late);
    sort_ascending(series, growth);
    result->growth = quantile(series, growth, 0.5);
    free(room);
    return 0;
}
