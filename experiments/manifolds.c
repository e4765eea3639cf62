// What a generator covers (Arjovsky and Bottou 2017, lemma 1): the image of a latent space of 100
// dimensions among thousands of pixels is a set of at most 100 dimensions, however the generator
// bends it. How many dimensions has it at a point, how many has it as a whole, and how many count?
#include "experiments/common/contract.h"
#include "experiments/common/spots.h"
#include "experiments/common/trainer.h"
#include "toy/statistics.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t seeds, latent, side, width, filters, base_points, cloud, iterations;
static Reals radii;

static const Setting settings[] = {
    {"seeds", SETTING_INTEGER, &seeds, "2", "5", 1, 1000, NULL, "N", "Generators of each kind"},
    {"latent", SETTING_INTEGER, &latent, "100", NULL, 2, 1000, NULL, "N",
     "Latent dimensions of the image generators"},
    {"side", SETTING_INTEGER, &side, "32", "64", 16, 128, NULL, "N",
     "Side of their images, a multiple of 16: side² pixels"},
    {"width", SETTING_INTEGER, &width, "256", "512", 1, 4096, NULL, "N",
     "Width of the hidden layers of the fully connected generator"},
    {"filters", SETTING_INTEGER, &filters, "8", NULL, 1, 512, NULL, "N",
     "Filters of the convolutional generator before its last layer; twice as many before each"},
    {"base-points", SETTING_INTEGER, &base_points, "2", "4", 1, 1000, NULL, "N",
     "Latent points where the Jacobian is taken, for each generator"},
    {"cloud", SETTING_INTEGER, &cloud, "192", "512", 2, 4096, NULL, "N",
     "Latent points around the first of them, for each radius"},
    {"radii", SETTING_REALS, &radii, "0.001,0.01,0.1,1", "0.001,0.003,0.01,0.03,0.1,0.3,1", 1e-4, 1,
     NULL, "A,B,...", "Radii of the clouds: at 1 they are fresh latent points"},
    {"iterations", SETTING_INTEGER, &iterations, "40", "200", 1, 1e6, NULL, "N",
     "Iterations that the trained generators get"},
    {0},
};

static const Program program = {
    .name = "manifolds",
    .summary = "How many dimensions a generator covers: at most as many as its latent space at "
               "every point, though its samples bend through many more.",
    .details =
        "Writes manifolds.tsv (dimensions of each generator), manifolds_spectra.tsv (singular "
        "values) and manifolds_clouds.tsv (dimensions by radius) beside the claim C14.\n\n"
        "  experiments/manifolds --latent 20 --side 16 --filters 4 --cloud 200",
    .settings = settings,
};

// Independent streams of random numbers, by what they are drawn for.
enum { FOR_PROBE, FOR_IMAGES };
static Rng stream(int purpose, int64_t index) {
    return rng_stream(common.seed, (uint64_t)purpose << 32 | (uint64_t)index);
}

static const Backend *backend;
static const double ENERGY = 0.99;

// ---- dimensions of a matrix: its singular values ----

// LAPACK, by its Fortran name: OpenBLAS holds it, not every system has its C header.
extern void dgesdd_(const char *job, const int *m, const int *n, double *a, const int *lda,
                    double *s, double *u, const int *ldu, double *vt, const int *ldvt, double *work,
                    const int *work_count, int *integer_work, int *info);

// The singular values of a[rows][cols] into s[min(rows, cols)], largest first. Overwrites a.
static void singular_values(size_t rows, size_t cols, double *a, double *s) {
    int m = (int)cols, n = (int)rows, one = 1, ask = -1, info; // column by column: the transpose
    int *integers = allocate(8 * (size_t)(m < n ? m : n), sizeof *integers);
    double best;
    dgesdd_("N", &m, &n, a, &m, s, NULL, &one, NULL, &one, &best, &ask, integers, &info);
    int count = (int)best;
    double *work = allocate((size_t)count, sizeof *work);
    dgesdd_("N", &m, &n, a, &m, s, NULL, &one, NULL, &one, work, &count, integers, &info);
    free(work), free(integers);
    if (info) fail(EXIT_NONFINITE, "the singular values were not found: dgesdd says %d", info);
}

// [dimensions]
typedef struct {
    int64_t rank;         // singular values above what rounding makes
    double participation; // (Σ σ²)² / Σ σ⁴: n where n are equal and the others 0
    int64_t energy;       // how many, the largest, make up 99 % of Σ σ²
    double beyond;        // share of Σ σ² beyond the first `latent`
} Dimensions;

static Dimensions dimensions_of(size_t count, const double *s, double rounding) {
    double total = 0, squares = 0, within = 0;
    for (size_t k = 0; k < count; k++) total += s[k] * s[k], squares += s[k] * s[k] * s[k] * s[k];
    if (total == 0) return (Dimensions){0}; // one image, whatever the latent point
    Dimensions d = {.participation = total * total / squares};
    for (size_t k = 0; k < count; k++) {
        d.rank += s[k] > rounding;
        d.energy += within < ENERGY * total;
        within += s[k] * s[k];
        if (k >= (size_t)latent) d.beyond += s[k] * s[k] / total;
    }
    return d;
}
// [/dimensions]

// ---- what a generator covers ----

// [jacobian]
// The generator once more, `latent` rows wide and with tangents: row k carries ∂G/∂z_k.
static void build_probe(Net *probe, const Generator *generator) {
    Error error;
    int status = net_build(probe, backend, &generator->net.architecture, NET_PENALTY_REFERENCE,
                           (size_t)latent, 1, false, &error);
    if (status) fail(status, "%s", error.text);
    backend->copy(probe->weight_count, generator->net.weights, probe->weights);
}

// G at z[rows][latent] into x[rows][pixels], rows ≤ latent.
static void probe_values(Net *probe, size_t rows, const real *z, real *x) {
    size_t pixels = (size_t)(side * side);
    backend->upload(net_input(probe, 0), z, rows * (size_t)latent * sizeof *z);
    net_forward(probe, (Rows){0, rows}, MODE_TRAIN);
    backend->download(x, net_output(probe, 0), rows * pixels * sizeof *x);
}

// The Jacobian at z[latent], transposed, into j[latent][pixels]: all rows at z, row k moving along
// the k-th axis, in one tangent sweep.
static void jacobian(Net *probe, const real *z, real *j) {
    size_t d = (size_t)latent;
    real *same = allocate(d * d, sizeof *same), *axes = allocate(d * d, sizeof *axes);
    for (size_t k = 0; k < d; k++) {
        memcpy(same + k * d, z, d * sizeof *z);
        axes[k * d + k] = 1;
    }
    backend->upload(net_input(probe, 0), same, d * d * sizeof *same);
    backend->upload(probe->tinput, axes, d * d * sizeof *axes);
    net_forward(probe, (Rows){0, d}, MODE_TRAIN);
    net_tangent(probe);
    backend->download(j, probe->layer[probe->count - 1].ty, d * (size_t)(side * side) * sizeof *j);
    free(same), free(axes);
}
// [/jacobian]

// What rounding leaves uncertain in the singular values of numbers of total size `norm`.
static double rounding_of(double norm) {
    return 4 * (sizeof(real) == sizeof(float) ? FLT_EPSILON : DBL_EPSILON) * norm;
}

static void draw_latent(Rng *rng, real *z) {
    for (int64_t k = 0; k < latent; k++) z[k] = (real)rng_normal(rng);
}

// Against central differences along a random direction: |J v − ΔG| / |J v|.
static double check_jacobian(Net *probe, Rng *rng, const real *z, const real *j) {
    const double h = 1e-4;
    size_t d = (size_t)latent, pixels = (size_t)(side * side);
    real *v = allocate(d, sizeof *v), *ends = allocate(2 * d, sizeof *ends),
         *x = allocate(2 * pixels, sizeof *x);
    draw_latent(rng, v);
    for (size_t k = 0; k < d; k++)
        ends[k] = (real)(z[k] + h * v[k]), ends[d + k] = (real)(z[k] - h * v[k]);
    probe_values(probe, 2, ends, x);
    double error = 0, size = 0;
    for (size_t i = 0; i < pixels; i++) {
        double slope = 0;
        for (size_t k = 0; k < d; k++) slope += (double)j[k * pixels + i] * (double)v[k];
        error += pow(slope - ((double)x[i] - (double)x[pixels + i]) / (2 * h), 2);
        size += slope * slope;
    }
    free(v), free(ends), free(x);
    return size > 0 ? sqrt(error / size) : sqrt(error);
}

// The Jacobian's dimensions at z; s[latent] receives its singular values.
static Dimensions measure_jacobian(Net *probe, Rng *rng, const real *z, double *s,
                                   double *difference) {
    size_t count = (size_t)(latent * side * side);
    real *j = allocate(count, sizeof *j);
    double *matrix = allocate(count, sizeof *matrix);
    jacobian(probe, z, j);
    for (size_t i = 0; i < count; i++) matrix[i] = (double)j[i];
    *difference = check_jacobian(probe, rng, z, j);
    double rounding = rounding_of(statistics_norm(count, matrix));
    singular_values((size_t)latent, (size_t)(side * side), matrix, s);
    free(j), free(matrix);
    return dimensions_of((size_t)latent, s, rounding);
}

// [cloud]
// Images of `cloud` latent points √(1 − r²)·z + r·N(0, I): near z for small r, fresh ones at r = 1;
// each is N(0, I) where z is. Their dimensions about their mean; s[cloud] receives the singular
// values.
static Dimensions measure_cloud(Net *probe, Rng *rng, const real *z, double r, double *s) {
    size_t d = (size_t)latent, n = (size_t)cloud, pixels = (size_t)(side * side);
    real *around = allocate(n * d, sizeof *around), *images = allocate(n * pixels, sizeof *images);
    double *x = allocate(n * pixels, sizeof *x);
    for (size_t i = 0; i < n * d; i++)
        around[i] = (real)(sqrt(1 - r * r) * z[i % d] + r * rng_normal(rng));
    for (size_t first = 0; first < n; first += d)
        probe_values(probe, n - first < d ? n - first : d, around + first * d,
                     images + first * pixels);
    for (size_t i = 0; i < n * pixels; i++) x[i] = (double)images[i];
    double rounding = rounding_of(statistics_norm(n * pixels, x));
    statistics_centre(n, pixels, x);
    singular_values(n, pixels, x, s);
    free(around), free(images), free(x);
    return dimensions_of(n < pixels ? n : pixels, s, rounding);
}
// [/cloud]

static Tsv *clouds, *spectra;

// The singular values of generator 0: of its first Jacobian, and of its samples.
static void write_spectra(int kind, bool trained, const double *local, const double *span) {
    for (int64_t k = 0; k < cloud; k++) {
        tsv_text(spectra, SPOTS_NAMES[kind]);
        tsv_numbers(spectra, 4,
                    (double[]){trained, (double)k + 1,
                               k < latent && local[0] > 0 ? local[k] / local[0] : NAN,
                               span[0] > 0 ? span[k] / span[0] : NAN});
    }
}

typedef struct {
    Summary rank, participation, energy, difference, near_beyond, span, span_participation,
        span_energy;
} Covers;

static void measure_clouds(int kind, bool trained, int64_t seed, Net *probe, Rng *rng,
                           const real *z, Covers *covers, double *s) {
    for (size_t k = 0; k < radii.count; k++) {
        Dimensions d = measure_cloud(probe, rng, z, radii.at[k], s);
        tsv_text(clouds, SPOTS_NAMES[kind]);
        tsv_numbers(clouds, 7,
                    (double[]){trained, (double)seed, radii.at[k], (double)d.rank, d.participation,
                               (double)d.energy, d.beyond});
        if (k == 0) summary_add(&covers->near_beyond, d.beyond);
        if (k + 1 < radii.count) continue;
        summary_add(&covers->span, (double)d.rank);
        summary_add(&covers->span_participation, d.participation);
        summary_add(&covers->span_energy, (double)d.energy);
    }
}

static void measure_generator(int kind, bool trained, int64_t seed, const Generator *generator,
                              Covers *covers) {
    Rng rng = stream(FOR_PROBE, (seed * SPOTS_KINDS + kind) * 2 + trained);
    Net probe;
    build_probe(&probe, generator);
    real *z = allocate((size_t)latent, sizeof *z), *first = allocate((size_t)latent, sizeof *z);
    double *local = allocate((size_t)latent, sizeof *local),
           *other = allocate((size_t)latent, sizeof *other),
           *span = allocate((size_t)cloud, sizeof *span);
    for (int64_t p = 0; p < base_points; p++) {
        double difference;
        draw_latent(&rng, p ? z : first);
        Dimensions d =
            measure_jacobian(&probe, &rng, p ? z : first, p ? other : local, &difference);
        summary_add(&covers->rank, (double)d.rank);
        summary_add(&covers->participation, d.participation);
        summary_add(&covers->energy, (double)d.energy);
        summary_add(&covers->difference, difference);
    }
    measure_clouds(kind, trained, seed, &probe, &rng, first, covers, span);
    if (seed == 0) write_spectra(kind, trained, local, span);
    free(z), free(first), free(local), free(other), free(span);
    net_free(&probe);
}

// ---- all generators ----

static Covers covers[SPOTS_KINDS][2]; // untrained, trained

static void cover_head(void) {
    printf("%-20s │ %9s │ %13s │ %11s │ %7s │ %11s\n", "generator", "rank of J", "participation",
           "99 % of J", "samples", "99 % of them");
}

static void cover_row(Tsv *table, int kind, bool trained, const Covers *c) {
    printf("%-20s │ %4g–%4g │ %13.1f │ %11.1f │ %7g │ %11.1f\n",
           text("%s%s", SPOTS_NAMES[kind], trained ? ", trained" : ""), c->rank.low, c->rank.high,
           c->participation.mean, c->energy.mean, c->span.low, c->span_energy.mean);
    tsv_text(table, SPOTS_NAMES[kind]);
    tsv_numbers(table, 14,
                (double[]){trained, (double)seeds, c->rank.low, c->rank.high, c->participation.mean,
                           summary_deviation(&c->participation), c->energy.mean,
                           summary_deviation(&c->energy), c->near_beyond.high, c->span.low,
                           c->span_participation.mean, c->span_energy.mean,
                           summary_deviation(&c->span_energy), c->difference.high});
}

static void measure_kind(SpotsKind kind) {
    SpotsShape shape = {latent, side, width, filters};
    for (int64_t s = 0; s < seeds; s++) {
        Generator generator;
        uint64_t seed = common.seed * 1000 + (uint64_t)s;
        spots_build(&generator, backend, kind, shape, seed);
        measure_generator(kind, false, s, &generator, &covers[kind][0]);
        if (kind != SPOTS_LINEAR) {
            spots_train(&generator, kind, shape, iterations, seed, stream(FOR_IMAGES, s));
            measure_generator(kind, true, s, &generator, &covers[kind][1]);
        }
        generator_free(&generator);
    }
}

static void measure_generators(void) {
    Tsv *table = tsv_open("", "generator trained seeds rank_low rank_high participation "
                              "participation_dev energy energy_dev near_beyond span "
                              "span_participation span_energy span_energy_dev difference");
    clouds = tsv_open("clouds", "generator trained seed radius rank participation energy beyond");
    spectra = tsv_open("spectra", "generator trained k local span");
    cover_head();
    for (SpotsKind kind = 0; kind < SPOTS_KINDS; kind++) {
        measure_kind(kind);
        for (int trained = 0; trained < (kind == SPOTS_LINEAR ? 1 : 2); trained++)
            cover_row(table, kind, trained, &covers[kind][trained]);
    }
}

// ---- the verdict ----

static void judge(void) {
    Summary local = {0}, energy = {0}, near = {0}, span = {0}, difference = {0};
    for (int kind = SPOTS_MLP; kind < SPOTS_KINDS; kind++)
        for (int trained = 0; trained < 2; trained++) {
            const Covers *c = &covers[kind][trained];
            summary_add(&local, c->rank.low), summary_add(&local, c->rank.high);
            summary_add(&near, c->near_beyond.high), summary_add(&span, c->span.low);
            summary_add(&energy, c->energy.mean);
            summary_add(&difference, c->difference.high);
        }
    const Summary *control = &covers[SPOTS_LINEAR][0].span;
    double n = (double)latent, linear = fmin(n, (double)width);
    bool holds = difference.high < 0.05 && near.high < 1e-3 && span.low > n && energy.high < n &&
                 control->low == linear && control->high == linear;
    claim(&(Claim){
        .id = "C14",
        .statement = "a generator covers a set of at most as many dimensions as its latent space "
                     "(100, among thousands of pixels), often fewer effective ones; its samples "
                     "span more",
        .measured = text("energy of the smallest cloud beyond %lld directions: %.2g; 99 %% of the "
                         "Jacobian in %.1f to %.1f (of rank %g to %g, and %.2g from a difference "
                         "quotient); samples span ≥ %g, of a linear map %g",
                         (long long)latent, near.high, energy.low, energy.high, local.low,
                         local.high, difference.high, span.low, control->high),
        .expected = text("0; fewer than %g; > %g, of a linear map %g", n, n, linear),
        .tolerance = "1e-3 for the cloud; 0.05 for the quotient; exact",
        .seeds = seeds,
        .verdict = holds ? HOLDS : FAILS,
        .known = HOLDS,
    });
}

static void check_settings(void) {
    if (side % 16) fail(EXIT_USAGE, "--side %lld is not a multiple of 16", (long long)side);
    if (latent >= side * side)
        fail(EXIT_USAGE, "--latent %lld: an image has no more than %lld pixels", (long long)latent,
             (long long)(side * side));
    if (cloud <= latent + 1)
        fail(EXIT_USAGE, "--cloud %lld points cannot span more than --latent %lld dimensions",
             (long long)cloud, (long long)latent);
    for (size_t k = 1; k < radii.count; k++)
        if (radii.at[k] <= radii.at[k - 1]) fail(EXIT_USAGE, "--radii must grow");
    if (radii.at[radii.count - 1] != 1) fail(EXIT_USAGE, "--radii must end with 1, fresh samples");
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    check_settings();
    backend = trainer_backend();

    measure_generators();
    judge();
    return experiment_end();
}
