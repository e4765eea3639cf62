#include "source.h"
#include "hash.h"
#include "nets/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern const SourceKind SOURCE_IDX, SOURCE_CIFAR, SOURCE_FOLDER, SOURCE_EMOJI;
const SourceKind *const SOURCE_KINDS[] = {[FORMAT_IDX] = &SOURCE_IDX,
                                          [FORMAT_CIFAR] = &SOURCE_CIFAR,
                                          [FORMAT_FOLDER] = &SOURCE_FOLDER,
                                          [FORMAT_EMOJI] = &SOURCE_EMOJI};

// ---- What is asked for ------------------------------------------------------------------------

typedef struct {
    const char *name, *package;
    ImageFormat format;
    const char *path[3]; // where distributions put it
} BuiltIn;
static const BuiltIn BUILT_IN[] = {
    {"fashion",
     "dataset-fashion-mnist",
     FORMAT_IDX,
     {"/usr/share/datasets/fashion-mnist", NULL, NULL}},
    {"emoji",
     "fonts-noto-color-emoji",
     FORMAT_EMOJI,
     {"/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf",
      "/usr/share/fonts/noto/NotoColorEmoji.ttf",
      "/usr/share/fonts/google-noto-emoji/NotoColorEmoji.ttf"}},
};

static const BuiltIn *built_in(const char *name) {
    for (size_t k = 0; k < sizeof BUILT_IN / sizeof *BUILT_IN; k++)
        if (strcmp(name, BUILT_IN[k].name) == 0) return &BUILT_IN[k];
    return NULL;
}

static int find_built_in(const BuiltIn *set, ImageFormat format, const char **path, Error *error) {
    if (format != FORMAT_AUTO && format != set->format)
        return error_set(error, EXIT_USAGE, "%s is of the format %s, not %s", set->name,
                         SOURCE_KINDS[set->format]->name, SOURCE_KINDS[format]->name);
    for (int p = 0; p < 3; p++)
        if (set->path[p] && access(set->path[p], R_OK) == 0) {
            *path = set->path[p];
            return 0;
        }
    return error_set(error, EXIT_USAGE,
                     "%s is not installed: sudo apt-get install %s, or give the path of %s",
                     set->name, set->package, strrchr(set->path[0], '/') + 1);
}

// The path of a built-in set, or the name itself.
static int resolve(const ImageRequest *request, const char **path, Error *error) {
    const BuiltIn *set = built_in(request->source);
    if (set) return find_built_in(set, request->format, path, error);
    *path = request->source;
    if (access(*path, F_OK) == 0) return 0;
    return error_set(error, EXIT_USAGE, "%s: neither a built-in set (fashion, emoji) nor a path",
                     *path);
}

static int detect_file(Source *source, const char *path, Error *error) {
    uint8_t bytes[8];
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = descriptor < 0 ? -1 : read(descriptor, bytes, sizeof bytes);
    int reason = errno;
    if (descriptor >= 0) close(descriptor);
    if (got < 0)
        return error_set(error, EXIT_RESOURCE, "cannot read %s: %s", path, strerror(reason));
    for (int f = FORMAT_IDX; f <= FORMAT_EMOJI; f++)
        if (SOURCE_KINDS[f]->is_file(path, bytes, (size_t)got)) {
            source->kind = SOURCE_KINDS[f];
            return 0;
        }
    if (picture_format(bytes, (size_t)got) != PICTURE_NONE)
        return error_set(error, EXIT_USAGE, "%s: one picture; give the folder that it is in", path);
    return error_set(error, EXIT_USAGE,
                     "%s: neither IDX, nor CIFAR-10 (.bin), nor a font, nor a folder", path);
}

static int detect(Source *source, const char *path, Error *error) {
    struct stat about;
    if (stat(path, &about) != 0)
        return error_set(error, EXIT_RESOURCE, "cannot read %s: %s", path, strerror(errno));
    if (S_ISREG(about.st_mode)) return detect_file(source, path, error);
    if (!S_ISDIR(about.st_mode))
        return error_set(error, EXIT_USAGE, "%s: neither a file nor a folder", path);
    for (int f = FORMAT_IDX; !source->kind && f <= FORMAT_EMOJI; f++)
        if (SOURCE_KINDS[f]->is_folder(path)) source->kind = SOURCE_KINDS[f];
    return 0;
}

// ---- The key ----------------------------------------------------------------------------------

static int add_content(uint64_t *key, const char *path, int threads, Error *error) {
    size_t size;
    void *bytes = file_read(path, &size, error);
    if (!bytes) return EXIT_RESOURCE;
    *key = hash_bytes(*key, &size, sizeof size, 1);
    *key = hash_bytes(*key, bytes, size, threads);
    free(bytes);
    return 0;
}

// Of a folder, reading all of which would take as long as decoding it: names, sizes and times.
static void add_stamp(uint64_t *key, const Source *source, const SourceFile *file) {
    const char *name = file->path + source->root; // a folder may move
    *key = hash_bytes(*key, name, strlen(name) + 1, 1);
    *key = hash_bytes(*key, file->stamp, sizeof file->stamp, 1);
}

static int make_key(Source *source, const ImageRequest *request, int threads, Error *error) {
    char settings[120];
    int length = snprintf(settings, sizeof settings, "%s size %d limit %zu skip %d",
                          source->kind->name, request->size, request->limit, request->skip_bad);
    source->key = hash_bytes(HASH_EMPTY, settings, (size_t)length + 1, 1);
    int status = 0;
    for (size_t k = 0; !status && k < source->files; k++) {
        if (source->kind == &SOURCE_FOLDER)
            add_stamp(&source->key, source, &source->file[k]);
        else
            status = add_content(&source->key, source->file[k].path, threads, error);
    }
    return status;
}

// ---- A source ---------------------------------------------------------------------------------

static int find(Source *source, const ImageRequest *request, int threads, Error *error) {
    const char *path = NULL;
    int status = resolve(request, &path, error);
    if (status) return status;
    if (request->format == FORMAT_AUTO)
        status = detect(source, path, error);
    else
        source->kind = SOURCE_KINDS[request->format];
    if (!status) status = source->kind->find(source, path, request->part, error);
    return status ? status : make_key(source, request, threads, error);
}

int source_find(Source *source, const ImageRequest *request, int threads, Error *error) {
    *source = (Source){.name = request->source};
    int status = find(source, request, threads, error);
    if (status) source_close(source);
    return status;
}

int source_load(Source *source, const ImageRequest *request, int workers, Error *error) {
    int status = source->kind->load(source, workers, error);
    if (request->limit > 0 && source->count > request->limit) source->count = request->limit;
    return status;
}

bool source_add(Source *source, const char *path) {
    if ((source->files & (source->files - 1)) == 0) { // room doubles at powers of two
        size_t room = source->files > 0 ? 2 * source->files : 1;
        SourceFile *grown = realloc(source->file, room * sizeof *grown);
        if (!grown) return false;
        source->file = grown;
    }
    SourceFile file = {.path = strdup(path)};
    if (!file.path) return false;
    source->file[source->files++] = file;
    return true;
}

bool source_is_folder(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

void source_close(Source *source) {
    if (source->kind) source->kind->close(source->data);
    for (size_t k = 0; k < source->files; k++) free(source->file[k].path);
    free(source->file);
    *source = (Source){0};
}
