// What the layers compute, against the definitions written out plainly (frameworks' own words:
// pad, slide, scatter, crop), and batch norm's statistics against PyTorch's.
#include "net_support.h"

#include "reference/batch_norm_vectors.h"

enum { ROWS = 3 };

// ---- Definitions, one row -----------------------------------------------------------------------

static double activation(const Item *item, double z) {
    switch (item->act) {
    case ACT_RELU:
        return fmax(z, 0);
    case ACT_LEAKY:
        return z >= 0 ? z : item->leak * z;
    case ACT_TANH:
        return tanh(z);
    case ACT_SIGMOID:
        return 1 / (1 + exp(-z));
    case ACT_SOFTPLUS:
        return log(1 + exp(z));
    case ACT_SSOFTPLUS:
        return log(1 + exp(2 * z + 2)) / 2 - 1;
    default:
        return z;
    }
}

// TensorFlow: SAME pads max(K − S, 0) in all where S divides the size, max(K − size mod S, 0)
// otherwise, half of it, rounded down, first.
static int pad_before(const Item *item, int size) {
    int k = item->conv.k, s = item->conv.stride;
    if (!item->same) return item->pad;
    int all = size % s == 0 ? k - s : k - size % s;
    return all > 0 ? all / 2 : 0;
}

// x[h][w][c] or 0 outside
static double pixel(Shape s, const double *x, int h, int w, int c) {
    if (h < 0 || w < 0 || h >= s.h || w >= s.w) return 0;
    return x[(h * s.w + w) * s.c + c];
}

static void conv(const Item *item, const real *weight, const double *x, double *z) {
    Shape in = item->in, out = item->out;
    int k = item->conv.k, s = item->conv.stride;
    for (int p = 0; p < out.h; p++)
        for (int q = 0; q < out.w; q++)
            for (int o = 0; o < out.c; o++)
                for (int i = 0; i < k; i++)
                    for (int j = 0; j < k; j++)
                        for (int c = 0; c < in.c; c++)
                            z[(p * out.w + q) * out.c + o] +=
                                (double)weight[((o * k + i) * k + j) * in.c + c] *
                                pixel(in, x, p * s - pad_before(item, in.h) + i,
                                      q * s - pad_before(item, in.w) + j, c);
}

// Every input pixel adds its k×k stamp at stride S to a large canvas; padding is what is then cut
// from its start.
static void conv_transpose(const Item *item, const real *weight, const double *x, double *z) {
    Shape in = item->in, out = item->out;
    int k = item->conv.k, s = item->conv.stride;
    for (int h = 0; h < in.h; h++)
        for (int w = 0; w < in.w; w++)
            for (int i = 0; i < k; i++)
                for (int j = 0; j < k; j++) {
                    int p = h * s + i - pad_before(item, in.h * s);
                    int q = w * s + j - pad_before(item, in.w * s);
                    if (p < 0 || q < 0 || p >= out.h || q >= out.w) continue;
                    for (int o = 0; o < out.c; o++)
                        for (int c = 0; c < in.c; c++)
                            z[(p * out.w + q) * out.c + o] +=
                                (double)weight[((c * k + i) * k + j) * out.c + o] *
                                pixel(in, x, h, w, c);
                }
}

static void linear(const Item *item, const real *weight, const double *x, double *z) {
    size_t in = shape_size(item->in), out = shape_size(item->out);
    for (size_t o = 0; o < out; o++)
        for (size_t i = 0; i < in; i++) z[o] += (double)weight[o * in + i] * x[i];
}

static void layer_norm(const Item *item, double *z) {
    size_t n = shape_size(item->out);
    double mean = 0, variance = 0;
    for (size_t i = 0; i < n; i++) mean += z[i] / (double)n;
    for (size_t i = 0; i < n; i++) variance += (z[i] - mean) * (z[i] - mean) / (double)n;
    for (size_t i = 0; i < n; i++) z[i] = (z[i] - mean) / sqrt(variance + item->eps);
}

// One item on one row, new array.
static double *plain_item(const Net *net, const Layer **layer, const double *x) {
    const Item *item = &net->architecture.item[(*layer)->item];
    size_t n = shape_size(item->out), channels = (*layer)->bias_count;
    double *z = host(n, sizeof *z);
    const real *weight = copied((*layer)->weight, (*layer)->weight_count);
    const real *bias = copied((*layer)->bias, channels);
    (item->kind == ITEM_LINEAR ? linear
     : item->kind == ITEM_CONV ? conv
                               : conv_transpose)(item, weight, x, z);
    for (size_t i = 0; i < n; i++) z[i] += (double)bias[i % channels];
    if (item->norm == NORM_LAYER) {
        const Layer *norm = ++*layer;
        channels = norm->bias_count;
        layer_norm(item, z);
        const real *gain = item->gain ? copied(norm->weight, channels) : NULL;
        const real *offset = copied(norm->bias, channels);
        for (size_t i = 0; i < n; i++)
            z[i] = z[i] * (gain ? (double)gain[i % channels] : 1) + (double)offset[i % channels];
    }
    for (size_t i = 0; i < n; i++) z[i] = activation(item, z[i]);
    ++*layer;
    return z;
}

static const char *const LINES[] = {
    "input 3; linear 4 tanh; linear 2x2x3 sigmoid; linear 2 softplus; linear 2 ssoftplus",
    "input 5x7x2; conv 3 k3 s2 leaky 0.1; conv 2 k2 s1 relu; linear 2",
    "input 6x7x2; conv 3 k5 s2; conv 2 k4 s3; conv 2 k1 s2",
    "input 7x5x2; conv 2 k4 s2 p1; conv 3 k2 s1 p0; conv 2 k3 s3 p2",
    "input 3x2x2; convt 3 k5 s2; convt 2 k3 s1; convt 2 k4 s3",
    "input 2x3x2; convt 3 k2 s3; convt 2 k1 s2",
    "input 2x3x2; convt 3 k4 s2 p1; convt 2 k3 s2 p1 o1; convt 1 k3 s3 p2 o2",
    "input 2x3x2; convt 2 k5 s2 size 3x5; convt 3 k4 s2 p0 o1 size 2x12",
    "input 4; linear 6 ln tanh; linear 2x3x2 ln eps 0.3; conv 2 k3 s1 ln nogain relu",
};
enum { LINE_COUNT = sizeof LINES / sizeof *LINES };

START_TEST(layers_compute_their_definition) {
    Rng rng = rng_stream(1, 0);
    Net *net = built(LINES[_i], NET_SAMPLE, ROWS, 1);
    put_weights(net, 1, &rng);
    put_normal(net_input(net, 0), ROWS * input_size(net), 0, 1, &rng);
    net_forward(net, (Rows){0, ROWS}, MODE_SAMPLE);
    double *x = host(input_size(net), sizeof *x);
    size_t row = ROWS - 1;
    // the input of a NET_SAMPLE net is not written over: no norm comes first
    const real *input = copied(net_input(net, row), input_size(net));
    for (size_t i = 0; i < input_size(net); i++) x[i] = (double)input[i];
    for (const Layer *layer = net->layer; layer < net->layer + net->count;)
        x = plain_item(net, &layer, x);
    const real *y = copied(net_output(net, row), output_size(net));
    double tolerance = sizeof(real) == sizeof(double) ? 1e-13 : 1e-5;
    check_error(LINES[_i], relative_error(y, x, output_size(net), 0), tolerance);
}
END_TEST

// ---- Batch norm beside PyTorch ------------------------------------------------------------------

START_TEST(batch_norm_beside_pytorch) {
    enum { BATCH = 3, BATCHES = 3, NUMBERS = 36, CHANNELS = 2 };
    Net *net = built("input 1x2x2; conv 2 k1 s1 p0 bn eps 0.01", NET_TRAIN, BATCH, BATCHES);
    const Layer *product = &net->layer[0], *norm = &net->layer[1];
    real identity[4] = {1, 0, 0, 1}, gain[2] = {0.5, -2}, bias[2] = {0.25, 1}, x[NUMBERS];
    for (int i = 0; i < NUMBERS; i++) x[i] = (real)INPUT[i];
    put(product->weight, identity, 4);
    put(norm->weight, gain, CHANNELS);
    put(norm->bias, bias, CHANNELS);
    put(net_input(net, 0), x, NUMBERS);
    double tolerance = sizeof(real) == sizeof(double) ? 1e-14 : 1e-6;

    net_forward(net, (Rows){0, BATCHES * BATCH}, MODE_TRAIN);
    const real *y = copied(net_output(net, 0), NUMBERS);
    check_error("train", relative_error(y, TRAINED, NUMBERS, 0), tolerance);
    const real *mean = copied(norm->running_mean, CHANNELS);
    const real *var = copied(norm->running_var, CHANNELS);
    check_error("running mean", relative_error(mean, RUNNING_MEAN, CHANNELS, 0), tolerance);
    check_error("running var", relative_error(var, RUNNING_VAR, CHANNELS, 0), tolerance);

    net_forward(net, (Rows){0, BATCHES * BATCH}, MODE_SAMPLE);
    y = copied(net_output(net, 0), NUMBERS);
    check_error("sample", relative_error(y, SAMPLED, NUMBERS, 0), tolerance);
    ck_assert(memcmp(mean, copied(norm->running_mean, CHANNELS), sizeof(real) * CHANNELS) == 0);
}
END_TEST

// The last of several batches may be short when sampling from training statistics.
START_TEST(short_last_batch) {
    Rng rng = rng_stream(1, 0);
    Net *net = built("input 2; linear 3 bn", NET_SAMPLE, 4, 2);
    put_weights(net, 1, &rng);
    put_normal(net_input(net, 0), 16, 0, 1, &rng);
    net_forward(net, (Rows){0, 6}, MODE_TRAIN);
    real *whole = copied(net_output(net, 0), 18);
    net_forward(net, (Rows){4, 2}, MODE_TRAIN);
    real *tail = copied(net_output(net, 4), 6);
    for (int i = 0; i < 6; i++)
        ck_assert_double_eq_tol((double)tail[i], (double)whole[12 + i], 1e-6);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("forward");
    TCase *tcase = fixture(suite, "forward");
    tcase_add_loop_test(tcase, layers_compute_their_definition, 0, LINE_COUNT);
    tcase_add_test(tcase, batch_norm_beside_pytorch);
    tcase_add_test(tcase, short_last_batch);
    return run_suite(suite);
}
