// experiments/critic_step against PyTorch's autograd in float64 (tests/reference/make_vectors.py),
// and the inputs that it must refuse. TEST_DEVICE=cuda runs it on the GPU.
#include <check.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernels/scalar.h"
#include "nets/safetensors.h"

// Largest relative error of a tensor, norm-wise.
static const double TOLERANCE = sizeof(real) == sizeof(double) ? 1e-10 : 1e-4;
enum { VECTORS = 19 };

static char folder[] = "/tmp/critic_step-XXXXXX", program[PATH_MAX];
static glob_t vectors;
static char message[1000]; // what the program said on stderr

static const char *in_folder(const char *name) {
    static char path[8][120];
    static int turn;
    char *p = path[turn++ % 8];
    snprintf(p, sizeof path[0], "%s/%s", folder, name);
    return p;
}

static int run(const char *arguments, ...) {
    char all[600], command[PATH_MAX + 900];
    va_list list;
    va_start(list, arguments);
    vsnprintf(all, sizeof all, arguments, list);
    va_end(list);
    const char *device = getenv("TEST_DEVICE");
    snprintf(command, sizeof command, "'%s' --device %s %s >%s/stdout 2>%s/stderr", program,
             device ? device : "cpu", all, folder, folder);
    int status = system(command);
    FILE *f = fopen(in_folder("stderr"), "r");
    message[fread(message, 1, sizeof message - 1, f)] = '\0';
    fclose(f);
    ck_assert_msg(WIFEXITED(status), "%s: killed", command);
    return WEXITSTATUS(status);
}

static SafeTensors open_tensors(const char *path) {
    Error error = {""};
    SafeTensors file;
    ck_assert_msg(safetensors_read(&file, path, &error) == 0, "%s", error.text);
    return file;
}

static double *numbers(const Tensor *t) {
    double *x = malloc((t->count + 1) * sizeof *x);
    ck_assert(tensor_read_double(t, t->count, x));
    return x;
}

// ---- the same numbers

static double norm(size_t n, const double *x) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += x[i] * x[i];
    return sqrt(sum);
}

// Norm of all gradients: what a gradient that is 0 in exact arithmetic is held against.
static double whole_gradient(const SafeTensors *file) {
    double sum = 0;
    for (size_t k = 0; k < file->tensor_count; k++) {
        if (strncmp(file->tensor[k].name, "grad.", 5) != 0) continue;
        double *x = numbers(&file->tensor[k]), n = norm(file->tensor[k].count, x);
        sum += n * n;
        free(x);
    }
    return sqrt(sum);
}

static double relative_error(const Tensor *got, const Tensor *expected, double whole) {
    double *a = numbers(got), *b = numbers(expected), scale = norm(expected->count, b);
    if (scale < 1e-12 * whole) scale = whole;
    for (size_t i = 0; i < expected->count; i++) a[i] -= b[i];
    double error = norm(expected->count, a);
    free(a), free(b);
    return scale > 0 ? error / scale : error;
}

START_TEST(every_number_is_pytorchs) {
    const char *in = vectors.gl_pathv[_i];
    char expected_path[200], out[120];
    snprintf(expected_path, sizeof expected_path, "%.*s.out.safetensors",
             (int)(strlen(in) - strlen(".in.safetensors")), in);
    snprintf(out, sizeof out, "%s/out", folder);
    ck_assert_msg(run("%s %s", in, out) == 0, "%s: %s", in, message);
    SafeTensors got = open_tensors(out), expected = open_tensors(expected_path);
    ck_assert_uint_eq(got.tensor_count, expected.tensor_count);
    double whole = whole_gradient(&expected);
    for (size_t k = 0; k < expected.tensor_count; k++) {
        const Tensor *e = &expected.tensor[k], *g = safetensors_tensor(&got, e->name);
        ck_assert_msg(g != NULL, "%s: no %s", in, e->name);
        ck_assert(g->dtype == (sizeof(real) == sizeof(double) ? DTYPE_F64 : DTYPE_F32));
        ck_assert_int_eq(g->rank, e->rank);
        ck_assert_mem_eq(g->dims, e->dims, (size_t)e->rank * sizeof *e->dims);
        double error = relative_error(g, e, whole);
        ck_assert_msg(error <= TOLERANCE, "%s: %s is off by %.2e", in, e->name, error);
    }
    safetensors_free(&got), safetensors_free(&expected);
}
END_TEST

START_TEST(all_vectors_are_there) {
    ck_assert_uint_eq(vectors.gl_pathc, VECTORS);
}
END_TEST

static char *whole_file(const char *path, size_t *size) {
    FILE *f = fopen(path, "rb");
    ck_assert_ptr_nonnull(f);
    char *bytes = malloc(1 << 20);
    *size = fread(bytes, 1, 1 << 20, f);
    fclose(f);
    return bytes;
}

START_TEST(equal_runs_are_equal_bytes) {
    const char *in = "tests/reference/dcgan_layer_norm.in.safetensors";
    size_t size[2];
    ck_assert_int_eq(run("%s %s/one --threads 1", in, folder), 0);
    ck_assert_int_eq(run("--quiet --threads=1 %s %s/two", in, folder), 0);
    char *one = whole_file(in_folder("one"), &size[0]),
         *two = whole_file(in_folder("two"), &size[1]);
    ck_assert_uint_eq(size[0], size[1]);
    ck_assert_mem_eq(one, two, size[0]);
    free(one), free(two);
}
END_TEST

// ---- what is refused

// A correct input, for each test to spoil.
typedef struct {
    Tensor tensor[12];
    size_t tensors;
    Metadata metadata[4];
    size_t entries;
} Example;

static Example example(void) {
    static float weights[6] = {0.5f, -1, 2, 0.25f, 1, -2}, bias[3] = {1, 2, 3},
                 last[3] = {1, -1, 2};
    static float pairs[8] = {1, 2, 3, 4, 5, 6, 7, 8}, t[4] = {0, 0.25f, 0.5f, 1};
    Example e = {.tensor = {{"real", DTYPE_F32, 2, {4, 2}, 8, pairs},
                            {"fake", DTYPE_F32, 2, {4, 2}, 8, pairs},
                            {"t", DTYPE_F32, 2, {4, 1}, 4, t},
                            {"0.weight", DTYPE_F32, 2, {3, 2}, 6, weights},
                            {"0.bias", DTYPE_F32, 1, {3}, 3, bias},
                            {"1.weight", DTYPE_F32, 2, {1, 3}, 3, last},
                            {"1.bias", DTYPE_F32, 1, {1}, 1, bias}},
                 .tensors = 7,
                 .metadata = {{"critic", "input 2; linear 3 relu; linear 1"},
                              {"loss", "wgan-gp"},
                              {"lambda", "10"}},
                 .entries = 3};
    return e;
}

static int run_example(const Example *e) {
    Error error = {""};
    int status =
        safetensors_write(in_folder("in"), e->tensors, e->tensor, e->entries, e->metadata, &error);
    ck_assert_msg(status == 0, "%s", error.text);
    unlink(in_folder("out"));
    return run("%s/in %s/out", folder, folder);
}

static void refused(const Example *e, const char *reason) {
    int status = run_example(e);
    ck_assert_msg(status == EXIT_DATA, "exit %d, not 3, for: %s (%s)", status, reason, message);
    ck_assert_msg(strstr(message, "/in: ") && strstr(message, reason), "%s, not: %s", message,
                  reason);
    ck_assert_msg(strchr(message, '\n') == message + strlen(message) - 1, "one line: %s", message);
    ck_assert_int_eq(access(in_folder("out"), F_OK), -1);
}

static const char NAN_BYTES[4] = {0, 0, (char)0xc0, 0x7f};

START_TEST(the_example_is_accepted) {
    Example e = example();
    ck_assert_msg(run_example(&e) == 0, "%s", message);
    e.metadata[e.entries++] = (Metadata){"format", "pt"};
    ck_assert_msg(run_example(&e) == 0, "%s", message);
}
END_TEST

START_TEST(without_a_penalty_lambda_0) {
    Example e = example();
    e.metadata[2].value = "0";
    ck_assert_msg(run_example(&e) == 0, "%s", message);
    SafeTensors out = open_tensors(in_folder("out"));
    double *penalty = numbers(safetensors_tensor(&out, "penalty"));
    double *norms = numbers(safetensors_tensor(&out, "norms"));
    ck_assert(penalty[0] == 0 && norms[0] > 0);
    free(penalty), free(norms);
    safetensors_free(&out);
}
END_TEST

static const struct {
    int entry;
    const char *value, *reason;
} TEXTS[] = {
    {0, "input 2; linear 3 rely; linear 1", "critic: architecture, column 19: \"rely\""},
    {0, "input 2; linear 3 bn relu; linear 1", "item 0 has batch norm"},
    {0, "input 2; linear 3 relu; linear 2", "one number per row, not 2"},
    {0, "", "critic: "},
    {0, "input 2; linear 4 relu; linear 1", "tensor 0.weight: shape is [3, 2], not [4, 2]"},
    // more memory than there is
    {0, "input 2; linear 65536; linear 32767; linear 65535; linear 32767; linear 1",
     "tensor 0.weight: shape is [3, 2], not [65536, 2]"},
    {0, "input 2; linear 3 ln relu; linear 1", "tensor 0_norm.weight: missing"},
    {0, "input 3; linear 3 relu; linear 1", "tensor real: not F32 or F64 of shape [B, 3]"},
    {0, "input 1x2x1; linear 3 relu; linear 1", "real: not F32 or F64 of shape [B, 1, 1, 2]"},
    {1, "wgan_gp", "loss: 'wgan_gp' is not wgan-gp, wgan or gan"},
    {1, "lsgan", "loss: 'lsgan' is not wgan-gp, wgan or gan"},
    {2, "-1", "lambda: '-1' is not a number >= 0"},
    {2, "ten", "lambda: 'ten' is not a number >= 0"},
    {2, "1e400", "lambda: '1e400' is not a number >= 0"},
    {2, "nan", "lambda: 'nan' is not a number >= 0"},
    {2, "1 0", "lambda: '1 0' is not a number >= 0"},
    {2, "", "lambda: '' is not a number >= 0"},
};
enum { TEXT_COUNT = sizeof TEXTS / sizeof *TEXTS };

START_TEST(bad_texts) {
    Example e = example();
    e.metadata[TEXTS[_i].entry].value = TEXTS[_i].value;
    refused(&e, TEXTS[_i].reason);
}
END_TEST

START_TEST(missing_texts) {
    const char *reasons[] = {"no `critic` in __metadata__", "no `loss` in __metadata__",
                             "no `lambda` in __metadata__"};
    Example e = example();
    e.metadata[_i] = (Metadata){"other", "text"};
    refused(&e, reasons[_i]);
}
END_TEST

START_TEST(missing_tensors) {
    Example e = example();
    char reason[60];
    snprintf(reason, sizeof reason, "tensor %s: missing", e.tensor[_i].name);
    e.tensor[_i] = e.tensor[--e.tensors];
    refused(&e, reason);
}
END_TEST

START_TEST(bad_numbers) {
    Example e = example();
    char reason[60];
    float *spoilt = malloc(e.tensor[_i].count * 4);
    memcpy(spoilt, e.tensor[_i].data, e.tensor[_i].count * 4);
    memcpy(spoilt + e.tensor[_i].count - 1, NAN_BYTES, 4);
    snprintf(reason, sizeof reason, "tensor %s: element %zu is nan", e.tensor[_i].name,
             e.tensor[_i].count - 1);
    e.tensor[_i].data = spoilt;
    refused(&e, reason);
    free(spoilt);
}
END_TEST

START_TEST(tensors_that_do_not_belong) {
    const char *names[] = {"2.weight", "extra", "grad.0.weight", "0_norm.weight", "0.weight.x", ""};
    Example e = example();
    e.tensor[e.tensors] = e.tensor[4];
    e.tensor[e.tensors++].name = names[_i];
    refused(&e, "not part of the network");
}
END_TEST

START_TEST(bad_shapes) {
    static const double zeros[8];
    static const struct {
        int tensor, rank;
        size_t dims[3], count;
        const char *reason;
    } shapes[] = {
        {0, 2, {2, 4}, 8, "tensor real: not"},
        {1, 2, {3, 2}, 6, "tensor fake: not"},
        {1, 3, {4, 2, 1}, 8, "tensor fake: not"},
        {2, 1, {4}, 4, "tensor t: not"},
        {2, 2, {1, 4}, 4, "t: not F32 or F64 of shape [4, 1]"},
        {2, 2, {3, 1}, 3, "tensor t: not"},
        {0, 2, {0, 2}, 0, "tensor real: not"},
        {0, 0, {0}, 1, "tensor real: not"},
        {3, 2, {2, 3}, 6, "shape is [2, 3], not [3, 2]"},
        {4, 2, {3, 1}, 3, "[3, 1], not [3]"},
        {6, 0, {0}, 1, "tensor 1.bias: shape is [], not [1]"},
    };
    enum { COUNT = sizeof shapes / sizeof *shapes };
    for (int k = 0; k < COUNT; k++) {
        Example e = example();
        Tensor *t = &e.tensor[shapes[k].tensor];
        *t = (Tensor){t->name, DTYPE_F64, shapes[k].rank, {0}, shapes[k].count, zeros};
        memcpy(t->dims, shapes[k].dims, sizeof shapes[k].dims);
        refused(&e, shapes[k].reason);
    }
}
END_TEST

START_TEST(numbers_too_large_for_the_build) {
    Example e = example();
    double big[8] = {1e39};
    e.tensor[0].dtype = DTYPE_F64, e.tensor[0].data = big;
    if (sizeof(real) == sizeof(float)) refused(&e, "tensor real: element 0 is 1e+39");
    float large[6] = {3e38f, 3e38f, 3e38f, 3e38f, 3e38f, 3e38f};
    e = example();
    e.tensor[3].data = large;
    int status = run_example(&e);
    if (sizeof(real) == sizeof(float)) {
        ck_assert_int_eq(status, EXIT_NONFINITE);
        ck_assert_ptr_nonnull(strstr(message, "nothing is written"));
        ck_assert_int_eq(access(in_folder("out"), F_OK), -1);
    } else {
        ck_assert_int_eq(status, 0);
    }
}
END_TEST

START_TEST(files_and_flags) {
    const char *in = "tests/reference/mlp_relu.in.safetensors";
    ck_assert_int_eq(run("%s", in), EXIT_USAGE);
    ck_assert_int_eq(run("%s %s/out more", in, folder), EXIT_USAGE);
    ck_assert_int_eq(run("--lambda 1 %s %s/out", in, folder), EXIT_USAGE);
    ck_assert_int_eq(run("%s/none %s/out", folder, folder), EXIT_RESOURCE);
    // by a link: should the device ever be replaced, as root, then only the link is
    ck_assert_int_eq(symlink("/dev/full", in_folder("full")), 0);
    ck_assert_int_eq(run("%s %s/full", in, folder), EXIT_RESOURCE);
    ck_assert_ptr_nonnull(strstr(message, "/full: No space left on device"));
    ck_assert_int_eq(run("%s /none/out", in), EXIT_RESOURCE);
    ck_assert_int_eq(run("tests/test_critic_step.c %s/out", folder), EXIT_DATA);
    ck_assert_ptr_nonnull(strstr(message, "tests/test_critic_step.c: byte 0: a header of"));
    ck_assert_int_eq(run("/dev/null %s/out", folder), EXIT_DATA);
}
END_TEST

static TCase *cases(void) {
    TCase *tc = tcase_create("critic_step");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, all_vectors_are_there);
    tcase_add_loop_test(tc, every_number_is_pytorchs, 0, (int)vectors.gl_pathc);
    tcase_add_test(tc, equal_runs_are_equal_bytes);
    tcase_add_test(tc, the_example_is_accepted);
    tcase_add_test(tc, without_a_penalty_lambda_0);
    tcase_add_loop_test(tc, bad_texts, 0, TEXT_COUNT);
    tcase_add_loop_test(tc, missing_texts, 0, 3);
    tcase_add_loop_test(tc, missing_tensors, 0, 7);
    tcase_add_loop_test(tc, bad_numbers, 0, 7);
    tcase_add_loop_test(tc, tensors_that_do_not_belong, 0, 6);
    tcase_add_test(tc, bad_shapes);
    tcase_add_test(tc, numbers_too_large_for_the_build);
    tcase_add_test(tc, files_and_flags);
    return tc;
}

int main(void) {
    const char *bin = getenv("BIN");
    snprintf(program, sizeof program, "%s/experiments/critic_step", bin ? bin : ".");
    setenv("ASAN_OPTIONS", "detect_leaks=0", 1); // programs leave their memory to the system
    if (!mkdtemp(folder) || glob("tests/reference/*.in.safetensors", 0, NULL, &vectors) != 0) {
        fprintf(stderr, "test_critic_step: run it from the top of the repository\n");
        return 1;
    }
    Suite *suite = suite_create("critic_step");
    suite_add_tcase(suite, cases());
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    globfree(&vectors);
    char command[80];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return failed > 0 || system(command) != 0;
}
