// What a backend promises beside its primitives: memory, devices by name, scratch, and random
// numbers that are Random123's, from a counter that can be put back.
#include <check.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <Random123/philox.h>

#include "kernels/backend.h"

static const Backend *backend;

static void open_cpu(void) {
    Error error;
    ck_assert_msg(cpu_open(&backend, 2, &error) == EXIT_OK, "%s", error.text);
}

static void close_cpu(void) {
    backend->close();
}

// ---- Opening ------------------------------------------------------------------------------------

START_TEST(devices_by_name) {
    Device device;
    ck_assert(device_find("auto", &device) && device == DEVICE_AUTO);
    ck_assert(device_find("cpu", &device) && device == DEVICE_CPU);
    ck_assert(device_find("cuda", &device) && device == DEVICE_CUDA);
    const char *const others[] = {"", "CPU", "gpu", "cpu ", "cud", "cudax"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert(!device_find(others[i], &device));
}
END_TEST

START_TEST(the_cpu_opens_by_name_and_says_what_it_is) {
    Error error;
    ck_assert_int_eq(backend_open(&backend, DEVICE_CPU, 1, PRECISION_FULL, &error), EXIT_OK);
    ck_assert_str_eq(backend->name, "cpu");
    ck_assert_ptr_nonnull(strstr(backend->description, "1 thread, OpenBLAS"));
    ck_assert_ptr_nonnull(strstr(backend->description, "core type"));
    ck_assert(!backend->capture_begin());
    backend->close();
}
END_TEST

// Where there is no GPU, the CPU's description says why, unless the build has no CUDA anyway.
START_TEST(auto_says_why_it_is_not_the_gpu) {
    Error error;
    bool gpu = cuda_open(&backend, PRECISION_FULL, &error) == EXIT_OK;
    if (gpu) backend->close();
    ck_assert_int_eq(backend_open(&backend, DEVICE_AUTO, 0, PRECISION_FULL, &error), EXIT_OK);
    ck_assert_str_eq(backend->name, gpu ? "cuda" : "cpu");
    if (!gpu)
        ck_assert((strstr(backend->description, "; no CUDA device: ") != NULL) == cuda_built());
    backend->close();
    ck_assert_int_eq(backend_open(&backend, DEVICE_CPU, 0, PRECISION_FULL, &error), EXIT_OK);
    ck_assert_ptr_null(strstr(backend->description, "CUDA"));
    backend->close();
}
END_TEST

START_TEST(a_second_one_or_a_bad_number_of_threads_is_refused) {
    Error error;
    const Backend *other;
    ck_assert_int_eq(cpu_open(&backend, -1, &error), EXIT_RESOURCE);
    ck_assert_ptr_nonnull(strstr(error.text, "-1 threads"));
    ck_assert_int_eq(cpu_open(&backend, 1, &error), EXIT_OK);
    ck_assert_int_eq(cpu_open(&other, 1, &error), EXIT_RESOURCE);
    ck_assert_ptr_nonnull(strstr(error.text, "open already"));
    backend->close();
    ck_assert_int_eq(cpu_open(&backend, 1, &error), EXIT_OK);
    backend->close();
}
END_TEST

// ---- Memory -------------------------------------------------------------------------------------

START_TEST(memory_is_zeroed_aligned_and_counted) {
    static const size_t sizes[] = {0, 1, 63, 64, 4096, 5000000};
    Error error;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t before = backend->allocations();
        unsigned char *memory = backend->alloc(sizes[i], &error);
        ck_assert_ptr_nonnull(memory);
        ck_assert_uint_eq((uintptr_t)memory % 64, 0);
        for (size_t at = 0; at < sizes[i]; at++) ck_assert_uint_eq(memory[at], 0);
        ck_assert_uint_eq(backend->allocations(), before + 1);
        backend->free(memory);
    }
    backend->free(NULL);
}
END_TEST

// The sanitizers end a program that asks for too much, unless told to answer as malloc does.
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "allocator_may_return_null=1";
}

START_TEST(no_memory_is_an_error_and_no_crash) {
    Error error = {""};
    ck_assert_ptr_null(backend->alloc(SIZE_MAX - 5, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "out of memory"));
    ck_assert_ptr_null(backend->alloc(SIZE_MAX / 4, &error));
}
END_TEST

START_TEST(only_reserving_more_takes_memory) {
    const ConvShape small = {8, 8, 4, 4, 4, 5, 5, 2, 1, 1};
    const ConvShape large = {8, 8, 64, 4, 4, 96, 5, 2, 1, 1};
    enum { ROWS = 40 };
    Error error;
    ck_assert_int_eq(backend->conv_reserve(large, ROWS, &error), EXIT_OK);
    real *x = backend->alloc(ROWS * 8 * 8 * 64 * sizeof(real), &error);
    real *y = backend->alloc(ROWS * 4 * 4 * 96 * sizeof(real), &error);
    real *w = backend->alloc(96 * 25 * 64 * sizeof(real), &error);
    size_t before = backend->allocations();
    ck_assert_int_eq(backend->conv_reserve(small, ROWS, &error), EXIT_OK);
    for (int repeat = 0; repeat < 3; repeat++) {
        backend->conv_forward(large, ROWS, x, w, y);
        backend->conv_data(large, ROWS, y, w, x);
        backend->conv_weights(large, ROWS, x, y, w);
        backend->conv_forward(small, ROWS, x, w, y);
        backend->gemm(false, true, ROWS, 96, 64, x, w, 0, y);
        backend->col_sum(ROWS, 96, y, NULL, x);
    }
    ck_assert_uint_eq(backend->allocations(), before);
    backend->free(x);
    backend->free(y);
    backend->free(w);
}
END_TEST

// ---- Threads ------------------------------------------------------------------------------------

// The threads of this process, and the nanoseconds that each has run.
typedef struct {
    int count;
    struct {
        int thread;
        unsigned long long time;
    } of[256];
} RunTimes;

static RunTimes run_times(void) {
    RunTimes times = {0};
    DIR *threads = opendir("/proc/self/task");
    ck_assert_ptr_nonnull(threads);
    for (struct dirent *entry; (entry = readdir(threads)) && times.count < 256;) {
        char path[300];
        snprintf(path, sizeof path, "/proc/self/task/%s/schedstat", entry->d_name);
        FILE *file = entry->d_name[0] == '.' ? NULL : fopen(path, "r");
        if (!file) continue;
        int at = times.count++;
        times.of[at].thread = atoi(entry->d_name);
        if (fscanf(file, "%llu", &times.of[at].time) != 1) times.count--;
        fclose(file);
    }
    closedir(threads);
    return times;
}

// Threads that have run for more than `least` nanoseconds since.
static int busy_since(const RunTimes *before, unsigned long long least) {
    RunTimes now = run_times();
    int busy = 0;
    for (int i = 0; i < now.count; i++) {
        unsigned long long start = 0;
        for (int k = 0; k < before->count; k++)
            if (before->of[k].thread == now.of[i].thread) start = before->of[k].time;
        busy += now.of[i].time - start > least;
    }
    return busy;
}

// OpenMP's threads are all that compute: BLAS, which has threads of its own, is called by each of
// them and keeps to the caller's. (Those of its own spin for a while when they start: not counted.)
START_TEST(no_more_threads_work_than_were_asked_for) {
    enum { SIDE = 301, ROWS = 40, LEAST = 20000000, SPINNING = 15 * LEAST, ENOUGH = 15 * LEAST };
    const ConvShape shape = {16, 16, 32, 8, 8, 64, 5, 2, 1, 1};
    Error error;
    int threads = _i;
    ck_assert_int_eq(cpu_open(&backend, threads, &error), EXIT_OK);
    ck_assert_int_eq(backend->conv_reserve(shape, ROWS, &error), EXIT_OK);
    real *x = backend->alloc(ROWS * 16 * 16 * 32 * sizeof(real), &error);
    real *y = backend->alloc(ROWS * 8 * 8 * 64 * sizeof(real), &error);
    real *w = backend->alloc(64 * 25 * 32 * sizeof(real), &error);
    RunTimes start = run_times(), before = start;
    if (start.count == 0) return; // a kernel that does not tell
    while (busy_since(&start, SPINNING + ENOUGH) < 1) {
        if (busy_since(&start, SPINNING) < 1) before = run_times();
        backend->gemm(false, true, SIDE, SIDE, SIDE, x, x, (real)0.5, y); // by BLAS
        backend->gemm(false, true, SIDE, 256, SIDE, x, x, 0, y);
        backend->conv_forward(shape, ROWS, x, w, y);
        backend->conv_data(shape, ROWS, y, w, x);
        backend->conv_weights(shape, ROWS, x, y, w);
        backend->affine_act(ROWS * 64, 64, NULL, NULL, (Act){ACT_TANH, 0}, y, y);
    }
    ck_assert_int_eq(busy_since(&before, LEAST), threads);
    backend->free(x), backend->free(y), backend->free(w);
    backend->close();
}
END_TEST

// ---- Slopes -------------------------------------------------------------------------------------

// At 0 the slope is the left side's: 0 of ReLU, the leak of LeakyReLU (PyTorch's convention), from
// either zero.
START_TEST(slopes_at_zero) {
    const real y[] = {0, (real)-0.0, 1, -1}, ones[] = {1, 1, 1, 1};
    const real relu[] = {0, 0, 1, 0}, leaky[] = {(real)0.2, (real)0.2, 1, (real)0.2};
    real out[4];
    backend->act_slope(4, (Act){ACT_RELU, 0}, y, ones, out);
    for (int i = 0; i < 4; i++) ck_assert(out[i] == relu[i]);
    backend->act_slope(4, (Act){ACT_LEAKY, (real)0.2}, y, ones, out);
    for (int i = 0; i < 4; i++) ck_assert(out[i] == leaky[i]);
}
END_TEST

// ---- Random numbers -----------------------------------------------------------------------------

// The known answers for philox4x32-10 that Random123 publishes (kat_vectors): counter, key, words.
// A source's counter is {block lo, block hi, stream lo, stream hi}, its key {seed lo, seed hi}.
START_TEST(words_are_the_published_ones) {
    static const struct {
        uint64_t block, stream, seed;
        uint32_t word[4];
    } known[] = {
        {0, 0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {UINT64_MAX, UINT64_MAX, UINT64_MAX, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {0x85a308d3243f6a88,
         0x0370734413198a2e,
         0x299f31d0a4093822,
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}};
    uint64_t block = known[_i].block;
    uint32_t word[4];
    backend->random_words((RandomSource){known[_i].seed, known[_i].stream, &block}, 4, word);
    for (int lane = 0; lane < 4; lane++) ck_assert_uint_eq(word[lane], known[_i].word[lane]);
}
END_TEST

enum { DRAWS = 40001 }; // enough for threads to share, and not a multiple of four

static uint32_t random123_word(uint64_t seed, uint64_t stream, uint64_t block, size_t i) {
    block += i / 4;
    philox4x32_ctr_t counter = {
        {(uint32_t)block, (uint32_t)(block >> 32), (uint32_t)stream, (uint32_t)(stream >> 32)}};
    philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
    return philox4x32(counter, key).v[i % 4];
}

START_TEST(draws_are_functions_of_random123s_words) {
    const uint64_t seed = 0x1122334455667788, stream = 0x99AABBCCDDEEFF00, start = 0xFFFFFF00;
    uint64_t block = start;
    RandomSource source = {seed, stream, &block};
    uint32_t *word = malloc(DRAWS * sizeof *word), *index = malloc(DRAWS * sizeof *index);
    real *uniform = malloc(DRAWS * sizeof *uniform);
    backend->random_words(source, DRAWS, word);
    backend->random_index(source, DRAWS, 50000, index);
    backend->random_uniform(source, DRAWS, 0, 1, uniform);
    for (size_t i = 0; i < DRAWS; i++) {
        uint32_t want = random123_word(seed, stream, start, i);
        ck_assert_uint_eq(word[i], want);
        ck_assert_uint_eq(index[i], (uint32_t)((uint64_t)want * 50000 / 4294967296));
        ck_assert(uniform[i] == (real)((want + 0.5) / 4294967296));
    }
    ck_assert_uint_eq(block, start); // a draw does not move the counter
    free(word);
    free(index);
    free(uniform);
}
END_TEST

// Mean, variance and the pairing of sine and cosine: z0² + z1² = −2 log u of the even word.
START_TEST(normals_are_box_muller_pairs) {
    uint64_t block = 0;
    RandomSource source = {7, 3, &block};
    uint32_t *word = malloc(DRAWS * sizeof *word);
    real *z = malloc(DRAWS * sizeof *z);
    backend->random_words(source, DRAWS, word);
    backend->random_normal(source, DRAWS, 0, 1, z);
    double mean = 0, square = 0;
    for (size_t i = 0; i + 1 < DRAWS; i += 2) {
        double radius = -2 * log((word[i] + 0.5) / 4294967296);
        double angle = 8 * atan(1) * ((word[i + 1] + 0.5) / 4294967296);
        ck_assert_double_eq_tol((double)z[i] * z[i] + (double)z[i + 1] * z[i + 1], radius,
                                1e-5 * (1 + radius));
        ck_assert_double_eq_tol(z[i], sqrt(radius) * sin(angle), 1e-5);
        mean += z[i] + z[i + 1], square += (double)z[i] * z[i] + (double)z[i + 1] * z[i + 1];
    }
    // four standard errors: 1/sqrt(n) and sqrt(2/n)
    ck_assert_double_eq_tol(mean / (DRAWS - 1), 0, 4 / sqrt(DRAWS));
    ck_assert_double_eq_tol(square / (DRAWS - 1), 1, 4 * sqrt(2.0 / DRAWS));
    free(word);
    free(z);
}
END_TEST

START_TEST(a_counter_put_back_repeats_the_draws) {
    uint64_t block = 12, saved;
    RandomSource source = {1, 2, &block};
    real first[10], again[10];
    backend->advance(&block, 3);
    backend->download(&saved, &block, sizeof saved);
    ck_assert_uint_eq(saved, 15);
    backend->random_normal(source, 10, 0, 1, first);
    backend->advance(&block, 3);
    backend->random_normal(source, 10, 0, 1, again);
    ck_assert_int_ne(memcmp(first, again, sizeof first), 0);
    backend->upload(&block, &saved, sizeof saved);
    backend->random_normal(source, 10, 0, 1, again);
    ck_assert_int_eq(memcmp(first, again, sizeof first), 0);
}
END_TEST

int main(void) {
    TCase *opening = tcase_create("opening"), *open = tcase_create("memory and random numbers");
    tcase_add_test(opening, devices_by_name);
    tcase_add_test(opening, the_cpu_opens_by_name_and_says_what_it_is);
    tcase_add_test(opening, auto_says_why_it_is_not_the_gpu);
    tcase_add_test(opening, a_second_one_or_a_bad_number_of_threads_is_refused);
    tcase_add_checked_fixture(open, open_cpu, close_cpu);
    tcase_set_timeout(open, 60);
    tcase_set_timeout(opening, 60);
    tcase_add_loop_test(opening, no_more_threads_work_than_were_asked_for, 1, 4);
    tcase_add_test(open, slopes_at_zero);
    tcase_add_test(open, memory_is_zeroed_aligned_and_counted);
    tcase_add_test(open, no_memory_is_an_error_and_no_crash);
    tcase_add_test(open, only_reserving_more_takes_memory);
    tcase_add_loop_test(open, words_are_the_published_ones, 0, 3);
    tcase_add_test(open, draws_are_functions_of_random123s_words);
    tcase_add_test(open, normals_are_box_muller_pairs);
    tcase_add_test(open, a_counter_put_back_repeats_the_draws);
    Suite *suite = suite_create("backend");
    suite_add_tcase(suite, opening);
    suite_add_tcase(suite, open);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
