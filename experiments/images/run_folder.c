#include "run_folder.h"

#include "experiments/common/contract.h"
#include "files.h"
#include "nets/checksum.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char ENDING[] = ".safetensors";
static const char *const FILES[] = {"config.ini",
                                    "metrics.tsv",
                                    "reals.png",
                                    "loss.svg",
                                    "samples.gif",
                                    "report.html",
                                    "train_images.provenance",
                                    NULL};

const char *run_config(const char *folder) {
    return text("%s/config.ini", folder);
}

const char *run_checkpoint(const char *folder, int64_t step) {
    return text("%s/ckpt/%08lld%s", folder, (long long)step, ENDING);
}

const char *run_samples(const char *folder, int64_t step) {
    return text("%s/samples/%08lld.png", folder, (long long)step);
}

static size_t checkpoints(const char *folder, int64_t **steps) {
    return files_numbered(text("%s/ckpt", folder), ENDING, steps);
}

static size_t numbered(const char *folder, const char *ending) {
    int64_t *numbers;
    size_t count = files_numbered(folder, ending, &numbers);
    free(numbers);
    return count;
}

// The descriptor stays open: the lock ends with the process, however it ends.
static void take_folder(const char *folder) {
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) fail(EXIT_RESOURCE, "cannot open %s: %s", folder, strerror(errno));
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        fail(EXIT_USAGE, "%s: another process is training in this folder", folder);
}

const char RUN_CONFIG_HEAD[] =
    "# train_images: --resume goes on with this run, --recipe with this file makes another\n";

// Whether config.ini is one of a run; false where there is none.
static bool is_config(const char *path) {
    char start[sizeof RUN_CONFIG_HEAD] = "";
    FILE *file = fopen(path, "r");
    size_t got = file ? fread(start, 1, sizeof start - 1, file) : 0;
    if (file) fclose(file);
    return got > 0 && strcmp(start, RUN_CONFIG_HEAD) == 0;
}

bool run_check_new(const char *folder) {
    const char *config = run_config(folder);
    bool ours = is_config(config);
    if (numbered(text("%s/ckpt", folder), ENDING) > 0)
        fail(EXIT_USAGE, "%s holds a run: --resume %s goes on with it, --out DIR begins another",
             folder, folder);
    bool taken = numbered(text("%s/samples", folder), ".png") > 0;
    for (const char *const *name = FILES; *name; name++)
        taken = taken || access(text("%s/%s", folder, *name), F_OK) == 0;
    if (!ours && taken)
        fail(EXIT_USAGE, "%s holds files of something else: give another folder by --out DIR",
             folder);
    return ours;
}

void run_open(const char *folder, bool resume) {
    make_folder(folder);
    take_folder(folder);
    if (!resume && run_check_new(folder))
        fprintf(stderr, "%s: a run that ended before its first checkpoint is replaced\n", folder);
    const char *parts[] = {folder, text("%s/ckpt", folder), text("%s/samples", folder)};
    for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
        make_folder(parts[k]);
        files_sweep(parts[k], FILES);
    }
}

// Whether a checkpoint is whole, and of the step that its name says.
static int check(const char *path, int64_t step, Error *error) {
    SafeTensors file;
    int status = checksum_read(&file, path, error);
    if (status) return status;
    const char *says = safetensors_metadata(&file, "step");
    if (says && strtoll(says, NULL, 10) != step)
        status = error_set(error, EXIT_DATA, "%s: it is of step %s, not of the one in its name",
                           path, says);
    safetensors_free(&file);
    return status;
}

const char *run_newest(const char *folder) {
    int64_t *steps;
    const char *path = NULL;
    for (size_t k = checkpoints(folder, &steps); k > 0 && !path; k--) {
        Error error;
        path = run_checkpoint(folder, steps[k - 1]);
        int status = check(path, steps[k - 1], &error);
        if (!status) break;
        struct stat about;
        if (status == EXIT_RESOURCE && lstat(path, &about) != 0) { // the run has just removed it
            free(steps);
            return run_newest(folder);
        }
        if (status == EXIT_DATA) {
            fprintf(stderr, "damaged: %s\n", error.text);
            path = NULL;
        } else {
            fail(status, "%s", error.text);
        }
    }
    free(steps);
    return path;
}

void run_rewind(const char *folder, int64_t step) {
    int64_t *steps;
    size_t count = checkpoints(folder, &steps);
    for (size_t k = 0; k < count; k++) {
        const char *path = run_checkpoint(folder, steps[k]);
        if (steps[k] > step && rename(path, text("%s.damaged", path)) != 0)
            fail(EXIT_RESOURCE, "cannot rename %s: %s", path, strerror(errno));
    }
    free(steps);
    count = files_numbered(text("%s/samples", folder), ".png", &steps);
    for (size_t k = 0; k < count; k++)
        if (steps[k] > step) unlink(run_samples(folder, steps[k]));
    free(steps);
}

void run_rotate(const char *folder, size_t keep) {
    int64_t *steps;
    size_t count = checkpoints(folder, &steps);
    for (size_t k = 0; k + keep < count; k++) unlink(run_checkpoint(folder, steps[k]));
    free(steps);
}
