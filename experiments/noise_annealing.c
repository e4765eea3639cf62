// Noise on both, data and samples (Arjovsky and Bottou 2017, "Towards Principled Methods for
// Training Generative Adversarial Networks", section 3): supports overlap, JS has a slope, and a
// generator that was stuck moves. What does it buy, and what does it cost?
//
// The data are the segment (0, Z), the generator's samples the segment (θ, Z), Z uniform on [0, 1].
#include "experiments/common/trainer.h"
#include "kernels/scalar.h"
#include "toy/divergence.h"
#include "toy/lines.h"
#include "toy/log_loss.h"
#include "toy/noise_bound.h"
#include "toy/noisy_lines.h"
#include "toy/quadrature.h"
#include "toy/statistics.h"
#include "toy/tails.h"
#include "toy/transport.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static double theta_max, start, fit_rate, noise_start, noise_end, rate, adam_rate, log_rate;
static int64_t points, samples, cloud, seeds, batch, fit_updates, pairs, steps, updates, warmup;
static Reals sigmas, levels;
static const char *discriminator;

static const Setting settings[] = {
    {"sigmas", SETTING_REALS, &sigmas, "0.1,0.2,0.5,1", NULL, 1e-3, 100, NULL, "A,B,...",
     "σ of the noise in the sweep over θ, besides 0"},
    {"theta-max", SETTING_REAL, &theta_max, "2", NULL, 1e-3, 1e3, NULL, "X",
     "The sweep goes over θ from 0 to X"},
    {"points", SETTING_INTEGER, &points, "41", "81", 2, 1e5, NULL, "N",
     "How many θ, evenly spaced"},
    {"samples", SETTING_INTEGER, &samples, "4000", "40000", 2, 1e7, NULL, "N",
     "Points of each distribution in a histogram"},
    {"levels", SETTING_REALS, &levels, "2,1,0.7,0.5,0.3,0.2,0.1", NULL, 1e-2, 100, NULL, "A,B,...",
     "σ at which a discriminator is trained on one pair, θ = --start"},
    {"fit-updates", SETTING_INTEGER, &fit_updates, "1500", "10000", 1, 1e7, NULL, "N",
     "Its updates, from fresh weights"},
    {"fit-rate", SETTING_REAL, &fit_rate, "0.003", NULL, 1e-9, 1, NULL, "X",
     "First learning rate (Adam) of these, falling linearly to 0"},
    {"cloud", SETTING_INTEGER, &cloud, "256", "1024", 2, 5000, NULL, "N",
     "Points of each distribution in exact transport"},
    {"pairs", SETTING_INTEGER, &pairs, "300", "1500", 1, 1e6, NULL, "N",
     "Random pairs on which the bound is tried"},
    {"discriminator", SETTING_TEXT, &discriminator,
     "input 2; linear 32 leaky 0.2; linear 32 leaky 0.2; linear 1", NULL, 0, 0, NULL, "LINE",
     "Its architecture"},
    {"batch", SETTING_INTEGER, &batch, "128", NULL, 1, 1e6, NULL, "N", "Points of each side"},
    {"seeds", SETTING_INTEGER, &seeds, "2", "8", 1, 1000, NULL, "N",
     "Repetitions of everything that is trained"},
    {"start", SETTING_REAL, &start, "1", NULL, 1e-3, 1e3, NULL, "X", "θ before training"},
    {"steps", SETTING_INTEGER, &steps, "100", NULL, 4, 1e6, NULL, "N", "Steps of θ"},
    {"updates", SETTING_INTEGER, &updates, "20", "100", 1, 1e6, NULL, "N",
     "Updates of the discriminator before each step"},
    {"warmup", SETTING_INTEGER, &warmup, "500", "2000", 0, 1e6, NULL, "N",
     "Further updates before the first"},
    {"noise-start", SETTING_REAL, &noise_start, "0.5", NULL, 1e-3, 100, NULL, "X",
     "σ at the first step"},
    {"noise-end", SETTING_REAL, &noise_end, "0.02", NULL, 1e-3, 100, NULL, "X",
     "σ at the last step: it falls by the same factor each step"},
    {"rate", SETTING_REAL, &rate, "0.2", NULL, 1e-6, 100, NULL, "X",
     "SGD's step along the saturating loss is X σ², or X times the first σ² where it is constant"},
    {"adam-rate", SETTING_REAL, &adam_rate, "0.02", NULL, 1e-9, 10, NULL, "X",
     "Adam's first step on θ, falling linearly to 0"},
    {"log-rate", SETTING_REAL, &log_rate, "0.002", NULL, 1e-9, 10, NULL, "X",
     "SGD's first step along −log D without noise, falling linearly to 0"},
    {0},
};

static const Program program = {
    .name = "noise_annealing",
    .summary = "Noise on data and samples gives the Jensen–Shannon divergence a slope and moves a "
               "generator that was stuck; the price is a schedule, and a value that says nothing.",
    .details =
        "Writes noise_annealing.tsv (JS and its slope by σ and θ), noise_annealing_reach.tsv (how "
        "far a slope reaches), noise_annealing_value.tsv (one pair, many σ), "
        "noise_annealing_bound.tsv (a bound on W, pair by pair), noise_annealing_path.tsv, "
        "noise_annealing_optimal.tsv and noise_annealing_methods.tsv (training) beside the claims "
        "C21 to C24.\n\n"
        "  experiments/noise_annealing --noise-start 0.1",
    .settings = settings,
    .threads = 1,
};

// Independent streams of random numbers, by what they are drawn for.
enum {
    FOR_SWEEP,
    FOR_FLOOR,
    FOR_REACH,
    FOR_FIT,
    FOR_CLOUD,
    FOR_PAIRS,
    FOR_PATH,
    FOR_CLOUD_FLOOR,
    FOR_PROGRESS
};
static Rng stream(int purpose, int64_t index) {
    return rng_stream(common.seed, (uint64_t)purpose << 32 | (uint64_t)index);
}

static const Backend *backend;

// ---- JS against θ, for several σ (C21) ----

// By quadrature: all depends on θ/σ.
static NoisyLines exact(double theta, double sigma) {
    NoisyLines lines;
    int status = noisy_lines(&lines, fabs(theta) / sigma);
    if (status) fail(EXIT_RESOURCE, "quadrature: %s", quadrature_message(status));
    return lines;
}

static double exact_js(double theta, double sigma) {
    return M_LN2 - exact(theta, sigma).gap;
}

// [measure]
static void draw(double theta, double sigma, Rng rng, size_t n, double *here, double *there) {
    noisy_line_sample((NoisyLine){0, sigma}, &rng, n, here);
    noisy_line_sample((NoisyLine){theta, sigma}, &rng, n, there);
}

// By samples: a histogram of the plane, which knows nothing of Gaussians or of directions.
static double sampled_js(double theta, double sigma, double cell, Rng rng) {
    size_t n = (size_t)samples;
    double *here = allocate(n, 2 * sizeof *here), *there = allocate(n, 2 * sizeof *there);
    draw(theta, sigma, rng, n, here, there);
    Divergences d;
    int status = divergences_points(&d, cell, 2, n, here, NULL, n, there, NULL);
    if (status) fail(EXIT_RESOURCE, "histogram: %s", divergences_message(status));
    free(here), free(there);
    return d.js;
}
// [/measure]

// What two samples of one distribution measure: the largest of so many.
enum { FLOORS = 10 };
static double js_floor(double sigma, double cell, int64_t index) {
    double largest = 0;
    for (int r = 0; r < FLOORS; r++) {
        Rng rng = stream(FOR_FLOOR, FLOORS * index + r);
        largest = maximum(largest, sampled_js(0, sigma, cell, rng));
    }
    return largest;
}

static struct {
    double least_slope;      // σ > 0, θ > 0
    double slope_error;      // formula against difference quotient of JS, times σ
    double sample_error;     // |JS_emp − JS| where σ > 0
    double floor;            // its limit, the largest
    double flat_lo, flat_hi; // JS_emp where σ = 0 and θ ≥ a cell
    double flat_from;        // the first θ/σ at which JS in double is log 2
    double zero_from;        // and at which its slope is 0
} seen = {
    .least_slope = INFINITY, .flat_lo = INFINITY, .flat_from = INFINITY, .zero_from = INFINITY};

// Without noise: the closed form, and what the samples say of it.
static void sweep_bare(Tsv *table, double theta, double cell, Rng rng) {
    double sampled = sampled_js(theta, 0, cell, rng);
    tsv_numbers(
        table, 6,
        (double[]){0, theta, lines_distances(theta).js, lines_slopes(theta).js, NAN, sampled});
    if (theta < cell) return;
    seen.flat_lo = minimum(seen.flat_lo, sampled), seen.flat_hi = maximum(seen.flat_hi, sampled);
}

static void sweep_noisy(Tsv *table, double theta, double sigma, double cell, Rng rng) {
    double js = exact_js(theta, sigma), slope = exact(theta, sigma).slope / sigma;
    double h = 1e-3 * sigma, sampled = sampled_js(theta, sigma, cell, rng);
    double quotient = (exact_js(theta + h, sigma) - exact_js(theta - h, sigma)) / (2 * h);
    tsv_numbers(table, 6, (double[]){sigma, theta, js, slope, quotient, sampled});
    if (theta > 0) seen.least_slope = minimum(seen.least_slope, slope);
    seen.slope_error = maximum(seen.slope_error, sigma * fabs(slope - quotient));
    seen.sample_error = maximum(seen.sample_error, fabs(sampled - js));
}

static double least_sigma(void) {
    double least = INFINITY;
    for (size_t s = 0; s < sigmas.count; s++) least = minimum(least, sigmas.at[s]);
    return least;
}

static void sweep(void) {
    Tsv *table = tsv_open("", "sigma theta JS dJS dJS_diff JS_emp");
    for (int64_t s = 0; s <= (int64_t)sigmas.count; s++) {
        double sigma = s ? sigmas.at[s - 1] : 0, cell = (s ? sigma : least_sigma()) / 2;
        if (s) seen.floor = maximum(seen.floor, js_floor(sigma, cell, s));
        for (int64_t k = 0; k < points; k++) {
            double theta = theta_max * (double)k / (double)(points - 1);
            Rng rng = stream(FOR_SWEEP, s * points + k);
            if (s)
                sweep_noisy(table, theta, sigma, cell, rng);
            else
                sweep_bare(table, theta, cell, rng);
            progress(s * points + k, ((int64_t)sigmas.count + 1) * points, "JS at σ = %g", sigma);
        }
    }
}

// ---- how far the slope reaches ----

// The slope that a batch of noisy samples x shows to the best discriminator: the mean of
// (s/2) D*(x), s = θ/σ and x in units of σ. On most of them D* is as good as 0.
static double slope_of_batch(double shift, Rng *rng) {
    double sum = 0;
    for (int64_t i = 0; i < batch; i++) {
        double x = shift + rng_normal(rng), odds = exp(shift * (0.5 * shift - x));
        sum += odds / (1 + odds);
    }
    return 0.5 * shift * sum / (double)batch;
}

static double median(size_t count, double *values) {
    sort_ascending(count, values);
    return quantile(count, values, 0.5);
}

enum { REACH_ROWS = 160, REACH_BATCHES = 101 };
static void reach(void) {
    Tsv *table = tsv_open("reach", "shift gap slope slope_batch flat");
    for (int k = 1; k <= REACH_ROWS; k++) {
        double shift = 0.5 * k, batches[REACH_BATCHES];
        NoisyLines lines = exact(shift, 1);
        Rng rng = stream(FOR_REACH, k);
        for (int r = 0; r < REACH_BATCHES; r++) batches[r] = slope_of_batch(shift, &rng);
        bool flat = M_LN2 - lines.gap == M_LN2; // a double no longer tells JS from log 2
        if (flat) seen.flat_from = minimum(seen.flat_from, shift);
        if (lines.slope == 0) seen.zero_from = minimum(seen.zero_from, shift);
        tsv_numbers(
            table, 5,
            (double[]){shift, lines.gap, lines.slope, median(REACH_BATCHES, batches), flat});
    }
}

// ---- training a discriminator on noisy points ----

static void build(Critic *d, Rule rule, uint64_t seed) {
    CriticSettings s = {.architecture = discriminator,
                        .loss = GAN,
                        .init = INIT_HE_NORMAL,
                        .rule = rule,
                        .batch = (size_t)batch};
    critic_build(d, backend, &s, seed);
}

static void train(Critic *d, int64_t count, double theta, double sigma, Rng *rng) {
    double *xy = allocate((size_t)batch, 2 * sizeof *xy);
    for (int64_t u = 0; u < count; u++) {
        noisy_line_sample((NoisyLine){0, sigma}, rng, (size_t)batch, xy);
        critic_put_real(d, xy);
        noisy_line_sample((NoisyLine){theta, sigma}, rng, (size_t)batch, xy);
        critic_put_fake(d, xy);
        critic_update(d);
    }
    critic_losses(d); // ends the program where they are not finite
    free(xy);
}

// ---- one pair, many σ: what the loss of the best discriminator says (C22, C23) ----

// [loss]
// −V = E_r[−log D] + E_g[−log(1 − D)], summed over cells of the plane, so that no sample blurs it:
// of a trained D, or where d is NULL of D* = p/(p + q), whose logit is log p − log q.
static double loss(Critic *d, double theta, double sigma) {
    NoisyLine real = {0, sigma}, fake = {theta, sigma};
    double cell = sigma / 4, margin = 7 * sigma, sum = 0;
    size_t columns = (size_t)ceil((theta + 2 * margin) / cell);
    size_t rows = (size_t)ceil((1 + 2 * margin) / cell);
    double *xy = allocate(rows, 2 * sizeof *xy), *logit = allocate(rows, sizeof *logit);
    for (size_t i = 0; i < columns; i++) {
        for (size_t j = 0; j < rows; j++) {
            xy[2 * j] = ((double)i + 0.5) * cell - margin;
            xy[2 * j + 1] = ((double)j + 0.5) * cell - margin;
        }
        if (d) critic_evaluate(d, rows, xy, logit, NULL);
        for (size_t j = 0; j < rows; j++) {
            double log_p = noisy_line_log_density(&real, xy + 2 * j);
            double log_q = noisy_line_log_density(&fake, xy + 2 * j);
            double x = d ? logit[j] : log_p - log_q;
            sum += exp(log_p) * log_one_plus_exp(-x) + exp(log_q) * log_one_plus_exp(x);
        }
    }
    free(xy), free(logit);
    return require_finite(sum * cell * cell, "the discriminator's loss");
}
// [/loss]

static double trained_loss(double sigma, int64_t index) {
    Critic d;
    Rule rule = rule_default(RULE_ADAM, fit_rate);
    rule.horizon = (uint64_t)fit_updates;
    build(&d, rule, common.seed + (uint64_t)index);
    Rng rng = stream(FOR_FIT, index);
    train(&d, fit_updates, start, sigma, &rng);
    double result = loss(&d, start, sigma);
    critic_free(&d);
    return result;
}

// W between samples, exact.
static double transport(double theta, double sigma, Rng rng) {
    size_t n = (size_t)cloud;
    double *here = allocate(n, 2 * sizeof *here), *there = allocate(n, 2 * sizeof *there);
    draw(theta, sigma, rng, n, here, there);
    Transport t;
    int status = transport_solve(&t, COST_L2, 2, n, here, NULL, n, there, NULL);
    if (status) fail(EXIT_RESOURCE, "transport: %s", transport_error(status));
    double result = t.value;
    transport_free(&t), free(here), free(there);
    return result;
}

// The same where there is nothing to move: the largest of so many.
static double transport_floor(double sigma, int64_t level) {
    double largest = 0;
    for (int r = 0; r < FLOORS; r++) {
        Rng rng = stream(FOR_CLOUD_FLOOR, FLOORS * level + r);
        largest = maximum(largest, transport(0, sigma, rng));
    }
    return largest;
}

static struct {
    double identity; // largest |loss of D* − (2 log 2 − 2 JS)|
    Range excess;    // loss of the trained D less that of D*
    Range js, w;     // of the noisy pair, over σ
    double off;      // largest |W − θ| / floor
} valued;

static void value_at(Tsv *table, int64_t level) {
    double sigma = levels.at[level], js = exact_js(start, sigma), best = loss(NULL, start, sigma);
    Range trained = RANGE_EMPTY;
    double sum = 0;
    for (int64_t s = 0; s < seeds; s++) {
        double l = trained_loss(sigma, level * seeds + s);
        sum += l, range_widen(&trained, l), range_widen(&valued.excess, l - best);
        progress(level * seeds + s, (int64_t)levels.count * seeds, "discriminator, σ = %g", sigma);
    }
    double w = transport(start, sigma, stream(FOR_CLOUD, level));
    double least_w = transport_floor(sigma, level);
    tsv_numbers(
        table, 8,
        (double[]){sigma, js, best, sum / (double)seeds, trained.low, trained.high, w, least_w});
    printf("%7.3g │ %6.4f %7.4f │ %7.4f to %6.4f │ %6.4f ± %.4f\n", sigma, js, M_LN2 - best / 2,
           M_LN2 - trained.high / 2, M_LN2 - trained.low / 2, w, least_w);
    valued.identity = maximum(valued.identity, fabs(best - (2 * M_LN2 - 2 * js)));
    range_widen(&valued.js, js), range_widen(&valued.w, w);
    valued.off = maximum(valued.off, fabs(w - start) / least_w);
}

static void value(void) {
    Tsv *table = tsv_open("value", "sigma JS loss_best loss_D loss_D_low loss_D_high W floor");
    valued.excess = valued.js = valued.w = RANGE_EMPTY;
    printf("One pair, θ = %g, under noise of many σ. JS by quadrature, from the loss of D*, from "
           "that of a trained D;\nW of noisy samples, ± what it is between two of one side:\n",
           start);
    printf("%7s  │ %6s %7s │ %17s │ %6s\n", "σ", "JS", "by D*", "by trained D", "W");
    for (int64_t level = 0; level < (int64_t)levels.count; level++) value_at(table, level);
}

// ---- the bound W ≤ 2 √V + 2 C √JS, pair by pair (C23) ----

static struct {
    int64_t tried, kept, kept_by_root; // the paper's bound, and the one with √2 in place of 2
    double steepest;                   // largest (W − 2 √V)/(C √JS)
} bounded;

// [bound]
static void try_bound(Tsv *table, NoisePair pair) {
    NoiseBound b;
    int status = noise_bound(&b, &pair);
    if (status) fail(EXIT_RESOURCE, "bound: %s", noise_bound_message(status));
    double spread = b.diameter * sqrt(b.js), bound = 2 * b.root_v + 2 * spread;
    double slack = 1e-9 * b.diameter; // rounding
    bounded.tried++;
    bounded.kept += b.w <= bound + slack;
    bounded.kept_by_root += b.w <= 2 * b.root_v + M_SQRT2 * spread + slack;
    if (b.js > 0) bounded.steepest = maximum(bounded.steepest, (b.w - 2 * b.root_v) / spread);
    double row[] = {(double)pair.dim, pair.half, b.w, b.root_v, b.diameter, b.js, b.tv, bound};
    tsv_text(table, pair.family);
    tsv_numbers(table, 8, row);
}

static void bound(void) {
    Tsv *table = tsv_open("bound", "family dim half W root_V C JS TV bound");
    for (int k = 1; k <= 20; k++) try_bound(table, noise_pair_swapped(0.05 * k));
    for (int theta = 0; theta <= 20; theta += 2)
        for (int half = 1; half <= 8; half *= 2) try_bound(table, noise_pair_lines(theta, half));
    for (int64_t k = 0; k < pairs; k++) {
        Rng rng = stream(FOR_PAIRS, k);
        try_bound(table, noise_pair_random(&rng));
        progress(k, pairs, "the bound");
    }
    printf("\nThe bound W ≤ 2 √V + 2 C √JS holds for %lld of %lld pairs, with √2 C √JS for %lld.\n",
           (long long)bounded.kept, (long long)bounded.tried, (long long)bounded.kept_by_root);
}
// [/bound]

// ---- training θ (C24) ----

// [methods]
typedef struct {
    const char *name;
    bool noise;
    double speed; // the noise is at its end after steps/speed steps; 0: it stays at its start
    bool follows; // the step is rate · σ², else rate · the first σ²
    bool log_d;   // −log D, else the saturating log(1 − D)
    RuleKind rule;
} Method;

enum { PLAIN, ANNEALED, STEADY, CONSTANT, HURRIED, ADAM, LOG_D, METHODS };
static const Method methods[METHODS] = {
    [PLAIN] = {"plain", false, 0, false, false, RULE_SGD},
    [ANNEALED] = {"annealed", true, 1, true, false, RULE_SGD},
    [STEADY] = {"steady", true, 0, false, false, RULE_SGD},
    [CONSTANT] = {"constant", true, 1, false, false, RULE_SGD},
    [HURRIED] = {"hurried", true, 4, true, false, RULE_SGD},
    [ADAM] = {"adam", false, 0, false, false, RULE_ADAM},
    [LOG_D] = {"log_d", false, 0, false, true, RULE_SGD},
};

static double sigma_at(const Method *method, int64_t step) {
    double share = fmin(1, method->speed * (double)step / (double)steps);
    return method->noise ? noise_start * pow(noise_end / noise_start, share) : 0;
}

// What moves θ at this step; the two that need no noise have rates of their own, falling to 0.
static Rule rule_at(const Method *method, double sigma) {
    double scale = method->follows ? sigma : noise_start;
    Rule rule = rule_default(method->rule, rate * scale * scale);
    if (method->log_d || method->rule == RULE_ADAM) {
        rule.rate = method->log_d ? log_rate : adam_rate;
        rule.horizon = (uint64_t)steps;
    }
    return rule;
}
// [/methods]

// [step]
typedef struct {
    double theta;
    real m, v;    // the optimiser's moments
    double js;    // log 2 − ½ loss of D on fresh points
    double slope; // of the generator's loss in θ, by the same points
} Player;

// θ moves every noisy sample along the first axis, so the loss's slope is a mean over the samples
// x: of −D ∂f/∂x_1 for log(1 − D), of −(1 − D) ∂f/∂x_1 for −log D; f is D's logit.
static void look(Player *player, const Method *method, Critic *d, double sigma, Rng *rng) {
    size_t n = 4 * (size_t)batch;
    double *xy = allocate(n, 2 * sizeof *xy), *f = allocate(n, sizeof *f);
    double *df = allocate(n, 2 * sizeof *df), sum = 0;
    noisy_line_sample((NoisyLine){0, sigma}, rng, n, xy);
    critic_evaluate(d, n, xy, f, NULL);
    for (size_t i = 0; i < n; i++) sum += log_one_plus_exp(-f[i]);
    noisy_line_sample((NoisyLine){player->theta, sigma}, rng, n, xy);
    critic_evaluate(d, n, xy, f, df);
    player->slope = 0;
    for (size_t i = 0; i < n; i++) {
        double weight = 1 / (1 + exp(method->log_d ? f[i] : -f[i]));
        player->slope -= weight * df[2 * i] / (double)n;
        sum += log_one_plus_exp(f[i]);
    }
    player->js = M_LN2 - 0.5 * sum / (double)n;
    require_finite(player->js + player->slope, "the generator's slope or D's loss");
    free(xy), free(f), free(df);
}

static void move(Player *player, const Method *method, double sigma, int64_t step) {
    real change = 0;
    RuleStep s = rule_step(rule_at(method, sigma), (uint64_t)step + 1);
    rule_apply(method->rule, s, (real)player->slope, &change, &player->m, &player->v);
    player->theta += (double)change;
}
// [/step]

// |θ| over a run: at its end, at its least, and at its most in the last quarter.
typedef struct {
    double end, closest, late;
    double first_js, last_js; // by D
    double first_w, last_w;   // of samples without noise
} Run;

static Run run_once(Tsv *paths, const Method *method, int64_t seed) {
    Critic d;
    int64_t index = (method - methods) * seeds + seed;
    build(&d, rule_default(RULE_ADAM, fit_rate), common.seed + (uint64_t)index);
    Rng rng = stream(FOR_PATH, index);
    Player player = {.theta = start};
    Run run = {.closest = INFINITY,
               .first_w = transport(start, 0, stream(FOR_PROGRESS, 2 * index))};
    for (int64_t k = 0; k <= steps; k++) {
        double sigma = sigma_at(method, k);
        train(&d, updates + (k ? 0 : warmup), player.theta, sigma, &rng);
        look(&player, method, &d, sigma, &rng);
        run.end = fabs(player.theta), run.closest = minimum(run.closest, run.end);
        if (4 * k >= 3 * steps) run.late = maximum(run.late, run.end);
        if (k == 0) run.first_js = player.js;
        run.last_js = player.js;
        if (k % 2 == 0) {
            double js =
                sigma > 0 ? exact_js(player.theta, sigma) : lines_distances(player.theta).js;
            tsv_text(paths, method->name);
            tsv_numbers(paths, 7,
                        (double[]){(double)seed, (double)k, sigma, player.theta, player.slope, js,
                                   player.js});
        }
        if (k < steps) move(&player, method, sigma, k);
    }
    run.last_w = transport(player.theta, 0, stream(FOR_PROGRESS, 2 * index + 1));
    critic_free(&d);
    return run;
}

static struct {
    Range end, closest, late; // over seeds
    Range js_rise, w_rise;    // last less first: JS by D, W of samples
    double median;            // of end
} trained[METHODS];

static void run_method(Tsv *paths, Tsv *table, int m) {
    trained[m].end = trained[m].closest = trained[m].late = RANGE_EMPTY;
    trained[m].js_rise = trained[m].w_rise = RANGE_EMPTY;
    double *ends = allocate((size_t)seeds, sizeof *ends);
    for (int64_t seed = 0; seed < seeds; seed++) {
        progress(m * seeds + seed, METHODS * seeds, "training, %s", methods[m].name);
        Run run = run_once(paths, &methods[m], seed);
        ends[seed] = run.end;
        range_widen(&trained[m].end, run.end), range_widen(&trained[m].closest, run.closest);
        range_widen(&trained[m].late, run.late);
        range_widen(&trained[m].js_rise, run.last_js - run.first_js);
        range_widen(&trained[m].w_rise, run.last_w - run.first_w);
    }
    trained[m].median = median((size_t)seeds, ends);
    free(ends);
    tsv_text(table, methods[m].name);
    tsv_numbers(table, 10,
                (double[]){trained[m].end.low, trained[m].median, trained[m].end.high,
                           trained[m].closest.high, trained[m].late.low, trained[m].late.high,
                           trained[m].js_rise.low, trained[m].js_rise.high, trained[m].w_rise.low,
                           trained[m].w_rise.high});
    printf("%-9s │ %8.5f %8.5f %8.5f │ %8.5f │ %8.5f\n", methods[m].name, trained[m].end.low,
           trained[m].median, trained[m].end.high, trained[m].closest.high, trained[m].late.high);
}

// The same paths with D* itself: the slope of E_g log(1 − D*) is 2 dJS/dθ.
static void run_optimal(void) {
    static const int with_noise[] = {ANNEALED, STEADY, CONSTANT, HURRIED};
    Tsv *table = tsv_open("optimal", "step annealed steady constant hurried");
    double theta[] = {start, start, start, start};
    for (int64_t k = 0; k <= steps; k++) {
        tsv_numbers(table, 5, (double[]){(double)k, theta[0], theta[1], theta[2], theta[3]});
        for (int i = 0; i < 4; i++) {
            const Method *method = &methods[with_noise[i]];
            double sigma = sigma_at(method, k);
            double slope = 2 * copysign(exact(theta[i], sigma).slope / sigma, theta[i]);
            theta[i] -= rule_at(method, sigma).rate * slope;
        }
    }
}

static void descend(void) {
    Tsv *paths = tsv_open("path", "method seed step sigma theta slope JS JS_D");
    Tsv *table =
        tsv_open("methods", "method end_low end_median end_high closest late_low late_high "
                            "JS_rise_low JS_rise_high W_rise_low W_rise_high");
    printf("\nTraining θ from %g towards 0, %lld steps, seeds: %lld\n%-9s │ %26s │ %8s │ %s\n",
           start, (long long)steps, (long long)seeds, "", "|θ| at the end: low, median, high",
           "closest", "worst of the last quarter");
    for (int m = 0; m < METHODS; m++) run_method(paths, table, m);
    run_optimal();
}

// ---- verdicts ----

static Verdict verdict(bool holds) {
    return holds ? HOLDS : FAILS;
}

static void judge_slope(void) {
    bool slopes = seen.least_slope > 0 && seen.slope_error <= 1e-6;
    bool flat = fabs(seen.flat_lo - M_LN2) <= 1e-12 && fabs(seen.flat_hi - M_LN2) <= 1e-12;
    double width = 0.01; // what cells of half a σ hide
    claim(&(Claim){
        .id = "C21",
        .statement = "noise on both makes JS smooth in θ, with a slope that is not 0 for θ ≠ 0; "
                     "without noise it is 0",
        .measured =
            text("σ > 0: slope ≥ %.2g, off its difference quotient by %.1g/σ, JS of samples "
                 "off by %.2g; σ = 0: JS of samples from %.9g to %.9g. In double, JS is log 2 "
                 "from θ/σ = %g, its slope 0 from %g",
                 seen.least_slope, seen.slope_error, seen.sample_error, seen.flat_lo, seen.flat_hi,
                 seen.flat_from, seen.zero_from),
        .expected = "slope > 0; 0; 0; log 2 throughout",
        .tolerance = text("1e-06/σ; floor %.2g + %g; 1e-12", seen.floor, width),
        .seeds = 1,
        .verdict = verdict(slopes && flat && seen.sample_error <= seen.floor + width),
        .known = HOLDS,
    });
}

static void judge_loss(void) {
    double tolerance = 0.005;
    claim(&(Claim){
        .id = "C22",
        .statement = "the least loss −V over all D is 2 log 2 − 2 JS of the noisy pair",
        .measured = text("loss of D* off by %.1g; trained D above it by %.2g to %.2g",
                         valued.identity, valued.excess.low, valued.excess.high),
        .expected = "0; ≥ 0 and small",
        .tolerance = text("1e-08; %g", tolerance),
        .seeds = seeds,
        .verdict = verdict(valued.identity <= 1e-8 && valued.excess.low >= -1e-8 &&
                           valued.excess.high <= tolerance),
        .known = HOLDS,
    });
}

static void judge_value(void) {
    bool js_is_of_noise = valued.js.high - valued.js.low > 0.5, w_is_theta = valued.off <= 1;
    Range js = trained[HURRIED].js_rise, w = trained[HURRIED].w_rise;
    claim(&(Claim){
        .id = "C23",
        .statement = "the value depends on σ, so under annealing it measures no progress; W does, "
                     "and W ≤ 2 √V + 2 C √JS for bounded noise",
        .measured = text(
            "one pair, many σ: JS %.3g to %.3g, W of noisy samples %.3f to %.3f, off θ by %.2g "
            "floors; annealed too fast, JS by D changes by %+.2g to %+.2g, W by %+.2g to "
            "%+.2g; bound kept by %lld of %lld pairs, (W − 2√V)/(C√JS) ≤ %.3f",
            valued.js.low, valued.js.high, valued.w.low, valued.w.high, valued.off, js.low, js.high,
            w.low, w.high, (long long)bounded.kept, (long long)bounded.tried, bounded.steepest),
        .expected = "JS moves by > 0.5, W is θ; JS rises, W falls; all pairs, ≤ 2",
        .tolerance = "W: 1 floor, which two samples of one side have; none",
        .seeds = seeds,
        .verdict = verdict(js_is_of_noise && w_is_theta && js.low > 0 && w.high < 0 &&
                           bounded.kept == bounded.tried),
        .known = HOLDS,
    });
}

static void judge_training(void) {
    double moved =
        maximum(1 - trained[PLAIN].closest.low / start, trained[PLAIN].late.high / start - 1);
    double left = trained[ANNEALED].end.high / start;
    claim(&(Claim){
        .id = "C24",
        .statement = "annealed noise moves a generator that the plain GAN (saturating loss, SGD, D "
                     "near its optimum) leaves where it is",
        .measured = text("share of the way: ≤ %.2g without noise; left over with it ≤ %.2g; with a "
                         "constant step |θ| up to %.2g late; without noise Adam ends at %.2g, "
                         "−log D at %.2g",
                         moved, left, trained[CONSTANT].late.high, trained[ADAM].median,
                         trained[LOG_D].median),
        .expected = "0 without noise; 0 left over with it",
        .tolerance = "0.01; 0.01",
        .seeds = seeds,
        .verdict = verdict(moved <= 0.01 && left <= 0.01),
        .known = HOLDS,
    });
}

static void check_settings(void) {
    if (noise_end > noise_start)
        fail(EXIT_USAGE, "--noise-end %g is above --noise-start %g", noise_end, noise_start);
    if (theta_max < least_sigma() / 2)
        fail(EXIT_USAGE,
             "--theta-max %g is below half the least of --sigmas: no cell tells it from 0",
             theta_max);
}

static void check_discriminator(void) {
    Critic d;
    build(&d, rule_default(RULE_SGD, 1), 0);
    size_t features = shape_size(d.net.architecture.input);
    if (features != 2)
        fail(EXIT_USAGE, "--discriminator \"%s\": takes %zu numbers where a point has 2",
             discriminator, features);
    critic_free(&d);
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    check_settings();
    backend = trainer_backend();
    check_discriminator();

    sweep();
    reach();
    value();
    bound();
    descend();

    printf("\n");
    judge_slope();
    judge_loss();
    judge_value();
    judge_training();
    return experiment_end();
}
