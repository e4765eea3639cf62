// A page that shows a run while it goes on: settings, curves, samples over time, all in one file.
#ifndef IMAGE_REPORT_H
#define IMAGE_REPORT_H

#include "kernels/error.h"
#include "metrics.h"

#include <stdbool.h>

typedef struct {
    const char *folder, *program, *settings;
    bool plots; // gnuplot is there, and wanted
} Report;

// `settings`: lines as recipe_text() makes them. Says on stderr where plots are wanted and gnuplot
// is not there. All texts must outlive the report.
void report_open(Report *, const char *folder, const char *program, const char *settings,
                 bool plots);

// Rewrites FOLDER/report.html, atomically, and loss.svg before it. `state` is "finished" or
// "stopped", which draws samples.gif too, or why training ended, or NULL while it goes on: the page
// then loads itself anew. A picture that cannot be read is left out. Returns 0 or EXIT_RESOURCE.
int report_write(Report *, const Metrics *, int64_t step, int64_t steps, const char *state,
                 Error *error);

#endif
