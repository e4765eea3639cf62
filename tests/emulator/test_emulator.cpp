// That the emulated GPU runs what is right and stops at what is wrong: a kernel that only works by
// the grace of the emulator would fail on a real one.
#include "cublas_v2.h"

#include <check.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 64 };
static cudaStream_t stream;

#define RUN(kernel, ...)                                                                           \
    emulate(                                                                                       \
        stream, #kernel, dim3(3), THREADS, [=](auto... arguments) { kernel(arguments...); },       \
        __VA_ARGS__)

static void set_up(void) {
    ck_assert_int_eq(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), cudaSuccess);
}

static void tear_down(void) {
    cudaStreamDestroy(stream);
}

template <class T> static T *device(size_t n) {
    void *memory;
    ck_assert_int_eq(cudaMalloc(&memory, n * sizeof(T)), cudaSuccess);
    return (T *)memory;
}

template <class T> static T *host(const T *memory, size_t n) {
    T *copy = new T[n];
    cudaMemcpyAsync(copy, memory, n * sizeof(T), cudaMemcpyDeviceToHost, stream);
    ck_assert_int_eq(cudaStreamSynchronize(stream), cudaSuccess);
    return copy;
}

// In a child: it must abort, and say why.
static void dies(const char *reason, void (*wrong)(void)) {
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        wrong();
        cudaStreamSynchronize(stream);
        _exit(0);
    }
    close(ends[1]);
    char said[400];
    FILE *reader = fdopen(ends[0], "r");
    said[fread(said, 1, sizeof said - 1, reader)] = '\0';
    fclose(reader);
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "it lived; it said: %s",
                  said);
    ck_assert_msg(strstr(said, reason) != NULL, "it said: %s", said);
}

// ---- Kernels ------------------------------------------------------------------------------------

// out[block] = 0 + 1 + … + 63, by shuffles, shared memory and barriers.
static void sums(double *out) {
    __shared__ double part[THREADS / EMULATED_WARP];
    double value = threadIdx.x;
    for (int apart = EMULATED_WARP / 2; apart > 0; apart /= 2)
        value += __shfl_xor_sync(0xffffffffu, value, apart);
    if (threadIdx.x % EMULATED_WARP == 0) part[threadIdx.x / EMULATED_WARP] = value;
    __syncthreads();
    if (threadIdx.x == 0) out[blockIdx.x] = part[0] + part[1];
}

// Each thread hands its number to the one `apart` from it.
static void hand_over(bool with_barrier, unsigned apart, unsigned *out) {
    __shared__ unsigned given[THREADS];
    unsigned from = (threadIdx.x + apart) % THREADS;
    for (unsigned turn = 0; turn < 2; turn++) {
        given[threadIdx.x] = 100 * turn + threadIdx.x;
        if (with_barrier) __syncthreads();
        out[threadIdx.x] = given[from];
        __syncthreads();
    }
}

static void read_shared(float *out) {
    __shared__ float never[THREADS];
    out[threadIdx.x] = never[threadIdx.x];
}

static void one_barrier_for_some(int) {
    if (threadIdx.x < 32) __syncthreads();
}

static void two_barriers(int) {
    if (threadIdx.x < 32)
        __syncthreads();
    else
        __syncthreads();
}

static void shuffle_for_some(int) {
    if (threadIdx.x % 2) __shfl_xor_sync(0xffffffffu, 1.0, 1);
}

static void shuffle_of_half(int) {
    __shfl_xor_sync(0xffffu, 1.0, 1);
}

static void write_at(float *to, size_t at) {
    to[at] = 1;
}

// ---- Threads ------------------------------------------------------------------------------------

START_TEST(threads_meet) {
    double *out = device<double>(3);
    RUN(sums, out);
    double *got = host(out, 3);
    for (int i = 0; i < 3; i++) ck_assert(got[i] == THREADS * (THREADS - 1) / 2);
    delete[] got;
    cudaFree(out);
}
END_TEST

// Reading upwards and downwards: one of the orders in which threads run must show it.
START_TEST(a_missing_barrier_shows) {
    for (unsigned apart = 1; apart < THREADS; apart += THREADS - 2)
        for (int with_barrier = 0; with_barrier < 2; with_barrier++) {
            unsigned wrong = 0, *out = device<unsigned>(THREADS);
            for (int time = 0; time < 10; time++) {
                RUN(hand_over, with_barrier == 1, apart, out);
                unsigned *got = host(out, THREADS);
                for (unsigned i = 0; i < THREADS; i++)
                    wrong += got[i] != 100 + (i + apart) % THREADS;
                delete[] got;
            }
            ck_assert_int_eq(wrong == 0, with_barrier);
            cudaFree(out);
        }
}
END_TEST

START_TEST(threads_that_part_are_found) {
    dies("one_barrier_for_some, block 0: thread 0 is at the barrier",
         [] { RUN(one_barrier_for_some, 0); });
    dies("two_barriers, block 0: thread", [] { RUN(two_barriers, 0); });
    dies("at a meeting of its warp", [] { RUN(shuffle_for_some, 0); });
    dies("a shuffle of less than a warp", [] { RUN(shuffle_of_half, 0); });
}
END_TEST

// d += a·b as lanes hold it, against the same by loops.
static void multiply(const float *a, const float *b, float *d) {
    unsigned g = threadIdx.x / 4, l = threadIdx.x % 4;
    if (g >= 8) g -= 8; // the second warp does the same
    float left[4] = {a[g * 8 + l], a[(g + 8) * 8 + l], a[g * 8 + l + 4], a[(g + 8) * 8 + l + 4]};
    float right[2] = {b[l * 8 + g], b[(l + 4) * 8 + g]}, sum[4] = {1, 1, 1, 1};
    emulated_mma(EMULATED_HERE, sum, left, right);
    d[g * 8 + 2 * l] = sum[0], d[g * 8 + 2 * l + 1] = sum[1];
    d[(g + 8) * 8 + 2 * l] = sum[2], d[(g + 8) * 8 + 2 * l + 1] = sum[3];
}

START_TEST(tensor_cores_multiply) {
    float a[128], b[64], *on_a = device<float>(128), *on_b = device<float>(64);
    for (int i = 0; i < 128; i++) a[i] = (float)(i * 7 % 13 - 6);
    for (int i = 0; i < 64; i++) b[i] = (float)(i * 5 % 11 - 5);
    cudaMemcpyAsync(on_a, a, sizeof a, cudaMemcpyHostToDevice, stream);
    cudaMemcpyAsync(on_b, b, sizeof b, cudaMemcpyHostToDevice, stream);
    float *d = device<float>(128);
    RUN(multiply, on_a, on_b, d);
    float *got = host(d, 128);
    for (int row = 0; row < 16; row++)
        for (int column = 0; column < 8; column++) {
            float want = 1;
            for (int k = 0; k < 8; k++) want += a[row * 8 + k] * b[k * 8 + column];
            ck_assert(got[row * 8 + column] == want);
        }
    delete[] got;
    cudaFree(on_a), cudaFree(on_b), cudaFree(d);
}
END_TEST

START_TEST(tf32_rounds_to_ten_bits) {
    const float one = 1, step = 0x1p-10f;
    ck_assert(__uint_as_float(emulated_tf32(one + step)) == one + step);
    ck_assert(__uint_as_float(emulated_tf32(one + step / 2)) == one + step); // ties: away from 0
    ck_assert(__uint_as_float(emulated_tf32(-one - step / 2)) == -one - step);
    ck_assert(__uint_as_float(emulated_tf32(one + 0.49f * step)) == one);
    ck_assert(__uint_as_float(emulated_tf32(INFINITY)) == INFINITY);
    ck_assert(std::isnan(__uint_as_float(emulated_tf32(NAN))));
}
END_TEST

// ---- Memory -------------------------------------------------------------------------------------

START_TEST(fresh_memory_is_nan) {
    float *out = device<float>(THREADS), *got = host(out, THREADS);
    for (int i = 0; i < THREADS; i++) ck_assert(std::isnan(got[i]));
    delete[] got;
    RUN(read_shared, out);
    got = host(out, THREADS);
    for (int i = 0; i < THREADS; i++) ck_assert(std::isnan(got[i]));
    delete[] got;
    cudaFree(out);
}
END_TEST

START_TEST(wrong_addresses_are_found) {
    dies("the host follows a pointer to device memory", [] { *device<float>(10) = 1; });
    dies("byte 40 of 40 allocated was written", [] {
        float *memory = device<float>(10);
        RUN(write_at, memory, (size_t)10);
        cudaFree(memory);
    });
    dies("write_at follows a pointer to memory that is not allocated",
         [] { RUN(write_at, device<float>(10), (size_t)1 << 20); });
}
END_TEST

START_TEST(memory_ends) {
    void *memory;
    ck_assert_int_eq(cudaMalloc(&memory, (size_t)1 << 40), cudaErrorMemoryAllocation);
    ck_assert_int_eq(cudaGetLastError(), cudaErrorMemoryAllocation);
    ck_assert_int_eq(cudaGetLastError(), cudaSuccess);
}
END_TEST

// ---- Streams ------------------------------------------------------------------------------------

START_TEST(nothing_runs_before_someone_waits) {
    float value = 1, *memory = device<float>(1);
    cudaMemcpyAsync(memory, &value, sizeof value, cudaMemcpyHostToDevice, stream);
    value = 2;
    float *got = host(memory, 1);
    ck_assert(*got == 2);
    delete[] got;
    cudaFree(memory);
}
END_TEST

START_TEST(launches_have_limits) {
    const struct {
        dim3 blocks;
        unsigned threads;
    } bad[] = {
        {dim3(0), 1}, {dim3(1, 65536), 1}, {dim3(1, 1, 65536), 1}, {dim3(1), 0}, {dim3(1), 1025}};
    for (auto b : bad) {
        emulate(stream, "none", b.blocks, b.threads, [] {});
        ck_assert_int_eq(cudaGetLastError(), cudaErrorInvalidConfiguration);
    }
    emulate(stream, "none", dim3(1, 2, 3), 1024, [] {});
    ck_assert_int_eq(cudaGetLastError(), cudaSuccess);
}
END_TEST

START_TEST(a_capture_runs_nothing_until_replayed) {
    double *out = device<double>(3);
    cudaGraph_t graph;
    cudaGraphExec_t run;
    cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal);
    RUN(sums, out);
    ck_assert_int_eq(cudaStreamEndCapture(stream, &graph), cudaSuccess);
    double *got = host(out, 3);
    ck_assert(std::isnan(got[0]));
    delete[] got;
    cudaGraphInstantiateWithFlags(&run, graph, 0);
    cudaGraphLaunch(run, stream);
    got = host(out, 3);
    ck_assert(got[0] == THREADS * (THREADS - 1) / 2);
    delete[] got;
    cudaGraphExecDestroy(run), cudaGraphDestroy(graph);
    cudaFree(out);
}
END_TEST

START_TEST(a_capture_forbids_allocating_and_waiting) {
    for (int which = 0; which < 3; which++) {
        void *memory = device<float>(1);
        cudaGraph_t graph;
        cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal);
        cudaError_t status = which == 0   ? cudaMalloc(&memory, 1)
                             : which == 1 ? cudaFree(memory)
                                          : cudaStreamSynchronize(stream);
        ck_assert_int_eq(status, cudaErrorStreamCaptureUnsupported);
        ck_assert_int_eq(cudaStreamEndCapture(stream, &graph), cudaErrorStreamCaptureInvalidated);
        cudaFree(memory);
    }
}
END_TEST

// Space that was set before the stream is lost, and a capture cannot do without.
START_TEST(a_product_in_a_capture_needs_its_space) {
    cublasHandle_t blas;
    cudaGraph_t graph;
    const float one = 1;
    float *x = device<float>(1);
    cublasCreate(&blas);
    for (int first = 0; first < 2; first++) {
        if (first == 0) cublasSetWorkspace(blas, x, 4);
        cublasSetStream(blas, stream);
        if (first == 1) cublasSetWorkspace(blas, x, 4);
        cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal);
        ck_assert_int_eq(cublasSgemm(blas, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, &one, x, 1, x, 1,
                                     &one, x, 1) == CUBLAS_STATUS_SUCCESS,
                         first);
        cudaStreamEndCapture(stream, &graph);
        cudaGraphDestroy(graph);
    }
    cublasDestroy(blas);
    cudaFree(x);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("emulator");
    TCase *cases = tcase_create("CUDA");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, threads_meet);
    tcase_add_test(cases, a_missing_barrier_shows);
    tcase_add_test(cases, threads_that_part_are_found);
    tcase_add_test(cases, tensor_cores_multiply);
    tcase_add_test(cases, tf32_rounds_to_ten_bits);
    tcase_add_test(cases, fresh_memory_is_nan);
    tcase_add_test(cases, wrong_addresses_are_found);
    tcase_add_test(cases, memory_ends);
    tcase_add_test(cases, nothing_runs_before_someone_waits);
    tcase_add_test(cases, launches_have_limits);
    tcase_add_test(cases, a_capture_runs_nothing_until_replayed);
    tcase_add_test(cases, a_capture_forbids_allocating_and_waiting);
    tcase_add_test(cases, a_product_in_a_capture_needs_its_space);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
