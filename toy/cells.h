// Sets of cells: which of the equal cubes of the unit cube a set of points touches, one bit each.
#ifndef TOY_CELLS_H
#define TOY_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The unit cube [0, 1)^dim cut into cells of side 2^−level.
typedef struct {
    unsigned dim, level; // dim · level ≤ CELLS_MAX_BITS
    uint64_t *bits;      // [2^(dim · level)], the last coordinate running fastest
} Cells;

enum { CELLS_MAX_BITS = 30 };

// An empty set; false when memory runs out. Free with cells_free().
bool cells_build(Cells *cells, unsigned dim, unsigned level);
void cells_free(Cells *cells);

// Adds the cells of n points x[n][dim], all inside the cube.
void cells_mark(Cells *cells, size_t n, const double *x);

// Twice the side, level − 1: a cell is in where one of its 2^dim parts was. In place.
void cells_coarsen(Cells *cells);

size_t cells_count(const Cells *cells);
size_t cells_shared(const Cells *a, const Cells *b); // in both; same dim and level

#endif
