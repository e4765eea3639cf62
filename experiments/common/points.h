// Point clouds from text files: a user's own, or the tables that the programs here write.
#ifndef POINTS_H
#define POINTS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    const char *path;
    size_t count, dim;
    double *x;      // [count][dim]
    double *weight; // [count], or NULL
} Points;

// Reads a point per line: coordinates, and last a weight where `weighted`. Cells are separated by
// tabs, else by commas, else by blanks. Empty lines, lines that begin with # and a first row of
// column names are passed over; Windows line ends are accepted. `columns` ("x,y") picks columns by
// name, in that order; NULL takes all.
// The arrays are the caller's to free. Ends the program with EXIT_RESOURCE where the file cannot be
// read, and with EXIT_DATA, naming file, line and column, where it is not a cloud of finite points
// with weights ≥ 0 that add up to more than 0.
Points points_read(const char *path, const char *columns, bool weighted);

#endif
