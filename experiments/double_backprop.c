// Is the gradient of the gradient penalty right? Its five sweeps (nets/net.h) against central
// differences of the penalty's definition, which is written here a second time, in double and
// plainly; and against the same sweeps without the curvature, the part that first derivatives do
// not have.
#include "experiments/common/trainer.h"
#include "nets/penalty.h"
#include "toy/rng.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

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
    .details = "Writes double_backprop.tsv (relative errors by activation and seed) and the claim "
               "C37. Build with REAL=double to see how far below float's rounding they lie.\n\n"
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
enum { KINDS = sizeof ACTIVATIONS / sizeof *ACTIVATIONS, LAYERS = 3, INPUTS = 2 };

// A critic 2 → width → width → 1: w[l] is [out][in], then its offsets [out].
typedef struct {
    const Activation *act;
    double *w[LAYERS], *b[LAYERS];
    int in[LAYERS], out[LAYERS];
} Plain;

// [definition]
// ∇f at x by the chain rule. *kinks changes when a unit crosses 0.
static void plain_gradient(const Plain *c, const double *x, double *g, uint64_t *kinks) {
    double *a = allocate((size_t)width, sizeof *a), *d = allocate((size_t)width, sizeof *d);
    double *slope[LAYERS - 1];
    for (int i = 0; i < INPUTS; i++) a[i] = x[i];
    for (int l = 0; l < LAYERS - 1; l++) {
        double *y = allocate((size_t)width, sizeof *y);
        slope[l] = allocate((size_t)width, sizeof *y);
        for (int o = 0; o < c->out[l]; o++) {
            double z = c->b[l][o];
            for (int i = 0; i < c->in[l]; i++) z += c->w[l][o * c->in[l] + i] * a[i];
            y[o] = c->act->value(z), slope[l][o] = c->act->slope(z);
            *kinks = *kinks * 31 + (z > 0);
        }
        free(a), a = y;
    }
    for (int i = 0; i < c->in[LAYERS - 1]; i++) d[i] = c->w[LAYERS - 1][i];
    for (int l = LAYERS - 2; l >= 0; l--) {
        double *below = allocate((size_t)(width > INPUTS ? width : INPUTS), sizeof *below);
        for (int o = 0; o < c->out[l]; o++)
            for (int i = 0; i < c->in[l]; i++)
                below[i] += d[o] * slope[l][o] * c->w[l][o * c->in[l] + i];
        free(slope[l]), free(d), d = below;
    }
    for (int i = 0; i < INPUTS; i++) g[i] = d[i];
    free(a), free(d);
}

static double plain_penalty(const Plain *c, const double *x, uint64_t *kinks) {
    double sum = 0;
    for (int64_t row = 0; row < batch; row++) {
        double g[INPUTS];
        plain_gradient(c, x + INPUTS * row, g, kinks);
        sum += pow(hypot(g[0], g[1]) - 1, 2);
    }
    return lambda * sum / (double)batch;
}
// [/definition]

// Five-point difference by *w; NAN where a unit's kink lies within the stencil.
static double plain_slope(const Plain *c, const double *x, double *w) {
    static const double at[] = {-2, -1, 1, 2}, factor[] = {1, -8, 8, -1};
    const double h = 1e-4, kept = *w;
    double sum = 0;
    uint64_t here = 0, there;
    plain_penalty(c, x, &here);
    for (int k = 0; k < 4; k++) {
        there = 0;
        *w = kept + at[k] * h;
        sum += factor[k] * plain_penalty(c, x, &there) / (12 * h);
        if ((c->act->value == relu || c->act->value == leaky) && there != here) sum = NAN;
    }
    *w = kept;
    return sum;
}

// ---- the sweeps ----

// The penalty's gradient alone, of rows already in place; without_curvature: every c left 0.
// [sweeps]
static void sweep(Net *net, real *norms, double *value, bool without_curvature) {
    const Backend *b = net->backend;
    Rows rows = net_penalty_rows(net);
    net_forward(net, rows, MODE_TRAIN);
    b->fill(rows.count, 1, net_output_delta(net, rows.first));
    net_backward(net, rows, rows);
    const real *g = net_input_delta(net, rows.first);
    b->row_norm(rows.count, INPUTS, g, norms);
    b->penalty(rows.count, INPUTS, lambda, false, g, norms, net->tinput, value);
    net_tangent(net);
    net_curvature(net);
    for (int l = 0; without_curvature && l <= net->top; l++)
        b->fill(rows.count * shape_size(net->layer[l].out), 0, net->layer[l].cy);
    net_zero_gradients(net);
    net_gradient_penalty(net);
}
// [/sweeps]

static void load(Net *net, const Plain *c, const double *x) {
    real *rows = allocate((size_t)(INPUTS * batch), sizeof *rows);
    for (int64_t i = 0; i < INPUTS * batch; i++) rows[i] = (real)x[i];
    net->backend->upload(net_input(net, net_penalty_rows(net).first), rows,
                         (size_t)(INPUTS * batch) * sizeof *rows);
    free(rows);
    for (int l = 0; l < LAYERS; l++) {
        const Layer *layer = &net->layer[l];
        real *w = allocate(layer->weight_count, sizeof *w);
        for (size_t i = 0; i < layer->weight_count; i++) w[i] = (real)c->w[l][i];
        net->backend->upload(layer->weight, w, layer->weight_count * sizeof *w);
        for (size_t i = 0; i < layer->bias_count; i++) w[i] = (real)c->b[l][i];
        net->backend->upload(layer->bias, w, layer->bias_count * sizeof *w);
        free(w);
    }
}

// ---- one critic ----

// Rounded to the build's type at once, so that both sides see the same numbers.
static Plain draw(const Activation *act, Rng *rng) {
    Plain c = {.act = act};
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
        sweep(net, norms, value, mutant);
        net->backend->download(gradient[mutant], net->gradients, net->weight_count * sizeof(real));
    }
    for (int64_t k = 0; k < weights; k++) {
        int l = (int)rng_below(rng, LAYERS);
        size_t i = rng_below(rng, net->layer[l].weight_count);
        double expected = plain_slope(c, x, &c->w[l][i]);
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
    Architecture architecture;
    Net net;
    Error error;
    const char *line = text("input 2; linear %lld %s; linear %lld %s; linear 1", (long long)width,
                            act->word, (long long)width, act->word);
    int status = architecture_parse(&architecture, line, &error);
    if (!status)
        status = net_build(&net, backend, &architecture, NET_PENALTY_REFERENCE, (size_t)batch, 3,
                           false, &error);
    if (status) fail(status, "%s", error.text);
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
