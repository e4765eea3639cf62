// Every kind of layer with every norm and activation, in all five sweeps, on the backend under test
// (the CPU, or TEST_DEVICE=cuda) against the plain reference: equal weights, inputs, deltas and
// tangents go in, and every array that a sweep leaves behind is compared.
//
// test_parity.c holds single primitives against the reference; here it is what nets/ makes of them:
// which arrays, ranges of rows, orders.
#include "net_support.h"

#include <float.h>

#ifdef REAL_DOUBLE
#define EPSILON DBL_EPSILON
#else
#define EPSILON FLT_EPSILON
#endif
// Of the largest number in an array: some ten roundings a layer, of sums of up to 100 terms.
static const double TOLERANCE = 32 * EPSILON;

static const char *const KINDS[] = {"input 7; linear 6", "input 5x4x3; conv 4 k3 s2",
                                    "input 3x2x3; convt 4 k3 s2"};
static const char *const NORMS[] = {"", " bn", " ln"};
static const char *const ACTS[] = {"",         " relu",     " leaky 0.2", " tanh",
                                   " sigmoid", " softplus", " ssoftplus"};
enum { KIND_COUNT = 3, NORM_COUNT = 3, ACT_COUNT = 7, BATCHES = 3 };
enum { LINE_COUNT = KIND_COUNT * NORM_COUNT * ACT_COUNT };
static const size_t SIZES[] = {1, 31};

// ---- What a run leaves behind -------------------------------------------------------------------

typedef struct {
    const char *sweep, *array;
    int layer; // or −1
    size_t n;
    real *values;
} Left;

enum { MOST = 100 };
typedef struct {
    Left left[MOST];
    int count;
} Trace;

static void keep(Trace *trace, const char *sweep, const char *array, int layer, const real *from,
                 size_t n) {
    if (from == NULL) return;
    ck_assert_int_lt(trace->count, MOST);
    real *values = malloc((n + 1) * sizeof *values);
    get(values, from, n);
    trace->left[trace->count++] = (Left){sweep, array, layer, n, values};
}

static void keep_layers(Trace *trace, const Net *net, const char *sweep) {
    size_t all = net->batch * net->batches;
    for (int i = 0; i < net->count; i++) {
        const Layer *l = &net->layer[i];
        size_t out = shape_size(l->out);
        keep(trace, sweep, "y", i, l->y, all * out);
        if (strcmp(sweep, "forward") == 0) continue;
        keep(trace, sweep, "dy", i, l->dy, all * out);
        if (strcmp(sweep, "backward") == 0) continue;
        keep(trace, sweep, "ty", i, l->ty, net->batch * out);
        keep(trace, sweep, "tz", i, l->tz, net->batch * out);
        if (strcmp(sweep, "curvature") == 0 && i <= net->top)
            keep(trace, sweep, "cy", i, l->cy, net->batch * out);
    }
}

static void keep_gradients(Trace *trace, const Net *net, const char *sweep) {
    keep(trace, sweep, "gradients", -1, net->gradients, net->weight_count);
}

// ---- A run --------------------------------------------------------------------------------------

// Multiples of 1/8: without a norm the sums before an activation are then exact, and no rounding
// decides on which side of a kink they fall.
static void put_eighths(real *device, size_t n, double mean, Rng *rng) {
    real *values = malloc((n + 1) * sizeof *values);
    for (size_t i = 0; i < n; i++) values[i] = (real)(mean + nearbyint(4 * rng_normal(rng)) / 8);
    put(device, values, n);
    free(values);
}

static Net *prepared(const char *line, NetUse use, size_t batch, Rng *rng) {
    Net *net = built(line, use, batch, BATCHES);
    for (Layer *l = net->layer; l < net->layer + net->count; l++) {
        put_eighths(l->weight, l->weight_count, layer_is_norm(l) ? 1 : 0, rng);
        put_eighths(l->bias, l->bias_count, 0, rng);
    }
    put_eighths(net_input(net, 0), batch * BATCHES * input_size(net), 0, rng);
    return net;
}

// Forward, backward and the gradient of rows that have any delta.
static void first_order(Trace *trace, Net *net, Rows input_rows, Rng *rng) {
    Rows all = {0, net->batch * BATCHES};
    net_forward(net, all, MODE_TRAIN);
    keep_layers(trace, net, "forward");
    put_eighths(net_output_delta(net, 0), all.count * output_size(net), 0, rng);
    net_backward(net, all, input_rows);
    keep_layers(trace, net, "backward");
    keep(trace, "backward", "dinput", -1, net_input_delta(net, input_rows.first),
         input_rows.count * input_size(net));
    net_zero_gradients(net);
}

static void second_order(Trace *trace, Net *net, Rng *rng) {
    Rows penalty = net_penalty_rows(net), loss = {0, penalty.first};
    bool over_values = net_short_path(net);
    real *u = over_values ? net_input(net, penalty.first) : net->tinput;
    put_eighths(u, penalty.count * input_size(net), 0, rng);
    net_tangent(net);
    keep_layers(trace, net, "tangent");
    if (over_values) {
        net_gradient_joined(net, loss);
        keep_gradients(trace, net, "joined gradient");
        return;
    }
    net_curvature(net);
    keep_layers(trace, net, "curvature");
    net_gradient(net, loss);
    keep_gradients(trace, net, "gradient");
    net_gradient_penalty(net);
    keep_gradients(trace, net, "gradient of the penalty");
}

static Trace run(const Backend *on, const char *line, NetUse use, size_t batch) {
    const Backend *tested = backend;
    Trace trace = {.count = 0};
    Rng rng = rng_stream(batch, 0);
    backend = on;
    Net *net = prepared(line, use, batch, &rng);
    if (use == NET_TRAIN) {
        Rows all = {0, batch * BATCHES};
        first_order(&trace, net, all, &rng);
        net_gradient(net, all);
        keep_gradients(&trace, net, "gradient");
        keep(&trace, "forward", "running", -1, net->running, net->running_count);
        net_forward(net, all, MODE_SAMPLE);
        keep_layers(&trace, net, "forward");
    } else {
        first_order(&trace, net, net_penalty_rows(net), &rng);
        second_order(&trace, net, &rng);
    }
    free_all();
    backend = tested;
    return trace;
}

// ---- Comparison ---------------------------------------------------------------------------------

// −1 where a number is not finite.
static double difference(const Left *got, const Left *want) {
    double apart = 0, largest = 0;
    for (size_t i = 0; i < want->n; i++) {
        double a = (double)got->values[i], b = (double)want->values[i];
        if (!isfinite(a) || !isfinite(b)) return -1;
        apart = fmax(apart, fabs(a - b)), largest = fmax(largest, fabs(b));
    }
    return apart > 0 ? apart / largest : 0;
}

static void compare(const char *line, size_t batch, Trace *got, Trace *want) {
    ck_assert_int_eq(got->count, want->count);
    for (int i = 0; i < want->count; i++) {
        Left *a = &got->left[i], *b = &want->left[i];
        char what[200];
        snprintf(what, sizeof what, "%s on %s, %zu rows: %s: %s of layer %d", line, backend->name,
                 batch, b->sweep, b->array, b->layer);
        ck_assert_msg(a->n == b->n, "%s", what);
        check_error(what, difference(a, b), TOLERANCE);
        free(a->values), free(b->values);
    }
}

START_TEST(layers_agree_with_the_reference) {
    int norm = _i / ACT_COUNT % NORM_COUNT;
    char line[100];
    snprintf(line, sizeof line, "%s%s%s; linear 1", KINDS[_i / ACT_COUNT / NORM_COUNT], NORMS[norm],
             ACTS[_i % ACT_COUNT]);
    const Backend *reference;
    Error error;
    ck_assert_int_eq(reference_open(&reference, &error), EXIT_OK);
    bool coupled = strcmp(NORMS[norm], " bn") == 0;
    for (int size = 0; size < 2; size++)
        for (NetUse use = coupled ? NET_TRAIN : NET_PENALTY;
             use <= (coupled ? NET_TRAIN : NET_PENALTY_REFERENCE); use++) {
            Trace want = run(reference, line, use, SIZES[size]);
            Trace got = run(backend, line, use, SIZES[size]);
            compare(line, SIZES[size], &got, &want);
        }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("layer parity");
    TCase *tcase = fixture(suite, "layers");
    tcase_add_loop_test(tcase, layers_agree_with_the_reference, 0, LINE_COUNT);
    return run_suite(suite);
}
