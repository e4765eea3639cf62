// The losses against their textbook formulas, and both half-steps of a GAN end to end against
// central differences of those formulas.
#include "net_support.h"

enum { BATCH = 4, LOSS_COUNT = GAN_WASSERSTEIN_GP + 1 };

// ---- Textbook ---------------------------------------------------------------------------------

static double sigma(double f) {
    return 1 / (1 + exp(-f));
}

typedef enum { REAL_SIDE, FAKE_SIDE, GENERATOR } Side;

// What the sources write, term by term (loss.h names them).
static double textbook(GanLoss loss, Side side, double f) {
    switch (loss) {
    case GAN:
        return side == REAL_SIDE   ? -log(sigma(f))
               : side == FAKE_SIDE ? -log(1 - sigma(f))
                                   : log(1 - sigma(f));
    case GAN_NONSATURATING:
        return side == FAKE_SIDE ? -log(1 - sigma(f)) : -log(sigma(f));
    case GAN_LEAST_SQUARES:
        return side == FAKE_SIDE ? f * f / 2 : (f - 1) * (f - 1) / 2;
    default:
        return side == FAKE_SIDE ? f : -f;
    }
}

static LossTerm term_of(GanLoss loss, Side side) {
    GanTerms terms = gan_terms(loss);
    return side == REAL_SIDE   ? terms.real_side
           : side == FAKE_SIDE ? terms.fake_side
                               : terms.generator;
}

// Value and slopes of a term by the backend, on n <= 8 outputs.
static double loss_of(LossTerm term, size_t n, const real *f, real *slopes) {
    char *memory = backend->alloc(64 + 16 * sizeof(real), &(Error){""});
    real *outputs = (real *)(memory + 64), *delta = outputs + 8;
    double value;
    put(outputs, f, n);
    backend->loss(term, n, outputs, (double *)memory, delta);
    get(slopes, delta, n);
    backend->download(&value, memory, sizeof value);
    backend->free(memory);
    return value;
}

START_TEST(terms_are_the_textbook_s) {
    static const real F[] = {-3, -0.5, 0, 0.25, 1, 4};
    for (Side side = REAL_SIDE; side <= GENERATOR; side++) {
        LossTerm term = term_of((GanLoss)_i, side);
        double mean = 0, h = 1e-5;
        real slopes[6];
        for (int i = 0; i < 6; i++) mean += textbook((GanLoss)_i, side, (double)F[i]) / 6;
        ck_assert_double_eq_tol(loss_of(term, 6, F, slopes), mean, 1e-6);
        for (int i = 0; i < 6; i++) {
            double up = textbook((GanLoss)_i, side, (double)F[i] + h);
            double down = textbook((GanLoss)_i, side, (double)F[i] - h);
            ck_assert_double_eq_tol((double)slopes[i], (up - down) / (2 * h) / 6, 1e-6);
        }
    }
}
END_TEST

// At outputs where σ is 0 or 1 in any precision, the logits' form keeps value and slope.
START_TEST(extreme_outputs) {
    static const struct {
        GanLoss loss;
        Side side;
        double f, value, slope;
    } KNOWN[] = {
        {GAN, REAL_SIDE, -1e4, 1e4, -1},
        {GAN, REAL_SIDE, 1e4, 0, 0},
        {GAN, FAKE_SIDE, 1e4, 1e4, 1},
        {GAN, FAKE_SIDE, -1e4, 0, 0},
        {GAN, GENERATOR, 1e4, -1e4, -1},
        {GAN, GENERATOR, -1e4, 0, 0},
        {GAN_NONSATURATING, GENERATOR, -1e4, 1e4, -1},
        {GAN_NONSATURATING, GENERATOR, 1e4, 0, 0},
        {GAN_WASSERSTEIN, REAL_SIDE, 1e30, -1e30, -1},
        {GAN_WASSERSTEIN, FAKE_SIDE, 1e30, 1e30, 1},
    };
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++) {
        real f = (real)KNOWN[i].f, slope;
        double value = loss_of(term_of(KNOWN[i].loss, KNOWN[i].side), 1, &f, &slope);
        ck_assert_double_eq_tol(value, KNOWN[i].value, 1e-6 * (1 + fabs(KNOWN[i].value)));
        ck_assert_double_eq_tol((double)slope, KNOWN[i].slope, 1e-6);
    }
}
END_TEST

// −log of the label's softmax, its derivative, and the share of right answers; logits of 1e4 too.
START_TEST(cross_entropy) {
    enum { ROWS = 4, CLASSES = 3, NUMBERS = ROWS * CLASSES };
    static const real F[NUMBERS] = {1, -2, 0.5, 0, 0, 0, 1e4, -1e4, 0, -3, -1, -2};
    static const uint8_t LABEL[ROWS] = {2, 0, 0, 2};
    char *memory = backend->alloc(64 + 64 + NUMBERS * sizeof(real), &(Error){""});
    uint8_t *label = (uint8_t *)memory + 64;
    real *f = (real *)(memory + 128), delta[NUMBERS];
    double value[2], mean = 0;
    backend->upload(label, LABEL, ROWS);
    put(f, F, NUMBERS);
    backend->cross_entropy(ROWS, CLASSES, f, label, (double *)memory, f);
    backend->download(value, memory, sizeof value);
    get(delta, f, NUMBERS);
    for (int r = 0; r < ROWS; r++) {
        double largest = (double)fmax(F[3 * r], fmax(F[3 * r + 1], F[3 * r + 2])), total = 0;
        for (int c = 0; c < CLASSES; c++) total += exp((double)F[3 * r + c] - largest);
        mean += (log(total) + largest - (double)F[3 * r + LABEL[r]]) / ROWS;
        for (int c = 0; c < CLASSES; c++) {
            double softmax = exp((double)F[3 * r + c] - largest) / total;
            ck_assert_double_eq_tol((double)delta[3 * r + c], (softmax - (c == LABEL[r])) / ROWS,
                                    1e-7);
        }
    }
    ck_assert_double_eq_tol(value[0], mean, 1e-6);
    ck_assert_double_eq_tol(value[1], 0.5, 1e-12);
    backend->free(memory);
}
END_TEST

START_TEST(names) {
    static const char *const NAMES[] = {"gan", "nonsat", "lsgan", "wgan", "wgan-gp"};
    GanLoss loss = GAN;
    for (int i = 0; i < LOSS_COUNT; i++)
        ck_assert(gan_loss_find(NAMES[i], &loss) && (int)loss == i);
    ck_assert(!gan_loss_find("WGAN", &loss) && !gan_loss_find("wgan-", &loss) &&
              loss == GAN_WASSERSTEIN_GP);
}
END_TEST

// ---- Half-steps -------------------------------------------------------------------------------

typedef struct {
    Net *generator, *critic;
    GanLoss loss;
    double *values; // on the device
} Pair;

static Pair pair_of(const char *generator, const char *critic, GanLoss loss, uint64_t seed) {
    Rng rng = rng_stream(seed, 0);
    Pair p = {.generator = built(generator, NET_TRAIN, BATCH, 1),
              .critic = built(critic, NET_TRAIN, BATCH, 2),
              .loss = loss,
              .values = backend->alloc(VALUE_COUNT * sizeof(double), &(Error){""})};
    put_weights(p.generator, 1.2, &rng);
    put_weights(p.critic, 1.2, &rng);
    put_normal(net_input(p.generator, 0), BATCH * input_size(p.generator), 0, 1, &rng);
    put_normal(net_input(p.critic, 0), 2 * BATCH * input_size(p.critic), 0, 1, &rng);
    return p;
}

static void free_pair(Pair *p) {
    backend->free(p->values);
    free_all();
}

static double mean_over(const Pair *p, Side side, size_t first) {
    real f[BATCH];
    double sum = 0;
    get(f, net_output(p->critic, first), BATCH);
    for (int i = 0; i < BATCH; i++) sum += textbook(p->loss, side, (double)f[i]) / BATCH;
    return sum;
}

static Point critic_definition(void *context) {
    Pair *p = context;
    net_forward(p->critic, (Rows){0, 2 * BATCH}, MODE_TRAIN);
    double value = mean_over(p, REAL_SIDE, 0) + mean_over(p, FAKE_SIDE, BATCH);
    return (Point){value, masks_of(p->critic, (Rows){0, 2 * BATCH})};
}

static Point generator_definition(void *context) {
    Pair *p = context;
    Rows latents = {0, BATCH}, fakes = {BATCH, BATCH};
    net_forward(p->generator, latents, MODE_TRAIN);
    put(net_input(p->critic, BATCH),
        copied(net_output(p->generator, 0), BATCH * output_size(p->generator)),
        BATCH * output_size(p->generator));
    free(owned[--owned_count]);
    net_forward(p->critic, fakes, MODE_TRAIN);
    return (Point){mean_over(p, GENERATOR, BATCH),
                   masks_of(p->generator, latents) * 31 + masks_of(p->critic, fakes)};
}

static const char *const PAIRS[][2] = {
    {"input 3; linear 6 relu; linear 2", "input 2; linear 5 leaky 0.2; linear 4 tanh; linear 1"},
    {"input 3; linear 5 bn relu; linear 2 tanh", "input 2; linear 5 ln softplus; linear 1"},
    {"input 3; linear 2x2x3 bn relu; convt 2 k5 s2 size 4x3 bn leaky 0.1; convt 2 k3 s2 p1 o1 tanh",
     "input 8x6x2; conv 2 k3 s2 leaky 0.2; conv 3 k4 s2 p1 ln ssoftplus; linear 1"},
    {"input 4; linear 2x3x2 ln relu; convt 1 k4 s2 p1 sigmoid",
     "input 4x6x1; conv 3 k3 s2 bn leaky 0.2; linear 1"},
};
enum { PAIR_COUNT = 4 };

static void read_values(const Pair *p, double *values) {
    backend->download(values, p->values, VALUE_COUNT * sizeof *values);
}

// The values left behind are those of the definitions.
START_TEST(values) {
    Pair p = pair_of(PAIRS[_i][0], PAIRS[_i][1], GAN, 1);
    double values[VALUE_COUNT];
    critic_gradient(p.critic, p.loss, (Penalty){0}, NULL, NULL, p.values);
    read_values(&p, values);
    ck_assert_double_eq_tol(values[VALUE_REAL] + values[VALUE_FAKE], critic_definition(&p).value,
                            1e-5);
    ck_assert_double_eq(values[VALUE_PENALTY], 0);
    generator_gradient(p.generator, p.critic, p.loss, p.values);
    read_values(&p, values);
    ck_assert_double_eq_tol(values[VALUE_GENERATOR], generator_definition(&p).value, 1e-5);
    free_pair(&p);
}
END_TEST

// The generator's half-step changes no gradient, weight or real sample of the critic; what was in
// the generator's gradients before is gone.
START_TEST(generator_leaves_the_critic_alone) {
    Pair p = pair_of(PAIRS[_i][0], PAIRS[_i][1], GAN_WASSERSTEIN, 1);
    Net *critic = p.critic;
    size_t size = BATCH * input_size(critic);
    generator_gradient(p.generator, critic, p.loss, p.values);
    real *first = copied(p.generator->gradients, p.generator->weight_count);
    backend->fill(critic->weight_count, 5, critic->gradients);
    real *weights = copied(critic->weights, critic->weight_count);
    real *reals = copied(net_input(critic, 0), size);
    generator_gradient(p.generator, critic, p.loss, p.values);
    real *again = copied(p.generator->gradients, p.generator->weight_count);
    real *gradients = copied(critic->gradients, critic->weight_count);
    ck_assert(memcmp(first, again, p.generator->weight_count * sizeof *first) == 0);
    ck_assert(all_are(gradients, critic->weight_count, 5));
    ck_assert(memcmp(weights, copied(critic->weights, critic->weight_count),
                     critic->weight_count * sizeof *weights) == 0);
    ck_assert(memcmp(reals, copied(net_input(critic, 0), size), size * sizeof *reals) == 0);
    free_pair(&p);
}
END_TEST

#ifdef REAL_DOUBLE
START_TEST(critic_gradient_matches_differences) {
    for (int k = 0; k < PAIR_COUNT; k++) {
        double error = -1;
        for (uint64_t seed = 1; seed <= 30 && error < 0; seed++) {
            Pair p = pair_of(PAIRS[k][0], PAIRS[k][1], (GanLoss)_i, seed);
            critic_gradient(p.critic, p.loss, (Penalty){0}, NULL, NULL, p.values);
            error = weight_error(p.critic, critic_definition, &p, 1e-4);
            free_pair(&p);
        }
        check_error(PAIRS[k][1], error, 1e-8);
    }
}
END_TEST

START_TEST(generator_gradient_matches_differences) {
    for (int k = 0; k < PAIR_COUNT; k++) {
        double error = -1;
        for (uint64_t seed = 1; seed <= 30 && error < 0; seed++) {
            Pair p = pair_of(PAIRS[k][0], PAIRS[k][1], (GanLoss)_i, seed);
            generator_gradient(p.generator, p.critic, p.loss, p.values);
            error = weight_error(p.generator, generator_definition, &p, 1e-4);
            free_pair(&p);
        }
        check_error(PAIRS[k][0], error, 1e-8);
    }
}
END_TEST
#endif

int main(void) {
    Suite *suite = suite_create("gan");
    TCase *tcase = fixture(suite, "gan");
    tcase_add_loop_test(tcase, terms_are_the_textbook_s, 0, LOSS_COUNT);
    tcase_add_test(tcase, extreme_outputs);
    tcase_add_test(tcase, cross_entropy);
    tcase_add_test(tcase, names);
    tcase_add_loop_test(tcase, values, 0, PAIR_COUNT);
    tcase_add_loop_test(tcase, generator_leaves_the_critic_alone, 0, PAIR_COUNT);
#ifdef REAL_DOUBLE
    tcase_add_loop_test(tcase, critic_gradient_matches_differences, 0, LOSS_COUNT);
    tcase_add_loop_test(tcase, generator_gradient_matches_differences, 0, LOSS_COUNT);
#else
    puts("skipped: half-steps against differences (they need REAL=double)");
#endif
    return run_suite(suite);
}
