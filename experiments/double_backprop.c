// Is the gradient of the gradient penalty right? Its five sweeps (nets/net.h) against central
// differences of the penalty's definition, which is written here a second time, in double and
// plainly; and against the same sweeps without the curvature, the part that first derivatives do
// not have. And sweep by sweep for a network so small that it can be done by hand.
#include "experiments/common/trainer.h"
#include "nets/penalty.h"
#include "toy/rng.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t width, batch, weights, seeds;
static double lambda;

static const Setting settings[] = {
    {"width", SETTING_INTEGER, &width, "12", "32", 1, 512, NULL, "N",
     "Units in each of two hidden layers"},
    {"batch", SETTING_INTEGER, &batch, "5", "16", 1, 4096, NULL, "N", "Rows in the batch"},
    {"weights", SETTING_INTEGER, &weights, "40", "200", 1, 100000, NULL, "N",
     "How many weights, drawn at random, are compared"},
    {"lambda", SETTING_REAL, &lambda, "10", NULL, 1e-6, 1e6, NULL, "X", "The penalty's weight"},
    {"seeds", SETTING_INTEGER, &seeds, "2", "10", 1, 1000, NULL, "N", "Critics of each kind"},
    {0},
};

static const Program program = {
    .name = "double_backprop",
    .summary = "The gradient penalty's weight gradient by five sweeps, against central differences "
               "of its definition, with and without the curvature.",
    .details = "Writes double_backprop.tsv (relative errors by activation and seed), "
               "double_backprop_by_hand.tsv (five sweeps over two layers) and the claim C37. Build "
               "with REAL=double to see how far below float's rounding they lie.\n\n"
               "  experiments/double_backprop --width 64 --seeds 3",
    .settings = settings,
    .threads = 1,
};

// ---- the definition, in double ----

typedef struct {
    const char *name, *word; // of an architecture
    double (*value)(double z), (*slope)(double z);
} Activation;

static double relu(double z) {
    return z > 0 ? z : 0;
}
static double relu_slope(double z) {
    return z > 0;
}
static double leaky(double z) {
    return z > 0 ? z : 0.2 * z;
}
static double leaky_slope(double z) {
    return z > 0 ? 1 : 0.2;
}
static double tanh_slope(double z) {
    return 1 / (cosh(z) * cosh(z));
}
static double logistic(double z) {
    return 1 / (1 + exp(-z));
}
static double logistic_slope(double z) {
    return exp(-z) / ((1 + exp(-z)) * (1 + exp(-z)));
}
static double softplus_value(double z) {
    return log(1 + exp(z));
}
static double shifted(double z) {
    return log(1 + exp(2 * z + 2)) / 2 - 1;
}
static double shifted_slope(double z) {
    return logistic(2 * z + 2);
}

static const Activation ACTIVATIONS[] = {
    {"ReLU", "relu", relu, relu_slope},
    {"LeakyReLU", "leaky 0.2", leaky, leaky_slope},
    {"tanh", "tanh", tanh, tanh_slope},
    {"sigmoid", "sigmoid", logistic, logistic_slope},
    {"softplus", "softplus", softplus_value, logistic},
    {"shifted softplus", "ssoftplus", shifted, shifted_slope},
};
enum { KINDS = sizeof ACTIVATIONS / sizeof *ACTIVATIONS, LAYERS = 3, INPUTS = 2, WIDEST = 512 };

// A critic of points in the plane, of at most LAYERS layers: w[l] is [out][in], then its offsets
// [out].
typedef struct {
    const Activation *act;
    int layers;
    double *w[LAYERS], *b[LAYERS];
    int in[LAYERS], out[LAYERS];
} Plain;

// [definition]
// ∇f at x by the chain rule. *kinks changes when a unit crosses 0.
static void plain_gradient(const Plain *c, const double *x, double *g, uint64_t *kinks) {
    double a[WIDEST] = {x[0], x[1]}, slope[LAYERS][WIDEST], next[WIDEST];
    int last = c->layers - 1;
    for (int l = 0; l < last; l++) {
        for (int o = 0; o < c->out[l]; o++) {
            double z = c->b[l][o];
            for (int i = 0; i < c->in[l]; i++) z += c->w[l][o * c->in[l] + i] * a[i];
            next[o] = c->act->value(z), slope[l][o] = c->act->slope(z);
            *kinks = *kinks * 31 + (z > 0);
        }
        memcpy(a, next, sizeof a);
    }
    double d[WIDEST];
    for (int i = 0; i < c->in[last]; i++) d[i] = c->w[last][i];
    for (int l = last - 1; l >= 0; l--) {
        for (int i = 0; i < c->in[l]; i++) {
            next[i] = 0;
            for (int o = 0; o < c->out[l]; o++)
                next[i] += d[o] * slope[l][o] * c->w[l][o * c->in[l] + i];
        }
        memcpy(d, next, sizeof d);
    }
    for (int i = 0; i < INPUTS; i++) g[i] = d[i];
}

static double plain_penalty(const Plain *c, double weight, int64_t rows, const double *x,
                            uint64_t *kinks) {
    double sum = 0;
    for (int64_t row = 0; row < rows; row++) {
        double g[INPUTS];
        plain_gradient(c, x + INPUTS * row, g, kinks);
        sum += pow(hypot(g[0], g[1]) - 1, 2);
    }
    return weight * sum / (double)rows;
}
// [/definition]

// Five-point difference by *w; NAN where a unit's kink lies within the stencil.
static double plain_slope(const Plain *c, double weight, int64_t rows, const double *x, double *w) {
    static const double at[] = {-2, -1, 1, 2}, factor[] = {1, -8, 8, -1};
    const double h = 1e-4, kept = *w;
    double sum = 0;
    uint64_t here = 0, there;
    plain_penalty(c, weight, rows, x, &here);
    for (int k = 0; k < 4; k++) {
        there = 0;
        *w = kept + at[k] * h;
        sum += factor[k] * plain_penalty(c, weight, rows, x, &there) / (12 * h);
        if ((c->act->value == relu || c->act->value == leaky) && there != here) sum = NAN;
    }
    *w = kept;
    return sum;
}

// ---- the sweeps ----

// The penalty's gradient alone, of rows already in place; without_curvature: every c left 0.
// [sweeps]
static void sweep(Net *net, double weight, real *norms, double *value, bool without_curvature) {
    const Backend *b = net->backend;
    Rows rows = net_penalty_rows(net);
    net_forward(net, rows, MODE_TRAIN);
    b->fill(rows.count, 1, net_output_delta(net, rows.first));
    net_backward(net, rows, rows);
    const real *g = net_input_delta(net, rows.first);
    b->row_norm(rows.count, INPUTS, g, norms);
    b->penalty(rows.count, INPUTS, weight, false, g, norms, net->tinput, value);
    net_tangent(net);
    net_curvature(net);
    for (int l = 0; without_curvature && l <= net->top; l++)
        b->fill(rows.count * shape_size(net->layer[l].out), 0, net->layer[l].cy);
    net_zero_gradients(net);
    net_gradient_penalty(net);
}
// [/sweeps]

// A net as *c is, with room for `rows` rows under the penalty.
static void build(Net *net, const Backend *backend, const Plain *c, size_t rows) {
    Architecture architecture;
    Error error;
    const char *line = "input 2";
    for (int l = 0; l < c->layers; l++)
        line = text("%s; linear %d %s", line, c->out[l], l < c->layers - 1 ? c->act->word : "");
    int status = architecture_parse(&architecture, line, &error);
    if (!status)
        status =
            net_build(net, backend, &architecture, NET_PENALTY_REFERENCE, rows, 3, false, &error);
    if (status) fail(status, "%s", error.text);
}

static void upload(const Backend *b, size_t n, const double *from, real *to) {
    real *numbers = allocate(n, sizeof *numbers);
    for (size_t i = 0; i < n; i++) numbers[i] = (real)from[i];
    b->upload(to, numbers, n * sizeof *numbers);
    free(numbers);
}

static void load(Net *net, const Plain *c, const double *x) {
    const Backend *b = net->backend;
    upload(b, INPUTS * net->batch, x, net_input(net, net_penalty_rows(net).first));
    for (int l = 0; l < c->layers; l++) {
        upload(b, net->layer[l].weight_count, c->w[l], net->layer[l].weight);
        upload(b, net->layer[l].bias_count, c->b[l], net->layer[l].bias);
    }
}

// ---- one critic ----

// Rounded to the build's type at once, so that both sides see the same numbers.
static Plain draw(const Activation *act, Rng *rng) {
    Plain c = {.act = act, .layers = LAYERS};
    for (int l = 0; l < LAYERS; l++) {
        c.in[l] = l ? (int)width : INPUTS, c.out[l] = l < LAYERS - 1 ? (int)width : 1;
        c.w[l] = allocate((size_t)(c.in[l] * c.out[l]), sizeof *c.w[l]);
        c.b[l] = allocate((size_t)c.out[l], sizeof *c.b[l]);
        for (int i = 0; i < c.in[l] * c.out[l]; i++)
            c.w[l][i] = (double)(real)(rng_normal(rng) * sqrt(2 / (double)c.in[l]));
        for (int i = 0; i < c.out[l]; i++) c.b[l][i] = (double)(real)(0.3 * rng_normal(rng));
    }
    return c;
}

typedef struct {
    double with, without; // relative errors, over the weights compared
    int64_t compared;
} Errors;

static Errors compare(Net *net, Plain *c, const double *x, Rng *rng, real *norms, double *value) {
    real *gradient[2];
    double difference[2] = {0, 0}, size = 0;
    Errors e = {.compared = 0};
    for (int mutant = 0; mutant < 2; mutant++) {
        gradient[mutant] = allocate(net->weight_count, sizeof(real));
        sweep(net, lambda, norms, value, mutant);
        net->backend->download(gradient[mutant], net->gradients, net->weight_count * sizeof(real));
    }
    for (int64_t k = 0; k < weights; k++) {
        int l = (int)rng_below(rng, LAYERS);
        size_t i = rng_below(rng, net->layer[l].weight_count);
        double expected = plain_slope(c, lambda, batch, x, &c->w[l][i]);
        if (isnan(expected)) continue;
        e.compared++, size += expected * expected;
        for (int mutant = 0; mutant < 2; mutant++) {
            double got = (double)gradient[mutant][net->layer[l].weight_at + i];
            difference[mutant] += (got - expected) * (got - expected);
        }
    }
    e.with = sqrt(difference[0] / size), e.without = sqrt(difference[1] / size);
    free(gradient[0]), free(gradient[1]);
    return e;
}

static Errors run(const Backend *backend, const Activation *act, int64_t seed) {
    Rng rng = rng_stream(common.seed + (uint64_t)seed, 1);
    Plain c = draw(act, &rng);
    double *x = allocate((size_t)(INPUTS * batch), sizeof *x);
    for (int64_t i = 0; i < INPUTS * batch; i++) x[i] = (double)(real)rng_normal(&rng);
    Net net;
    Error error;
    build(&net, backend, &c, (size_t)batch);
    real *norms = backend->alloc((size_t)batch * sizeof *norms, &error);
    double *value = backend->alloc(sizeof *value, &error);
    if (!norms || !value) fail(EXIT_RESOURCE, "%s", error.text);
    load(&net, &c, x);
    Errors e = compare(&net, &c, x, &rng, norms, value);
    backend->free(norms), backend->free(value);
    net_free(&net);
    for (int l = 0; l < LAYERS; l++) free(c.w[l]), free(c.b[l]);
    free(x);
    return e;
}

// ---- by hand ----

// [by_hand]
// f(x) = v·tanh(W x + b) with W = (1 2; 1 1), v = (2/3, 4/3), at x = (1, −1), with b such that
// W x + b = (½ ln 3, −½ ln 3): tanh of these is ±½, so every number that follows is a fraction.
static const double HAND_LAMBDA = 10, HAND_X[] = {1, -1};

typedef struct {
    const char *sweep, *name;
    double by_hand;
} Step;

static const Step STEPS[] = {
    {"forward", "y1", 0.5},   {"forward", "y2", -0.5},  {"forward", "f", -1. / 3},
    {"backward", "dz1", 0.5}, {"backward", "dz2", 1},   {"backward", "g1", 1.5},
    {"backward", "g2", 2},    {"penalty", "u1", 18},    {"penalty", "u2", 24},
    {"tangent", "tz1", 66},   {"tangent", "tz2", 42},   {"tangent", "ty1", 49.5},
    {"tangent", "ty2", 31.5}, {"tangent", "S", 75},     {"curvature", "cz1", -33},
    {"curvature", "cz2", 42}, {"gradient", "W11", -24}, {"gradient", "W12", 45},
    {"gradient", "W21", 60},  {"gradient", "W22", -18}, {"gradient", "b1", -33},
    {"gradient", "b2", 42},   {"gradient", "v1", 49.5}, {"gradient", "v2", 31.5},
};
// [/by_hand]
enum { STEPS_COUNT = sizeof STEPS / sizeof *STEPS };

// The steps' numbers from where the sweeps left them, in their order.
static void read_steps(const Net *net, double *value) {
    const Layer *one = &net->layer[0], *two = &net->layer[1];
    size_t row = net_penalty_rows(net).first;
    const struct {
        const real *at;
        int count;
    } places[] = {
        {one->y + 2 * row, 2},  {two->y + row, 1},
        {one->dy + 2 * row, 2}, {net_input_delta(net, row), 2},
        {net->tinput, 2},       {one->tz, 2},
        {two->tx, 2},           {two->ty, 1},
        {one->cy, 2},           {one->dweight, 4},
        {one->dbias, 2},        {two->dweight, 2},
    };
    for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
        real numbers[4];
        net->backend->download(numbers, places[p].at, (size_t)places[p].count * sizeof *numbers);
        for (int i = 0; i < places[p].count; i++) *value++ = (double)numbers[i];
    }
}

static void go_by_hand(const Backend *backend) {
    double z = log(3) / 2, w[] = {1, 2, 1, 1}, v[] = {2. / 3, 4. / 3}, b[] = {z + 1, -z},
           none[] = {0};
    Plain c = {&ACTIVATIONS[2], 2, {w, v}, {b, none}, {2, 2}, {2, 1}};
    double *weight[] = {w, w + 1, w + 2, w + 3, b, b + 1, v, v + 1}, by_sweeps[STEPS_COUNT];
    Net net;
    Error error;
    build(&net, backend, &c, 1);
    real *norms = backend->alloc(sizeof *norms, &error);
    double *value = backend->alloc(sizeof *value, &error);
    if (!norms || !value) fail(EXIT_RESOURCE, "%s", error.text);
    load(&net, &c, HAND_X);
    sweep(&net, HAND_LAMBDA, norms, value, false);
    read_steps(&net, by_sweeps);
    Tsv *table = tsv_open("by_hand", "sweep name by_hand by_sweeps by_differences");
    printf("\n%-10s %-4s │ %8s │ %10s │ %s\n", "sweep", "", "by hand", "by sweeps",
           "by differences");
    for (int k = 0; k < STEPS_COUNT; k++) {
        int first = STEPS_COUNT - (int)(sizeof weight / sizeof *weight);
        double slope = k < first ? NAN : plain_slope(&c, HAND_LAMBDA, 1, HAND_X, weight[k - first]);
        tsv_text(table, STEPS[k].sweep), tsv_text(table, STEPS[k].name);
        tsv_numbers(table, 3, (double[]){STEPS[k].by_hand, by_sweeps[k], slope});
        printf("%-10s %-4s │ %8.4g │ %10.6f │ %s\n", STEPS[k].sweep, STEPS[k].name,
               STEPS[k].by_hand, by_sweeps[k], k < first ? "" : text("%.6f", slope));
    }
    backend->free(norms), backend->free(value);
    net_free(&net);
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    const Backend *backend = trainer_backend();
    const double allowed = sizeof(real) == sizeof(double) ? 1e-7 : 1e-4;
    Tsv *table = tsv_open("", "activation seed compared error error_without");
    double worst = 0, best_mutant = INFINITY;
    printf("%-16s │ %12s │ %s\n", "activation", "five sweeps", "without the curvature");
    for (int kind = 0; kind < KINDS; kind++) {
        double with = 0, without = 0;
        for (int64_t seed = 0; seed < seeds; seed++) {
            Errors e = run(backend, &ACTIVATIONS[kind], seed);
            tsv_text(table, ACTIVATIONS[kind].name);
            tsv_numbers(table, 4, (double[]){(double)seed, (double)e.compared, e.with, e.without});
            with = fmax(with, e.with), without = fmax(without, e.without);
            if (kind > 1) best_mutant = fmin(best_mutant, e.without);
        }
        worst = fmax(worst, with);
        printf("%-16s │ %12.2g │ %.2g\n", ACTIVATIONS[kind].name, with, without);
        progress(kind + 1, KINDS, "%s", ACTIVATIONS[kind].name);
    }
    go_by_hand(backend);
    backend->close();
    claim(&(Claim){
        .id = "C37",
        .statement = "the penalty's weight gradient by double back-propagation is exact",
        .measured =
            text("relative error in %s at most %.2g; without the curvature at least %.2g",
                 sizeof(real) == sizeof(double) ? "float64" : "float32", worst, best_mutant),
        .expected = "0; without the curvature far from it",
        .tolerance = text("%g", allowed),
        .seeds = seeds,
        .verdict = worst <= allowed && best_mutant > 100 * allowed ? HOLDS : FAILS,
        .known = HOLDS,
    });
    return experiment_end();
}
