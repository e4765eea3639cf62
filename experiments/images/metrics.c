#include "metrics.h"

#include "experiments/common/contract.h"
#include "nets/file.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char NAMES[] = "step\tcritic_loss\tw_estimate\tpenalty\tnorm_mean\tnorm_max\t"
                            "generator_loss\tvalidation_loss\ttraining_loss\timages_per_s\n";

static void keep_row(Metrics *m, const double row[METRIC_COUNT]) {
    if (m->count == m->room) {
        m->room = m->room ? 2 * m->room : 256;
        m->row = realloc(m->row, m->room * sizeof *m->row);
        if (!m->row) fail(EXIT_RESOURCE, "out of memory");
    }
    memcpy(m->row[m->count++], row, sizeof *m->row);
}

static void put_row(FILE *stream, const double row[METRIC_COUNT]) {
    for (int k = 0; k < METRIC_COUNT; k++) {
        if (isnan(row[k]))
            fputs("nan", stream);
        else
            fprintf(stream, "%.9g", row[k] + 0.0);
        fputc(k + 1 < METRIC_COUNT ? '\t' : '\n', stream);
    }
}

// False for a line that is no whole row: a comment, the names, one that a kill cut short.
static bool read_row(const char *line, double row[METRIC_COUNT]) {
    char *end;
    for (int k = 0; k < METRIC_COUNT; k++, line = end + 1) {
        row[k] = strtod(line, &end);
        if (end == line || *end != (k + 1 < METRIC_COUNT ? '\t' : '\n')) return false;
    }
    return true;
}

static void read_rows(Metrics *m, int64_t last) {
    FILE *old = fopen(m->path, "r");
    char *line = NULL;
    size_t room = 0;
    double row[METRIC_COUNT];
    while (old && getline(&line, &room, old) > 0)
        if (read_row(line, row) && row[METRIC_STEP] <= (double)last) keep_row(m, row);
    free(line);
    if (old) fclose(old);
}

static void write_start(const Metrics *m, const char *head) {
    char *bytes;
    size_t size;
    FILE *stream = open_memstream(&bytes, &size);
    if (!stream) fail(EXIT_RESOURCE, "out of memory");
    for (const char *at = head; *at; at += strcspn(at, "\n") + 1)
        fprintf(stream, "# %.*s\n", (int)strcspn(at, "\n"), at);
    fputs(NAMES, stream);
    for (size_t k = 0; k < m->count; k++) put_row(stream, m->row[k]);
    if (fclose(stream) != 0) fail(EXIT_RESOURCE, "out of memory");
    Error error;
    int status = file_write(m->path, 1, &(FilePart){bytes, size}, &error);
    if (status) fail(status, "%s", error.text);
    free(bytes);
}

void metrics_open(Metrics *m, const char *folder, const char *head, int64_t last) {
    *m = (Metrics){.path = text("%s/metrics.tsv", folder)};
    if (last >= 0) read_rows(m, last);
    write_start(m, head);
    m->stream = fopen(m->path, "a");
    if (!m->stream) fail(EXIT_RESOURCE, "cannot write %s: %s", m->path, strerror(errno));
}

void metrics_close(Metrics *m) {
    fclose(m->stream);
    free(m->row);
}

void metrics_add(Metrics *m, const double row[METRIC_COUNT]) {
    keep_row(m, row);
    errno = 0;
    put_row(m->stream, row);
    if (fflush(m->stream) != 0 || ferror(m->stream))
        fail(EXIT_RESOURCE, "cannot write %s: %s", m->path, strerror(errno));
}
