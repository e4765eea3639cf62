// Exact transport beside LEMON's network simplex: the same masses, the same costs, alternating
// runs. `transport --large` adds n = m = 8192, own solver only, with the peak memory.
#include "toy/transport.h"
#include "../oracle_lemon.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { RUNS = 5 };
typedef enum { UNIFORM, WEIGHTED, PARALLEL_LINES, CASES } Case;
static const char *const case_names[] = {"uniform", "weighted", "parallel lines"};

static uint64_t state = 1;

static double uniform(void) { // splitmix64 (Steele, Lea & Flood 2014)
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return ((double)((z ^ z >> 31) >> 11) + 0.5) * 0x1p-53;
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void *allocate(size_t count, size_t size) {
    void *memory = calloc(count, size);
    if (memory) return memory;
    fprintf(stderr, "transport: out of memory\n");
    exit(4);
}

static void print_machine(void) {
    char line[256], model[256] = "unknown processor";
    FILE *file = fopen("/proc/cpuinfo", "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "model name : %255[^\n]", model) == 1) break;
    if (file) fclose(file);
    printf("%s, one thread, L2 cost in the plane, best and median of %d alternating runs\n", model,
           RUNS);
    printf("ours: points to plan, costs included. LEMON: run() alone, without building its graph, "
           "the faster of double and whole costs\n\n");
}

static double *make_points(size_t n, Case which, double line) {
    double *x = allocate(2 * n, sizeof *x);
    for (size_t k = 0; k < 2 * n; k++)
        x[k] = which == PARALLEL_LINES && k % 2 == 0 ? line : uniform();
    return x;
}

// Whole weights 1 … 1000 in pairs of sum 1001, so that totals are equal; n even.
static int64_t *make_masses(size_t n, Case which) {
    int64_t *mass = allocate(n, sizeof *mass);
    for (size_t k = 0; k < n; k += 2) {
        mass[k] = which == WEIGHTED ? 1 + (int64_t)(1000 * uniform()) : 1;
        mass[k + 1] = which == WEIGHTED ? 1001 - mass[k] : 1;
    }
    return mass;
}

static double *as_weights(size_t n, const int64_t *mass) {
    double *weight = allocate(n, sizeof *weight);
    for (size_t k = 0; k < n; k++) weight[k] = (double)mass[k];
    return weight;
}

typedef struct {
    double run[RUNS], value;
} Timing;

static int compare_doubles(const void *p, const void *q) {
    double x = *(const double *)p, y = *(const double *)q;
    return (x > y) - (x < y);
}

static void sort_runs(Timing *t) {
    qsort(t->run, RUNS, sizeof *t->run, compare_doubles);
}

static Transport solve(size_t n, const double *x, const double *a, const double *y,
                       const double *b) {
    Transport t;
    int status = transport_solve(&t, COST_L2, 2, n, x, a, n, y, b);
    if (status == TRANSPORT_OK) return t;
    fprintf(stderr, "transport: %s\n", transport_error(status));
    exit(4);
}

static void compare(Case which, size_t n) {
    double *x = make_points(n, which, 0), *y = make_points(n, which, 1);
    int64_t *supply = make_masses(n, which), *demand = make_masses(n, which);
    double *a = as_weights(n, supply), *b = as_weights(n, demand);
    double *cost = allocate(n * n, sizeof *cost);
    for (size_t k = 0; k < n * n; k++)
        cost[k] = ground_cost(COST_L2, 2, x + k / n * 2, y + k % n * 2);

    Timing ours = {0}, lemon = {0};
    for (int run = 0; run < RUNS; run++) {
        double start = seconds(), whole;
        Transport t = solve(n, x, a, y, b);
        ours.run[run] = seconds() - start;
        ours.value = t.value;
        transport_free(&t);
        lemon_transport(LEMON_WHOLE, n, supply, n, demand, cost, &whole);
        lemon.value = lemon_transport(LEMON_DOUBLE, n, supply, n, demand, cost, &lemon.run[run]);
        lemon.run[run] = fmin(lemon.run[run], whole);
    }
    sort_runs(&ours);
    sort_runs(&lemon);
    printf("%-15s %5zu  %8.4f %8.4f  %8.4f %8.4f  %6.2f  %.15g  %.15g\n", case_names[which], n,
           ours.run[0], ours.run[RUNS / 2], lemon.run[0], lemon.run[RUNS / 2],
           lemon.run[0] / ours.run[0], ours.value, lemon.value);
    free(x);
    free(y);
    free(supply);
    free(demand);
    free(a);
    free(b);
    free(cost);
}

static void large(Case which) {
    enum { N = 8192 };
    double *x = make_points(N, which, 0), *y = make_points(N, which, 1);
    int64_t *supply = make_masses(N, which), *demand = make_masses(N, which);
    double *a = as_weights(N, supply), *b = as_weights(N, demand), start = seconds();
    Transport t = solve(N, x, a, y, b);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%-15s %5d  %8.4f s, peak resident memory %.0f MiB, value %.15g\n", case_names[which], N,
           seconds() - start, (double)usage.ru_maxrss / 1024, t.value);
    transport_free(&t);
    free(x);
    free(y);
    free(supply);
    free(demand);
    free(a);
    free(b);
}

int main(int count, char **argument) {
    static const size_t sizes[] = {256, 1024, 2048};
    bool with_large = count == 2 && strcmp(argument[1], "--large") == 0;
    if (count > 1 && !with_large) {
        fprintf(stderr, "usage: transport [--large]\n");
        return 2;
    }
    print_machine();
    if (with_large) // first, so that the peak is its own
        for (int which = 0; which < CASES; which++) large((Case)which);
    printf("%-15s %5s  %8s %8s  %8s %8s  %6s  values: ours, LEMON\n", "case", "n = m", "ours, s",
           "median", "LEMON, s", "median", "ratio");
    for (int which = 0; which < CASES; which++)
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) compare((Case)which, sizes[k]);
    return 0;
}
