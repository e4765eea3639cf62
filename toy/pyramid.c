#include "pyramid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t pyramid_levels(size_t height, size_t width) {
    size_t levels = 1, side = height < width ? height : width;
    for (; side > 22; side = (side + 1) / 2) levels++;
    return levels;
}

static const double FILTER[5] = {1 / 16.0, 4 / 16.0, 6 / 16.0, 4 / 16.0, 1 / 16.0};

// Where i, up to 2 places outside 0 … n − 1, is mirrored to, n ≥ 2.
static size_t mirrored(ptrdiff_t i, size_t n) {
    ptrdiff_t last = (ptrdiff_t)n - 1;
    while (i < 0 || i > last) i = i < 0 ? -i : 2 * last - i;
    return (size_t)i;
}

void pyramid_down(size_t height, size_t width, size_t c, const double *image, double *out) {
    for (size_t y = 0; y < height; y += 2)
        for (size_t x = 0; x < width; x += 2)
            for (size_t k = 0; k < c; k++, out++) {
                *out = 0;
                for (int i = 0; i < 5; i++)
                    for (int j = 0; j < 5; j++) {
                        size_t row = mirrored((ptrdiff_t)y + i - 2, height),
                               col = mirrored((ptrdiff_t)x + j - 2, width);
                        *out += FILTER[i] * FILTER[j] * image[(row * width + col) * c + k];
                    }
            }
}

void pyramid_up(size_t height, size_t width, size_t c, const double *coarse, double *out) {
    size_t coarse_width = (width + 1) / 2;
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++)
            for (size_t k = 0; k < c; k++, out++) {
                *out = 0;
                for (int i = 0; i < 5; i++)
                    for (int j = 0; j < 5; j++) {
                        size_t row = mirrored((ptrdiff_t)y + i - 2, height),
                               col = mirrored((ptrdiff_t)x + j - 2, width);
                        if (row % 2 || col % 2) continue; // a zero between
                        *out += 4 * FILTER[i] * FILTER[j] *
                                coarse[(row / 2 * coarse_width + col / 2) * c + k];
                    }
            }
}

int pyramid_split(size_t levels, size_t height, size_t width, size_t c, const double *image,
                  double *out) {
    double *up = malloc((height * width * c) * sizeof *up);
    if (!up) return -1;
    memcpy(out, image, height * width * c * sizeof *out);
    for (size_t l = 1; l < levels; l++) {
        size_t size = height * width * c;
        double *below = out + size;
        pyramid_down(height, width, c, out, below);
        pyramid_up(height, width, c, below, up);
        for (size_t i = 0; i < size; i++) out[i] -= up[i];
        out = below, height = (height + 1) / 2, width = (width + 1) / 2;
    }
    free(up);
    return 0;
}

void patches_draw(Rng *rng, size_t height, size_t width, size_t c, const double *image,
                  size_t count, double *patch) {
    for (size_t n = 0; n < count; n++) {
        size_t y = (size_t)rng_below(rng, height - PATCH_SIDE + 1),
               x = (size_t)rng_below(rng, width - PATCH_SIDE + 1);
        for (size_t i = 0; i < PATCH_SIDE; i++, patch += PATCH_SIDE * c)
            memcpy(patch, image + ((y + i) * width + x) * c, PATCH_SIDE * c * sizeof *patch);
    }
}

void patches_normalise(size_t n, size_t c, double *patch) {
    size_t pixels = n * PATCH_SIDE * PATCH_SIDE;
    for (size_t k = 0; k < c; k++) {
        double mean = 0, squares = 0;
        for (size_t i = 0; i < pixels; i++) mean += patch[i * c + k];
        mean /= (double)pixels;
        for (size_t i = 0; i < pixels; i++) {
            double off = patch[i * c + k] -= mean;
            squares += off * off;
        }
        double deviation = sqrt(squares / (double)pixels);
        if (deviation == 0) continue;
        for (size_t i = 0; i < pixels; i++) patch[i * c + k] /= deviation;
    }
}
