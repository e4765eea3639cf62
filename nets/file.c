#include "file.h"

#include <errno.h>
#include <fcntl.h>
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
