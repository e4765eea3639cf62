// IDX files: images, and labels beside them.
#include "nets/idx.h"
#include "source.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    IdxImages images;
    IdxLabels labels;
} Data;

static bool readable(char *path) {
    return path && access(path, R_OK) == 0;
}

// FOLDER/PART-images-idx3-ubyte, or with a dot before idx3, either also with .gz; NULL if there is
// none of them.
static char *idx_path(const char *folder, const char *part, const char *what, int dimensions) {
    static const char *const joints[] = {"-", "."}, *const endings[] = {"", ".gz"};
    for (int k = 0; k < 4; k++) {
        char *path;
        if (asprintf(&path, "%s/%s-%s%sidx%d-ubyte%s", folder, part, what, joints[k / 2],
                     dimensions, endings[k % 2]) < 0)
            return NULL;
        if (readable(path)) return path;
        free(path);
    }
    return NULL;
}

static bool idx_is_folder(const char *path) {
    char *train = idx_path(path, "train", "images", 3), *test = idx_path(path, "t10k", "images", 3);
    bool is = train || test;
    free(train), free(test);
    return is;
}

static bool idx_is_file(const char *path, const uint8_t *bytes, size_t size) {
    return strstr(path, "-ubyte") || (size >= 2 && memcmp(bytes, "\x1f\x8b", 2) == 0) ||
           (size >= 3 && memcmp(bytes, "\0\0\x08", 3) == 0);
}

// X-images-idx3-Y has its labels in X-labels-idx1-Y; NULL for another name.
static char *labels_beside(const char *path) {
    const char *name = strrchr(path, '/');
    char *labels = strdup(path);
    if (!labels) return NULL;
    char *at = labels + (name ? name - path : 0), *what = strstr(at, "images"),
         *dimensions = strstr(at, "idx3");
    if (what) memcpy(what, "labels", 6);
    if (dimensions) dimensions[3] = '1';
    if (what && dimensions) return labels;
    free(labels);
    return NULL;
}

static int idx_find(Source *source, const char *path, ImagePart part, Error *error) {
    bool folder = source_is_folder(path);
    const char *name = part == PART_TRAIN ? "train" : "t10k";
    if (!folder && part == PART_TEST)
        return error_set(error, EXIT_USAGE, "%s: one file, which has no test part", path);
    char *images = folder ? idx_path(path, name, "images", 3) : strdup(path);
    char *labels = folder ? idx_path(path, name, "labels", 1) : labels_beside(path);
    int status = 0;
    if (!images)
        status = error_set(error, EXIT_USAGE, "%s: no %s-images-idx3-ubyte[.gz] in it", path, name);
    else if (!source_add(source, images) || (readable(labels) && !source_add(source, labels)))
        status = error_set(error, EXIT_RESOURCE, "out of memory");
    free(images), free(labels);
    return status;
}

static int load_labels(Source *source, Data *data, Error *error) {
    const char *path = source->file[1].path;
    int status = idx_labels_read(&data->labels, path, error);
    if (status) return status;
    if (data->labels.count != data->images.count)
        return error_set(error, EXIT_DATA, "%s: %zu labels for %zu images", path,
                         data->labels.count, data->images.count);
    source->labels = data->labels.labels;
    for (size_t i = 0; i < data->labels.count; i++)
        if (source->labels[i] >= source->classes) source->classes = source->labels[i] + 1;
    return 0;
}

static int idx_load(Source *source, int workers, Error *error) {
    (void)workers;
    Data *data = source->data = calloc(1, sizeof *data);
    if (!data) return error_set(error, EXIT_RESOURCE, "out of memory");
    int status = idx_read(&data->images, source->file[0].path, error);
    if (status) return status;
    source->count = data->images.count;
    source->height = (int)data->images.height, source->width = (int)data->images.width;
    source->channels = 1;
    return source->files > 1 ? load_labels(source, data, error) : 0;
}

static int idx_picture(const Source *source, int worker, size_t index, Picture *picture,
                       Error *error) {
    (void)worker;
    const IdxImages *images = &((const Data *)source->data)->images;
    size_t size = images->height * images->width;
    *picture = (Picture){(int)images->height, (int)images->width, 1, malloc(size)};
    if (!picture->pixels) return error_set(error, EXIT_RESOURCE, "out of memory");
    memcpy(picture->pixels, images->pixels + index * size, size);
    return 0;
}

static void idx_close(void *data) {
    if (!data) return;
    idx_free(&((Data *)data)->images);
    idx_labels_free(&((Data *)data)->labels);
    free(data);
}

const SourceKind SOURCE_IDX = {"idx",    idx_is_folder, idx_is_file, idx_find,
                               idx_load, idx_picture,   idx_close};
