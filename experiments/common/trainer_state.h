// The state of a training run as one file (nets/checkpoint.h): both players' weights and moments,
// counters, and the settings that a resumed run must share.
#ifndef TRAINER_STATE_H
#define TRAINER_STATE_H

#include "trainer.h"

#include "nets/safetensors.h"

// Writes PATH, atomically: the old file survives any failure. `setting` are the run's own entries,
// beside the architectures, the losses and the optimisers. Ends the program with EXIT_RESOURCE, or
// EXIT_NONFINITE where a weight is not finite.
void trainer_save(const char *path, const Critic *, const Generator *, int64_t step, size_t count,
                  const Metadata *setting);

// The same, but returns the exit code, or 0, with the line in *error.
int trainer_write(const char *path, const Critic *, const Generator *, int64_t step, size_t count,
                  const Metadata *setting, Error *error);

// Puts the players into the state of PATH and returns its step. Ends the program with EXIT_DATA
// where the file is damaged, and with EXIT_USAGE, naming it, where an architecture or a setting is
// not this run's.
int64_t trainer_load(const char *path, Critic *, Generator *, size_t count,
                     const Metadata *setting);

#endif
