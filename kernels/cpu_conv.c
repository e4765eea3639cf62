// (a) BLAS per tile
#include "cpu.h"

#include <stdlib.h>
#include <string.h>

enum { TILE_PIXELS = 256, TILE_COLUMNS = 1024 };

static size_t clamp(ptrdiff_t value, size_t low, size_t high) {
    return value < (ptrdiff_t)low ? low : value > (ptrdiff_t)high ? high : (size_t)value;
}

static void pack_patches(ConvShape s, const real *x, Range pixels, Range cols, real *tile) {
    size_t run = (size_t)s.k * s.c, width = cols.end - cols.first;
    for (size_t n = pixels.first; n < pixels.end; n++, tile += width) {
        size_t q = n % s.q, p = n / s.q % s.p, row = n / s.q / s.p;
        ptrdiff_t left = ((ptrdiff_t)q * s.stride - s.left), top = (ptrdiff_t)p * s.stride - s.top;
        real *to = tile;
        for (size_t i = cols.first / run; i * run < cols.end; i++) {
            size_t from = larger(cols.first, i * run) - i * run;
            size_t end = smaller(cols.end - i * run, run);
            ptrdiff_t line = top + (ptrdiff_t)i;
            size_t a = from, b = from;
            if (line >= 0 && line < s.h) {
                a = clamp(-left * s.c, from, end);
                b = clamp((s.w - left) * s.c, a, end);
            }
            const real *image = x + ((ptrdiff_t)(row * s.h) + line) * s.w * s.c + left * s.c;
            memset(to, 0, (a - from) * sizeof *to);
            if (b > a) memcpy(to + (a - from), image + a, (b - a) * sizeof *to);
            memset(to + (b - from), 0, (end - b) * sizeof *to);
            to += end - from;
        }
    }
}

void cpu_conv_forward(ConvShape s, size_t rows, const real *x, const real *w, real *y) {
    size_t pixels = rows * s.p * s.q, all = (size_t)s.k * s.k * s.c, o = s.o;
    size_t tiles = (pixels + TILE_PIXELS - 1) / TILE_PIXELS,
           chunks = (all + TILE_COLUMNS - 1) / TILE_COLUMNS;
#pragma omp parallel for num_threads(cpu.threads) schedule(dynamic)
    for (size_t t = 0; t < tiles; t++) {
        Range mine = share_of(pixels, t, tiles);
        real *tile = (real *)(cpu.scratch + omp_get_thread_num() * cpu.scratch_each);
        for (size_t chunk = 0; chunk < chunks; chunk++) {
            Range cols = share_of(all, chunk, chunks);
            size_t width = cols.end - cols.first;
            pack_patches(s, x, mine, cols, tile);
            BLAS(gemm)
            (CblasRowMajor, CblasNoTrans, CblasTrans, mine.end - mine.first, o, width, 1, tile,
             width, w + cols.first, all, chunk > 0, y + mine.first * o, o);
        }
    }
}

void cpu_conv_weights(ConvShape s, size_t rows, const real *x, const real *y, real *w) {
    size_t pixels = rows * s.p * s.q, all = (size_t)s.k * s.k * s.c, o = s.o;
    size_t tiles = (pixels + TILE_PIXELS - 1) / TILE_PIXELS,
           chunks = (all + TILE_COLUMNS - 1) / TILE_COLUMNS;
    chunks = (chunks + cpu.threads - 1) / cpu.threads * cpu.threads;
#pragma omp parallel for num_threads(cpu.threads) schedule(dynamic)
    for (size_t chunk = 0; chunk < chunks; chunk++) {
        Range cols = share_of(all, chunk, chunks);
        size_t width = cols.end - cols.first;
        real *tile = (real *)(cpu.scratch + omp_get_thread_num() * cpu.scratch_each);
        for (size_t t = 0; t < tiles; t++) {
            Range mine = share_of(pixels, t, tiles);
            pack_patches(s, x, mine, cols, tile);
            BLAS(gemm)
            (CblasRowMajor, CblasTrans, CblasNoTrans, o, width, mine.end - mine.first, 1,
             y + mine.first * o, o, tile, width, 1, w + cols.first, all);
        }
    }
}

void cpu_conv_data(ConvShape s, size_t rows, const real *y, const real *w, real *x) {
    size_t st = s.stride, T = (s.k + st - 1) / st, all = (size_t)s.k * s.k * s.c, o = s.o;
    int a0 = s.top / s.stride, b0 = s.left / s.stride;
    ConvShape f = {.h = s.p,
                   .w = s.q,
                   .c = s.o,
                   .k = T,
                   .stride = 1,
                   .top = T - 1 - a0,
                   .left = T - 1 - b0,
                   .p = (s.h - 1 + s.top) / s.stride - a0 + 1,
                   .q = (s.w - 1 + s.left) / s.stride - b0 + 1};
    size_t blocks = rows * f.p * f.q, run = T * o, n = st * st * s.c;
    size_t tiles = (blocks + TILE_PIXELS - 1) / TILE_PIXELS;
#pragma omp parallel for num_threads(cpu.threads) schedule(dynamic)
    for (size_t t = 0; t < tiles; t++) {
        Range mine = share_of(blocks, t, tiles);
        size_t count = mine.end - mine.first;
        real *tile = (real *)(cpu.scratch + omp_get_thread_num() * cpu.scratch_each),
             *out = tile + count * run;
        memset(out, 0, count * n * sizeof *out);
        for (size_t ta = 0; ta < T; ta++) {
            pack_patches(f, y, mine, (Range){(T - 1 - ta) * run, (T - ta) * run}, tile);
            for (size_t tb = 0; tb < T; tb++)
                for (size_t cls = 0; cls < st * st; cls++) {
                    size_t i = cls / st + st * ta, j = cls % st + st * tb;
                    if (i >= (size_t)s.k || j >= (size_t)s.k) continue;
                    BLAS(gemm)
                    (CblasRowMajor, CblasNoTrans, CblasNoTrans, count, s.c, o, 1,
                     tile + (T - 1 - tb) * o, run, w + (i * s.k + j) * s.c, all, 1, out + cls * s.c,
                     n);
                }
        }
        for (size_t b = 0; b < count; b++) {
            size_t m = mine.first + b, bq = m % f.q, bp = m / f.q % f.p, row = m / f.q / f.p;
            for (size_t rho = 0; rho < st; rho++) {
                ptrdiff_t line = (ptrdiff_t)((bp + a0) * st + rho) - s.top,
                          at = (ptrdiff_t)((bq + b0) * st) - s.left;
                if (line < 0 || line >= s.h) continue;
                size_t lo = clamp(-at, 0, st), hi = clamp(s.w - at, lo, st);
                memcpy(x + (((ptrdiff_t)(row * s.h) + line) * s.w + at + (ptrdiff_t)lo) * s.c,
                       out + b * n + (rho * st + lo) * s.c, (hi - lo) * s.c * sizeof *x);
            }
        }
    }
}

int cpu_conv_reserve(ConvShape s, size_t rows, Error *error) {
    (void)rows;
    size_t T = (s.k + s.stride - 1) / s.stride;
    size_t need = TILE_PIXELS *
                  (larger(TILE_COLUMNS, T * s.o) + (size_t)s.stride * s.stride * s.c) *
                  sizeof(real);
    need = (need + 4095) / 4096 * 4096 + 256;
    if (need > cpu.scratch_each) {
        free(cpu.scratch);
        cpu.scratch = cpu_memory(need * cpu.threads);
        cpu.scratch_each = need;
        if (!cpu.scratch) return error_set(error, EXIT_RESOURCE, "out of memory");
    }
    return 0;
}
