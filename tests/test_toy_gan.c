// A GAN's data and its exact distance: W of clouds whose W is known, who sees which points of a
// file, and that a file's order means nothing.
#include "experiments/common/state.h"
#include "experiments/common/toy_gan.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { POINTS = 100, LOOK = 20 };

static const Backend *backend;
static char path[] = "/tmp/earthmover-points-XXXXXX";

// The points (k, 2k), in order.
static void set_up(void) {
    common.device = DEVICE_CPU, common.threads = 1;
    backend = trainer_backend();
    FILE *file = fdopen(mkstemp(path), "w");
    for (int k = 0; k < POINTS; k++) fprintf(file, "%d\t%d\n", k, 2 * k);
    fclose(file);
}

static void tear_down(void) {
    unlink(path);
    backend->close();
}

static ToyGan gan_of(const ToyData *data, uint64_t seed) {
    ToyGanSettings settings = {
        .critic = {.architecture = "input 2; linear 1",
                   .loss = GAN_WASSERSTEIN_GP,
                   .penalty = {.lambda = 1},
                   .init = INIT_HE_NORMAL,
                   .rule = rule_default(RULE_SGD, 0.01),
                   .batch = 8},
        .generator = {.architecture = "input 2; linear 2",
                      .init = INIT_HE_NORMAL,
                      .rule = rule_default(RULE_SGD, 0.01),
                      .batch = 8},
        .critic_iters = 2,
        .look_points = LOOK,
        .seed = seed,
    };
    ToyGan gan;
    toy_gan_build(&gan, backend, data, &settings);
    return gan;
}

// A cloud and its translate by (3, 4): no plan is cheaper than the translation, of cost 5.
START_TEST(distance_of_a_translate) {
    ToyData data = toy_data_open("ring8", NULL);
    ToyGan gan = gan_of(&data, 3);
    for (int i = 0; i < LOOK; i++) {
        gan.sample[2 * i] = gan.held_out[2 * i] + 3;
        gan.sample[2 * i + 1] = gan.held_out[2 * i + 1] + 4;
    }
    ck_assert_double_eq_tol(toy_gan_w(&gan), 5, 1e-12);
    toy_gan_free(&gan);
}
END_TEST

// Two samples of 20 points of a ring of radius 1.41: apart, but less so than a ring and its centre.
START_TEST(floor_of_a_ring) {
    ToyData data = toy_data_open("ring8", NULL);
    ToyGan gan = gan_of(&data, 3);
    double floor = toy_gan_floor(&gan);
    ck_assert(floor > 0.01 && floor < 1);
    toy_gan_free(&gan);
}
END_TEST

// Training sees four fifths, looking the rest, and both come from everywhere in the file.
START_TEST(held_out_points_are_held_out) {
    ToyData data = toy_data_open(path, NULL);
    bool trained[POINTS] = {false}, held_out[POINTS] = {false};
    double x[2 * 2000], low = INFINITY, high = -INFINITY;
    Rng rng = rng_stream(1, 1);
    toy_data_draw(&data, &rng, 2000, x);
    for (int i = 0; i < 2000; i++) {
        ck_assert(x[2 * i + 1] == 2 * x[2 * i]);
        trained[(int)x[2 * i]] = true;
    }
    toy_data_held_out(&data, &rng, LOOK, x);
    for (int i = 0; i < LOOK; i++) {
        held_out[(int)x[2 * i]] = true;
        low = fmin(low, x[2 * i]), high = fmax(high, x[2 * i]);
    }
    for (int k = 0; k < POINTS; k++) ck_assert(trained[k] != held_out[k]);
    ck_assert(low < POINTS / 4. && high > POINTS * 3 / 4.);
    toy_data_held_out(&data, &rng, 3, x); // the first three: 20 held-out points hide no order
    ck_assert(!(x[0] < x[2] && x[2] < x[4] && x[4] < POINTS / 4.));
    toy_data_free(&data);
}
END_TEST

START_TEST(another_content_another_digest) {
    ToyData data = toy_data_open(path, NULL);
    uint64_t before = data.digest;
    toy_data_free(&data);
    FILE *file = fopen(path, "a");
    fputs("1\t1\n", file);
    fclose(file);
    data = toy_data_open(path, NULL);
    ck_assert(data.digest != before);
    toy_data_free(&data);
}
END_TEST

// A batch depends on the seed, the step and which of the step's it is, and on nothing else.
START_TEST(batches) {
    ToyData data = toy_data_open("grid25", NULL);
    ToyGan gan = gan_of(&data, 3), other = gan_of(&data, 4);
    double first[16];
    toy_gan_put_batch(&gan, 0);
    for (int k = 0; k < 16; k++) first[k] = gan.batch[k];
    toy_gan_put_batch(&gan, 1);
    ck_assert(gan.batch[0] != first[0]);
    toy_gan_put_batch(&gan, 0);
    ck_assert(gan.batch[0] == first[0] && gan.batch[15] == first[15]);
    gan.step = 1;
    toy_gan_put_batch(&gan, 0);
    ck_assert(gan.batch[0] != first[0]);
    toy_gan_put_batch(&other, 0);
    ck_assert(other.batch[0] != first[0]);
    toy_gan_free(&gan), toy_gan_free(&other);
}
END_TEST

int main(void) {
    TCase *cases = tcase_create("toy_gan");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, distance_of_a_translate);
    tcase_add_test(cases, floor_of_a_ring);
    tcase_add_test(cases, held_out_points_are_held_out);
    tcase_add_test(cases, another_content_another_digest);
    tcase_add_test(cases, batches);
    Suite *suite = suite_create("toy_gan");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
