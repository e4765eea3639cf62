// Trains a GAN on points of the plane, the papers' sets or your own, and holds its loss beside the
// exact Wasserstein distance to held-out points. At --preset paper it is the toy program of
// Gulrajani et al. 2017, "Improved Training of Wasserstein GANs".
#include "experiments/common/toy_gan.h"
#include "experiments/common/trainer_state.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *data_name, *columns, *critic_line, *generator_line, *resume;
static int loss, rule, latent;
static double lambda, clip, rate, beta1, beta2;
static int64_t batch, critic_iters, steps, log_every, sample_every, save_every, look_points;
static bool one_sided, no_gif;

#define MLP(in, width, out)                                                                        \
    "input " in "; linear " width " relu; linear " width " relu; linear " width " relu; "          \
    "linear " out
#define LOSSES "gan|nsgan|lsgan|wgan|wgan-gp" // in the order of GanLoss
#define RULES "sgd|momentum|rmsprop|rmsprop-tf|adam"

static const Setting settings[] = {
    {"data", SETTING_TEXT, &data_name, "ring8", NULL, 0, 0, NULL, "SET|FILE",
     "ring8, grid25, swissroll, or a file with a point per line"},
    {"columns", SETTING_TEXT, &columns, NULL, NULL, 0, 0, NULL, "A,B,...",
     "Columns of the file, by name"},
    {"loss", SETTING_CHOICE, &loss, "wgan-gp", NULL, 0, 0, LOSSES, NULL, "What is trained"},
    {"critic", SETTING_TEXT, &critic_line, MLP("2", "128", "1"), MLP("2", "512", "1"), 0, 0, NULL,
     "ARCH", "Architecture of the critic, or discriminator"},
    {"generator", SETTING_TEXT, &generator_line, MLP("2", "128", "2"), MLP("2", "512", "2"), 0, 0,
     NULL, "ARCH", "Architecture of the generator"},
    {"latent", SETTING_CHOICE, &latent, "normal", NULL, 0, 0, "normal|uniform", NULL,
     "The generator's input: N(0, 1) or U(-1, 1)"},
    {"lambda", SETTING_REAL, &lambda, "0.1", NULL, 1e-6, 1e6, NULL, "X",
     "Weight of the gradient penalty, of wgan-gp only"},
    {"one-sided", SETTING_FLAG, &one_sided, NULL, NULL, 0, 0, NULL, NULL,
     "Penalise only norms above 1"},
    {"clip", SETTING_REAL, &clip, "0.01", NULL, 1e-6, 1e6, NULL, "C",
     "Weights of the critic stay within ±C, of wgan only"},
    {"critic-iters", SETTING_INTEGER, &critic_iters, "5", NULL, 1, 1000, NULL, "N",
     "Critic updates to one of the generator"},
    {"batch", SETTING_INTEGER, &batch, "256", NULL, 1, 65536, NULL, "N", "Points in a batch"},
    {"optimiser", SETTING_CHOICE, &rule, "adam", NULL, 0, 0, RULES, NULL, "Of both players"},
    {"rate", SETTING_REAL, &rate, "1e-3", "1e-4", 1e-9, 10, NULL, "X", "Learning rate"},
    {"beta1", SETTING_REAL, &beta1, "0.5", NULL, 0, 0.9999, NULL, "X", "Of adam"},
    {"beta2", SETTING_REAL, &beta2, "0.9", NULL, 0, 0.999999, NULL, "X", "Of adam"},
    {"steps", SETTING_INTEGER, &steps, "600", "100000", 1, 1e9, NULL, "N",
     "Generator updates, the resumed ones included"},
    {"log-every", SETTING_INTEGER, &log_every, "20", "500", 1, 1e9, NULL, "N",
     "Steps from one row of the table to the next"},
    {"save-every", SETTING_INTEGER, &save_every, "1000", NULL, 1, 1e9, NULL, "N",
     "Steps from one checkpoint to the next; the last step is always saved"},
    {"look-points", SETTING_INTEGER, &look_points, "512", "1024", 2, 20000, NULL, "N",
     "Generated and held-out points that W is measured between"},
    {"sample-every", SETTING_INTEGER, &sample_every, "20", "2000", 1, 1e9, NULL, "N",
     "Steps between samples in the table and in the animation; a multiple of --log-every"},
    {"no-gif", SETTING_FLAG, &no_gif, NULL, NULL, 0, 0, NULL, NULL,
     "Do not draw the animation (gnuplot does)"},
    {"resume", SETTING_TEXT, &resume, NULL, NULL, 0, 0, NULL, "FILE",
     "Go on from this checkpoint; the other settings must be those it was made with"},
    {0},
};

static const Program program = {
    .name = "train_toy",
    .summary = "Train a GAN on points of the plane and measure the exact distance while it learns.",
    .details =
        "Writes train_toy.tsv (losses and W by step), train_toy_samples.tsv (the same latents' "
        "points over time), train_toy.gif and the checkpoint train_toy.safetensors. A run of 2N "
        "steps and one of N resumed for N more leave the same bytes. Ctrl-C finishes the step, "
        "saves and exits with 130.\n\n"
        "  experiments/train_toy --data swissroll --loss wgan --optimiser rmsprop --rate 5e-5\n"
        "  experiments/train_toy --data points.csv --columns x,y --out run\n"
        "  experiments/train_toy --out run --resume run/train_toy.safetensors --steps 5000",
    .settings = settings,
    .threads = 1,
};

static void check_settings(void) {
    if (sample_every % log_every)
        fail(EXIT_USAGE, "--sample-every %lld is not a multiple of --log-every %lld",
             (long long)sample_every, (long long)log_every);
    if (loss != GAN_WASSERSTEIN_GP && (setting_given("lambda") || one_sided))
        fail(EXIT_USAGE, "--lambda and --one-sided are for --loss wgan-gp");
    if (loss != GAN_WASSERSTEIN && setting_given("clip"))
        fail(EXIT_USAGE, "--clip is for --loss wgan");
    if (rule != RULE_ADAM && (setting_given("beta1") || setting_given("beta2")))
        fail(EXIT_USAGE, "--beta1 and --beta2 are for --optimiser adam");
}

// ---- settings into players ----

static Rule rule_of_settings(void) {
    Rule r = rule_default((RuleKind)rule, rate);
    if (r.kind == RULE_ADAM) r.beta1 = beta1, r.beta2 = beta2;
    return r;
}

// [players]
static ToyGanSettings players(void) {
    return (ToyGanSettings){
        .critic = {.architecture = critic_line,
                   .loss = (GanLoss)loss,
                   .penalty = {loss == GAN_WASSERSTEIN_GP ? lambda : 0, one_sided},
                   .init = INIT_HE_NORMAL,
                   .rule = rule_of_settings(),
                   .clip = loss == GAN_WASSERSTEIN ? clip : 0,
                   .batch = (size_t)batch},
        .generator = {.architecture = generator_line,
                      .latent = (Latent)latent,
                      .init = INIT_HE_NORMAL,
                      .rule = rule_of_settings(),
                      .batch = (size_t)batch},
        .critic_iters = critic_iters,
        .look_points = (size_t)look_points,
        .seed = common.seed,
    };
}
// [/players]

// What a resumed run shares with the one that it goes on from.
static const char *const SHARED[] = {"loss",         "latent", "lambda",     "clip",
                                     "critic-iters", "batch",  "optimiser",  "rate",
                                     "beta1",        "beta2",  "look-points"};
enum { SHARED_COUNT = sizeof SHARED / sizeof *SHARED, ENTRIES = SHARED_COUNT + 3 };

// A file by its points, wherever it lies.
static const char *data_entry(const ToyData *data) {
    if (data->endless) return data->name;
    return text("%zu points, %016llx", data->count, (unsigned long long)data->digest);
}

static void shared_settings(const ToyData *data, Metadata entry[ENTRIES]) {
    for (int k = 0; k < SHARED_COUNT; k++) {
        const char *value = setting_text(SHARED[k]);
        entry[k] = (Metadata){SHARED[k], value ? value : "-"};
    }
    entry[SHARED_COUNT] = (Metadata){"one-sided", one_sided ? "yes" : "no"};
    entry[SHARED_COUNT + 1] = (Metadata){"seed", text("%llu", (unsigned long long)common.seed)};
    entry[SHARED_COUNT + 2] = (Metadata){"data", data_entry(data)};
}

static const char *checkpoint_path(void) {
    return text("%s/%s.safetensors", common.out, program.name);
}

static void save(const ToyGan *gan) {
    Metadata entry[ENTRIES];
    shared_settings(gan->data, entry);
    trainer_save(checkpoint_path(), &gan->critic, &gan->generator, gan->step, ENTRIES, entry);
}

static void load(ToyGan *gan) {
    Metadata entry[ENTRIES];
    shared_settings(gan->data, entry);
    gan->step = trainer_load(resume, &gan->critic, &gan->generator, ENTRIES, entry);
    if (gan->step > steps)
        fail(EXIT_USAGE, "%s has done %lld steps already: raise --steps", resume,
             (long long)gan->step);
}

// Initial weights and learning rates are made for numbers of about 1.
static void note_scale(const ToyData *data) {
    double largest = 0;
    for (size_t k = 0; k < data->count * data->dim; k++) largest = fmax(largest, fabs(data->x[k]));
    if (data->endless || (largest >= 0.1 && largest <= 30)) return;
    fprintf(stderr,
            "%s: note: the largest coordinate of %s is %.3g; networks begin as for points "
            "of about 1, so scale the file\n",
            program.name, data->name, largest);
}

// ---- what a look at the run leaves ----

static Tsv *losses, *samples;

static void say_missing(const char *path, int64_t step) {
    if (access(path, F_OK) == 0) return;
    fprintf(stderr, "%s: note: there is no %s of before: the new one begins after step %lld\n",
            program.name, path, (long long)step);
}

static void open_tables(const ToyGan *gan) {
    const char *names = "step W";
    for (size_t k = 0; k < gan->data->dim; k++)
        names = gan->data->dim == 2 ? text("%s %s", names, k ? "y" : "x")
                                    : text("%s x%zu", names, k + 1);
    losses = tsv_open("", "step critic_real critic_fake penalty generator_loss W");
    samples = tsv_open("samples", names);
    if (!resume) return;
    say_missing(text("%s/%s.tsv", common.out, program.name), gan->step);
    tsv_continue(losses, "", (double)gan->step);
    tsv_continue(samples, "samples", (double)gan->step);
}

static void record_samples(const ToyGan *gan, double w) {
    for (int64_t i = 0; i < look_points; i++) {
        tsv_numbers(samples, 2, (double[]){(double)gan->step, w});
        tsv_numbers(samples, gan->data->dim, gan->sample + (size_t)i * gan->data->dim);
    }
}

// Losses of the last updates, and W now. Before the first step there are no losses.
static double look(ToyGan *gan) {
    CriticLosses c = {NAN, NAN, NAN};
    double g = NAN;
    if (gan->step > 0) c = critic_losses(&gan->critic), g = generator_loss(&gan->generator);
    toy_gan_look(gan);
    double w = toy_gan_w(gan);
    tsv_numbers(losses, 6, (double[]){(double)gan->step, c.real, c.fake, c.penalty, g, w});
    if (gan->step % sample_every == 0) record_samples(gan, w);
    return w;
}

// ---- training ----

static void print_row(const ToyGan *gan, double w) {
    static int64_t shown_every;
    if (!shown_every) shown_every = log_every * (steps / log_every / 20 + 1);
    if (gan->step % shown_every && gan->step != steps) return;
    printf("%10lld  %8.4g\n", (long long)gan->step, w);
}

// Returns the last W measured.
static double train(ToyGan *gan) {
    double w = resume ? NAN : look(gan);
    printf("%10s  %8s\n", "step", "W");
    if (!resume) print_row(gan, w);
    while (gan->step < steps && !interrupted()) {
        toy_gan_step(gan);
        if (gan->step % log_every == 0) w = look(gan), print_row(gan, w);
        if (gan->step % save_every == 0) save(gan);
        progress(gan->step, steps, "W = %.4g", w);
    }
    critic_losses(&gan->critic);
    save(gan);
    return w;
}

// ---- the animation ----

// One picture per step in the samples' table: held-out points in grey, generated ones in blue.
static const char animation[] =
    "set datafile separator tab; set datafile commentschars '#'; set encoding utf8\n"
    "set terminal gif animate delay 10 loop 0 size 480,510 font 'DejaVu Sans,11' noenhanced\n"
    "set output '%s'\n"
    "set border 3 lc rgb '#444444'; set tics nomirror; set size ratio -1; unset key\n"
    "set xlabel 'x'; set ylabel 'y'\n"
    "file = '%s'; n = %lld\n"
    "stats file using 'step' nooutput\n"
    "do for [k = 0 : int(STATS_records)/n - 1] {\n"
    "    set xrange [*:*]; set yrange [*:*]\n" // else stats would pass over what lies outside
    "    stats file using 'step' every ::(k*n)::(k*n) nooutput; at = STATS_min\n"
    "    stats file using 'W' every ::(k*n)::(k*n) nooutput; w = STATS_min\n"
    "    set xrange [%.6g:%.6g]; set yrange [%.6g:%.6g]\n"
    "    set title sprintf('step %%d   W = %%.3f', at, w)\n"
    "    plot $data using 1:2 with points pt 7 ps 0.3 lc rgb '#BBBBBB', \\\n"
    "         file using 'x':'y' every ::(k*n)::(k*n+n-1) with points pt 7 ps 0.3 lc rgb "
    "'#0072B2'\n"
    "}\n"
    "unset output\n";

// [low, high] of a coordinate of the held-out points, and a quarter of the width on each side.
static void range_of(const ToyGan *gan, size_t axis, double range[2]) {
    double low = INFINITY, high = -INFINITY;
    for (int64_t i = 0; i < look_points; i++) {
        double x = gan->held_out[2 * i + (int64_t)axis];
        low = fmin(low, x), high = fmax(high, x);
    }
    double margin = high > low ? (high - low) / 4 : 1;
    range[0] = low - margin, range[1] = high + margin;
}

static void draw_animation(const ToyGan *gan) {
    if (no_gif || gan->data->dim != 2) return;
    if (system("command -v gnuplot >/dev/null 2>&1") != 0) {
        fprintf(stderr, "%s: no animation: gnuplot is not installed\n", program.name);
        return;
    }
    const char *path = text("%s/%s.gif", common.out, program.name);
    const char *temporary = text("%s.%lld.tmp", path, (long long)getpid());
    double x[2], y[2];
    range_of(gan, 0, x), range_of(gan, 1, y);
    FILE *gnuplot = popen("gnuplot 2>/dev/null", "w");
    if (!gnuplot) fail(EXIT_RESOURCE, "cannot run gnuplot");
    fputs("$data << END\n", gnuplot);
    for (int64_t i = 0; i < look_points; i++)
        fprintf(gnuplot, "%.6g\t%.6g\n", gan->held_out[2 * i], gan->held_out[2 * i + 1]);
    fputs("END\n", gnuplot);
    fprintf(gnuplot, animation, temporary, text("%s/%s_samples.tsv", common.out, program.name),
            (long long)look_points, x[0], x[1], y[0], y[1]);
    if (pclose(gnuplot) != 0 || rename(temporary, path) != 0) {
        unlink(temporary);
        fail(EXIT_RESOURCE, "gnuplot could not draw %s", path);
    }
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    check_settings();
    ToyData data = toy_data_open(data_name, columns);
    note_scale(&data);
    const Backend *backend = trainer_backend();
    ToyGanSettings chosen = players();
    ToyGan gan;
    toy_gan_build(&gan, backend, &data, &chosen);
    if (resume) load(&gan);

    interrupt_wait();
    open_tables(&gan);
    double w = train(&gan);
    printf("W = %.4g to %lld held-out points; two samples of the data are %.4g apart.\n", w,
           (long long)look_points, toy_gan_floor(&gan));
    int code = experiment_end();
    draw_animation(&gan);

    toy_gan_free(&gan), toy_data_free(&data);
    backend->close();
    return interrupted() ? EXIT_INTERRUPT : code;
}
