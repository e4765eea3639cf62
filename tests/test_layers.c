// First derivatives of every layer, by weights and by inputs, against central differences in
// double; the sweeps on ranges of rows; the tangent against the gradient.
#include "net_support.h"

#include <signal.h>

// Every kind of layer, padding, norm and activation; odd sizes on purpose.
static const char *const LINES[] = {
    "input 3; linear 4; linear 2",
    "input 3; linear 5 relu; linear 4 leaky 0.2; linear 2 leaky 0",
    "input 3; linear 5 tanh; linear 4 sigmoid; linear 2 softplus; linear 2 ssoftplus",
    "input 5x7x2; conv 3 k3 s2 leaky 0.1; conv 2 k2 s1 tanh; linear 2",
    "input 5x6x2; conv 3 k5 s2 softplus; conv 2 k1 s1 sigmoid",
    "input 7x5x1; conv 2 k4 s2 p1 relu; conv 3 k2 s1 p0 ssoftplus; conv 2 k3 s3 p2",
    "input 3x2x2; convt 3 k5 s2 tanh; convt 2 k3 s1 leaky 0.2",
    "input 2x3x2; convt 2 k4 s2 p1 relu; convt 2 k3 s2 p1 o1 sigmoid",
    "input 2x3x2; convt 2 k5 s2 size 3x5 tanh; convt 1 k2 s3 size 8x14; linear 3x2x2 tanh",
    "input 4; linear 2x3x2 softplus; convt 2 k3 s3 p2 o2 size 2x5 tanh",
    "input 3; linear 6 ln leaky 0.2; linear 4 ln eps 0.1 nogain tanh; linear 3 ln",
    "input 4x3x2; conv 3 k3 s1 ln softplus; conv 2 k3 s2 ln nogain sigmoid; linear 2x2x3 ln",
    "input 3; linear 4 bn relu; linear 3 bn eps 0.01 nogain tanh; linear 2",
    "input 3; linear 2x2x3 bn leaky 0.2; convt 2 k3 s2 bn ssoftplus; conv 2 k3 s2 bn",
    "input 3x3x2; conv 2 k3 s1 bn softplus; conv 3 k3 s2 ln sigmoid; linear 2 bn",
};
enum { LINE_COUNT = sizeof LINES / sizeof *LINES, BATCH = 4, ROWS = 2 * BATCH };

// The objective: a fixed random linear function of all outputs, so that its delta is that vector.
typedef struct {
    Net *net;
    real *probe; // [ROWS][outputs]
} Probe;

static Probe probe_net(const char *line, uint64_t seed) {
    Rng rng = rng_stream(seed, 0);
    Net *net = built(line, NET_TRAIN, BATCH, 2);
    put_weights(net, 1.2, &rng);
    put_normal(net_input(net, 0), ROWS * input_size(net), 0, 1, &rng);
    Probe p = {net, host(ROWS * output_size(net), sizeof(real))};
    for (size_t i = 0; i < ROWS * output_size(net); i++) p.probe[i] = (real)rng_normal(&rng);
    return p;
}

static void sweep_back(Probe *p, Rows input_rows) {
    Rows all = {0, ROWS};
    net_forward(p->net, all, MODE_TRAIN);
    put(net_output_delta(p->net, 0), p->probe, ROWS * output_size(p->net));
    net_backward(p->net, all, input_rows);
    net_zero_gradients(p->net);
    net_gradient(p->net, all);
}

#ifdef REAL_DOUBLE
static Point probe_value(void *context) {
    Probe *p = context;
    size_t n = ROWS * output_size(p->net);
    net_forward(p->net, (Rows){0, ROWS}, MODE_TRAIN);
    real *y = malloc(n * sizeof *y);
    get(y, net_output(p->net, 0), n);
    double value = 0;
    for (size_t i = 0; i < n; i++) value += (double)p->probe[i] * (double)y[i];
    free(y);
    return (Point){value, masks_of(p->net, (Rows){0, ROWS})};
}

// Both errors at one seed; false where a stencil met a kink.
static bool errors_at(const char *line, uint64_t seed, double *weights, double *inputs) {
    Probe p = probe_net(line, seed);
    size_t n = ROWS * input_size(p.net);
    double *expected = host(n, sizeof *expected);
    bool smooth = differences(probe_value, &p, net_input(p.net, 0), n, 1e-4, expected);
    if (smooth) {
        sweep_back(&p, (Rows){0, ROWS});
        *inputs = relative_error(copied(net_input_delta(p.net, 0), n), expected, n, 0);
        *weights = weight_error(p.net, probe_value, &p, 1e-4);
        smooth = *weights >= 0;
    }
    return smooth;
}

START_TEST(derivatives_match_differences) {
    double weights = -1, inputs = -1;
    uint64_t seed = 1;
    while (!errors_at(LINES[_i], seed, &weights, &inputs)) {
        free_all();
        ck_assert_msg(++seed <= 30, "every seed meets a kink: %s", LINES[_i]);
    }
    check_error(LINES[_i], weights, 1e-8);
    check_error(LINES[_i], inputs, 1e-8);
}
END_TEST
#endif

// Input deltas are written where asked for and nowhere else.
START_TEST(input_deltas_only_where_asked) {
    Probe p = probe_net(LINES[_i], 3);
    size_t size = input_size(p.net), n = ROWS * size;
    sweep_back(&p, (Rows){0, ROWS});
    real *all = copied(net_input_delta(p.net, 0), n);
    Rows parts[] = {{BATCH, BATCH}, {0, BATCH}, {BATCH, 0}};
    for (int k = 0; k < 3; k++) {
        backend->fill(n, 12345, net_input_delta(p.net, 0));
        sweep_back(&p, parts[k]);
        real *part = copied(net_input_delta(p.net, 0), n);
        for (size_t i = 0; i < n; i++) {
            size_t row = i / size;
            bool asked = row >= parts[k].first && row < parts[k].first + parts[k].count;
            double expected = asked ? (double)all[i] : 12345;
            ck_assert_double_eq_tol((double)part[i], expected, 1e-5 * (1e-3 + fabs(expected)));
        }
    }
}
END_TEST

// Batches are independent: half the rows alone give the same outputs, and the gradients of the
// halves add up to the whole.
START_TEST(ranges_add_up) {
    Probe p = probe_net(LINES[_i], 4);
    size_t outputs = output_size(p.net), half = BATCH * outputs;
    sweep_back(&p, (Rows){0, 0});
    real *whole = copied(p.net->gradients, p.net->weight_count);
    real *y = copied(net_output(p.net, 0), 2 * half);

    net_zero_gradients(p.net);
    for (size_t first = BATCH + BATCH; first > 0;) { // the second half first
        first -= BATCH;
        Rows rows = {first, BATCH};
        net_forward(p.net, rows, MODE_TRAIN);
        put(net_output_delta(p.net, first), p.probe + first * outputs, half);
        net_backward(p.net, rows, (Rows){first, 0});
        net_gradient(p.net, rows);
    }
    real *again = copied(net_output(p.net, 0), 2 * half);
    real *sum = copied(p.net->gradients, p.net->weight_count);
    for (size_t i = 0; i < 2 * half; i++)
        ck_assert_double_eq_tol((double)again[i], (double)y[i], 1e-5 * (1 + fabs((double)y[i])));
    double scale = 0;
    for (size_t i = 0; i < p.net->weight_count; i++) scale = fmax(scale, fabs((double)whole[i]));
    for (size_t i = 0; i < p.net->weight_count; i++)
        ck_assert_double_eq_tol((double)sum[i], (double)whole[i], 1e-5 * scale);
}
END_TEST

// <tangent of f along u> = <u, grad f>, row by row, on both paths.
START_TEST(tangent_is_the_directional_derivative) {
    static const char *const CRITICS[] = {
        "input 3; linear 6 relu; linear 5 leaky 0.2; linear 1",
        "input 5x4x2; conv 3 k3 s2 leaky 0.2; convt 2 k3 s2 relu; linear 1 leaky 0.3",
        "input 5x4x2; conv 3 k3 s2 ln tanh; convt 2 k3 s2 size 5x3 ln nogain softplus; linear 1",
        "input 3; linear 2x2x2 ssoftplus; linear 1 sigmoid"};
    for (NetUse use = NET_PENALTY; use <= NET_PENALTY_REFERENCE; use++) {
        Rng rng = rng_stream(5, 0);
        Net *net = built(CRITICS[_i], use, BATCH, 3);
        Rows rows = net_penalty_rows(net);
        size_t size = input_size(net), n = BATCH * size;
        put_weights(net, 1, &rng);
        put_normal(net_input(net, rows.first), n, 0, 1, &rng);
        real *norms = backend->alloc(BATCH * sizeof *norms, &(Error){""});
        penalty_norms(net, norms);
        backend->free(norms);
        real *g = copied(net_input_delta(net, rows.first), n);
        bool over_values = net_short_path(net);
        real *start = over_values ? net_input(net, rows.first) : net->tinput;
        put_normal(start, n, 0, 1, &rng);
        real *u = copied(start, n);
        net_tangent(net);
        const real *end = over_values ? net_output(net, rows.first) : net->layer[net->count - 1].ty;
        real *tangent = copied(end, BATCH);
        for (size_t row = 0; row < BATCH; row++) {
            double expected = 0;
            for (size_t i = row * size; i < (row + 1) * size; i++)
                expected += (double)u[i] * (double)g[i];
            ck_assert_double_eq_tol((double)tangent[row], expected,
                                    sizeof(real) == sizeof(double) ? 1e-13 : 1e-5);
        }
        ck_assert_int_eq(over_values, use == NET_PENALTY && _i < 2);
    }
}
END_TEST

// ---- Programming errors -----------------------------------------------------------------------

START_TEST(rows_past_the_end) {
    net_forward(built("input 3; linear 2", NET_TRAIN, BATCH, 2), (Rows){BATCH, BATCH + 1},
                MODE_TRAIN);
}
END_TEST

START_TEST(statistics_across_batches) {
    net_forward(built("input 3; linear 2 bn", NET_TRAIN, BATCH, 2), (Rows){1, BATCH}, MODE_TRAIN);
}
END_TEST

START_TEST(deltas_of_a_net_without) {
    net_backward(built("input 3; linear 2", NET_SAMPLE, BATCH, 2), (Rows){0, 1}, (Rows){0, 0});
}
END_TEST

int main(void) {
    Suite *suite = suite_create("layers");
    TCase *tcase = fixture(suite, "layers");
#ifdef REAL_DOUBLE
    tcase_add_loop_test(tcase, derivatives_match_differences, 0, LINE_COUNT);
#else
    puts("skipped: derivatives against differences (they need REAL=double)");
#endif
    tcase_add_loop_test(tcase, input_deltas_only_where_asked, 0, LINE_COUNT);
    tcase_add_loop_test(tcase, ranges_add_up, 0, LINE_COUNT);
    tcase_add_loop_test(tcase, tangent_is_the_directional_derivative, 0, 4);
    tcase_add_test_raise_signal(tcase, rows_past_the_end, SIGABRT);
    tcase_add_test_raise_signal(tcase, statistics_across_batches, SIGABRT);
    tcase_add_test_raise_signal(tcase, deltas_of_a_net_without, SIGABRT);
    return run_suite(suite);
}
