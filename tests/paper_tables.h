// Reading the reference tables under plots/paper, for tests that ask whether a program's judge says
// of their rows what their claims say.
#ifndef TESTS_PAPER_TABLES_H
#define TESTS_PAPER_TABLES_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TABLE_CELLS = 16, TABLE_LINE = 4096 };

typedef struct {
    FILE *file;
    char line[TABLE_LINE];
    char *cell[TABLE_CELLS]; // of the row read last
} Table;

// False at the end.
static inline bool table_next(Table *t) {
    do {
        if (!fgets(t->line, sizeof t->line, t->file)) return fclose(t->file), false;
    } while (*t->line == '#');
    t->line[strcspn(t->line, "\n")] = 0;
    char *rest = t->line;
    for (int k = 0; k < TABLE_CELLS && rest; k++) t->cell[k] = strsep(&rest, "\t");
    return true;
}

// The names of the columns are read already.
static inline Table table_open(const char *path) {
    Table t = {.file = fopen(path, "r")};
    if (!t.file || !table_next(&t)) {
        fprintf(stderr, "cannot read %s\n", path);
        abort();
    }
    return t;
}

static inline double table_number(const Table *t, int cell) {
    return strtod(t->cell[cell], NULL);
}

enum { CLAIM_MEASURED = 1, CLAIM_VERDICT = 5 }; // cells of a claims table

#endif
