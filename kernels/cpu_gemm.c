// Matrix products on the CPU: on the block of cpu_tile.h where they fill it, by BLAS where not.
//
// A BLAS clears C and copies both operands into its own order before it multiplies. Forward and
// backward of a linear layer can do with less: A's rows are read where they lie, and only B, the
// weights, is packed, into panels that stay in the cache.
#include "cpu.h"
#include "cpu_tile.h"

enum {
    DEPTH = 1024 / (int)sizeof(real), // of k, and
    WIDTH = 512                       // columns of B, packed at a time: half a megabyte
};
_Static_assert(DEPTH *(WIDTH + TILE_ROWS) * sizeof(real) <= PRODUCT_SCRATCH, "scratch too small");

typedef struct {
    bool transpose_a, transpose_b;
    size_t m, n, k;
    const real *a, *b;
    real beta;
    real *c;
} Product;

static size_t pitch_a(const Product *g) {
    return g->transpose_a ? g->m : g->k;
}

static size_t pitch_b(const Product *g) {
    return g->transpose_b ? g->k : g->n;
}

// Element (row, step) of op(A), (step, col) of op(B).
static const real *a_at(const Product *g, size_t row, size_t step) {
    return g->a + (g->transpose_a ? step * g->m + row : row * g->k + step);
}

static const real *b_at(const Product *g, size_t step, size_t col) {
    return g->b + (g->transpose_b ? col * g->k + step : step * g->n + col);
}

// Where packing pays, by measurement: much to do, few columns missing in the last panel.
static bool for_blocks(const Product *g) {
    enum { LEAST_ROWS = 32, LEAST_STEPS = 32, LEAST_WORK = 1 << 20 };
    return (g->beta == 0 || g->beta == 1) && g->m >= LEAST_ROWS && g->k >= LEAST_STEPS &&
           g->m * g->n * g->k >= LEAST_WORK && 9 * g->n >= 8 * BLOCK_COLS * panels(g->n);
}

// The part of C with the given rows and columns, on the calling thread, by BLAS.
static void blas_part(const Product *g, Range rows, Range cols) {
    size_t m = rows.end - rows.first, n = cols.end - cols.first;
    if (m == 0 || n == 0) return;
    BLAS(gemm)
    (CblasRowMajor, g->transpose_a ? CblasTrans : CblasNoTrans,
     g->transpose_b ? CblasTrans : CblasNoTrans, (blasint)m, (blasint)n, (blasint)g->k, 1,
     a_at(g, rows.first, 0), (blasint)larger(pitch_a(g), 1), b_at(g, 0, cols.first),
     (blasint)larger(pitch_b(g), 1), g->beta, g->c + rows.first * g->n + cols.first, (blasint)g->n);
}

// packed[panel][step][BLOCK_COLS] of op(B).
static void pack_b(const Product *g, Range steps, Range cols, real *packed) {
    size_t k = steps.end - steps.first;
    for (size_t n = cols.first; n < cols.end; n += BLOCK_COLS, packed += k * BLOCK_COLS) {
        const real *from = b_at(g, steps.first, n);
        size_t count = smaller(cols.end - n, BLOCK_COLS);
        if (g->transpose_b)
            pack_panel_turned(k, count, from, g->k, packed);
        else
            pack_panel(k, count, from, g->n, packed);
    }
}

// C[rows][cols] += op(A)·packed over `steps`, t saying where A lies; without += for the first steps
// when beta is 0.
static void all_panels(const Product *g, TileProduct t, Range rows, Range steps, Range cols,
                       const real *packed) {
    t.k = steps.end - steps.first, t.b_pitch = BLOCK_COLS, t.c_pitch = g->n;
    t.add = steps.first > 0 || g->beta != 0;
    for (size_t n = cols.first; n < cols.end; n += BLOCK_COLS, packed += t.k * BLOCK_COLS) {
        t.b = packed, t.c = g->c + rows.first * g->n + n;
        tile_panel(t, rows.end - rows.first, smaller(cols.end - n, BLOCK_COLS));
    }
}

// The same for the rows that fill no block: a copy of them, so that the block may read on.
static void last_rows(const Product *g, Range rows, Range steps, Range cols, const real *packed,
                      real *copy) {
    for (size_t r = rows.first; r < rows.end; r++)
        memcpy(copy + (r - rows.first) * DEPTH, a_at(g, r, steps.first),
               (steps.end - steps.first) * sizeof *copy);
    all_panels(g, (TileProduct){.lay = A_ROWS, .a = copy, .a_pitch = DEPTH}, rows, steps, cols,
               packed);
}

// The part of C with the given rows and columns, on the calling thread.
static void blocks_part(const Product *g, Range rows, Range cols) {
    real *packed = tile_of(omp_get_thread_num()), *beside = packed + DEPTH * WIDTH;
    size_t chunks = ceil_div(g->k, DEPTH), tail = (rows.end - rows.first) % BLOCK_ROWS;
    if (g->transpose_a) tail = 0; // packed anyway
    for (size_t n = cols.first; n < cols.end; n += WIDTH)
        for (size_t chunk = 0; chunk < chunks; chunk++) {
            Range steps = share_of(g->k, chunk, chunks), here = {n, smaller(n + WIDTH, cols.end)};
            pack_b(g, steps, here, packed);
            for (size_t m = rows.first; m < rows.end - tail; m += TILE_ROWS) {
                Range some = {m, smaller(m + TILE_ROWS, rows.end - tail)};
                TileProduct t = {.lay = A_ROWS, .a = a_at(g, m, steps.first), .a_pitch = g->k};
                if (g->transpose_a) {
                    pack_blocks(steps.end - steps.first, some.end - m, t.a, g->m, beside);
                    t.lay = A_BLOCKS, t.a = beside;
                }
                all_panels(g, t, some, steps, here, packed);
            }
            if (tail) last_rows(g, (Range){rows.end - tail, rows.end}, steps, here, packed, beside);
        }
}

// Threads divide C into a grid: of the grids with one cell per thread, the one whose largest cell
// costs least. Per step of k a cell is as many panels times its rows; packing its columns costs
// about as much as another BLOCK_COLS rows, and packing its rows, where that is needed, one step
// for each.
static size_t grid_rows(size_t m, size_t n, size_t parts, bool packs_a) {
    size_t best = 1;
    double least = INFINITY;
    for (size_t down = 1; down <= parts; down++) {
        if (parts % down != 0) continue;
        double rows = (double)ceil_div(m, down), across = (double)ceil_div(panels(n), parts / down);
        double cost = (rows + BLOCK_COLS) * across + (packs_a ? rows : 0);
        if (cost < least) least = cost, best = down;
    }
    return best;
}

void cpu_gemm(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, const real *a,
              const real *b, real beta, real *c) {
    Product product = {transpose_a, transpose_b, m, n, k, a, b, beta, c};
    bool blocks = for_blocks(&product);
    PARALLEL(m * n * k / 8) {
        size_t parts = (size_t)omp_get_num_threads(), part = (size_t)omp_get_thread_num();
        size_t down = grid_rows(m, n, parts, !blocks || transpose_a), across = parts / down;
        Range rows = share_of(m, part / across, down);
        Range cols = share_of(panels(n), part % across, across);
        cols = (Range){cols.first * BLOCK_COLS, smaller(cols.end * BLOCK_COLS, n)};
        if (blocks)
            blocks_part(&product, rows, cols);
        else
            blas_part(&product, rows, cols);
    }
}
