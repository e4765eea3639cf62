// The lines of a recipe (recipe.h), whatever its settings mean.
#ifndef RECIPE_PARSE_H
#define RECIPE_PARSE_H

#include "kernels/error.h"

#include <stdio.h>

// In bytes; inih reads lines of up to 197, and cuts names of more than 49 where a value goes on.
enum { RECIPE_LINE = 190, RECIPE_NAME = 49, RECIPE_ENTRIES = 128 };

typedef struct {
    char *name, *value; // owned; of a value that goes on, the lines with a blank between
    int line;           // where it begins, from 1
} RecipeEntry;

typedef struct {
    RecipeEntry entry[RECIPE_ENTRIES];
    int count;
} Recipe;

// Reads to the end of `stream`. Returns 0; EXIT_USAGE with `PATH:LINE: reason` for a line that is
// neither NAME = VALUE nor a comment, a section, a missing, overlong or repeated name, a zero byte,
// a line of more than 190 bytes, a ; that would begin a comment in the middle of a line, or too
// many entries; EXIT_RESOURCE. What failed needs no recipe_free().
int recipe_parse(Recipe *, const char *path, FILE *stream, Error *error);
void recipe_free(Recipe *);

#endif
