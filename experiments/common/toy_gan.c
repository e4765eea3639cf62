#include "toy_gan.h"

#include "toy/transport.h"

#include <stdlib.h>

// Streams of the data's random numbers; programs use lower ones.
enum { FOR_BATCHES = 1, FOR_HELD_OUT, FOR_FLOOR };

static Rng stream(const ToyGan *gan, uint64_t purpose, uint64_t index) {
    return rng_stream(gan->settings.seed, purpose << 56 | index);
}

static void check_data(const ToyGan *gan) {
    size_t taken = shape_size(gan->critic.net.architecture.input);
    if (taken != gan->data->dim)
        fail(EXIT_USAGE, "the critic takes %zu numbers where a point of %s has %zu", taken,
             gan->data->name, gan->data->dim);
}

void toy_gan_build(ToyGan *gan, const Backend *backend, const ToyData *data,
                   const ToyGanSettings *settings) {
    size_t batch = settings->critic.batch, looked = settings->look_points, dim = data->dim;
    *gan = (ToyGan){.data = data, .settings = *settings};
    critic_build(&gan->critic, backend, &settings->critic, settings->seed);
    generator_build(&gan->generator, backend, &settings->generator, settings->seed);
    check_data(gan);
    trainer_check_pair(&gan->generator, &gan->critic);
    gan->batch = allocate(batch, dim * sizeof *gan->batch);
    gan->held_out = allocate(looked, dim * sizeof *gan->held_out);
    gan->sample = allocate(looked, dim * sizeof *gan->sample);
    Rng rng = stream(gan, FOR_HELD_OUT, 0);
    toy_data_held_out(data, &rng, looked, gan->held_out);
}

void toy_gan_free(ToyGan *gan) {
    critic_free(&gan->critic);
    generator_free(&gan->generator);
    free(gan->batch), free(gan->held_out), free(gan->sample);
}

// [iteration]
void toy_gan_put_batch(ToyGan *gan, int64_t k) {
    uint64_t updates = (uint64_t)(gan->step * gan->settings.critic_iters + k);
    Rng rng = stream(gan, FOR_BATCHES, updates);
    toy_data_draw(gan->data, &rng, gan->settings.critic.batch, gan->batch);
    critic_put_real(&gan->critic, gan->batch);
    generator_put_fake(&gan->generator, &gan->critic);
}

void toy_gan_step(ToyGan *gan) {
    for (int64_t k = 0; k < gan->settings.critic_iters; k++) {
        toy_gan_put_batch(gan, k);
        critic_update(&gan->critic);
    }
    generator_update(&gan->generator, &gan->critic);
    gan->step++;
}
// [/iteration]

void toy_gan_look(ToyGan *gan) {
    generator_rewind(&gan->generator);
    generator_sample(&gan->generator, gan->settings.look_points, gan->sample);
}

static double distance(const ToyGan *gan, const double *x, const double *y) {
    size_t n = gan->settings.look_points;
    Transport t;
    int status = transport_solve(&t, COST_L2, gan->data->dim, n, x, NULL, n, y, NULL);
    if (status == TRANSPORT_POINTS)
        fail(EXIT_NONFINITE, "step %lld: a generated point is not finite", (long long)gan->step);
    if (status) fail(EXIT_RESOURCE, "transport: %s", transport_error(status));
    double value = t.value;
    transport_free(&t);
    return value;
}

double toy_gan_w(const ToyGan *gan) {
    return distance(gan, gan->sample, gan->held_out);
}

double toy_gan_floor(const ToyGan *gan) {
    size_t n = gan->settings.look_points;
    double *other = allocate(n, gan->data->dim * sizeof *other);
    Rng rng = stream(gan, FOR_FLOOR, 0);
    toy_data_draw(gan->data, &rng, n, other);
    double w = distance(gan, other, gan->held_out);
    free(other);
    return w;
}
