// Where images come from: what is found at a path, which of its files are read, and each picture.
#ifndef NETS_IMAGES_SOURCE_H
#define NETS_IMAGES_SOURCE_H

#include "image_set.h"
#include "picture.h"

typedef struct Source Source;

typedef struct {
    const char *name; // of --format
    // Whether a folder, or a file that begins with these bytes, is this.
    bool (*is_folder)(const char *path);
    bool (*is_file)(const char *path, const uint8_t *bytes, size_t size);
    // Lists the files that a part is made of. Returns 0, EXIT_USAGE, EXIT_DATA, EXIT_RESOURCE.
    int (*find)(Source *source, const char *path, ImagePart part, Error *error);
    // Reads what must be read before the pictures one by one. Returns 0, EXIT_DATA, EXIT_RESOURCE.
    int (*load)(Source *source, int workers, Error *error);
    // Picture `index`, owned by the caller. Workers, numbered from 0, may call this at once.
    int (*picture)(const Source *source, int worker, size_t index, Picture *picture, Error *error);
    void (*close)(void *data);
} SourceKind;

// By ImageFormat; nothing at FORMAT_AUTO.
extern const SourceKind *const SOURCE_KINDS[FORMAT_EMOJI + 1];

typedef struct {
    char *path;        // owned
    uint64_t stamp[5]; // of a picture: size, times of the last change of content, and of anything
} SourceFile;

struct Source {
    const SourceKind *kind;
    const char *name; // as it was asked for
    size_t root;      // length of the folder's path in each of:
    SourceFile *file; // in the order in which they are read
    size_t files;
    uint64_t key; // follows from what is read and how: contents or, in a folder, names and stamps

    // From source_load() on:
    size_t count;                // at most the limit
    int height, width, channels; // 0: not the same in all
    const uint8_t *labels;       // [count] or NULL
    int classes;
    void *data; // the kind's
};

// Finds the files and makes the key. Returns 0, or as image_set_open().
int source_find(Source *source, const ImageRequest *request, int threads, Error *error);
int source_load(Source *source, const ImageRequest *request, int workers, Error *error);
void source_close(Source *source);

// Adds a copy of `path`. False if memory is out.
bool source_add(Source *source, const char *path);
bool source_is_folder(const char *path);

#endif
