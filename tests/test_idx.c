// Images from IDX files: what is written comes back, gzipped or not, and everything that is not
// whole is refused, with its place.
#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "nets/idx.h"

enum { COUNT = 3, HEIGHT = 5, WIDTH = 7, PIXELS = COUNT * HEIGHT * WIDTH, SIZE = 16 + PIXELS };

typedef struct {
    size_t size;
    uint8_t *bytes;
} Bytes;

static Bytes copied(const void *bytes, size_t size) { // the sanitizer sees a read past its end
    Bytes b = {size, malloc(size ? size : 1)};
    memcpy(b.bytes, bytes, size);
    return b;
}

static Bytes example(void) {
    uint8_t bytes[SIZE] = {0, 0, 8, 3, 0, 0, 0, COUNT, 0, 0, 0, HEIGHT, 0, 0, 0, WIDTH};
    for (int i = 0; i < PIXELS; i++) bytes[16 + i] = (uint8_t)(i * i * 37 + i);
    return copied(bytes, SIZE);
}

static Bytes gzipped(Bytes plain) {
    z_stream z = {0};
    ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY), Z_OK);
    uint8_t out[4096];
    z.next_in = plain.bytes, z.avail_in = (uInt)plain.size;
    z.next_out = out, z.avail_out = sizeof out;
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    Bytes packed = copied(out, sizeof out - z.avail_out);
    deflateEnd(&z);
    free(plain.bytes);
    return packed;
}

static Bytes made(int packed) {
    return packed ? gzipped(example()) : example();
}

static bool is_example(const IdxImages *images) {
    Bytes plain = example();
    bool same = images->count == COUNT && images->height == HEIGHT && images->width == WIDTH &&
                memcmp(images->pixels, plain.bytes + 16, PIXELS) == 0;
    free(plain.bytes);
    return same;
}

static void check_refused(int status, const IdxImages *images, const Error *error) {
    ck_assert_int_eq(status, EXIT_DATA);
    ck_assert_ptr_null(images->pixels);
    ck_assert_msg(strncmp(error->text, "F: byte ", 8) == 0, "%s", error->text);
}

START_TEST(what_is_written_comes_back) {
    Bytes b = made(_i);
    Error error = {""};
    IdxImages images;
    ck_assert_msg(idx_parse(&images, "F", b.bytes, b.size, &error) == 0, "%s", error.text);
    ck_assert(is_example(&images));
    double row[HEIGHT * WIDTH];
    images.pixels[HEIGHT * WIDTH] = 0, images.pixels[HEIGHT * WIDTH + 1] = 255;
    images.pixels[2 * HEIGHT * WIDTH - 1] = 51;
    idx_row(&images, 1, row);
    ck_assert(row[0] == -1 && row[1] == 1);
    ck_assert_double_eq_tol(row[HEIGHT * WIDTH - 1], -0.6, 1e-15);
    idx_free(&images), idx_free(&images);
    free(b.bytes);
}
END_TEST

START_TEST(every_truncation_is_refused) {
    Bytes b = made(_i);
    for (size_t n = 0; n < b.size; n++) {
        Bytes part = copied(b.bytes, n);
        Error error = {""};
        IdxImages images;
        check_refused(idx_parse(&images, "F", part.bytes, n, &error), &images, &error);
        free(part.bytes);
    }
    free(b.bytes);
}
END_TEST

START_TEST(a_byte_more_is_refused) {
    Bytes b = made(_i);
    Error error = {""};
    IdxImages images;
    b.bytes = realloc(b.bytes, b.size + 1);
    b.bytes[b.size] = 0;
    check_refused(idx_parse(&images, "F", b.bytes, b.size + 1, &error), &images, &error);
    ck_assert_ptr_nonnull(strstr(error.text, _i ? "bytes after the gzip data" : "after the last"));
    free(b.bytes);
}
END_TEST

// A plain file cannot know a wrong pixel. A gzipped one can, and its few idle bits change nothing.
START_TEST(flipped_bits_do_no_harm) {
    Bytes b = made(_i);
    size_t accepted = 0;
    for (size_t bit = 0; bit < 8 * b.size; bit++) {
        Error error = {""};
        IdxImages images;
        b.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        int status = idx_parse(&images, "F", b.bytes, b.size, &error);
        b.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (status) {
            check_refused(status, &images, &error);
            continue;
        }
        accepted++;
        ck_assert(images.count == COUNT && images.height * images.width == HEIGHT * WIDTH);
        if (_i) ck_assert(is_example(&images));
        idx_free(&images);
    }
    if (_i)
        ck_assert_uint_le(accepted, 8 * 7); // gzip's time, flags and system
    else
        ck_assert_uint_eq(accepted, 8 * PIXELS);
    free(b.bytes);
}
END_TEST

static const struct {
    size_t at;
    uint8_t byte[4];
    const char *message;
} CASES[] = {
    {0, {0, 1, 8, 3}, "byte 0: not an IDX file of grey images"},
    {0, {0, 0, 13, 3}, "byte 0: not an IDX file of grey images"},
    {0, {0, 0, 8, 4}, "byte 0: not an IDX file of grey images"},
    {0, {0, 0, 8, 1}, "byte 3: one dimension where images have three (labels?)"},
    {4, {0, 0, 0, 0}, "byte 4: no images"},
    {4, {0, 0, 0, 2}, "byte 86: bytes after the last image"},
    {4, {255, 255, 255, 255}, "byte 4: more images than the file can hold"},
    {8, {0, 0, 0, 0}, "byte 8: the height is not from 1 to 4096"},
    {8, {0, 0, 16, 1}, "byte 8: the height is not from 1 to 4096"},
    {12, {0, 0, 0, 0}, "byte 12: the width is not from 1 to 4096"},
    {12, {1, 0, 0, 7}, "byte 12: the width is not from 1 to 4096"},
};
enum { CASE_COUNT = sizeof CASES / sizeof *CASES };

START_TEST(a_header_is_read_strictly) {
    for (int packed = 0; packed < 2; packed++) {
        Bytes b = example();
        Error error = {""};
        IdxImages images;
        memcpy(b.bytes + CASES[_i].at, CASES[_i].byte, 4);
        if (packed) b = gzipped(b);
        check_refused(idx_parse(&images, "F", b.bytes, b.size, &error), &images, &error);
        ck_assert_msg(strstr(error.text, CASES[_i].message) != NULL, "%s", error.text);
        free(b.bytes);
    }
}
END_TEST

START_TEST(files_and_pipes) {
    Bytes b = made(1);
    Error error = {""};
    IdxImages images;
    int ends[2];
    char path[40];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], b.bytes, b.size), (ssize_t)b.size);
    close(ends[1]);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    ck_assert_msg(idx_read(&images, path, &error) == 0, "%s", error.text);
    ck_assert(is_example(&images));
    idx_free(&images);
    close(ends[0]);
    ck_assert_int_eq(idx_read(&images, "/none/such", &error), EXIT_RESOURCE);
    ck_assert_str_eq(error.text, "cannot read /none/such: No such file or directory");
    ck_assert_int_eq(idx_read(&images, "/", &error), EXIT_RESOURCE);
    ck_assert_ptr_null(images.pixels);
    free(b.bytes);
}
END_TEST

// The mean and the deviation of Fashion-MNIST's training pixels, as those who train on it quote
// them: 0.2860 and 0.3530 of 1.
START_TEST(fashion_mnist) {
    static const char path[] = "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz";
    if (access(path, R_OK) != 0) {
        printf("skipped: fashion_mnist (dataset-fashion-mnist is not installed)\n");
        return;
    }
    Error error = {""};
    IdxImages images;
    ck_assert_msg(idx_read(&images, path, &error) == 0, "%s", error.text);
    ck_assert(images.count == 60000 && images.height == 28 && images.width == 28);
    double sum = 0, squares = 0, total = 60000.0 * 28 * 28;
    for (size_t i = 0; i < 60000 * 28 * 28; i++) {
        double v = images.pixels[i] / 255.0;
        sum += v, squares += v * v;
    }
    double mean = sum / total;
    ck_assert_double_eq_tol(mean, 0.2860, 5e-5);
    ck_assert_double_eq_tol(sqrt(squares / total - mean * mean), 0.3530, 5e-5);
    idx_free(&images);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("idx");
    TCase *tc = tcase_create("idx");
    suite_add_tcase(suite, tc);
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, what_is_written_comes_back, 0, 2);
    tcase_add_loop_test(tc, every_truncation_is_refused, 0, 2);
    tcase_add_loop_test(tc, a_byte_more_is_refused, 0, 2);
    tcase_add_loop_test(tc, flipped_bits_do_no_harm, 0, 2);
    tcase_add_loop_test(tc, a_header_is_read_strictly, 0, CASE_COUNT);
    tcase_add_test(tc, files_and_pipes);
    tcase_add_test(tc, fashion_mnist);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
