#include "centres.h"

#include "log_loss.h"
#include "sets.h"

#include <math.h>

static void place(Centres *c, Rng *rng) {
    const double *ring = set_mixture(SET_RING8)->mean;
    for (int k = 0; k < CENTRES; k++) {
        double angle = 2 * M_PI / CENTRES * (k + 0.3 + 0.4 * rng_uniform(rng));
        double radius = hypot(ring[0], ring[1]) * (0.6 + 0.8 * rng_uniform(rng));
        c->centre[k][0] = radius * cos(angle), c->centre[k][1] = radius * sin(angle);
    }
}

void centres_draw(Centres *c, double sigma, Rng rng) {
    place(c, &rng);
    for (int k = 0; k < CENTRES; k++) c->sigma[k] = sigma, c->weight[k] = 1.0 / CENTRES;
    c->data = (Mixture){2, CENTRES, c->weight, set_mixture(SET_RING8)->mean, c->sigma};
    c->generated = (Mixture){2, CENTRES, c->weight, &c->centre[0][0], c->sigma};
    for (int i = 0; i < PROBES; i++)
        for (int axis = 0; axis < 2; axis++)
            c->probe[i][axis] = c->centre[i % CENTRES][axis] + sigma * rng_normal(&rng);
}

static void add(Pull *pull, int probe, double logit, const double slope[2]) {
    for (int axis = 0; axis < 2; axis++)
        pull->by[probe % CENTRES][axis] += log_loss_stable(logit).slope * slope[axis] / PROBES;
}

Pull centres_pull(const double *logit, const double *slope) {
    Pull pull = {0};
    for (int i = 0; i < PROBES; i++) add(&pull, i, logit[i], slope + 2 * i);
    return pull;
}

// [best]
Pull centres_best_pull(const Centres *c) {
    Pull pull = {0};
    for (int i = 0; i < PROBES; i++) {
        const double *x = c->probe[i];
        double logit = mixture_log_density(&c->data, x) - mixture_log_density(&c->generated, x);
        double up[2], down[2];
        mixture_log_slope(&c->data, x, up), mixture_log_slope(&c->generated, x, down);
        add(&pull, i, logit, (double[]){up[0] - down[0], up[1] - down[1]});
    }
    return pull;
}
// [/best]

static double product(const Pull *a, const Pull *b) {
    double sum = 0;
    for (int k = 0; k < CENTRES; k++) sum += a->by[k][0] * b->by[k][0] + a->by[k][1] * b->by[k][1];
    return sum;
}

double pull_norm(const Pull *pull) {
    return sqrt(product(pull, pull));
}

// Divided by its largest number: squares of 1e-200 are 0.
static Pull scaled(const Pull *pull) {
    double largest = 0;
    Pull out = *pull;
    for (int k = 0; k < 2 * CENTRES; k++) largest = fmax(largest, fabs(pull->by[k / 2][k % 2]));
    for (int k = 0; k < 2 * CENTRES; k++) out.by[k / 2][k % 2] /= largest;
    return out;
}

double pull_cosine(const Pull *a, const Pull *b) {
    Pull p = scaled(a), q = scaled(b);
    return product(&p, &q) / pull_norm(&p) / pull_norm(&q);
}
