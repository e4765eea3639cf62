#include "neighbours.h"

#include "experiments/common/contract.h"
#include "grid.h"
#include "nets/images/picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Squares are at most 65025: PIECE of them stay below 2^31.
static uint64_t squared_distance(size_t size, const uint8_t *x, const uint8_t *y) {
    enum { PIECE = 1 << 15 };
    uint64_t sum = 0;
    for (size_t first = 0; first < size; first += PIECE) {
        size_t end = size - first < PIECE ? size : first + PIECE;
        int32_t part = 0;
        for (size_t i = first; i < end; i++) {
            int16_t off = (int16_t)(x[i] - y[i]);
            part += off * off;
        }
        sum += (uint32_t)part;
    }
    return sum;
}

void neighbours_find(size_t n, const ImageSet *images, const ImageSet *among, int threads,
                     Neighbour *nearest) {
    size_t size = (size_t)images->height * (size_t)images->width * (size_t)images->channels;
    // a group of images per pass over the others, which are read from memory once for all of it
    enum { GROUP = 16 };
#pragma omp parallel for schedule(dynamic) num_threads(threads > 0 ? threads : 1)
    for (size_t group = 0; group < n; group += GROUP) {
        size_t count = n - group < GROUP ? n - group : GROUP;
        uint64_t least[GROUP];
        for (size_t i = 0; i < count; i++) least[i] = UINT64_MAX;
        for (size_t k = 0; k < among->count; k++)
            for (size_t i = 0; i < count; i++) {
                uint64_t d = squared_distance(size, images->pixels + (group + i) * size,
                                              among->pixels + k * size);
                if (d < least[i]) least[i] = d, nearest[group + i].neighbour = k;
            }
        for (size_t i = 0; i < count; i++)
            nearest[group + i].image = group + i,
                            nearest[group + i].distance = sqrt((double)least[i]) / 127.5;
    }
}

static int by_distance(const void *left, const void *right) {
    const Neighbour *p = left, *q = right;
    return p->distance != q->distance ? (p->distance > q->distance) - (p->distance < q->distance)
                                      : (p->image > q->image) - (p->image < q->image);
}

void neighbours_sort(size_t n, Neighbour *nearest) {
    qsort(nearest, n, sizeof *nearest, by_distance);
}

// Copies a picture, each pixel `scale` times as large, into place (top, left) of one `width` wide.
static void paint(const ImageSet *set, size_t index, int scale, uint8_t *out, int width, int left) {
    size_t c = (size_t)set->channels, w = (size_t)set->width;
    const uint8_t *from = set->pixels + index * (size_t)set->height * w * c;
    for (size_t y = 0; y < (size_t)(set->height * scale); y++)
        for (size_t x = 0; x < w * (size_t)scale; x++)
            memcpy(out + ((y + 1) * (size_t)width + (size_t)left + x) * c,
                   from + (y / (size_t)scale * w + x / (size_t)scale) * c, c);
}

void neighbours_draw(const char *path, const ImageSet *images, const ImageSet *among, size_t n,
                     const Neighbour *sorted) {
    enum { ROWS = 6, COLUMNS = 6 };
    int scale = images->height >= 64 ? 1 : (64 + images->height - 1) / images->height;
    int w = images->width * scale, h = images->height * scale;
    Grid grid = {ROWS, COLUMNS, h + 2, 2 * w + 5, images->channels};
    size_t tile = (size_t)(grid.height * grid.width * grid.channels);
    size_t shown = n < ROWS * COLUMNS ? n : ROWS * COLUMNS;
    uint8_t *pairs = allocate(shown, tile);
    memset(pairs, 160, shown * tile); // a grey frame: pictures may be black or white at the edge
    for (size_t k = 0; k < shown; k++) {
        size_t rank = shown > 1 ? k * (n - 1) / (shown - 1) : 0;
        paint(images, sorted[rank].image, scale, pairs + k * tile, grid.width, 2);
        paint(among, sorted[rank].neighbour, scale, pairs + k * tile, grid.width, w + 3);
    }
    uint8_t *pixels = grid_tile(grid, shown, pairs);
    Error error;
    int status =
        picture_write(path, grid_height(grid), grid_width(grid), grid.channels, pixels, &error);
    if (status) fail(status, "%s", error.text);
    free(pixels), free(pairs);
}
