#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// NULL with errno set.
static void *read_all(int descriptor, size_t *size) {
    struct stat about;
    if (fstat(descriptor, &about) != 0) return NULL;
    size_t room = about.st_size > 0 ? (size_t)about.st_size + 1 : 65536;
    char *bytes = malloc(room);
    *size = 0;
    while (bytes) {
        ssize_t n = read(descriptor, bytes + *size, room - *size);
        if (n == 0) return bytes;
        if (n < 0 && errno == EINTR) continue;
        if (n > 0) *size += (size_t)n;
        char *grown = n < 0 ? NULL : *size < room ? bytes : realloc(bytes, room *= 2);
        if (!grown) free(bytes);
        bytes = grown;
    }
    return NULL;
}

void *file_read(const char *path, size_t *size, Error *error) {
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    void *bytes = descriptor < 0 ? NULL : read_all(descriptor, size);
    int reason = errno;
    if (descriptor >= 0) close(descriptor);
    if (!bytes) error_set(error, EXIT_RESOURCE, "cannot read %s: %s", path, strerror(reason));
    return bytes;
}

// ---- Writing: these return 0 or an errno ------------------------------------------------------

static int write_all(int descriptor, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t n = write(descriptor, bytes, size);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return n < 0 ? errno : EIO;
        bytes += n;
        size -= (size_t)n;
    }
    return 0;
}

static int write_parts(int descriptor, size_t parts, const FilePart *part) {
    int reason = 0;
    for (size_t k = 0; !reason && k < parts; k++)
        reason = write_all(descriptor, part[k].bytes, part[k].size);
    return reason;
}

// The rename is only certain to be there after a power cut once the folder is on disk too.
static int sync_folder_of(const char *path) {
    char *copy = strdup(path);
    int folder = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    int reason = folder < 0 || fsync(folder) != 0 ? errno : 0;
    if (folder >= 0) close(folder);
    free(copy);
    return reason == EINVAL ? 0 : reason; // file systems that cannot do it
}

// The temporary file carries our process id: one that is there already was left by a process that
// had the same and was killed, as happens in containers.
static int replace_file(const char *path, const char *temporary, size_t parts,
                        const FilePart *part) {
    if (unlink(temporary) != 0 && errno != ENOENT) return errno;
    int descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0) return errno;
    int reason = write_parts(descriptor, parts, part);
    if (!reason && fsync(descriptor) != 0) reason = errno;
    if (close(descriptor) != 0 && !reason) reason = errno;
    if (!reason && rename(temporary, path) != 0) reason = errno;
    if (!reason) return sync_folder_of(path);
    unlink(temporary);
    return reason;
}

// A device or pipe is written as it is: there is nothing to replace.
static int write_device(const char *path, size_t parts, const FilePart *part) {
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return errno;
    int reason = write_parts(descriptor, parts, part);
    if (close(descriptor) != 0 && !reason) reason = errno;
    return reason;
}

// Through a symbolic link to what it names, which is what gets replaced.
static int write_file(const char *path, size_t parts, const FilePart *part) {
    struct stat there;
    if (stat(path, &there) == 0 && !S_ISREG(there.st_mode)) return write_device(path, parts, part);
    char *target = realpath(path, NULL), *temporary;
    if (!target && errno == ENOENT) target = strdup(path); // it is new
    if (!target) return errno;
    int reason = ENOMEM;
    if (asprintf(&temporary, "%s.%ld.tmp", target, (long)getpid()) >= 0) {
        reason = replace_file(target, temporary, parts, part);
        free(temporary);
    }
    free(target);
    return reason;
}

int file_write(const char *path, size_t parts, const FilePart *part, Error *error) {
    int reason = write_file(path, parts, part);
    if (reason)
        return error_set(error, EXIT_RESOURCE, "cannot write %s: %s", path, strerror(reason));
    return 0;
}
