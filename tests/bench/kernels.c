// Rates of the products behind the faces and MNIST networks: kernels [THREADS [REPEATS]].
// A rate counts the multiply-adds of the definition, not what an implementation makes of them.
// The best of the repeats is printed: other work on the machine only ever adds time.
#include "kernels/backend.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const Backend *backend;
static int repeats = 5;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// Small numbers of both signs, so that nothing overflows or turns subnormal.
static real *numbers(size_t n) {
    Error error;
    real *x = backend->alloc(n * sizeof *x, &error), *host = malloc(n * sizeof *host);
    if (!x || !host) {
        fprintf(stderr, "%s\n", x ? "out of memory" : error.text);
        exit(EXIT_RESOURCE);
    }
    for (size_t i = 0; i < n; i++) host[i] = (real)((int)(i * 2654435761u % 2048) - 1024) / 4096;
    backend->upload(x, host, n * sizeof *x);
    free(host);
    return x;
}

// Best time of CALL, once unmeasured.
#define BEST(seconds, CALL)                                                                        \
    do {                                                                                           \
        seconds = 1e30;                                                                            \
        for (int repeat = -1; repeat < repeats; repeat++) {                                        \
            backend->sync();                                                                       \
            double start = now();                                                                  \
            CALL;                                                                                  \
            backend->sync();                                                                       \
            double took = now() - start;                                                           \
            if (repeat >= 0 && took < seconds) seconds = took;                                     \
        }                                                                                          \
    } while (0)

static const struct {
    const char *name;
    size_t rows;
    ConvShape shape;
} convs[] = {
    {"faces 1, 64x64x3 > 32x32x64", 192, {64, 64, 3, 32, 32, 64, 5, 2, 1, 1}},
    {"faces 2, 32x32x64 > 16x16x128", 192, {32, 32, 64, 16, 16, 128, 5, 2, 1, 1}},
    {"faces 3, 16x16x128 > 8x8x256", 192, {16, 16, 128, 8, 8, 256, 5, 2, 1, 1}},
    {"faces 4, 8x8x256 > 4x4x512", 192, {8, 8, 256, 4, 4, 512, 5, 2, 1, 1}},
    {"MNIST 1, 28x28x1 > 14x14x64", 150, {28, 28, 1, 14, 14, 64, 5, 2, 1, 1}},
    {"MNIST 2, 14x14x64 > 7x7x128", 150, {14, 14, 64, 7, 7, 128, 5, 2, 1, 1}},
    {"MNIST 3, 7x7x128 > 4x4x256", 150, {7, 7, 128, 4, 4, 256, 5, 2, 2, 2}},
};

static void bench_conv(size_t index) {
    ConvShape s = convs[index].shape;
    size_t rows = convs[index].rows;
    Error error;
    if (backend->conv_reserve(s, rows, &error) != EXIT_OK) {
        fprintf(stderr, "%s\n", error.text);
        exit(EXIT_RESOURCE);
    }
    size_t map = rows * (size_t)(s.p * s.q * s.o), weights = (size_t)(s.o * s.k * s.k * s.c);
    real *x = numbers(rows * (size_t)(s.h * s.w * s.c)), *w = numbers(weights), *y = numbers(map);
    double flop = 2.0 * (double)map * s.k * s.k * s.c, forward, data, gradient;
    BEST(forward, backend->conv_forward(s, rows, x, w, y));
    BEST(data, backend->conv_data(s, rows, y, w, x));
    BEST(gradient, backend->conv_weights(s, rows, x, y, w));
    printf("%-31s %5zu %8.2f %9.1f %9.1f %9.1f\n", convs[index].name, rows, flop * 1e-9,
           flop * 1e-9 / forward, flop * 1e-9 / data, flop * 1e-9 / gradient);
    backend->free(x);
    backend->free(w);
    backend->free(y);
}

// The three products of a linear layer from `in` to `out` features.
static void bench_linear(size_t rows, size_t in, size_t out) {
    real *x = numbers(rows * in), *w = numbers(in * out), *y = numbers(rows * out);
    double flop = 2.0 * (double)(rows * in * out), forward, data, gradient;
    BEST(forward, backend->gemm(false, true, rows, out, in, x, w, 0, y));
    BEST(data, backend->gemm(false, false, rows, in, out, y, w, 0, x));
    BEST(gradient, backend->gemm(true, false, out, in, rows, y, x, 0, w));
    char name[64];
    snprintf(name, sizeof name, "linear %zu > %zu", in, out);
    printf("%-31s %5zu %8.3f %9.1f %9.1f %9.1f\n", name, rows, flop * 1e-9, flop * 1e-9 / forward,
           flop * 1e-9 / data, flop * 1e-9 / gradient);
    backend->free(x);
    backend->free(w);
    backend->free(y);
}

int main(int count, char **arguments) {
    Error error;
    int threads = count > 1 ? atoi(arguments[1]) : 0;
    if (count > 2) repeats = atoi(arguments[2]);
    if (backend_open(&backend, DEVICE_AUTO, threads, PRECISION_FULL, &error) != EXIT_OK) {
        fprintf(stderr, "%s\n", error.text);
        return EXIT_RESOURCE;
    }
    printf("%s\nbest of %d; GFLOP/s\n", backend->description, repeats);
    printf("%-31s %5s %8s %9s %9s %9s\n", "layer", "rows", "GFLOP", "forward", "data", "weights");
    for (size_t i = 0; i < sizeof convs / sizeof *convs; i++) bench_conv(i);
    bench_linear(768, 512, 512);
    bench_linear(768, 2, 512);
    bench_linear(768, 512, 1);
    bench_linear(192, 8192, 1);
    bench_linear(64, 100, 8192);
    backend->close();
}
