// What the tests and the fuzzing of images share: files made byte by byte as their formats say,
// without the libraries that read them.
#ifndef TESTS_IMAGE_SUPPORT_H
#define TESTS_IMAGE_SUPPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

typedef struct {
    size_t size;
    uint8_t *bytes;
} Bytes;

static inline void *checked(void *pointer) {
    if (!pointer) abort();
    return pointer;
}

static inline Bytes bytes_of(const void *bytes, size_t size) { // nothing lies behind its end
    Bytes b = {size, checked(malloc(size ? size : 1))};
    memcpy(b.bytes, bytes, size);
    return b;
}

static inline void put(Bytes *b, const void *bytes, size_t size) {
    b->bytes = checked(realloc(b->bytes, b->size + size + 1));
    memcpy(b->bytes + b->size, bytes, size);
    b->size += size;
}

static inline void put_zeros(Bytes *b, size_t size) {
    for (size_t i = 0; i < size; i++) put(b, "", 1);
}

static inline void put16(Bytes *b, unsigned value) {
    put(b, (uint8_t[]){(uint8_t)(value >> 8), (uint8_t)value}, 2);
}

static inline void put32(Bytes *b, uint32_t value) {
    put16(b, value >> 16), put16(b, value & 0xffff);
}

static inline Bytes gzipped(const Bytes *plain) {
    z_stream z = {0};
    if (deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY) != Z_OK) abort();
    Bytes packed = {deflateBound(&z, plain->size), NULL};
    packed.bytes = checked(malloc(packed.size));
    z.next_in = plain->bytes, z.avail_in = (uInt)plain->size;
    z.next_out = packed.bytes, z.avail_out = (uInt)packed.size;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END) abort();
    packed.size -= z.avail_out;
    deflateEnd(&z);
    return packed;
}

// A fuzzer's input becomes a whole file, where there is room for it; takes the file's bytes.
static inline size_t begin_with(Bytes whole, uint8_t *bytes, size_t size, size_t room) {
    if (whole.size <= room) memcpy(bytes, whole.bytes, size = whole.size);
    free(whole.bytes);
    return size;
}

// ---- Exif -------------------------------------------------------------------------------------

// A TIFF header and one directory with one entry: Orientation, one number of 16 bits, in either
// order of bytes.
static inline Bytes make_exif(bool big, unsigned orientation) {
    static const uint8_t motorola[] = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0,
                                       3,   0,   0, 0,  1, 0, 0, 0, 0, 0, 0, 0,    0};
    static const uint8_t intel[] = {'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3,
                                    0,   1,   0,  0, 0, 0, 0, 0, 0, 0, 0,    0, 0};
    Bytes b = bytes_of(big ? motorola : intel, sizeof intel);
    b.bytes[big ? 19 : 18] = (uint8_t)orientation;
    return b;
}

// The JPEG with its Exif in the first segment after the start of the image.
static inline Bytes jpeg_with_exif(const Bytes *jpeg, const Bytes *exif) {
    Bytes b = bytes_of(jpeg->bytes, 2);
    put(&b, "\xff\xe1", 2), put16(&b, (unsigned)(exif->size + 8));
    put(&b, "Exif\0", 6), put(&b, exif->bytes, exif->size);
    put(&b, jpeg->bytes + 2, jpeg->size - 2);
    return b;
}

// ---- PNG --------------------------------------------------------------------------------------

enum { GREY = 0, RGB = 2, PALETTE = 3, GREY_ALPHA = 4, RGB_ALPHA = 6 };

typedef struct {
    int width, height, depth, type;
    bool interlaced;
    const uint16_t *samples;          // [height][width][channels]
    Bytes palette, transparent, exif; // PLTE, tRNS and eXIf where there are any
} Png;

static inline void put_chunk(Bytes *b, const char *name, const void *bytes, size_t size) {
    put32(b, (uint32_t)size);
    size_t begin = b->size;
    put(b, name, 4), put(b, bytes, size);
    put32(b, (uint32_t)crc32(0, b->bytes + begin, (uInt)(b->size - begin)));
}

static inline int png_channels(int type) {
    return type == RGB ? 3 : type == RGB_ALPHA ? 4 : type == GREY_ALPHA ? 2 : 1;
}

// Pixels x0, x0 + dx … of a row, unfiltered, samples packed from the high bits down.
static inline Bytes packed_row(const Png *png, int y, int x0, int dx) {
    int channels = png_channels(png->type), bits = 0;
    unsigned held = 0;
    Bytes row = bytes_of("", 1);
    for (int x = x0; x < png->width; x += dx)
        for (int c = 0; c < channels; c++) {
            unsigned sample = png->samples[(y * png->width + x) * channels + c];
            if (png->depth == 16) {
                put16(&row, sample);
                continue;
            }
            held = held << png->depth | sample, bits += png->depth;
            if (bits < 8) continue;
            put(&row, &(uint8_t){(uint8_t)held}, 1);
            held = 0, bits = 0;
        }
    if (bits > 0) put(&row, &(uint8_t){(uint8_t)(held << (8 - bits))}, 1);
    return row;
}

// Rows y0, y0 + dy …, none where there are no pixels in them.
static inline void put_rows(Bytes *b, const Png *png, int x0, int y0, int dx, int dy) {
    for (int y = y0; y < png->height && x0 < png->width; y += dy) {
        Bytes row = packed_row(png, y, x0, dx);
        put(b, row.bytes, row.size);
        free(row.bytes);
    }
}

static inline Bytes make_png(const Png *png) {
    static const int adam7[7][4] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                                    {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};
    Bytes b = {0}, header = {0}, rows = {0};
    put(&b, "\x89PNG\r\n\x1a\n", 8);
    put32(&header, (uint32_t)png->width), put32(&header, (uint32_t)png->height);
    uint8_t rest[] = {(uint8_t)png->depth, (uint8_t)png->type, 0, 0, png->interlaced};
    put(&header, rest, 5);
    put_chunk(&b, "IHDR", header.bytes, header.size);
    if (png->palette.size) put_chunk(&b, "PLTE", png->palette.bytes, png->palette.size);
    if (png->transparent.size) put_chunk(&b, "tRNS", png->transparent.bytes, png->transparent.size);
    for (int pass = 0; png->interlaced && pass < 7; pass++)
        put_rows(&rows, png, adam7[pass][0], adam7[pass][1], adam7[pass][2], adam7[pass][3]);
    if (!png->interlaced) put_rows(&rows, png, 0, 0, 1, 1);
    uLongf packed = compressBound(rows.size);
    uint8_t *data = checked(malloc(packed));
    if (compress2(data, &packed, rows.bytes, rows.size, 9) != Z_OK) abort();
    if (png->exif.size) put_chunk(&b, "eXIf", png->exif.bytes, png->exif.size);
    put_chunk(&b, "IDAT", data, packed);
    put_chunk(&b, "IEND", "", 0);
    free(data), free(rows.bytes), free(header.bytes);
    return b;
}

// side × side pixels of one colour.
static inline Bytes make_flat_png(int side, int type, const uint16_t colour[4]) {
    int channels = png_channels(type);
    uint16_t *samples = checked(malloc((size_t)(side * side * channels) * sizeof *samples));
    for (int i = 0; i < side * side * channels; i++) samples[i] = colour[i % channels];
    Png png = {.width = side, .height = side, .depth = 8, .type = type, .samples = samples};
    Bytes b = make_png(&png);
    free(samples);
    return b;
}

// ---- IDX and CIFAR-10 -------------------------------------------------------------------------

// Byte i of the content is i·i·37 + i, labels the same modulo 10.
static inline Bytes make_idx(unsigned count, unsigned height, unsigned width) {
    Bytes b = {0};
    put(&b, "\0\0\x08\x03", 4), put32(&b, count), put32(&b, height), put32(&b, width);
    for (unsigned i = 0; i < count * height * width; i++)
        put(&b, &(uint8_t){(uint8_t)(i * i * 37 + i)}, 1);
    return b;
}

static inline Bytes make_idx_labels(unsigned count) {
    Bytes b = {0};
    put(&b, "\0\0\x08\x01", 4), put32(&b, count);
    for (unsigned i = 0; i < count; i++) put(&b, &(uint8_t){(uint8_t)((i * i * 37 + i) % 10)}, 1);
    return b;
}

// Record r has label r % 10; red is the row, green the column, blue the label.
static inline Bytes make_cifar(int count, int first) {
    Bytes b = {0};
    for (int r = first; r < first + count; r++) {
        uint8_t record[3073] = {(uint8_t)(r % 10)};
        for (int i = 0; i < 1024; i++) {
            record[1 + i] = (uint8_t)(i / 32);
            record[1025 + i] = (uint8_t)(i % 32);
            record[2049 + i] = (uint8_t)(r % 10);
        }
        put(&b, record, sizeof record);
    }
    return b;
}

// ---- A font of pictures -----------------------------------------------------------------------

static inline void put_bitmap_size(Bytes *b, unsigned glyphs, uint32_t subtable_size) {
    put32(b, 56), put32(b, subtable_size), put32(b, 1), put32(b, 0); // one subtable, at 56
    put_zeros(b, 24);                                                // metrics of lines
    put16(b, 1), put16(b, glyphs);
    put(b, (uint8_t[]){16, 16, 32, 1}, 4); // pixels per em, bits, horizontal
}

// Glyph 0 is empty, glyph 1 + k shows png[k], all of side × side pixels: CBLC says where in CBDT.
static inline void make_bitmaps(unsigned glyphs, const Bytes *png, int side, Bytes *cblc,
                                Bytes *cbdt) {
    put32(cblc, 0x00030000), put32(cblc, 1);
    put_bitmap_size(cblc, glyphs, 8 + 8 + 4 * (glyphs + 1));
    put16(cblc, 1), put16(cblc, glyphs), put32(cblc, 8); // first, last, where it begins
    put16(cblc, 1), put16(cblc, 17), put32(cblc, 4);     // offsets of 32 bits; PNG behind metrics
    put32(cbdt, 0x00030000);
    for (unsigned k = 0; k <= glyphs; k++) {
        put32(cblc, (uint32_t)cbdt->size - 4);
        if (k == glyphs) return;
        uint8_t metrics[] = {(uint8_t)side, (uint8_t)side, 0, (uint8_t)side, (uint8_t)side};
        put(cbdt, metrics, 5), put32(cbdt, (uint32_t)png[k].size);
        put(cbdt, png[k].bytes, png[k].size);
    }
}

static inline Bytes make_font(unsigned glyphs, const Bytes *png, int side) {
    static const char *const names[] = {"CBDT", "CBLC", "head", "hhea", "hmtx", "maxp"};
    Bytes table[6] = {{0}}, b = {0};
    make_bitmaps(glyphs, png, side, &table[1], &table[0]);
    put32(&table[2], 0x00010000), put32(&table[2], 0x00010000), put32(&table[2], 0);
    put32(&table[2], 0x5f0f3cf5), put16(&table[2], 0), put16(&table[2], 1024);
    put_zeros(&table[2], 34);
    put32(&table[3], 0x00010000), put16(&table[3], 900), put_zeros(&table[3], 28);
    put16(&table[3], glyphs + 1);
    for (unsigned k = 0; k <= glyphs; k++) put16(&table[4], 1024), put16(&table[4], 0);
    put32(&table[5], 0x00005000), put16(&table[5], glyphs + 1);
    put32(&b, 0x00010000), put16(&b, 6), put_zeros(&b, 6);
    uint32_t at = 12 + 6 * 16;
    for (int t = 0; t < 6; t++) {
        put(&b, names[t], 4), put32(&b, 0), put32(&b, at), put32(&b, (uint32_t)table[t].size);
        at += (uint32_t)(table[t].size + 3) / 4 * 4;
    }
    for (int t = 0; t < 6; t++) {
        put(&b, table[t].bytes, table[t].size), put_zeros(&b, (4 - table[t].size % 4) % 4);
        free(table[t].bytes);
    }
    return b;
}

#endif
