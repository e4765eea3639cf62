// The file format: what is written comes back, equal content is equal bytes, files of the reference
// implementation are read, and everything that the format forbids is refused, with its place.
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nets/safetensors.h"

static char folder[] = "/tmp/safetensors-XXXXXX";

static const char *in_folder(const char *name) {
    static char path[8][120]; // one for each that a test uses at once
    static int turn;
    char *p = path[turn++ % 8];
    snprintf(p, sizeof path[0], "%s/%s", folder, name);
    return p;
}

static char *file_bytes(const char *path, size_t *size) {
    FILE *f = fopen(path, "rb");
    ck_assert_msg(f != NULL, "%s: %s", path, strerror(errno));
    char *bytes = malloc(65536);
    *size = fread(bytes, 1, 65536, f);
    fclose(f);
    return bytes;
}

// A file in memory, at the very end of its block so that the sanitizer sees a read too far.
static char *make_bytes(const char *header, size_t header_size, size_t data_size, size_t *size) {
    *size = 8 + header_size + data_size;
    char *bytes = calloc(1, *size);
    for (int i = 0; i < 8; i++) bytes[i] = (char)(header_size >> 8 * i);
    memcpy(bytes + 8, header, header_size);
    return bytes;
}

// ---- writing and reading back

static const float FLOATS[] = {1.5f, -0.0f, 3e38f, 1e-45f, 0.1f, 7};
static const double DOUBLES[] = {0.1, -1e300};
static const Tensor TENSORS[] = {
    {"b.weight", DTYPE_F32, 2, {2, 3}, 6, FLOATS},
    {"a \"quoted\" \\ λ\n", DTYPE_F64, 1, {2}, 2, DOUBLES},
    {"scalar", DTYPE_F32, 0, {0}, 1, FLOATS},
    {"empty", DTYPE_F64, 3, {4, 0, 2}, 0, DOUBLES},
};
enum { TENSOR_COUNT = sizeof TENSORS / sizeof *TENSORS };
static const Metadata METADATA[] = {{"zeta", "1"}, {"alpha", "input 2; linear 1"}, {"mid", ""}};

static void write_example(const char *path) {
    Error error = {""};
    int status = safetensors_write(path, TENSOR_COUNT, TENSORS, 3, METADATA, &error);
    ck_assert_msg(status == 0, "%s", error.text);
}

START_TEST(what_is_written_comes_back) {
    Error error = {""};
    SafeTensors file;
    const char *path = in_folder("a");
    write_example(path);
    ck_assert_msg(safetensors_read(&file, path, &error) == 0, "%s", error.text);
    ck_assert_uint_eq(file.tensor_count, TENSOR_COUNT);
    for (size_t k = 0; k < TENSOR_COUNT; k++) {
        const Tensor *t = &file.tensor[k], *e = &TENSORS[k];
        ck_assert_str_eq(t->name, e->name);
        ck_assert(t->dtype == e->dtype && t->rank == e->rank && t->count == e->count);
        ck_assert_mem_eq(t->dims, e->dims, (size_t)e->rank * sizeof *e->dims);
        ck_assert_mem_eq(t->data, e->data, e->count * (e->dtype == DTYPE_F32 ? 4 : 8));
        ck_assert_ptr_eq(safetensors_tensor(&file, e->name), t);
    }
    ck_assert_ptr_null(safetensors_tensor(&file, "weight"));
    ck_assert_uint_eq(file.metadata_count, 3);
    ck_assert_str_eq(file.metadata[0].key, "alpha");
    ck_assert_str_eq(file.metadata[1].key, "mid");
    ck_assert_str_eq(file.metadata[2].key, "zeta");
    ck_assert_str_eq(safetensors_metadata(&file, "alpha"), "input 2; linear 1");
    ck_assert_str_eq(safetensors_metadata(&file, "mid"), "");
    ck_assert_ptr_null(safetensors_metadata(&file, "beta"));
    safetensors_free(&file);
    safetensors_free(&file); // free of what is free already
}
END_TEST

START_TEST(the_bytes_are_those_of_the_format) {
    static const char header[] = "{\"__metadata__\":{\"k\":\"v\"},\"x\":{\"dtype\":\"F32\","
                                 "\"shape\":[2,3],\"data_offsets\":[0,24]}}      ";
    Error error = {""};
    Tensor t = TENSORS[0];
    t.name = "x";
    ck_assert_int_eq(safetensors_write(in_folder("b"), 1, &t, 1, &(Metadata){"k", "v"}, &error), 0);
    size_t size;
    char *bytes = file_bytes(in_folder("b"), &size);
    ck_assert_uint_eq(strlen(header) % 8, 0);
    ck_assert_uint_eq(size, 8 + strlen(header) + 24);
    ck_assert_mem_eq(bytes, "\x58\0\0\0\0\0\0\0", 8);
    ck_assert_mem_eq(bytes + 8, header, strlen(header));
    ck_assert_mem_eq(bytes + 8 + strlen(header), FLOATS, 24);
    free(bytes);
    ck_assert_int_eq(safetensors_write(in_folder("b"), 0, NULL, 0, NULL, &error), 0);
    bytes = file_bytes(in_folder("b"), &size);
    ck_assert_uint_eq(size, 16);
    ck_assert_mem_eq(bytes, "\x08\0\0\0\0\0\0\0{}      ", 16);
    free(bytes);
}
END_TEST

START_TEST(equal_content_is_equal_bytes) {
    const Metadata shuffled[] = {METADATA[2], METADATA[0], METADATA[1]};
    Error error = {""};
    size_t size[2];
    write_example(in_folder("c"));
    ck_assert_int_eq(safetensors_write(in_folder("d"), TENSOR_COUNT, TENSORS, 3, shuffled, &error),
                     0);
    char *c = file_bytes(in_folder("c"), &size[0]), *d = file_bytes(in_folder("d"), &size[1]);
    ck_assert_uint_eq(size[0], size[1]);
    ck_assert_mem_eq(c, d, size[0]);
    free(c), free(d);
}
END_TEST

START_TEST(widening_is_exact) {
    double x[6];
    ck_assert(tensor_read_double(&TENSORS[0], 6, x));
    for (int i = 0; i < 6; i++) ck_assert_double_eq(x[i], FLOATS[i]);
    ck_assert(signbit(x[1]));
    ck_assert(tensor_read_double(&TENSORS[1], 2, x));
    ck_assert_double_eq(x[1], -1e300);
    ck_assert(!tensor_read_double(&TENSORS[0], 5, x));
    ck_assert(!tensor_read_double(&(Tensor){.dtype = DTYPE_OTHER, .count = 1}, 1, x));
}
END_TEST

// tests/reference/make_vectors.py wrote it with the format's own library.
START_TEST(a_file_of_the_reference_implementation) {
    Error error = {""};
    SafeTensors file;
    int status = safetensors_read(&file, "tests/reference/dtypes.safetensors", &error);
    ck_assert_msg(status == 0, "%s", error.text);
    ck_assert_uint_eq(file.tensor_count, 8);
    ck_assert_str_eq(safetensors_metadata(&file, "note"), "written by safetensors, λ = 10");
    const Tensor *f64 = safetensors_tensor(&file, "f64"), *f32 = safetensors_tensor(&file, "f32"),
                 *scalar = safetensors_tensor(&file, "scalar"),
                 *empty = safetensors_tensor(&file, "empty");
    ck_assert(f64 && f32 && scalar && empty);
    double x[6];
    ck_assert(f64->rank == 2 && f64->dims[0] == 2 && f64->dims[1] == 3);
    ck_assert(tensor_read_double(f64, 6, x));
    for (int i = 0; i < 6; i++) ck_assert_double_eq(x[i], i / 3.0);
    ck_assert(tensor_read_double(f32, 3, x));
    for (int i = 0; i < 3; i++) ck_assert_double_eq(x[i], (float)(i / 3.0));
    ck_assert(scalar->rank == 0 && tensor_read_double(scalar, 1, x) && x[0] == -2.5);
    ck_assert(empty->rank == 2 && empty->dims[0] == 0 && empty->dims[1] == 5 && empty->count == 0);
    const char *others[] = {"bf16", "i64", "bool", "u8"};
    for (int k = 0; k < 4; k++) {
        const Tensor *t = safetensors_tensor(&file, others[k]);
        ck_assert(t && t->dtype == DTYPE_OTHER && !tensor_read_double(t, t->count, x));
    }
    safetensors_free(&file);
}
END_TEST

// ---- what is refused

// A tensor's entry, with its data's bytes after it.
#define ONE(dtype, shape, offsets)                                                                 \
    "{\"x\":{\"dtype\":" dtype ",\"shape\":" shape ",\"data_offsets\":" offsets "}}"

static const struct {
    const char *header;
    size_t data;
    const char *message; // NULL: accepted
} CASES[] = {
    {"{}", 0, NULL},
    {"{}    ", 0, NULL},
    {ONE("\"F32\"", "[2]", "[0,8]"), 8, NULL},
    {ONE("\"F32\"", "[]", "[0,4]"), 4, NULL},
    {ONE("\"F64\"", "[0]", "[0,0]"), 0, NULL},
    {ONE("\"F4\"", "[2]", "[0,1]"), 1, NULL},
    {ONE("\"F8_E4M3\"", "[1,1,1,1,1,1,1,3]", "[0,3]"), 3, NULL},
    {"{\"__metadata__\":{}}", 0, NULL},
    {"{\"b\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[2,5]},"
     "\"a\":{\"shape\":[2],\"data_offsets\":[0,2],\"dtype\":\"U8\"}}",
     5, NULL},
    // the text
    {"", 0, "byte 8: the header does not begin with {"},
    {" {}", 0, "byte 8: the header does not begin with {"},
    {"[]", 0, "byte 8: the header does not begin with {"},
    {"{}\t", 0, "byte 10: header: padded with other than blanks"},
    {"{} x", 0, "byte 12: header: end of file expected near 'x'"},
    {"{", 0, "byte 9: header: string or '}' expected near end of file"},
    {"{\"x\":}", 0, "byte 14: header: unexpected token near '}'"},
    {"{\"x\":1,}", 0, "header: string or '}' expected"},
    {"{'x':1}", 0, "header: string or '}' expected"},
    {"{\"x\":NaN}", 0, "header: invalid token"},
    {"{\"\xff\":{}}", 0, "header: unable to decode byte 0xff"},
    {"{\"\xc0\x80\":{}}", 0, "header: unable to decode byte 0xc0"},
    {"{\"\\ud800\":{}}", 0, "header: invalid Unicode '\\uD800'"},
    {"{\"a\nb\":{}}", 0, "header: unexpected newline"},
    {"{\"x\":1,\"x\":2}", 0, "header: duplicate object key"},
    {"{\"x\":1,\"\\u0078\":2}", 0, "header: duplicate object key"},
    {"{\"x\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", 0, "byte 35: header: duplicate object key"},
    {ONE("\"F32\"", "[99999999999999999999]", "[0,8]"), 8, "header: too big integer"},
    // the entries
    {"{\"x\":[]}", 0, "byte 9: tensor \"x\": not an object of dtype, shape and data_offsets"},
    {"{\"x\":{\"dtype\":\"F32\",\"shape\":[0]}}", 0, "not an object of dtype, shape"},
    {"{\"x\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0],\"more\":1}}", 0,
     "not an object of dtype, shape"},
    {"{\"x\":{\"dtype\":\"F32\",\"shape\":[0],\"offsets\":[0,0]}}", 0, "not an object of dtype"},
    {ONE("\"F31\"", "[2]", "[0,8]"), 8, "byte 9: tensor \"x\": unknown dtype"},
    {ONE("\"f32\"", "[2]", "[0,8]"), 8, "unknown dtype"},
    {ONE("4", "[2]", "[0,8]"), 8, "unknown dtype"},
    {ONE("\"F32\"", "2", "[0,8]"), 8, "shape is not a list"},
    {ONE("\"F32\"", "[2,-1]", "[0,8]"), 8, "dimension 1 is not a whole number >= 0"},
    {ONE("\"F32\"", "[2.0]", "[0,8]"), 8, "dimension 0 is not a whole number >= 0"},
    {ONE("\"F32\"", "[\"2\"]", "[0,8]"), 8, "dimension 0 is not a whole number >= 0"},
    {ONE("\"F32\"", "[1,1,1,1,1,1,1,1,2]", "[0,8]"), 8, "9 dimensions; at most 8"},
    {ONE("\"F32\"", "[4294967296,4294967296]", "[0,0]"), 0, "its size overflows"},
    {ONE("\"F32\"", "[4294967296,134217729]", "[0,4]"), 4, "its size overflows"},
    {ONE("\"F4\"", "[3]", "[0,1]"), 1, "its elements do not fill whole bytes"},
    {ONE("\"F32\"", "[2]", "[0,8,8]"), 8, "data_offsets are not two whole numbers"},
    {ONE("\"F32\"", "[2]", "{\"0\":8}"), 8, "data_offsets are not two whole numbers"},
    {ONE("\"F32\"", "[2]", "[-8,0]"), 8, "data_offsets are not two whole numbers"},
    {ONE("\"F32\"", "[2]", "[0,8.5]"), 8, "data_offsets are not two whole numbers"},
    {ONE("\"F32\"", "[2]", "[8,0]"), 8, "data_offsets [8, 0] where its shape needs 8 bytes"},
    {ONE("\"F32\"", "[2]", "[0,4]"), 4, "data_offsets [0, 4] where its shape needs 8 bytes"},
    {ONE("\"F64\"", "[2]", "[0,8]"), 8, "data_offsets [0, 8] where its shape needs 16 bytes"},
    {ONE("\"F32\"", "[2]", "[4,12]"), 8, "its data end 4 bytes after the end of the file"},
    {ONE("\"F32\"", "[2]", "[1152921504606846976,1152921504606846984]"), 8,
     "its data end 1152921504606846976 bytes after the end of the file"},
    // the data
    {ONE("\"F32\"", "[2]", "[0,8]"), 9, "byte 70: 1 bytes after the last tensor"},
    {"{}", 3, "byte 10: 3 bytes after the last tensor"},
    {ONE("\"F32\"", "[2]", "[1,9]"), 9,
     "byte 9: tensor \"x\": its data begin at 1, after bytes that belong to no tensor"},
    {"{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},"
     "\"b\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[2,5]}}",
     5, "byte 61: tensor \"b\": its data begin at 2, inside another tensor's"},
    {"{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},"
     "\"b\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]}}",
     3, "tensor \"b\": its data begin at 0, inside another tensor's"},
    {"{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
     "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[3,5]}}",
     5, "tensor \"b\": its data begin at 3, after bytes"},
    // metadata
    {"{\"__metadata__\":[]}", 0, "byte 9: __metadata__ is not an object"},
    {"{\"__metadata__\":null}", 0, "byte 9: __metadata__ is not an object"},
    {"{\"__metadata__\":{\"a\":\"1\",\"step\":7}}", 0,
     "byte 9: __metadata__: \"step\" is not a string"},
    // the entry is found behind strings with quotes, commas and braces
    {"{\"__metadata__\":{\"\\\",{[\":\"\\\\\"}, \"tab\\there\":{}}", 0,
     "byte 40: tensor \"tab?here\": not an object"},
};
enum { CASE_COUNT = sizeof CASES / sizeof *CASES };

START_TEST(a_header_is_read_strictly) {
    size_t size;
    char *bytes = make_bytes(CASES[_i].header, strlen(CASES[_i].header), CASES[_i].data, &size);
    Error error = {""};
    SafeTensors file;
    int status = safetensors_parse(&file, "F", bytes, size, &error);
    if (!CASES[_i].message) {
        ck_assert_msg(status == 0, "%s: %s", CASES[_i].header, error.text);
    } else {
        ck_assert_msg(status == EXIT_DATA, "accepted: %s", CASES[_i].header);
        ck_assert_msg(strncmp(error.text, "F: byte ", 8) == 0, "%s", error.text);
        ck_assert_msg(strstr(error.text, CASES[_i].message) != NULL, "%s: %s", CASES[_i].header,
                      error.text);
        ck_assert_msg(file.owned == NULL && file.tensor == NULL, "a refused file is left behind");
    }
    safetensors_free(&file);
    free(bytes);
}
END_TEST

START_TEST(the_length_of_the_header_is_checked) {
    char bytes[] = "\x02\0\0\0\0\0\0\0{}";
    Error error = {""};
    SafeTensors file;
    ck_assert_int_eq(safetensors_parse(&file, "F", bytes, 10, &error), 0);
    safetensors_free(&file);
    bytes[0] = 3;
    ck_assert_int_eq(safetensors_parse(&file, "F", bytes, 10, &error), EXIT_DATA);
    ck_assert_str_eq(error.text, "F: byte 10: the file ends inside its header of 3 bytes");
    memcpy(bytes, "\x01\xe1\xf5\x05\0\0\0\0", 8); // 100 000 001
    ck_assert_int_eq(safetensors_parse(&file, "F", bytes, 10, &error), EXIT_DATA);
    ck_assert_str_eq(error.text,
                     "F: byte 0: a header of 100000001 bytes; at most 100000000 are allowed");
    memset(bytes, 0xff, 8);
    ck_assert_int_eq(safetensors_parse(&file, "F", bytes, 10, &error), EXIT_DATA);
    ck_assert_str_eq(
        error.text,
        "F: byte 0: a header of 18446744073709551615 bytes; at most 100000000 are allowed");
}
END_TEST

START_TEST(metadata_are_sorted_by_key) {
    const char header[] = "{\"__metadata__\":{\"b\":\"2\",\"c\":\"3\",\"a\":\"1\"}}";
    size_t size;
    char *bytes = make_bytes(header, strlen(header), 0, &size);
    Error error = {""};
    SafeTensors file;
    ck_assert_int_eq(safetensors_parse(&file, "F", bytes, size, &error), 0);
    for (size_t k = 0; k < 3; k++)
        ck_assert(file.metadata[k].key[0] == (char)('a' + k) &&
                  file.metadata[k].value[0] == (char)('1' + k));
    safetensors_free(&file);
    free(bytes);
}
END_TEST

START_TEST(a_nul_is_no_blank) {
    size_t size;
    char *bytes = make_bytes("{}\0\0", 4, 0, &size);
    Error error = {""};
    SafeTensors file;
    ck_assert_int_eq(safetensors_parse(&file, "F", bytes, size, &error), EXIT_DATA);
    free(bytes);
}
END_TEST

START_TEST(messages_are_one_short_line) {
    char header[3000], name[2000], out[16];
    for (size_t i = 0; i + 1 < sizeof name; i += 2) memcpy(name + i, "λ", 2);
    name[sizeof name - 2] = '\0';
    snprintf(header, sizeof header, "{\"a\\n%s\":7}", name);
    size_t size;
    char *bytes = make_bytes(header, strlen(header), 0, &size);
    Error error = {""};
    SafeTensors file;
    ck_assert_int_eq(safetensors_parse(&file, "F", bytes, size, &error), EXIT_DATA);
    ck_assert(strstr(error.text, "a?λλ") && strstr(error.text, "λ…\": not an object"));
    ck_assert_str_eq(safetensors_shown("abc\x7f\n", out, sizeof out), "abc??");
    ck_assert_str_eq(safetensors_shown("123456789012345", out, sizeof out), "123456789012345");
    ck_assert_str_eq(safetensors_shown("1234567890123456", out, sizeof out), "123456789012…");
    ck_assert_str_eq(safetensors_shown("12345678901λ3456", out, sizeof out), "12345678901…");
    free(bytes);
}
END_TEST

START_TEST(every_truncation_is_refused) {
    write_example(in_folder("e"));
    size_t size;
    char *bytes = file_bytes(in_folder("e"), &size);
    for (size_t n = 0; n < size; n++) {
        Error error = {""};
        SafeTensors file;
        char *part = malloc(n ? n : 1);
        memcpy(part, bytes, n);
        ck_assert_msg(safetensors_parse(&file, "F", part, n, &error) == EXIT_DATA, "%zu", n);
        ck_assert(strncmp(error.text, "F: byte ", 8) == 0);
        free(part);
    }
    free(bytes);
}
END_TEST

// Whatever a flipped bit makes of the file, what is handed out lies inside it.
static void touch(const SafeTensors *file, const char *bytes, size_t size) {
    for (size_t k = 0; k < file->tensor_count; k++) {
        const Tensor *t = &file->tensor[k];
        const char *data = t->data;
        ck_assert(data >= bytes && data <= bytes + size && strlen(t->name) < size);
        if (t->dtype == DTYPE_OTHER) continue;
        double *x = malloc((t->count + 1) * sizeof *x);
        ck_assert(tensor_read_double(t, t->count, x));
        free(x);
    }
    for (size_t k = 0; k < file->metadata_count; k++)
        ck_assert(strlen(file->metadata[k].key) + strlen(file->metadata[k].value) < size);
}

START_TEST(flipped_bits_do_no_harm) {
    write_example(in_folder("f"));
    size_t size, accepted = 0;
    char *read = file_bytes(in_folder("f"), &size), *bytes = malloc(size);
    memcpy(bytes, read, size);
    for (size_t bit = 0; bit < 8 * size; bit++) {
        Error error = {""};
        SafeTensors file;
        bytes[bit / 8] ^= (char)(1 << bit % 8);
        int status = safetensors_parse(&file, "F", bytes, size, &error);
        ck_assert(status == 0 || (status == EXIT_DATA && error.text[0]));
        if (status == 0) touch(&file, bytes, size), accepted++;
        safetensors_free(&file);
        bytes[bit / 8] ^= (char)(1 << bit % 8);
    }
    ck_assert_uint_ge(accepted, 8 * 44); // the numbers may be anything; so may names and texts
    ck_assert_uint_lt(accepted, 8 * size / 2);
    free(read), free(bytes);
}
END_TEST

// ---- the file system

START_TEST(files_that_cannot_be_read) {
    Error error = {""};
    SafeTensors file;
    ck_assert_int_eq(safetensors_read(&file, "/none/such", &error), EXIT_RESOURCE);
    ck_assert_str_eq(error.text, "cannot read /none/such: No such file or directory");
    ck_assert_int_eq(safetensors_read(&file, folder, &error), EXIT_RESOURCE);
    ck_assert(strstr(error.text, "Is a directory"));
    int descriptor = open(in_folder("short"), O_CREAT | O_WRONLY, 0600);
    ck_assert_int_eq(write(descriptor, "\3\0\0\0\0\0\0\0{", 9), 9);
    close(descriptor);
    ck_assert_int_eq(safetensors_read(&file, in_folder("short"), &error), EXIT_DATA);
    ck_assert_ptr_nonnull(strstr(error.text, "short: byte 9: the file ends inside its header"));
}
END_TEST

START_TEST(a_pipe_is_read_to_its_end) {
    enum { COUNT = 20000 }; // more than a pipe holds
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        Error error;
        Tensor t = {"x", DTYPE_F64, 1, {COUNT}, COUNT, calloc(COUNT, 8)};
        char path[40];
        snprintf(path, sizeof path, "/dev/fd/%d", ends[1]);
        _exit(safetensors_write(path, 1, &t, 0, NULL, &error));
    }
    close(ends[1]);
    char path[40];
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    Error error = {""};
    SafeTensors file;
    ck_assert_msg(safetensors_read(&file, path, &error) == 0, "%s", error.text);
    ck_assert_uint_eq(file.tensor[0].count, COUNT);
    safetensors_free(&file);
    close(ends[0]);
}
END_TEST

static bool exists(const char *path) {
    return access(path, F_OK) == 0;
}

// A temporary file that a writer left behind.
static bool leftovers(void) {
    glob_t found;
    bool any = glob(in_folder("*.tmp"), 0, NULL, &found) == 0;
    globfree(&found);
    return any;
}

static bool is_link(const char *path) {
    struct stat about;
    return lstat(path, &about) == 0 && S_ISLNK(about.st_mode);
}

START_TEST(a_full_disk_leaves_the_old_file) {
    char path[120];
    snprintf(path, sizeof path, "%s/old", folder);
    write_example(path);
    size_t size, after;
    char *before = file_bytes(path, &size), *now;
    static double big[4096];
    Tensor t = {"x", DTYPE_F64, 1, {4096}, 4096, big};
    struct rlimit usual, tight;
    getrlimit(RLIMIT_FSIZE, &usual);
    signal(SIGXFSZ, SIG_IGN);
    for (rlim_t limit = 0; limit < 33000; limit += limit < 200 ? 1 : 4096) {
        Error error = {""};
        tight = (struct rlimit){limit, usual.rlim_max};
        setrlimit(RLIMIT_FSIZE, &tight);
        int status = safetensors_write(path, 1, &t, 0, NULL, &error);
        setrlimit(RLIMIT_FSIZE, &usual);
        bool fits = limit >= 8 + 72 + sizeof big;
        ck_assert_int_eq(status, fits ? 0 : EXIT_RESOURCE);
        ck_assert(!leftovers());
        if (fits) break;
        ck_assert_ptr_nonnull(strstr(error.text, "File too large"));
        now = file_bytes(path, &after);
        ck_assert_uint_eq(after, size);
        ck_assert_mem_eq(now, before, size);
        free(now);
    }
    free(before);
}
END_TEST

START_TEST(places_that_cannot_be_written) {
    Error error = {""};
    // devices by links: should they ever be replaced, as root, then only the links are
    ck_assert_int_eq(symlink("/dev/full", in_folder("full")), 0);
    ck_assert_int_eq(symlink("/dev/null", in_folder("null")), 0);
    const char *full = in_folder("full"), *null = in_folder("null");
    ck_assert_int_eq(safetensors_write(full, 1, TENSORS, 0, NULL, &error), EXIT_RESOURCE);
    ck_assert_ptr_nonnull(strstr(error.text, "/full: No space left on device"));
    ck_assert(is_link(full) && !leftovers());
    ck_assert_int_eq(safetensors_write(null, 1, TENSORS, 0, NULL, &error), 0);
    ck_assert(is_link(null) && !leftovers());
    ck_assert_int_eq(safetensors_write(folder, 1, TENSORS, 0, NULL, &error), EXIT_RESOURCE);
    ck_assert_ptr_nonnull(strstr(error.text, "Is a directory"));
    ck_assert_int_eq(safetensors_write("/none/x", 1, TENSORS, 0, NULL, &error), EXIT_RESOURCE);
    ck_assert_str_eq(error.text, "cannot write /none/x: No such file or directory");
    ck_assert_int_eq(chdir(folder), 0); // a path without a folder in it
    ck_assert_int_eq(safetensors_write("plain", 1, TENSORS, 0, NULL, &error), 0);
    ck_assert(exists(in_folder("plain")) && !leftovers());
}
END_TEST

// As a killed writer leaves it whose process id comes again.
START_TEST(a_stale_temporary_file_is_no_hindrance) {
    char stale[120], path[100];
    Error error = {""};
    snprintf(path, sizeof path, "%s/stale", folder);
    snprintf(stale, sizeof stale, "%s.%ld.tmp", path, (long)getpid());
    FILE *file = fopen(stale, "w");
    ck_assert_ptr_nonnull(file);
    fputs("half a file", file);
    fclose(file);
    ck_assert_msg(safetensors_write(path, 1, TENSORS, 0, NULL, &error) == 0, "%s", error.text);
    SafeTensors back;
    ck_assert_msg(safetensors_read(&back, path, &error) == 0, "%s", error.text);
    safetensors_free(&back);
    ck_assert(!leftovers());
}
END_TEST

// The link stays, and what it names, in another folder, is what is replaced.
START_TEST(a_link_is_written_through) {
    Error error = {""};
    char elsewhere[100], target[120];
    snprintf(elsewhere, sizeof elsewhere, "%s/elsewhere", folder);
    snprintf(target, sizeof target, "%s/target", elsewhere);
    ck_assert_int_eq(mkdir(elsewhere, 0777), 0);
    write_example(target);
    const char *link = in_folder("link");
    ck_assert_int_eq(symlink("elsewhere/target", link), 0);
    ck_assert_msg(safetensors_write(link, 1, TENSORS, 0, NULL, &error) == 0, "%s", error.text);
    ck_assert(is_link(link) && !is_link(target) && !leftovers());
    SafeTensors back;
    ck_assert_msg(safetensors_read(&back, target, &error) == 0, "%s", error.text);
    ck_assert_uint_eq(back.tensor_count, 1);
    safetensors_free(&back);
}
END_TEST

START_TEST(content_that_cannot_be_written) {
    Error error = {""};
    const char *path = in_folder("never");
    const Tensor twice[] = {TENSORS[0], TENSORS[0]};
    ck_assert_int_eq(safetensors_write(path, 2, twice, 0, NULL, &error), EXIT_USAGE);
    ck_assert_ptr_nonnull(strstr(error.text, "b.weight"));
    const Metadata keys[] = {{"k", "1"}, {"k", "2"}};
    ck_assert_int_eq(safetensors_write(path, 0, NULL, 2, keys, &error), EXIT_USAGE);
    ck_assert_int_eq(safetensors_write(path, 0, NULL, 1, &(Metadata){"k", "\xff"}, &error),
                     EXIT_USAGE);
    Tensor bad[] = {TENSORS[0], TENSORS[0], TENSORS[0], TENSORS[0]};
    bad[0].name = "__metadata__", bad[1].name = "\xff", bad[2].dtype = DTYPE_OTHER,
    bad[3].count = 5;
    for (int k = 0; k < 4; k++)
        ck_assert_int_eq(safetensors_write(path, 1, &bad[k], 0, NULL, &error), EXIT_USAGE);
    ck_assert(!exists(path) && !leftovers());
}
END_TEST

// jansson's memory, which gives out after `left` pieces.
static int left;

static void *scarce_memory(size_t size) {
    if (left-- > 0) return malloc(size);
    errno = ENOMEM;
    return NULL;
}

START_TEST(no_memory_for_the_header) {
    const Metadata metadata[] = {{"a", "1"}, {"b", "2"}};
    Error error = {""};
    int pieces = 0, status;
    do {
        left = pieces++;
        json_set_alloc_funcs(scarce_memory, free);
        status = safetensors_write(in_folder("scarce"), 2, TENSORS, 2, metadata, &error);
        json_set_alloc_funcs(malloc, free);
        ck_assert_msg(status == 0 || status == EXIT_RESOURCE, "%d: %s", status, error.text);
        ck_assert(exists(in_folder("scarce")) == (status == 0));
    } while (status != 0);
    ck_assert_int_gt(pieces, 20);
}
END_TEST

int main(void) {
    if (!mkdtemp(folder)) return 1;
    Suite *suite = suite_create("safetensors");
    TCase *tc = tcase_create("safetensors");
    suite_add_tcase(suite, tc);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, what_is_written_comes_back);
    tcase_add_test(tc, the_bytes_are_those_of_the_format);
    tcase_add_test(tc, equal_content_is_equal_bytes);
    tcase_add_test(tc, widening_is_exact);
    tcase_add_test(tc, a_file_of_the_reference_implementation);
    tcase_add_loop_test(tc, a_header_is_read_strictly, 0, CASE_COUNT);
    tcase_add_test(tc, the_length_of_the_header_is_checked);
    tcase_add_test(tc, metadata_are_sorted_by_key);
    tcase_add_test(tc, a_nul_is_no_blank);
    tcase_add_test(tc, messages_are_one_short_line);
    tcase_add_test(tc, every_truncation_is_refused);
    tcase_add_test(tc, flipped_bits_do_no_harm);
    tcase_add_test(tc, files_that_cannot_be_read);
    tcase_add_test(tc, a_pipe_is_read_to_its_end);
    tcase_add_test(tc, a_full_disk_leaves_the_old_file);
    tcase_add_test(tc, places_that_cannot_be_written);
    tcase_add_test(tc, a_stale_temporary_file_is_no_hindrance);
    tcase_add_test(tc, a_link_is_written_through);
    tcase_add_test(tc, content_that_cannot_be_written);
    tcase_add_test(tc, no_memory_for_the_header);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    char command[80];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return failed > 0 || system(command) != 0;
}
