// The GPU: opening it, its memory, copies, captured iterations, and the matrix product by cuBLAS.
#include "cuda.cuh"
#include <cstdlib>
#include <new>

Gpu gpu;

struct Capture {
    cudaGraph_t graph;
    cudaGraphExec_t run;
};

namespace {

enum { BLAS_SPACE = 32 << 20 }; // what cuBLAS itself would take on Hopper

Backend table;
char description[600];

const char *blas_reason(cublasStatus_t status) {
    return cublasGetStatusString(status);
}

} // namespace

void cuda_fail(const char *file, int line, const char *call, const char *reason) {
    fprintf(stderr, "%s:%d: %s: %s\n", file, line, call, reason);
    exit(EXIT_RESOURCE);
}

#define BLAS(call)                                                                                 \
    do {                                                                                           \
        cublasStatus_t status = (call);                                                            \
        if (status != CUBLAS_STATUS_SUCCESS)                                                       \
            cuda_fail(__FILE__, __LINE__, #call, blas_reason(status));                             \
    } while (0)

// ---- Memory -----------------------------------------------------------------------------------

static void *device_alloc(size_t bytes, Error *error) {
    void *memory = NULL;
    cudaError_t status = cudaMalloc(&memory, bytes > 0 ? bytes : 1); // aligned to 256 bytes
    if (status != cudaSuccess) {
        cudaGetLastError(); // it is reported here, and no later call should meet it again
        error_set(error, EXIT_RESOURCE, "no %zu bytes of GPU memory: %s", bytes,
                  cudaGetErrorString(status));
        return NULL;
    }
    CUDA(cudaMemsetAsync(memory, 0, bytes, gpu.stream));
    gpu.allocations++;
    return memory;
}

static void device_free(void *memory) {
    CUDA(cudaFree(memory)); // waits for what may still use it
}

static size_t device_allocations(void) {
    return gpu.allocations;
}

static void device_upload(void *to, const void *from, size_t bytes) {
    CUDA(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, gpu.stream));
    CUDA(cudaStreamSynchronize(gpu.stream));
}

static void device_download(void *to, const void *from, size_t bytes) {
    CUDA(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, gpu.stream));
    CUDA(cudaStreamSynchronize(gpu.stream));
}

static void device_sync(void) {
    CUDA(cudaStreamSynchronize(gpu.stream));
}

// Scratch has one size for every shape (cuda_conv.cu). What can be wrong with a shape is that its
// pixels cannot be counted in an int.
static int conv_reserve(ConvShape shape, size_t rows, Error *error) {
    size_t image = (size_t)shape.h * (size_t)shape.w, map = (size_t)shape.p * (size_t)shape.q;
    size_t pixels = image > map ? image : map, most = INT32_MAX - 1024; // a tile may reach past it
    if (rows > most / pixels)
        return error_set(error, EXIT_RESOURCE,
                         "%zu rows of %zu pixels: a convolution on the GPU takes at most %zu "
                         "pixels at a time",
                         rows, pixels, most);
    if (gpu.products == NULL) gpu.products = (real *)device_alloc(conv_scratch_bytes(), error);
    return gpu.products == NULL ? EXIT_RESOURCE : 0;
}

// ---- Capture ----------------------------------------------------------------------------------

static bool capture_begin(void) {
    CUDA(cudaStreamBeginCapture(gpu.stream, cudaStreamCaptureModeGlobal));
    return true;
}

static Capture *capture_end(void) {
    Capture *capture = new (std::nothrow) Capture;
    if (capture == NULL) cuda_fail(__FILE__, __LINE__, "capture_end", "out of memory");
    CUDA(cudaStreamEndCapture(gpu.stream, &capture->graph));
    CUDA(cudaGraphInstantiateWithFlags(&capture->run, capture->graph, 0));
    return capture;
}

static void capture_replay(Capture *capture) {
    CUDA(cudaGraphLaunch(capture->run, gpu.stream));
}

static void capture_free(Capture *capture) {
    if (capture == NULL) return;
    CUDA(cudaStreamSynchronize(gpu.stream));
    CUDA(cudaGraphExecDestroy(capture->run));
    CUDA(cudaGraphDestroy(capture->graph));
    delete capture;
}

// ---- Matrix product ---------------------------------------------------------------------------

namespace {

__global__ void scale(size_t n, real factor, real *c) {
    for (size_t i = first_element(); i < n; i += element_step())
        c[i] = factor == 0 ? 0 : factor * c[i];
}

int blas_int(size_t n) {
    if (n > INT32_MAX) cuda_fail(__FILE__, __LINE__, "gemm", "a side of more than 2^31 - 1");
    return (int)n;
}

#ifdef REAL_DOUBLE
const auto blas_gemm = cublasDgemm;
#else
const auto blas_gemm = cublasSgemm;
#endif

} // namespace

// cuBLAS is column-major, where our row-major C is its transpose: Cᵀ = op(B)ᵀ·op(A)ᵀ.
void cuda_gemm(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, const real *a,
               const real *b, real beta, real *c) {
    if (m == 0 || n == 0) return;
    if (k == 0) { // an empty sum, and a leading dimension of 0 that cuBLAS would refuse
        LAUNCH(scale, element_blocks(m * n), THREADS, m * n, beta, c);
        return;
    }
    real one = 1;
    BLAS(blas_gemm(gpu.blas, transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N,
                   transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N, blas_int(n), blas_int(m), blas_int(k),
                   &one, b, blas_int(transpose_b ? k : n), a, blas_int(transpose_a ? m : k), &beta,
                   c, blas_int(n)));
}

// ---- Opening ----------------------------------------------------------------------------------

static void device_close(void) {
    if (gpu.blas != NULL) cublasDestroy(gpu.blas);
    if (gpu.stream != NULL) cudaStreamDestroy(gpu.stream);
    cudaFree(gpu.blas_space), cudaFree(gpu.products), cudaFree(gpu.sums), cudaFree(gpu.means);
    gpu = Gpu{};
}

// The first device the process can see (CUDA_VISIBLE_DEVICES chooses).
static int device_find_first(cudaDeviceProp *device, int *driver, Error *error) {
    int count = 0;
    cudaError_t status = cudaGetDeviceCount(&count);
    if (status == cudaSuccess && count == 0) status = cudaErrorNoDevice;
    if (status == cudaSuccess) status = cudaSetDevice(0);
    if (status == cudaSuccess) status = cudaGetDeviceProperties(device, 0);
    if (status == cudaSuccess) status = cudaDriverGetVersion(driver);
    if (status != cudaSuccess) {
        cudaGetLastError();
        return error_set(error, EXIT_RESOURCE, "no CUDA device: %s", cudaGetErrorString(status));
    }
    cudaFuncAttributes attributes;
    status = cudaFuncGetAttributes(&attributes, (const void *)scale);
    if (status != cudaSuccess) {
        cudaGetLastError();
        return error_set(error, EXIT_RESOURCE,
                         "no CUDA device: %s (compute capability %d.%d) does not run this build: "
                         "%s",
                         device->name, device->major, device->minor, cudaGetErrorString(status));
    }
    return 0;
}

// The stream, cuBLAS and scratch. Math modes: PEDANTIC is FP32 (or FP64) throughout, where DEFAULT
// would let the environment choose TF32 or emulated FP32; TF32 rounds the factors of a float
// product to 10 bits of mantissa. Host pointers for alpha and beta put their values into a captured
// graph.
static int device_prepare(Precision precision, Error *error) {
    cudaError_t status = cudaStreamCreateWithFlags(&gpu.stream, cudaStreamNonBlocking);
    if (status != cudaSuccess) {
        cudaGetLastError();
        return error_set(error, EXIT_RESOURCE, "no CUDA stream: %s", cudaGetErrorString(status));
    }
    cublasStatus_t blas = cublasCreate(&gpu.blas);
    if (blas != CUBLAS_STATUS_SUCCESS) {
        gpu.blas = NULL;
        cudaGetLastError();
        return error_set(error, EXIT_RESOURCE, "no cuBLAS: %s", blas_reason(blas));
    }
    gpu.blas_space = device_alloc(BLAS_SPACE, error);
    gpu.sums = (double *)device_alloc(sums_scratch_bytes(), error);
    gpu.means = (double *)device_alloc(2 * MEAN_COLUMNS * sizeof(double), error);
    if (gpu.blas_space == NULL || gpu.sums == NULL || gpu.means == NULL) return EXIT_RESOURCE;
    BLAS(cublasSetStream(gpu.blas, gpu.stream)); // before the workspace, which it would reset
    BLAS(cublasSetWorkspace(gpu.blas, gpu.blas_space, BLAS_SPACE));
    BLAS(cublasSetPointerMode(gpu.blas, CUBLAS_POINTER_MODE_HOST));
    BLAS(cublasSetAtomicsMode(gpu.blas, CUBLAS_ATOMICS_NOT_ALLOWED));
    BLAS(cublasSetMathMode(gpu.blas, precision == PRECISION_TF32 ? CUBLAS_TF32_TENSOR_OP_MATH
                                                                 : CUBLAS_PEDANTIC_MATH));
    return 0;
}

static void describe(const cudaDeviceProp *device, int driver, Precision precision) {
    int runtime = 0, blas = 0;
    CUDA(cudaRuntimeGetVersion(&runtime));
    BLAS(cublasGetVersion(gpu.blas, &blas));
    snprintf(description, sizeof description,
             "%s (compute capability %d.%d, %d multiprocessors, %d GiB), driver for CUDA %d.%d, "
             "CUDA %d.%d, cuBLAS %d.%d.%d, %s",
             device->name, device->major, device->minor, device->multiProcessorCount,
             (int)(device->totalGlobalMem >> 30), driver / 1000, driver % 1000 / 10, runtime / 1000,
             runtime % 1000 / 10, blas / 10000, blas / 100 % 100, blas % 100,
             sizeof(real) == 8             ? "FP64"
             : precision == PRECISION_TF32 ? "FP32, products in TF32"
                                           : "FP32");
}

static void table_fill(void) {
    table.name = "cuda", table.description = description;
    table.alloc = device_alloc, table.free = device_free;
    table.allocations = device_allocations;
    table.upload = device_upload, table.download = device_download, table.sync = device_sync;
    table.conv_reserve = conv_reserve;
    table.capture_begin = capture_begin, table.capture_end = capture_end;
    table.capture_replay = capture_replay, table.capture_free = capture_free;
    table.close = device_close;
#define X(name, parameters) table.name = cuda_##name;
#include "kernels.def"
#undef X
}

bool cuda_built(void) {
    return true;
}

int cuda_open(const Backend **backend, Precision precision, Error *error) {
    *backend = NULL;
    if (gpu.stream != NULL)
        return error_set(error, EXIT_RESOURCE, "the CUDA backend is open already");
    cudaDeviceProp device;
    int driver = 0, code = device_find_first(&device, &driver, error);
    if (code != 0) return code;
    gpu.precision = sizeof(real) == 4 ? precision : PRECISION_FULL;
    gpu.processors = (unsigned)device.multiProcessorCount;
    code = device_prepare(gpu.precision, error);
    if (code != 0) {
        device_close();
        return code;
    }
    describe(&device, driver, gpu.precision);
    table_fill();
    *backend = &table;
    return 0;
}
