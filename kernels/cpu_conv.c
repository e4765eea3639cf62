// Convolutions on the CPU: patches are packed tile by tile into the cache and multiplied there.
//
// A patch is what a map pixel sees of the image, k·k·c numbers in the order of the weights; a tile
// is TILE_ROWS patches by TILE_COLS of their columns. With P[pixels][k·k·c] for all patches,
//   forward   Y = P·Wᵀ         weights   W += Yᵀ·P         data   see cpu_conv_data()
// and P is never in memory as a whole. A product's operand that is the same for all tiles, the
// weights, is packed once per call: panels of BLOCK_COLS columns, [panel][k][BLOCK_COLS].
#include "cpu.h"
#include "cpu_tile.h"

#include <stdlib.h>

static size_t patch_size(ConvShape s) {
    return (size_t)s.k * (size_t)s.k * (size_t)s.c;
}

static size_t map_pixels(ConvShape s, size_t rows) {
    return rows * (size_t)s.p * (size_t)s.q;
}

// ---- Patches ------------------------------------------------------------------------------------

static size_t clamp(ptrdiff_t value, size_t low, size_t high) {
    return value < (ptrdiff_t)low ? low : value > (ptrdiff_t)high ? high : (size_t)value;
}

// One line of a patch, [first, end) of its k·c numbers, of which the image's line has width·c from
// `left`·c on (left may be negative); the rest is 0. line NULL: all of it is outside.
static void pack_line(const real *line, ptrdiff_t left, ptrdiff_t width, ptrdiff_t c, size_t first,
                      size_t end, real *to) {
    size_t from = line ? clamp(-left * c, first, end) : end;
    size_t till = line ? clamp((width - left) * c, from, end) : end;
    if (from > first) memset(to, 0, (from - first) * sizeof *to);
    if (till > from)
        memcpy(to + (from - first), line + left * c + (ptrdiff_t)from, (till - from) * sizeof *to);
    if (end > till) memset(to + (till - first), 0, (end - till) * sizeof *to);
}

// tile[pixel][col] = P[pixels.first + pixel][cols.first + col].
static void pack_patches(ConvShape s, const real *x, Range pixels, Range cols, real *tile) {
    size_t run = (size_t)s.k * (size_t)s.c;
    for (size_t n = pixels.first; n < pixels.end; n++, tile += TILE_PITCH) {
        size_t q = n % (size_t)s.q, p = n / (size_t)s.q % (size_t)s.p;
        const real *image = x + n / (size_t)s.q / (size_t)s.p * (size_t)(s.h * s.w * s.c);
        ptrdiff_t left = (ptrdiff_t)q * s.stride - s.left;
        real *to = tile;
        for (size_t i = cols.first / run; i * run < cols.end; i++) {
            size_t first = larger(cols.first, i * run) - i * run;
            size_t end = smaller(cols.end, (i + 1) * run) - i * run;
            ptrdiff_t h = (ptrdiff_t)(p * (size_t)s.stride + i) - s.top;
            const real *line = h >= 0 && h < s.h ? image + h * s.w * s.c : NULL;
            pack_line(line, left, s.w, s.c, first, end, to);
            to += end - first;
        }
    }
}

// ---- Tiles --------------------------------------------------------------------------------------

// Pixels per tile: at most TILE_ROWS, whole blocks, and such that every thread gets as many tiles.
static size_t tile_rows(size_t pixels) {
    size_t threads = (size_t)cpu.threads;
    size_t tiles = larger(ceil_div(ceil_div(pixels, TILE_ROWS), threads), 1) * threads;
    return larger(ceil_div(ceil_div(pixels, tiles), BLOCK_ROWS), 1) * BLOCK_ROWS;
}

// ---- Forward ------------------------------------------------------------------------------------

// Panels of Wᵀ. Threads share them, in pieces.
static void pack_forward(size_t o, size_t all, const real *w, real *packed) {
    enum { PIECE = 64 };
#pragma omp for collapse(2)
    for (size_t panel = 0; panel < panels(o); panel++)
        for (size_t piece = 0; piece < all; piece += PIECE) {
            size_t n = panel * BLOCK_COLS;
            pack_panel_turned(smaller(PIECE, all - piece), smaller(o - n, BLOCK_COLS),
                              w + n * all + piece, all,
                              packed + (panel * all + piece) * BLOCK_COLS);
        }
}

void cpu_conv_forward(ConvShape s, size_t rows, const real *x, const real *w, real *y) {
    size_t pixels = map_pixels(s, rows), step = tile_rows(pixels);
    size_t all = patch_size(s), chunks = ceil_div(all, TILE_COLS), o = (size_t)s.o;
    real *packed = (real *)cpu.scratch;
#pragma omp parallel num_threads(cpu.threads)
    {
        real *tile = tile_of(omp_get_thread_num());
        pack_forward(o, all, w, packed);
#pragma omp for schedule(dynamic)
        for (size_t first = 0; first < pixels; first += step) {
            Range mine = {first, smaller(first + step, pixels)};
            for (size_t chunk = 0; chunk < chunks; chunk++) {
                Range cols = share_of(all, chunk, chunks);
                pack_patches(s, x, mine, cols, tile);
                for (size_t n = 0; n < o; n += BLOCK_COLS) {
                    const real *panel = packed + (n / BLOCK_COLS * all + cols.first) * BLOCK_COLS;
                    tile_panel(
                        (TileProduct){.lay = A_TILE,
                                      .k = cols.end - cols.first,
                                      .a = tile,
                                      .a_pitch = TILE_PITCH,
                                      .b = panel,
                                      .b_pitch = BLOCK_COLS,
                                      .next = n + BLOCK_COLS < o ? panel + all * BLOCK_COLS : NULL,
                                      .add = chunk > 0,
                                      .c = y + mine.first * o + n,
                                      .c_pitch = o},
                        mine.end - mine.first, smaller(o - n, BLOCK_COLS));
                }
            }
        }
    }
}

// ---- Weights ------------------------------------------------------------------------------------

// Threads share the columns of W. Where there are too few columns they share the pixels too, and
// each has sums of its own, which are added in order.
typedef struct {
    size_t chunks, parts; // of the columns, of the pixels
} Split;

enum { WEIGHT_COLS = 2 * TILE_COLS }; // of one part: the map, packed once, meets two tiles

static Split split_weights(ConvShape s) {
    size_t threads = (size_t)cpu.threads, all = patch_size(s);
    if (panels(all) < 4 * threads) return (Split){ceil_div(all, WEIGHT_COLS), threads};
    return (Split){ceil_div(ceil_div(all, WEIGHT_COLS), threads) * threads, 1};
}

// w[o][cols] += Yᵀ·P over the pixels of one tile; map: y's channels in blocks.
static void weights_tile(ConvShape s, Range pixels, Range cols, const real *x, const real *map,
                         real *tile, real *w) {
    size_t all = patch_size(s);
    pack_patches(s, x, pixels, cols, tile);
    for (size_t n = cols.first; n < cols.end; n += BLOCK_COLS)
        tile_panel((TileProduct){.lay = A_BLOCKS,
                                 .k = pixels.end - pixels.first,
                                 .a = map,
                                 .b = tile + (n - cols.first),
                                 .b_pitch = TILE_PITCH,
                                 .add = true,
                                 .c = w + n,
                                 .c_pitch = all},
                   (size_t)s.o, smaller(cols.end - n, BLOCK_COLS));
}

// The same over more pixels and columns, on the calling thread.
static void weights_part(ConvShape s, Range pixels, Range cols, const real *x, const real *y,
                         real *w) {
    size_t o = (size_t)s.o;
    real *tile = tile_of(omp_get_thread_num()), *map = tile + TILE_ROWS * TILE_PITCH;
    for (size_t from = pixels.first; from < pixels.end; from += TILE_ROWS) {
        Range here = {from, smaller(from + TILE_ROWS, pixels.end)};
        pack_blocks(here.end - from, o, y + from * o, o, map);
        for (size_t n = cols.first; n < cols.end; n += TILE_COLS)
            weights_tile(s, here, (Range){n, smaller(n + TILE_COLS, cols.end)}, x, map, tile, w);
    }
}

void cpu_conv_weights(ConvShape s, size_t rows, const real *x, const real *y, real *w) {
    size_t all = patch_size(s), size = (size_t)s.o * all, pixels = map_pixels(s, rows);
    Split split = split_weights(s);
    real *partial = (real *)cpu.scratch;
#pragma omp parallel num_threads(cpu.threads)
    {
#pragma omp for schedule(dynamic)
        for (size_t job = 0; job < split.chunks * split.parts; job++) {
            size_t chunk = job / split.parts, part = job % split.parts;
            Range cols = share_of(panels(all), chunk, split.chunks);
            cols = (Range){cols.first * BLOCK_COLS, smaller(cols.end * BLOCK_COLS, all)};
            real *to = split.parts == 1 ? w : partial + part * size;
            if (split.parts > 1)
                for (size_t o = 0; o < (size_t)s.o; o++)
                    memset(to + o * all + cols.first, 0, (cols.end - cols.first) * sizeof *to);
            weights_part(s, share_of(pixels, part, split.parts), cols, x, y, to);
        }
        if (split.parts > 1) {
#pragma omp for simd
            for (size_t i = 0; i < size; i++)
                for (size_t part = 0; part < split.parts; part++) w[i] += partial[part * size + i];
        }
    }
}

// ---- Data ---------------------------------------------------------------------------------------

// The image falls into blocks of stride×stride pixels. Line h = stride·a + r of it is reached from
// map line a + first + u by tap i = r + top − stride·(first + u), wherever 0 <= i < k; the u for
// which that holds for any residue r are 0 … lines − 1. So block (a, b) has one patch of the map,
// lines·lines·o numbers, for all its pixels: a convolution over the map with stride 1. Each residue
// (r, q) of the pixels has weights of its own, and uses of the patch only the taps that it has.
typedef struct {
    ConvShape over; // image: the map; map: the blocks; k: lines
    size_t patch;   // lines·lines·o
    size_t width;   // columns of the result: stride·stride·c, (r, q, c)
    size_t pitch;   // between its rows: not a power of two
} Blocks;

// Rounded up, for any sign of a.
static int ceil_div_signed(int a, int b) {
    return a > 0 ? (a + b - 1) / b : -(-a / b);
}

static Blocks blocks_of(ConvShape s) {
    int above = ceil_div_signed(s.top - s.k + 1, s.stride);
    int before = ceil_div_signed(s.left - s.k + 1, s.stride);
    int below = (s.stride - 1 + s.top) / s.stride, behind = (s.stride - 1 + s.left) / s.stride;
    int lines = below - above > behind - before ? below - above + 1 : behind - before + 1;
    Blocks g = {.over = {.h = s.p,
                         .w = s.q,
                         .c = s.o,
                         .p = ceil_div_signed(s.h, s.stride),
                         .q = ceil_div_signed(s.w, s.stride),
                         .k = lines > 1 ? lines : 1,
                         .stride = 1,
                         .top = -above,
                         .left = -before},
                .width = (size_t)(s.stride * s.stride * s.c)};
    g.patch = patch_size(g.over);
    g.pitch = g.width + TILE_PITCH - TILE_COLS;
    return g;
}

// The tap that joins residue r to line u of the patch; may lie outside 0 … k − 1. `pad` and `first`
// are the top and first line, or the left and first column, of the convolution and of the patch.
static int tap(ConvShape s, int pad, int first, size_t r, size_t u) {
    return (int)r + pad - s.stride * (first + (int)u);
}

static bool is_tap(ConvShape s, int i) {
    return i >= 0 && i < s.k;
}

// packed[residue][panel of c][patch][BLOCK_COLS]; rows without a tap are never read.
static void pack_data(ConvShape s, const Blocks *g, const real *w, real *packed) {
    size_t c = (size_t)s.c, o = (size_t)s.o, lines = (size_t)g->over.k, stride = (size_t)s.stride;
    size_t all = panels(c) * stride * stride;
#pragma omp for collapse(2)
    for (size_t panel = 0; panel < all; panel++)
        for (size_t line = 0; line < lines * lines; line++) {
            size_t residue = panel / panels(c), from = panel % panels(c) * BLOCK_COLS;
            int i = tap(s, s.top, -g->over.top, residue / stride, line / lines);
            int j = tap(s, s.left, -g->over.left, residue % stride, line % lines);
            if (!is_tap(s, i) || !is_tap(s, j)) continue;
            pack_panel(o, smaller(c - from, BLOCK_COLS), w + (size_t)(i * s.k + j) * c + from,
                       patch_size(s), packed + (panel * g->patch + line * o) * BLOCK_COLS);
        }
}

// out[count][pitch] += what columns `cols` of line `line` of the patches, in `tile`, give.
static void data_product(ConvShape s, const Blocks *g, size_t line, Range cols, size_t count,
                         const real *tile, const real *packed, real *out) {
    size_t c = (size_t)s.c, o = (size_t)s.o, stride = (size_t)s.stride, lines = (size_t)g->over.k;
    for (size_t residue = 0; residue < stride * stride; residue++) {
        if (!is_tap(s, tap(s, s.top, -g->over.top, residue / stride, line))) continue;
        size_t from = 0, end = lines;
        while (from < end && !is_tap(s, tap(s, s.left, -g->over.left, residue % stride, from)))
            from++;
        while (end > from && !is_tap(s, tap(s, s.left, -g->over.left, residue % stride, end - 1)))
            end--;
        from = larger(from * o, cols.first), end = smaller(end * o, cols.end);
        for (size_t panel = 0; panel < panels(c) && from < end; panel++) {
            size_t row = (residue * panels(c) + panel) * g->patch + line * lines * o + from;
            tile_panel((TileProduct){.lay = A_TILE,
                                     .k = end - from,
                                     .a = tile + (from - cols.first),
                                     .a_pitch = TILE_PITCH,
                                     .b = packed + row * BLOCK_COLS,
                                     .b_pitch = BLOCK_COLS,
                                     .next = panel + 1 < panels(c)
                                                 ? packed + (row + g->patch) * BLOCK_COLS
                                                 : NULL,
                                     .add = true,
                                     .c = out + residue * c + panel * BLOCK_COLS,
                                     .c_pitch = g->pitch},
                       count, smaller(c - panel * BLOCK_COLS, BLOCK_COLS));
        }
    }
}

// Blocks into the image, less what hangs over its edges.
static void unpack_blocks(ConvShape s, const Blocks *g, Range blocks, const real *out, real *x) {
    size_t stride = (size_t)s.stride, c = (size_t)s.c, across = (size_t)g->over.q;
    for (size_t n = blocks.first; n < blocks.end; n++, out += g->pitch)
        for (size_t r = 0; r < stride; r++) {
            size_t row = n / across / (size_t)g->over.p,
                   h = n / across % (size_t)g->over.p * stride + r;
            size_t v = n % across * stride, pixels = smaller(stride, (size_t)s.w - v);
            if (h < (size_t)s.h)
                memcpy(x + ((row * (size_t)s.h + h) * (size_t)s.w + v) * c, out + r * stride * c,
                       pixels * c * sizeof *x);
        }
}

// Few image channels would fill only a fraction of a panel for each residue. Then it is better to
// take Y·W, all that a map pixel gives to the k·k·c numbers that it touches, and to add these up in
// the image. Threads share the rows of the batch, so that no two of them add to one pixel.
static bool few_channels(ConvShape s) {
    enum { MOST_COLUMNS = 1024 };
    return s.c < LANES && patch_size(s) <= MOST_COLUMNS;
}

// Panels of W as it is: packed[panel][o][BLOCK_COLS].
static void pack_columns(size_t o, size_t all, const real *w, real *packed) {
#pragma omp for
    for (size_t panel = 0; panel < panels(all); panel++)
        pack_panel(o, smaller(all - panel * BLOCK_COLS, BLOCK_COLS), w + panel * BLOCK_COLS, all,
                   packed + panel * o * BLOCK_COLS);
}

// Adds the patch of map pixel (p, q) to the image.
static void add_patch(ConvShape s, size_t p, size_t q, const real *patch, real *image) {
    ptrdiff_t left = (ptrdiff_t)q * s.stride - s.left;
    size_t c = (size_t)s.c, run = (size_t)s.k * c;
    size_t from = clamp(-left, 0, (size_t)s.k) * c,
           end = clamp(s.w - left, from / c, (size_t)s.k) * c;
    for (size_t i = 0; i < (size_t)s.k; i++, patch += run) {
        ptrdiff_t h = (ptrdiff_t)(p * (size_t)s.stride + i) - s.top;
        if (h < 0 || h >= s.h) continue;
        real *line = image + (h * s.w + left) * s.c;
#pragma omp simd
        for (size_t e = from; e < end; e++) line[e] += patch[e];
    }
}

// One row of the batch, on the calling thread.
static void few_channels_row(ConvShape s, size_t row, const real *y, const real *packed, real *x) {
    ConvShape map = {.h = s.p, .w = s.q, .c = s.o, .p = s.p, .q = s.q, .k = 1, .stride = 1};
    size_t all = patch_size(s), o = (size_t)s.o, chunks = ceil_div(o, TILE_COLS);
    size_t pixels = map_pixels(s, 1), image_size = (size_t)(s.h * s.w * s.c);
    real *tile = tile_of(omp_get_thread_num()), *out = tile + TILE_ROWS * TILE_PITCH;
    real *image = x + row * image_size;
    memset(image, 0, image_size * sizeof *image);
    for (size_t first = 0; first < pixels; first += TILE_ROWS) {
        size_t count = smaller(TILE_ROWS, pixels - first), start = row * pixels + first;
        for (size_t chunk = 0; chunk < chunks; chunk++) {
            Range cols = share_of(o, chunk, chunks);
            pack_patches(map, y, (Range){start, start + count}, cols, tile);
            for (size_t n = 0; n < all; n += BLOCK_COLS)
                tile_panel(
                    (TileProduct){.lay = A_TILE,
                                  .k = cols.end - cols.first,
                                  .a = tile,
                                  .a_pitch = TILE_PITCH,
                                  .b = packed + (n / BLOCK_COLS * o + cols.first) * BLOCK_COLS,
                                  .b_pitch = BLOCK_COLS,
                                  .add = chunk > 0,
                                  .c = out + n,
                                  .c_pitch = all},
                    count, smaller(all - n, BLOCK_COLS));
        }
        for (size_t n = first; n < first + count; n++, out += all)
            add_patch(s, n / (size_t)s.q, n % (size_t)s.q, out, image);
        out -= count * all;
    }
}

static void data_of_few_channels(ConvShape s, size_t rows, const real *y, const real *w, real *x) {
    real *packed = (real *)cpu.scratch;
#pragma omp parallel num_threads(cpu.threads)
    {
        pack_columns((size_t)s.o, patch_size(s), w, packed);
#pragma omp for schedule(dynamic)
        for (size_t row = 0; row < rows; row++) few_channels_row(s, row, y, packed, x);
    }
}

void cpu_conv_data(ConvShape s, size_t rows, const real *y, const real *w, real *x) {
    if (few_channels(s)) {
        data_of_few_channels(s, rows, y, w, x);
        return;
    }
    Blocks g = blocks_of(s);
    size_t blocks = map_pixels(g.over, rows), step = tile_rows(blocks);
    size_t run = (size_t)g.over.k * (size_t)s.o, chunks = ceil_div(run, TILE_COLS);
    real *packed = (real *)cpu.scratch;
#pragma omp parallel num_threads(cpu.threads)
    {
        real *tile = tile_of(omp_get_thread_num()), *out = tile + TILE_ROWS * TILE_PITCH;
        pack_data(s, &g, w, packed);
#pragma omp for schedule(dynamic)
        for (size_t first = 0; first < blocks; first += step) {
            Range mine = {first, smaller(first + step, blocks)};
            size_t count = mine.end - mine.first;
            memset(out, 0, count * g.pitch * sizeof *out);
            for (size_t piece = 0; piece < (size_t)g.over.k * chunks; piece++) {
                size_t line = piece / chunks;
                Range cols = share_of(run, piece % chunks, chunks);
                Range whole = {line * run + cols.first, line * run + cols.end};
                pack_patches(g.over, y, mine, whole, tile);
                data_product(s, &g, line, cols, count, tile, packed, out);
            }
            unpack_blocks(s, &g, mine, out, x);
        }
    }
}

// ---- Reserve ------------------------------------------------------------------------------------

int cpu_conv_reserve(ConvShape s, size_t rows, Error *error) {
    (void)rows; // tiles are of one size, however many there are
    Blocks g = blocks_of(s);
    Split split = split_weights(s);
    size_t all = patch_size(s), o = (size_t)s.o, residues = (size_t)(s.stride * s.stride);
    size_t forward = panels(o) * all * BLOCK_COLS;
    size_t data = residues * panels((size_t)s.c) * g.patch * BLOCK_COLS;
    size_t width = larger(g.pitch, o + BLOCK_ROWS); // of what lies beside a tile
    if (few_channels(s)) data = panels(all) * o * BLOCK_COLS, width = larger(width, all);
    size_t weights = split.parts > 1 ? split.parts * o * all : 0;
    size_t shared = larger(forward, larger(data, weights)) * sizeof(real);
    size_t each = TILE_ROWS * (TILE_PITCH + width) * sizeof(real);
    if (!cpu_reserve_scratch(shared, each))
        return error_set(error, EXIT_RESOURCE, "out of memory: scratch of a convolution");
    return EXIT_OK;
}
