// Where the time of an update goes: the program counter, looked at every few milliseconds of
// processor time and sorted by the function it is in. It needs `nm`, as compilers do.
//
// The names are those of kernels/cpu*.c: a block of sums in registers (cpu_tile.h), or BLAS, is
// "products"; what else the products' own files do is "packing", and the copies of libc are theirs;
// everything else reads and writes arrays: activations, sums, random numbers, Adam.
#ifndef BENCH_PROFILE_H
#define BENCH_PROFILE_H

#include "kernels/cpu_tile.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

typedef enum { PRODUCTS, PACKING, ARRAYS, WAITING, PARTS } Part;

enum { MOST_SAMPLES = 1 << 16 };
static struct {
    size_t count;
    uintptr_t at[MOST_SAMPLES];
} samples;

static void take_sample(int signal, siginfo_t *about, void *context) {
    (void)signal, (void)about;
    const mcontext_t *state = &((ucontext_t *)context)->uc_mcontext;
#if defined(__x86_64__)
    uintptr_t now = (uintptr_t)state->gregs[REG_RIP];
#elif defined(__aarch64__)
    uintptr_t now = (uintptr_t)state->pc;
#else
    uintptr_t now = 0; // "arrays"
    (void)state;
#endif
    size_t number = __atomic_fetch_add(&samples.count, 1, __ATOMIC_RELAXED);
    if (number < MOST_SAMPLES) samples.at[number] = now;
}

// ---- Functions ----------------------------------------------------------------------------------

extern char __executable_start[], etext[]; // the linker's

typedef struct {
    uintptr_t start;
    char name[64];
} Function;

static struct {
    size_t count, room;
    Function *all;
    uintptr_t moved; // from where the linker put the program to where it runs
} functions;

static int compare_functions(const void *p, const void *q) {
    uintptr_t a = ((const Function *)p)->start, b = ((const Function *)q)->start;
    return (a > b) - (a < b);
}

static void read_functions(void) {
    char command[60], line[400];
    snprintf(command, sizeof command, "nm /proc/%ld/exe", (long)getpid());
    FILE *nm = popen(command, "r");
    while (nm && fgets(line, sizeof line, nm)) {
        Function f;
        char type;
        if (sscanf(line, "%lx %c %63s", &f.start, &type, f.name) != 3) continue;
        if (strcmp(f.name, "__executable_start") == 0)
            functions.moved = (uintptr_t)__executable_start - f.start;
        if (type != 't' && type != 'T') continue;
        if (functions.count == functions.room) {
            functions.room = 2 * functions.room + 1000;
            functions.all = realloc(functions.all, functions.room * sizeof f);
        }
        functions.all[functions.count++] = f;
    }
    if (nm) pclose(nm);
    qsort(functions.all, functions.count, sizeof *functions.all, compare_functions);
}

static const char *function_at(uintptr_t address) {
    size_t low = 0, high = functions.count;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (functions.all[middle].start + functions.moved <= address)
            low = middle;
        else
            high = middle;
    }
    return high > low ? functions.all[low].name : "";
}

static bool begins(const char *name, const char *const *with) {
    for (; *with; with++)
        if (strncmp(name, *with, strlen(*with)) == 0) return true;
    return false;
}

static Part part_of_library(uintptr_t address) {
    char line[400];
    Part part = ARRAYS;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps && fgets(line, sizeof line, maps)) {
        uintptr_t start, end;
        if (sscanf(line, "%lx-%lx", &start, &end) != 2 || address < start || address >= end)
            continue;
        part = strstr(line, "blas")     ? PRODUCTS
               : strstr(line, "gomp")   ? WAITING
               : strstr(line, "libomp") ? WAITING
               : strstr(line, "/libc")  ? PACKING
                                        : ARRAYS;
    }
    if (maps) fclose(maps);
    return part;
}

static Part part_of(uintptr_t address) {
    static const char *const products[] = {"tile_block", "tile_panel", NULL};
    static const char *const packing[] = {"cpu_gemm",  "blocks_part",  "last_rows", "all_panels",
                                          "pack_",     "cpu_conv",     "weights_",  "data_",
                                          "few_",      "unpack_",      "add_patch", "turn",
                                          "blas_part", "clear_blocks", "grid_rows", NULL};
    if (address < (uintptr_t)__executable_start || address >= (uintptr_t)etext)
        return part_of_library(address);
    const char *name = function_at(address);
    return begins(name, products) ? PRODUCTS : begins(name, packing) ? PACKING : ARRAYS;
}

// ---- A profile ----------------------------------------------------------------------------------

static void profile_start(void) {
    struct sigaction action = {.sa_sigaction = take_sample, .sa_flags = SA_SIGINFO | SA_RESTART};
    struct itimerval often = {{0, 1000}, {0, 1000}};
    if (functions.count == 0) read_functions();
    samples.count = 0;
    sigaction(SIGPROF, &action, NULL);
    setitimer(ITIMER_PROF, &often, NULL);
}

// Shares of the samples, and how many there were.
static size_t profile_stop(double share[PARTS]) {
    setitimer(ITIMER_PROF, &(struct itimerval){{0, 0}, {0, 0}}, NULL);
    size_t count = samples.count < MOST_SAMPLES ? samples.count : MOST_SAMPLES;
    for (int part = 0; part < PARTS; part++) share[part] = 0;
    for (size_t i = 0; i < count; i++) share[part_of(samples.at[i])] += 1 / (double)count;
    return count;
}

// ---- What the processor can do ------------------------------------------------------------------

static double processor_seconds(clockid_t clock) {
    struct timespec spent;
    clock_gettime(clock, &spent);
    return (double)spent.tv_sec + 1e-9 * (double)spent.tv_nsec;
}

// FLOP/s, on this thread, of the block that all products end in, its numbers in the first cache and
// its sums in registers; of the processor's time, which other work does not count in.
static double block_rate_here(void) {
    enum { STEPS = 8192 / VECTOR_BYTES, TIMES = 2000000 };
    real a[BLOCK_ROWS * STEPS] = {0}, b[STEPS * BLOCK_COLS] = {0}, c[BLOCK_ROWS * BLOCK_COLS] = {0};
    TileProduct block = {.lay = A_ROWS,
                         .k = STEPS,
                         .a = a,
                         .a_pitch = STEPS,
                         .b = b,
                         .b_pitch = BLOCK_COLS,
                         .add = true,
                         .c = c,
                         .c_pitch = BLOCK_COLS};
    double start = processor_seconds(CLOCK_THREAD_CPUTIME_ID);
    for (int i = 0; i < TIMES; i++) {
        tile_panel(block, BLOCK_ROWS, BLOCK_COLS);
        __asm__ volatile("" : : "r"(a), "r"(b), "r"(c) : "memory"); // they are wanted, and change
    }
    return 2.0 * BLOCK_ROWS * BLOCK_COLS * STEPS * TIMES /
           (processor_seconds(CLOCK_THREAD_CPUTIME_ID) - start);
}

// The same of all threads at once: a core with a busy neighbour may be slower.
static double block_rate(int threads) {
    double sum = 0;
#pragma omp parallel num_threads(threads) reduction(+ : sum)
    sum += block_rate_here();
    return sum;
}

#endif
