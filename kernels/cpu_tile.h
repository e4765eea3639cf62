// The product inside the cache, on one thread: C[m][n] += A·B with B in panels; and packing them.
//
// A block of ROWS×COLS sums stays in vector registers while k runs: per step one row of B is loaded
// and ROWS numbers of A are spread over a vector each, 2·ROWS fused multiply-adds for 2 + ROWS
// loads. That needs ROWS·2 + 3 registers, so ROWS is what the register file allows. Written with
// the compilers' vector types; there is nothing here that only one processor has.
#ifndef KERNELS_CPU_TILE_H
#define KERNELS_CPU_TILE_H

#include "cpu.h"

#include <string.h>

// a[i], b[i], a[i + 1], b[i + 1], …: as many as named, and (ZIP) as a vector has.
#define ZIP_2(a, b, i) a[i], b[i]
#define ZIP_4(a, b, i) ZIP_2(a, b, i), ZIP_2(a, b, i + 1)
#define ZIP_8(a, b, i) ZIP_4(a, b, i), ZIP_4(a, b, i + 2)
#define ZIP_16(a, b, i) ZIP_8(a, b, i), ZIP_8(a, b, i + 4)

#if defined(__AVX512F__)
enum { VECTOR_BYTES = 64, BLOCK_ROWS = 14 };
#define ZIP_FLOAT ZIP_16
#define ZIP_DOUBLE ZIP_8
#elif defined(__AVX__)
enum { VECTOR_BYTES = 32, BLOCK_ROWS = 6 };
#define ZIP_FLOAT ZIP_8
#define ZIP_DOUBLE ZIP_4
#elif defined(__aarch64__)
enum { VECTOR_BYTES = 16, BLOCK_ROWS = 12 };
#define ZIP_FLOAT ZIP_4
#define ZIP_DOUBLE ZIP_2
#else
enum { VECTOR_BYTES = 16, BLOCK_ROWS = 6 };
#define ZIP_FLOAT ZIP_4
#define ZIP_DOUBLE ZIP_2
#endif
#ifdef REAL_DOUBLE
#define ZIP ZIP_DOUBLE
#else
#define ZIP ZIP_FLOAT
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

// C[rows][2 vectors] (+)= A·B over k steps; A's element (r, step) is a[r·a_row + step·a_step].
// `rows` is a constant to the compiler where this is called, so that the sums stay in registers.
// What they are added to is fetched meanwhile.
static inline __attribute__((always_inline)) void block_sums(int rows, size_t k, const real *a,
                                                             size_t a_row, size_t a_step,
                                                             const real *b, size_t b_step, bool add,
                                                             real *c, size_t c_row) {
    Vector sum[BLOCK_ROWS][2];
    UNROLL for (int r = 0; r < rows; r++) {
        sum[r][0] = sum[r][1] = (Vector){0};
        if (!add) continue;
        __builtin_prefetch(c + (size_t)r * c_row, 1, 3);
        __builtin_prefetch(c + (size_t)r * c_row + LANES, 1, 3);
    }
    // a pointer to every fifth row: with multiples of a_row they fit in the registers
    enum { GROUP = 5 };
    const real *group[] = {a, a + GROUP * a_row, a + 2 * GROUP * a_row};
    for (size_t step = 0; step < k; step++, b += b_step) {
        Vector left = *(const Vector *)b, right = *(const Vector *)(b + LANES);
        UNROLL for (int r = 0; r < rows; r++) {
            real spread = group[r / GROUP][(size_t)(r % GROUP) * a_row];
            sum[r][0] += spread * left;
            sum[r][1] += spread * right;
        }
        group[0] += a_step, group[1] += a_step, group[2] += a_step;
    }
    UNROLL for (int r = 0; r < rows; r++, c += c_row) {
        Vector *to = (Vector *)c, *next = (Vector *)(c + LANES);
        if (add) sum[r][0] += *to, sum[r][1] += *next;
        *to = sum[r][0], *next = sum[r][1];
    }
}

// How A lies: row after row in a tile; row after row in memory; in blocks of BLOCK_ROWS rows,
// [block][k][BLOCK_ROWS]. A tile's pitch is known to the compiler, which is worth some hundredths.
typedef enum { A_TILE, A_ROWS, A_BLOCKS } Lay;

typedef struct {
    Lay lay;
    size_t k;
    const real *a;
    size_t a_pitch; // between rows, unless in blocks
    const real *b;  // readable to BLOCK_COLS
    size_t b_pitch;
    const real *next; // the next panel of B, fetched into the cache meanwhile, or NULL
    bool add;
    real *c;
    size_t c_pitch;
} TileProduct;

#define LAID(ROWS, PITCH, STEP)                                                                    \
    block_sums(ROWS, t->k, a, PITCH, STEP, t->b, t->b_pitch, add, c, c_row)
#define BLOCK(ROWS)                                                                                \
    (t->lay == A_TILE   ? LAID(ROWS, TILE_PITCH, 1)                                                \
     : t->lay == A_ROWS ? LAID(ROWS, t->a_pitch, 1)                                                \
                        : LAID(ROWS, 1, BLOCK_ROWS))

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
#undef LAID

// A panel: `rows` of C, cols <= BLOCK_COLS of its columns. A must be readable to the next multiple
// of BLOCK_ROWS, and B to BLOCK_COLS: what lies there does not matter.
static void tile_panel(TileProduct t, size_t rows, size_t cols) {
    const size_t line = 64 / sizeof(real),
                 per_block = t.k * BLOCK_COLS / line * BLOCK_ROWS / rows + 1;
    for (size_t r = 0; r < rows; r += BLOCK_ROWS) {
        size_t here = rows - r < BLOCK_ROWS ? rows - r : BLOCK_ROWS;
        for (size_t i = 0; i < per_block && t.next; i++, t.next += line)
            __builtin_prefetch(t.next, 0, 2);
        tile_block(&t, here, cols, t.a + r * (t.lay == A_BLOCKS ? t.k : t.a_pitch),
                   t.c + r * t.c_pitch);
    }
}

// ---- Packing ------------------------------------------------------------------------------------

static inline size_t panels(size_t cols) {
    return ceil_div(cols, BLOCK_COLS);
}

// A panel of B from its rows, from[k][pitch]: cols <= BLOCK_COLS columns, the others 0.
static inline void pack_panel(size_t k, size_t cols, const real *from, size_t pitch, real *panel) {
    for (size_t step = 0; step < k; step++, from += pitch, panel += BLOCK_COLS)
        if (cols == BLOCK_COLS)
            memcpy(panel, from, BLOCK_COLS * sizeof *from);
        else
            for (size_t i = 0; i < BLOCK_COLS; i++) panel[i] = i < cols ? from[i] : 0;
}

// A square of LANES×LANES numbers, turned over: zipping its upper half with its lower moves the
// highest bit of every number's place (row, lane) to the end, so that after half of all bits, log2
// of LANES, row and lane have changed places.
static inline void turn(Vector v[LANES]) {
    for (int side = 1; side < LANES; side *= 2) {
        Vector zipped[LANES];
        UNROLL for (int i = 0; i < LANES / 2; i++) {
            Vector a = v[i], b = v[i + LANES / 2];
            zipped[2 * i] = (Vector){ZIP(a, b, 0)};
            zipped[2 * i + 1] = (Vector){ZIP(a, b, LANES / 2)};
        }
        memcpy(v, zipped, sizeof zipped);
    }
}

// A panel of B from its columns, from[cols][pitch], the others 0.
static inline void pack_panel_turned(size_t k, size_t cols, const real *from, size_t pitch,
                                     real *panel) {
    size_t whole = cols == BLOCK_COLS ? k / LANES * LANES : 0;
    for (size_t step = 0; step < whole; step += LANES)
        for (size_t i = 0; i < BLOCK_COLS; i += LANES) {
            Vector square[LANES];
            UNROLL for (size_t r = 0; r < LANES; r++) {
                square[r] = *(const Vector *)(from + (i + r) * pitch + step);
            }
            turn(square);
            for (size_t r = 0; r < LANES; r++)
                memcpy(panel + (step + r) * BLOCK_COLS + i, &square[r], sizeof square[r]);
        }
    for (size_t step = whole; step < k; step++)
        for (size_t i = 0; i < BLOCK_COLS; i++)
            panel[step * BLOCK_COLS + i] = i < cols ? from[i * pitch + step] : 0;
}

// A in blocks from its columns, from[k][pitch]; the last block is filled up with anything.
static inline void pack_blocks(size_t k, size_t rows, const real *from, size_t pitch,
                               real *blocks) {
    size_t whole = rows / BLOCK_ROWS * BLOCK_ROWS;
    for (size_t step = 0; step < k; step++, from += pitch) {
        real *to = blocks + step * BLOCK_ROWS;
        for (size_t r = 0; r < whole; r += BLOCK_ROWS, to += k * BLOCK_ROWS)
            memcpy(to, from + r, BLOCK_ROWS * sizeof *from);
        if (rows > whole) memcpy(to, from + whole, (rows - whole) * sizeof *from);
    }
}

#endif
