// The pictures of an emoji font, a font for each worker.
#include "emoji.h"
#include "nets/file.h"
#include "source.h"

#include <stdlib.h>

enum { SIDE = 64 };

typedef struct {
    void *bytes;
    int workers;
    Emoji font[]; // [workers]
} Data;

static bool emoji_is_folder(const char *path) {
    (void)path;
    return false;
}

static bool emoji_is_file(const char *path, const uint8_t *bytes, size_t size) {
    (void)path;
    return emoji_is_font(bytes, size);
}

static int emoji_find(Source *source, const char *path, ImagePart part, Error *error) {
    if (part == PART_TEST)
        return error_set(error, EXIT_USAGE, "%s: a font has no test part", source->name);
    return source_add(source, path) ? 0 : error_set(error, EXIT_RESOURCE, "out of memory");
}

static int emoji_load(Source *source, int workers, Error *error) {
    Data *data = source->data = calloc(1, sizeof *data + (size_t)workers * sizeof data->font[0]);
    if (!data) return error_set(error, EXIT_RESOURCE, "out of memory");
    const char *path = source->file[0].path;
    size_t size;
    data->bytes = file_read(path, &size, error);
    if (!data->bytes) return EXIT_RESOURCE;
    int status = 0;
    for (int k = 0; !status && k < workers; k++) {
        status = emoji_open(&data->font[k], path, data->bytes, size, error);
        data->workers = k + 1;
    }
    source->count = data->font[0].count;
    source->height = source->width = SIDE;
    source->channels = 3;
    return status;
}

static int emoji_source_picture(const Source *source, int worker, size_t index, Picture *picture,
                                Error *error) {
    return emoji_picture(&((const Data *)source->data)->font[worker], index, picture, error);
}

static void emoji_source_close(void *pointer) {
    Data *data = pointer;
    if (!data) return;
    for (int k = 0; k < data->workers; k++) emoji_close(&data->font[k]);
    free(data->bytes);
    free(data);
}

const SourceKind SOURCE_EMOJI = {"emoji",    emoji_is_folder,      emoji_is_file,     emoji_find,
                                 emoji_load, emoji_source_picture, emoji_source_close};
