#include "image_set.h"
#include "cache.h"
#include "source.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SIDE = 4096, MAX_THREADS = 256 };

// ---- Decoding, by several threads -------------------------------------------------------------

typedef struct {
    const ImageRequest *request;
    const Source *source;
    const ImageSet *set;
    CacheRoom *room;
    bool *bad; // [count], left out
    size_t done;
    int coloured; // whether any picture is
    size_t first; // the first that failed, with its status and its line
    int status;
    Error error;
} Decoding;

static size_t image_size(const ImageSet *set) {
    return (size_t)set->height * (size_t)set->width * (size_t)set->channels;
}

static int decode(Decoding *d, int worker, size_t index, Error *error) {
    const ImageSet *set = d->set;
    Picture picture;
    int status = d->source->kind->picture(d->source, worker, index, &picture, error);
    if (status) return status;
    uint8_t *out = d->room->pixels + index * image_size(set);
    if (picture.height == set->height && picture.width == set->width &&
        picture.channels == set->channels)
        memcpy(out, picture.pixels, image_size(set));
    else
        picture_square(&picture, set->height, set->channels, out);
    if (picture.channels == 3) {
#pragma omp atomic write
        d->coloured = true;
    }
    picture_free(&picture);
    return 0;
}

// Of what is bad the first counts, whichever thread finds it: none before it is passed over.
static void decode_next(Decoding *d, int worker, size_t index) {
    size_t first, done;
#pragma omp atomic read
    first = d->first;
    if (index > first) return;
    Error error = {""};
    int status = decode(d, worker, index, &error);
    d->bad[index] = status != 0;
    if (status && !(status == EXIT_DATA && d->request->skip_bad)) {
#pragma omp critical(first_failure)
        if (index < d->first) {
            d->status = status, d->error = error;
#pragma omp atomic write
            d->first = index;
        }
    }
#pragma omp atomic capture
    done = ++d->done;
    if (worker == 0 && d->request->progress) d->request->progress(done, d->set->count);
}

static int decode_all(Decoding *d, int threads, Error *error) {
    size_t count = d->set->count;
    d->first = SIZE_MAX;
    d->bad = calloc(count, sizeof *d->bad);
    if (!d->bad) return error_set(error, EXIT_RESOURCE, "out of memory");
#pragma omp parallel num_threads(threads)
    {
        int worker = omp_get_thread_num();
#pragma omp for schedule(dynamic, 8)
        for (size_t i = 0; i < count; i++) decode_next(d, worker, i);
    }
    if (d->status)
        *error = d->error;
    else if (d->request->progress)
        d->request->progress(count, count);
    return d->status;
}

// ---- What is left out -------------------------------------------------------------------------

// Sources with labels are read as a whole: none of their images is bad.
static int close_gaps(const Decoding *d, ImageSet *set, Error *error) {
    CacheRoom *room = d->room;
    size_t size = image_size(set), kept = 0;
    for (size_t i = 0; i < set->count; i++) {
        if (d->bad[i]) continue;
        if (kept < i) memcpy(room->pixels + kept * size, room->pixels + i * size, size);
        kept++;
    }
    set->skipped = set->count - kept;
    set->count = kept;
    if (kept > 0) return 0;
    return error_set(error, EXIT_DATA, "%s: none of its %zu pictures can be read", d->source->name,
                     set->skipped);
}

static void keep_one_channel(const CacheRoom *room, ImageSet *set) {
    size_t pixels = set->count * (size_t)set->height * (size_t)set->width;
    for (size_t i = 0; i < pixels; i++) room->pixels[i] = room->pixels[3 * i];
    set->channels = 1;
}

// ---- The set ----------------------------------------------------------------------------------

static int fill(ImageSet *set, CacheRoom *room, const Source *source, const ImageRequest *request,
                int threads, Error *error) {
    Decoding d = {.request = request, .source = source, .set = set, .room = room};
    if (room->labels) memcpy(room->labels, source->labels, set->count);
    int status = decode_all(&d, threads, error);
    if (!status) status = close_gaps(&d, set, error);
    if (!status && source->channels == 0 && !d.coloured) keep_one_channel(room, set);
    free(d.bad);
    return status;
}

static int make(ImageSet *set, Source *source, const ImageRequest *request, const char *path,
                int threads, Error *error) {
    int status = source_load(source, request, threads, error);
    if (status) return status;
    set->count = source->count;
    set->height = request->size > 0 ? request->size : source->height;
    set->width = request->size > 0 ? request->size : source->width;
    set->channels = source->channels > 0 ? source->channels : 3;
    set->classes = source->classes;
    if (set->height == 0)
        return error_set(error, EXIT_USAGE, "%s: a folder of pictures needs a size", source->name);
    CacheRoom room;
    status = cache_room(&room, set, source->labels != NULL, path, error);
    if (status) return status;
    status = fill(set, &room, source, request, threads, error);
    if (status)
        cache_drop(&room, set);
    else
        cache_keep(&room, set, path, source->key, threads);
    return status;
}

static int open_named(ImageSet *set, const ImageRequest *request, Error *error) {
    if (request->size < 0 || request->size > MAX_SIDE)
        return error_set(error, EXIT_USAGE, "%d pixels a side: from 1 to 4096", request->size);
    int threads = request->threads > 0 ? request->threads : omp_get_max_threads();
    if (threads > MAX_THREADS) threads = MAX_THREADS;
    Source source;
    int status = source_find(&source, request, threads, error);
    if (status) return status;
    Error why = {""};
    char *path = cache_path(request->cache, source.name, source.key, &why);
    if (!path || !cache_open(set, path, source.key, threads)) {
        set->uncached = why;
        status = make(set, &source, request, path, threads, error);
    }
    free(path);
    source_close(&source);
    if (status) image_set_close(set);
    return status;
}

// A folder is the same, and has the same cache, with slashes after its name.
int image_set_open(ImageSet *set, const ImageRequest *request, Error *error) {
    ImageRequest named = *request;
    size_t length = strlen(request->source);
    *set = (ImageSet){0};
    while (length > 1 && request->source[length - 1] == '/') length--;
    char *name = strndup(request->source, length);
    if (!name) return error_set(error, EXIT_RESOURCE, "out of memory");
    named.source = name;
    int status = open_named(set, &named, error);
    free(name);
    return status;
}

void image_set_close(ImageSet *set) {
    cache_close(set);
}
