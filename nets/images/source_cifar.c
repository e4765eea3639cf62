// CIFAR-10's batches.
#include "cifar.h"
#include "source.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    Cifar cifar;
    uint8_t *labels;
} Data;

// Adds FOLDER/NAME if it is there. False if memory is out.
static bool add_if_there(Source *source, const char *folder, const char *name) {
    char *path;
    if (asprintf(&path, "%s/%s", folder, name) < 0) return false;
    bool added = access(path, R_OK) != 0 || source_add(source, path);
    free(path);
    return added;
}

static bool add_batches(Source *source, const char *folder, ImagePart part) {
    if (part == PART_TEST) return add_if_there(source, folder, "test_batch.bin");
    bool added = true;
    for (int k = 1; added && k <= 99; k++) {
        char name[40];
        snprintf(name, sizeof name, "data_batch_%d.bin", k);
        added = add_if_there(source, folder, name);
    }
    return added;
}

static bool cifar_is_folder(const char *path) {
    Source found = {0};
    bool is = add_batches(&found, path, PART_TRAIN) && add_batches(&found, path, PART_TEST) &&
              found.files > 0;
    source_close(&found);
    return is;
}

static bool cifar_is_file(const char *path, const uint8_t *bytes, size_t size) {
    (void)bytes, (void)size; // cifar_check() says what is wrong with them
    size_t length = strlen(path);
    return length > 4 && strcmp(path + length - 4, ".bin") == 0;
}

static int cifar_find(Source *source, const char *path, ImagePart part, Error *error) {
    bool folder = source_is_folder(path);
    if (!folder && part == PART_TEST)
        return error_set(error, EXIT_USAGE, "%s: one file, which has no test part", path);
    if (!(folder ? add_batches(source, path, part) : source_add(source, path)))
        return error_set(error, EXIT_RESOURCE, "out of memory");
    if (source->files > 0) return 0;
    return error_set(error, EXIT_USAGE, "%s: no %s in it", path,
                     part == PART_TEST ? "test_batch.bin" : "data_batch_1.bin");
}

static int cifar_load(Source *source, int workers, Error *error) {
    (void)workers;
    Data *data = source->data = calloc(1, sizeof *data);
    char **path = calloc(source->files, sizeof *path);
    for (size_t k = 0; path && k < source->files; k++) path[k] = source->file[k].path;
    int status = data && path ? cifar_read(&data->cifar, source->files, path, error)
                              : error_set(error, EXIT_RESOURCE, "out of memory");
    free(path);
    if (status) return status;
    source->count = data->cifar.count;
    source->height = source->width = CIFAR_SIDE;
    source->channels = 3;
    source->classes = CIFAR_CLASSES;
    source->labels = data->labels = malloc(source->count);
    if (!data->labels) return error_set(error, EXIT_RESOURCE, "out of memory");
    for (size_t i = 0; i < source->count; i++)
        data->labels[i] = data->cifar.records[i * CIFAR_RECORD];
    return 0;
}

static int cifar_picture(const Source *source, int worker, size_t index, Picture *picture,
                         Error *error) {
    (void)worker;
    const Cifar *cifar = &((const Data *)source->data)->cifar;
    *picture = (Picture){CIFAR_SIDE, CIFAR_SIDE, 3, malloc(CIFAR_RECORD - 1)};
    if (!picture->pixels) return error_set(error, EXIT_RESOURCE, "out of memory");
    cifar_pixels(cifar->records + index * CIFAR_RECORD, picture->pixels);
    return 0;
}

static void cifar_close(void *data) {
    if (!data) return;
    cifar_free(&((Data *)data)->cifar);
    free(((Data *)data)->labels);
    free(data);
}

const SourceKind SOURCE_CIFAR = {"cifar",    cifar_is_folder, cifar_is_file, cifar_find,
                                 cifar_load, cifar_picture,   cifar_close};
