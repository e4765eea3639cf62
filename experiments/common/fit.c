#include "fit.h"
#include "toy/statistics.h"

#include <math.h>
#include <stdlib.h>

// batch points of x[n][dim], zoomed.
static void pick(double *out, size_t batch, double zoom, size_t dim, size_t n, const double *x,
                 Rng *rng) {
    for (size_t k = 0; k < batch; k++) {
        const double *from = x + dim * rng_below(rng, n);
        for (size_t c = 0; c < dim; c++) *out++ = zoom * from[c];
    }
}

void critic_fit(Critic *critic, const Potential *p, double zoom, int64_t updates, Rng *rng) {
    size_t batch = critic->settings.batch;
    double *room = allocate(batch * p->dim, sizeof *room);
    for (int64_t k = 0; k < updates; k++) {
        pick(room, batch, zoom, p->dim, p->n, p->x, rng);
        critic_put_real(critic, room);
        pick(room, batch, zoom, p->dim, p->m, p->y, rng);
        critic_put_fake(critic, room);
        critic_update(critic);
    }
    critic_losses(critic); // finite, or the end
    free(room);
}

void critic_look(Critic *critic, double zoom, size_t n, const double *x, double *value,
                 double *slope) {
    size_t count = n * shape_size(critic->net.architecture.input);
    double *seen = allocate(count, sizeof *seen);
    for (size_t k = 0; k < count; k++) seen[k] = zoom * x[k];
    critic_evaluate(critic, n, seen, value, slope);
    for (size_t k = 0; value && k < n; k++) require_finite(value[k], "the critic at a point");
    for (size_t k = 0; slope && k < count; k++)
        slope[k] = zoom * require_finite(slope[k], "the critic's gradient");
    free(seen);
}

// Adds the squared standard error of the mean to *error.
static double mean_of(size_t n, const double *f, double *error) {
    double mean = 0, squares = 0;
    for (size_t i = 0; i < n; i++) mean += f[i] / (double)n;
    for (size_t i = 0; i < n; i++) squares += (f[i] - mean) * (f[i] - mean);
    *error += squares / ((double)n * (double)(n - 1));
    return mean;
}

// [heights]
Heights critic_heights(Critic *critic, double zoom, const Potential *p) {
    double *fx = allocate(p->n, sizeof *fx), *fy = allocate(p->m, sizeof *fy);
    Heights h = {0};
    critic_look(critic, zoom, p->n, p->x, fx, NULL);
    critic_look(critic, zoom, p->m, p->y, fy, NULL);
    h.value = mean_of(p->n, fx, &h.error) - mean_of(p->m, fy, &h.error);
    h.error = sqrt(h.error);
    for (size_t i = 0; i < p->n; i++)
        for (size_t j = 0; j < p->m; j++) {
            double length = ground_cost(COST_L2, p->dim, p->x + i * p->dim, p->y + j * p->dim);
            h.lipschitz = maximum(h.lipschitz, fabs(fx[i] - fy[j]) / length);
        }
    free(fx), free(fy);
    return h;
}
// [/heights]
