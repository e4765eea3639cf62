// The product inside the cache, on one thread: C[m][n] += A·B for a tile that is packed already.
//
// A block of ROWS×COLS sums stays in vector registers while k runs: per step one row of B is loaded
// and ROWS numbers of A are spread over a vector each, 2·ROWS fused multiply-adds for 2 + ROWS
// loads. That needs ROWS·2 + 3 registers, so ROWS is what the register file allows. Written with
// the compilers' vector types; there is nothing here that only one processor has.
#ifndef KERNELS_CPU_TILE_H
#define KERNELS_CPU_TILE_H

#include "scalar.h"

#include <string.h>

#if defined(__AVX512F__)
enum { VECTOR_BYTES = 64, BLOCK_ROWS = 14 };
#elif defined(__AVX__)
enum { VECTOR_BYTES = 32, BLOCK_ROWS = 6 };
#elif defined(__aarch64__)
enum { VECTOR_BYTES = 16, BLOCK_ROWS = 12 };
#else
enum { VECTOR_BYTES = 16, BLOCK_ROWS = 6 };
#endif

enum {
    LANES = VECTOR_BYTES / (int)sizeof(real),
    BLOCK_COLS = 2 * LANES,
    TAIL_ROWS = 4,                             // the block for what is left of the rows
    TILE_ROWS = 224 / BLOCK_ROWS * BLOCK_ROWS, // of a packed tile,
    TILE_COLS = 256,                           // with TILE_PITCH this is a quarter megabyte
    TILE_PITCH =
        TILE_COLS + 64 / (int)sizeof(real) // not a power of two: rows in different cache sets
};

typedef real Vector __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(real)), may_alias));

#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#define WHOLE_VECTORS __attribute__((min_vector_width(8 * VECTOR_BYTES))) // else it halves them
#else
#define UNROLL _Pragma("GCC unroll 16")
#define WHOLE_VECTORS
#endif

// C[rows][2 vectors] (+)= A·B over k steps; A's element (r, step) is a[r·a_row + step·a_step]. All
// but k are constants to the compiler where this is called, and the sums stay in registers.
static inline __attribute__((always_inline)) void block_sums(int rows, size_t k, const real *a,
                                                             size_t a_row, size_t a_step,
                                                             const real *b, size_t b_step, bool add,
                                                             real *c, size_t c_row) {
    Vector sum[BLOCK_ROWS][2];
    UNROLL for (int r = 0; r < rows; r++) sum[r][0] = sum[r][1] = (Vector){0};
    for (size_t step = 0; step < k; step++, a += a_step, b += b_step) {
        Vector left = *(const Vector *)b, right = *(const Vector *)(b + LANES);
        UNROLL for (int r = 0; r < rows; r++) {
            sum[r][0] += a[(size_t)r * a_row] * left;
            sum[r][1] += a[(size_t)r * a_row] * right;
        }
    }
    UNROLL for (int r = 0; r < rows; r++, c += c_row) {
        Vector *to = (Vector *)c, *next = (Vector *)(c + LANES);
        if (add) sum[r][0] += *to, sum[r][1] += *next;
        *to = sum[r][0], *next = sum[r][1];
    }
}

// How A lies: a tile, row after row, or blocks of BLOCK_ROWS rows, [block][k][BLOCK_ROWS].
typedef enum { A_ROWS, A_BLOCKS } Lay;

typedef struct {
    Lay lay;
    size_t k;
    const real *a;
    const real *b; // readable to BLOCK_COLS
    size_t b_pitch;
    const real *next; // the next panel of B, fetched into the cache meanwhile, or NULL
    bool add;
    real *c;
    size_t c_pitch;
} TileProduct;

#define BLOCK(ROWS)                                                                                \
    (t->lay == A_ROWS ? block_sums(ROWS, t->k, a, TILE_PITCH, 1, t->b, t->b_pitch, add, c, c_row)  \
                      : block_sums(ROWS, t->k, a, 1, BLOCK_ROWS, t->b, t->b_pitch, add, c, c_row))

// rows <= BLOCK_ROWS and cols <= BLOCK_COLS of C. A block that sticks out is summed beside C.
WHOLE_VECTORS static void tile_block(const TileProduct *t, size_t rows, size_t cols, const real *a,
                                     real *c) {
    real beside[BLOCK_ROWS * BLOCK_COLS];
    bool whole = cols == BLOCK_COLS && (rows == BLOCK_ROWS || rows == TAIL_ROWS),
         add = t->add && whole;
    real *to = c;
    size_t c_row = t->c_pitch;
    if (!whole) c = beside, c_row = BLOCK_COLS;
    if (rows > TAIL_ROWS)
        BLOCK(BLOCK_ROWS);
    else
        BLOCK(TAIL_ROWS);
    for (size_t r = 0; r < rows && !whole; r++)
        for (size_t i = 0; i < cols; i++)
            to[r * t->c_pitch + i] = t->add ? to[r * t->c_pitch + i] + beside[r * BLOCK_COLS + i]
                                            : beside[r * BLOCK_COLS + i];
}
#undef BLOCK

// A panel: `rows` of C, cols <= BLOCK_COLS of its columns. A must be readable to the next multiple
// of BLOCK_ROWS, and B to BLOCK_COLS: what lies there does not matter.
static void tile_panel(TileProduct t, size_t rows, size_t cols) {
    const size_t line = 64 / sizeof(real),
                 per_block = t.k * BLOCK_COLS / line * BLOCK_ROWS / rows + 1;
    for (size_t r = 0; r < rows; r += BLOCK_ROWS) {
        size_t here = rows - r < BLOCK_ROWS ? rows - r : BLOCK_ROWS;
        for (size_t i = 0; i < per_block && t.next; i++, t.next += line)
            __builtin_prefetch(t.next, 0, 2);
        tile_block(&t, here, cols, t.a + r * (t.lay == A_ROWS ? TILE_PITCH : t.k),
                   t.c + r * t.c_pitch);
    }
}

#endif
