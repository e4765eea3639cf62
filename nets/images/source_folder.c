// The pictures of a folder and of the folders in it: all files that are JPEG or PNG by their first
// bytes, or are called like a picture of any format, so that none is passed over in silence; in the
// order of their paths' bytes. Names that begin with a dot are left out. Links are followed, but
// not back to a folder that is being listed; one to nowhere is a picture that cannot be read.
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST = 512 << 20 };

static bool called_picture(const char *name) {
    static const char *const endings[] = {".jpg", ".jpeg", ".png",  ".gif",  ".webp",
                                          ".bmp", ".tif",  ".tiff", ".heic", ".avif",
                                          ".jxl", ".jp2",  ".ppm",  ".pgm"};
    const char *dot = strrchr(name, '.');
    for (size_t k = 0; dot && k < sizeof endings / sizeof *endings; k++)
        if (strcasecmp(dot, endings[k]) == 0) return true;
    return false;
}

static bool begins_as_picture(const char *path) {
    char bytes[8];
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return false;
    ssize_t got = read(descriptor, bytes, sizeof bytes);
    close(descriptor);
    return got > 0 && picture_format(bytes, (size_t)got) != PICTURE_NONE;
}

static bool add(Source *source, const FTSENT *entry) {
    const struct stat *s = entry->fts_statp;
    if (!source_add(source, entry->fts_path)) return false;
    uint64_t stamp[] = {(uint64_t)s->st_size, (uint64_t)s->st_mtim.tv_sec,
                        (uint64_t)s->st_mtim.tv_nsec, (uint64_t)s->st_ctim.tv_sec,
                        (uint64_t)s->st_ctim.tv_nsec};
    memcpy(source->file[source->files - 1].stamp, stamp, sizeof stamp);
    return true;
}

// Returns 0 or an errno, with the path where it happened.
static int visit(Source *source, FTS *tree, FTSENT *entry) {
    bool hidden = entry->fts_level > 0 && entry->fts_name[0] == '.';
    switch (entry->fts_info) {
    case FTS_D:
        if (hidden) fts_set(tree, entry, FTS_SKIP);
        return 0;
    case FTS_F:
        if (hidden || !(called_picture(entry->fts_name) || begins_as_picture(entry->fts_accpath)))
            return 0;
        return add(source, entry) ? 0 : ENOMEM;
    case FTS_SLNONE:
        return hidden || !called_picture(entry->fts_name) || add(source, entry) ? 0 : ENOMEM;
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        return hidden ? 0 : entry->fts_errno;
    default:
        return 0; // the way back, loops, devices
    }
}

static int by_path(const void *a, const void *b) {
    return strcmp(((const SourceFile *)a)->path, ((const SourceFile *)b)->path);
}

static int list(Source *source, FTS *tree, const char *path, Error *error) {
    FTSENT *entry;
    while ((errno = 0, entry = fts_read(tree))) {
        int reason = visit(source, tree, entry);
        if (reason)
            return error_set(error, EXIT_RESOURCE, "cannot read %s: %s", entry->fts_path,
                             strerror(reason));
    }
    if (errno) return error_set(error, EXIT_RESOURCE, "cannot read %s: %s", path, strerror(errno));
    if (source->files == 0)
        return error_set(error, EXIT_DATA, "%s: no JPEG or PNG pictures in this folder", path);
    qsort(source->file, source->files, sizeof *source->file, by_path);
    return 0;
}

static int folder_find(Source *source, const char *path, ImagePart part, Error *error) {
    if (part == PART_TEST)
        return error_set(error, EXIT_USAGE, "%s: a folder of pictures has no test part", path);
    char *roots[] = {(char *)path, NULL};
    FTS *tree = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, NULL);
    if (!tree) return error_set(error, EXIT_RESOURCE, "cannot read %s: %s", path, strerror(errno));
    int status = list(source, tree, path, error);
    fts_close(tree);
    source->root = strlen(path);
    return status;
}

static bool is_file(const char *path, const uint8_t *bytes, size_t size) {
    (void)path, (void)bytes, (void)size;
    return false;
}

static int folder_load(Source *source, int workers, Error *error) {
    (void)workers, (void)error;
    source->count = source->files;
    return 0;
}

static int folder_picture(const Source *source, int worker, size_t index, Picture *picture,
                          Error *error) {
    (void)worker;
    struct stat about;
    const char *path = source->file[index].path;
    *picture = (Picture){0};
    if (stat(path, &about) != 0 || access(path, R_OK) != 0) // of this one picture, --on-bad's
        return error_set(error, EXIT_DATA, "%s: %s", path,
                         errno == ENOENT ? "a link to nowhere" : strerror(errno));
    if (about.st_size > LARGEST)
        return error_set(error, EXIT_DATA, "%s: more than 512 MiB, which is no picture", path);
    return picture_read(picture, path, error);
}

static void folder_close(void *data) {
    (void)data;
}

const SourceKind SOURCE_FOLDER = {"folder",    source_is_folder, is_file,     folder_find,
                                  folder_load, folder_picture,   folder_close};
