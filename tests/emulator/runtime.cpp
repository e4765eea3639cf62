// Memory, streams, graphs and products of the emulated GPU.
//
// Work on a stream waits there until someone synchronises, as late as a real device could do it.
// Only then is device memory accessible at all.
#include "cublas_v2.h"

#include <csignal>
#include <map>
#include <memory>
#include <string>
#include <sys/mman.h>
#include <vector>

typedef std::vector<std::function<void()>> Work;
struct EmulatedStream {
    Work queue, captured;
    bool capturing, invalid;
};
struct EmulatedGraph {
    Work work;
};

namespace {

cudaError_t last_error;
std::vector<EmulatedStream *> streams;
const char *running; // the kernel

cudaError_t failed(cudaError_t status) {
    if (status != cudaSuccess) last_error = status;
    return status;
}

// Calls that a captured stream forbids also spoil the capture.
bool forbidden_now() {
    bool forbidden = false;
    for (EmulatedStream *stream : streams)
        if (stream->capturing) forbidden = stream->invalid = true;
    return forbidden;
}

// ---- Memory -------------------------------------------------------------------------------------

// Addresses are never given out twice while anything is allocated. Each allocation has pages of its
// own, the rest of which is a fence.
enum : size_t {
    ADDRESSES = (size_t)1 << 36,
    PAGE = 4096,
    FENCE = 256,
    MEMORY = (size_t)2 << 30,
    LARGE = 16 << 20 // only cuBLAS's space is, and here it is never used: its pages stay untouched
};
const unsigned char NEVER_WRITTEN = 0xff; // a NaN in every type
char *first, *end;
size_t in_use;
std::map<char *, size_t> allocations;

size_t pages_of(size_t bytes) {
    return (bytes + FENCE + PAGE - 1) / PAGE * PAGE;
}

void protect(char *from, size_t bytes, int access) {
    if (bytes > 0 && mprotect(from, bytes, access) != 0) emulated_fault("no access to memory");
}

void on_bad_address(int, siginfo_t *about, void *) {
    char *address = (char *)about->si_addr;
    signal(SIGSEGV, SIG_DFL);
    if (address < first || address >= first + ADDRESSES) return; // to fail again, in the usual way
    if (running) emulated_fault("%s follows a pointer to memory that is not allocated", running);
    emulated_fault("the host follows a pointer to device memory");
}

bool reserve() {
    if (first != NULL) return true;
    void *found =
        mmap(NULL, ADDRESSES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (found == MAP_FAILED) return false;
    first = end = (char *)found;
    struct sigaction action = {};
    action.sa_sigaction = on_bad_address, action.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &action, NULL);
    return true;
}

void check_fence(const char *memory, size_t bytes) {
    for (size_t i = bytes; i < pages_of(bytes); i++)
        if ((unsigned char)memory[i] != NEVER_WRITTEN)
            emulated_fault("byte %zu of %zu allocated was written", i, bytes);
}

// Memory is open while work is done that needs it: a copy its own pages, a kernel all there are.
bool all_open;
std::vector<std::pair<char *, size_t>> open;

void open_all() {
    if (!all_open) protect(first, (size_t)(end - first), PROT_READ | PROT_WRITE);
    all_open = true;
}

void open_part(const void *memory, size_t bytes) {
    char *from = (char *)memory - (uintptr_t)memory % PAGE, *to = (char *)memory + bytes;
    if (all_open || from < first || from >= first + ADDRESSES) return;
    open.push_back({from, ((size_t)(to - from) + PAGE - 1) / PAGE * PAGE});
    protect(from, open.back().second, PROT_READ | PROT_WRITE);
}

void close_all() {
    if (all_open) protect(first, (size_t)(end - first), PROT_NONE);
    for (auto &part : open)
        if (!all_open) protect(part.first, part.second, PROT_NONE);
    all_open = false;
    open.clear();
}

void synchronise(EmulatedStream *stream) {
    Work queue;
    queue.swap(stream->queue);
    for (auto &work : queue) work();
    close_all();
}

void enqueue(EmulatedStream *stream, std::function<void()> work) {
    (stream->capturing ? stream->captured : stream->queue).push_back(std::move(work));
}

void synchronise_all() {
    for (EmulatedStream *stream : streams) synchronise(stream);
}

} // namespace

cudaError_t cudaMalloc(void **memory, size_t bytes) {
    if (forbidden_now()) return failed(cudaErrorStreamCaptureUnsupported);
    if (bytes > MEMORY - in_use || !reserve() ||
        pages_of(bytes) > ADDRESSES - (size_t)(end - first))
        return failed(cudaErrorMemoryAllocation);
    open_part(end, pages_of(bytes));
    if (bytes < LARGE) memset(end, NEVER_WRITTEN, bytes);
    memset(end + bytes, NEVER_WRITTEN, pages_of(bytes) - bytes);
    close_all();
    *memory = end;
    allocations[end] = bytes;
    end += pages_of(bytes), in_use += bytes;
    return cudaSuccess;
}

cudaError_t cudaFree(void *memory) {
    if (memory == NULL) return cudaSuccess;
    if (forbidden_now()) return failed(cudaErrorStreamCaptureUnsupported);
    synchronise_all();
    auto found = allocations.find((char *)memory);
    if (found == allocations.end()) return failed(cudaErrorInvalidValue);
    char *start = found->first;
    size_t bytes = found->second;
    open_part(start, pages_of(bytes));
    check_fence(start, bytes);
    close_all();
    madvise(start, pages_of(bytes), MADV_DONTNEED);
    allocations.erase(found);
    in_use -= bytes;
    if (allocations.empty()) end = first;
    return cudaSuccess;
}

cudaError_t cudaMemsetAsync(void *memory, int value, size_t bytes, cudaStream_t stream) {
    enqueue(stream, [=] {
        open_part(memory, bytes);
        if (bytes < LARGE || value != 0) memset(memory, value, bytes);
    });
    return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind,
                            cudaStream_t stream) {
    enqueue(stream, [=] {
        open_part(to, bytes), open_part(from, bytes);
        memcpy(to, from, bytes);
    });
    return cudaSuccess;
}

// ---- Streams, graphs ----------------------------------------------------------------------------

void emulated_enqueue(cudaStream_t stream, std::function<void()> work) {
    enqueue(stream, [=] {
        open_all();
        work();
    });
}

bool emulated_capturing(cudaStream_t stream) {
    return stream->capturing;
}

void emulated_launch(EmulatedStream *stream, EmulatedKernel kernel) {
    dim3 blocks = kernel.blocks;
    if (blocks.x < 1 || blocks.y < 1 || blocks.z < 1 || blocks.x > INT32_MAX || blocks.y > 65535 ||
        blocks.z > 65535 || kernel.threads < 1 || kernel.threads > 1024) {
        failed(cudaErrorInvalidConfiguration);
        return;
    }
    emulated_enqueue(stream, [=] {
        running = kernel.name;
        emulated_run(kernel);
        running = NULL;
    });
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned) {
    *stream = new EmulatedStream{};
    streams.push_back(*stream);
    return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
    synchronise(stream);
    for (size_t i = 0; i < streams.size(); i++)
        if (streams[i] == stream) streams.erase(streams.begin() + (ptrdiff_t)i--);
    delete stream;
    return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
    if (forbidden_now()) return failed(cudaErrorStreamCaptureUnsupported);
    synchronise(stream);
    return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
    if (stream->capturing) return failed(cudaErrorInvalidValue);
    stream->capturing = true, stream->invalid = false;
    return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph) {
    if (!stream->capturing) return failed(cudaErrorInvalidValue);
    stream->capturing = false;
    Work captured;
    captured.swap(stream->captured);
    if (stream->invalid) return failed(cudaErrorStreamCaptureInvalidated);
    *graph = new EmulatedGraph{captured};
    return cudaSuccess;
}

cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t *run, cudaGraph_t graph,
                                          unsigned long long) {
    *run = new EmulatedGraph{*graph};
    return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t run, cudaStream_t stream) {
    emulated_enqueue(stream, [=] {
        for (auto &work : run->work) work();
    });
    return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t run) {
    delete run;
    return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
    delete graph;
    return cudaSuccess;
}

// ---- The device ---------------------------------------------------------------------------------

const char *cudaGetErrorString(cudaError_t status) {
    static const char *const TEXTS[] = {"no error",
                                        "out of memory",
                                        "no CUDA-capable device is detected",
                                        "invalid configuration argument",
                                        "invalid argument",
                                        "operation not permitted when stream is capturing",
                                        "operation failed due to a previous error during capture"};
    return TEXTS[status];
}

cudaError_t cudaGetLastError() {
    cudaError_t status = last_error;
    last_error = cudaSuccess;
    return status;
}

cudaError_t cudaGetDeviceCount(int *count) {
    *count = 1;
    return cudaSuccess;
}

cudaError_t cudaSetDevice(int device) {
    return device == 0 ? cudaSuccess : failed(cudaErrorInvalidValue);
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp *properties, int) {
    const char *processors = getenv("EMULATED_PROCESSORS");
    *properties = {"cuda (emulated)", 8, 0, processors ? atoi(processors) : 3, MEMORY};
    return cudaSuccess;
}

cudaError_t cudaDriverGetVersion(int *version) {
    *version = 0;
    return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int *version) {
    *version = 0;
    return cudaSuccess;
}

cudaError_t cudaFuncGetAttributes(cudaFuncAttributes *attributes, const void *) {
    *attributes = {};
    return cudaSuccess;
}

// ---- Products -----------------------------------------------------------------------------------

struct EmulatedBlas {
    cudaStream_t stream;
    cublasMath_t mode;
    void *space;
};

namespace {

float rounded(float value) {
    return __uint_as_float(emulated_tf32(value));
}
double rounded(double value) {
    return value; // TF32 is for float alone
}

// op(matrix), rows×columns, column by column.
template <class T>
std::vector<T> straight(const T *matrix, int pitch, bool turned, int rows, int columns, bool tf32) {
    std::vector<T> copy((size_t)rows * (size_t)columns);
    for (int j = 0; j < columns; j++)
        for (int i = 0; i < rows; i++) {
            T value = turned ? matrix[(size_t)i * pitch + j] : matrix[(size_t)j * pitch + i];
            copy[(size_t)j * rows + i] = tf32 ? rounded(value) : value;
        }
    return copy;
}

template <class T> struct Product {
    bool turn_a, turn_b, tf32;
    int m, n, k;
    T alpha;
    const T *a;
    int lda;
    const T *b;
    int ldb;
    T beta, *c;
    int ldc;

    bool valid() const {
        return m >= 0 && n >= 0 && k >= 0 && lda >= std::max(1, turn_a ? k : m) &&
               ldb >= std::max(1, turn_b ? n : k) && ldc >= std::max(1, m);
    }
    void run() const {
        std::vector<T> left = straight(a, lda, turn_a, m, k, tf32), sums((size_t)m);
        std::vector<T> right = straight(b, ldb, turn_b, k, n, tf32);
        for (int j = 0; j < n; j++) {
            T *to = c + (size_t)j * ldc;
            std::fill(sums.begin(), sums.end(), 0);
            for (int step = 0; step < k; step++) {
                const T factor = right[(size_t)j * k + step], *from = &left[(size_t)step * m];
                for (int i = 0; i < m; i++) sums[(size_t)i] += from[i] * factor;
            }
            for (int i = 0; i < m; i++)
                to[i] = alpha * sums[(size_t)i] + (beta == 0 ? 0 : beta * to[i]);
        }
    }
};

template <class T> cublasStatus_t multiply(cublasHandle_t handle, Product<T> product) {
    if (!product.valid()) return CUBLAS_STATUS_INVALID_VALUE;
    // without space of its own it would have to allocate
    if (emulated_capturing(handle->stream) && handle->space == NULL)
        return CUBLAS_STATUS_ALLOC_FAILED;
    product.tf32 = handle->mode == CUBLAS_TF32_TENSOR_OP_MATH;
    emulated_enqueue(handle->stream, [=] { product.run(); });
    return CUBLAS_STATUS_SUCCESS;
}

} // namespace

const char *cublasGetStatusString(cublasStatus_t status) {
    return status == CUBLAS_STATUS_SUCCESS         ? "success"
           : status == CUBLAS_STATUS_INVALID_VALUE ? "an unsupported value or parameter"
                                                   : "resource allocation failed";
}

cublasStatus_t cublasCreate(cublasHandle_t *handle) {
    *handle = new EmulatedBlas{};
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasDestroy(cublasHandle_t handle) {
    delete handle;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasGetVersion(cublasHandle_t, int *version) {
    *version = 0;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetStream(cublasHandle_t handle, cudaStream_t stream) {
    handle->stream = stream, handle->space = NULL;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetWorkspace(cublasHandle_t handle, void *space, size_t) {
    handle->space = space;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetPointerMode(cublasHandle_t, cublasPointerMode_t) {
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetAtomicsMode(cublasHandle_t, cublasAtomicsMode_t) {
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetMathMode(cublasHandle_t handle, cublasMath_t mode) {
    handle->mode = mode;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSgemm(cublasHandle_t handle, cublasOperation_t turn_a,
                           cublasOperation_t turn_b, int m, int n, int k, const float *alpha,
                           const float *a, int lda, const float *b, int ldb, const float *beta,
                           float *c, int ldc) {
    return multiply(handle, Product<float>{turn_a == CUBLAS_OP_T, turn_b == CUBLAS_OP_T, false, m,
                                           n, k, *alpha, a, lda, b, ldb, *beta, c, ldc});
}

cublasStatus_t cublasDgemm(cublasHandle_t handle, cublasOperation_t turn_a,
                           cublasOperation_t turn_b, int m, int n, int k, const double *alpha,
                           const double *a, int lda, const double *b, int ldb, const double *beta,
                           double *c, int ldc) {
    return multiply(handle, Product<double>{turn_a == CUBLAS_OP_T, turn_b == CUBLAS_OP_T, false, m,
                                            n, k, *alpha, a, lda, b, ldb, *beta, c, ldc});
}
