// The gradient penalty: its second-order gradient against central differences of the definition in
// double, the short path against the reference path, and the cases where a formula could break.
//
// The definition is evaluated on the host: norms from forward and backward sweeps (whose
// derivatives test_layers checks), losses and penalty by their textbook formulas.
#include "net_support.h"

enum { BATCH = 3 };

typedef struct {
    const char *line;
    GanLoss loss;
    Penalty penalty;
} Case;

static const Penalty TWO_SIDED = {10, false};
static const char *const FLAT[] = {
    "input 2; linear 6 relu; linear 5 leaky 0.2; linear 1",
    "input 3; linear 1",
    "input 3; linear 5 leaky 0.2; linear 4; linear 4 relu; linear 1 leaky 0.3",
    "input 5x7x2; conv 3 k3 s2 leaky 0.2; conv 2 k4 s1 p1 relu; linear 1",
    "input 3x3x2; convt 2 k4 s2 p1 relu; convt 2 k3 s2 p1 o1 size 9x7 leaky 0.2; conv 1 k9 s9",
    "input 4; linear 2x3x2 leaky 0.1; convt 2 k3 s2 leaky 0.2; conv 2 k1 s2; linear 1",
};
static const char *const CURVED[] = {
    "input 2; linear 6 tanh; linear 5 tanh; linear 1",
    "input 2; linear 6 sigmoid; linear 5 sigmoid; linear 1",
    "input 2; linear 6 softplus; linear 5 softplus; linear 1",
    "input 2; linear 6 ssoftplus; linear 5 ssoftplus; linear 1",
    "input 3; linear 5 tanh; linear 4 leaky 0.2; linear 1",
    "input 3; linear 5 leaky 0.2; linear 4 softplus; linear 3 relu; linear 1",
    "input 3; linear 5 leaky 0.2; linear 4 tanh; linear 1 sigmoid",
    "input 3; linear 6 ln leaky 0.2; linear 5 leaky 0.2; linear 1",
    "input 3; linear 6 ln relu; linear 5 ln tanh; linear 1",
    "input 3; linear 5 leaky 0.2; linear 6 ln nogain; linear 5 ln eps 0.1 softplus; linear 1",
    "input 5x7x2; conv 3 k3 s2 tanh; conv 2 k4 s1 p1 softplus; linear 1",
    "input 5x4x2; conv 3 k5 s2 ln leaky 0.2; conv 4 k3 s2 ln leaky 0.2; linear 1",
    "input 4x5x2; conv 3 k3 s1 p0 ln eps 0.01 nogain ssoftplus; conv 2 k2 s1 ln sigmoid; linear 1",
    "input 3x3x2; convt 2 k4 s2 p1 o1 size 6x5 softplus; conv 2 k3 s2 ln tanh; linear 1",
    "input 2x3x2; convt 3 k5 s2 ln leaky 0.2; convt 1 k3 s1 sigmoid; conv 1 k6 s6",
    "input 4; linear 2x2x3 ln tanh; convt 2 k3 s2 ln softplus; linear 1",
};
enum {
    FLAT_COUNT = sizeof FLAT / sizeof *FLAT,
    CURVED_COUNT = sizeof CURVED / sizeof *CURVED,
    LINE_COUNT = FLAT_COUNT + CURVED_COUNT
};

static const char *line_at(int i) {
    return i < FLAT_COUNT ? FLAT[i] : CURVED[i - FLAT_COUNT];
}

// ---- A critic with samples --------------------------------------------------------------------

typedef struct {
    Net *net;
    Case what;
    size_t batch;
    real *t, *norms; // on the device
    double *values;
} Critic;

// One block for t, norms and values, freed by free_critic().
static Critic critic_of(Case what, NetUse use, size_t batch, uint64_t seed) {
    Rng rng = rng_stream(seed, 0);
    Critic c = {.net = built(what.line, use, batch, 3), .what = what, .batch = batch};
    c.values =
        backend->alloc(VALUE_COUNT * sizeof *c.values + 2 * batch * sizeof(real), &(Error){""});
    c.t = (real *)(c.values + VALUE_COUNT);
    c.norms = c.t + batch;
    put_weights(c.net, 1.2, &rng);
    put_normal(net_input(c.net, 0), 2 * batch * input_size(c.net), 0, 1, &rng);
    for (size_t i = 0; i < batch; i++) {
        real t = (real)rng_uniform(&rng);
        put(c.t + i, &t, 1);
    }
    return c;
}

static void free_critic(Critic *c) {
    backend->free(c->values);
    free_all();
}

static real *gradient_of(Critic *c) {
    critic_gradient(c->net, c->what.loss, c->what.penalty, c->t, c->norms, c->values);
    return copied(c->net->gradients, c->net->weight_count);
}

// ---- Against differences ----------------------------------------------------------------------

#ifdef REAL_DOUBLE
// log σ(f), naively
static double log_sigmoid(double f) {
    return -log(1 + exp(-f));
}

static double textbook_loss(GanLoss loss, const real *f, size_t batch) {
    double sum = 0;
    for (size_t i = 0; i < batch; i++) {
        double on_real = (double)f[i], on_fake = (double)f[batch + i];
        switch (loss) {
        case GAN:
        case GAN_NONSATURATING:
            sum += -log_sigmoid(on_real) - log_sigmoid(-on_fake);
            break;
        case GAN_LEAST_SQUARES:
            sum += pow(on_real - 1, 2) / 2 + pow(on_fake, 2) / 2;
            break;
        default:
            sum += on_fake - on_real;
        }
    }
    return sum / (double)batch;
}

static double textbook_penalty(Penalty penalty, const real *norms, size_t batch) {
    double sum = 0;
    for (size_t i = 0; i < batch; i++)
        if (!penalty.one_sided || norms[i] > 1) sum += pow((double)norms[i] - 1, 2);
    return penalty.lambda * sum / (double)batch;
}

// Loss and penalty as they are defined. The kink of the one-sided penalty counts as a mask.
static Point definition(void *context) {
    Critic *c = context;
    real f[2 * 16], norms[16];
    ck_assert_uint_le(c->batch, 16);
    penalty_interpolate(c->net, c->t);
    net_forward(c->net, (Rows){0, 3 * c->batch}, MODE_TRAIN);
    uint64_t masks = masks_of(c->net, (Rows){0, 3 * c->batch});
    get(f, net_output(c->net, 0), 2 * c->batch);
    penalty_norms(c->net, c->norms);
    get(norms, c->norms, c->batch);
    for (size_t i = 0; i < c->batch; i++) masks = 2 * masks + (norms[i] > 1);
    return (Point){textbook_loss(c->what.loss, f, c->batch) +
                       textbook_penalty(c->what.penalty, norms, c->batch),
                   masks};
}

// Error of the gradient at the first seed at which no stencil meets a kink.
static double gradient_error(Case what, NetUse use, size_t batch) {
    double error = -1;
    for (uint64_t seed = 1; seed <= 30 && error < 0; seed++) {
        Critic c = critic_of(what, use, batch, seed);
        gradient_of(&c);
        error = weight_error(c.net, definition, &c, 1e-4);
        free_critic(&c);
    }
    return error;
}

START_TEST(gradient_matches_differences) {
    Case what = {line_at(_i), GAN_WASSERSTEIN_GP, TWO_SIDED};
    check_error(what.line, gradient_error(what, NET_PENALTY, BATCH), 1e-7);
    check_error(what.line, gradient_error(what, NET_PENALTY_REFERENCE, BATCH), 1e-7);
    check_error(what.line, gradient_error(what, NET_PENALTY, 1), 1e-7);
}
END_TEST

START_TEST(gradient_matches_differences_for_every_loss) {
    static const char *const CRITICS[] = {"input 3; linear 6 relu; linear 5 leaky 0.2; linear 1",
                                          "input 3; linear 6 ln tanh; linear 5 softplus; linear 1"};
    for (int k = 0; k < 2; k++) {
        Case two_sided = {CRITICS[k], (GanLoss)_i, {0.3, false}};
        Case one_sided = {CRITICS[k], (GanLoss)_i, {10, true}};
        check_error(two_sided.line, gradient_error(two_sided, NET_PENALTY, BATCH), 1e-7);
        check_error(one_sided.line, gradient_error(one_sided, NET_PENALTY, BATCH), 1e-7);
    }
}
END_TEST

// The error when the pairs (cz, x) are added up once more, with cz as curvature left it or 0.
static double error_of_pairs(const char *line, bool curvature) {
    double error = -1;
    for (uint64_t seed = 1; seed <= 30 && error < 0; seed++) {
        Critic c = critic_of((Case){line, GAN_WASSERSTEIN_GP, TWO_SIDED}, NET_PENALTY, BATCH, seed);
        gradient_of(&c);
        for (int i = 0; i <= c.net->top && !curvature; i++)
            backend->fill(BATCH * shape_size(c.net->layer[i].out), 0, c.net->layer[i].cy);
        net_zero_gradients(c.net);
        net_gradient(c.net, (Rows){0, 2 * BATCH});
        net_gradient_penalty(c.net);
        error = weight_error(c.net, definition, &c, 1e-4);
        free_critic(&c);
    }
    return error;
}

// The tests above have teeth: without the curvature sweep every curved critic is visibly wrong.
START_TEST(curvature_is_needed) {
    const char *line = CURVED[_i];
    double without = error_of_pairs(line, false);
    check_error(line, error_of_pairs(line, true), 1e-7);
    ck_assert_msg(without > 1e-3, "%s: error %.2e without curvature", line, without);
}
END_TEST
#endif

// ---- Short path and reference path ------------------------------------------------------------

// The two paths add the same products in another order.
static double tolerance(void) {
    return sizeof(real) == sizeof(double) ? 1e-13 : 2e-5;
}

static void assert_close(const real *a, const real *b, size_t n, const char *what) {
    double largest = 0;
    for (size_t i = 0; i < n; i++) largest = fmax(largest, fabs((double)b[i]));
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(fabs((double)a[i] - (double)b[i]) <= tolerance() * largest,
                      "%s: number %zu is %.17g and %.17g", what, i, (double)a[i], (double)b[i]);
}

START_TEST(short_path_equals_reference_path) {
    Case what = {FLAT[_i], GAN_LEAST_SQUARES, TWO_SIDED};
    Critic quick = critic_of(what, NET_PENALTY, 7, 2);
    Critic plain = critic_of(what, NET_PENALTY_REFERENCE, 7, 2);
    ck_assert(net_short_path(quick.net) && !net_short_path(plain.net));
    real *a = gradient_of(&quick), *b = gradient_of(&plain);
    assert_close(a, b, quick.net->weight_count, what.line);
    assert_close(copied(quick.norms, 7), copied(plain.norms, 7), 7, what.line);
    double values[2][VALUE_COUNT];
    backend->download(values[0], quick.values, sizeof values[0]);
    backend->download(values[1], plain.values, sizeof values[1]);
    for (int i = 0; i < VALUE_GENERATOR; i++)
        ck_assert(fabs(values[0][i] - values[1][i]) <= tolerance() * (1 + fabs(values[1][i])));
    backend->free(quick.values);
    backend->free(plain.values);
}
END_TEST

// Nothing of one step is left over for the next: the same samples give the same gradient again,
// also after a step on others.
START_TEST(steps_leave_nothing_behind) {
    Case what = {line_at(_i), GAN_WASSERSTEIN_GP, TWO_SIDED};
    for (NetUse use = NET_PENALTY; use <= NET_PENALTY_REFERENCE; use++) {
        Critic c = critic_of(what, use, BATCH, 2);
        size_t n = 2 * BATCH * input_size(c.net);
        real *first = gradient_of(&c), *samples = copied(net_input(c.net, 0), n);
        Rng rng = rng_stream(9, 0);
        put_normal(net_input(c.net, 0), n, 1, 2, &rng);
        gradient_of(&c);
        put(net_input(c.net, 0), samples, n);
        assert_close(gradient_of(&c), first, c.net->weight_count, what.line);
        free_critic(&c);
    }
}
END_TEST

// The penalty of a flat critic does not change with its biases: their gradients are the loss's.
START_TEST(flat_biases_see_no_penalty) {
    Case with = {FLAT[_i], GAN_LEAST_SQUARES, TWO_SIDED};
    for (NetUse use = NET_PENALTY; use <= NET_PENALTY_REFERENCE; use++) {
        Critic c = critic_of(with, use, BATCH, 2);
        real *a = gradient_of(&c);
        c.what.penalty.lambda = 0;
        real *b = gradient_of(&c);
        for (const Layer *l = c.net->layer; l < c.net->layer + c.net->count; l++)
            assert_close(a + l->bias_at, b + l->bias_at, l->bias_count, with.line);
        double value;
        backend->download(&value, c.values + VALUE_PENALTY, sizeof value);
        ck_assert_double_eq(value, 0);
        free_critic(&c);
    }
}
END_TEST

// ---- Closed forms and edges -------------------------------------------------------------------

// f = w·x + b: every norm is |w|, P = λ(|w| − 1)², dP/dw = 2λ(|w| − 1)·w/|w|.
START_TEST(linear_critic_in_closed_form) {
    for (NetUse use = NET_PENALTY; use <= NET_PENALTY_REFERENCE; use++)
        for (int one_sided = 0; one_sided < 2; one_sided++)
            for (int large = 0; large < 2; large++) {
                Penalty penalty = {7, one_sided};
                Critic c =
                    critic_of((Case){"input 3; linear 1", GAN_WASSERSTEIN, penalty}, use, BATCH, 1);
                real w[3] = {(real)(large ? 2 : 0.2), -(real)(large ? 3 : 0.3), 0}, norms[BATCH];
                put(c.net->layer[0].weight, w, 3);
                real *x = copied(net_input(c.net, 0), 6 * BATCH), *gradient = gradient_of(&c);
                double size = sqrt((double)(w[0] * w[0] + w[1] * w[1])), value;
                double excess = one_sided && size < 1 ? 0 : size - 1;
                get(norms, c.norms, BATCH);
                backend->download(&value, c.values + VALUE_PENALTY, sizeof value);
                for (int i = 0; i < BATCH; i++)
                    ck_assert_double_eq_tol((double)norms[i], size, 1e-6 * size);
                ck_assert_double_eq_tol(value, 7 * excess * excess, 1e-5 * (1e-3 + value));
                for (int k = 0; k < 3; k++) {
                    double expected = 14 * excess * (double)w[k] / size;
                    for (int i = 0; i < BATCH; i++)
                        expected += (double)(x[3 * (BATCH + i) + k] - x[3 * i + k]) / BATCH;
                    ck_assert_double_eq_tol((double)gradient[k], expected, 1e-4);
                }
                free_critic(&c);
            }
}
END_TEST

// A critic that is flat everywhere, and one that is on some rows only: norm 0, u 0, no NaN.
START_TEST(zero_gradient_is_finite) {
    Case what = {line_at(_i), GAN_WASSERSTEIN_GP, TWO_SIDED};
    Critic c = critic_of(what, NET_PENALTY, BATCH, 1);
    Layer *last = &c.net->layer[c.net->count - 1];
    backend->fill(last->weight_count, 0, last->weight);
    real *gradient = gradient_of(&c), norms[BATCH];
    double value;
    get(norms, c.norms, BATCH);
    backend->download(&value, c.values + VALUE_PENALTY, sizeof value);
    for (int i = 0; i < BATCH; i++) ck_assert(norms[i] == 0);
    ck_assert_double_eq_tol(value, 10, 1e-6);
    for (size_t i = 0; i < c.net->weight_count; i++) ck_assert(isfinite(gradient[i]));
    free_critic(&c);
}
END_TEST

// |g| = 2e-38: the factor 2λ/B (|g| − 1)/|g| is beyond a float, its product with g is not.
START_TEST(tiny_gradient_is_finite) {
    Case what = {"input 2; linear 1", GAN_WASSERSTEIN_GP, TWO_SIDED};
    Critic c = critic_of(what, NET_PENALTY, 1, 1);
    real x[4] = {1, 2, 0, 1}, w[2] = {(real)2e-38, 0};
    put(net_input(c.net, 0), x, 4);
    put(c.net->layer[0].weight, w, 2);
    real *gradient = gradient_of(&c);
    // f(fake) − f(real) gives (−1, −1); λ(|w| − 1)² gives −2λ along w, λ = 10
    ck_assert_double_eq_tol((double)gradient[0], -21, 1e-4);
    ck_assert_double_eq_tol((double)gradient[1], -1, 1e-4);
    free_critic(&c);
}
END_TEST

START_TEST(one_dead_row_leaves_the_others_alone) {
    // f = relu(x) has slope 0 where x < 0; rows 0 and 2 of x̂ are dead
    for (NetUse use = NET_PENALTY; use <= NET_PENALTY_REFERENCE; use++) {
        Case what = {"input 1; linear 1 relu; linear 1", GAN_WASSERSTEIN, {3, false}};
        Critic c = critic_of(what, use, BATCH, 1);
        real x[2 * BATCH] = {-1, 1, -2, -1, 1, -2}, one = 1, w = 4, norms[BATCH];
        put(net_input(c.net, 0), x, 2 * BATCH);
        put(c.net->layer[0].weight, &w, 1);
        put(c.net->layer[1].weight, &one, 1);
        backend->fill(1, 0, c.net->layer[0].bias);
        real *gradient = gradient_of(&c);
        get(norms, c.norms, BATCH);
        ck_assert(norms[0] == 0 && norms[1] == 4 && norms[2] == 0);
        // loss terms cancel (real = fake); dP/dw = 3/3·2·(4 − 1)·1
        ck_assert_double_eq_tol((double)gradient[c.net->layer[0].weight_at], 6, 1e-5);
        ck_assert_double_eq_tol((double)gradient[c.net->layer[1].weight_at], 24, 1e-5);
        free_critic(&c);
    }
}
END_TEST

// Row i of x̂ is t_i·real_i + (1 − t_i)·fake_i in all its features; the gradients stay as they were.
START_TEST(norms_alone) {
    Case what = {"input 3x2x2; conv 2 k3 s1 tanh; linear 1", GAN_WASSERSTEIN, TWO_SIDED};
    Critic c = critic_of(what, NET_PENALTY, BATCH, 1);
    backend->fill(c.net->weight_count, 5, c.net->gradients);
    penalty_interpolate(c.net, c.t);
    penalty_norms(c.net, c.norms);
    size_t size = input_size(c.net);
    real *x = copied(net_input(c.net, 0), 3 * BATCH * size), *t = copied(c.t, BATCH);
    for (size_t i = 0; i < BATCH * size; i++) {
        double share = (double)t[i / size];
        double expected = share * (double)x[i] + (1 - share) * (double)x[BATCH * size + i];
        ck_assert_double_eq_tol((double)x[2 * BATCH * size + i], expected, 1e-6);
    }
    real *gradients = copied(c.net->gradients, c.net->weight_count),
         *norms = copied(c.norms, BATCH);
    ck_assert(all_are(gradients, c.net->weight_count, 5));
    gradient_of(&c);
    assert_close(copied(c.norms, BATCH), norms, BATCH, what.line);
    free_critic(&c);
}
END_TEST

// ---- Refusals ---------------------------------------------------------------------------------

START_TEST(batch_norm_is_refused_unless_asked_for) {
    Architecture a = parsed("input 3; linear 4 relu; linear 4 bn tanh; linear 1");
    Net net;
    Error error;
    ck_assert_int_eq(net_build(&net, backend, &a, NET_PENALTY, 3, 3, false, &error), EXIT_USAGE);
    ck_assert_msg(strstr(error.text, "item 1") && strstr(error.text, "batch norm"), "%s",
                  error.text);
    net_free(&net);

    ck_assert_int_eq(net_build(&net, backend, &a, NET_PENALTY, 3, 3, true, &error), EXIT_OK);
    ck_assert_int_eq(penalty_check(&net, &error), EXIT_USAGE);
    ck_assert_msg(strstr(error.text, "item 1") && strstr(error.text, "batch norm"), "%s",
                  error.text);
    Rng rng = rng_stream(1, 0);
    real *norms = backend->alloc(3 * sizeof *norms, &error), got[3];
    put_weights(&net, 1, &rng);
    put_normal(net_input(&net, 6), 9, 0, 1, &rng);
    penalty_norms(&net, norms);
    get(got, norms, 3);
    for (int i = 0; i < 3; i++) ck_assert(isfinite(got[i]) && got[i] > 0);
    backend->free(norms);
    net_free(&net);
}
END_TEST

START_TEST(unfit_critics_are_refused) {
    Error error;
    ck_assert_int_eq(penalty_check(built("input 3; linear 2", NET_PENALTY, 3, 3), &error),
                     EXIT_USAGE);
    ck_assert_msg(strstr(error.text, "one number per row, not 2"), "%s", error.text);
    ck_assert_int_eq(penalty_check(built("input 3; linear 1", NET_TRAIN, 3, 3), &error),
                     EXIT_USAGE);
    ck_assert_int_eq(penalty_check(built("input 3; linear 1", NET_PENALTY, 3, 2), &error),
                     EXIT_USAGE);
    ck_assert_int_eq(penalty_check(built("input 3; linear 1", NET_PENALTY, 3, 3), &error), EXIT_OK);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("penalty");
    TCase *tcase = fixture(suite, "penalty");
#ifdef REAL_DOUBLE
    tcase_add_loop_test(tcase, gradient_matches_differences, 0, LINE_COUNT);
    tcase_add_loop_test(tcase, gradient_matches_differences_for_every_loss, GAN,
                        GAN_WASSERSTEIN_GP + 1);
    tcase_add_loop_test(tcase, curvature_is_needed, 0, CURVED_COUNT);
#else
    puts("skipped: second derivatives against differences (they need REAL=double)");
#endif
    tcase_add_loop_test(tcase, short_path_equals_reference_path, 0, FLAT_COUNT);
    tcase_add_loop_test(tcase, steps_leave_nothing_behind, 0, LINE_COUNT);
    tcase_add_loop_test(tcase, flat_biases_see_no_penalty, 0, FLAT_COUNT);
    tcase_add_test(tcase, linear_critic_in_closed_form);
    tcase_add_loop_test(tcase, zero_gradient_is_finite, 0, LINE_COUNT);
    tcase_add_test(tcase, tiny_gradient_is_finite);
    tcase_add_test(tcase, one_dead_row_leaves_the_others_alone);
    tcase_add_test(tcase, norms_alone);
    tcase_add_test(tcase, batch_norm_is_refused_unless_asked_for);
    tcase_add_test(tcase, unfit_critics_are_refused);
    return run_suite(suite);
}
