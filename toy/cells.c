#include "cells.h"

#include <assert.h>
#include <stdlib.h>

static size_t word_count(const Cells *cells) {
    return (((size_t)1 << (cells->dim * cells->level)) + 63) / 64;
}

bool cells_build(Cells *cells, unsigned dim, unsigned level) {
    assert(dim > 0 && dim * level <= CELLS_MAX_BITS);
    *cells = (Cells){.dim = dim, .level = level};
    cells->bits = calloc(word_count(cells), sizeof *cells->bits);
    return cells->bits != NULL;
}

void cells_free(Cells *cells) {
    free(cells->bits);
    cells->bits = NULL;
}

static void add(Cells *cells, size_t cell) {
    cells->bits[cell / 64] |= (uint64_t)1 << cell % 64;
}

void cells_mark(Cells *cells, size_t n, const double *x) {
    double side = (double)((size_t)1 << cells->level);
    for (size_t i = 0; i < n; i++) {
        size_t cell = 0;
        for (unsigned j = 0; j < cells->dim; j++) {
            double value = x[i * cells->dim + j];
            assert(value >= 0 && value < 1);
            cell = cell << cells->level | (size_t)(value * side);
        }
        add(cells, cell);
    }
}

// The cell of the next coarser level that holds `cell`: the last bit of each coordinate goes.
static size_t parent(const Cells *cells, size_t cell) {
    size_t mask = ((size_t)1 << cells->level) - 1, above = 0;
    for (unsigned j = cells->dim; j-- > 0;)
        above = above << (cells->level - 1) | (cell >> (j * cells->level) & mask) >> 1;
    return above;
}

// In place: a word is read and emptied before its cells, which all have smaller indices or its own,
// are put back.
void cells_coarsen(Cells *cells) {
    assert(cells->level > 0);
    size_t words = word_count(cells);
    Cells coarse = *cells;
    coarse.level--;
    for (size_t w = 0; w < words; w++) {
        uint64_t left = cells->bits[w];
        cells->bits[w] = 0;
        for (; left; left &= left - 1)
            add(&coarse, parent(cells, 64 * w + (size_t)__builtin_ctzll(left)));
    }
    *cells = coarse;
}

size_t cells_count(const Cells *cells) {
    return cells_shared(cells, cells);
}

size_t cells_shared(const Cells *a, const Cells *b) {
    assert(a->dim == b->dim && a->level == b->level);
    size_t count = 0;
    for (size_t w = 0; w < word_count(a); w++)
        count += (size_t)__builtin_popcountll(a->bits[w] & b->bits[w]);
    return count;
}
