// Images and labels from IDX files: what is written comes back, gzipped or not, and everything that
// is not whole is refused, with its place.
#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image_support.h"
#include "nets/idx.h"

enum { COUNT = 3, HEIGHT = 5, WIDTH = 7, PIXELS = COUNT * HEIGHT * WIDTH };

// Images or labels, plain or gzipped: KINDS in all.
enum { IMAGES = 0, LABELS = 1, PACKED = 2, KINDS = 4, LABEL_COUNT = 30 };

static Bytes made(int kind) {
    Bytes plain = kind & LABELS ? make_idx_labels(LABEL_COUNT) : make_idx(COUNT, HEIGHT, WIDTH);
    if (!(kind & PACKED)) return plain;
    Bytes packed = gzipped(&plain);
    free(plain.bytes);
    return packed;
}

// Either of them, as it was read.
typedef struct {
    IdxImages images;
    IdxLabels labels;
} Read;

static int parse(Read *read, int kind, const Bytes *b, Error *error) {
    *read = (Read){0};
    return kind & LABELS ? idx_labels_parse(&read->labels, "F", b->bytes, b->size, error)
                         : idx_parse(&read->images, "F", b->bytes, b->size, error);
}

static void read_free(Read *read) {
    idx_free(&read->images), idx_free(&read->images);
    idx_labels_free(&read->labels), idx_labels_free(&read->labels);
}

static bool is_example(const Read *read, int kind) {
    const IdxImages *images = &read->images;
    Bytes plain = made(kind & LABELS);
    bool same = kind & LABELS ? read->labels.count == LABEL_COUNT &&
                                    memcmp(read->labels.labels, plain.bytes + 8, LABEL_COUNT) == 0
                              : images->count == COUNT && images->height == HEIGHT &&
                                    images->width == WIDTH &&
                                    memcmp(images->pixels, plain.bytes + 16, PIXELS) == 0;
    free(plain.bytes);
    return same;
}

static void check_refused(const Bytes *bytes, int kind, const char *reason) {
    Bytes b = bytes_of(bytes->bytes, bytes->size); // the sanitizer sees a read past its end
    Error error = {""};
    Read read;
    ck_assert_int_eq(parse(&read, kind, &b, &error), EXIT_DATA);
    ck_assert(!read.images.pixels && !read.labels.labels);
    ck_assert_msg(strncmp(error.text, "F: byte ", 8) == 0 && strstr(error.text, reason), "%s: '%s'",
                  reason, error.text);
    free(b.bytes);
}

START_TEST(what_is_written_comes_back) {
    Bytes b = made(_i);
    Error error = {""};
    Read read;
    ck_assert_msg(parse(&read, _i, &b, &error) == 0, "%s", error.text);
    ck_assert(is_example(&read, _i));
    read_free(&read);
    free(b.bytes);
}
END_TEST

START_TEST(rows) {
    Bytes b = made(0);
    Error error = {""};
    Read read;
    double row[HEIGHT * WIDTH];
    ck_assert_int_eq(parse(&read, 0, &b, &error), 0);
    uint8_t *pixels = read.images.pixels + HEIGHT * WIDTH;
    pixels[0] = 0, pixels[1] = 255, pixels[HEIGHT * WIDTH - 1] = 51;
    idx_row(&read.images, 1, row);
    ck_assert(row[0] == -1 && row[1] == 1);
    ck_assert_double_eq_tol(row[HEIGHT * WIDTH - 1], -0.6, 1e-15);
    read_free(&read);
    free(b.bytes);
}
END_TEST

START_TEST(every_truncation_is_refused) {
    Bytes b = made(_i);
    for (size_t n = 0; n < b.size; n++) check_refused(&(Bytes){n, b.bytes}, _i, "");
    free(b.bytes);
}
END_TEST

START_TEST(a_byte_more_is_refused) {
    Bytes b = made(_i);
    put(&b, "", 1);
    check_refused(&b, _i,
                  _i & PACKED ? "bytes after the gzip data" : "bytes after the last of the");
    free(b.bytes);
}
END_TEST

START_TEST(the_other_kind_is_refused) {
    Bytes b = made(_i);
    check_refused(&b, _i ^ LABELS,
                  _i & LABELS ? "byte 3: one dimension where images have three (labels?)"
                              : "byte 3: three dimensions where labels have one (images?)");
    free(b.bytes);
}
END_TEST

// A plain file cannot know a wrong byte. A gzipped one can, and its few idle bits change nothing.
START_TEST(flipped_bits_do_no_harm) {
    Bytes b = made(_i);
    size_t accepted = 0;
    for (size_t bit = 0; bit < 8 * b.size; bit++) {
        Error error = {""};
        Read read;
        b.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        int status = parse(&read, _i, &b, &error);
        if (status) check_refused(&b, _i, "");
        b.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        accepted += status == 0;
        if (status == 0 && _i & PACKED) ck_assert(is_example(&read, _i));
        if (status == 0) ck_assert(read.images.count == COUNT || read.labels.count == LABEL_COUNT);
        read_free(&read);
    }
    if (_i & PACKED)
        ck_assert_uint_le(accepted, 8 * 7); // gzip's time, flags and system
    else
        ck_assert_uint_eq(accepted, 8 * (_i & LABELS ? LABEL_COUNT : PIXELS));
    free(b.bytes);
}
END_TEST

static const struct {
    int kind;
    size_t at;
    uint8_t byte[4];
    const char *message;
} CASES[] = {
    {IMAGES, 0, {0, 1, 8, 3}, "byte 0: not an IDX file of grey images"},
    {IMAGES, 0, {0, 0, 13, 3}, "byte 0: not an IDX file of grey images"},
    {IMAGES, 0, {0, 0, 8, 4}, "byte 0: not an IDX file of grey images"},
    {IMAGES, 0, {0, 0, 8, 1}, "byte 3: one dimension where images have three (labels?)"},
    {IMAGES, 4, {0, 0, 0, 0}, "byte 4: no images"},
    {IMAGES, 4, {0, 0, 0, 2}, "byte 86: bytes after the last of the images"},
    {IMAGES, 4, {255, 255, 255, 255}, "byte 4: more images than the file can hold"},
    {IMAGES, 8, {0, 0, 0, 0}, "byte 8: the height is not from 1 to 4096"},
    {IMAGES, 8, {0, 0, 16, 1}, "byte 8: the height is not from 1 to 4096"},
    {IMAGES, 12, {0, 0, 0, 0}, "byte 12: the width is not from 1 to 4096"},
    {IMAGES, 12, {1, 0, 0, 7}, "byte 12: the width is not from 1 to 4096"},
    {LABELS, 0, {0, 1, 8, 1}, "byte 0: not an IDX file of labels (00 00 08 01)"},
    {LABELS, 0, {0, 0, 8, 2}, "byte 0: not an IDX file of labels (00 00 08 01)"},
    {LABELS, 4, {0, 0, 0, 0}, "byte 4: no labels"},
    {LABELS, 4, {0, 0, 0, 29}, "byte 37: bytes after the last of the labels"},
    {LABELS, 4, {255, 255, 255, 255}, "byte 4: more labels than the file can hold"},
};
enum { CASE_COUNT = sizeof CASES / sizeof *CASES };

START_TEST(a_header_is_read_strictly) {
    for (int packed = 0; packed < 2; packed++) {
        Bytes b = made(CASES[_i].kind);
        memcpy(b.bytes + CASES[_i].at, CASES[_i].byte, 4);
        Bytes file = packed ? gzipped(&b) : bytes_of(b.bytes, b.size);
        check_refused(&file, CASES[_i].kind, CASES[_i].message);
        free(b.bytes), free(file.bytes);
    }
}
END_TEST

static int read_file(Read *read, int kind, const char *path, Error *error) {
    *read = (Read){0};
    return kind & LABELS ? idx_labels_read(&read->labels, path, error)
                         : idx_read(&read->images, path, error);
}

START_TEST(files_and_pipes) {
    Bytes b = made(_i);
    Error error = {""};
    Read read;
    int ends[2];
    char path[40];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], b.bytes, b.size), (ssize_t)b.size);
    close(ends[1]);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    ck_assert_msg(read_file(&read, _i, path, &error) == 0, "%s", error.text);
    ck_assert(is_example(&read, _i));
    read_free(&read);
    close(ends[0]);
    ck_assert_int_eq(read_file(&read, _i, "/none/such", &error), EXIT_RESOURCE);
    ck_assert_str_eq(error.text, "cannot read /none/such: No such file or directory");
    ck_assert_int_eq(read_file(&read, _i, "/", &error), EXIT_RESOURCE);
    ck_assert(!read.images.pixels && !read.labels.labels);
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
    tcase_add_loop_test(tc, what_is_written_comes_back, 0, KINDS);
    tcase_add_test(tc, rows);
    tcase_add_loop_test(tc, every_truncation_is_refused, 0, KINDS);
    tcase_add_loop_test(tc, a_byte_more_is_refused, 0, KINDS);
    tcase_add_loop_test(tc, the_other_kind_is_refused, 0, KINDS);
    tcase_add_loop_test(tc, flipped_bits_do_no_harm, 0, KINDS);
    tcase_add_loop_test(tc, a_header_is_read_strictly, 0, CASE_COUNT);
    tcase_add_loop_test(tc, files_and_pipes, 0, KINDS);
    tcase_add_test(tc, fashion_mnist);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
