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
#include <unistd.h>

static const char ENDING[] = ".safetensors";

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

// The descriptor stays open: the lock ends with the process, however it ends.
static void take_folder(const char *folder) {
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) fail(EXIT_RESOURCE, "cannot open %s: %s", folder, strerror(errno));
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        fail(EXIT_USAGE, "%s: another process is training in this folder", folder);
}

void run_open(const char *folder, bool resume) {
    int64_t *steps;
    make_folder(folder);
    take_folder(folder);
    size_t count = checkpoints(folder, &steps);
    free(steps);
    if (!resume && count > 0)
        fail(EXIT_USAGE, "%s holds a run: --resume %s goes on with it, --out DIR begins another",
             folder, folder);
    const char *parts[] = {folder, text("%s/ckpt", folder), text("%s/samples", folder)};
    for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
        make_folder(parts[k]);
        files_sweep(parts[k]);
    }
}

const char *run_newest(const char *folder) {
    int64_t *steps;
    const char *path = NULL;
    for (size_t k = checkpoints(folder, &steps); k > 0 && !path; k--) {
        SafeTensors file;
        Error error;
        path = run_checkpoint(folder, steps[k - 1]);
        int status = checksum_read(&file, path, &error);
        if (!status) {
            safetensors_free(&file);
        } else if (status == EXIT_DATA) {
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
