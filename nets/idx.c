#include "idx.h"
#include "file.h"

#include <stdbool.h>
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

static int read_header(Source *s, IdxImages *images) {
    uint8_t h[HEADER];
    size_t got;
    int status = take(s, HEADER, h, &got);
    if (status) return status;
    if (got >= 4 && memcmp(h, "\0\0\x08\x01", 4) == 0)
        return broken(s, 3, "one dimension where images have three (labels?)");
    if (got < 4 || memcmp(h, "\0\0\x08\x03", 4) != 0)
        return broken(s, 0, "not an IDX file of grey images (00 00 08 03)");
    if (got < HEADER) return broken(s, got, "the header ends too early");
    *images = (IdxImages){big_endian(h + 4), big_endian(h + 8), big_endian(h + 12), NULL};
    if (images->count == 0) return broken(s, 4, "no images");
    if (images->height < 1 || images->height > MAX_SIDE)
        return broken(s, 8, "the height is not from 1 to 4096");
    if (images->width < 1 || images->width > MAX_SIDE)
        return broken(s, 12, "the width is not from 1 to 4096");
    return 0;
}

static int read_pixels(Source *s, IdxImages *images) {
    uint64_t promised = (uint64_t)images->count * images->height * images->width; // < 2^56
    if (promised / (s->packed ? MAX_PACKING : 1) > s->size)
        return broken(s, 4, "more images than the file can hold");
    size_t size = (size_t)promised, got;
    images->pixels = malloc(size);
    if (!images->pixels) return error_set(s->error, EXIT_RESOURCE, "out of memory");
    int status = take(s, size, images->pixels, &got);
    if (status) return status;
    if (got < size) return broken(s, s->taken, "the pixels end too early");
    uint8_t more;
    status = take(s, 1, &more, &got); // unpacking: and the checksum
    if (status) return status;
    if (got > 0) return broken(s, HEADER + size, "bytes after the last image");
    if (s->packed && (size_t)(s->stream.next_in - s->bytes) < s->size)
        return broken(s, (size_t)(s->stream.next_in - s->bytes), "bytes after the gzip data");
    return 0;
}

int idx_parse(IdxImages *images, const char *name, const void *bytes, size_t size, Error *error) {
    Source s = {.name = name, .bytes = bytes, .size = size, .error = error};
    *images = (IdxImages){0};
    s.packed = size >= 2 && memcmp(bytes, "\x1f\x8b", 2) == 0;
    if (s.packed) {
        s.stream.next_in = (Bytef *)bytes;
        if (inflateInit2(&s.stream, GZIP_ONLY) != Z_OK)
            return error_set(error, EXIT_RESOURCE, "out of memory");
    }
    int status = read_header(&s, images);
    if (!status) status = read_pixels(&s, images);
    if (status) idx_free(images);
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

void idx_free(IdxImages *images) {
    free(images->pixels);
    *images = (IdxImages){0};
}

void idx_row(const IdxImages *images, size_t index, double *row) {
    size_t size = images->height * images->width;
    const uint8_t *pixels = images->pixels + index * size;
    for (size_t i = 0; i < size; i++) row[i] = pixels[i] / 127.5 - 1;
}
