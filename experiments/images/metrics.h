// The table of a training run, RUN/metrics.tsv: a row as soon as it is measured, so that it can be
// followed, and survives the program.
#ifndef METRICS_H
#define METRICS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef enum {
    METRIC_STEP,        // generator updates
    METRIC_CRITIC_LOSS, // of the last critic update, penalty included
    METRIC_W,         // mean f(real) − mean f(fake) there; nan unless the loss is wgan or wgan-gp
    METRIC_PENALTY,   // the penalty's part of the loss; nan without one
    METRIC_NORM_MEAN, // ‖∇f(x̂)‖ there, over the batch; nan without a penalty
    METRIC_NORM_MAX,
    METRIC_GENERATOR_LOSS, // of the last generator update
    METRIC_VALIDATION,     // the critic's loss without penalty on held-out images; nan without any
    METRIC_TRAINING,       // the same on as many training images, by the same critic
    METRIC_SPEED,          // real images that the critic saw per second, since the last row
    METRIC_COUNT
} Metric;

typedef struct {
    const char *path;
    FILE *stream;
    size_t count, room;
    double (*row)[METRIC_COUNT]; // [count], those of before a resume too
} Metrics;

// The table of a new run (last < 0), or the rows up to step `last` of the one that is there. `head`
// is put before it, each line behind a #. Ends the program with EXIT_RESOURCE.
void metrics_open(Metrics *, const char *folder, const char *head, int64_t last);
void metrics_close(Metrics *);

// Adds a row and gives it to the system.
void metrics_add(Metrics *, const double row[METRIC_COUNT]);

#endif
