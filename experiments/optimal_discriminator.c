// The GAN game and its optimal discriminator (Goodfellow et al. 2014, section 4; Arjovsky and
// Bottou 2017; Arjovsky, Chintala, Bottou 2017, Figure 2). What does D learn, what is its loss
// worth, and what is left for the generator to follow once D has learnt it?
#include "experiments/common/trainer.h"
#include "toy/game.h"
#include "toy/quadrature.h"
#include "toy/statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int64_t seeds, steps, batch, shifts, sample, sample_steps, length;
static double rate, shift_max, between, critic_rate, lambda, clip, clip_rate;
static const char *architecture;

static const Setting settings[] = {
    {"seeds", SETTING_INTEGER, &seeds, "2", "5", 1, 99, NULL, "N", "Trainings of each network"},
    {"net", SETTING_TEXT, &architecture,
     "input 1; linear 64 leaky 0.2; linear 64 leaky 0.2; linear 1", NULL, 0, 0, NULL, "LINE",
     "Architecture of every discriminator and critic"},
    {"batch", SETTING_INTEGER, &batch, "128", "512", 1, 65536, NULL, "N",
     "Fresh points of each distribution for a step"},
    {"steps", SETTING_INTEGER, &steps, "1500", "4000", 1, 1e7, NULL, "N",
     "Steps of a discriminator, its rate decaying to 0"},
    {"rate", SETTING_REAL, &rate, "0.002", NULL, 1e-9, 1, NULL, "X",
     "Learning rate of the discriminators (Adam)"},
    {"shift-max", SETTING_REAL, &shift_max, "6", NULL, 1e-3, 30, NULL, "X",
     "Largest distance between the two Gaussians whose V is measured"},
    {"shifts", SETTING_INTEGER, &shifts, "7", "13", 2, 1000, NULL, "N",
     "How many distances, from 0"},
    {"sample", SETTING_INTEGER, &sample, "16", NULL, 1, 65536, NULL, "N",
     "Points of each distribution in the sample that D learns by heart"},
    {"sample-steps", SETTING_INTEGER, &sample_steps, "3000", "20000", 1, 1e7, NULL, "N",
     "Steps on that sample"},
    {"between", SETTING_REAL, &between, "6", NULL, 0.1, 100, NULL, "X",
     "Distance of the two Gaussians that D and the critics face, σ = 1"},
    {"length", SETTING_INTEGER, &length, "1000", "10000", 10, 1e7, NULL, "N",
     "Steps of D and of the critics there, at constant rate"},
    {"critic-rate", SETTING_REAL, &critic_rate, "0.001", NULL, 1e-9, 1, NULL, "X",
     "Learning rate of D and of the penalised critic there (Adam)"},
    {"lambda", SETTING_REAL, &lambda, "10", NULL, 1e-6, 1e6, NULL, "X",
     "Weight of the gradient penalty"},
    {"clip", SETTING_REAL, &clip, "0.01", NULL, 1e-6, 10, NULL, "X",
     "Weights of the clipped critic stay within ±X"},
    {"clip-rate", SETTING_REAL, &clip_rate, "0.00005", NULL, 1e-9, 1, NULL, "X",
     "Learning rate of the clipped critic (RMSProp)"},
    {0},
};

static const Program program = {
    .name = "optimal_discriminator",
    .summary = "The discriminator of the first GAN, trained and in closed form: D* = P_r/(P_r + "
               "P_g), its value 2 JS − 2 log 2, and how it saturates where a critic stays linear.",
    .details = "Writes optimal_discriminator.tsv (D and critics on two Gaussians), _training "
               "(their slopes by step), _curves and _pairs (trained D against D*), _value (V "
               "against 2 JS − 2 log 2 by shift), _sample (V on a small sample), _split and "
               "_cases (JS, by which density is 0) beside the claims C10, C11, C12 and C26.\n\n"
               "  experiments/optimal_discriminator --between 3 --seeds 3",
    .settings = settings,
    .threads = 1,
};

// Independent streams of random numbers, by what they are drawn for.
enum { FOR_PAIRS, FOR_SHIFTS, FOR_SAMPLE, FOR_PLAYERS };
static Rng stream(int purpose, int64_t index) {
    return rng_stream(common.seed, (uint64_t)purpose << 32 | (uint64_t)index);
}

static void check_quadrature(int status) {
    if (status) fail(EXIT_NONFINITE, "quadrature: %s", quadrature_message(status));
}

static Verdict verdict(bool holds) {
    return holds ? HOLDS : FAILS;
}

// ---- V and JS of two distributions ----

static const double EXACT = 1e-12, CLOSE = 1e-8;
static const double OF_NET = 1e-5; // quadrature over a network: single precision, kinks

static double value_of(const Game *game, Logit *logit, const void *context, double tolerance) {
    double v;
    check_quadrature(game_value(game, logit, context, tolerance, &v));
    return v;
}

static double js_of(const Game *game, double tolerance) {
    Divergences d;
    int status = game_divergences(game, tolerance, &d);
    if (status) fail(EXIT_NONFINITE, "divergences: %s", divergences_message(status));
    return d.js;
}

static double bound_of(const Game *game) {
    return 2 * js_of(game, CLOSE / 10) - 2 * M_LN2;
}

// ---- training ----

static const Backend *backend;

static void discriminator_build(Critic *d, int64_t rows, int64_t horizon, uint64_t seed) {
    CriticSettings s = {.architecture = architecture,
                        .loss = GAN,
                        .init = INIT_HE_NORMAL,
                        .rule = rule_default(RULE_ADAM, rate),
                        .batch = (size_t)rows};
    s.rule.horizon = (uint64_t)horizon;
    critic_build(d, backend, &s, seed);
}

// [train]
static void train(Critic *player, const Game *game, Rng *rng, int64_t updates) {
    double *points = allocate((size_t)batch, sizeof *points);
    for (int64_t k = 0; k < updates; k++) {
        law_sample(&game->real, rng, (size_t)batch, points);
        critic_put_real(player, points);
        law_sample(&game->fake, rng, (size_t)batch, points);
        critic_put_fake(player, points);
        critic_update(player);
    }
    critic_losses(player);
    free(points);
}

// D's logit is the network's raw output. The context is the place of a Critic *.
static double learned_logit(const void *player, double x) {
    double logit;
    critic_evaluate(*(Critic *const *)player, 1, &x, &logit, NULL);
    return logit;
}
// [/train]

// Of all V of networks measured, trained or not: how far the best is over its bound.
static struct {
    double over;
    int64_t count;
} any = {-INFINITY, 0};

static double learned_value(Critic *d, const Game *game, double bound) {
    double v = value_of(game, learned_logit, &d, OF_NET);
    any.over = fmax(any.over, v - bound), any.count++;
    return v;
}

static double learned_error(Critic *d, const Game *game) {
    double error;
    check_quadrature(game_error(game, learned_logit, &d, OF_NET, &error));
    return error;
}

// ---- C10: what D learns ----

enum { PAIRS = 3, GRID = 241 };
static const struct {
    const char *name;
    Game game;
    double low, high; // to draw
} pairs[PAIRS] = {
    {"shifted", {{LAW_GAUSSIAN, -1, 1}, {LAW_GAUSSIAN, 1, 1}}, -4, 4},
    {"widened", {{LAW_GAUSSIAN, 0, 1}, {LAW_GAUSSIAN, 0.5, 2}}, -5, 6},
    {"uniforms", {{LAW_UNIFORM, -1.5, 2}, {LAW_UNIFORM, -0.5, 2}}, -2, 2},
};

static double grid_at(double low, double high, int i) {
    return (low * (GRID - 1 - i) + high * i) / (GRID - 1);
}

static void write_curve(Tsv *table, int pair, const double *x, const Summary *curve) {
    const Game *game = &pairs[pair].game;
    for (int i = 0; i < GRID; i++) {
        tsv_text(table, pairs[pair].name);
        tsv_numbers(table, 7,
                    (double[]){x[i], law_density(&game->real, x[i]), law_density(&game->fake, x[i]),
                               game_probability(game_optimal_logit(game, x[i])), curve[i].low,
                               curve[i].mean, curve[i].high});
    }
}

static Summary learn_pair(int pair, Tsv *curves, Tsv *table) {
    const Game *game = &pairs[pair].game;
    double x[GRID], logit[GRID], bound = bound_of(game);
    Summary curve[GRID] = {{0}}, errors = {0};
    for (int i = 0; i < GRID; i++) x[i] = grid_at(pairs[pair].low, pairs[pair].high, i);
    for (int64_t run = 0; run < seeds; run++) {
        Critic d;
        Rng rng = stream(FOR_PAIRS, pair * seeds + run);
        discriminator_build(&d, batch, steps, rng_word(&rng));
        learned_value(&d, game, bound);
        train(&d, game, &rng, steps);
        double error = learned_error(&d, game);
        summary_add(&errors, error);
        tsv_text(table, pairs[pair].name);
        tsv_numbers(table, 4,
                    (double[]){(double)run, error, learned_value(&d, game, bound), bound});
        critic_evaluate(&d, GRID, x, logit, NULL);
        for (int i = 0; i < GRID; i++) summary_add(&curve[i], game_probability(logit[i]));
        critic_free(&d);
        progress(pair * seeds + run + 1, PAIRS * seeds, "%s: mean |D − D*| %.4f", pairs[pair].name,
                 error);
    }
    write_curve(curves, pair, x, curve);
    printf("%-10s │ %9.4f %9.4f\n", pairs[pair].name, errors.mean, errors.high);
    return errors;
}

static void learn(void) {
    Tsv *curves = tsv_open("curves", "pair x P_r P_g D_opt D_low D_mean D_high");
    Tsv *table = tsv_open("pairs", "pair seed error V bound");
    Summary errors[PAIRS], *e = errors;
    printf("%-10s │ %9s %9s\n", "pair", "|D − D*|", "worst");
    for (int pair = 0; pair < PAIRS; pair++) errors[pair] = learn_pair(pair, curves, table);
    claim(&(Claim){
        .id = "C10",
        .statement = "the optimal D is P_r/(P_r + P_g): 0 where P_r = 0 < P_g, ½ where equal",
        .measured = text("mean |D − D*| at most %.4f on shifted Gaussians, %.4f on widened ones, "
                         "%.4f on uniforms",
                         e[0].high, e[1].high, e[2].high),
        .expected = "0",
        .tolerance = "0.02",
        .seeds = seeds,
        .verdict = verdict(fmax(fmax(e[0].high, e[1].high), e[2].high) <= 0.02),
        .known = HOLDS,
    });
}

// ---- C11: what D's value says ----

typedef struct {
    double off, gap; // over the shifts, most of |V(D*) − bound| and of bound − V(trained D)
} Value;

static void play_shift(double shift, int64_t index, Tsv *table, Value *seen) {
    Game game = {law_gaussian(0, 1), law_gaussian(shift, 1)};
    double bound = bound_of(&game), best = value_of(&game, game_optimal_logit, &game, CLOSE / 10);
    Summary trained = {0}, untrained = {0};
    for (int64_t run = 0; run < seeds; run++) {
        Critic d;
        Rng rng = stream(FOR_SHIFTS, index * seeds + run);
        discriminator_build(&d, batch, steps, rng_word(&rng));
        summary_add(&untrained, learned_value(&d, &game, bound));
        train(&d, &game, &rng, steps);
        summary_add(&trained, learned_value(&d, &game, bound));
        critic_free(&d);
        progress(index * seeds + run + 1, shifts * seeds, "shift %g", shift);
    }
    tsv_numbers(table, 8,
                (double[]){shift, js_of(&game, CLOSE / 10), bound, best, trained.low, trained.mean,
                           trained.high, untrained.mean});
    printf("%6.3g │ %9.5f %9.5f │ %9.5f %9.5f\n", shift, bound, best, trained.mean, untrained.mean);
    seen->off = fmax(seen->off, fabs(best - bound));
    seen->gap = fmax(seen->gap, bound - trained.low);
}

static Value play_shifts(void) {
    Tsv *table = tsv_open("value", "shift JS bound V_opt V_low V_mean V_high V_untrained");
    Value seen = {0};
    printf("\n%6s │ %9s %9s │ %9s %9s\n", "shift", "2JS−2log2", "V(D*)", "trained", "untrained");
    for (int64_t k = 0; k < shifts; k++)
        play_shift(shift_max * (double)k / (double)(shifts - 1), k, table, &seen);
    return seen;
}

// What D earns on the points that it learns from.
static double sample_value(Critic *d, size_t n, const double *real, const double *fake) {
    double *logit = allocate(2 * n, sizeof *logit), sum = 0;
    critic_evaluate(d, n, real, logit, NULL);
    critic_evaluate(d, n, fake, logit + n, NULL);
    for (size_t i = 0; i < n; i++)
        sum += log(game_probability(logit[i])) + log(game_probability(-logit[n + i]));
    free(logit);
    return sum / (double)n;
}

// Always the same few points; how far V on them ends over the population's bound.
static double memorise(int64_t run, const Game *game, double bound, Tsv *table) {
    size_t n = (size_t)sample;
    double *real = allocate(2 * n, sizeof *real), *fake = real + n, v_sample = 0;
    Critic d;
    Rng rng = stream(FOR_SAMPLE, run);
    discriminator_build(&d, sample, 0, rng_word(&rng));
    law_sample(&game->real, &rng, n, real);
    law_sample(&game->fake, &rng, n, fake);
    for (int64_t k = 0, next = 0; k <= sample_steps; k++) {
        if (k == next || k == sample_steps) {
            v_sample = sample_value(&d, n, real, fake);
            tsv_numbers(table, 5,
                        (double[]){(double)run, (double)k, v_sample, learned_value(&d, game, bound),
                                   bound});
            next = k < 10 ? k + 5 : k * 5 / 4;
        }
        critic_put_real(&d, real), critic_put_fake(&d, fake);
        critic_update(&d);
    }
    critic_free(&d);
    free(real);
    return v_sample - bound;
}

static Summary learn_by_heart(void) {
    Tsv *table = tsv_open("sample", "seed step V_sample V bound");
    Game game = {law_gaussian(0, 1), law_gaussian(1, 1)};
    Summary over = {0};
    for (int64_t run = 0; run < seeds; run++) {
        summary_add(&over, memorise(run, &game, bound_of(&game), table));
        progress(run + 1, seeds, "by heart: V over the bound by %.3f", over.high);
    }
    printf("On %lld points of each, learnt by heart, V is over the bound by %.3f to %.3f.\n",
           (long long)sample, over.low, over.high);
    return over;
}

static void judge_value(Value seen, Summary over) {
    claim(&(Claim){
        .id = "C11",
        .statement = "V(D*) = 2 JS − 2 log 2, and no D earns more from the population; from a "
                     "finite sample it may",
        .measured =
            text("V(D*) off by %.1e; trained D short by at most %.4f; the best of %lld V %.1e "
                 "%s; on a sample over by %.3f or more",
                 seen.off, seen.gap, (long long)any.count, fabs(any.over),
                 any.over > 0 ? "over" : "short", over.low),
        .expected = "0; 0; at most 0; above 0",
        .tolerance = text("%g; 0.02; %g; sign", CLOSE, 2 * OF_NET),
        .seeds = seeds,
        .verdict = verdict(seen.off <= CLOSE && seen.gap <= 0.02 && any.over <= 2 * OF_NET &&
                           over.low > 0),
        .known = HOLDS,
    });
}

// ---- C12: JS, by which of the two is 0 ----

typedef struct {
    double by_case[CASE_COUNT], js;
} Split;

// Two triangles of width 2, the second moved by `shift`.
static Game triangles(double shift) {
    return (Game){law_triangle(0, 2), law_triangle(shift, 2)};
}

static Split split(double shift, Tsv *table) {
    Game game = triangles(shift);
    Split s = {.js = js_of(&game, EXACT / 10)};
    check_quadrature(game_js_by_case(&game, EXACT / 10, s.by_case));
    const double *by = s.by_case;
    tsv_numbers(
        table, 6,
        (double[]){shift, by[CASE_NEITHER], by[CASE_REAL], by[CASE_BOTH], by[CASE_FAKE], s.js});
    return s;
}

static void write_split_pointwise(void) {
    Tsv *table = tsv_open("split", "x P_1 P_2 case JS_term");
    Game game = triangles(1);
    for (int i = 0; i < GRID; i++) {
        double x = grid_at(-0.5, 3.5, i);
        GameCase which;
        double term = game_js_term(&game, x, &which);
        tsv_numbers(
            table, 5,
            (double[]){x, law_density(&game.real, x), law_density(&game.fake, x), which, term});
    }
}

// Half apart: each has half its mass alone; where both are positive P_1 + P_2 = 1, and
// ½ a log 2a + ½ (1 − a) log 2(1 − a) integrates to ½ log 2 − ¼ as a goes from 0 to 1.
static const double HALF_APART[CASE_COUNT] = {
    [CASE_REAL] = M_LN2 / 4, [CASE_FAKE] = M_LN2 / 4, [CASE_BOTH] = M_LN2 / 2 - 0.25};
static const double APART[CASE_COUNT] = {[CASE_REAL] = M_LN2 / 2, [CASE_FAKE] = M_LN2 / 2};

static double split_error(Split s, const double expected[CASE_COUNT]) {
    double error = 0;
    for (int c = 0; c < CASE_COUNT; c++) error = fmax(error, fabs(s.by_case[c] - expected[c]));
    return error;
}

static void split_js(void) {
    static const double apart[] = {2.000001, 2.1, 10, 1000, 1e6};
    enum { SHIFTS = 61, FAR = sizeof apart / sizeof *apart };
    Tsv *table = tsv_open("cases", "shift neither only_1 both only_2 JS");
    double half_error = 0, far_error = 0, js_error = 0;
    for (int k = 0; k < SHIFTS; k++) {
        Split s = split(4.0 * k / (SHIFTS - 1), table);
        if (4 * k == SHIFTS - 1) half_error = split_error(s, HALF_APART);
    }
    for (int k = 0; k < FAR; k++) {
        Split s = split(apart[k], table);
        far_error = fmax(far_error, split_error(s, APART));
        js_error = fmax(js_error, fabs(s.js - M_LN2));
    }
    write_split_pointwise();
    claim(&(Claim){
        .id = "C12",
        .statement = "JS by cases: 0 where neither is positive, ½ log 2 times the mass where one "
                     "is, in between where both are; apart, log 2 at any distance",
        .measured = text("overlapping: off by %.1e; gaps from 1e-06 to 1e+06: parts off by %.1e, "
                         "JS by %.1e",
                         half_error, far_error, js_error),
        .expected = "0, ¼ log 2 each, ½ log 2 − ¼; apart: ½ log 2 each, JS log 2",
        .tolerance = text("%g", EXACT),
        .seeds = 1,
        .verdict = verdict(half_error <= EXACT && far_error <= EXACT && js_error <= EXACT),
        .known = HOLDS,
    });
}

// ---- C26: D saturates, a critic does not ----

typedef enum { DISCRIMINATOR, CRITIC_PENALISED, CRITIC_CLIPPED, PLAYERS } Player;
static const char *const PLAYER_NAMES[] = {"D", "penalised", "clipped"};

static void player_build(Critic *critic, Player player, uint64_t seed) {
    CriticSettings s = {.architecture = architecture,
                        .loss = player == DISCRIMINATOR ? GAN : GAN_WASSERSTEIN,
                        .init = INIT_HE_NORMAL,
                        .rule = rule_default(RULE_ADAM, critic_rate),
                        .batch = (size_t)batch};
    if (player == CRITIC_PENALISED) {
        s.loss = GAN_WASSERSTEIN_GP, s.penalty.lambda = lambda;
        s.rule.beta1 = 0, s.rule.beta2 = 0.9;
    }
    if (player == CRITIC_CLIPPED) s.rule = rule_default(RULE_RMSPROP, clip_rate), s.clip = clip;
    critic_build(critic, backend, &s, seed);
}

// D or f, its slope, and that of the network's output (D's is the logit), on a grid over both
// distributions and 2 σ around; real is on the left.
typedef struct {
    double value[GRID], slope[GRID], raw_slope[GRID];
} Profile;
static double grid[GRID];

// [slope]
static void profile(Critic *critic, Player player, Profile *p) {
    critic_evaluate(critic, GRID, grid, p->value, p->raw_slope);
    for (int i = 0; i < GRID; i++) {
        p->slope[i] = p->raw_slope[i];
        if (player != DISCRIMINATOR) continue;
        double rest = exp(-fabs(p->value[i])); // D (1 − D) in these terms never rounds 1 − D
        p->slope[i] *= rest / ((1 + rest) * (1 + rest));
        p->value[i] = game_probability(p->value[i]);
    }
}
// [/slope]

// Slopes down from real to fake, so that a good player's are positive.
typedef struct {
    double at_real, at_fake, low, mean, high;
} Slopes;

static Slopes slopes_of(const Profile *p) {
    Summary all = {0};
    for (int i = 0; i < GRID; i++) summary_add(&all, -p->slope[i]);
    int real = (int)lround((GRID - 1) * 2 / (between + 4)); // where the mean of P_r is on the grid
    return (Slopes){-p->slope[real], -p->slope[GRID - 1 - real], all.low, all.mean, all.high};
}

// How far the slope strays from its mean, as a factor.
static double stray(Slopes s) {
    return s.low > 0 ? fmax(s.mean / s.low, s.high / s.mean) : INFINITY;
}

// The steeper of the slopes in the middle of P_r and of P_g, of the steepest anywhere.
static double seen_by_points(Slopes s) {
    return s.high <= 0 ? INFINITY : fmax(fabs(s.at_real), fabs(s.at_fake)) / s.high;
}

static Slopes train_player(Player player, const Game *game, int64_t run, Tsv *table, Profile *p) {
    Critic critic;
    Rng rng = stream(FOR_PLAYERS, run); // the same start and the same points for all players
    Slopes s;
    player_build(&critic, player, rng_word(&rng));
    for (int64_t done = 0, next = 10; done < length;
         next = llround((double)next * sqrt(sqrt(10)))) {
        next = next < length ? next : length;
        train(&critic, game, &rng, next - done);
        done = next;
        profile(&critic, player, p);
        s = slopes_of(p);
        tsv_text(table, PLAYER_NAMES[player]);
        tsv_numbers(
            table, 7,
            (double[]){(double)run, (double)done, s.at_real, s.at_fake, s.low, s.mean, s.high});
        progress(run * length + done, seeds * length, "%s: slope at the fake points %.2g",
                 PLAYER_NAMES[player], s.at_fake);
    }
    critic_free(&critic);
    return s;
}

// Density of x̂ = t x + (1 − t) x̃ at x, as an integrand over t.
static void mixed_density(const void *at, double t, double *f) {
    double x = *(const double *)at;
    double mean = (0.5 - t) * between, variance = t * t + (1 - t) * (1 - t);
    *f = exp(-0.5 * (x - mean) * (x - mean) / variance) / sqrt(2 * M_PI * variance);
}

// The slope that maximises the penalised gap, point by point: 1 + (F_r − F_g)/(2 λ ρ).
static double best_penalised_slope(double x) {
    double density, error, half = between / 2;
    check_quadrature(
        quadrature_integrate(mixed_density, &x, 1, 2, (double[]){0, 1}, CLOSE, &density, &error));
    double ahead = 0.5 * (erfc((x - half) * M_SQRT1_2) - erfc((x + half) * M_SQRT1_2));
    return 1 + ahead / (2 * lambda * density);
}

static void write_profiles(Tsv *table, const Game *game, int64_t run, const Profile p[PLAYERS]) {
    for (int i = 0; i < GRID; i++) {
        double x = grid[i], best = game_probability(game_optimal_logit(game, x));
        tsv_numbers(table, 14,
                    (double[]){(double)run, x, law_density(&game->real, x),
                               law_density(&game->fake, x), best, p[0].value[i], p[1].value[i],
                               p[2].value[i], between * best * (1 - best), -p[0].slope[i],
                               -p[0].raw_slope[i], best_penalised_slope(x), -p[1].slope[i],
                               -p[2].slope[i]});
    }
}

static void saturate(void) {
    Tsv *table = tsv_open("", "seed x P_r P_g D_opt D f_penalised f_clipped slope_D_opt slope_D "
                              "slope_logit slope_opt slope_penalised slope_clipped");
    Tsv *training = tsv_open("training", "player seed step at_real at_fake low mean high");
    Game game = {law_gaussian(-between / 2, 1), law_gaussian(between / 2, 1)};
    static Profile last[PLAYERS];
    Summary seen = {0}, strays[PLAYERS] = {{0}};
    for (int i = 0; i < GRID; i++) grid[i] = grid_at(-between / 2 - 2, between / 2 + 2, i);
    for (int64_t run = 0; run < seeds; run++) {
        for (Player player = 0; player < PLAYERS; player++) {
            Slopes s = train_player(player, &game, run, training, &last[player]);
            if (player == DISCRIMINATOR)
                summary_add(&seen, seen_by_points(s));
            else
                summary_add(&strays[player], stray(s));
        }
        write_profiles(table, &game, run, last);
    }
    bool saturates = seen.high <= 1e-3, penalised = strays[CRITIC_PENALISED].high <= 3,
         clipped = strays[CRITIC_CLIPPED].high <= 3;
    claim(&(Claim){
        .id = "C26",
        .statement = "trained to optimality D saturates and leaves no slope away from the "
                     "boundary, a critic stays linear",
        .measured =
            text("D's slope amid the points: %.1e to %.1e of its steepest; a critic's strays from "
                 "its mean by a factor of %.2f to %.2f (penalised), %.2f to %.2f (clipped)",
                 seen.low, seen.high, strays[CRITIC_PENALISED].low, strays[CRITIC_PENALISED].high,
                 strays[CRITIC_CLIPPED].low, strays[CRITIC_CLIPPED].high),
        .expected = "D 0; critics 1",
        .tolerance = "D 0.001; critics 3",
        .seeds = seeds,
        .verdict = !saturates || !(penalised || clipped) ? FAILS
                   : penalised && clipped                ? HOLDS
                                                         : MIXED,
        .known = HOLDS,
    });
}

// Before anything is trained: every player, and the penalty, must take the architecture.
static void check_net(void) {
    Critic critic;
    player_build(&critic, CRITIC_PENALISED, 0);
    size_t features = shape_size(critic.net.architecture.input);
    if (features != 1)
        fail(EXIT_USAGE, "--net takes %zu numbers where a point on the line is one", features);
    critic_free(&critic);
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    backend = trainer_backend();
    check_net();

    learn();
    Value value = play_shifts();
    judge_value(value, learn_by_heart());
    split_js();
    saturate();
    return experiment_end();
}
