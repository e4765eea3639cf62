#include "idx.h"
#include "file.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { HEADER = 16, MAX_SIDE = 4096 };
static const size_t MAX_PACKING = 1032; // deflate makes at most this many bytes of one
static const int GZIP_ONLY = 16 + MAX_WBITS;

// Bytes as they come: from memory, or unpacked from it.
typedef struct {
    const char *name;
    const uint8_t *bytes;
    size_t size, taken; // taken: of the unpacked bytes
    bool packed, ended;
    z_stream stream;
    Error *error;
} Source;

static int broken(Source *s, size_t offset, const char *reason) {
    return error_set(s->error, EXIT_DATA, "%s: byte %zu: %s", s->name, offset, reason);
}

// zlib counts in 32 bits, so both sides are fed in pieces.
static int unpack(Source *s, size_t size, uint8_t *to, size_t *got) {
    z_stream *z = &s->stream;
    size_t read = (size_t)(z->next_in - s->bytes);
    for (*got = 0; *got < size && !s->ended;) {
        size_t room = size - *got, left = s->size - read;
        z->next_out = to + *got, z->avail_out = (uInt)(room < 1 << 30 ? room : 1 << 30);
        z->avail_in = (uInt)(left < 1 << 30 ? left : 1 << 30);
        uInt before = z->avail_out;
        int status = inflate(z, Z_NO_FLUSH);
        read = (size_t)(z->next_in - s->bytes);
        *got += before - z->avail_out;
        if (status == Z_MEM_ERROR) return error_set(s->error, EXIT_RESOURCE, "out of memory");
        if (status == Z_BUF_ERROR) return broken(s, s->size, "the gzip data end too early");
        if (status != Z_OK && status != Z_STREAM_END)
            return broken(s, read, "the gzip data are damaged");
        s->ended = status == Z_STREAM_END;
    }
    return 0;
}

// `size` bytes, or fewer at the end.
static int take(Source *s, size_t size, uint8_t *to, size_t *got) {
    int status = 0;
    if (s->packed) {
        status = unpack(s, size, to, got);
    } else {
        *got = s->size - s->taken < size ? s->size - s->taken : size;
        memcpy(to, s->bytes + s->taken, *got);
    }
    s->taken += *got;
    return status;
}

static size_t big_endian(const uint8_t *b) {
    return (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
}

// The first bytes of a file of bytes with this many dimensions, and their lengths.
static int read_header(Source *s, int dimensions, const char *none, size_t *length) {
    uint8_t h[HEADER];
    size_t size = 4 + 4 * (size_t)dimensions, got;
    int status = take(s, size, h, &got);
    if (status) return status;
    if (got >= 4 && h[3] != dimensions && (h[3] == 1 || h[3] == 3) && memcmp(h, "\0\0\x08", 3) == 0)
        return broken(s, 3,
                      h[3] == 1 ? "one dimension where images have three (labels?)"
                                : "three dimensions where labels have one (images?)");
    if (got < 4 || memcmp(h, "\0\0\x08", 3) != 0 || h[3] != dimensions)
        return broken(s, 0,
                      dimensions == 3 ? "not an IDX file of grey images (00 00 08 03)"
                                      : "not an IDX file of labels (00 00 08 01)");
    if (got < size) return broken(s, got, "the header ends too early");
    for (int d = 0; d < dimensions; d++) length[d] = big_endian(h + 4 + 4 * d);
    return length[0] > 0 ? 0 : broken(s, 4, none);
}

// All that follows, which is `promised` bytes.
static int read_content(Source *s, uint64_t promised, const char *what, uint8_t **content) {
    char reason[60];
    snprintf(reason, sizeof reason, "more %s than the file can hold", what);
    if (promised / (s->packed ? MAX_PACKING : 1) > s->size) return broken(s, 4, reason);
    size_t size = (size_t)promised, begin = s->taken, got;
    *content = malloc(size);
    if (!*content) return error_set(s->error, EXIT_RESOURCE, "out of memory");
    int status = take(s, size, *content, &got);
    if (status) return status;
    snprintf(reason, sizeof reason, "the %s end too early", what);
    if (got < size) return broken(s, s->taken, reason);
    uint8_t more;
    status = take(s, 1, &more, &got); // unpacking: and the checksum
    if (status) return status;
    snprintf(reason, sizeof reason, "bytes after the last of the %s", what);
    if (got > 0) return broken(s, begin + size, reason);
    if (s->packed && (size_t)(s->stream.next_in - s->bytes) < s->size)
        return broken(s, (size_t)(s->stream.next_in - s->bytes), "bytes after the gzip data");
    return 0;
}

static int read_images(Source *s, IdxImages *images) {
    size_t length[3];
    int status = read_header(s, 3, "no images", length);
    if (status) return status;
    if (length[1] < 1 || length[1] > MAX_SIDE)
        return broken(s, 8, "the height is not from 1 to 4096");
    if (length[2] < 1 || length[2] > MAX_SIDE)
        return broken(s, 12, "the width is not from 1 to 4096");
    *images = (IdxImages){length[0], length[1], length[2], NULL};
    uint64_t promised = (uint64_t)length[0] * length[1] * length[2]; // < 2^56
    return read_content(s, promised, "images", &images->pixels);
}

static int read_labels(Source *s, IdxLabels *labels) {
    int status = read_header(s, 1, "no labels", &labels->count);
    return status ? status : read_content(s, labels->count, "labels", &labels->labels);
}

static int source_open(Source *s, const char *name, const void *bytes, size_t size, Error *error) {
    *s = (Source){.name = name, .bytes = bytes, .size = size, .error = error};
    s->packed = size >= 2 && memcmp(bytes, "\x1f\x8b", 2) == 0;
    if (!s->packed) return 0;
    s->stream.next_in = (Bytef *)bytes;
    if (inflateInit2(&s->stream, GZIP_ONLY) == Z_OK) return 0;
    return error_set(error, EXIT_RESOURCE, "out of memory");
}

int idx_parse(IdxImages *images, const char *name, const void *bytes, size_t size, Error *error) {
    Source s;
    *images = (IdxImages){0};
    int status = source_open(&s, name, bytes, size, error);
    if (status) return status;
    status = read_images(&s, images);
    if (status) idx_free(images);
    if (s.packed) inflateEnd(&s.stream);
    return status;
}

int idx_labels_parse(IdxLabels *labels, const char *name, const void *bytes, size_t size,
                     Error *error) {
    Source s;
    *labels = (IdxLabels){0};
    int status = source_open(&s, name, bytes, size, error);
    if (status) return status;
    status = read_labels(&s, labels);
    if (status) idx_labels_free(labels);
    if (s.packed) inflateEnd(&s.stream);
    return status;
}

int idx_read(IdxImages *images, const char *path, Error *error) {
    *images = (IdxImages){0};
    size_t size;
    void *bytes = file_read(path, &size, error);
    if (!bytes) return EXIT_RESOURCE;
    int status = idx_parse(images, path, bytes, size, error);
    free(bytes);
    return status;
}

int idx_labels_read(IdxLabels *labels, const char *path, Error *error) {
    *labels = (IdxLabels){0};
    size_t size;
    void *bytes = file_read(path, &size, error);
    if (!bytes) return EXIT_RESOURCE;
    int status = idx_labels_parse(labels, path, bytes, size, error);
    free(bytes);
    return status;
}

void idx_free(IdxImages *images) {
    free(images->pixels);
    *images = (IdxImages){0};
}

void idx_labels_free(IdxLabels *labels) {
    free(labels->labels);
    *labels = (IdxLabels){0};
}

void idx_row(const IdxImages *images, size_t index, double *row) {
    size_t size = images->height * images->width;
    const uint8_t *pixels = images->pixels + index * size;
    for (size_t i = 0; i < size; i++) row[i] = pixels[i] / 127.5 - 1;
}
