// The trainer against closed forms: a linear critic's step, what a penalised critic of two points
// learns, the step of a linear generator, slopes against differences, and who draws which numbers.
#include "experiments/common/state.h"
#include "experiments/common/trainer.h"
#include "toy/rng.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

static const Backend *backend;

static void set_up(void) {
    common.device = DEVICE_CPU, common.threads = 1;
    backend = trainer_backend();
}

static void tear_down(void) {
    backend->close();
}

static CriticSettings settings_of(const char *line, GanLoss loss, double lambda, double rate,
                                  size_t batch) {
    return (CriticSettings){.architecture = line,
                            .loss = loss,
                            .penalty = {.lambda = lambda},
                            .init = INIT_HE_NORMAL,
                            .rule = rule_default(RULE_SGD, rate),
                            .batch = batch};
}

static Critic critic_of(const char *line, GanLoss loss, double lambda, double rate, size_t batch) {
    Critic critic;
    CriticSettings settings = settings_of(line, loss, lambda, rate, batch);
    critic_build(&critic, backend, &settings, 7);
    return critic;
}

// f = a + w·x at the origin and at the unit vectors of the plane.
static void read_plane(Critic *critic, double plane[3]) {
    critic_evaluate(critic, 3, (double[]){0, 0, 1, 0, 0, 1}, plane, NULL);
    plane[1] -= plane[0], plane[2] -= plane[0];
}

// WGAN: the loss is mean f(fake) − mean f(real), so one step of SGD adds rate·(mean real − mean
// fake) to w; the offset does not move.
START_TEST(step_of_a_linear_critic) {
    Critic critic = critic_of("input 2; linear 1", GAN_WASSERSTEIN, 0, 0.5, 3);
    const double here[] = {1, 0, 2, 1, 3, 5}, there[] = {0, 1, 0, 2, 3, 0};
    double before[3], after[3];
    read_plane(&critic, before);
    critic_put_real(&critic, here), critic_put_fake(&critic, there);
    critic_update(&critic);
    CriticLosses losses = critic_losses(&critic);
    double f_real = before[0] + 2 * before[1] + 2 * before[2];
    double f_fake = before[0] + before[1] + before[2];
    ck_assert_double_eq_tol(losses.real, -f_real, 1e-5);
    ck_assert_double_eq_tol(losses.fake, f_fake, 1e-5);
    ck_assert(losses.penalty == 0);
    read_plane(&critic, after);
    ck_assert_double_eq_tol(after[0] - before[0], 0, 1e-6);
    ck_assert_double_eq_tol(after[1] - before[1], 0.5, 1e-6);
    ck_assert_double_eq_tol(after[2] - before[2], 0.5, 1e-6);
    critic_free(&critic);
}
END_TEST

// Real at 2, fake at 0, f of slope s: the critic's gain 2s − lambda (s − 1)² is largest at
// s = 1 + 2/(2 lambda).
START_TEST(penalised_slope) {
    const double lambda = 4;
    Critic critic = critic_of("input 1; linear 1", GAN_WASSERSTEIN_GP, lambda, 0.02, 2);
    for (int k = 0; k < 400; k++) {
        critic_put_real(&critic, (double[]){2, 2}), critic_put_fake(&critic, (double[]){0, 0});
        critic_update(&critic);
    }
    double slope[2];
    critic_evaluate(&critic, 2, (double[]){0.5, 1.5}, NULL, slope);
    ck_assert_double_eq_tol(slope[0], 1 + 2 / (2 * lambda), 1e-4);
    ck_assert(slope[0] == slope[1]);
    ck_assert_double_eq_tol(critic_mean_norm(&critic), fabs(slope[0]), 1e-4);
    CriticLosses losses = critic_losses(&critic);
    ck_assert_double_eq_tol(losses.penalty, lambda * pow(slope[0] - 1, 2), 1e-4);
    critic_free(&critic);
}
END_TEST

START_TEST(clip_bounds_the_weights) {
    CriticSettings settings = settings_of("input 1; linear 1", GAN_WASSERSTEIN, 0, 1, 2);
    settings.clip = 0.01;
    Critic critic;
    critic_build(&critic, backend, &settings, 7);
    critic_put_real(&critic, (double[]){2, 2}), critic_put_fake(&critic, (double[]){0, 0});
    critic_update(&critic);
    double slope;
    critic_evaluate(&critic, 1, (double[]){0}, NULL, &slope);
    ck_assert_double_eq_tol(slope, 0.01, 1e-8);
    critic_free(&critic);
}
END_TEST

// More points than the net has rows, in pieces; slopes by central differences of the values.
START_TEST(evaluation_in_pieces) {
    enum { COUNT = 23 };
    Critic critic = critic_of("input 2; linear 8 tanh; linear 1", GAN_WASSERSTEIN, 0, 0.1, 4);
    Rng rng = rng_stream(1, 0);
    double x[2 * COUNT], moved[2 * COUNT], value[COUNT], slope[2 * COUNT], above[COUNT],
        below[COUNT];
    const double h = 1e-2;
    for (int i = 0; i < 2 * COUNT; i++) x[i] = rng_normal(&rng);
    critic_evaluate(&critic, COUNT, x, value, slope);
    for (int axis = 0; axis < 2; axis++) {
        for (int i = 0; i < 2 * COUNT; i++) moved[i] = x[i] + (i % 2 == axis ? h : 0);
        critic_evaluate(&critic, COUNT, moved, above, NULL);
        for (int i = 0; i < 2 * COUNT; i++) moved[i] = x[i] - (i % 2 == axis ? h : 0);
        critic_evaluate(&critic, COUNT, moved, below, NULL);
        for (int i = 0; i < COUNT; i++)
            ck_assert_double_eq_tol(slope[2 * i + axis], (above[i] - below[i]) / (2 * h), 2e-3);
    }
    for (int i = 0; i < COUNT; i++) { // one at a time, the same
        double alone;
        critic_evaluate(&critic, 1, x + 2 * i, &alone, NULL);
        ck_assert_double_eq_tol(alone, value[i], 1e-6);
    }
    critic_free(&critic);
}
END_TEST

static Generator generator_of(const char *line, Latent latent, uint64_t seed) {
    GeneratorSettings settings = {.architecture = line,
                                  .latent = latent,
                                  .init = INIT_HE_NORMAL,
                                  .rule = rule_default(RULE_SGD, 0.25),
                                  .batch = 4};
    Generator generator;
    generator_build(&generator, backend, &settings, seed);
    return generator;
}

// Under a linear critic f = a + w·x the WGAN generator's loss is −mean f(G(z)): its offset moves
// by rate·w, whatever the latents.
START_TEST(step_of_a_linear_generator) {
    Critic critic = critic_of("input 2; linear 1", GAN_WASSERSTEIN, 0, 0.5, 4);
    Generator generator = generator_of("input 1; linear 2", LATENT_NORMAL, 7);
    double plane[3];
    read_plane(&critic, plane);
    generator_update(&generator, &critic);
    real offset[2];
    backend->download(offset, generator.net.layer[0].bias, sizeof offset);
    ck_assert_double_eq_tol((double)offset[0], 0.25 * plane[1], 1e-6);
    ck_assert_double_eq_tol((double)offset[1], 0.25 * plane[2], 1e-6);
    ck_assert(isfinite(generator_loss(&generator)));
    ck_assert(gradient_norm(&generator.net) >= hypot(plane[1], plane[2]) - 1e-6);
    generator_free(&generator), critic_free(&critic);
}
END_TEST

// Samples drawn in between leave the training as it is.
START_TEST(looking_changes_nothing) {
    double x[5], loss[2];
    for (int looks = 0; looks < 2; looks++) {
        Critic critic = critic_of("input 1; linear 1", GAN_WASSERSTEIN, 0, 0.5, 4);
        Generator generator = generator_of("input 1; linear 1", LATENT_NORMAL, 7);
        generator_update(&generator, &critic);
        if (looks) generator_sample(&generator, 5, x);
        generator_update(&generator, &critic);
        loss[looks] = generator_loss(&generator);
        generator_free(&generator), critic_free(&critic);
    }
    ck_assert(loss[0] == loss[1]);
}
END_TEST

// The fake rows are the generator's output, which the critic's update then sees.
START_TEST(fakes_reach_the_critic) {
    Critic critic = critic_of("input 2; linear 1", GAN_WASSERSTEIN, 0, 0.5, 4);
    Generator generator = generator_of("input 1; linear 2", LATENT_UNIFORM, 7);
    double plane[3], f = 0;
    real fakes[8];
    read_plane(&critic, plane);
    critic_put_real(&critic, (double[8]){0});
    generator_put_fake(&generator, &critic);
    backend->download(fakes, net_output(&generator.net, 0), sizeof fakes);
    for (int i = 0; i < 4; i++)
        f += (plane[0] + plane[1] * (double)fakes[2 * i] + plane[2] * (double)fakes[2 * i + 1]) / 4;
    critic_update(&critic);
    ck_assert_double_eq_tol(critic_losses(&critic).fake, f, 1e-5);
    generator_free(&generator), critic_free(&critic);
}
END_TEST

// Samples of a linear generator from one latent: x = w z. Uniform latents stay within ±1, normal
// ones have variance 1; a seed gives the same, another seed other samples.
START_TEST(samples) {
    enum { COUNT = 4001 };
    static double x[COUNT], again[COUNT];
    for (int latent = LATENT_NORMAL; latent <= LATENT_UNIFORM; latent++) {
        Generator generator = generator_of("input 1; linear 1", (Latent)latent, 3);
        real w;
        backend->download(&w, generator.net.layer[0].weight, sizeof w);
        generator_sample(&generator, COUNT, x);
        double squares = 0, widest = 0;
        for (int i = 0; i < COUNT; i++) {
            double z = x[i] / (double)w;
            squares += z * z / COUNT, widest = fmax(widest, fabs(z));
        }
        ck_assert_double_eq_tol(squares, latent == LATENT_NORMAL ? 1 : 1. / 3, 0.08);
        ck_assert(latent == LATENT_NORMAL ? widest > 2.5 : widest <= 1.0001 && widest > 0.99);
        generator_free(&generator);
        generator = generator_of("input 1; linear 1", (Latent)latent, 3);
        generator_sample(&generator, COUNT, again);
        for (int i = 0; i < COUNT; i++) ck_assert(x[i] == again[i]);
        generator_sample(&generator, COUNT, again);
        ck_assert(x[0] != again[0]);
        generator_rewind(&generator);
        generator_sample(&generator, COUNT, again);
        for (int i = 0; i < COUNT; i++) ck_assert(x[i] == again[i]);
        generator_free(&generator);
        generator = generator_of("input 1; linear 1", (Latent)latent, 4);
        generator_sample(&generator, COUNT, again);
        ck_assert(x[0] != again[0] && x[COUNT - 1] != again[COUNT - 1]);
        generator_free(&generator);
    }
}
END_TEST

// What a reader may type ends with a line and a code, not with a crash.
START_TEST(two_outputs_are_no_critic) {
    critic_of("input 2; linear 2", GAN_WASSERSTEIN, 0, 0.5, 3);
}
END_TEST

START_TEST(batch_norm_under_the_penalty) {
    critic_of("input 2; linear 2 bn; linear 1", GAN_WASSERSTEIN_GP, 10, 0.5, 3);
}
END_TEST

START_TEST(a_pair_that_does_not_fit) {
    Critic critic = critic_of("input 3; linear 1", GAN_WASSERSTEIN, 0, 0.5, 4);
    Generator generator = generator_of("input 1; linear 2", LATENT_NORMAL, 7);
    trainer_check_pair(&generator, &critic);
}
END_TEST

START_TEST(a_loss_that_is_not_finite) {
    const double huge = sizeof(real) == sizeof(double) ? 1e200 : 1e30;
    Critic critic = critic_of("input 1; linear 1", GAN_WASSERSTEIN, 0, huge, 2);
    critic_put_real(&critic, (double[]){huge, huge}), critic_put_fake(&critic, (double[]){0, 0});
    for (int k = 0; k < 3; k++) critic_update(&critic);
    critic_losses(&critic);
}
END_TEST

int main(void) {
    program = &(const Program){.name = "test_trainer"}; // whose name fail() prints
    Suite *suite = suite_create("trainer");
    TCase *tcase = tcase_create("trainer");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, step_of_a_linear_critic);
    tcase_add_test(tcase, penalised_slope);
    tcase_add_test(tcase, clip_bounds_the_weights);
    tcase_add_test(tcase, evaluation_in_pieces);
    tcase_add_test(tcase, step_of_a_linear_generator);
    tcase_add_test(tcase, fakes_reach_the_critic);
    tcase_add_test(tcase, looking_changes_nothing);
    tcase_add_test(tcase, samples);
    tcase_add_exit_test(tcase, two_outputs_are_no_critic, EXIT_USAGE);
    tcase_add_exit_test(tcase, batch_norm_under_the_penalty, EXIT_USAGE);
    tcase_add_exit_test(tcase, a_pair_that_does_not_fit, EXIT_USAGE);
    tcase_add_exit_test(tcase, a_loss_that_is_not_finite, EXIT_NONFINITE);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
