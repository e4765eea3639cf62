// The images of a run: those to train on and those held out.
#ifndef IMAGE_DATA_H
#define IMAGE_DATA_H

#include "nets/images/image_set.h"

#include <stdbool.h>

typedef struct {
    ImageSet set;    // to train on; where the source has no test part, the held-out ones too
    ImageSet test;   // the source's test part
    bool has_test;   // there is one, and held_out is not 0
    size_t held_out; // how many are held out
} ImageData;

// Opens what `request` says. `held_out` images are taken from the source's test part, else kept
// back from the set, then opened larger by as many where it has a limit; at most one in ten of what
// there is. Ends the program as image_set_open() fails; says on stderr how many pictures were left
// out.
void image_data_open(ImageData *, const ImageRequest *request, size_t held_out);
void image_data_close(ImageData *);

// Ends the program with EXIT_DATA where the test part of `source` has images of another shape, or
// classes that the training part has not.
void image_data_match(const ImageSet *set, const ImageSet *test, const char *source);

const ImageSet *image_data_held_out(const ImageData *); // NULL: kept back from the set

// Which image of the set is number k of `of` that are evenly spaced over it: those kept back.
size_t image_data_spaced(const ImageSet *set, size_t k, size_t of);

// What a run was trained on, in a line, for its checkpoints; kept as text() keeps. And how many
// images of `set` the run of such a line kept back: 0 where it had another set, or a test part.
const char *image_data_line(const ImageData *);
size_t image_data_count(const char *line); // images of the set, those kept back too; 0: no line
bool image_data_is(const char *line, const ImageSet *set);
size_t image_data_kept_of(const char *line, const ImageSet *set);

#endif
