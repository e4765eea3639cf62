#include "image_run.h"

#include "experiments/common/trainer_state.h"
#include "grid.h"
#include "nets/file.h"
#include "nets/images/picture.h"
#include "run_folder.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// The report says it too, if it still can be written.
static _Noreturn void fail_saved(ImageRun *run, int code, const char *reason) {
    Error ignored;
    if (run->report.folder)
        report_write(&run->report, &run->metrics, run->gan->step, run->settings.steps,
                     text("failed: %s", reason), &ignored);
    fail(code, "step %lld: %s; %s", (long long)run->gan->step, reason,
         run->saved ? text("the last good checkpoint is %s", run->saved)
                    : "no checkpoint was written yet");
}

// ---- checkpoints ----

static void save(ImageRun *run) {
    const ImageRunSettings *s = &run->settings;
    const ImageGan *gan = run->gan;
    const char *path = run_checkpoint(s->folder, gan->step);
    Error error;
    int status =
        trainer_write(path, &gan->critic, &gan->generator, gan->step, s->entries, s->entry, &error);
    if (status) fail_saved(run, status, error.text);
    run->saved = path;
    run_rotate(s->folder, s->keep);
}

static void load(ImageRun *run) {
    const ImageRunSettings *s = &run->settings;
    ImageGan *gan = run->gan;
    const char *path = run_newest(s->folder);
    if (!path) fail(EXIT_DATA, "%s: no checkpoint that can be read", s->folder);
    gan->step = trainer_load(path, &gan->critic, &gan->generator, s->entries, s->entry);
    if (gan->step > s->steps)
        fail(EXIT_USAGE, "%s has done %lld steps already: raise --steps", path,
             (long long)gan->step);
    run->saved = path;
    run_rewind(s->folder, gan->step);
    if (!common.quiet) fprintf(stderr, "%s: going on from %s\n", s->program, path);
}

// ---- what a run leaves ----

static void write_grid(ImageRun *run, const char *path, size_t count, const uint8_t *images) {
    const ImageSet *set = &run->data->set;
    int side = (int)run->settings.grid;
    Grid grid = {side, side, set->height, set->width, set->channels};
    uint8_t *tiled = grid_tile(grid, count, images);
    Error error;
    int status =
        picture_write(path, grid_height(grid), grid_width(grid), grid.channels, tiled, &error);
    if (status) fail_saved(run, status, error.text);
    free(tiled);
}

// Evenly spaced over the set, which is often in the order of what it shows.
static void write_reals(ImageRun *run) {
    const ImageSet *set = &run->data->set;
    size_t size = run->gan->training.features, side = run->settings.grid, count = side * side;
    if (count > set->count) count = set->count;
    uint8_t *images = allocate(count, size);
    for (size_t k = 0; k < count; k++)
        memcpy(images + k * size, set->pixels + image_data_spaced(set, k, count) * size, size);
    write_grid(run, text("%s/reals.png", run->settings.folder), count, images);
    free(images);
}

static void write_samples(ImageRun *run) {
    size_t count = run->settings.grid * run->settings.grid;
    uint8_t *images = allocate(count, run->gan->training.features);
    image_gan_sample(run->gan, count, images);
    write_grid(run, run_samples(run->settings.folder, run->gan->step), count, images);
    free(images);
}

static void write_config(const ImageRunSettings *s) {
    const char *config = text("%s%s", RUN_CONFIG_HEAD, s->config);
    Error error;
    int status = file_write(run_config(s->folder), 1, &(FilePart){config, strlen(config)}, &error);
    if (status) fail(status, "%s", error.text);
}

static void write_row(ImageRun *run) {
    const ImageGan *gan = run->gan;
    ImageGanLook look = image_gan_look(run->gan);
    int64_t updates = (gan->step - run->looked_step) * gan->settings.critic_iters;
    double seen = (double)updates * (double)gan->settings.critic.batch;
    double row[METRIC_COUNT] = {[METRIC_STEP] = (double)gan->step,
                                [METRIC_CRITIC_LOSS] = look.critic,
                                [METRIC_W] = look.w,
                                [METRIC_PENALTY] = look.penalty,
                                [METRIC_NORM_MEAN] = look.norms.mean,
                                [METRIC_NORM_MAX] = look.norms.max,
                                [METRIC_GENERATOR_LOSS] = look.generator,
                                [METRIC_VALIDATION] = look.validation,
                                [METRIC_TRAINING] = look.training,
                                [METRIC_SPEED] = updates > 0 ? seen / (now() - run->looked) : NAN};
    metrics_add(&run->metrics, row);
    run->looked = now(), run->looked_step = gan->step;
}

static void write_report(ImageRun *run, const char *state) {
    Error error;
    int status = report_write(&run->report, &run->metrics, run->gan->step, run->settings.steps,
                              state, &error);
    if (status) fail(status, "%s", error.text);
}

void image_run_open(ImageRun *run, ImageGan *gan, const ImageData *data,
                    const ImageRunSettings *settings) {
    const ImageRunSettings *s = settings;
    *run = (ImageRun){.settings = *s, .data = data, .gan = gan};
    if (s->resume)
        load(run);
    else
        run_rewind(s->folder, -1); // samples of a run that was killed before its first checkpoint
    write_config(s);
    write_reals(run);
    metrics_open(&run->metrics, s->folder, s->config, s->resume ? gan->step : -1);
    report_open(&run->report, s->folder, s->program, s->config, s->plots);
}

void image_run_close(ImageRun *run) {
    metrics_close(&run->metrics);
}

// ---- training ----

static void show_progress(const ImageRun *run) {
    const Metrics *m = &run->metrics;
    const double *row = m->count > 0 ? m->row[m->count - 1] : NULL; // NULL: a table taken away
    int64_t step = run->gan->step, steps = run->settings.steps;
    if (!row || isnan(row[METRIC_SPEED])) { // nothing was looked at since the beginning
        progress(step, steps, "training");
        return;
    }
    Metric shown = isfinite(row[METRIC_W]) ? METRIC_W : METRIC_CRITIC_LOSS;
    progress(step, steps, "%s %.4g  %.0f images/s", shown == METRIC_W ? "W" : "loss", row[shown],
             row[METRIC_SPEED]);
}

void image_run_train(ImageRun *run) {
    const ImageRunSettings *s = &run->settings;
    int64_t step = run->gan->step, saved = s->resume ? step : -1;
    run->looked = now(), run->looked_step = step;
    if (!s->resume) write_row(run), write_samples(run);
    write_report(run, NULL);
    while (step < s->steps && !interrupted()) {
        image_gan_step(run->gan);
        step = run->gan->step;
        if (!image_gan_finite(run->gan)) fail_saved(run, EXIT_NONFINITE, "a loss is not finite");
        if (step % s->log_every == 0) write_row(run);
        if (step % s->save_every == 0) save(run), saved = step;
        if (step % s->sample_every == 0) write_samples(run), write_report(run, NULL);
        show_progress(run);
    }
    if (saved != step) save(run);
    write_report(run, step < s->steps ? "stopped" : "finished");
}
