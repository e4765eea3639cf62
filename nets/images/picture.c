#include "picture.h"
#include "nets/file.h"
#include "orientation.h"

#include <png.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

enum { MAX_SIDE = 65500, MAX_PIXELS = 100 * 1000 * 1000 };
// The most that one byte can hold: deflate makes at most 1032 bytes of one; a block of 64 pixels
// takes a bit of a JPEG at the very least, and four times that leaves room for arithmetic coding.
enum { MAX_PACKING = 1032, MAX_PIXELS_A_BYTE = 2048 };

// Reasons are made by the libraries from what they read, so only what prints is let through.
static int refuse(Error *error, const char *name, const char *reason) {
    error_set(error, EXIT_DATA, "%s: %s", name, reason);
    for (char *c = error->text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127) *c = '?';
    return EXIT_DATA;
}

static const char *dimensions_refused(size_t height, size_t width) {
    if (height < 1 || width < 1) return "damaged JPEG: no picture in it"; // libpng refuses it
    if (height > MAX_SIDE || width > MAX_SIDE) return "more than 65500 pixels a side";
    if (height * width > MAX_PIXELS) return "more than 100 million pixels";
    return NULL;
}

// ---- PNG --------------------------------------------------------------------------------------

typedef struct {
    const uint8_t *bytes;
    size_t size, taken;
    png_structp png;
    png_infop info;
    Picture *picture;
    int orientation;
    char reason[200];
    bool no_memory;
} PngReader;

static void png_failed(png_structp png, png_const_charp message) {
    PngReader *reader = png_get_error_ptr(png);
    snprintf(reader->reason, sizeof reader->reason, "damaged PNG: %s", message);
    png_longjmp(png, 1);
}

static void png_warned(png_structp png, png_const_charp message) {
    (void)png, (void)message; // about what is beside the pixels: profiles, text, times
}

static void refuse_png(PngReader *reader, const char *reason) {
    snprintf(reader->reason, sizeof reader->reason, "%s", reason);
    png_longjmp(reader->png, 1);
}

static void png_take(png_structp png, png_bytep to, size_t size) {
    PngReader *reader = png_get_io_ptr(png);
    if (size > reader->size - reader->taken) refuse_png(reader, "the PNG is cut short");
    memcpy(to, reader->bytes + reader->taken, size);
    reader->taken += size;
}

static void png_header(PngReader *reader) {
    png_structp png = reader->png;
    png_read_info(png, reader->info);
    size_t height = png_get_image_height(png, reader->info);
    size_t width = png_get_image_width(png, reader->info);
    const char *reason = dimensions_refused(height, width);
    if (reason) refuse_png(reader, reason);
    size_t unpacked = height * (1 + png_get_rowbytes(png, reader->info));
    if (unpacked / MAX_PACKING > reader->size)
        refuse_png(reader, "damaged PNG: more pixels than the file can hold");
    reader->picture->height = (int)height, reader->picture->width = (int)width;
}

// What the file has, as 8 bits of grey, grey and alpha, RGB, or RGB and alpha.
static void png_pixels(PngReader *reader) {
    png_structp png = reader->png;
    Picture *picture = reader->picture;
    png_set_expand(png);
    png_set_scale_16(png);
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, reader->info);
    picture->channels = png_get_channels(png, reader->info);
    size_t row = (size_t)picture->width * (size_t)picture->channels;
    picture->pixels = malloc((size_t)picture->height * row);
    reader->no_memory = !picture->pixels;
    if (reader->no_memory) png_longjmp(png, 1);
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < picture->height; y++)
            png_read_row(png, picture->pixels + (size_t)y * row, NULL);
    png_read_end(png, reader->info); // to the checksums
}

static void png_orientation(PngReader *reader) {
    png_bytep exif;
    png_uint_32 size;
    reader->orientation = 1;
    if (png_get_eXIf_1(reader->png, reader->info, &size, &exif))
        reader->orientation = orientation_of_exif(exif, size);
}

// False with the reason where libpng, or what it calls, jumps back.
static bool png_all(PngReader *reader) {
    png_structp png = reader->png;
    if (setjmp(png_jmpbuf(png))) return false;
    png_set_read_fn(png, reader, png_take);
    png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_set_user_limits(png, PNG_UINT_31_MAX,
                        PNG_UINT_31_MAX); // dimensions_refused() says it better
    png_set_chunk_malloc_max(png, 8 << 20);
    png_header(reader);
    png_pixels(reader);
    png_orientation(reader);
    return true;
}

static uint8_t on_white(unsigned value, unsigned alpha) {
    return (uint8_t)((value * alpha + 255 * (255 - alpha) + 127) / 255);
}

static void drop_alpha(Picture *picture) {
    int from = picture->channels, to = from - 1;
    size_t pixels = (size_t)picture->height * (size_t)picture->width;
    const uint8_t *in = picture->pixels;
    uint8_t *out = picture->pixels; // never ahead of `in`
    for (size_t i = 0; i < pixels; i++, in += from, out += to) {
        unsigned alpha = in[to];
        for (int c = 0; c < to; c++) out[c] = on_white(in[c], alpha);
    }
    picture->channels = to;
}

static int png_decode(Picture *picture, const char *name, const void *bytes, size_t size,
                      Error *error) {
    PngReader reader = {.bytes = bytes, .size = size, .picture = picture};
    reader.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, png_failed, png_warned);
    reader.info = reader.png ? png_create_info_struct(reader.png) : NULL;
    reader.no_memory = !reader.info;
    bool whole = reader.info && png_all(&reader);
    png_destroy_read_struct(&reader.png, &reader.info, NULL);
    if (reader.no_memory) return error_set(error, EXIT_RESOURCE, "out of memory");
    if (!whole) return refuse(error, name, reader.reason);
    if (picture->channels % 2 == 0) drop_alpha(picture);
    return orientation_apply(picture, reader.orientation, error);
}

// ---- JPEG -------------------------------------------------------------------------------------

static const char *jpeg_refused(size_t size, int height, int width, int colours) {
    const char *reason = dimensions_refused((size_t)height, (size_t)width);
    if (reason) return reason;
    if (colours == TJCS_CMYK || colours == TJCS_YCCK)
        return "a CMYK JPEG, whose colours are those of a press: convert it to RGB";
    if ((size_t)height * (size_t)width / MAX_PIXELS_A_BYTE > size)
        return "damaged JPEG: more pixels than the file can hold";
    return NULL;
}

static int jpeg_failed(Error *error, const char *name, tjhandle jpeg) {
    char reason[250];
    snprintf(reason, sizeof reason, "damaged JPEG: %s", tjGetErrorStr2(jpeg));
    return refuse(error, name, reason);
}

// Every warning is an error: what is cut short or damaged is only warned of, and filled with grey.
static int jpeg_pixels(Picture *picture, const char *name, tjhandle jpeg, const uint8_t *bytes,
                       size_t size, Error *error) {
    int subsampling, colours = 0, height = 0, width = 0; // left alone where there are only tables
    if (tjDecompressHeader3(jpeg, bytes, size, &width, &height, &subsampling, &colours) != 0)
        return jpeg_failed(error, name, jpeg);
    const char *reason = jpeg_refused(size, height, width, colours);
    if (reason) return refuse(error, name, reason);
    int channels = colours == TJCS_GRAY ? 1 : 3;
    *picture = (Picture){height, width, channels, NULL};
    picture->pixels = malloc((size_t)height * (size_t)width * (size_t)channels);
    if (!picture->pixels) return error_set(error, EXIT_RESOURCE, "out of memory");
    if (tjDecompress2(jpeg, bytes, size, picture->pixels, width, 0, height,
                      channels == 1 ? TJPF_GRAY : TJPF_RGB,
                      TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS) != 0)
        return jpeg_failed(error, name, jpeg);
    return 0;
}

static int jpeg_decode(Picture *picture, const char *name, const void *bytes, size_t size,
                       Error *error) {
    tjhandle jpeg = tjInitDecompress();
    if (!jpeg) return error_set(error, EXIT_RESOURCE, "out of memory");
    int status = jpeg_pixels(picture, name, jpeg, bytes, size, error);
    tjDestroy(jpeg);
    if (status) return status;
    return orientation_apply(picture, orientation_of_jpeg(bytes, size), error);
}

// ---- Either -----------------------------------------------------------------------------------

PictureFormat picture_format(const void *bytes, size_t size) {
    if (size >= 8 && memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) == 0) return PICTURE_PNG;
    if (size >= 3 && memcmp(bytes, "\xff\xd8\xff", 3) == 0) return PICTURE_JPEG;
    return PICTURE_NONE;
}

int picture_decode(Picture *picture, const char *name, const void *bytes, size_t size,
                   Error *error) {
    *picture = (Picture){0};
    int status;
    switch (picture_format(bytes, size)) {
    case PICTURE_PNG:
        status = png_decode(picture, name, bytes, size, error);
        break;
    case PICTURE_JPEG:
        status = jpeg_decode(picture, name, bytes, size, error);
        break;
    default:
        status = refuse(error, name, "neither JPEG nor PNG");
    }
    if (status) picture_free(picture);
    return status;
}

int picture_read(Picture *picture, const char *path, Error *error) {
    *picture = (Picture){0};
    size_t size;
    void *bytes = file_read(path, &size, error);
    if (!bytes) return EXIT_RESOURCE;
    int status = picture_decode(picture, path, bytes, size, error);
    free(bytes);
    return status;
}

void picture_free(Picture *picture) {
    free(picture->pixels);
    *picture = (Picture){0};
}

int picture_write(const char *path, int height, int width, int channels, const uint8_t *pixels,
                  Error *error) {
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .height = (png_uint_32)height,
                       .width = (png_uint_32)width,
                       .format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB};
    size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
    void *bytes = malloc(size);
    if (!bytes) return error_set(error, EXIT_RESOURCE, "out of memory");
    int status;
    if (png_image_write_to_memory(&image, bytes, &size, 0, pixels, 0, NULL))
        status = file_write(path, 1, &(FilePart){bytes, size}, error);
    else
        status = error_set(error, EXIT_RESOURCE, "cannot write %s: %s", path, image.message);
    free(bytes);
    return status;
}
