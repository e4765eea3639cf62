#include "grid.h"

#include "experiments/common/contract.h"

#include <string.h>

int grid_height(Grid g) {
    return g.rows * (g.height + 1) + 1;
}

int grid_width(Grid g) {
    return g.columns * (g.width + 1) + 1;
}

uint8_t *grid_tile(Grid g, size_t count, const uint8_t *pictures) {
    size_t line = (size_t)g.width * (size_t)g.channels;
    size_t whole = (size_t)grid_width(g) * (size_t)g.channels;
    uint8_t *tiled = allocate((size_t)grid_height(g), whole);
    memset(tiled, 255, (size_t)grid_height(g) * whole);
    for (size_t k = 0; k < count && k < (size_t)g.rows * (size_t)g.columns; k++) {
        size_t top = k / (size_t)g.columns * (size_t)(g.height + 1) + 1;
        size_t left = k % (size_t)g.columns * (size_t)(g.width + 1) + 1;
        for (size_t y = 0; y < (size_t)g.height; y++, pictures += line)
            memcpy(tiled + (top + y) * whole + left * (size_t)g.channels, pictures, line);
    }
    return tiled;
}
