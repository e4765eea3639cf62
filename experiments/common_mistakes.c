// What the usual mistakes in writing down the gradient penalty cost. Each is made here on purpose,
// in a critic's update that is otherwise the right one, and judged by the exact W of the generator.
#include "experiments/common/toy_gan.h"
#include "nets/penalty.h"
#include "toy/statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int64_t seeds, steps, early, batch, width, look_points;
static double rate, lambda;

static const Setting settings[] = {
    {"seeds", SETTING_INTEGER, &seeds, "2", "3", 1, 1000, NULL, "N", "Runs of each mistake"},
    {"steps", SETTING_INTEGER, &steps, "300", "1500", 1, 1e9, NULL, "N", "Generator updates"},
    {"early", SETTING_INTEGER, &early, "100", "500", 1, 1e9, NULL, "N",
     "Generator updates after which W is measured the first time"},
    {"lambda", SETTING_REAL, &lambda, "0.1", NULL, 1e-6, 1e6, NULL, "X", "The penalty's weight"},
    {"rate", SETTING_REAL, &rate, "1e-3", "5e-4", 1e-9, 10, NULL, "X",
     "Learning rate of Adam (0.5, 0.9)"},
    {"batch", SETTING_INTEGER, &batch, "128", NULL, 1, 65536, NULL, "N", "Points in a batch"},
    {"width", SETTING_INTEGER, &width, "64", "128", 1, 65536, NULL, "N",
     "Units in each of three hidden layers, of both networks"},
    {"look-points", SETTING_INTEGER, &look_points, "512", "1024", 2, 20000, NULL, "N",
     "Generated and held-out points that W is measured between"},
    {0},
};

static const Program program = {
    .name = "common_mistakes",
    .summary = "Seven mistakes in the gradient penalty and what each costs a generator on the ring "
               "of Gaussians.",
    .details =
        "Writes common_mistakes.tsv (W early and late, gradient norm and lost rows by mistake "
        "and seed) and the claim C41.\n\n"
        "  experiments/common_mistakes --lambda 10",
    .settings = settings,
    .threads = 1,
};

// [mistakes]
typedef enum {
    CORRECT,
    PARTIAL_NORM, // the norm of each coordinate by itself: one axis of the gradient is not summed
    T_PER_PIXEL,  // a t for every coordinate: x̂ leaves the segment
    T_NORMAL,     // t from N(0, 1): most x̂ lie beyond the samples
    SIGMOID_KEPT, // on the critic's output
    AT_REAL_ONLY, // x̂ = a real sample
    SIGN_FLIPPED, // the critic is trained to call generated samples real
    ROOT_AT_ZERO, // u = (norm − 1)·g/norm where g = 0: 0/0, and NaN in every weight after it
    MISTAKES
} Mistake;
// [/mistakes]
static const char *const NAMES[] = {"none",         "norm by axis", "t per coordinate",
                                    "t normal",     "sigmoid kept", "penalty at real only",
                                    "sign flipped", "root at zero"};

// ---- the critic's update, with a mistake ----

typedef struct {
    Mistake mistake;
    real *t, *norms; // [batch × features] on the device
} Wrong;

// [interpolates]
static void put_interpolates(ToyGan *gan, const Wrong *wrong) {
    Net *net = &gan->critic.net;
    const Backend *b = net->backend;
    size_t rows = net->batch, cols = gan->data->dim, t_rows = rows;
    real *x = net_input(net, 0), *fake = net_input(net, rows), *between = net_input(net, 2 * rows);
    if (wrong->mistake == T_PER_PIXEL) t_rows = rows * cols, cols = 1;
    if (wrong->mistake == T_NORMAL)
        random_draw_normal(b, gan->critic.mix, t_rows, 0, 1, wrong->t);
    else
        random_draw_uniform(b, gan->critic.mix, t_rows, 0, 1, wrong->t);
    if (wrong->mistake == AT_REAL_ONLY)
        b->copy(rows * cols, x, between);
    else
        b->interpolate(t_rows, cols, wrong->t, x, fake, between);
}
// [/interpolates]

// The two sides' losses into the output deltas.
static void put_losses(ToyGan *gan, const Wrong *wrong) {
    Net *net = &gan->critic.net;
    GanTerms terms = gan_terms(GAN_WASSERSTEIN_GP);
    bool flipped = wrong->mistake == SIGN_FLIPPED;
    LossTerm term[] = {flipped ? terms.fake_side : terms.real_side,
                       flipped ? terms.real_side : terms.fake_side};
    for (size_t side = 0; side < 2; side++)
        net->backend->loss(term[side], net->batch, net_output(net, side * net->batch),
                           gan->critic.values + side, net_output_delta(net, side * net->batch));
}

// The norm over one coordinate of each row alone: as many norms as there are coordinates.
static void partial_penalty(ToyGan *gan, const Wrong *wrong) {
    Net *net = &gan->critic.net;
    const Backend *b = net->backend;
    Rows rows = net_penalty_rows(net);
    size_t count = rows.count * gan->data->dim;
    const real *g = net_input_delta(net, rows.first);
    b->row_norm(count, 1, g, wrong->norms);
    b->penalty(count, 1, lambda, false, g, wrong->norms, net_input(net, rows.first),
               gan->critic.values + VALUE_PENALTY);
    net_tangent(net);
    net_gradient_joined(net, (Rows){0, rows.first});
}

// A step of the shared trainer's critic_update(), number by number, where there is no mistake.
// Returns how many rows of x̂ had a gradient of exactly 0, each a NaN for a penalty that divides by
// the norm.
static int64_t update(ToyGan *gan, const Wrong *wrong) {
    Net *net = &gan->critic.net;
    Rows all = {0, 3 * net->batch}, penalised = net_penalty_rows(net);
    put_interpolates(gan, wrong);
    net_forward(net, all, MODE_TRAIN);
    put_losses(gan, wrong);
    net->backend->fill(penalised.count, 1, net_output_delta(net, penalised.first));
    net_backward(net, all, penalised);
    net_zero_gradients(net);
    if (wrong->mistake == PARTIAL_NORM) {
        partial_penalty(gan, wrong);
    } else {
        penalty_gradient(net, (Penalty){lambda, false}, gan->critic.norms,
                         gan->critic.values + VALUE_PENALTY);
    }
    optimiser_step(&gan->critic.optimiser, net);
    if (wrong->mistake != ROOT_AT_ZERO) return 0;

    int64_t zeros = 0;
    real *norms = allocate(net->batch, sizeof *norms);
    net->backend->download(norms, gan->critic.norms, net->batch * sizeof *norms);
    for (size_t i = 0; i < net->batch; i++) zeros += norms[i] == 0;
    free(norms);
    return zeros;
}

// ---- the runs ----

static ToyGanSettings settings_of(Mistake mistake, int64_t seed) {
    const char *line = mlp_line(2, 4, width, 1);
    return (ToyGanSettings){
        .critic = {.architecture = mistake == SIGMOID_KEPT ? text("%s sigmoid", line) : line,
                   .loss = GAN_WASSERSTEIN_GP,
                   .penalty = {.lambda = lambda},
                   .init = INIT_HE_NORMAL,
                   .rule = rule_adam(rate, 0.5, 0.9),
                   .batch = (size_t)batch},
        .generator = {.architecture = mlp_line(2, 4, width, 2),
                      .init = INIT_HE_NORMAL,
                      .rule = rule_adam(rate, 0.5, 0.9),
                      .batch = (size_t)batch},
        .critic_iters = 5,
        .look_points = (size_t)look_points,
        .seed = common.seed + (uint64_t)seed,
    };
}

static Wrong wrong_of(const ToyGan *gan, Mistake mistake) {
    const Backend *b = gan->critic.net.backend;
    size_t size = gan->settings.critic.batch * gan->data->dim * sizeof(real);
    Error error;
    Wrong wrong = {mistake, b->alloc(size, &error), b->alloc(size, &error)};
    if (!wrong.t || !wrong.norms) fail(EXIT_RESOURCE, "%s", error.text);
    return wrong;
}

typedef struct {
    double early, late; // W
    double norm;        // mean ‖∇f‖ at the generated points, at the end
    double first_zero;  // critic update of the first row without a gradient; infinity: none
} Run;

static double mean_slope(ToyGan *gan) {
    size_t n = (size_t)look_points;
    double *slope = allocate(n, 2 * sizeof *slope), sum = 0;
    critic_evaluate(&gan->critic, n, gan->sample, NULL, slope);
    for (size_t i = 0; i < n; i++) sum += hypot(slope[2 * i], slope[2 * i + 1]) / (double)n;
    free(slope);
    return sum;
}

static Run run(const Backend *backend, const ToyData *data, Mistake mistake, int64_t seed) {
    ToyGanSettings chosen = settings_of(mistake, seed);
    ToyGan gan;
    Run r = {.first_zero = INFINITY};
    toy_gan_build(&gan, backend, data, &chosen);
    Wrong wrong = wrong_of(&gan, mistake);
    for (; gan.step < steps; gan.step++) {
        for (int64_t k = 0; k < chosen.critic_iters; k++) {
            toy_gan_put_batch(&gan, k);
            int64_t zeros = update(&gan, &wrong);
            if (zeros) r.first_zero = fmin(r.first_zero, (double)(5 * gan.step + k + 1));
        }
        generator_update(&gan.generator, &gan.critic);
        if (gan.step + 1 == early) toy_gan_look(&gan), r.early = toy_gan_w(&gan);
    }
    critic_losses(&gan.critic);
    toy_gan_look(&gan);
    r.late = toy_gan_w(&gan), r.norm = mean_slope(&gan);
    backend->free(wrong.t), backend->free(wrong.norms);
    toy_gan_free(&gan);
    return r;
}

// ---- verdict ----

typedef struct {
    Summary early, late, norm;
    double first_zero;
} Cost;

static Cost cost_of(const Backend *backend, const ToyData *data, Mistake mistake, Tsv *table) {
    double *x = allocate(3 * (size_t)seeds, sizeof *x), *late = x + seeds, *norm = late + seeds;
    Cost cost = {.first_zero = INFINITY};
    for (int64_t seed = 0; seed < seeds; seed++) {
        Run r = run(backend, data, mistake, seed);
        x[seed] = r.early, late[seed] = r.late, norm[seed] = r.norm;
        cost.first_zero = fmin(cost.first_zero, r.first_zero);
        tsv_text(table, NAMES[mistake]);
        tsv_numbers(table, 5, (double[]){(double)seed, r.early, r.late, r.norm, r.first_zero});
    }
    cost.early = statistics_summary((size_t)seeds, x);
    cost.late = statistics_summary((size_t)seeds, late);
    cost.norm = statistics_summary((size_t)seeds, norm);
    free(x);
    return cost;
}

// A mistake costs something where every run's W, early or late, lies above every run's of the
// correct one, or where a row had no gradient to divide by.
static bool costs(Mistake mistake, const Cost cost[MISTAKES]) {
    const Cost *wrong = &cost[mistake], *correct = &cost[CORRECT];
    if (mistake == ROOT_AT_ZERO && isfinite(wrong->first_zero)) return true;
    return summary_compare(&wrong->early, &correct->early) > 0 ||
           summary_compare(&wrong->late, &correct->late) > 0;
}

static int count_costly(const Cost cost[MISTAKES]) {
    int costly = 0;
    for (Mistake m = CORRECT + 1; m < MISTAKES; m++) costly += costs(m, cost);
    return costly;
}

static Verdict verdict_on(int costly) {
    return costly == MISTAKES - 1 ? HOLDS : costly ? MIXED : FAILS;
}

static const char *found_of(Mistake m, const Cost *cost) {
    if (m == ROOT_AT_ZERO)
        return isfinite(cost->first_zero) ? text("NaN from update %g", cost->first_zero)
                                          : "no row without a gradient";
    return text("%.2f to %.2f, %.2f to %.2f", cost->early.low, cost->early.high, cost->late.low,
                cost->late.high);
}

static void judge(const Cost cost[MISTAKES]) {
    int costly = count_costly(cost);
    const char *list = "";
    for (Mistake m = CORRECT; m < MISTAKES; m++)
        list = text("%s%s%s %s%s", list, *list ? "; " : "", NAMES[m], found_of(m, &cost[m]),
                    m && costs(m, cost) ? " (costs)" : "");
    claim(&(Claim){
        .id = "C41",
        .statement = "the common mistakes in the gradient penalty cost the generator",
        .measured = text("W after %lld steps and after %lld: %s; %d of %d cost something",
                         (long long)early, (long long)steps, list, costly, MISTAKES - 1),
        .expected = "each above the correct one's, early or late, or NaN",
        .tolerance = "the ranges over seeds must not meet",
        .seeds = seeds,
        .verdict = verdict_on(costly),
        .known = MIXED,
    });
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    if (early >= steps)
        fail(EXIT_USAGE, "--early %lld must be fewer than --steps %lld", (long long)early,
             (long long)steps);
    ToyData data = toy_data_open("ring8", NULL);
    const Backend *backend = trainer_backend();
    Tsv *table = tsv_open("", "mistake seed early late norm first_zero");
    Cost cost[MISTAKES];
    printf("%-21s │ %13s │ %13s │ %s\n", "mistake", text("W at %lld", (long long)early),
           text("at %lld", (long long)steps), "gradient norm");
    for (Mistake m = 0; m < MISTAKES; m++) {
        cost[m] = cost_of(backend, &data, m, table);
        printf("%-21s │ %5.3f (%.3f) │ %5.3f (%.3f) │ %.2f%s\n", NAMES[m], cost[m].early.mean,
               summary_deviation(&cost[m].early), cost[m].late.mean,
               summary_deviation(&cost[m].late), cost[m].norm.mean,
               isfinite(cost[m].first_zero)
                   ? text("   a row without a gradient at update %g", cost[m].first_zero)
                   : "");
        progress(m + 1, MISTAKES, "%s", NAMES[m]);
    }
    judge(cost);
    backend->close();
    return experiment_end();
}
