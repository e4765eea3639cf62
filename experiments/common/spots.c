#include "spots.h"

#include <math.h>
#include <stdlib.h>

const char *const SPOTS_NAMES[SPOTS_KINDS] = {"linear", "mlp", "dcgan"};

void spots_sample(Rng *rng, size_t side, size_t n, double *x) {
    for (size_t i = 0; i < n; i++) {
        double row = 0.3 + 0.4 * rng_uniform(rng), col = 0.3 + 0.4 * rng_uniform(rng);
        double radius = 0.08 + 0.12 * rng_uniform(rng);
        for (size_t r = 0; r < side; r++)
            for (size_t c = 0; c < side; c++) {
                double down = (double)r / (double)side - row,
                       along = (double)c / (double)side - col;
                *x++ = 2 * exp(-(down * down + along * along) / (2 * radius * radius)) - 1;
            }
    }
}

static const char *generator_line(SpotsKind kind, SpotsShape shape) {
    long long z = shape.latent, n = shape.side, w = shape.width, f = shape.filters;
    switch (kind) {
    case SPOTS_LINEAR:
        return text("input %lld; linear %lld; linear %lldx%lldx1", z, w, n, n);
    case SPOTS_MLP:
        return text("input %lld; linear %lld relu; linear %lld relu; linear %lld relu; "
                    "linear %lld relu; linear %lldx%lldx1 tanh",
                    z, w, w, w, w, n, n);
    default:
        return text("input %lld; linear %lldx%lldx%lld relu; convt %lld k5 s2 relu; "
                    "convt %lld k5 s2 relu; convt %lld k5 s2 relu; convt 1 k5 s2 tanh",
                    z, n / 16, n / 16, 8 * f, 4 * f, 2 * f, f);
    }
}

static const char *critic_line(SpotsKind kind, SpotsShape shape) {
    long long n = shape.side, w = shape.width, f = shape.filters;
    if (kind != SPOTS_DCGAN)
        return text("input %lldx%lldx1; linear %lld leaky 0.2; linear %lld leaky 0.2; linear 1", n,
                    n, w, w);
    return text("input %lldx%lldx1; conv %lld k5 s2 leaky 0.2; conv %lld k5 s2 leaky 0.2; "
                "conv %lld k5 s2 leaky 0.2; linear 1",
                n, n, f, 2 * f, 4 * f);
}

static Rule adam(void) {
    Rule rule = rule_default(RULE_ADAM, 2e-4);
    rule.beta1 = 0.5, rule.beta2 = 0.9;
    return rule;
}

void spots_build(Generator *generator, const Backend *backend, SpotsKind kind, SpotsShape shape,
                 uint64_t seed) {
    generator_build(generator, backend,
                    &(GeneratorSettings){.architecture = generator_line(kind, shape),
                                         .latent = LATENT_NORMAL,
                                         .init = INIT_HE_NORMAL,
                                         .rule = adam(),
                                         .batch = SPOTS_BATCH},
                    seed);
}

void spots_train(Generator *generator, SpotsKind kind, SpotsShape shape, int64_t iterations,
                 uint64_t seed, Rng rng) {
    enum { CRITIC_UPDATES = 2 };
    Critic critic;
    critic_build(&critic, generator->net.backend,
                 &(CriticSettings){.architecture = critic_line(kind, shape),
                                   .loss = GAN_WASSERSTEIN_GP,
                                   .penalty = {.lambda = 10},
                                   .init = INIT_HE_NORMAL,
                                   .rule = adam(),
                                   .batch = SPOTS_BATCH},
                 seed);
    double *images = allocate(SPOTS_BATCH, (size_t)(shape.side * shape.side) * sizeof *images);
    for (int64_t k = 0; k < iterations; k++) {
        for (int update = 0; update < CRITIC_UPDATES; update++) {
            spots_sample(&rng, (size_t)shape.side, SPOTS_BATCH, images);
            critic_put_real(&critic, images);
            generator_put_fake(generator, &critic);
            critic_update(&critic);
        }
        generator_update(generator, &critic);
        progress(k + 1, iterations, "training %s, seed %llu", SPOTS_NAMES[kind],
                 (unsigned long long)seed);
    }
    critic_losses(&critic), generator_loss(generator);
    free(images);
    critic_free(&critic);
}
