// Many small pictures as one.
#ifndef GRID_H
#define GRID_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    int rows, columns;           // of pictures
    int height, width, channels; // of each
} Grid;

// Pixels of the whole: one white line between pictures and around them.
int grid_height(Grid grid);
int grid_width(Grid grid);

// `count` pictures, row by row, into a new array of grid_height()·grid_width()·channels bytes that
// the caller frees; places without a picture are white.
uint8_t *grid_tile(Grid grid, size_t count, const uint8_t *pictures);

#endif
