// make fuzz. Any bytes are either refused with a line or a whole picture, of which a square can be
// made.
#include "nets/images/picture.h"
#include "tests/image_support.h"

#include <turbojpeg.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t room, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t room);

static void require(bool holds) {
    if (!holds) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    Picture picture;
    Error error = {""};
    int status = picture_decode(&picture, "input", bytes, size, &error);
    if (status) {
        require(status == EXIT_DATA && !picture.pixels);
        require(strncmp(error.text, "input: ", 7) == 0 && !strpbrk(error.text, "\n\r\t\x1b"));
        return 0;
    }
    require(picture.channels == 1 || picture.channels == 3);
    require(picture.height > 0 && picture.width > 0);
    uint8_t out[5 * 5 * 3];
    picture_square(&picture, 5, 3, out);
    picture_square(&picture, 5, 1, out);
    picture_free(&picture);
    return 0;
}

static Bytes some_png(unsigned seed) {
    static const uint16_t samples[64] = {1, 0, 1, 1, 0, 1};
    static const int types[] = {GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA};
    Png png = {.width = 4,
               .height = 4,
               .type = types[seed % 5],
               .interlaced = seed / 5 % 2,
               .samples = samples};
    png.depth = png.type == PALETTE ? 1 << seed / 10 % 4 : seed / 10 % 2 ? 16 : 8;
    if (png.type == PALETTE) png.palette = (Bytes){6, (uint8_t *)"abcdef"};
    if (png.type == PALETTE) png.transparent = (Bytes){1, (uint8_t *)"z"};
    if (seed / 64 % 2) png.exif = make_exif(seed / 128 % 2, seed / 256 % 9);
    Bytes b = make_png(&png);
    free(png.exif.bytes);
    return b;
}

static Bytes some_jpeg(unsigned seed) {
    static const uint8_t pixels[16 * 16 * 4] = {255, 0, 99};
    static const int formats[] = {TJPF_GRAY, TJPF_RGB, TJPF_CMYK};
    unsigned long size = 0;
    uint8_t *bytes = NULL;
    tjhandle jpeg = tjInitCompress();
    int format = formats[seed % 3],
        sampling = format == TJPF_GRAY ? TJSAMP_GRAY : (int)(seed / 3 % 3);
    require(tjCompress2(jpeg, pixels, 16, 0, 16, format, &bytes, &size, sampling, 80,
                        seed / 9 % 2 ? TJFLAG_PROGRESSIVE : 0) == 0);
    Bytes plain = bytes_of(bytes, size), exif = make_exif(seed / 18 % 2, seed / 36 % 9);
    Bytes b = jpeg_with_exif(&plain, &exif);
    tjFree(bytes), tjDestroy(jpeg), free(plain.bytes), free(exif.bytes);
    return b;
}

// Behind a wrong checksum nothing is read.
static void mend_checksums(uint8_t *bytes, size_t size) {
    for (size_t at = 8; at + 12 <= size;) {
        size_t length = (size_t)bytes[at] << 24 | (size_t)bytes[at + 1] << 16 |
                        (size_t)bytes[at + 2] << 8 | bytes[at + 3];
        if (length > size - at - 12) return;
        uLong crc = crc32(0, bytes + at + 4, (uInt)length + 4);
        for (size_t i = 0; i < 4; i++) bytes[at + 8 + length + i] = (uint8_t)(crc >> (24 - 8 * i));
        at += 12 + length;
    }
}

// Now and then begins with a whole picture.
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t room, unsigned seed) {
    if (seed / 2 % 16 == 0)
        size = begin_with(seed % 2 ? some_png(seed / 64) : some_jpeg(seed / 64), bytes, size, room);
    size = LLVMFuzzerMutate(bytes, size, room);
    if (seed / 32 % 2) mend_checksums(bytes, size);
    return size;
}
