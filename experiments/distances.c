// How far apart are two clouds of points? The distances of the book, on a user's own data.
#include "experiments/common/contract.h"
#include "experiments/common/points.h"
#include "toy/divergence.h"
#include "toy/rng.h"
#include "toy/sliced.h"
#include "toy/transport.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int cost;
static int64_t directions;
static double cell;
static bool weighted, atoms;
static const char *columns, *plan_path, *potentials_path;

static const Setting settings[] = {
    {"cost", SETTING_CHOICE, &cost, "l2", NULL, 0, 0, "l1|l2|sql2", "COST",
     "Ground cost of W between x and y: l1 Σ|x_k − y_k|, l2 ‖x − y‖, sql2 ‖x − y‖²"},
    {"weights", SETTING_FLAG, &weighted, NULL, NULL, 0, 0, NULL, NULL,
     "The last column is a weight ≥ 0; each file's weights are scaled to add up to 1"},
    {"columns", SETTING_TEXT, &columns, NULL, NULL, 0, 0, NULL, "X,Y,...",
     "Take these columns, by the names in the first row (with --weights, the last is the weight)"},
    {"atoms", SETTING_FLAG, &atoms, NULL, NULL, 0, 0, NULL, NULL,
     "Also TV, JS, KL and KL_rev, where only coinciding points overlap"},
    {"bins", SETTING_REAL, &cell, NULL, NULL, 1e-300, 1e300, NULL, "H",
     "Also TV, JS, KL and KL_rev of the histograms whose cells have side H, centred on multiples "
     "of H"},
    {"directions", SETTING_INTEGER, &directions, "1000", NULL, 1, 1e7, NULL, "N",
     "Random directions that SW averages over"},
    {"plan", SETTING_TEXT, &plan_path, NULL, NULL, 0, 0, NULL, "FILE",
     "Write the optimal plan: i, j, mass that goes from point i of A to point j of B (from 0)"},
    {"potentials", SETTING_TEXT, &potentials_path, NULL, NULL, 0, 0, NULL, "FILE",
     "Write the dual potentials: cloud (A or B), i, potential; u_i + v_j ≤ cost(i, j)"},
    {0},
};

static const Program program = {
    .name = "distances",
    .summary =
        "Distances between two clouds of points, one `name<TAB>value` per line: W, the exact "
        "transport cost, and SW, the mean over directions of the exact W of the projections.",
    .details =
        "A file holds a point per line, a coordinate per column, separated by tabs, commas or "
        "blanks. "
        "A first row of names, blank lines and lines that begin with # are passed over. KL is "
        "KL(A‖B), KL_rev is KL(B‖A); natural logarithms.\n\n"
        "Exit codes: 0 ok, 2 usage, 3 bad data (the message names file, line and column), 4 a file "
        "cannot be read or written, or memory is out.",
    .arguments = "A.tsv B.tsv",
    .argument_count = 2,
    .settings = settings,
    .tool = true,
};

static Tsv *results, *plan, *potentials; // NULL where not asked for

// Before anything is computed: a file that cannot be written is worth knowing now.
static void open_files(void) {
    if (common.out) results = tsv_open("", "name value");
    if (plan_path) plan = tsv_create(plan_path, "i j mass");
    if (potentials_path) potentials = tsv_create(potentials_path, "cloud i potential");
}

// Printed together, once all are known.
static struct {
    const char *name;
    double value;
} found[6];
static size_t found_count;

static void report(const char *name, double value) {
    if (isnan(value)) fail(EXIT_NONFINITE, "%s is not a number", name);
    found[found_count].name = name;
    found[found_count++].value = value;
}

static void print_results(void) {
    for (size_t k = 0; k < found_count; k++) {
        printf("%s\t%.17g\n", found[k].name, found[k].value);
        if (!results) continue;
        tsv_text(results, found[k].name);
        tsv_numbers(results, 1, &found[k].value);
    }
}

static _Noreturn void refuse(const Points *a, const Points *b, bool memory, const char *why) {
    fail(memory ? EXIT_RESOURCE : EXIT_DATA, "%s and %s: %s", a->path, b->path, why);
}

// ---- exact transport ----

static void write_plan(const Transport *t) {
    for (size_t k = 0; k < t->entries; k++)
        tsv_numbers(plan, 3,
                    (double[]){(double)t->plan[k].i, (double)t->plan[k].j, t->plan[k].mass});
}

static void write_potentials(const Transport *t) {
    for (size_t i = 0; i < t->n + t->m; i++) {
        size_t index = i < t->n ? i : i - t->n;
        tsv_text(potentials, i < t->n ? "A" : "B");
        tsv_numbers(potentials, 2, (double[]){(double)index, i < t->n ? t->u[index] : t->v[index]});
    }
}

static void transport(const Points *a, const Points *b) {
    static const GroundCost costs[] = {COST_L1, COST_L2, COST_SQL2};
    Transport t;
    int status = transport_solve(&t, costs[cost], a->dim, a->count, a->x, a->weight, b->count, b->x,
                                 b->weight);
    if (status) refuse(a, b, status == TRANSPORT_MEMORY, transport_error(status));
    report("W", t.value);
    if (plan) write_plan(&t);
    if (potentials) write_potentials(&t);
    transport_free(&t);
}

static void sliced(const Points *a, const Points *b) {
    Rng rng = rng_stream(common.seed, 0);
    double value;
    int status = sliced_wasserstein(&value, &rng, (size_t)directions, a->dim, a->count, a->x,
                                    a->weight, b->count, b->x, b->weight);
    if (status) refuse(a, b, status == TRANSPORT_MEMORY, transport_error(status));
    report("SW", value);
}

// ---- divergences ----

static void divergences(const Points *a, const Points *b) {
    Divergences d;
    int status = divergences_points(&d, atoms ? 0 : cell, a->dim, a->count, a->x, a->weight,
                                    b->count, b->x, b->weight);
    if (status) refuse(a, b, status == DIVERGENCE_NO_MEMORY, divergences_message(status));
    report("TV", d.tv);
    report("JS", d.js);
    report("KL", d.kl);
    report("KL_rev", d.kl_rev);
}

static void check_settings(void) {
    if (atoms && setting_given("bins"))
        fail(EXIT_USAGE, "--atoms and --bins exclude each other: one cell size at a time");
    const char *files[] = {common.arguments[0], common.arguments[1], plan_path, potentials_path};
    for (int result = 2; result < 4; result++)
        for (int other = 0; other < result; other++)
            if (same_file(files[result], files[other]))
                fail(EXIT_USAGE, "%s would be overwritten by another file of this run",
                     files[other]);
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    check_settings();
    Points a = points_read(common.arguments[0], columns, weighted);
    Points b = points_read(common.arguments[1], columns, weighted);
    if (a.dim != b.dim)
        fail(EXIT_DATA, "%s has points of %zu coordinate%s, %s of %zu", a.path, a.dim,
             a.dim == 1 ? "" : "s", b.path, b.dim);
    open_files();

    transport(&a, &b);
    sliced(&a, &b);
    if (atoms || setting_given("bins")) divergences(&a, &b);
    print_results();

    free(a.x), free(a.weight), free(b.x), free(b.weight);
    return experiment_end();
}
