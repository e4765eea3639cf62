// Trains a GAN on images: WGAN-GP and what it is compared with, from a recipe, with everything that
// a long run needs. At --recipe faces64 it is the notebook that this repository began with.
#include "experiments/images/image_run.h"
#include "experiments/images/plan.h"
#include "experiments/images/recipe.h"
#include "experiments/images/run_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *recipe, *data_name, *cache, *critic_line, *generator_line, *resume;
static int format, on_bad, loss, latent, init, rule, precision;
static double lambda, clip, rate, beta1, beta2, instance_noise;
static int64_t size, limit, held_out, critic_iters, batch, rate_horizon, noise_horizon, steps;
static int64_t log_every, sample_every, save_every, keep, grid_side;
static bool one_sided, reuse_latents, no_plots, deterministic, dry_run;

#define FORMATS "auto|idx|cifar|folder|emoji"        // in the order of ImageFormat
#define LOSSES "gan|nsgan|lsgan|wgan|wgan-gp"        // of GanLoss
#define RULES "sgd|momentum|rmsprop|rmsprop-tf|adam" // of RuleKind
#define INITS "he-normal|he-uniform|glorot-normal|glorot-uniform|dcgan" // of Init

static const Setting settings[] = {
    {"recipe", SETTING_TEXT, &recipe, "fashion-quick", NULL, 0, 0, NULL, "NAME|FILE",
     "Settings of experiments/recipes/NAME.ini, or of a file; flags go before them"},
    {"data", SETTING_TEXT, &data_name, NULL, NULL, 0, 0, NULL, "NAME|PATH",
     "fashion, emoji, a folder of JPEG and PNG, IDX or CIFAR-10 files"},
    {"format", SETTING_CHOICE, &format, "auto", NULL, 0, 0, FORMATS, NULL, "What the data are"},
    {"size", SETTING_INTEGER, &size, "0", NULL, 0, 4096, NULL, "N",
     "Pixels a side that pictures are brought to; 0: as they are"},
    {"limit", SETTING_INTEGER, &limit, "0", NULL, 0, 1e9, NULL, "N",
     "Train on the first N images only; 0: all"},
    {"on-bad", SETTING_CHOICE, &on_bad, "fail", NULL, 0, 0, "fail|skip", NULL,
     "What happens at a picture that cannot be read"},
    {"held-out", SETTING_INTEGER, &held_out, "1000", NULL, 0, 1e6, NULL, "N",
     "Images for the validation loss: of the test part where there is one, else kept back, at most "
     "one in ten"},
    {"cache", SETTING_TEXT, &cache, NULL, NULL, 0, 0, NULL, "DIR",
     "Folder for the packed images, ~/.cache/earthmover unless given"},
    {"loss", SETTING_CHOICE, &loss, "wgan-gp", NULL, 0, 0, LOSSES, NULL, "What is trained"},
    {"critic", SETTING_TEXT, &critic_line, NULL, NULL, 0, 0, NULL, "ARCH",
     "Architecture of the critic, or discriminator"},
    {"generator", SETTING_TEXT, &generator_line, NULL, NULL, 0, 0, NULL, "ARCH",
     "Architecture of the generator; pixels are in [0, 1] where it ends in a sigmoid, else in "
     "[-1, 1]"},
    {"latent", SETTING_CHOICE, &latent, "normal", NULL, 0, 0, "normal|uniform", NULL,
     "The generator's input: N(0, 1) or U(-1, 1)"},
    {"reuse-latents", SETTING_FLAG, &reuse_latents, NULL, NULL, 0, 0, NULL, NULL,
     "The generator's step takes the latents of the last critic step, instead of fresh ones"},
    {"init", SETTING_CHOICE, &init, "he-normal", NULL, 0, 0, INITS, NULL, "Initial weights"},
    {"lambda", SETTING_REAL, &lambda, "10", NULL, 1e-6, 1e6, NULL, "X",
     "Weight of the gradient penalty, of wgan-gp only"},
    {"one-sided", SETTING_FLAG, &one_sided, NULL, NULL, 0, 0, NULL, NULL,
     "Penalise only norms above 1"},
    {"clip", SETTING_REAL, &clip, "0.01", NULL, 1e-6, 1e6, NULL, "C",
     "Weights of the critic stay within ±C, of wgan only"},
    {"critic-iters", SETTING_INTEGER, &critic_iters, "5", NULL, 1, 1000, NULL, "N",
     "Critic updates to one of the generator"},
    {"batch", SETTING_INTEGER, &batch, "64", NULL, 1, 65536, NULL, "N", "Images in a batch"},
    {"optimiser", SETTING_CHOICE, &rule, "adam", NULL, 0, 0, RULES, NULL, "Of both players"},
    {"rate", SETTING_REAL, &rate, "1e-4", NULL, 1e-9, 1e6, NULL, "X", "Learning rate"},
    {"beta1", SETTING_REAL, &beta1, "0.5", NULL, 0, 0.9999, NULL, "X", "Of adam"},
    {"beta2", SETTING_REAL, &beta2, "0.9", NULL, 0, 0.999999, NULL, "X", "Of adam"},
    {"rate-horizon", SETTING_INTEGER, &rate_horizon, "0", NULL, 0, 1e9, NULL, "N",
     "The rate falls linearly to 0 at this step; 0: it stays"},
    {"instance-noise", SETTING_REAL, &instance_noise, "0", NULL, 0, 100, NULL, "SIGMA",
     "White noise on real and generated images before the critic"},
    {"noise-horizon", SETTING_INTEGER, &noise_horizon, "0", NULL, 0, 1e9, NULL, "N",
     "The noise falls linearly to 0 at this step; 0: it stays"},
    {"steps", SETTING_INTEGER, &steps, "2000", NULL, 1, 1e9, NULL, "N",
     "Generator updates, the resumed ones included"},
    {"log-every", SETTING_INTEGER, &log_every, "50", NULL, 1, 1e9, NULL, "N",
     "Steps from one row of metrics.tsv to the next"},
    {"sample-every", SETTING_INTEGER, &sample_every, "500", NULL, 1, 1e9, NULL, "N",
     "Steps from one grid of samples, and one report, to the next"},
    {"save-every", SETTING_INTEGER, &save_every, "500", NULL, 1, 1e9, NULL, "N",
     "Steps from one checkpoint to the next; the last step is always saved"},
    {"keep", SETTING_INTEGER, &keep, "2", NULL, 1, 1e6, NULL, "N", "Checkpoints that are kept"},
    {"grid", SETTING_INTEGER, &grid_side, "8", NULL, 1, 64, NULL, "N",
     "Samples are drawn as N rows of N"},
    {"precision", SETTING_CHOICE, &precision, "full", NULL, 0, 0, "full|tf32", NULL,
     "Of matrix products on a GPU"},
    {"deterministic", SETTING_FLAG, &deterministic, NULL, NULL, 0, 0, NULL, NULL,
     "A resumed run gives the same bytes on a GPU too, a little slower"},
    {"no-plots", SETTING_FLAG, &no_plots, NULL, NULL, 0, 0, NULL, NULL,
     "Do not draw loss.svg and samples.gif (gnuplot does)"},
    {"resume", SETTING_TEXT, &resume, NULL, NULL, 0, 0, NULL, "DIR",
     "Go on with the run in this folder, up to --steps in all"},
    {"dry-run", SETTING_FLAG, &dry_run, NULL, NULL, 0, 0, NULL, NULL,
     "Read the images, print settings, layers, memory and arithmetic of a step, and train nothing"},
    {0},
};

// What config.ini holds, and what a recipe cannot say.
static const char KEPT[] =
    "data format size limit on-bad held-out cache loss critic generator latent reuse-latents init "
    "lambda one-sided clip critic-iters batch optimiser rate beta1 beta2 rate-horizon "
    "instance-noise noise-horizon steps log-every sample-every save-every keep grid precision "
    "deterministic no-plots seed device threads";
static const char BARRED[] = "recipe resume dry-run out preset quiet";

// ---- settings ----

// Recommends the recipe, or what the run to go on with was made with. The default folder of the
// results is named after the recipe.
static void prepare(void) {
    if (setting_given("resume")) {
        if (setting_given("recipe"))
            fail(EXIT_USAGE,
                 "--recipe: the run of --resume has its settings in config.ini already");
        if (setting_given("out") && !same_file(setting_text("out"), setting_text("resume")))
            fail(EXIT_USAGE, "--out: a run goes on in the folder of --resume");
        common.out = setting_text("resume");
        recipe_read(run_config(common.out), BARRED);
        return;
    }
    const char *path = recipe_path(setting_text("recipe"));
    recipe_read(path, BARRED);
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    common.out = text("runs/%.*s", (int)strcspn(name, "."), name);
}

// A run among the pictures would be read as pictures when it is resumed.
static void check_place(void) {
    struct stat about;
    if (stat(data_name, &about) != 0 || !S_ISDIR(about.st_mode)) return;
    char *data = realpath(data_name, NULL), *out = NULL;
    const char *at = common.out; // the part of it that is there already
    while (!(out = realpath(at, NULL)) && strchr(at, '/') > at)
        at = text("%.*s", (int)(strrchr(at, '/') - at), at);
    if (!out) out = realpath(".", NULL);
    size_t length = data ? strlen(data) : 0;
    if (out && data && strncmp(out, data, length) == 0 && (out[length] == '/' || !out[length]))
        fail(EXIT_USAGE, "--out %s lies in the folder of the data, %s: give another", common.out,
             data);
    free(data), free(out);
}

static const Program program = {
    .name = "train_images",
    .summary = "Train a GAN on images, from a recipe, with samples, a report and checkpoints.",
    .details =
        "Writes into --out DIR (runs/RECIPE unless given): config.ini, metrics.tsv, reals.png, "
        "samples/, ckpt/, loss.svg, samples.gif, and report.html, which a browser can follow while "
        "training. Ctrl-C finishes the step, saves and exits with 130. A run of 2N steps and one "
        "of N resumed for N more leave the same bytes.\n\n"
        "  experiments/train_images --recipe fashion-quick\n"
        "  experiments/train_images --resume runs/fashion-quick --steps 4000\n"
        "  experiments/train_images --recipe faces64 --data ~/celeba --dry-run",
    .settings = settings,
    .prepare = prepare,
    .folder = "runs/RECIPE",
};

// Before images are read, which may take minutes.
static void check_architecture(const char *name, const char *line, NetUse use) {
    Architecture a;
    Net outline;
    Error error;
    int status = architecture_parse(&a, line, &error);
    if (!status) status = net_outline(&outline, &a, use, (size_t)batch, 3, false, &error);
    if (status) fail(status, "%s: %s", setting_place(name), error.text);
    net_free(&outline);
}

static void check_settings(void) {
    if (resume && !(data_name && critic_line && generator_line))
        fail(EXIT_DATA, "%s: without data, critic or generator: not what a run has written",
             run_config(resume));
    if (!data_name) fail(EXIT_USAGE, "--data is missing: the recipe leaves it to you");
    if (!critic_line || !generator_line)
        fail(EXIT_USAGE, "--critic and --generator are missing, in the recipe too");
    check_architecture("critic", critic_line, loss == GAN_WASSERSTEIN_GP ? NET_PENALTY : NET_TRAIN);
    check_architecture("generator", generator_line, NET_TRAIN);
    if (loss != GAN_WASSERSTEIN_GP && (setting_given("lambda") || setting_given("one-sided")))
        fail(EXIT_USAGE, "--lambda and --one-sided are for --loss wgan-gp");
    if (loss != GAN_WASSERSTEIN && setting_given("clip"))
        fail(EXIT_USAGE, "--clip is for --loss wgan");
    if (rule != RULE_ADAM && (setting_given("beta1") || setting_given("beta2")))
        fail(EXIT_USAGE, "--beta1 and --beta2 are for --optimiser adam");
    if (noise_horizon > 0 && instance_noise == 0)
        fail(EXIT_USAGE, "--noise-horizon is for --instance-noise");
}

// A run can go on from another folder: a path to the data becomes absolute. Links stay what they
// are, as a long path can be given a short name by one.
static void fix_data_path(void) {
    struct stat about;
    bool built_in = strcmp(data_name, "fashion") == 0 || strcmp(data_name, "emoji") == 0;
    char *here = getcwd(NULL, 0);
    if (here && *data_name != '/' && !built_in && stat(data_name, &about) == 0)
        data_name = text("%s/%s", here, data_name);
    free(here);
}

static Rule rule_of_settings(int64_t updates) {
    Rule r = rule_default((RuleKind)rule, rate);
    if (r.kind == RULE_ADAM) r.beta1 = beta1, r.beta2 = beta2;
    r.horizon = (uint64_t)(rate_horizon * updates);
    return r;
}

// [players]
static ImageGanSettings players(const ImageData *data) {
    return (ImageGanSettings){
        .critic = {.architecture = critic_line,
                   .loss = (GanLoss)loss,
                   .penalty = {loss == GAN_WASSERSTEIN_GP ? lambda : 0, one_sided},
                   .init = (Init)init,
                   .rule = rule_of_settings(critic_iters),
                   .clip = loss == GAN_WASSERSTEIN ? clip : 0,
                   .noise = instance_noise,
                   .batch = (size_t)batch},
        .generator = {.architecture = generator_line,
                      .latent = (Latent)latent,
                      .init = (Init)init,
                      .rule = rule_of_settings(1),
                      .batch = (size_t)batch,
                      .reuse_latents = reuse_latents},
        .critic_iters = critic_iters,
        .noise_horizon = noise_horizon,
        .held_out = data->held_out,
        .capture = !deterministic,
        .seed = common.seed,
    };
}
// [/players]

// ---- data ----

static void show_decoding(size_t done, size_t total) {
    progress((int64_t)done, (int64_t)total, "pictures read");
}

static void open_data(ImageData *data) {
    ImageRequest request = {.source = data_name,
                            .format = (ImageFormat)format,
                            .size = (int)size,
                            .limit = (size_t)limit,
                            .skip_bad = on_bad == 1,
                            .cache = cache,
                            .threads = common.threads,
                            .progress = show_decoding};
    image_data_open(data, &request, (size_t)held_out);
}

// What a resumed run shares with the one that it goes on from, beside the architectures.
static const char *const SHARED[] = {
    "loss",  "latent",    "reuse-latents",  "init",          "lambda", "one-sided", "clip",
    "batch", "optimiser", "critic-iters",   "rate",          "beta1",  "beta2",     "rate-horizon",
    "seed",  "precision", "instance-noise", "noise-horizon", "grid"};
enum { SHARED_COUNT = sizeof SHARED / sizeof *SHARED, ENTRIES = SHARED_COUNT + 1 };

static void shared_settings(const ImageData *data, Metadata entry[ENTRIES]) {
    for (int k = 0; k < SHARED_COUNT; k++)
        entry[k] = (Metadata){SHARED[k], setting_value(SHARED[k])};
    entry[SHARED_COUNT] = (Metadata){"data", image_data_line(data)};
}

static ImageRunSettings run_settings(const char *config, size_t entries, const Metadata *entry) {
    return (ImageRunSettings){
        .folder = common.out,
        .program = program.name,
        .resume = resume,
        .steps = steps,
        .log_every = log_every,
        .sample_every = sample_every,
        .save_every = save_every,
        .keep = (size_t)keep,
        .grid = (size_t)grid_side,
        .plots = !no_plots,
        .config = config,
        .entries = entries,
        .entry = entry,
    };
}

static void print_plan(const ImageGanSettings *chosen, const ImageData *data, const char *config) {
    printf("%s\n", config);
    plan_print(chosen, data, stdout);
}

static void train(const ImageGanSettings *chosen, const ImageData *data, const char *config) {
    if (deterministic) setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", 1);
    const Backend *backend = trainer_backend_at((Precision)precision);
    Metadata entry[ENTRIES];
    shared_settings(data, entry);
    ImageRunSettings settings_of_run = run_settings(config, ENTRIES, entry);
    ImageGan gan;
    ImageRun run;
    image_gan_build(&gan, backend, &data->set, image_data_held_out(data), chosen);
    run_open(common.out, resume);
    image_run_open(&run, &gan, data, &settings_of_run);
    interrupt_wait();
    image_run_train(&run);
    image_run_close(&run);
    image_gan_free(&gan);
    backend->close();
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    check_settings();
    fix_data_path();
    const char *config = recipe_text(KEPT);
    if (dry_run)
        common.out = NULL;
    else if (!resume)
        check_place(), run_check_new(common.out);
    ImageData data;
    open_data(&data);
    ImageGanSettings chosen = players(&data);
    if (dry_run)
        print_plan(&chosen, &data, config);
    else
        train(&chosen, &data, config);
    image_data_close(&data);
    int code = experiment_end();
    return interrupted() ? EXIT_INTERRUPT : code;
}
