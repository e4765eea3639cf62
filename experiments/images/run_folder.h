// The folder of a training run:
//
//     config.ini          the settings, a recipe that makes the same run
//     metrics.tsv         losses by step
//     reals.png           images of the data; samples/00000500.png: generated ones, from one z
//     ckpt/00000500.safetensors     the state after 500 steps, the newest --keep of them
//     loss.svg, samples.gif, report.html
#ifndef RUN_FOLDER_H
#define RUN_FOLDER_H

#include "nets/safetensors.h"

#include <stdbool.h>
#include <stdint.h>

extern const char RUN_CONFIG_HEAD[]; // the first line of config.ini, by which it is known

// Whether a run that ended before its first checkpoint is there, for a new one to replace. Ends the
// program with EXIT_USAGE where the folder holds another run, or files that no run has written and
// a new one would overwrite. Changes nothing.
bool run_check_new(const char *folder);

// Makes the folder, takes it for this process alone until its end, sweeps what a killed run left.
// Ends the program with EXIT_USAGE where another process has it, and as run_check_new() unless
// `resume`.
void run_open(const char *folder, bool resume);

const char *run_config(const char *folder);
const char *run_checkpoint(const char *folder, int64_t step);
const char *run_samples(const char *folder, int64_t step);

// Path of the newest checkpoint that can be read; NULL where there is none. Says on stderr which
// newer ones are damaged, and why.
const char *run_newest(const char *folder);

// For a run that goes on from `step`: checkpoints of later steps, which cannot be read, get
// ".damaged" after their names; samples of later steps are removed.
void run_rewind(const char *folder, int64_t step);

// Removes all checkpoints but the newest `keep`.
void run_rotate(const char *folder, size_t keep);

#endif
