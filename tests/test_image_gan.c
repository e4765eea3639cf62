// Images in training: bytes to numbers and back, which images are drawn and which held out, the
// loss on them against closed forms, noise before the critic, latents used again, ways between
// them.
#include "experiments/common/state.h"
#include "experiments/images/generator_load.h"
#include "experiments/images/image_data.h"
#include "experiments/images/image_gan.h"
#include "experiments/images/picked.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const Backend *backend;

static void set_up(void) {
    common.device = DEVICE_CPU, common.threads = 1;
    backend = trainer_backend();
}

static void tear_down(void) {
    backend->close();
}

enum { SIDE = 2, FEATURES = SIDE * SIDE, COUNT = 20 };
static uint8_t pixels[COUNT][FEATURES]; // image k is grey of value 10k

static ImageSet greys(void) {
    for (int k = 0; k < COUNT; k++) memset(pixels[k], 10 * k, FEATURES);
    return (ImageSet){
        .count = COUNT, .height = SIDE, .width = SIDE, .channels = 1, .pixels = pixels[0]};
}

static ImageGanSettings settings_of(GanLoss loss, double noise, size_t batch) {
    Rule rule = rule_default(RULE_SGD, 1e-3);
    return (ImageGanSettings){
        .critic = {.architecture = "input 2x2x1; linear 1",
                   .loss = loss,
                   .init = INIT_HE_NORMAL,
                   .rule = rule,
                   .noise = noise,
                   .batch = batch},
        .generator = {.architecture = "input 3; linear 2x2x1 tanh",
                      .init = INIT_HE_NORMAL,
                      .rule = rule,
                      .batch = batch},
        .critic_iters = 1,
        .held_out = 4,
        .seed = 5,
    };
}

static ImageGan gan_of(const ImageGanSettings *settings, const ImageSet *held) {
    ImageSet set = greys();
    ImageGan gan;
    image_gan_build(&gan, backend, &set, held, settings);
    return gan;
}

START_TEST(bytes_there_and_back) {
    Architecture a;
    Error error;
    ck_assert_int_eq(architecture_parse(&a, "input 1; linear 2x2x1 sigmoid", &error), 0);
    ck_assert_int_eq(pixel_range(&a), PIXELS_UNIT);
    ck_assert_int_eq(architecture_parse(&a, "input 1; linear 2x2x1 tanh", &error), 0);
    ck_assert_int_eq(pixel_range(&a), PIXELS_SIGNED);
    ck_assert_int_eq(pixel_byte(PIXELS_SIGNED, -1.5), 0);
    ck_assert_int_eq(pixel_byte(PIXELS_SIGNED, 1), 255);
    ck_assert_int_eq(pixel_byte(PIXELS_UNIT, 0.5), 128);
    for (int range = PIXELS_SIGNED; range <= PIXELS_UNIT; range++) {
        ImagePool pool;
        uint8_t all[256];
        for (int k = 0; k < 256; k++) all[k] = (uint8_t)k;
        image_pool_build(&pool, backend, 256, 1, (PixelRange)range);
        image_pool_put(&pool, 0, 256, all);
        CriticSettings settings = settings_of(GAN_WASSERSTEIN, 0, 1000).critic;
        settings.architecture = "input 1; linear 1";
        Critic critic;
        critic_build(&critic, backend, &settings, 1);
        critic_put_images(&critic, &pool);
        real x[1000];
        int seen[256] = {0};
        backend->download(x, net_input(&critic.net, 0), sizeof x);
        for (int k = 0; k < 1000; k++) {
            int byte = pixel_byte((PixelRange)range, (double)x[k]);
            double exact = range == PIXELS_UNIT ? byte / 255.0 : byte / 127.5 - 1;
            ck_assert_double_eq_tol((double)x[k], exact, 1e-6);
            seen[byte]++;
        }
        int distinct = 0;
        for (int k = 0; k < 256; k++) distinct += seen[k] > 0;
        ck_assert_int_gt(distinct, 235); // 256·(1 − e^(−1000/256)) = 250.9 on average
        critic_put_images(&critic, &pool);
        real again[1000];
        backend->download(again, net_input(&critic.net, 0), sizeof again);
        ck_assert(memcmp(x, again, sizeof x) != 0);
        critic_free(&critic), image_pool_free(&pool);
    }
}
END_TEST

START_TEST(a_pixel_that_is_no_number) {
    pixel_byte(PIXELS_SIGNED, NAN);
}
END_TEST

// Of 20 images 4 are kept back, evenly: 2, 7, 12, 17.
START_TEST(images_kept_back) {
    ImageGanSettings settings = settings_of(GAN_WASSERSTEIN, 0, 4);
    ImageGan gan = gan_of(&settings, NULL);
    uint8_t training[16 * FEATURES], held[4 * FEATURES];
    ck_assert_uint_eq(gan.training.count, 16);
    backend->download(training, gan.training.bytes, sizeof training);
    backend->download(held, gan.held_out.bytes, sizeof held);
    for (int k = 0; k < 4; k++) ck_assert_int_eq(held[k * FEATURES], 10 * (5 * k + 2));
    for (int k = 0, image = 0; k < 16; k++, image++) {
        if (image % 5 == 2) image++;
        ck_assert_int_eq(training[k * FEATURES], 10 * image);
        ck_assert_int_eq(training[k * FEATURES + FEATURES - 1], 10 * image);
    }
    ImageSet all = greys(), part[2]; // the same for who evaluates the run
    picked_apart(&all, 4, part);
    ck_assert(part[0].count == 16 && part[1].count == 4);
    ck_assert_mem_eq(part[0].pixels, training, sizeof training);
    ck_assert_mem_eq(part[1].pixels, held, sizeof held);
    picked_free(&part[0]), picked_free(&part[1]);
    image_gan_free(&gan);
    static uint8_t others[4][FEATURES] = {{1}, {2}, {3}, {4}};
    ImageSet set = {.count = 4, .height = SIDE, .width = SIDE, .channels = 1, .pixels = others[0]};
    gan = gan_of(&settings, &set);
    ck_assert_uint_eq(gan.training.count, COUNT);
    backend->download(held, gan.held_out.bytes, sizeof held);
    ck_assert_mem_eq(held, others, sizeof held);
    image_gan_free(&gan);
    ImageSet test = greys(); // of a larger test part, those that are evenly spaced
    gan = gan_of(&settings, &test);
    backend->download(held, gan.held_out.bytes, sizeof held);
    for (int k = 0; k < 4; k++) ck_assert_int_eq(held[k * FEATURES], 10 * (5 * k + 2));
    image_gan_free(&gan);
}
END_TEST

static int by_value(const void *a, const void *b) {
    return *(const uint8_t *)a - *(const uint8_t *)b;
}

// Every image is in one half: whole, once, and not in the order of the set.
START_TEST(halves_of_a_set) {
    for (size_t count = COUNT - 1; count <= COUNT; count++) {
        ImageSet all = greys(), half[2];
        uint8_t seen[COUNT];
        all.count = count;
        picked_halves(&all, rng_stream(3, 0), half);
        ck_assert(half[0].count == (count + 1) / 2 && half[1].count == count / 2);
        for (size_t k = 0; k < count; k++) {
            const ImageSet *h = &half[k >= half[0].count];
            const uint8_t *image = h->pixels + (k - (h == half ? 0 : half[0].count)) * FEATURES;
            for (int i = 1; i < FEATURES; i++) ck_assert_int_eq(image[i], image[0]);
            seen[k] = image[0];
        }
        ck_assert(memcmp(seen, (uint8_t[]){0, 10, 20, 30}, 4) != 0);
        qsort(seen, count, 1, by_value);
        for (size_t k = 0; k < count; k++) ck_assert_uint_eq(seen[k], 10 * k);
        picked_free(&half[0]), picked_free(&half[1]);
    }
}
END_TEST

// 3 × 3; the second channel is the first turned by half a turn, and 1 more.
START_TEST(blurred_by_hand) {
    static const uint8_t plain[] = {0, 10, 20, 30, 40, 50, 60, 70, 80};
    static const uint8_t mean[] = {20, 25, 30, 35, 40, 45, 50, 55, 60};
    uint8_t both[27] = {0};
    for (int i = 0; i < 9; i++) both[3 * i] = plain[i], both[3 * i + 1] = plain[8 - i] + 1;
    ImageSet set = {.count = 1, .height = 3, .width = 3, .channels = 3, .pixels = both};
    ImageSet blurred = picked_blurred(&set, 1), wide = picked_blurred(&set, 2);
    for (int i = 0; i < 9; i++) {
        ck_assert_int_eq(blurred.pixels[3 * i], mean[i]);
        ck_assert_int_eq(blurred.pixels[3 * i + 1], mean[8 - i] + 1);
        ck_assert_int_eq(blurred.pixels[3 * i + 2], 0);
        ck_assert_int_eq(wide.pixels[3 * i], 40);
    }
    picked_free(&blurred), picked_free(&wide);
}
END_TEST

START_TEST(what_a_run_was_trained_on) {
    ImageData data = {.set = greys(), .held_out = 4};
    ImageSet other = greys();
    strcpy(data.set.digest, "0123456789abcdef"), strcpy(other.digest, "0123456789abcdee");
    const char *line = image_data_line(&data);
    ck_assert_str_eq(line, "20 images 2x2x1, digest 0123456789abcdef, 4 held out of them");
    ck_assert_uint_eq(image_data_kept_of(line, &data.set), 4);
    ck_assert_uint_eq(image_data_kept_of(line, &other), 0);
    ck_assert_uint_eq(image_data_kept_of(text("%s!", line), &data.set), 0);
    ck_assert_uint_eq(image_data_kept_of("", &data.set), 0);
    data.test = other, data.has_test = true;
    line = image_data_line(&data);
    ck_assert_uint_eq(image_data_kept_of(line, &data.set), 0);
}
END_TEST

// f = a + w·x of the critic as it is.
static double critic_at(ImageGan *gan, double grey) {
    double x[FEATURES] = {grey, grey, grey, grey}, value;
    critic_evaluate(&gan->critic, 1, x, &value, NULL);
    return value;
}

// Under WGAN the loss is mean f(fake) − mean f(real), over all held-out images and as many of the
// training set, evenly spaced, in batches of 3 where there are 4.
START_TEST(losses_on_images) {
    ImageGanSettings settings = settings_of(GAN_WASSERSTEIN, 0, 3);
    ImageGan gan = gan_of(&settings, NULL);
    ImageGanLook look = image_gan_look(&gan);
    ck_assert(isnan(look.validation) && isnan(look.w));
    image_gan_step(&gan);
    ck_assert(image_gan_finite(&gan));
    look = image_gan_look(&gan);
    double held = 0, seen = 0;
    for (int k = 0; k < 4; k++) {
        held += critic_at(&gan, 10 * (5 * k + 2) / 127.5 - 1) / 4;
        seen += critic_at(&gan, 10 * (5 * k + 3) / 127.5 - 1) / 4; // of 16, those at 2, 6, 10, 14
    }
    ck_assert_double_eq_tol(look.validation - look.training, seen - held, 1e-5);
    ck_assert_double_eq_tol(look.validation, -look.generator - held, 1e-5);
    ck_assert_double_eq_tol(look.w, -look.critic, 1e-12);
    ck_assert(isnan(look.penalty) && isnan(look.norms.mean));
    image_gan_free(&gan);
}
END_TEST

// Batch statistics of the images that are looked at stay out of the running ones.
START_TEST(a_look_leaves_no_trace) {
    ImageGanSettings settings = settings_of(GAN_NONSATURATING, 0, 4);
    settings.critic.architecture = "input 2x2x1; linear 3 bn relu; linear 1";
    ImageGan gan = gan_of(&settings, NULL);
    for (int k = 0; k < 3; k++) image_gan_step(&gan);
    const Net *net = &gan.critic.net;
    real before[6], after[6];
    ck_assert_uint_ge(net->running_count, 6);
    backend->download(before, net->running, sizeof before);
    image_gan_look(&gan);
    backend->download(after, net->running, sizeof after);
    ck_assert_mem_eq(before, after, sizeof before);
    ck_assert(before[0] != 0 || before[1] != 0);
    image_gan_free(&gan);
}
END_TEST

// With LSGAN: ½ mean (f(real) − 1)² + ½ mean f(fake)²; the second part is the same in both.
START_TEST(least_squares_on_images) {
    ImageGanSettings settings = settings_of(GAN_LEAST_SQUARES, 0, 3);
    ImageGan gan = gan_of(&settings, NULL);
    image_gan_step(&gan);
    ImageGanLook look = image_gan_look(&gan);
    double held = 0, seen = 0;
    for (int k = 0; k < 4; k++) {
        held += pow(critic_at(&gan, 10 * (5 * k + 2) / 127.5 - 1) - 1, 2) / 8;
        seen += pow(critic_at(&gan, 10 * (5 * k + 3) / 127.5 - 1) - 1, 2) / 8;
    }
    ck_assert_double_eq_tol(look.validation - look.training, held - seen, 1e-5);
    ck_assert(isnan(look.w) && look.validation > held);
    image_gan_free(&gan);
}
END_TEST

static void check_same_weights(const Net *a, const Net *b) {
    size_t size = a->weight_count * sizeof(real);
    real *x = malloc(size), *y = malloc(size);
    backend->download(x, a->weights, size);
    backend->download(y, b->weights, size);
    ck_assert(size > 0 && memcmp(x, y, size) == 0);
    free(x), free(y);
}

// Algorithm 1 written out: each of the critic's updates has a batch of images and one from fresh
// latents, and the generator's update comes after them all.
START_TEST(an_iteration_by_hand) {
    ImageGanSettings settings = settings_of(GAN_WASSERSTEIN_GP, 0, 3);
    settings.critic.penalty = (Penalty){.lambda = 10};
    settings.critic.architecture = "input 2x2x1; linear 4 leaky 0.2; linear 1";
    settings.critic_iters = 3;
    ImageGan gan = gan_of(&settings, NULL), hand = gan_of(&settings, NULL);
    for (int step = 0; step < 2; step++) {
        real latents[4][9];
        for (int k = 0; k < 3; k++) {
            critic_put_images(&hand.critic, &hand.training);
            generator_put_fake(&hand.generator, &hand.critic);
            backend->download(latents[k], net_input(&hand.generator.net, 0), sizeof *latents);
            critic_update(&hand.critic);
        }
        generator_update(&hand.generator, &hand.critic);
        backend->download(latents[3], net_input(&hand.generator.net, 0), sizeof *latents);
        for (int k = 0; k < 3; k++)
            ck_assert(memcmp(latents[k], latents[k + 1], sizeof *latents) != 0);
        image_gan_step(&gan);
        check_same_weights(&gan.critic.net, &hand.critic.net);
        check_same_weights(&gan.generator.net, &hand.generator.net);
    }
    ck_assert_int_eq(gan.step, 2);
    image_gan_free(&gan), image_gan_free(&hand);
}
END_TEST

// Noise of σ on black images: what the critic takes in has mean −1 and spread σ; it falls to 0 at
// the horizon, and the loss that a look measures does not hang on how often one looks.
START_TEST(noise_before_the_critic) {
    ImageGanSettings settings = settings_of(GAN_WASSERSTEIN, 0.5, 2000);
    settings.noise_horizon = 2;
    memset(pixels, 0, sizeof pixels);
    ImageSet black = {
        .count = COUNT, .height = SIDE, .width = SIDE, .channels = 1, .pixels = pixels[0]};
    ImageGan gan;
    image_gan_build(&gan, backend, &black, NULL, &settings);
    static real x[2000 * FEATURES], fake[2000 * FEATURES];
    for (int step = 0; step < 3; step++) {
        double sigma = 0.5 * (1 - step / 2.0), mean = 0, squares = 0;
        image_gan_step(&gan);
        backend->download(x, net_input(&gan.critic.net, 0), sizeof x);
        for (int k = 0; k < 2000 * FEATURES; k++) {
            mean += ((double)x[k] + 1) / (2000 * FEATURES);
            squares += pow((double)x[k] + 1, 2) / (2000 * FEATURES);
        }
        ck_assert_double_eq_tol(mean, 0, 4 * sigma / sqrt(8000) + 1e-6);
        ck_assert_double_eq_tol(sqrt(squares), sigma, 0.05 * sigma + 1e-6);
        backend->download(x, net_input(&gan.critic.net, 2000), sizeof x); // of the generator's step
        backend->download(fake, net_output(&gan.generator.net, 0), sizeof fake);
        squares = 0;
        for (int k = 0; k < 2000 * FEATURES; k++)
            squares += pow((double)(x[k] - fake[k]), 2) / (2000 * FEATURES);
        ck_assert_double_eq_tol(sqrt(squares), sigma, 0.05 * sigma + 1e-6);
        ImageGanLook once = image_gan_look(&gan), twice = image_gan_look(&gan);
        ck_assert(once.validation == twice.validation && once.training == twice.training);
    }
    image_gan_free(&gan);
}
END_TEST

// The generator's step takes the latents of the last critic step, or fresh ones.
START_TEST(latents_used_again) {
    for (int reuse = 0; reuse < 2; reuse++) {
        ImageGanSettings settings = settings_of(GAN_WASSERSTEIN, 0, 3);
        settings.generator.reuse_latents = reuse;
        ImageGan gan = gan_of(&settings, NULL);
        real before[9], after[9];
        generator_put_fake(&gan.generator, &gan.critic);
        backend->download(before, net_input(&gan.generator.net, 0), sizeof before);
        generator_update(&gan.generator, &gan.critic);
        backend->download(after, net_input(&gan.generator.net, 0), sizeof after);
        ck_assert_int_eq(memcmp(before, after, sizeof before) == 0, reuse);
        image_gan_free(&gan);
    }
}
END_TEST

// Normal latents move on an arc, from one length to the other; uniform ones on a line.
START_TEST(ways_between_latents) {
    const real a[3] = {2, 0, 0}, b[3] = {0, 2, 0};
    real z[3];
    for (int k = 0; k <= 4; k++) {
        double t = k / 4.0, angle = t * acos(-1) / 2;
        latent_between(LATENT_NORMAL, t, 3, a, b, z);
        ck_assert_double_eq_tol((double)z[0], 2 * cos(angle), 1e-6);
        ck_assert_double_eq_tol((double)z[1], 2 * sin(angle), 1e-6);
        latent_between(LATENT_UNIFORM, t, 3, a, b, z);
        ck_assert_double_eq_tol((double)z[0], 2 * (1 - t), 1e-6);
        ck_assert_double_eq_tol((double)z[1], 2 * t, 1e-6);
    }
    latent_between(LATENT_NORMAL, 0.25, 3, a, (real[]){4, 0, 0}, z); // no angle: the line
    ck_assert_double_eq_tol((double)z[0], 2.5, 1e-6);
}
END_TEST

// What does not fit ends with a line and a code.
static void build_with(const char *critic, const char *generator) {
    ImageGanSettings settings = settings_of(GAN_WASSERSTEIN, 0, 3);
    settings.critic.architecture = critic, settings.generator.architecture = generator;
    gan_of(&settings, NULL);
}

START_TEST(a_critic_of_another_shape) {
    build_with("input 1x4x1; linear 1", "input 3; linear 2x2x1 tanh");
}
END_TEST

START_TEST(a_generator_of_another_shape) {
    build_with("input 2x2x1; linear 1", "input 3; linear 4 tanh");
}
END_TEST

int main(void) {
    program = &(const Program){.name = "test_image_gan"}; // whose name fail() prints
    Suite *suite = suite_create("image_gan");
    TCase *tcase = tcase_create("image_gan");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, bytes_there_and_back);
    tcase_add_test(tcase, images_kept_back);
    tcase_add_test(tcase, halves_of_a_set);
    tcase_add_test(tcase, blurred_by_hand);
    tcase_add_test(tcase, what_a_run_was_trained_on);
    tcase_add_test(tcase, losses_on_images);
    tcase_add_test(tcase, a_look_leaves_no_trace);
    tcase_add_test(tcase, least_squares_on_images);
    tcase_add_test(tcase, an_iteration_by_hand);
    tcase_add_test(tcase, noise_before_the_critic);
    tcase_add_test(tcase, latents_used_again);
    tcase_add_test(tcase, ways_between_latents);
    tcase_add_exit_test(tcase, a_pixel_that_is_no_number, EXIT_NONFINITE);
    tcase_add_exit_test(tcase, a_critic_of_another_shape, EXIT_USAGE);
    tcase_add_exit_test(tcase, a_generator_of_another_shape, EXIT_USAGE);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
