// Nets as files: names, shapes and order of numbers as PyTorch has them, the same state back, equal
// states as equal bytes, and every other file refused with the device left as it was.
#include <check.h>
#include <glob.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nets/checkpoint.h"
#include "nets/checksum.h"
#include "nets/file.h"
#include "nets/init.h"
#include "nets/random.h"

static const char LINE[] = "input 2x3x2; conv 4 k3 s2 bn eps 0.001 nogain relu; "
                           "convt 3 k2 s2 ln leaky 0.2; linear 2x1x3 ln nogain tanh; "
                           "linear 5 bn; linear 1";

static char folder[] = "/tmp/checkpoint-XXXXXX";
static const Backend *backend;
static Net net;

static const char *in_folder(const char *name) {
    static char path[4][120];
    static int turn;
    char *p = path[turn++ % 4];
    snprintf(p, sizeof path[0], "%s/%s", folder, name);
    return p;
}

// Every weight and running statistic another number, from a stream of its own.
static Net build(const char *line, uint64_t stream) {
    Architecture architecture;
    Error error = {""};
    Net built;
    RandomSource source;
    ck_assert_msg(architecture_parse(&architecture, line, &error) == 0, "%s", error.text);
    ck_assert_int_eq(net_build(&built, backend, &architecture, NET_TRAIN, 3, 1, false, &error), 0);
    ck_assert_int_eq(random_open(&source, backend, 5, stream, &error), 0);
    net_init(&built, INIT_DCGAN, source);
    for (const Layer *l = built.layer; l < built.layer + built.count; l++) {
        if (!l->running_mean) continue;
        random_draw_uniform(backend, source, l->bias_count, -1, 1, l->running_mean);
        random_draw_uniform(backend, source, l->bias_count, 0.5, 1.5, l->running_var);
    }
    random_free(&source, backend);
    return built;
}

static void open_net(void) {
    Error error = {""};
    ck_assert_msg(backend_open(&backend, DEVICE_CPU, 1, PRECISION_FULL, &error) == 0, "%s",
                  error.text);
    net = build(LINE, 1);
}

static void close_net(void) {
    net_free(&net);
    backend->close();
}

static real *host(const real *device, size_t count) {
    real *copy = malloc((count + 1) * sizeof *copy);
    backend->download(copy, device, count * sizeof *copy);
    return copy;
}

static NetTensor named(const Net *of, const char *name) {
    size_t count = net_tensors(of, NULL);
    NetTensor all[64];
    ck_assert_uint_le(count, 64);
    ck_assert_uint_eq(net_tensors(of, all), count);
    for (size_t k = 0; k < count; k++)
        if (strcmp(all[k].name, name) == 0) return all[k];
    ck_abort_msg("no tensor %s", name);
}

// ---- names and layout

START_TEST(names_and_shapes_are_pytorchs) {
    static const struct {
        const char *name;
        int rank;
        size_t dims[4];
        bool running, ones;
    } expected[] = {
        {"0.weight", 4, {4, 2, 3, 3}, false, false},
        {"0.bias", 1, {4}, false, false},
        {"0_norm.weight", 1, {4}, false, true},
        {"0_norm.bias", 1, {4}, false, false},
        {"0_norm.running_mean", 1, {4}, true, false},
        {"0_norm.running_var", 1, {4}, true, false},
        {"1.weight", 4, {4, 3, 2, 2}, false, false}, // [in, out, k, k]
        {"1.bias", 1, {3}, false, false},
        {"1_norm.weight", 1, {3}, false, false},
        {"1_norm.bias", 1, {3}, false, false},
        {"2.weight", 2, {6, 24}, false, false},
        {"2.bias", 1, {6}, false, false},
        {"2_norm.weight", 1, {3}, false, true},
        {"2_norm.bias", 1, {3}, false, false},
        {"3.weight", 2, {5, 6}, false, false},
        {"3.bias", 1, {5}, false, false},
        {"3_norm.weight", 1, {5}, false, false},
        {"3_norm.bias", 1, {5}, false, false},
        {"3_norm.running_mean", 1, {5}, true, false},
        {"3_norm.running_var", 1, {5}, true, false},
        {"4.weight", 2, {1, 5}, false, false},
        {"4.bias", 1, {1}, false, false},
    };
    enum { COUNT = sizeof expected / sizeof *expected };
    NetTensor tensor[COUNT];
    ck_assert_uint_eq(net_tensors(&net, NULL), COUNT);
    net_tensors(&net, tensor);
    for (int k = 0; k < COUNT; k++) {
        ck_assert_str_eq(tensor[k].name, expected[k].name);
        ck_assert_int_eq(tensor[k].rank, expected[k].rank);
        size_t count = 1;
        for (int d = 0; d < tensor[k].rank; d++) {
            ck_assert_uint_eq(tensor[k].dims[d], expected[k].dims[d]);
            count *= tensor[k].dims[d];
        }
        ck_assert_uint_eq(tensor[k].count, count);
        ck_assert(tensor[k].running == expected[k].running && tensor[k].ones == expected[k].ones);
    }
}
END_TEST

// Number i of `memory` is i; PyTorch's number at `at` must then be `expected`.
static void check_layout(const char *name, size_t at, size_t expected) {
    NetTensor t = named(&net, name);
    real *memory = malloc(t.count * sizeof *memory), *torch = malloc(t.count * sizeof *torch),
         *back = calloc(t.count, sizeof *back);
    for (size_t i = 0; i < t.count; i++) memory[i] = (real)i;
    net_tensor_export(&net, &t, memory, torch);
    ck_assert_uint_eq((size_t)torch[at], expected);
    net_tensor_import(&net, &t, torch, back);
    ck_assert_mem_eq(back, memory, t.count * sizeof *memory);
    free(memory), free(torch), free(back);
}

START_TEST(filters_go_from_hwc_to_chw) {
    for (size_t o = 0; o < 4; o++)
        for (size_t i = 0; i < 3; i++)
            for (size_t j = 0; j < 3; j++)
                for (size_t c = 0; c < 2; c++)
                    check_layout("0.weight", ((o * 2 + c) * 3 + i) * 3 + j,
                                 ((o * 3 + i) * 3 + j) * 2 + c);
    for (size_t in = 0; in < 4; in++) // transposed: the map is the input
        for (size_t i = 0; i < 2; i++)
            for (size_t j = 0; j < 2; j++)
                for (size_t out = 0; out < 3; out++)
                    check_layout("1.weight", ((in * 3 + out) * 2 + i) * 2 + j,
                                 ((in * 2 + i) * 2 + j) * 3 + out);
}
END_TEST

START_TEST(linear_layers_permute_images) {
    // from 2×4×3 (h, w, c) to 2×1×3
    for (size_t out = 0; out < 6; out++)
        for (size_t in = 0; in < 24; in++) {
            size_t oh = out / 3, oc = out % 3, ih = in / 12, iw = in / 3 % 4, ic = in % 3;
            size_t torch_out = oc * 2 + oh, torch_in = (ic * 2 + ih) * 4 + iw;
            check_layout("2.weight", torch_out * 24 + torch_in, out * 24 + in);
            check_layout("2.bias", torch_out, out);
        }
    for (size_t i = 0; i < 6; i++) { // from an image to flat: inputs only
        check_layout("3.weight", 2 * 6 + i % 3 * 2 + i / 3, 2 * 6 + i);
        check_layout("3.bias", i % 5, i % 5);
    }
    for (size_t i = 0; i < 5; i++) check_layout("4.weight", i, i);
    for (size_t i = 0; i < 3; i++) check_layout("1_norm.weight", i, i);
}
END_TEST

START_TEST(samples_go_from_chw_to_hwc) {
    enum { H = 2, W = 3, C = 4, ROWS = 2 };
    real torch[ROWS][C][H][W], rows[ROWS][H][W][C];
    for (size_t i = 0; i < sizeof torch / sizeof(real); i++) ((real *)torch)[i] = (real)i;
    net_rows_import((Shape){H, W, C, true}, ROWS, (real *)torch, (real *)rows);
    for (int r = 0; r < ROWS; r++)
        for (int c = 0; c < C; c++)
            for (int h = 0; h < H; h++)
                for (int w = 0; w < W; w++) ck_assert(rows[r][h][w][c] == torch[r][c][h][w]);
}
END_TEST

// ---- writing and reading

static NetSet whole(const Net *of, const char *prefix) {
    return (NetSet){prefix, of, of->weights, true};
}

static void write_net(const char *name, const Net *of) {
    Error error = {""};
    NetSet set = whole(of, "");
    int status =
        checkpoint_write(in_folder(name), 1, &set, 1, &(Metadata){"architecture", LINE}, &error);
    ck_assert_msg(status == 0, "%s", error.text);
}

static SafeTensors open_file(const char *name) {
    Error error = {""};
    SafeTensors file;
    ck_assert_msg(safetensors_read(&file, in_folder(name), &error) == 0, "%s", error.text);
    return file;
}

static void same_numbers(const real *device, const real *other, size_t count) {
    real *a = host(device, count), *b = host(other, count);
    ck_assert_mem_eq(a, b, count * sizeof *a);
    free(a), free(b);
}

START_TEST(a_net_comes_back) {
    Net other = build(LINE, 2);
    Error error = {""};
    write_net("net", &net);
    SafeTensors file = open_file("net");
    ck_assert_str_eq(safetensors_metadata(&file, "architecture"), LINE);
    ck_assert_uint_eq(file.tensor_count, 22);
    NetSet set = whole(&other, "");
    ck_assert_msg(checkpoint_read(&file, "net", 1, &set, false, &error) == 0, "%s", error.text);
    same_numbers(net.weights, other.weights, net.weight_count);
    same_numbers(net.running, other.running, net.running_count);
    write_net("again", &other);
    safetensors_free(&file);
    net_free(&other);
    char command[300];
    snprintf(command, sizeof command, "cmp %s/net %s/again", folder, folder);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

START_TEST(a_norm_without_gain_is_written_as_ones) {
    write_net("ones", &net);
    SafeTensors file = open_file("ones");
    double gain[4], bias[4];
    ck_assert(tensor_read_double(safetensors_tensor(&file, "0_norm.weight"), 4, gain));
    for (int i = 0; i < 4; i++) ck_assert(gain[i] == 1);
    NetTensor t = named(&net, "0_norm.bias");
    real *weights = host(net.weights, net.weight_count);
    for (int i = 0; i < 4; i++) weights[t.at + (size_t)i] = (real)(i + 10);
    backend->upload(net.weights, weights, net.weight_count * sizeof(real));
    safetensors_free(&file);
    write_net("ones", &net);
    file = open_file("ones");
    ck_assert(tensor_read_double(safetensors_tensor(&file, "0_norm.bias"), 4, bias));
    for (int i = 0; i < 4; i++) ck_assert(bias[i] == i + 10);
    safetensors_free(&file), free(weights);
}
END_TEST

// A file with two nets, the moments of one, and counters.
static void write_training(const char *name, const Net *generator, real *m) {
    NetSet sets[] = {
        whole(&net, "critic."), {"critic.m.", &net, m, false}, whole(generator, "generator.")};
    const Metadata texts[] = {{"step", "18446744073709551615"}, {"critic", LINE}};
    Error error = {""};
    int status = checkpoint_write(in_folder(name), 3, sets, 2, texts, &error);
    ck_assert_msg(status == 0, "%s", error.text);
}

START_TEST(a_training_checkpoint_has_prefixes) {
    Net generator = build("input 3; linear 4 relu; linear 2", 3);
    write_training("training", &generator, net.gradients);
    SafeTensors file = open_file("training");
    ck_assert_uint_eq(file.tensor_count, 22 + 22 - 2 - 4 + 4); // moments: no ones, no statistics
    ck_assert_str_eq(safetensors_metadata(&file, "step"), "18446744073709551615");
    ck_assert_ptr_nonnull(safetensors_tensor(&file, "critic.m.0_norm.bias"));
    ck_assert_ptr_null(safetensors_tensor(&file, "critic.m.0_norm.weight"));
    ck_assert_ptr_null(safetensors_tensor(&file, "critic.m.0_norm.running_var"));

    Net other = build(LINE, 4);
    Error error = {""};
    NetSet sets[] = {whole(&other, "critic."), {"critic.m.", &other, other.gradients, false}};
    ck_assert_int_eq(checkpoint_read(&file, "F", 2, sets, false, &error), EXIT_DATA);
    ck_assert_str_eq(error.text, "F: tensor generator.0.weight: not part of the network");
    ck_assert_int_eq(checkpoint_read(&file, "F", 2, sets, true, &error), 0);
    same_numbers(net.weights, other.weights, net.weight_count);
    same_numbers(net.gradients, other.gradients, net.weight_count);
    ck_assert_int_eq(checkpoint_read(&file, "F", 1, sets, true, &error), 0);
    sets[0].prefix = "generator.";
    ck_assert_int_eq(checkpoint_read(&file, "F", 1, sets, true, &error), EXIT_DATA);
    safetensors_free(&file);
    net_free(&other), net_free(&generator);
}
END_TEST

START_TEST(a_number_that_is_not_finite_is_not_written) {
    write_net("finite", &net);
    real nan = NAN;
    backend->upload(net.weights + named(&net, "4.weight").at + 2, &nan, sizeof nan);
    Error error = {""};
    NetSet set = whole(&net, "");
    char path[120];
    snprintf(path, sizeof path, "%s/finite", folder);
    ck_assert_int_eq(checkpoint_write(path, 1, &set, 0, NULL, &error), EXIT_NONFINITE);
    ck_assert_ptr_nonnull(strstr(error.text, "finite is not written: element 2 of 4.weight is"));
    SafeTensors file = open_file("finite");
    ck_assert_uint_eq(file.tensor_count, 22);
    glob_t temporary;
    ck_assert_int_eq(glob(in_folder("*.tmp"), 0, NULL, &temporary), GLOB_NOMATCH);
    globfree(&temporary);
    safetensors_free(&file);
}
END_TEST

// ---- a bit that turned over

static SafeTensors summed(const char *name) {
    Error error = {""};
    SafeTensors file;
    ck_assert_msg(checksum_read(&file, in_folder(name), &error) == 0, "%s", error.text);
    return file;
}

static void put_bytes(const char *name, const void *bytes, size_t size) {
    FILE *out = fopen(in_folder(name), "w");
    ck_assert(out && fwrite(bytes, 1, size, out) == size && fclose(out) == 0);
}

// The same tensors and the same entries, the checksum's own name aside.
static bool same_content(const SafeTensors *a, const SafeTensors *b) {
    bool same = a->tensor_count == b->tensor_count && a->metadata_count == b->metadata_count;
    for (size_t k = 0; same && k < a->tensor_count; k++) {
        const Tensor *x = &a->tensor[k], *y = &b->tensor[k];
        same = strcmp(x->name, y->name) == 0 && x->dtype == y->dtype && x->count == y->count &&
               memcmp(x->data, y->data, x->count * sizeof(real)) == 0;
    }
    const char *of_a = safetensors_metadata(a, "architecture"),
               *of_b = safetensors_metadata(b, "architecture");
    return same && of_a && of_b && strcmp(of_a, of_b) == 0;
}

START_TEST(every_bit_is_watched) {
    Net small = build("input 2; linear 3 relu; linear 1", 5);
    write_net("bits", &small);
    SafeTensors whole_file = summed("bits");
    size_t size, refusals = 0;
    Error error;
    unsigned char *bytes = file_read(in_folder("bits"), &size, &error);
    for (size_t bit = 0; bit < 8 * size; bit++) {
        SafeTensors file;
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        put_bytes("bits", bytes, size);
        int status = checksum_read(&file, in_folder("bits"), &error);
        ck_assert_msg(status == EXIT_DATA || (status == 0 && same_content(&whole_file, &file)),
                      "bit %zu of byte %zu was not noticed", bit % 8, bit / 8);
        refusals += status == EXIT_DATA;
        if (!status) safetensors_free(&file);
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    ck_assert_uint_ge(refusals, 8 * size - 8 * strlen(CHECKSUM_KEY));
    free(bytes), safetensors_free(&whole_file), net_free(&small);
}
END_TEST

// Of a tensor: its name with the 0, its dimensions and numbers. The sums come from Python's zlib.
START_TEST(checksums_are_sums_of_crc32) {
    const float numbers[] = {1, -2};
    const Tensor tensor = {
        .name = "t", .rank = 1, .dims = {2}, .count = 2, .data = numbers, .dtype = DTYPE_F32};
    const Metadata entries[] = {{"k", "v"}, {"checksum", "whatever"}, {"", ""}};
    char text[CHECKSUM_TEXT];
    checksum_text(text, 0, NULL, 0, NULL);
    ck_assert_str_eq(text, "00000000");
    checksum_text(text, 0, NULL, 1, entries);
    ck_assert_str_eq(text, "b406716e");
    checksum_text(text, 1, &tensor, 3, entries);
    ck_assert_str_eq(text, "7abdd4cc");
}
END_TEST

// ---- what is refused

// Reads `file` into the net, which must not notice.
static void refused(const SafeTensors *file, const char *reason) {
    real *weights = host(net.weights, net.weight_count),
         *running = host(net.running, net.running_count);
    NetSet set = whole(&net, "");
    Error error = {""};
    ck_assert_int_eq(checkpoint_read(file, "F", 1, &set, false, &error), EXIT_DATA);
    ck_assert_msg(strcmp(error.text, reason) == 0, "%s, not: %s", error.text, reason);
    same_numbers(net.weights, weights, net.weight_count); // on the CPU host memory will do
    same_numbers(net.running, running, net.running_count);
    free(weights), free(running);
}

static Tensor *find(SafeTensors *file, const char *name) {
    return (Tensor *)safetensors_tensor(file, name);
}

// The file of another net, so that a number read too early would show.
static SafeTensors other_file(void) {
    Net other = build(LINE, 6);
    write_net("other", &other);
    net_free(&other);
    return open_file("other");
}

START_TEST(wrong_names) {
    SafeTensors file = other_file();
    const struct {
        const char *from, *to, *reason;
    } names[] = {
        {"4.bias", "4.offset", "F: tensor 4.bias: missing"},
        {"0_norm.running_var", "0_norm.var", "F: tensor 0_norm.running_var: missing"},
        {"1_norm.weight", "1_Norm.weight", "F: tensor 1_norm.weight: missing"},
        {"2_norm.weight", "5.weight", "F: tensor 5.weight: not part of the network"},
        {"2_norm.weight", "critic.2_norm.weight",
         "F: tensor critic.2_norm.weight: not part of the network"},
        {"2_norm.weight", "weight", "F: tensor weight: not part of the network"},
        {"2_norm.weight", "2_norm.\nweight", "F: tensor 2_norm.?weight: not part of the network"},
    };
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        Tensor *t = find(&file, names[k].from);
        const char *name = t->name;
        t->name = names[k].to;
        refused(&file, names[k].reason);
        t->name = name;
    }
    safetensors_free(&file);
}
END_TEST

START_TEST(wrong_shapes) {
    SafeTensors file = other_file();
    Tensor *t = find(&file, "0.weight"), right = *t;
    t->dims[0] = 2, t->dims[1] = 4; // as many numbers, in another order
    refused(&file, "F: tensor 0.weight: shape is [2, 4, 3, 3], not [4, 2, 3, 3]");
    *t = right, t->rank = 3;
    refused(&file, "F: tensor 0.weight: shape is [4, 2, 3], not [4, 2, 3, 3]");
    *t = right, t = find(&file, "4.bias"), t->rank = 0;
    refused(&file, "F: tensor 4.bias: shape is [], not [1]");
    t->rank = 2, t->dims[1] = 1;
    refused(&file, "F: tensor 4.bias: shape is [1, 1], not [1]");
    t->rank = 1, t->dtype = DTYPE_OTHER;
    refused(&file, "F: tensor 4.bias: dtype is not F32 or F64");
    safetensors_free(&file);
}
END_TEST

START_TEST(wrong_numbers) {
    SafeTensors file = other_file();
    Tensor *t = find(&file, "4.weight");
    double wide[5] = {1, 2, 3, 4, INFINITY}, large[5] = {1, 1e39, 1, 1, 1}, ones[4] = {1, 1, 1, 1};
    t->dtype = DTYPE_F64, t->data = wide;
    refused(&file, "F: tensor 4.weight: element 4 is inf");
    wide[4] = NAN;
    refused(&file, "F: tensor 4.weight: element 4 is nan");
    t->data = large;
    if (sizeof(real) == sizeof(float)) refused(&file, "F: tensor 4.weight: element 1 is 1e+39");
    large[1] = 0.5;
    t = find(&file, "0_norm.weight");
    t->dtype = DTYPE_F64, t->data = ones, ones[3] = 1.5;
    refused(&file, "F: tensor 0_norm.weight: element 3 is 1.5; this norm has no gain");
    ones[3] = 1;
    NetSet set = whole(&net, "");
    Error error = {""};
    ck_assert_msg(checkpoint_read(&file, "F", 1, &set, false, &error) == 0, "%s", error.text);
    real *weights = host(net.weights + named(&net, "4.weight").at, 5);
    ck_assert(weights[0] == 1 && weights[1] == (real)0.5);
    free(weights);
    safetensors_free(&file);
}
END_TEST

START_TEST(ones_may_be_absent) {
    SafeTensors file = other_file();
    Tensor *t = find(&file, "2_norm.weight");
    memmove(t, t + 1, (size_t)(file.tensor + file.tensor_count - (t + 1)) * sizeof *t);
    file.tensor_count--;
    NetSet set = whole(&net, "");
    Error error = {""};
    ck_assert_msg(checkpoint_read(&file, "F", 1, &set, false, &error) == 0, "%s", error.text);
    safetensors_free(&file);
}
END_TEST

int main(void) {
    if (!mkdtemp(folder)) return 1;
    Suite *suite = suite_create("checkpoint");
    TCase *tc = tcase_create("checkpoint");
    suite_add_tcase(suite, tc);
    tcase_add_checked_fixture(tc, open_net, close_net);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, names_and_shapes_are_pytorchs);
    tcase_add_test(tc, filters_go_from_hwc_to_chw);
    tcase_add_test(tc, linear_layers_permute_images);
    tcase_add_test(tc, samples_go_from_chw_to_hwc);
    tcase_add_test(tc, a_net_comes_back);
    tcase_add_test(tc, a_norm_without_gain_is_written_as_ones);
    tcase_add_test(tc, a_training_checkpoint_has_prefixes);
    tcase_add_test(tc, a_number_that_is_not_finite_is_not_written);
    tcase_add_test(tc, every_bit_is_watched);
    tcase_add_test(tc, checksums_are_sums_of_crc32);
    tcase_add_test(tc, wrong_names);
    tcase_add_test(tc, wrong_shapes);
    tcase_add_test(tc, wrong_numbers);
    tcase_add_test(tc, ones_may_be_absent);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    char command[80];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return failed > 0 || system(command) != 0;
}
