// Two parallel segments, the example that the Wasserstein GAN starts from (Arjovsky, Chintala,
// Bottou 2017, Example 1 and Figure 1): P_0 is (0, Z), P_θ is (θ, Z), Z uniform on [0, 1].
// How far apart are they, and which distance tells the generator's θ where to go?
#include "experiments/common/contract.h"
#include "experiments/common/learned.h"
#include "toy/divergence.h"
#include "toy/lines.h"
#include "toy/transport.h"

#include <math.h>
#include <stdio.h>

static double theta_min, theta_max, cell, start, rate;
static int64_t points, samples, steps;
static Reals theta_list;
static bool learned;
static int64_t learned_steps;
static double lambda;

static Setting settings[] = {
    {"theta-min", SETTING_REAL, &theta_min, "-1", NULL, -1e6, 1e6, NULL, "X", "Smallest θ"},
    {"theta-max", SETTING_REAL, &theta_max, "1", NULL, -1e6, 1e6, NULL, "X", "Largest θ"},
    {"points", SETTING_INTEGER, &points, "41", "201", 1, 1e6, NULL, "N",
     "How many θ, evenly spaced, ends included"},
    {"theta", SETTING_REALS, &theta_list, NULL, NULL, -1e6, 1e6, NULL, "A,B,...",
     "These θ instead of a range, in this order"},
    {"samples", SETTING_INTEGER, &samples, "512", "2048", 2, 20000, NULL, "N",
     "Points drawn from each of the two distributions"},
    {"cell", SETTING_REAL, &cell, "0.04", "0.02", 1e-6, 1, NULL, "H",
     "Side of the histogram's cells: it cannot tell θ from 0 below H"},
    {"start", SETTING_REAL, &start, "0.9", NULL, -10, 10, NULL, "X", "θ where the descents start"},
    {"steps", SETTING_INTEGER, &steps, "100", NULL, 1, 1e6, NULL, "N", "Steps of each descent"},
    {"rate", SETTING_REAL, &rate, "0.05", NULL, 1e-9, 10, NULL, "X",
     "First step size of the descents, decaying linearly to 0"},
    {"learned", SETTING_FLAG, &learned, NULL, "yes", 0, 0, NULL, NULL,
     "Train a critic and a discriminator for each θ: two more columns (paper: always)"},
    {"learned-steps", SETTING_INTEGER, &learned_steps, "400", "1000", 1, 1e6, NULL, "N",
     "Training steps of each of these networks"},
    {"lambda", SETTING_REAL, &lambda, "10", NULL, 1e-3, 1e3, NULL, "X",
     "Weight of the critic's gradient penalty"},
    {0},
};

static const Program program = {
    .name = "parallel_lines",
    .summary =
        "Wasserstein distance, JS, KL and TV between two parallel segments at distance θ, in "
        "closed form and measured on samples: only W slopes.",
    .details =
        "Writes parallel_lines.tsv (distances and slopes by θ) and parallel_lines_descent.tsv "
        "(θ by step of gradient descent) beside the claims C01 to C04.\n\n"
        "  experiments/parallel_lines --theta -0.5,0,0.25 --samples 1000\n"
        "  experiments/parallel_lines --learned --points 11",
    .settings = settings,
    .threads = 1,
};

// Independent streams of random numbers, by what they are drawn for.
enum { FOR_SWEEP, FOR_FLOOR, FOR_ORIGIN, FOR_DESCENT, FOR_LEARNED };
static Rng stream(int purpose, int64_t index) {
    return rng_stream(common.seed, (uint64_t)purpose << 32 | (uint64_t)index);
}

// [measure]
static double *here, *there; // [samples][2]: points of P_0 and of P_θ

static void draw(double theta, Rng rng) {
    lines_sample(0, &rng, (size_t)samples, here);
    lines_sample(theta, &rng, (size_t)samples, there);
}

// Exact transport between the samples, and its slope: moving θ moves every point of P_θ, so by the
// envelope theorem dW/dθ is the plan's mean of ∂‖y − x‖/∂θ = (y_1 − x_1)/‖y − x‖.
static double transport(double *slope) {
    Transport t;
    int status =
        transport_solve(&t, COST_L2, 2, (size_t)samples, here, NULL, (size_t)samples, there, NULL);
    if (status) fail(EXIT_RESOURCE, "transport: %s", transport_error(status));
    *slope = 0;
    for (size_t k = 0; k < t.entries; k++) {
        const double *x = here + 2 * t.plan[k].i, *y = there + 2 * t.plan[k].j;
        double length = hypot(y[0] - x[0], y[1] - x[1]);
        if (length > 0) *slope += t.plan[k].mass * (y[0] - x[0]) / length;
    }
    double value = t.value;
    transport_free(&t);
    return value;
}

static Divergences histogram(void) {
    Divergences d;
    int status =
        divergences_points(&d, cell, 2, (size_t)samples, there, NULL, (size_t)samples, here, NULL);
    if (status) fail(EXIT_RESOURCE, "histogram: %s", divergences_message(status));
    return d;
}

static LineDistances measure(double theta, Rng rng) {
    double slope;
    draw(theta, rng);
    Divergences d = histogram();
    return (LineDistances){transport(&slope), d.js, d.kl, d.kl_rev, d.tv};
}
// [/measure]

// ---- the floor: what two samples of one distribution measure ----

typedef struct {
    double mean, limit; // limit = mean + 5 standard deviations: chance does not reach it
} Floor;
static struct { Floor w, js, kl, kl_rev, tv; } noise;
enum { FLOOR_RUNS = 20 };

static Floor floor_of(const double *runs) {
    double sum = 0, squares = 0;
    for (int r = 0; r < FLOOR_RUNS; r++) sum += runs[r];
    double mean = sum / FLOOR_RUNS;
    if (isinf(mean)) return (Floor){mean, mean};
    for (int r = 0; r < FLOOR_RUNS; r++) squares += (runs[r] - mean) * (runs[r] - mean);
    return (Floor){mean, mean + 5 * sqrt(squares / (FLOOR_RUNS - 1))};
}

static void measure_floor(void) {
    double w[FLOOR_RUNS], js[FLOOR_RUNS], kl[FLOOR_RUNS], kl_rev[FLOOR_RUNS], tv[FLOOR_RUNS];
    for (int r = 0; r < FLOOR_RUNS; r++) {
        LineDistances m = measure(0, stream(FOR_FLOOR, r));
        w[r] = m.w, js[r] = m.js, kl[r] = m.kl, kl_rev[r] = m.kl_rev, tv[r] = m.tv;
        progress(r + 1, FLOOR_RUNS, "floor");
    }
    noise.w = floor_of(w), noise.js = floor_of(js), noise.tv = floor_of(tv);
    noise.kl = floor_of(kl), noise.kl_rev = floor_of(kl_rev);
}

// ---- what networks see ----

static const char without_networks[] = "built without networks: OpenBLAS or jansson was missing";

static void learn_only_if_asked(void) {
    for (Setting *s = settings; s->name; s++)
        if (s->value == &learned) s->paper = NULL;
}

// [learned]
static void sample_lines(const void *theta, Rng *rng, size_t n, double *real, double *fake) {
    lines_sample(0, rng, n, real);
    lines_sample(*(const double *)theta, rng, n, fake);
}

static LearnedDistances learn(double theta, Rng rng) {
    LearnedSettings s = {
        .features = 2, .steps = learned_steps, .lambda = lambda, .evaluations = (size_t)samples};
    return learned_measure(&s, sample_lines, &theta, rng);
}
// [/learned]

// ---- the sweep over θ ----

// The middle of a range symmetric about 0 is exactly 0.
static double theta_at(int64_t k) {
    if (theta_list.count) return theta_list.at[k];
    if (points == 1) return theta_min;
    return (theta_min * (double)(points - 1 - k) + theta_max * (double)k) / (double)(points - 1);
}

static const char *bar(double share) {
    static const char *const blocks = "██████████";
    int filled = (int)lround(10 * fmin(fmax(share, 0), 1));
    return text("%.*s%*s", 3 * filled, blocks, 10 - filled, "");
}

static void print_head(void) {
    printf("%8s │ %6s %7s %-10s │ %6s %7s %-10s │ %4s │ %3s %7s\n", "θ ", "W", "sampled", "", "JS",
           "sampled", "", "KL", "TV", "sampled");
}

static void print_row(double theta, LineDistances exact, LineDistances m, double widest) {
    printf("%7.3g │ %6.3f %7.3f %s │ %6.3f %7.3f %s │ %4.3g │ %3.3g %7.3f\n", theta, exact.w, m.w,
           bar(widest > 0 ? exact.w / widest : 0), exact.js, m.js, bar(exact.js / M_LN2), exact.kl,
           exact.tv, m.tv);
}

// How far the measurements stray from the closed forms where the histogram can tell θ from 0.
static struct {
    double w_error;                         // largest |W_emp − |θ||, all θ
    double js_low, js_high, tv_low, kl_low; // over |θ| ≥ cell
    int64_t apart;                          // how many |θ| ≥ cell
    LineDistances origin;                   // the measurement at θ = 0
    bool has_origin;
} seen = {.js_low = INFINITY, .js_high = -INFINITY, .tv_low = INFINITY, .kl_low = INFINITY};

static void remember(double theta, LineDistances m) {
    seen.w_error = fmax(seen.w_error, fabs(m.w - fabs(theta)));
    if (theta == 0) seen.origin = m, seen.has_origin = true;
    if (fabs(theta) < cell) return;
    seen.apart++;
    seen.js_low = fmin(seen.js_low, m.js), seen.js_high = fmax(seen.js_high, m.js);
    seen.tv_low = fmin(seen.tv_low, m.tv), seen.kl_low = fmin(seen.kl_low, fmin(m.kl, m.kl_rev));
}

static void sweep(void) {
    static const char *const columns = "theta W JS KL KL_rev TV W_emp JS_emp TV_emp dW dJS dTV";
    Tsv *table = tsv_open("", learned ? text("%s W_critic JS_disc", columns) : columns);
    int64_t count = theta_list.count ? (int64_t)theta_list.count : points;
    int64_t shown_every = (count + 20) / 21; // on stdout; the file has them all
    double widest = 0;
    for (int64_t k = 0; k < count; k++) widest = fmax(widest, fabs(theta_at(k)));
    print_head();
    for (int64_t k = 0; k < count; k++) {
        double theta = theta_at(k);
        LineDistances exact = lines_distances(theta), slope = lines_slopes(theta);
        LineDistances m = measure(theta, stream(FOR_SWEEP, k));
        tsv_numbers(table, 12,
                    (double[]){theta, exact.w, exact.js, exact.kl, exact.kl_rev, exact.tv, m.w,
                               m.js, m.tv, slope.w, slope.js, slope.tv});
        if (learned) {
            LearnedDistances seen_by = learn(theta, stream(FOR_LEARNED, k));
            tsv_numbers(table, 2, (double[]){seen_by.w, seen_by.js});
        }
        remember(theta, m);
        if (k % shown_every == 0) print_row(theta, exact, m, widest);
        progress(k + 1, count, "θ = %g", theta);
    }
    printf("Floor (two samples of one distribution, mean of %d): W %.3f, JS %.3f, TV %.3f.\n",
           FLOOR_RUNS, noise.w.mean, noise.js.mean, noise.tv.mean);
}

// ---- descent: θ follows minus the slope that each distance measures on fresh samples ----

// [descent]
static double slope_by_w(double theta, Rng rng) {
    double slope;
    draw(theta, rng);
    transport(&slope);
    return slope;
}

// The histogram's slope, by central difference with the same random numbers on both sides.
static Divergences slope_by_histogram(double theta, Rng rng) {
    double h = cell / 8;
    draw(theta + h, rng);
    Divergences above = histogram();
    draw(theta - h, rng);
    Divergences below = histogram();
    return (Divergences){.js = (above.js - below.js) / (2 * h),
                         .tv = (above.tv - below.tv) / (2 * h)};
}

typedef struct {
    double w, js, tv; // θ under each descent
} Descent;

static Descent descend(void) {
    Tsv *table = tsv_open("descent", "step theta_W theta_JS theta_TV");
    Descent theta = {start, start, start};
    for (int64_t k = 0; k <= steps; k++) {
        tsv_numbers(table, 4, (double[]){(double)k, theta.w, theta.js, theta.tv});
        double step = rate * (1 - (double)k / (double)steps);
        theta.w -= step * slope_by_w(theta.w, stream(FOR_DESCENT, k));
        theta.js -= step * slope_by_histogram(theta.js, stream(FOR_DESCENT, k)).js;
        theta.tv -= step * slope_by_histogram(theta.tv, stream(FOR_DESCENT, k)).tv;
        progress(k, steps, "descent: θ = %.3f by W, %.3f by JS, %.3f by TV", theta.w, theta.js,
                 theta.tv);
    }
    printf("Descent from θ = %g, %lld steps: by W to %.4f, by JS to %g, by TV to %g.\n\n", start,
           (long long)steps, theta.w, theta.js, theta.tv);
    return theta;
}
// [/descent]

// ---- verdicts ----

static Verdict verdict(bool holds) {
    return holds ? HOLDS : FAILS;
}

static void judge_w(void) {
    claim(&(Claim){
        .id = "C01",
        .statement = "W(P_0, P_θ) = |θ| for every θ, also 0",
        .measured = text("max |W_emp − |θ|| = %.3g", seen.w_error),
        .expected = "0",
        .tolerance = text("floor %.3g", noise.w.limit),
        .seeds = 1,
        .verdict = verdict(seen.w_error <= noise.w.limit),
        .known = HOLDS,
    });
}

static const double EXACT = 1e-12; // a histogram of disjoint samples has no noise, only rounding

static void judge_js(void) {
    claim(&(Claim){
        .id = "C02",
        .statement = "JS = log 2 for θ ≠ 0 whatever its size, 0 at θ = 0",
        .measured = text("%.9g to %.9g; at 0: %.3g", seen.js_low, seen.js_high, seen.origin.js),
        .expected = text("%.9g; at 0: 0", M_LN2),
        .tolerance = text("%g; at 0: floor %.3g", EXACT, noise.js.limit),
        .seeds = 1,
        .verdict = verdict(fabs(seen.js_low - M_LN2) <= EXACT &&
                           fabs(seen.js_high - M_LN2) <= EXACT && seen.origin.js <= noise.js.limit),
        .known = HOLDS,
    });
}

static void judge_kl_and_tv(void) {
    LineDistances origin = seen.origin;
    bool at_zero = origin.kl <= noise.kl.limit && origin.kl_rev <= noise.kl_rev.limit &&
                   origin.tv <= noise.tv.limit;
    claim(&(Claim){
        .id = "C03",
        .statement = "KL = +inf both ways and TV = 1 for θ ≠ 0, both 0 at θ = 0",
        .measured = text("KL %g, TV %g; at 0: KL %.3g and %.3g, TV %.3g", seen.kl_low, seen.tv_low,
                         origin.kl, origin.kl_rev, origin.tv),
        .expected = "KL inf, TV 1; at 0: KL 0 and 0, TV 0",
        .tolerance = text("%g; at 0: floor KL %.3g and %.3g, TV %.3g", EXACT, noise.kl.limit,
                          noise.kl_rev.limit, noise.tv.limit),
        .seeds = 1,
        .verdict = verdict(isinf(seen.kl_low) && fabs(seen.tv_low - 1) <= EXACT && at_zero),
        .known = HOLDS,
    });
}

static void judge_descents(Descent end) {
    claim(&(Claim){
        .id = "C04",
        .statement = "only W gives a usable slope: its descent reaches θ = 0, those of JS and TV "
                     "never move",
        .measured = text("|θ| %.3g by W; moved %.3g by JS, %.3g by TV", fabs(end.w),
                         fabs(end.js - start), fabs(end.tv - start)),
        .expected = "|θ| < 0.01 by W; moved 0 by JS, 0 by TV",
        .tolerance = "0.01; exact",
        .seeds = 1,
        .verdict = verdict(fabs(end.w) < 0.01 && end.js == start && end.tv == start),
        .known = HOLDS,
    });
}

// A floor as high as the largest value of its distance judges nothing.
static bool floor_is_low(void) {
    return noise.js.limit < M_LN2 && noise.tv.limit < 1 && isfinite(noise.kl.limit) &&
           isfinite(noise.kl_rev.limit);
}

static void judge(Descent end) {
    judge_w();
    if (!seen.apart)
        printf("C02, C03: no |θ| ≥ %g among the θ asked for, so the histogram has no say.\n", cell);
    else if (!floor_is_low())
        printf("C02, C03: too few samples in a cell, so the histogram has no say; raise --samples "
               "or --cell.\n");
    else
        judge_js(), judge_kl_and_tv();
    judge_descents(end);
}

static void check_settings(void) {
    if (theta_list.count &&
        (setting_given("theta-min") || setting_given("theta-max") || setting_given("points")))
        fail(EXIT_USAGE, "--theta names every θ itself: it goes without --theta-min, --theta-max "
                         "and --points");
    if (theta_min > theta_max)
        fail(EXIT_USAGE, "--theta-min %g is above --theta-max %g", theta_min, theta_max);
    if (fabs(start) < cell)
        fail(EXIT_USAGE, "--start %g is within a cell of 0, where the descents should end", start);
    if (learned && !learned_available()) fail(EXIT_RESOURCE, "--learned: %s", without_networks);
}

int main(int argc, char **argv) {
    if (!learned_available()) learn_only_if_asked();
    experiment_begin(&program, argc, argv);
    check_settings();
    here = allocate((size_t)samples, 2 * sizeof *here);
    there = allocate((size_t)samples, 2 * sizeof *there);

    if (common.preset == PRESET_PAPER && !learned)
        fprintf(stderr, "%s: %s; no columns W_critic and JS_disc\n", program.name,
                without_networks);
    measure_floor();
    sweep();
    Descent end = descend();
    if (!seen.has_origin) remember(0, measure(0, stream(FOR_ORIGIN, 0)));
    judge(end);
    return experiment_end();
}
