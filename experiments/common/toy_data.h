// Where the points of a training run come from: a set of the papers, without end, or a file of the
// user's, of which a fifth, chosen at random, is held out.
#ifndef TOY_DATA_H
#define TOY_DATA_H

#include "toy/rng.h"
#include "toy/sets.h"

typedef struct {
    const char *name;
    size_t dim;
    bool endless; // `set`, drawn anew each time; else `count` points of a file
    SetKind set;
    size_t count;
    double *x;       // [count][dim], a file's, shuffled: the order of a file means nothing
    uint64_t digest; // of a file's points in its order: another content, another number
} ToyData;

// "ring8", "grid25", "swissroll", else a file as points.h reads it, with `columns`. Ends the
// program with EXIT_RESOURCE or EXIT_DATA where it cannot be read or has fewer than ten points.
ToyData toy_data_open(const char *name, const char *columns);
void toy_data_free(ToyData *);

// n points to train on, into x[n][dim]; a file's are drawn with replacement.
void toy_data_draw(const ToyData *, Rng *, size_t n, double *x);

// n points that training does not see; of a file, its held-out points, again from the first when
// they are used up.
void toy_data_held_out(const ToyData *, Rng *, size_t n, double *x);

#endif
