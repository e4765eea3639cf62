// Why a penalised critic must not have batch norm. The penalty is about the gradient of each
// sample's own output by that sample (Gulrajani et al. 2017, section 4, "No critic batch
// normalization"); batch norm makes every sample's gradient a function of all the others. Measured
// as a matrix: how much does the gradient of sample i change when sample j moves?
#include "experiments/common/trainer.h"
#include "nets/penalty.h"
#include "toy/rng.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t batch, width, seeds;
static double step;

static const Setting settings[] = {
    {"batch", SETTING_INTEGER, &batch, "8", NULL, 2, 256, NULL, "N", "Samples in the batch"},
    {"width", SETTING_INTEGER, &width, "32", NULL, 1, 65536, NULL, "N",
     "Units in the critics' two hidden layers"},
    {"seeds", SETTING_INTEGER, &seeds, "3", "20", 1, 10000, NULL, "N", "Critics of each kind"},
    {"step", SETTING_REAL, &step, "0.01", NULL, 1e-6, 1, NULL, "H",
     "How far a sample is moved, each way"},
    {0},
};

static const Program program = {
    .name = "batch_norm_coupling",
    .summary = "How one sample's gradient depends on the others of its batch: not at all without a "
               "norm or with layer norm, on all of them with batch norm.",
    .details = "Writes batch_norm_coupling.tsv (the first seed's matrices) and the claim C40.\n\n"
               "  experiments/batch_norm_coupling --batch 4",
    .settings = settings,
    .threads = 1,
};

typedef enum { NO_NORM, WITH_LAYER_NORM, WITH_BATCH_NORM, NORMS } NormUse;
static const char *const NORM_NAMES[] = {"none", "layer", "batch"};
static const char *const NORM_WORDS[] = {"", " ln", " bn"};

static const char *critic_line(NormUse norm) {
    return text("input 2; linear %lld%s tanh; linear %lld%s tanh; linear 1", (long long)width,
                NORM_WORDS[norm], (long long)width, NORM_WORDS[norm]);
}

// g[i] = ∂f_i/∂x_i plus, where rows are coupled, what the others' outputs add: the gradient of the
// sum of all outputs by x_i, which is what the penalty's backward sweep from 1 gives.
static void gradients(const Critic *critic, const real *x, real *g) {
    const Net *net = &critic->net;
    Rows rows = {0, net->batch};
    net->backend->upload(net_input(net, 0), x, 2 * net->batch * sizeof *x);
    net_forward((Net *)net, rows, MODE_TRAIN);
    net->backend->fill(rows.count, 1, net_output_delta(net, 0));
    net_backward((Net *)net, rows, rows);
    net->backend->download(g, net_input_delta(net, 0), 2 * net->batch * sizeof *g);
}

// [blocks]
// block[i][j]: the norm of the 2×2 matrix ∂g_i/∂x_j, by central differences. Second derivatives of
// one sum, so block[j][i] is the same number, found by moving the other sample.
static void coupling(const Critic *critic, real *x, double *block) {
    size_t n = (size_t)batch;
    real *above = allocate(2 * n, sizeof *above), *below = allocate(2 * n, sizeof *below);
    memset(block, 0, n * n * sizeof *block);
    for (size_t k = 0; k < 2 * n; k++) { // coordinate k is one of sample k/2
        real kept = x[k];
        x[k] = kept + (real)step, gradients(critic, x, above);
        x[k] = kept - (real)step, gradients(critic, x, below);
        x[k] = kept;
        for (size_t l = 0; l < 2 * n; l++) {
            double slope = ((double)above[l] - (double)below[l]) / (2 * step);
            block[l / 2 * n + k / 2] += slope * slope;
        }
    }
    for (size_t k = 0; k < n * n; k++) block[k] = sqrt(block[k]);
    free(above), free(below);
}
// [/blocks]

typedef struct {
    double own, other; // means of the diagonal's blocks and of the rest
} Coupling;

static Coupling measure(const Backend *backend, NormUse norm, int64_t seed, Tsv *table) {
    size_t n = (size_t)batch;
    CriticSettings chosen = {.architecture = critic_line(norm),
                             .loss = GAN_WASSERSTEIN,
                             .init = INIT_GLOROT_NORMAL,
                             .rule = rule_default(RULE_SGD, 0),
                             .batch = n};
    Critic critic;
    critic_build(&critic, backend, &chosen, common.seed + (uint64_t)seed);
    Rng rng = rng_stream(common.seed + (uint64_t)seed, 1);
    real *x = allocate(2 * n, sizeof *x);
    for (size_t k = 0; k < 2 * n; k++) x[k] = (real)rng_normal(&rng);
    double *block = allocate(n * n, sizeof *block);
    coupling(&critic, x, block);
    Coupling c = {0, 0};
    for (size_t k = 0; k < n * n; k++) {
        size_t i = k / n, j = k % n;
        if (i == j)
            c.own += block[k] / (double)n;
        else
            c.other += block[k] / (double)(n * (n - 1));
        if (seed) continue;
        tsv_text(table, NORM_NAMES[norm]);
        tsv_numbers(table, 3, (double[]){(double)i, (double)j, block[k]});
    }
    free(x), free(block);
    critic_free(&critic);
    return c;
}

// Does the library refuse such a critic under the penalty, as it says?
static bool refused(const Backend *backend, NormUse norm) {
    Architecture architecture;
    Net net;
    Error error;
    if (architecture_parse(&architecture, critic_line(norm), &error))
        fail(EXIT_USAGE, "%s", error.text);
    int status =
        net_build(&net, backend, &architecture, NET_PENALTY, (size_t)batch, 3, false, &error);
    net_free(&net);
    if (status == EXIT_RESOURCE) fail(status, "%s", error.text);
    return status == EXIT_USAGE;
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    const Backend *backend = trainer_backend();
    Tsv *table = tsv_open("", "norm i j block");
    double least[NORMS], most[NORMS];
    bool refuses_right = true;
    printf("%-6s │ %22s │ %22s │ under the penalty\n", "norm", "by the sample itself",
           "by each other sample");
    for (NormUse norm = 0; norm < NORMS; norm++) {
        double own[2] = {INFINITY, 0};
        least[norm] = INFINITY, most[norm] = 0;
        for (int64_t seed = 0; seed < seeds; seed++) {
            Coupling c = measure(backend, norm, seed, table);
            own[0] = fmin(own[0], c.own), own[1] = fmax(own[1], c.own);
            least[norm] = fmin(least[norm], c.other), most[norm] = fmax(most[norm], c.other);
            progress(norm * seeds + seed + 1, NORMS * seeds, "%s", NORM_NAMES[norm]);
        }
        bool no = refused(backend, norm);
        refuses_right &= no == (norm == WITH_BATCH_NORM);
        printf("%-6s │ %8.3g to %-8.3g   │ %8.3g to %-8.3g   │ %s\n", NORM_NAMES[norm], own[0],
               own[1], least[norm], most[norm], no ? "refused" : "accepted");
    }
    backend->close();
    bool apart = most[NO_NORM] == 0 && most[WITH_LAYER_NORM] == 0;
    claim(&(Claim){
        .id = "C40",
        .statement =
            "batch norm in the critic makes a sample's gradient depend on the others of its "
            "batch, layer norm does not",
        .measured =
            text("mean norm of ∂g_i/∂x_j, i ≠ j: %.3g without a norm, %.3g with layer norm, "
                 "%.3g to %.3g with batch norm; batch norm %s under the penalty",
                 most[NO_NORM], most[WITH_LAYER_NORM], least[WITH_BATCH_NORM],
                 most[WITH_BATCH_NORM], refuses_right ? "alone refused" : "not told apart"),
        .expected = "0, 0, above 0",
        .tolerance = "exact",
        .seeds = seeds,
        .verdict = apart && least[WITH_BATCH_NORM] > 0 && refuses_right ? HOLDS : FAILS,
        .known = HOLDS,
    });
    return experiment_end();
}
