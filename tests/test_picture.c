// Pictures: PNGs made by hand come out as their format says, JPEGs as what was put in, all that is
// not whole is refused, and the square is what averaging by area means.
#include <check.h>
#include <fcntl.h>
#include <glob.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <turbojpeg.h>
#include <unistd.h>

#include "image_support.h"
#include "nets/images/picture.h"

static Picture decoded(const Bytes *b) {
    Picture p;
    Error error = {""};
    ck_assert_msg(picture_decode(&p, "F", b->bytes, b->size, &error) == 0, "%s", error.text);
    return p;
}

static void check_refused(const void *bytes, size_t size, const char *reason) {
    Bytes b = bytes_of(bytes, size); // the sanitizer sees a read past its end
    Picture p;
    Error error = {""};
    ck_assert_int_eq(picture_decode(&p, "F", b.bytes, b.size, &error), EXIT_DATA);
    ck_assert_ptr_null(p.pixels);
    ck_assert_msg(strncmp(error.text, "F: ", 3) == 0 && strstr(error.text, reason), "%s: '%s'",
                  reason, error.text);
    for (const char *c = error.text; *c; c++) ck_assert_int_ge((unsigned char)*c, ' ');
    free(b.bytes);
}

// ---- PNG --------------------------------------------------------------------------------------

// What the format and "laid on white" say about pixel i of a PNG with samples s.
typedef struct {
    const char *name;
    int depth, type, channels;
    int palette, transparent; // bytes of PLTE and tRNS
    uint8_t extra[16];        // these bytes
    uint16_t samples[12];     // three pixels
    uint8_t expected[9];
} Case;

static const Case CASES[] = {
    {"grey, 1 bit", 1, GREY, 1, 0, 0, {0}, {1, 0, 1}, {255, 0, 255}},
    {"grey, 2 bits", 2, GREY, 1, 0, 0, {0}, {1, 2, 3}, {85, 170, 255}},
    {"grey, 4 bits", 4, GREY, 1, 0, 0, {0}, {1, 7, 15}, {17, 119, 255}},
    {"grey, 8 bits", 8, GREY, 1, 0, 0, {0}, {1, 128, 254}, {1, 128, 254}},
    // 65535/255 = 257: 33023 and 33153 are 128.49 and 129.0002 of it, 4660 18.13
    {"grey, 16 bits", 16, GREY, 1, 0, 0, {0}, {33023, 33153, 4660}, {128, 129, 18}},
    {"grey, one transparent", 8, GREY, 1, 0, 2, {0, 7}, {7, 8, 0}, {255, 8, 0}},
    {"grey, 16 bits, one transparent",
     16,
     GREY,
     1,
     0,
     2,
     {0x80, 0},
     {32768, 32769, 0},
     {255, 128, 0}},
    {"palette",
     8,
     PALETTE,
     3,
     9,
     0,
     {1, 2, 3, 4, 5, 6, 7, 8, 9},
     {2, 0, 1},
     {7, 8, 9, 1, 2, 3, 4, 5, 6}},
    {"palette, 2 bits",
     2,
     PALETTE,
     3,
     9,
     0,
     {1, 2, 3, 4, 5, 6, 7, 8, 9},
     {2, 0, 1},
     {7, 8, 9, 1, 2, 3, 4, 5, 6}},
    // alpha 0 and 102 = 0.4·255; the third colour has none
    {"palette, transparent",
     4,
     PALETTE,
     3,
     9,
     2,
     {1, 2, 3, 5, 105, 255, 7, 8, 9, 0, 102},
     {2, 0, 1},
     {7, 8, 9, 255, 255, 255, 155, 195, 255}},
    {"RGB", 8, RGB, 3, 0, 0, {0}, {1, 2, 3, 4, 5, 6, 255, 0, 128}, {1, 2, 3, 4, 5, 6, 255, 0, 128}},
    {"RGB, one transparent",
     8,
     RGB,
     3,
     0,
     6,
     {0, 1, 0, 2, 0, 3},
     {1, 2, 3, 1, 2, 4, 0, 0, 0},
     {255, 255, 255, 1, 2, 4, 0, 0, 0}},
    {"RGB, 16 bits",
     16,
     RGB,
     3,
     0,
     0,
     {0},
     {257, 514, 771, 65535, 0, 32896, 256, 128, 129},
     {1, 2, 3, 255, 0, 128, 1, 0, 1}},
    // 100·0.2 + 255·0.8 = 224; (10·100 + 255·155)/255 = 158.9
    {"grey and alpha", 8, GREY_ALPHA, 1, 0, 0, {0}, {100, 51, 100, 255, 10, 100}, {224, 100, 159}},
    {"RGB and alpha",
     8,
     RGB_ALPHA,
     3,
     0,
     0,
     {0},
     {10, 20, 30, 255, 0, 100, 250, 102, 9, 9, 9, 0},
     {10, 20, 30, 153, 193, 253, 255, 255, 255}},
    {"RGB and alpha, 16 bits",
     16,
     RGB_ALPHA,
     3,
     0,
     0,
     {0},
     {257, 514, 771, 65535, 0, 25700, 64250, 26214, 1, 1, 1, 0},
     {1, 2, 3, 153, 193, 253, 255, 255, 255}},
};
enum { CASE_COUNT = sizeof CASES / sizeof *CASES };

static Bytes case_png(const Case *c) {
    Png png = {.width = 3, .height = 1, .depth = c->depth, .type = c->type, .samples = c->samples};
    png.palette = (Bytes){(size_t)c->palette, (uint8_t *)c->extra};
    png.transparent = (Bytes){(size_t)c->transparent, (uint8_t *)c->extra + c->palette};
    return make_png(&png);
}

START_TEST(png_kinds) {
    const Case *c = &CASES[_i];
    Bytes b = case_png(c);
    Picture p = decoded(&b);
    ck_assert(p.height == 1 && p.width == 3 && p.channels == c->channels);
    for (int i = 0; i < 3 * c->channels; i++)
        ck_assert_msg(p.pixels[i] == c->expected[i], "%s: byte %d is %d", c->name, i, p.pixels[i]);
    picture_free(&p);
    free(b.bytes);
}
END_TEST

START_TEST(png_interlaced) {
    enum { W = 11, H = 9 };
    uint16_t samples[H * W * 3];
    for (int i = 0; i < H * W * 3; i++) samples[i] = (uint16_t)(i * 7 % 256);
    Png png = {
        .width = W, .height = H, .depth = 8, .type = RGB, .interlaced = _i, .samples = samples};
    Bytes b = make_png(&png);
    put(&b, "what follows the picture is not its own", 39);
    Picture p = decoded(&b);
    ck_assert(p.height == H && p.width == W && p.channels == 3);
    for (int i = 0; i < H * W * 3; i++) ck_assert_int_eq(p.pixels[i], samples[i]);
    picture_free(&p);
    free(b.bytes);
}
END_TEST

// Every chunk has a checksum, so that no part and no flipped bit passes.
START_TEST(png_damage_is_refused) {
    Bytes b = case_png(&CASES[_i]);
    for (size_t n = 0; n < b.size; n++) check_refused(b.bytes, n, n < 8 ? "neither" : "cut short");
    for (size_t bit = 0; bit < 8 * b.size; bit++) {
        b.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        check_refused(b.bytes, b.size, bit < 64 ? "neither" : "PNG");
        b.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    free(b.bytes);
}
END_TEST

static void check_size_refused(uint32_t width, uint32_t height, const char *reason) {
    Bytes b = {0}, header = {0};
    put(&b, "\x89PNG\r\n\x1a\n", 8);
    put32(&header, width), put32(&header, height), put(&header, "\x08\x02\0\0\0", 5);
    put_chunk(&b, "IHDR", header.bytes, header.size);
    put_chunk(&b, "IDAT", "\x78\x9c", 2);
    check_refused(b.bytes, b.size, reason);
    free(b.bytes), free(header.bytes);
}

START_TEST(png_sizes) {
    check_size_refused(65501, 1, "more than 65500 pixels a side");
    check_size_refused(1, 65501, "more than 65500 pixels a side");
    check_size_refused(0x7fffffff, 0x7fffffff, "more than 65500 pixels a side");
    check_size_refused(10001, 10000, "more than 100 million pixels");
    check_size_refused(10000, 10000, "more pixels than the file can hold");
    check_size_refused(0, 1, "damaged PNG: ");
    check_size_refused(1, 1, "cut short");
}
END_TEST

START_TEST(neither_format) {
    check_refused("", 0, "neither JPEG nor PNG");
    check_refused("GIF89a", 6, "neither JPEG nor PNG");
    check_refused("\x89PNG\r\n\x1a", 7, "neither JPEG nor PNG");
    check_refused("\xff\xd8", 2, "neither JPEG nor PNG");
}
END_TEST

// ---- Exif -------------------------------------------------------------------------------------

// What is stored as 1 2 3 over 4 5 6, as Exif 2.3 has it for orientations 1 to 8: where row 0 and
// column 0 are to be seen, which is top left, top right, bottom right, bottom left, left top, right
// top, right bottom, left bottom.
static const uint8_t UPRIGHT[9][6] = {
    {1, 2, 3, 4, 5, 6}, {1, 2, 3, 4, 5, 6}, {3, 2, 1, 6, 5, 4},
    {6, 5, 4, 3, 2, 1}, {4, 5, 6, 1, 2, 3}, {1, 4, 2, 5, 3, 6},
    {4, 1, 5, 2, 6, 3}, {6, 3, 5, 2, 4, 1}, {3, 6, 2, 5, 1, 4},
};

START_TEST(png_is_turned_upright) {
    int orientation = _i / 2, colours = _i % 2 ? 3 : 1;
    uint16_t samples[18];
    for (int i = 0; i < 6 * colours; i++) samples[i] = (uint16_t)(i / colours + 1);
    Png png = {.width = 3,
               .height = 2,
               .depth = 8,
               .type = colours == 1 ? GREY : RGB,
               .samples = samples,
               .exif = make_exif(orientation % 2, (unsigned)orientation)};
    Bytes b = make_png(&png);
    Picture p = decoded(&b);
    ck_assert(p.width == (orientation > 4 ? 2 : 3) && p.height * p.width == 6);
    for (int i = 0; i < 6 * colours; i++)
        ck_assert_int_eq(p.pixels[i], UPRIGHT[orientation][i / colours]);
    picture_free(&p), free(b.bytes), free(png.exif.bytes);
}
END_TEST

// ---- JPEG -------------------------------------------------------------------------------------

enum { SIDE = 32 };

// SIDE × SIDE: `colour` above, half of it below.
static Bytes make_jpeg(const uint8_t *colour, int format, int sampling, int flags) {
    int channels = tjPixelSize[format];
    uint8_t pixels[SIDE * SIDE * 4];
    for (int i = 0; i < SIDE * SIDE * channels; i++)
        pixels[i] = colour[i % channels] / (i < SIDE * SIDE * channels / 2 ? 1 : 2);
    unsigned long size = 0;
    uint8_t *bytes = NULL;
    tjhandle jpeg = tjInitCompress();
    ck_assert_int_eq(
        tjCompress2(jpeg, pixels, SIDE, 0, SIDE, format, &bytes, &size, sampling, 95, flags), 0);
    Bytes b = bytes_of(bytes, size);
    tjFree(bytes);
    tjDestroy(jpeg);
    return b;
}

static const uint8_t COLOUR[] = {200, 100, 40, 0};

START_TEST(jpeg_colours) {
    static const int sampling[] = {TJSAMP_444, TJSAMP_422, TJSAMP_420, TJSAMP_440, TJSAMP_411};
    Bytes b = make_jpeg(COLOUR, TJPF_RGB, sampling[_i / 2], _i % 2 ? TJFLAG_PROGRESSIVE : 0);
    Picture p = decoded(&b);
    ck_assert(p.height == SIDE && p.width == SIDE && p.channels == 3);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; abs(2 * y + 1 - SIDE) > 4 && x < SIDE; x++) // away from the edge
            for (int c = 0; c < 3; c++) {
                int expected = COLOUR[c] / (y < SIDE / 2 ? 1 : 2);
                ck_assert_int_le(abs(p.pixels[(y * SIDE + x) * 3 + c] - expected), 6);
            }
    picture_free(&p);
    free(b.bytes);
}
END_TEST

START_TEST(jpeg_grey) {
    Bytes b = make_jpeg((uint8_t[]){150}, TJPF_GRAY, TJSAMP_GRAY, 0);
    Picture p = decoded(&b);
    ck_assert(p.height == SIDE && p.width == SIDE && p.channels == 1);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            ck_assert_int_le(abs(p.pixels[y * SIDE + x] - (y < SIDE / 2 ? 150 : 75)), 4);
    picture_free(&p);
    free(b.bytes);
}
END_TEST

START_TEST(jpeg_of_a_press) {
    Bytes b = make_jpeg(COLOUR, TJPF_CMYK, TJSAMP_444, 0); // stored as YCCK
    check_refused(b.bytes, b.size, "a CMYK JPEG");
    for (size_t i = 0; i + 12 < b.size; i++) // Adobe's marker: the transform is its last byte
        if (memcmp(b.bytes + i, "Adobe", 5) == 0) b.bytes[i + 11] = 0;
    check_refused(b.bytes, b.size, "a CMYK JPEG");
    free(b.bytes);
}
END_TEST

// 200 above and 100 below, from any side.
START_TEST(jpeg_is_turned_upright) {
    static const int bright_y[] = {0, 0, 0, 31, 31, 16, 16, 16, 16},
                     bright_x[] = {16, 16, 16, 16, 16, 0, 31, 31, 0};
    Bytes plain = make_jpeg((uint8_t[]){200}, TJPF_GRAY, TJSAMP_GRAY, 0);
    Bytes exif = make_exif(_i / 9, (unsigned)(_i % 9)), b = jpeg_with_exif(&plain, &exif);
    Picture p = decoded(&b);
    int y = bright_y[_i % 9], x = bright_x[_i % 9];
    ck_assert_int_le(abs(p.pixels[y * SIDE + x] - 200), 4);
    ck_assert_int_le(abs(p.pixels[(SIDE - 1 - y) * SIDE + SIDE - 1 - x] - 100), 4);
    picture_free(&p), free(plain.bytes), free(exif.bytes), free(b.bytes);
}
END_TEST

// Exif is no part of the pixels: whatever it holds, the picture is there.
START_TEST(damaged_exif_is_passed_over) {
    Bytes plain = make_jpeg((uint8_t[]){200}, TJPF_GRAY, TJSAMP_GRAY, 0);
    Bytes exif = make_exif(true, 6);
    for (size_t size = 0; size <= exif.size; size++) {
        Bytes part = {size, exif.bytes}, b = jpeg_with_exif(&plain, &part);
        Picture p = decoded(&b);
        picture_free(&p), free(b.bytes);
    }
    for (size_t bit = 0; bit < 8 * exif.size; bit++) {
        exif.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        Bytes b = jpeg_with_exif(&plain, &exif);
        Picture p = decoded(&b);
        picture_free(&p), free(b.bytes);
        exif.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    free(plain.bytes), free(exif.bytes);
}
END_TEST

START_TEST(jpeg_truncation_is_refused) {
    Bytes b = make_jpeg(COLOUR, TJPF_RGB, TJSAMP_420, _i ? TJFLAG_PROGRESSIVE : 0);
    for (size_t n = 0; n < b.size; n++)
        check_refused(b.bytes, n, n < 3 ? "neither" : "damaged JPEG");
    free(b.bytes);
}
END_TEST

// JPEG has no checksum: much passes, as a whole picture.
START_TEST(jpeg_flipped_bits_do_no_harm) {
    Bytes b = make_jpeg(COLOUR, TJPF_RGB, TJSAMP_420, _i ? TJFLAG_PROGRESSIVE : 0);
    size_t accepted = 0, refused = 0;
    for (size_t bit = 0; bit < 8 * b.size; bit++) {
        Bytes flipped = bytes_of(b.bytes, b.size);
        flipped.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        Picture p;
        Error error = {""};
        int status = picture_decode(&p, "F", flipped.bytes, flipped.size, &error);
        ck_assert(status == 0 || status == EXIT_DATA);
        if (status == 0) {
            ck_assert(p.height > 0 && p.width > 0 && (p.channels == 1 || p.channels == 3));
            volatile uint8_t last =
                p.pixels[(size_t)p.height * (size_t)p.width * (size_t)p.channels - 1];
            (void)last;
        }
        *(status ? &refused : &accepted) += 1;
        picture_free(&p);
        free(flipped.bytes);
    }
    ck_assert(accepted > 0 && refused > 0);
    free(b.bytes);
}
END_TEST

START_TEST(jpeg_sizes) {
    Bytes b = make_jpeg(COLOUR, TJPF_RGB, TJSAMP_444, 0);
    size_t at = 0;
    while (at + 9 < b.size && memcmp(b.bytes + at, "\xff\xc0", 2) != 0) at++;
    memcpy(b.bytes + at + 5, "\x05\xdc\xff\xdc", 4); // 1500 × 65500
    check_refused(b.bytes, b.size, "more pixels than the file can hold");
    memcpy(b.bytes + at + 5, "\x10\x00\xff\xdc", 4);
    check_refused(b.bytes, b.size, "more than 100 million pixels");
    free(b.bytes);
}
END_TEST

// ---- Square -----------------------------------------------------------------------------------

static uint32_t state;
static int below(int n) { // small numbers for sizes and pixels
    state = state * 1664525u + 1013904223u;
    return (int)((state >> 8) % (uint32_t)n);
}

// The definition: each pixel becomes size × size of it, then side × side of these one again.
static void enlarge_and_average(const Picture *p, int size, int c, double *out) {
    int side = p->height < p->width ? p->height : p->width;
    int top = (p->height - side) / 2, left = (p->width - side) / 2;
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++) {
            double sum = 0;
            for (int y = i * side; y < (i + 1) * side; y++)
                for (int x = j * side; x < (j + 1) * side; x++)
                    sum += p->pixels[((top + y / size) * p->width + left + x / size) * p->channels +
                                     c];
            out[i * size + j] = sum / (side * side);
        }
}

static void check_square(const Picture *p, int size, int channels) {
    uint8_t *out = malloc((size_t)(size * size * channels));
    double *plane[3];
    for (int c = 0; c < 3; c++) {
        plane[c] = malloc((size_t)(size * size) * sizeof(double));
        enlarge_and_average(p, size, c % p->channels, plane[c]);
    }
    picture_square(p, size, channels, out);
    for (int i = 0; i < size * size; i++)
        for (int c = 0; c < channels; c++) {
            double expected = channels < p->channels
                                  ? 0.299 * plane[0][i] + 0.587 * plane[1][i] + 0.114 * plane[2][i]
                                  : plane[c][i];
            ck_assert_double_le(fabs(out[i * channels + c] - expected), 0.5 + 1e-9);
        }
    for (int c = 0; c < 3; c++) free(plane[c]);
    free(out);
}

START_TEST(square_is_the_definition) {
    for (int trial = 0; trial < 60; trial++) {
        state = (uint32_t)(1000 * _i + trial);
        Picture p = {1 + below(20), 1 + below(20), _i < 2 ? 1 : 3, NULL};
        size_t size = (size_t)(p.height * p.width * p.channels);
        p.pixels = malloc(size); // the sanitizer sees a read past its end
        for (size_t i = 0; i < size; i++) p.pixels[i] = (uint8_t)below(256);
        check_square(&p, 1 + below(24), _i % 2 ? 3 : 1);
        free(p.pixels);
    }
}
END_TEST

// Pixel i of the average of f(x) = 3x over [i·s, (i+1)·s), s = 80/size, is 3s(i + ½) − 1.5, as
// pixel x stands for the interval [x, x+1) with 3x all over it, where s is whole.
START_TEST(square_of_a_slope) {
    enum { W = 80, H = 100 };
    Picture p = {H, W, 1, malloc(W * H)};
    for (int i = 0; i < W * H; i++) p.pixels[i] = (uint8_t)(3 * (i % W));
    static const int sizes[] = {1, 2, 4, 5, 8, 10, 16, 20, 40, 80};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        int size = sizes[k];
        uint8_t out[80 * 80];
        picture_square(&p, size, 1, out);
        for (int i = 0; i < size * size; i++) {
            double expected = 3.0 * W / size * (i % size + 0.5) - 1.5;
            ck_assert_double_le(fabs(out[i] - expected), 0.5);
        }
    }
    free(p.pixels);
}
END_TEST

START_TEST(square_is_the_middle) {
    uint8_t tall[7 * 3], wide[3 * 8], out[9];
    for (int i = 0; i < 21; i++) tall[i] = (uint8_t)i;
    for (int i = 0; i < 24; i++) wide[i] = (uint8_t)i;
    picture_square(&(Picture){7, 3, 1, tall}, 3, 1, out);
    for (int i = 0; i < 9; i++) ck_assert_int_eq(out[i], 6 + i);
    picture_square(&(Picture){3, 8, 1, wide}, 3, 1, out); // 2 left of it, 3 right
    for (int i = 0; i < 9; i++) ck_assert_int_eq(out[i], i / 3 * 8 + 2 + i % 3);
}
END_TEST

// BT.601: 0.299, 0.587 and 0.114 of 255 are 76.2, 149.7 and 29.1.
START_TEST(square_grey_of_colours) {
    uint8_t colours[] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255}, out[4];
    picture_square(&(Picture){2, 2, 3, colours}, 2, 1, out);
    ck_assert(out[0] == 76 && out[1] == 150 && out[2] == 29 && out[3] == 255);
}
END_TEST

// No sum overflows at the largest side.
START_TEST(square_of_the_largest) {
    Picture p = {65500, 1, 3, malloc(65500 * 3)};
    memset(p.pixels, 255, 65500 * 3);
    uint8_t out[12];
    picture_square(&p, 2, 3, out);
    for (int i = 0; i < 12; i++) ck_assert_int_eq(out[i], 255);
    free(p.pixels);
    p = (Picture){10000, 10000, 1, malloc(10000 * 10000)};
    memset(p.pixels, 255, 10000 * 10000);
    picture_square(&p, 1, 1, out);
    ck_assert_int_eq(out[0], 255);
    free(p.pixels);
}
END_TEST

// ---- Writing ----------------------------------------------------------------------------------

static char folder[] = "/tmp/picture-XXXXXX";

START_TEST(what_is_written_comes_back) {
    char path[60];
    snprintf(path, sizeof path, "%s/a.png", folder);
    int channels = _i ? 3 : 1;
    uint8_t pixels[5 * 7 * 3];
    for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)(i * 41);
    Error error = {""};
    ck_assert_msg(picture_write(path, 5, 7, channels, pixels, &error) == 0, "%s", error.text);
    Picture p;
    ck_assert_msg(picture_read(&p, path, &error) == 0, "%s", error.text);
    ck_assert(p.height == 5 && p.width == 7 && p.channels == channels);
    ck_assert_mem_eq(p.pixels, pixels, (size_t)(35 * channels));
    picture_free(&p), picture_free(&p);
}
END_TEST

START_TEST(an_old_picture_survives) {
    char path[60], pattern[60];
    snprintf(path, sizeof path, "%s/old.png", folder);
    static uint8_t pixels[200 * 200];
    for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)(i * i >> 7);
    Error error = {""};
    ck_assert_int_eq(picture_write(path, 2, 2, 1, pixels, &error), 0);
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){1000, 1000}); // as a full disk
    ck_assert_int_eq(picture_write(path, 200, 200, 1, pixels, &error), EXIT_RESOURCE);
    ck_assert_msg(strncmp(error.text, "cannot write ", 13) == 0, "%s", error.text);
    Picture p;
    ck_assert_int_eq(picture_read(&p, path, &error), 0);
    ck_assert_int_eq(p.height, 2);
    picture_free(&p);
    snprintf(pattern, sizeof pattern, "%s/*.tmp", folder);
    glob_t left;
    ck_assert_int_eq(glob(pattern, 0, NULL, &left), GLOB_NOMATCH);
    ck_assert_int_eq(picture_write("/none/such/a.png", 2, 2, 1, pixels, &error), EXIT_RESOURCE);
    ck_assert_int_eq(picture_read(&p, "/none/such/a.png", &error), EXIT_RESOURCE);
    ck_assert_str_eq(error.text, "cannot read /none/such/a.png: No such file or directory");
}
END_TEST

static void remove_folder(void) {
    char command[60];
    snprintf(command, sizeof command, "rm -r %s", folder);
    if (system(command) != 0) perror(folder);
}

int main(void) {
    if (!mkdtemp(folder)) return 1;
    Suite *suite = suite_create("picture");
    TCase *tc = tcase_create("picture");
    suite_add_tcase(suite, tc);
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, png_kinds, 0, CASE_COUNT);
    tcase_add_loop_test(tc, png_interlaced, 0, 2);
    tcase_add_loop_test(tc, png_damage_is_refused, 0, CASE_COUNT);
    tcase_add_test(tc, png_sizes);
    tcase_add_test(tc, neither_format);
    tcase_add_loop_test(tc, jpeg_colours, 0, 10);
    tcase_add_test(tc, jpeg_grey);
    tcase_add_loop_test(tc, png_is_turned_upright, 0, 18);
    tcase_add_loop_test(tc, jpeg_is_turned_upright, 0, 18);
    tcase_add_test(tc, damaged_exif_is_passed_over);
    tcase_add_test(tc, jpeg_of_a_press);
    tcase_add_loop_test(tc, jpeg_truncation_is_refused, 0, 2);
    tcase_add_loop_test(tc, jpeg_flipped_bits_do_no_harm, 0, 2);
    tcase_add_test(tc, jpeg_sizes);
    tcase_add_loop_test(tc, square_is_the_definition, 0, 4);
    tcase_add_test(tc, square_of_a_slope);
    tcase_add_test(tc, square_is_the_middle);
    tcase_add_test(tc, square_grey_of_colours);
    tcase_add_test(tc, square_of_the_largest);
    tcase_add_loop_test(tc, what_is_written_comes_back, 0, 2);
    tcase_add_test(tc, an_old_picture_survives);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    remove_folder();
    return failed > 0;
}
