// Exported networks, loaded by book/load_in_pytorch.py, give the same outputs there. Skipped where
// python3 has no torch.
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nets/checkpoint.h"
#include "nets/init.h"
#include "nets/random.h"

enum { ROWS = 3 };
static const char *const LINES[] = {
    "input 6; linear 16 leaky 0.2; linear 8 ln; linear 5 bn softplus; linear 3 ssoftplus",
    // a generator: batch norms of images, a crop, odd padding
    "input 5; linear 3x2x4 bn relu; convt 3 k5 s2 bn eps 0.001 nogain relu; "
    "convt 2 k5 s2 size 11x7 bn leaky 0.1; convt 3 k4 s1 tanh",
    // critics: odd sizes, padding on one side only, layer norms of images and of rows
    "input 9x10x2; conv 4 k5 s2 leaky 0.2; conv 5 k4 s3 ln softplus; linear 7 ln nogain sigmoid; "
    "linear 1",
    "input 13x8x3; conv 3 k3 s1 relu; conv 4 k2 s2; conv 4 k2 s3 ln nogain eps 0.01; linear 2",
    // PyTorch's own padding
    "input 8x7x1; conv 3 k4 s2 p1 bn; convt 2 k4 s2 p1 o1 sigmoid; convt 2 k5 s2 p2 o1 size 9x9; "
    "linear 4",
    "input 3x3x2; convt 3 k2 s3 bn; convt 2 k3 s3; convt 1 k6 s4",
};
enum { LINE_COUNT = sizeof LINES / sizeof *LINES };

static char folder[] = "/tmp/pytorch-XXXXXX";
static const Backend *backend;

static int run_script(void) {
    char command[300];
    snprintf(command, sizeof command,
             "python3 book/load_in_pytorch.py %s/net %s/check >%s/log 2>&1", folder, folder,
             folder);
    int status = system(command);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static Net build(const char *line) {
    Architecture architecture;
    Error error = {""};
    Net net;
    RandomSource source;
    ck_assert_msg(architecture_parse(&architecture, line, &error) == 0, "%s", error.text);
    int status = net_build(&net, backend, &architecture, NET_SAMPLE, ROWS, 1, false, &error);
    ck_assert_msg(status == 0, "%s", error.text);
    ck_assert_int_eq(random_open(&source, backend, 7, 0, &error), 0);
    random_draw_normal(backend, source, net.weight_count, 0.05, 0.3, net.weights);
    random_draw_uniform(backend, source, net.running_count, 0.3, 1.5, net.running);
    random_free(&source, backend);
    return net;
}

static Tensor samples(const char *name, Shape s, const real *torch) {
    return (Tensor){.name = name,
                    .dtype = sizeof(real) == sizeof(double) ? DTYPE_F64 : DTYPE_F32,
                    .rank = s.image ? 4 : 2,
                    .dims = {ROWS, (size_t)s.c, (size_t)s.h, (size_t)s.w},
                    .count = ROWS * shape_size(s),
                    .data = torch};
}

// Runs the net on random samples and writes both, in PyTorch's order. `off` is added to one output.
static void write_check(Net *net, real off) {
    Shape in = net->architecture.input, out = architecture_output(&net->architecture);
    real *x = malloc(ROWS * shape_size(in) * sizeof *x),
         *rows = malloc(ROWS * shape_size(in) * sizeof *x),
         *y = malloc(ROWS * shape_size(out) * sizeof *y),
         *hwc = malloc(ROWS * shape_size(out) * sizeof *y);
    for (size_t i = 0; i < ROWS * shape_size(in); i++) x[i] = (real)(i * 37 % 101) / 50 - 1;
    net_rows_import(in, ROWS, x, rows);
    backend->upload(net_input(net, 0), rows, ROWS * shape_size(in) * sizeof *rows);
    net_forward(net, (Rows){0, ROWS}, MODE_SAMPLE);
    backend->download(hwc, net_output(net, 0), ROWS * shape_size(out) * sizeof *hwc);
    size_t h = (size_t)out.h, w = (size_t)out.w, c = (size_t)out.c, i = 0;
    for (size_t row = 0; row < ROWS; row++)
        for (size_t channel = 0; channel < c; channel++)
            for (size_t pixel = 0; pixel < h * w; pixel++)
                y[i++] = hwc[(row * h * w + pixel) * c + channel];
    y[i / 2] += off;
    Error error = {""};
    char path[120];
    snprintf(path, sizeof path, "%s/check", folder);
    Tensor both[] = {samples("input", in, x), samples("output", out, y)};
    ck_assert_int_eq(safetensors_write(path, 2, both, 0, NULL, &error), 0);
    free(x), free(rows), free(y), free(hwc);
}

START_TEST(outputs_are_the_same_in_pytorch) {
    Error error = {""};
    ck_assert_int_eq(backend_open(&backend, DEVICE_CPU, 1, PRECISION_FULL, &error), 0);
    Net net = build(LINES[_i]);
    char path[120], line[400];
    snprintf(path, sizeof path, "%s/net", folder);
    architecture_format(&net.architecture, line, sizeof line);
    NetSet set = {"", &net, net.weights, true};
    int status = checkpoint_write(path, 1, &set, 1, &(Metadata){"architecture", line}, &error);
    ck_assert_msg(status == 0, "%s", error.text);
    write_check(&net, 0);
    ck_assert_msg(run_script() == 0, "%s: see %s/log", LINES[_i], folder);
    write_check(&net, (real)0.01);
    ck_assert_msg(run_script() == 1, "%s: a wrong output went unnoticed", LINES[_i]);
    net_free(&net);
    backend->close();
}
END_TEST

int main(void) {
    if (system("python3 -c 'import torch' 2>/dev/null") != 0) {
        printf("0 passed, 0 failed, 1 skipped: python3 has no torch here\n");
        return 0;
    }
    if (!mkdtemp(folder)) return 1;
    Suite *suite = suite_create("pytorch");
    TCase *tc = tcase_create("pytorch");
    suite_add_tcase(suite, tc);
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, outputs_are_the_same_in_pytorch, 0, LINE_COUNT);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    if (failed > 0) return 1; // the folder stays: there is a log in it
    char command[80];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) != 0;
}
