#include "image_gan.h"

#include "image_data.h"

#include <math.h>
#include <stdlib.h>

// ---- images onto the device ----

// Everything but the images kept back, in the runs between them.
static void put_rest(ImagePool *pool, const ImageSet *set, size_t of) {
    size_t from = 0, to = 0;
    for (size_t k = 0; k <= of; k++) {
        size_t end = k < of ? image_data_spaced(set, k, of) : set->count;
        image_pool_put(pool, to, end - from, set->pixels + from * pool->features);
        to += end - from;
        from = end + 1;
    }
}

static void build_pools(ImageGan *gan, const Backend *backend, const ImageSet *set,
                        const ImageSet *held, PixelRange range) {
    size_t features = (size_t)set->height * (size_t)set->width * (size_t)set->channels;
    size_t of = gan->settings.held_out, kept = held ? 0 : of;
    image_pool_build(&gan->training, backend, set->count - kept, features, range);
    put_rest(&gan->training, set, kept);
    if (of == 0) return;
    image_pool_build(&gan->held_out, backend, of, features, range);
    const ImageSet *from = held ? held : set;
    for (size_t k = 0; k < of; k++)
        image_pool_put(&gan->held_out, k, 1,
                       from->pixels + image_data_spaced(from, k, of) * features);
}

// ---- players ----

static const char *shape_text(int height, int width, int channels) {
    return text("%dx%dx%d", height, width, channels);
}

static void check_shape(const char *player, const char *does, Shape shape, const ImageSet *set) {
    if (shape.image && shape.h == set->height && shape.w == set->width && shape.c == set->channels)
        return;
    fail(EXIT_USAGE, "the %s %s %s where the images are %s", player, does,
         shape.image ? shape_text(shape.h, shape.w, shape.c) : text("%d numbers", shape.c),
         shape_text(set->height, set->width, set->channels));
}

void image_gan_check(const Architecture *critic, const Architecture *generator,
                     const ImageSet *set) {
    check_shape("critic", "takes", critic->input, set);
    check_shape("generator", "makes", architecture_output(generator), set);
}

void image_gan_build(ImageGan *gan, const Backend *backend, const ImageSet *set,
                     const ImageSet *held, const ImageGanSettings *settings) {
    *gan = (ImageGan){.settings = *settings};
    critic_build(&gan->critic, backend, &settings->critic, settings->seed);
    generator_build(&gan->generator, backend, &settings->generator, settings->seed);
    const Architecture *generator = &gan->generator.net.architecture;
    image_gan_check(&gan->critic.net.architecture, generator, set);
    build_pools(gan, backend, set, held, pixel_range(generator));
}

void image_gan_free(ImageGan *gan) {
    gan->critic.net.backend->capture_free(gan->graph);
    if (gan->settings.held_out > 0) image_pool_free(&gan->held_out);
    image_pool_free(&gan->training);
    generator_free(&gan->generator);
    critic_free(&gan->critic);
}

// ---- training ----

// [iteration]
static void iterate(ImageGan *gan) {
    for (int64_t k = 0; k < gan->settings.critic_iters; k++) {
        critic_put_images(&gan->critic, &gan->training);
        generator_put_fake(&gan->generator, &gan->critic);
        critic_update(&gan->critic);
    }
    generator_update(&gan->generator, &gan->critic);
}
// [/iteration]

// σ of the noise before the critic: what a graph cannot hold, for it is a number of the host's.
static double sigma_at(const ImageGanSettings *s, int64_t step) {
    if (s->noise_horizon == 0) return s->critic.noise;
    return s->critic.noise * fmax(0, 1 - (double)step / (double)s->noise_horizon);
}

// From the second step on: the first one loads what is loaded when it is first used.
static bool captured(ImageGan *gan) {
    const Backend *b = gan->critic.net.backend;
    const ImageGanSettings *s = &gan->settings;
    if (gan->graph) return true;
    if (!s->capture || (s->critic.noise > 0 && s->noise_horizon > 0)) return false;
    if (!b->capture_begin()) return false;
    iterate(gan);
    gan->graph = b->capture_end();
    return true;
}

void image_gan_step(ImageGan *gan) {
    gan->critic.sigma = sigma_at(&gan->settings, gan->step);
    if (gan->warm && captured(gan))
        gan->critic.net.backend->capture_replay(gan->graph);
    else
        iterate(gan);
    gan->warm = true;
    gan->step++;
}

bool image_gan_finite(const ImageGan *gan) {
    CriticLosses c = critic_values(&gan->critic);
    return isfinite(c.real + c.fake + c.penalty + generator_value(&gan->generator));
}

// ---- looking ----

// A discriminator with batch norm would take the images that are only looked at into its running
// statistics.
static real *keep_running(const Net *net) {
    real *running = allocate(net->running_count + 1, sizeof *running);
    if (net->running_count > 0)
        net->backend->download(running, net->running, net->running_count * sizeof *running);
    return running;
}

static void restore_running(const Net *net, real *running) {
    if (net->running_count > 0)
        net->backend->upload(net->running, running, net->running_count * sizeof *running);
    free(running);
}

ImageGanLook image_gan_look(ImageGan *gan) {
    const CriticSettings *s = &gan->settings.critic;
    bool wasserstein = s->loss == GAN_WASSERSTEIN || s->loss == GAN_WASSERSTEIN_GP;
    ImageGanLook look = {NAN, NAN, NAN, NAN, {NAN, NAN}, NAN, NAN};
    if (gan->step == 0) return look;
    CriticLosses c = critic_values(&gan->critic);
    look.critic = c.real + c.fake + c.penalty;
    look.generator = generator_value(&gan->generator);
    if (wasserstein) look.w = -c.real - c.fake;
    if (s->penalty.lambda > 0) look.penalty = c.penalty, look.norms = critic_norms(&gan->critic);
    if (gan->settings.held_out == 0) return look;
    real *running = keep_running(&gan->critic.net);
    double fake = critic_fake_loss(&gan->critic);
    size_t count = gan->held_out.count, seen = gan->training.count;
    look.validation = fake + critic_pool_loss(&gan->critic, &gan->held_out, count);
    look.training =
        fake + critic_pool_loss(&gan->critic, &gan->training, count < seen ? count : seen);
    restore_running(&gan->critic.net, running);
    return look;
}

void image_gan_sample(ImageGan *gan, size_t n, uint8_t *bytes) {
    size_t numbers = n * gan->training.features;
    double *x = allocate(numbers, sizeof *x);
    generator_rewind(&gan->generator);
    generator_sample(&gan->generator, n, x);
    for (size_t i = 0; i < numbers; i++) bytes[i] = pixel_byte(gan->training.range, x[i]);
    free(x);
}
