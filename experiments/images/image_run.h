// A training run in its folder: rows, samples, checkpoints and the report while it goes on,
// resuming, and an end that leaves a checkpoint whatever happened.
#ifndef IMAGE_RUN_H
#define IMAGE_RUN_H

#include "image_data.h"
#include "image_gan.h"
#include "image_report.h"
#include "metrics.h"
#include "nets/safetensors.h"

typedef struct {
    const char *folder;  // as run_open() took it
    const char *program; // for messages
    bool resume;
    int64_t steps; // generator updates in all
    int64_t log_every, sample_every, save_every;
    size_t keep;        // checkpoints
    size_t grid;        // samples are drawn as so many rows of as many
    bool plots;         // loss.svg and samples.gif
    const char *config; // the settings, as recipe_text() writes them
    size_t entries;     // what a resumed run must share with the one that it goes on from, beside
    const Metadata *entry; // the architectures
} ImageRunSettings;

typedef struct {
    ImageRunSettings settings;
    const ImageData *data;
    ImageGan *gan;
    Metrics metrics;
    Report report;
    const char *saved; // the last checkpoint written or read; NULL: none yet
    double looked;     // when the last row was written, seconds
    int64_t looked_step;
} ImageRun;

// Goes on from the newest checkpoint that can be read, if that is wanted, and writes config.ini and
// reals.png. Ends the program with EXIT_USAGE where a setting, an architecture or the data are not
// the old run's, with EXIT_DATA where no checkpoint can be read, with EXIT_RESOURCE.
void image_run_open(ImageRun *, ImageGan *, const ImageData *, const ImageRunSettings *);
void image_run_close(ImageRun *);

// Trains up to settings.steps, or to the end of the step in which the program is interrupted, and
// saves. Ends the program with EXIT_NONFINITE in the step in which a loss is no finite number, and
// with EXIT_RESOURCE where something cannot be written; both name the last checkpoint.
void image_run_train(ImageRun *);

#endif
