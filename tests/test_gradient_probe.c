// The probe on a pair whose gradients are known by hand: G(z) = w z + b in the plane, f(x) = <c,
// x>. −log σ(f) has the slope −(1 − D) c by x, so one sample's gradient is −(1 − D) c ⊗ (z, 1).
#include "experiments/common/gradient_probe.h"
#include "nets/net.h"

#include <math.h>

#include <check.h>

enum { B = 8, BATCHES = 400 };
static const real W[] = {0.5f, -1}, OFFSET[] = {0.25f, 0.5f}, C[] = {1.5f, 0.75f};

static void put(const Net *net, const real *weight, const real *bias, size_t biases) {
    const Layer *layer = &net->layer[0];
    net->backend->upload(layer->weight, weight, layer->weight_count * sizeof(real));
    net->backend->upload(layer->bias, bias, biases * sizeof(real));
}

static void build(Generator *generator, Critic *critic, const Backend *backend) {
    const real zero = 0;
    generator_build(generator, backend,
                    &(GeneratorSettings){.architecture = "input 1; linear 2", .batch = B}, 5);
    critic_build(critic, backend,
                 &(CriticSettings){
                     .architecture = "input 2; linear 1", .loss = GAN_NONSATURATING, .batch = B},
                 5);
    put(&generator->net, W, OFFSET, 2);
    put(&critic->net, C, &zero, 1);
}

// What one sample at z does: (1 − D)(z, 1), which times |c| is the size of its gradient.
static void by_hand(double z, double *by_w, double *by_b) {
    double f = 0;
    for (int k = 0; k < 2; k++) f += C[k] * (W[k] * z + OFFSET[k]);
    *by_b = 1 / (1 + exp(f)), *by_w = *by_b * z;
}

START_TEST(against_the_hand) {
    Generator generator, twin;
    Critic critic, unused;
    static double norms[B * BATCHES];
    const double size = hypot(C[0], C[1]);
    common.device = DEVICE_CPU, common.threads = 1;
    const Backend *backend = trainer_backend();
    build(&generator, &critic, backend);
    build(&twin, &unused, backend);
    GradientProbe p = gradient_probe(&generator, &critic, BATCHES, norms);
    double sum[2] = {0, 0}, squares = 0, batch_norm = 0, batch_squares = 0;
    for (size_t k = 0; k < BATCHES; k++) {
        generator_slope(&twin, &unused); // the same latents, left in its input
        real z[B];
        twin.net.backend->download(z, net_input(&twin.net, 0), sizeof z);
        double batch[2] = {0, 0};
        for (size_t i = 0; i < B; i++) {
            double by_w, by_b;
            by_hand(z[i], &by_w, &by_b);
            ck_assert_double_eq_tol(norms[B * k + i], size * hypot(by_w, by_b), 1e-5);
            batch[0] += by_w / B, batch[1] += by_b / B;
            squares += (by_w * by_w + by_b * by_b) / (B * BATCHES);
        }
        double norm = size * hypot(batch[0], batch[1]);
        batch_norm += norm / BATCHES, batch_squares += norm * norm / BATCHES;
        sum[0] += batch[0] / BATCHES, sum[1] += batch[1] / BATCHES;
    }
    double variance = size * size * (squares - sum[0] * sum[0] - sum[1] * sum[1]);
    double sd = sqrt((batch_squares - batch_norm * batch_norm) * BATCHES / (BATCHES - 1));
    ck_assert_double_eq_tol(p.norm, batch_norm, 1e-5);
    ck_assert_double_eq_tol(p.norm_sd / sd, 1, 1e-3);
    ck_assert_double_eq_tol(p.variance / variance, 1, 0.05); // the probe does not know the mean
    critic_free(&critic), generator_free(&generator);
    critic_free(&unused), generator_free(&twin);
}
END_TEST

int main(void) {
    TCase *probe = tcase_create("probe");
    tcase_add_test(probe, against_the_hand);
    Suite *suite = suite_create("gradient probe");
    suite_add_tcase(suite, probe);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
