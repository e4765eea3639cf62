// What a well-trained discriminator leaves to its generator (Arjovsky & Bottou, "Towards Principled
// Methods for Training Generative Adversarial Networks", 2017: Theorems 2.1 to 2.4, Figures 1, 2).
// A GAN is trained for a while; then the generator is frozen and a fresh discriminator trained
// against it alone. Where the supports are apart it becomes perfect, and the gradient vanishes.
#include "experiments/common/arithmetic.h"
#include "experiments/common/contract.h"
#include "nets/idx.h"
#include "toy/centres.h"
#include "toy/lines.h"
#include "toy/log_loss.h"
#include "toy/sets.h"
#include "toy/statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define FASHION_MNIST "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz"

enum { MOST = 64, MOST_SEEDS = 100 }; // units, sigmas; seeds

static const char *images_path;
static Reals units, sigmas;
static int64_t image_unit, iterations, image_iterations, evaluations, seeds;
static double rate, image_rate;

static const Setting settings[] = {
    {"units", SETTING_REALS, &units, "1,10", "1,10,25", 0, 1e6, NULL, "A,B,...",
     "For how many units the GAN is trained before its generator is frozen, rising"},
    {"iterations", SETTING_INTEGER, &iterations, "1200", "4000", 1, 1e7, NULL, "N",
     "Updates of a fresh discriminator of points"},
    {"rate", SETTING_REAL, &rate, "1e-3", NULL, 1e-9, 1, NULL, "X", "Adam's rate on points"},
    {"images", SETTING_TEXT, &images_path, FASHION_MNIST, NULL, 0, 0, NULL, "FILE",
     "Grey images of 28×28 pixels: an IDX file, gzipped or not"},
    {"image-unit", SETTING_INTEGER, &image_unit, "2", "100", 1, 1e6, NULL, "N",
     "Updates of the generator in one unit, on images"},
    {"image-iterations", SETTING_INTEGER, &image_iterations, "240", "3000", 1, 1e7, NULL, "N",
     "Updates of a fresh discriminator of images"},
    {"image-rate", SETTING_REAL, &image_rate, "2e-4", NULL, 1e-9, 1, NULL, "X",
     "Adam's rate on images"},
    {"evaluations", SETTING_INTEGER, &evaluations, "2", "8", 1, 1e4, NULL, "N",
     "Batches, of data not trained on, for each accuracy and gradient"},
    {"sigma", SETTING_REALS, &sigmas, "0.3,0.1,0.04", NULL, 0.01, 10, NULL, "A,B,...",
     "Widths of the Gaussians with a known best discriminator, falling"},
    {"seeds", SETTING_INTEGER, &seeds, "1", "3", 1, MOST_SEEDS, NULL, "N",
     "Independent repetitions"},
    {0},
};

static const Program program = {
    .name = "perfect_discriminator",
    .summary = "A discriminator trained against a frozen generator: where their supports are "
               "apart it becomes perfect, and the generator's gradient vanishes.",
    .details =
        "Writes perfect_discriminator.tsv (accuracy and gradient norm by scene, pre-training and "
        "iteration, over the seeds), perfect_discriminator_formulas.tsv (where the formula as "
        "written breaks down) and perfect_discriminator_window.tsv (direction and size of the "
        "gradient against the best discriminator's) beside the claims C13, C15 and C46.\n\n"
        "The images are Fashion-MNIST's: apt-get install dataset-fashion-mnist. Without them the "
        "rest is measured.\n\n"
        "  experiments/perfect_discriminator --units 5 --iterations 10000",
    .settings = settings,
    .threads = 1,
};

static const Backend *backend;
static IdxImages images;

// ---- scenes: what is learned, and who plays ----

typedef struct {
    const char *name, *generator, *discriminator;
    Latent latent;
    Init init;
    size_t batch, features;
    int64_t point_unit; // generator updates in one unit; 0: --image-unit
    void (*draw)(bool held_out, Rng *rng, size_t n, double *x);
} Scene;

static void draw_line(bool held_out, Rng *rng, size_t n, double *x) {
    (void)held_out; // every point is new
    lines_sample(0, rng, n, x);
}

static void draw_ring(bool held_out, Rng *rng, size_t n, double *x) {
    (void)held_out;
    set_sample(SET_RING8, rng, n, x);
}

// The last sixth of the images is held out.
static void draw_images(bool held_out, Rng *rng, size_t n, double *x) {
    size_t shown = images.count - images.count / 6;
    for (size_t i = 0; i < n; i++) {
        size_t k = held_out ? shown + rng_below(rng, images.count - shown) : rng_below(rng, shown);
        idx_row(&images, k, x + i * images.height * images.width);
    }
}

// [scenes]
static const char of_points[] =
    "input 2; linear 64 leaky 0.2; linear 64 leaky 0.2; linear 64 leaky 0.2; linear 1";
enum { LINES, CURVE, RING, IMAGES, SCENES };
static const Scene scenes[SCENES] = {
    {"lines", "input 1; linear 2", // starts as (1, Z)
     of_points, LATENT_UNIFORM, INIT_HE_NORMAL, 128, 2, 10, draw_line},
    {"curve", "input 1; linear 64 leaky 0.2; linear 64 leaky 0.2; linear 2", of_points,
     LATENT_UNIFORM, INIT_HE_NORMAL, 128, 2, 100, draw_line},
    {"ring", "input 2; linear 64 leaky 0.2; linear 64 leaky 0.2; linear 2", of_points,
     LATENT_NORMAL, INIT_HE_NORMAL, 128, 2, 100, draw_ring},
    {"images",
     "input 64; linear 4x4x64 bn relu; convt 32 k5 s2 size 7x7 bn relu; convt 16 k5 s2 bn relu; "
     "convt 1 k5 s2 tanh",
     "input 28x28x1; conv 16 k5 s2 leaky 0.2; conv 32 k5 s2 leaky 0.2; conv 64 k5 s2 leaky 0.2; "
     "linear 1",
     LATENT_UNIFORM, INIT_DCGAN, 64, 784, 0, draw_images},
};
// [/scenes]

static bool of_images(const Scene *s) {
    return s->point_unit == 0;
}

static int64_t iterations_of(const Scene *s) {
    return of_images(s) ? image_iterations : iterations;
}

// Logged are 0, then iterations at most a factor 1.25 apart, and the last one.
static int64_t next_logged(int64_t k, int64_t last) {
    int64_t next = k + 1 > k * 5 / 4 ? k + 1 : k * 5 / 4;
    return k < last && next > last ? last : next;
}

static size_t logged_count(int64_t last) {
    size_t count = 0;
    for (int64_t k = 0; k <= last; k = next_logged(k, last)) count++;
    return count;
}

// ---- players ----

typedef struct {
    const Scene *scene;
    Generator generator;
    Rng data;
    double *rows; // [batch][features]
} Game;

// A seed for each player of each repetition.
static uint64_t seed_of(int64_t repetition, size_t player) {
    return common.seed << 16 | (uint64_t)repetition << 8 | player;
}

static Rule adam(const Scene *s) {
    Rule rule = rule_default(RULE_ADAM, of_images(s) ? image_rate : rate);
    rule.beta1 = 0.5;
    return rule;
}

static void open_critic(Critic *critic, const Scene *s, GanLoss loss, uint64_t seed) {
    CriticSettings c = {.architecture = s->discriminator,
                        .loss = loss,
                        .init = s->init,
                        .rule = adam(s),
                        .batch = s->batch};
    critic_build(critic, backend, &c, seed);
}

static void open_game(Game *g, const Scene *s, uint64_t seed) {
    GeneratorSettings p = {.architecture = s->generator,
                           .latent = s->latent,
                           .init = s->init,
                           .rule = adam(s),
                           .batch = s->batch};
    *g = (Game){.scene = s, .data = rng_stream(seed, (uint64_t)(s - scenes))};
    g->rows = allocate(s->batch, s->features * sizeof *g->rows);
    generator_build(&g->generator, backend, &p, seed);
    if (s != &scenes[LINES]) return;
    static const real weight[] = {0, 0.5}, bias[] = {1, 0.5}; // U(−1, 1) to (1, Z)
    const Layer *layer = &g->generator.net.layer[0];
    backend->upload(layer->weight, weight, sizeof weight);
    backend->upload(layer->bias, bias, sizeof bias);
}

static void close_game(Game *g) {
    generator_free(&g->generator);
    free(g->rows);
}

static void train_critic(Game *g, Critic *critic) {
    g->scene->draw(false, &g->data, g->scene->batch, g->rows);
    critic_put_real(critic, g->rows);
    generator_put_fake(&g->generator, critic);
    critic_update(critic);
}

// ---- what the frozen generator is told ----

typedef struct {
    double accuracy;   // on data not trained on and on fresh samples, half and half
    double norm;       // of the gradient of E log(1 − D(G(z))) by the generator's weights
    double low, high;  // logits of the samples
    double rounding;   // of that gradient's last batch, relative; NaN on images
    double zeros;      // share of samples whose loss, as written, is exactly 0 in float
    double written[2]; // the norm with the slope as written, in float and double, over the norm
} Measure;

static double slope_in_float(double f) {
    return log_loss_naive_float(f).slope;
}

static double slope_in_double(double f) {
    return log_loss_naive_double(f).slope;
}

static void look_at_logits(size_t n, const double *logit, Measure *m) {
    for (size_t i = 0; i < n; i++) {
        m->low = fmin(m->low, logit[i]), m->high = fmax(m->high, logit[i]);
        m->zeros += log_loss_naive_float(logit[i]).value == 0;
    }
}

static size_t count_sign(int sign, size_t n, const double *logit) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++) count += sign * logit[i] > 0;
    return count;
}

// [measure]
static Measure measure(Game *g, Critic *critic) {
    Generator *generator = &g->generator;
    size_t batch = g->scene->batch, count = generator->net.weight_count, right = 0;
    double *logits = allocate(batch, sizeof *logits), *one = allocate(count, sizeof *one);
    double *mean = allocate(count, sizeof *mean), n = (double)evaluations;
    Measure m = {.low = INFINITY, .high = -INFINITY};
    for (int64_t k = 0; k < evaluations; k++) {
        g->scene->draw(true, &g->data, batch, g->rows);
        critic_evaluate(critic, batch, g->rows, logits, NULL);
        right += count_sign(1, batch, logits);
        generator_slope(generator, critic);
        device_numbers(&critic->net, batch, net_output(&critic->net, batch), logits);
        right += count_sign(-1, batch, logits);
        look_at_logits(batch, logits, &m);
        device_numbers(&generator->net, count, generator->net.gradients, one);
        for (size_t i = 0; i < count; i++) mean[i] += one[i] / n;
    }
    generator_loss(generator); // ends the program where it is not finite
    m.accuracy = (double)right / (n * 2 * (double)batch);
    m.zeros /= n * (double)batch;
    m.norm = statistics_norm(count, mean);
    m.rounding = of_images(g->scene) ? NAN : gradient_rounding(generator, critic);
    double norm = gradient_norm(&generator->net);
    m.written[0] = gradient_norm_by(generator, critic, slope_in_float) / norm;
    m.written[1] = gradient_norm_by(generator, critic, slope_in_double) / norm;
    free(logits), free(one), free(mean);
    return m;
}
// [/measure]

// ---- the protocol ----

// [protocol]
// A fresh discriminator against the generator as it stands: a Measure of every logged iteration.
static void train_fresh(Game *g, uint64_t seed, const char *who, Measure *m) {
    Critic critic;
    open_critic(&critic, g->scene, GAN, seed);
    int64_t last = iterations_of(g->scene), logged = 0;
    for (int64_t k = 0; k <= last; k++) {
        if (k == logged) {
            *m = measure(g, &critic);
            progress(k, last, "%s: accuracy %.4f, gradient %.2g", who, m->accuracy, m->norm);
            logged = next_logged(k, last), m++;
        }
        train_critic(g, &critic);
    }
    critic_free(&critic);
}

// One GAN, frozen after each of the `units` in turn; m[units][logged].
static void play(const Scene *s, int64_t repetition, Measure *m) {
    Game g;
    Critic partner;
    open_game(&g, s, seed_of(repetition, 0));
    open_critic(&partner, s, GAN_NONSATURATING, seed_of(repetition, 0));
    int64_t unit = of_images(s) ? image_unit : s->point_unit, done = 0;
    for (size_t u = 0; u < units.count; u++, m += logged_count(iterations_of(s))) {
        for (; (double)done < units.at[u] * (double)unit; done++) {
            train_critic(&g, &partner);
            generator_update(&g.generator, &partner);
        }
        train_fresh(&g, seed_of(repetition, u + 1),
                    text("%s %lld, %g units", s->name, (long long)repetition, units.at[u]), m);
    }
    critic_free(&partner);
    close_game(&g);
}
// [/protocol]

// ---- tables: over the seeds ----

// Of one number per seed, `stride` numbers apart; on a scale of logarithms where `log_scale`. NaN
// where one is.
static Summary over_seeds(const double *first, size_t stride, bool log_scale) {
    double x[MOST_SEEDS] = {0};
    for (int64_t r = 0; r < seeds; r++, first += stride) x[r] = log_scale ? log(*first) : *first;
    Summary s = statistics_summary((size_t)seeds, x);
    if (log_scale) s.mean = exp(s.mean), s.low = exp(s.low), s.high = exp(s.high);
    return s;
}

// After one pre-training, by seed; the end is the second half of the iterations.
typedef struct {
    double accuracy, peak, end, fall; // fall: the largest norm by the one at the end
} End;

static struct { Summary accuracy, fall; } ends[SCENES][MOST];

static End end_of(const Scene *s, const Measure *m) {
    End e = {0};
    double count = 0;
    for (int64_t k = 0, last = iterations_of(s); k <= last; k = next_logged(k, last), m++) {
        e.peak = fmax(e.peak, m->norm);
        if (k >= last / 2) e.end += log(m->norm), e.accuracy += m->accuracy, count++;
    }
    return (End){e.accuracy / count, e.peak, exp(e.end / count), e.peak / exp(e.end / count)};
}

// m[seeds][units][logged] from the unit's first row on.
static void tabulate(Tsv *table, const Scene *s, size_t u, size_t stride, const Measure *m) {
    for (int64_t k = 0, last = iterations_of(s); k <= last; k = next_logged(k, last), m++) {
        Summary accuracy = over_seeds(&m->accuracy, stride, false),
                norm = over_seeds(&m->norm, stride, true);
        tsv_text(table, s->name);
        tsv_numbers(table, 14,
                    (double[]){units.at[u], (double)k, accuracy.mean, accuracy.low, accuracy.high,
                               norm.mean, norm.low, norm.high,
                               over_seeds(&m->low, stride, false).low,
                               over_seeds(&m->high, stride, false).high,
                               over_seeds(&m->rounding, stride, false).high,
                               over_seeds(&m->zeros, stride, false).mean,
                               over_seeds(&m->written[0], stride, false).mean,
                               over_seeds(&m->written[1], stride, false).mean});
    }
}

static void summarise(const Scene *s, size_t u, const End *e) { // e[seeds]
    const size_t stride = sizeof *e / sizeof(double);
    Summary accuracy = over_seeds(&e->accuracy, stride, false),
            fall = over_seeds(&e->fall, stride, true);
    ends[s - scenes][u].accuracy = accuracy, ends[s - scenes][u].fall = fall;
    printf("%-7s %6g │ %8.4f │ %8.2g → %8.2g  %8.2g\n", s->name, units.at[u], accuracy.mean,
           over_seeds(&e->peak, stride, true).mean, over_seeds(&e->end, stride, true).mean,
           fall.mean);
}

// Over everything measured.
static const double CLOSE = 1e-4;
static struct {
    int64_t count, zeros, lost; // measurements; with a loss of 0; with a slope not finite
    int64_t compared, close;    // with a gradient in double; that is the same to CLOSE
    double rounding;            // the largest difference
} arithmetic;

static void play_scene(Tsv *table, const Scene *s) {
    size_t logged = logged_count(iterations_of(s)), one = units.count * logged;
    Measure *m = allocate((size_t)seeds * one, sizeof *m);
    End *e = allocate((size_t)seeds, sizeof *e);
    for (int64_t r = 0; r < seeds; r++) play(s, r, m + (size_t)r * one);
    for (size_t u = 0; u < units.count; u++) {
        tabulate(table, s, u, one * sizeof *m / sizeof(double), m + u * logged);
        for (int64_t r = 0; r < seeds; r++) e[r] = end_of(s, m + (size_t)r * one + u * logged);
        summarise(s, u, e);
    }
    for (size_t i = 0; i < (size_t)seeds * one; i++) {
        if (!of_images(s)) {
            if (isnan(m[i].rounding))
                fail(EXIT_NONFINITE, "%s: a gradient is not a number", s->name);
            arithmetic.compared++, arithmetic.close += m[i].rounding <= CLOSE;
            arithmetic.rounding = fmax(arithmetic.rounding, m[i].rounding);
        }
        arithmetic.count++, arithmetic.zeros += m[i].zeros > 0;
        arithmetic.lost += !isfinite(m[i].written[0]);
    }
    free(m), free(e);
}

static LogLossBreaks breaks[2]; // in float, in double

static void break_formulas(void) {
    Tsv *table = tsv_open("formula", "precision zero_value zero_slope nan_slope infinite");
    breaks[0] = log_loss_breaks(log_loss_naive_float);
    breaks[1] = log_loss_breaks(log_loss_naive_double);
    for (int p = 0; p < 2; p++) {
        tsv_text(table, p ? "double" : "float");
        tsv_numbers(table, 4,
                    (double[]){breaks[p].zero_value, breaks[p].zero_slope, breaks[p].nan_slope,
                               breaks[p].infinite});
    }
}

// ---- the window: the right direction is known where the densities are ----

// What counts as the right direction is a choice: three of them.
enum { CHOICES = 3 };
static const double RIGHT[CHOICES] = {0.8, 0.9, 0.95}, LARGE = 0.1;

typedef struct {
    double cosine, norm;  // with the best discriminator's gradient; by the largest norm of the run
    double open[CHOICES]; // 1 where it is right and large
} Aim;

static Pull pull_of(const Centres *c, Critic *critic) {
    double *logit = allocate(PROBES, sizeof *logit), *slope = allocate(PROBES, 2 * sizeof *slope);
    critic_evaluate(critic, PROBES, &c->probe[0][0], logit, slope);
    Pull pull = centres_pull(logit, slope);
    free(logit), free(slope);
    return pull;
}

// aim[logged]; returns the best gradient's norm, on the same scale.
static double take_aim(double sigma, int64_t repetition, Aim *aim) {
    static Centres c;
    Critic critic;
    size_t batch = scenes[RING].batch, logged = 0;
    double *rows = allocate(batch, 2 * sizeof *rows), peak = 0;
    Rng rng = rng_stream(seed_of(repetition, 0), SCENES);
    centres_draw(&c, sigma, rng_stream(seed_of(repetition, 0), SCENES + 1));
    open_critic(&critic, &scenes[RING], GAN, seed_of(repetition, 1));
    Pull best = centres_best_pull(&c);
    for (int64_t k = 0, next = 0; k <= iterations; k++) {
        if (k == next) {
            Pull pull = pull_of(&c, &critic);
            aim[logged] = (Aim){pull_cosine(&pull, &best), pull_norm(&pull), {0}};
            peak = fmax(peak, aim[logged++].norm);
            next = next_logged(k, iterations);
            progress(k, iterations, "σ %g: cosine %.3f", sigma, aim[logged - 1].cosine);
        }
        mixture_sample(&c.data, &rng, batch, rows), critic_put_real(&critic, rows);
        mixture_sample(&c.generated, &rng, batch, rows), critic_put_fake(&critic, rows);
        critic_update(&critic);
    }
    critic_losses(&critic); // ends the program where one is not finite
    for (size_t k = 0; k < logged; k++) {
        aim[k].norm /= peak;
        for (int c = 0; c < CHOICES; c++)
            aim[k].open[c] = aim[k].cosine >= RIGHT[c] && aim[k].norm >= LARGE;
    }
    critic_free(&critic), free(rows);
    return pull_norm(&best) / peak;
}

typedef struct {
    double first, last, norm; // cosines after one update and at the end, norm at the end
    double best;
    double decades[CHOICES]; // of iterations, while it is right and large
} Window;

static struct { Summary first, last, norm, decades[CHOICES]; } windows[MOST];

static Window window_of(const Aim *aim, double best) {
    Window w = {.first = aim[1].cosine, .best = best};
    for (int64_t k = 0, next; k <= iterations; k = next, aim++) {
        next = next_logged(k, iterations);
        w.last = aim->cosine, w.norm = aim->norm;
        for (int c = 0; c < CHOICES && 0 < k && k < iterations; c++)
            w.decades[c] += aim->open[c] * log10((double)next / (double)k);
    }
    return w;
}

// Of the three choices: "1.9, 1.4, 0.5".
static const char *window_widths(size_t s) {
    const char *list = "";
    for (int c = 0; c < CHOICES; c++)
        list = text("%s%s%.2g", list, c ? ", " : "", windows[s].decades[c].mean);
    return list;
}

static void look_through(Tsv *table, size_t s) {
    size_t logged = logged_count(iterations);
    const size_t stride = logged * sizeof(Aim) / sizeof(double),
                 wide = sizeof(Window) / sizeof(double);
    Aim *aim = allocate((size_t)seeds * logged, sizeof *aim), *a = aim;
    Window *w = allocate((size_t)seeds, sizeof *w);
    for (int64_t r = 0; r < seeds; r++) {
        Aim *own = aim + (size_t)r * logged;
        double best = take_aim(sigmas.at[s], r, own);
        w[r] = window_of(own, best);
    }
    double best = over_seeds(&w->best, wide, true).mean;
    for (int64_t k = 0; k <= iterations; k = next_logged(k, iterations), a++) {
        Summary cosine = over_seeds(&a->cosine, stride, false),
                norm = over_seeds(&a->norm, stride, true);
        tsv_numbers(table, 8,
                    (double[]){sigmas.at[s], (double)k, cosine.mean, cosine.low, cosine.high,
                               norm.mean, norm.low, norm.high});
        for (int c = 0; c < CHOICES; c++)
            tsv_numbers(table, 1, (double[]){over_seeds(&a->open[c], stride, false).mean});
        tsv_numbers(table, 1, &best);
    }
    windows[s].first = over_seeds(&w->first, wide, false),
    windows[s].last = over_seeds(&w->last, wide, false);
    windows[s].norm = over_seeds(&w->norm, wide, true);
    for (int c = 0; c < CHOICES; c++)
        windows[s].decades[c] = over_seeds(&w->decades[c], wide, false);
    printf("σ %-5g │ cosine %6.3f → %5.3f │ norm at the end %8.2g │ window %s decades\n",
           sigmas.at[s], windows[s].first.mean, windows[s].last.mean, windows[s].norm.mean,
           window_widths(s));
    free(aim), free(w);
}

// ---- verdicts ----

static Verdict verdict(bool holds) {
    return holds ? HOLDS : FAILS;
}

static const double PERFECT = 0.999, VANISHED = 1e3;

// "1, 0.9995, …" over the units.
static const char *accuracies(int scene) {
    const char *list = "";
    for (size_t u = 0; u < units.count; u++)
        list = text("%s%s%.4g", list, u ? ", " : "", ends[scene][u].accuracy.mean);
    return list;
}

static const char *falls(int scene) {
    const char *list = "";
    for (size_t u = 0; u < units.count; u++)
        list = text("%s%s%.2g", list, u ? ", " : "", ends[scene][u].fall.mean);
    return list;
}

// HOLDS where it does after every pre-training, FAILS where not even a fall by 10 is left of it.
static void judge_scene(const char *id, int scene, const char *where, Verdict known) {
    size_t whole = 0, part = 0;
    double least = INFINITY;
    for (size_t u = 0; u < units.count; u++) {
        Summary accuracy = ends[scene][u].accuracy, fall = ends[scene][u].fall;
        whole += accuracy.mean >= PERFECT && fall.mean >= VANISHED;
        part += fall.mean >= 10;
        least = fmin(least, fall.low);
    }
    claim(&(Claim){
        .id = id,
        .statement = text("%s: a discriminator trained on becomes perfect, and the norm of the "
                          "generator's gradient of log(1 − D) falls by orders of magnitude",
                          where),
        .measured = text("accuracy %s; norm falls by %s (the least of a seed %.2g)",
                         accuracies(scene), falls(scene), least),
        .expected = "accuracy 1; falls by 1000 or more",
        .tolerance = "accuracy 0.001",
        .seeds = seeds,
        .verdict = whole == units.count           ? HOLDS
                   : whole || part == units.count ? MIXED
                                                  : FAILS,
        .known = known,
    });
}

static void judge_overlap(void) {
    Summary accuracy = ends[RING][units.count - 1].accuracy,
            fall = ends[RING][units.count - 1].fall;
    claim(&(Claim){
        .id = "C13d",
        .statement = "supports that overlap (a ring of Gaussians, a generator of the plane): "
                     "neither need happen",
        .measured = text("accuracy %s; norm falls by %s", accuracies(RING), falls(RING)),
        .expected = "after the longest pre-training: accuracy below 0.999, falls by less than 10",
        .tolerance = "as stated",
        .seeds = seeds,
        .verdict = verdict(accuracy.mean < PERFECT && fall.mean < 10),
        .known = HOLDS,
    });
}

// Where rounding carries a unit over its kink, one sample's gradient jumps: hence two tolerances.
static void judge_arithmetic(void) {
    double share = (double)arithmetic.close / (double)arithmetic.compared;
    claim(&(Claim){
        .id = "C13e",
        .statement = "the gradient does not vanish by rounding: on points, that of the networks is "
                     "that of plain loops in double at the same weights",
        .measured =
            text("relative difference at most %g in %lld of %lld, the largest %.2g", CLOSE,
                 (long long)arithmetic.close, (long long)arithmetic.compared, arithmetic.rounding),
        .expected = "0",
        .tolerance = text("%g in 95 %%, 0.05 in all", CLOSE),
        .seeds = seeds,
        .verdict = verdict(share >= 0.95 && arithmetic.rounding <= 0.05),
        .known = HOLDS,
    });
}

static void judge_formula(void) {
    const double digits[] = {24, 53}, exponent[] = {128, 1024};
    double worst = 0;
    for (int p = 0; p < 2; p++) {
        worst = fmax(worst, fabs(breaks[p].zero_value + (digits[p] + 1) * M_LN2));
        worst = fmax(worst, fabs(breaks[p].zero_slope + exponent[p] / 2 * M_LN2));
        worst = fmax(worst, fabs(breaks[p].nan_slope + exponent[p] * M_LN2));
        worst = fmax(worst, fabs(breaks[p].infinite - digits[p] * M_LN2));
    }
    claim(&(Claim){
        .id = "C13f",
        .statement = "log(1 − D) as written, with D rounded, is 0 and its slope 0, then NaN, where "
                     "the formula of logits goes on",
        .measured = text("float: 0 below %.1f, slope 0 below %.1f, NaN below %.1f, infinite above "
                         "%.1f; double: %.1f, %.1f, %.1f, %.1f; in training: a loss of 0 in %lld "
                         "of %lld measurements, a slope lost in %lld",
                         breaks[0].zero_value, breaks[0].zero_slope, breaks[0].nan_slope,
                         breaks[0].infinite, breaks[1].zero_value, breaks[1].zero_slope,
                         breaks[1].nan_slope, breaks[1].infinite, (long long)arithmetic.zeros,
                         (long long)arithmetic.count, (long long)arithmetic.lost),
        .expected =
            "−25 log 2, −64 log 2, −128 log 2, 24 log 2; double: −54, −512, −1024, 53 log 2",
        .tolerance = "0.01",
        .seeds = 1,
        .verdict = verdict(worst <= 0.01),
        .known = HOLDS,
    });
}

static void judge_images(void) {
    double worst = 1;
    for (size_t u = 0; u < units.count; u++) worst = fmin(worst, ends[IMAGES][u].accuracy.mean);
    claim(&(Claim){
        .id = "C15",
        .statement = "a perfect discriminator exists between a generator's images and the data, "
                     "those it was not trained on among them",
        .measured = text("accuracy %s", accuracies(IMAGES)),
        .expected = "1",
        .tolerance = "0.001",
        .seeds = seeds,
        .verdict = verdict(worst >= PERFECT),
        .known = HOLDS,
    });
}

static const char *window_text(size_t s) {
    return text("σ %g: cosine %.2f → %.2f, norm at the end %.2g of its peak, window %s decades",
                sigmas.at[s], windows[s].first.mean, windows[s].last.mean, windows[s].norm.mean,
                window_widths(s));
}

// No wider from one width of the Gaussians to the next smaller one, and narrower in all.
static bool narrows(int choice) {
    const size_t last = sigmas.count - 1;
    for (size_t s = 1; s <= last; s++)
        if (windows[s].decades[choice].mean > windows[s - 1].decades[choice].mean) return false;
    return windows[last].decades[choice].mean < windows[0].decades[choice].mean;
}

static void judge_window(void) {
    size_t narrow = sigmas.count - 1;
    const char *list = "";
    bool wrong_first = true, narrower = true;
    for (size_t s = 0; s < sigmas.count; s++) {
        list = text("%s%s%s", list, s ? "; " : "", window_text(s));
        wrong_first &= windows[s].first.mean < 0.5;
    }
    for (int c = 0; c < CHOICES; c++) narrower &= narrows(c);
    bool none_last = windows[narrow].norm.mean < LARGE;
    claim(&(Claim){
        .id = "C46",
        .statement = "a discriminator trained too little gives wrong gradients, one trained too "
                     "much none; the less the supports overlap, the narrower the window between",
        .measured = list,
        .expected = text("cosines below 0.5 at first; the last σ's norm below %g in the end; "
                         "windows no wider from σ to σ, and narrower in all",
                         LARGE),
        .tolerance = text("in the window: norm %g or more, and cosine %g, %g or %g or more", LARGE,
                          RIGHT[0], RIGHT[1], RIGHT[2]),
        .seeds = seeds,
        .verdict = wrong_first && none_last && narrower     ? HOLDS
                   : wrong_first && (none_last || narrower) ? MIXED
                                                            : FAILS,
        .known = HOLDS,
    });
}

// ---- the story ----

static bool open_images(void) {
    Error error;
    int status = idx_read(&images, images_path, &error);
    if (status == EXIT_RESOURCE && !setting_given("images")) {
        printf("Images are left out: %s (apt-get install dataset-fashion-mnist)\n", error.text);
        return false;
    }
    if (status) fail(status, "%s", error.text);
    if (images.height != 28 || images.width != 28)
        fail(EXIT_DATA, "%s: images of %zu×%zu where 28×28 are needed", images_path, images.height,
             images.width);
    if (images.count < 6) fail(EXIT_DATA, "%s: fewer than 6 images", images_path);
    return true;
}

static void check_settings(void) {
    if (units.count > MOST) fail(EXIT_USAGE, "--units: more than %d of them", MOST);
    if (sigmas.count > MOST) fail(EXIT_USAGE, "--sigma: more than %d of them", MOST);
    for (size_t u = 1; u < units.count; u++)
        if (units.at[u] <= units.at[u - 1])
            fail(EXIT_USAGE, "--units: %g after %g; they must rise", units.at[u], units.at[u - 1]);
    for (size_t s = 1; s < sigmas.count; s++)
        if (sigmas.at[s] >= sigmas.at[s - 1])
            fail(EXIT_USAGE, "--sigma: %g after %g; they must fall", sigmas.at[s],
                 sigmas.at[s - 1]);
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    check_settings();
    bool with_images = open_images();
    backend = trainer_backend();

    Tsv *table = tsv_open("", "scene units iteration accuracy accuracy_min accuracy_max norm "
                              "norm_min norm_max low high rounding zeros written_float "
                              "written_double");
    printf("scene    units │ accuracy │ gradient norm        falls by\n");
    for (int k = 0; k < SCENES; k++)
        if (k != IMAGES || with_images) play_scene(table, &scenes[k]);
    break_formulas();
    Tsv *window = tsv_open("window", "sigma iteration cosine cosine_min cosine_max norm norm_min "
                                     "norm_max open_80 open_90 open_95 best");
    for (size_t s = 0; s < sigmas.count; s++) look_through(window, s);

    if (with_images) judge_scene("C13a", IMAGES, "images", MIXED);
    judge_scene("C13b", LINES, "supports apart (parallel lines)", HOLDS);
    judge_scene("C13c", CURVE, "supports that meet in points (a curve, a line)", FAILS);
    judge_overlap();
    judge_arithmetic();
    judge_formula();
    if (with_images) judge_images();
    judge_window();
    idx_free(&images);
    backend->close();
    return experiment_end();
}
