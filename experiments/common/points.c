#include "points.h"
#include "contract.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A line of the file, cut into cells.
typedef struct {
    const char *path;
    size_t number; // of the line, from 1
    char *line;
    size_t room;
    char **cells;
    size_t count, cell_room;
} Reader;

// Which cells of a row are wanted: cell[0 .. count-1], the last one a weight if there are any.
typedef struct {
    size_t *cell, count;
} Selection;

#define BAD(reader, ...)                                                                           \
    fail(EXIT_DATA, "%s:%zu: %s", (reader)->path, (reader)->number, text(__VA_ARGS__))

static char *trim(char *cell) {
    cell += strspn(cell, " ");
    size_t length = strlen(cell);
    while (length && cell[length - 1] == ' ') length--;
    cell[length] = '\0';
    return cell;
}

static void add_cell(Reader *r, char *cell) {
    if (r->count == r->cell_room) {
        r->cell_room = 2 * r->cell_room + 16;
        r->cells = realloc(r->cells, r->cell_room * sizeof *r->cells);
        if (!r->cells) fail(EXIT_RESOURCE, "out of memory");
    }
    r->cells[r->count++] = trim(cell);
}

static void cut(Reader *r, char *line) {
    r->count = 0;
    const char *separator = strchr(line, '\t') ? "\t" : strchr(line, ',') ? "," : NULL;
    char *rest = line;
    if (separator)
        while (rest) add_cell(r, strsep(&rest, separator));
    else
        for (char *cell = strtok_r(line, " ", &rest); cell; cell = strtok_r(NULL, " ", &rest))
            add_cell(r, cell);
}

// Unix line ends, or Windows ones.
static void cut_line_end(char *line) {
    size_t length = strlen(line);
    if (length && line[length - 1] == '\n') line[--length] = '\0';
    if (length && line[length - 1] == '\r') line[--length] = '\0';
}

// The next line with content, cut; false at the end of the file.
static bool next_row(Reader *r, FILE *file) {
    ssize_t length;
    while (errno = 0, (length = getline(&r->line, &r->room, file)) >= 0) {
        r->number++;
        char *line = r->line;
        if (strlen(line) != (size_t)length) BAD(r, "a zero byte at column %zu", strlen(line) + 1);
        if (r->number == 1 && strncmp(line, "\xef\xbb\xbf", 3) == 0) line += 3; // byte order mark
        cut_line_end(line);
        if (strchr(line, '\r'))
            BAD(r, "a carriage return inside the line: the file has another system's line ends");
        size_t blank = strspn(line, " ");
        if (line[blank] == '\0' || line[blank] == '#') continue;
        cut(r, line);
        return true;
    }
    if (ferror(file)) fail(EXIT_RESOURCE, "cannot read %s: %s", r->path, strerror(errno));
    return false;
}

static bool is_number(const char *cell, double *value) {
    char *end;
    *value = strtod(cell, &end);
    return end != cell && *end == '\0';
}

// Nothing in it is a number, nor begins like one: "1.5.0" is a mistake and not a name.
static bool is_row_of_names(const Reader *r) {
    double value;
    for (size_t k = 0; k < r->count; k++)
        if (is_number(r->cells[k], &value) || strchr("+-.0123456789", *r->cells[k])) return false;
    return true;
}

static Selection select_all(size_t count) {
    Selection s = {allocate(count, sizeof *s.cell), count};
    for (size_t k = 0; k < count; k++) s.cell[k] = k;
    return s;
}

static Selection select_by_name(const Reader *r, const char *columns) {
    char *list = strdup(columns), *rest = list;
    if (!list) fail(EXIT_RESOURCE, "out of memory");
    Selection s = {allocate(strlen(columns) + 1, sizeof *s.cell), 0};
    for (char *name; (name = strsep(&rest, ",")); s.count++) {
        size_t matches = 0;
        for (size_t k = 0; k < r->count; k++)
            if (strcmp(r->cells[k], name) == 0) s.cell[s.count] = k, matches++;
        if (matches == 0) BAD(r, "no column is named '%s'", name);
        if (matches > 1) BAD(r, "%zu columns are named '%s'", matches, name);
    }
    free(list);
    return s;
}

static double number_at(const Reader *r, size_t cell) {
    double value;
    const char *content = r->cells[cell];
    if (*content == '\0') BAD(r, "column %zu: empty", cell + 1);
    if (!is_number(content, &value)) BAD(r, "column %zu: '%s' is not a number", cell + 1, content);
    if (!isfinite(value)) BAD(r, "column %zu: '%s' is not a finite number", cell + 1, content);
    return value;
}

static void add_point(Points *p, size_t *room, const Reader *r, const Selection *s, bool weighted) {
    if (p->count == *room) {
        *room = 2 * *room + 64;
        p->x = realloc(p->x, *room * (p->dim ? p->dim : 1) * sizeof *p->x);
        p->weight = weighted ? realloc(p->weight, *room * sizeof *p->weight) : NULL;
        if (!p->x || (weighted && !p->weight)) fail(EXIT_RESOURCE, "out of memory");
    }
    for (size_t k = 0; k < p->dim; k++) p->x[p->count * p->dim + k] = number_at(r, s->cell[k]);
    if (weighted) {
        double weight = number_at(r, s->cell[p->dim]);
        if (weight < 0)
            BAD(r, "column %zu: the weight %g is negative", s->cell[p->dim] + 1, weight);
        p->weight[p->count] = weight;
    }
    p->count++;
}

static void check_total(const Points *p) {
    double total = 0;
    for (size_t i = 0; i < p->count; i++) total += p->weight[i];
    if (total == 0) fail(EXIT_DATA, "%s: the weights add up to 0", p->path);
    if (!isfinite(total))
        fail(EXIT_DATA, "%s: the weights add up to more than a double holds", p->path);
}

Points points_read(const char *path, const char *columns, bool weighted) {
    FILE *file = fopen(path, "r");
    if (!file) fail(EXIT_RESOURCE, "cannot read %s: %s", path, strerror(errno));
    Reader r = {.path = path};
    Points p = {.path = path};
    Selection s = {0};
    size_t room = 0, width = 0;
    while (next_row(&r, file)) {
        if (!s.cell) { // the first row says how wide the file is
            bool names = is_row_of_names(&r);
            if (columns && !names)
                BAD(&r, "--columns %s needs a first row of column names here", columns);
            s = columns ? select_by_name(&r, columns) : select_all(r.count);
            width = r.count;
            p.dim = s.count - weighted;
            if (p.dim == 0) BAD(&r, "one column only: no coordinate is left beside the weight");
            if (names) continue;
        }
        if (r.count != width) BAD(&r, "%zu columns where the first row has %zu", r.count, width);
        add_point(&p, &room, &r, &s, weighted);
    }
    if (p.count == 0) fail(EXIT_DATA, "%s: no points in it", path);
    if (weighted) check_total(&p);
    fclose(file);
    free(r.line), free(r.cells), free(s.cell);
    return p;
}
