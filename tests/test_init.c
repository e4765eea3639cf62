// Initial weights: moments, bounds and shape of every distribution, per kind of layer; and random
// draws: blocks used, counters kept.
#include "net_support.h"

#include "nets/init.h"
#include "nets/random.h"

enum { SEED = 7, STREAM = 3 };

// Layers with thousands of weights each; fans counted by hand.
static const char LINE[] = "input 30; linear 6x5x40 bn relu; convt 24 k5 s2 bn relu; conv 60 k4 s2 "
                           "p1 ln tanh; linear 20";
static const struct {
    int layer;
    double fan_in, fan_out;
} FANS[] = {{0, 30, 1200}, {2, 25 * 40, 25 * 24}, {4, 16 * 24, 16 * 60}, {6, 6 * 5 * 60, 20}};

typedef struct {
    double mean, variance, kurtosis, largest;
} Moments;

static Moments moments(const real *a, size_t n) {
    Moments m = {0};
    for (size_t i = 0; i < n; i++) m.mean += (double)a[i] / (double)n;
    double fourth = 0;
    for (size_t i = 0; i < n; i++) {
        double d = (double)a[i] - m.mean;
        m.variance += d * d / (double)n;
        fourth += d * d * d * d / (double)n;
        m.largest = fmax(m.largest, fabs((double)a[i]));
    }
    m.kurtosis = fourth / (m.variance * m.variance);
    return m;
}

static double expected_variance(Init init, double fan_in, double fan_out) {
    if (init == INIT_DCGAN) return 0.02 * 0.02;
    return init == INIT_HE_NORMAL || init == INIT_HE_UNIFORM ? 2 / fan_in : 2 / (fan_in + fan_out);
}

static RandomSource source_of(uint64_t seed) {
    RandomSource source;
    ck_assert_int_eq(random_open(&source, backend, seed, STREAM, &(Error){""}), EXIT_OK);
    return source;
}

START_TEST(distributions) {
    Init init = (Init)_i;
    bool uniform = init == INIT_HE_UNIFORM || init == INIT_GLOROT_UNIFORM;
    Net *net = built(LINE, NET_TRAIN, 1, 1);
    RandomSource source = source_of(SEED);
    net_init(net, init, source);
    for (size_t k = 0; k < sizeof FANS / sizeof *FANS; k++) {
        const Layer *l = &net->layer[FANS[k].layer];
        double n = (double)l->weight_count;
        double variance = expected_variance(init, FANS[k].fan_in, FANS[k].fan_out);
        Moments m = moments(copied(l->weight, l->weight_count), l->weight_count);
        // five standard errors of mean, variance and kurtosis
        ck_assert_double_le(fabs(m.mean), 5 * sqrt(variance / n));
        ck_assert_double_le(fabs(m.variance / variance - 1), 5 * sqrt((uniform ? 0.8 : 2) / n));
        ck_assert_double_le(fabs(m.kurtosis - (uniform ? 1.8 : 3)), 5 * sqrt(24 / n));
        if (uniform) {
            double bound = sqrt(3 * variance);
            ck_assert(m.largest <= bound * (1 + 1e-6) && m.largest > bound * (1 - 20 / n));
        }
    }
    random_free(&source, backend);
}
END_TEST

START_TEST(biases_gains_and_padding) {
    Init init = (Init)_i;
    Net *net = built(LINE, NET_TRAIN, 1, 1);
    RandomSource source = source_of(SEED);
    backend->fill(net->weight_count, 9, net->weights); // whatever was there before, padding aside
    net_init(net, init, source);
    for (const Layer *l = net->layer; l < net->layer + net->count; l++) {
        real *bias = copied(l->bias, l->bias_count);
        ck_assert(all_are(bias, l->bias_count, 0));
        if (!layer_is_norm(l)) continue;
        Moments m = moments(copied(l->weight, l->weight_count), l->weight_count);
        double sigma = init == INIT_DCGAN ? 0.02 : 0;
        ck_assert_double_le(fabs(m.mean - 1), 5 * sigma / sqrt((double)l->weight_count) + 1e-12);
        ck_assert_double_le(fabs(sqrt(m.variance) - sigma), 0.5 * sigma + 1e-12);
        ck_assert(m.variance > 0 || init != INIT_DCGAN);
    }
    random_free(&source, backend);

    net = built(LINE, NET_TRAIN, 1, 1);
    source = source_of(SEED);
    net_init(net, init, source);
    real *all = copied(net->weights, net->weight_count);
    for (const Layer *l = net->layer; l < net->layer + net->count; l++) {
        memset(all + l->weight_at, 0, l->weight_count * sizeof *all);
        memset(all + l->bias_at, 0, l->bias_count * sizeof *all);
    }
    ck_assert(all_are(all, net->weight_count, 0));
    random_free(&source, backend);
}
END_TEST

// The same seed gives the same weights, another seed or a source that has moved on gives others.
START_TEST(seeds) {
    Net *net = built(LINE, NET_TRAIN, 1, 1);
    RandomSource a = source_of(SEED), b = source_of(SEED + 1);
    const Layer *l = &net->layer[2];
    size_t bytes = l->weight_count * sizeof(real);
    net_init(net, INIT_HE_NORMAL, a);
    real *first = copied(l->weight, l->weight_count);
    uint64_t end = random_block(backend, a);
    net_init(net, INIT_HE_NORMAL, a);
    real *later = copied(l->weight, l->weight_count);
    net_init(net, INIT_HE_NORMAL, b);
    real *other = copied(l->weight, l->weight_count);
    random_restore(backend, a, 0);
    net_init(net, INIT_HE_NORMAL, a);
    ck_assert(memcmp(first, copied(l->weight, l->weight_count), bytes) == 0);
    ck_assert(memcmp(first, later, bytes) != 0 && memcmp(first, other, bytes) != 0);
    ck_assert_uint_eq(random_block(backend, a), end);
    uint64_t blocks = 0;
    for (int i = 0; i < net->count; i++)
        if (!layer_is_norm(&net->layer[i])) blocks += (net->layer[i].weight_count + 3) / 4;
    ck_assert_uint_eq(end, blocks);
    random_free(&a, backend);
    random_free(&b, backend);
}
END_TEST

// Draws use whole blocks and follow on each other; words are Philox's, checked against toy/rng.
START_TEST(draws_follow_on) {
    enum { FIRST = 5, SECOND = 9 };
    RandomSource source = source_of(SEED);
    real *out = backend->alloc(16 * sizeof *out, &(Error){""}), got[SECOND];
    uint32_t *index = backend->alloc(16 * sizeof *index, &(Error){""}), drawn[FIRST];
    random_draw_index(backend, source, FIRST, 1000, index);
    ck_assert_uint_eq(random_block(backend, source), 2);
    random_draw_uniform(backend, source, SECOND, -1, 3, out);
    ck_assert_uint_eq(random_block(backend, source), 5);
    backend->download(drawn, index, sizeof drawn);
    get(got, out, SECOND);
    Rng rng = rng_stream(SEED, STREAM);
    for (int i = 0; i < FIRST; i++)
        ck_assert_uint_eq(drawn[i], (uint32_t)(((uint64_t)rng_word(&rng) * 1000) >> 32));
    for (int i = FIRST; i < 8; i++) rng_word(&rng);
    for (int i = 0; i < SECOND; i++) {
        double expected = -1 + 4 * ((double)rng_word(&rng) + 0.5) * 0x1p-32;
        ck_assert_double_eq_tol((double)got[i], expected, 1e-6);
    }
    random_draw_normal(backend, source, 3, 10, 2, out);
    ck_assert_uint_eq(random_block(backend, source), 6);
    get(got, out, 3);
    for (int i = 0; i < 3; i++) ck_assert(fabs((double)got[i] - 10) < 14);
    backend->free(out);
    backend->free(index);
    random_free(&source, backend);
}
END_TEST

START_TEST(names) {
    static const char *const NAMES[] = {"he-normal", "he-uniform", "glorot-normal",
                                        "glorot-uniform", "dcgan"};
    Init init = INIT_HE_NORMAL;
    for (int i = 0; i < 5; i++) ck_assert(init_find(NAMES[i], &init) && (int)init == i);
    ck_assert(!init_find("he", &init) && init == INIT_DCGAN);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("init");
    TCase *tcase = fixture(suite, "init");
    tcase_add_loop_test(tcase, distributions, INIT_HE_NORMAL, INIT_DCGAN + 1);
    tcase_add_loop_test(tcase, biases_gains_and_padding, INIT_HE_NORMAL, INIT_DCGAN + 1);
    tcase_add_test(tcase, seeds);
    tcase_add_test(tcase, draws_follow_on);
    tcase_add_test(tcase, names);
    return run_suite(suite);
}
