#include "recipe_parse.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    Recipe *recipe;
    const char *path;
    FILE *stream;
    int line;
    bool goes_on; // the line in hand is indented
    int status;
    Error *error;
} Reading;

// The first reason counts. Returns 0, with which inih goes on and its callers fall silent.
__attribute__((format(printf, 3, 4))) static int refuse(Reading *r, int status, const char *format,
                                                        ...) {
    char reason[300];
    va_list list;
    va_start(list, format);
    vsnprintf(reason, sizeof reason, format, list);
    va_end(list);
    for (char *c = reason; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127) *c = '?';
    if (!r->status) error_set(r->error, status, "%s:%d: %s", r->path, r->line, reason);
    if (!r->status) r->status = status;
    return 0;
}

// ---- lines ----

// The bytes of a line without its end; false at the end of the file, or where it is refused.
static bool take_line(Reading *r, char *line, int size) {
    int length = 0, c;
    while ((c = fgetc(r->stream)) != EOF && c != '\n') {
        if (c == '\0') return refuse(r, EXIT_USAGE, "a zero byte");
        if (length == RECIPE_LINE || length + 2 > size)
            return refuse(r, EXIT_USAGE, "longer than %d bytes; go on in an indented line",
                          RECIPE_LINE);
        line[length++] = (char)c;
    }
    line[length] = '\0';
    if (ferror(r->stream)) return refuse(r, EXIT_RESOURCE, "cannot be read: %s", strerror(errno));
    return c != EOF || length > 0;
}

// What inih would quietly get wrong is refused here: long lines, zero bytes, a value cut short by a
// comment that was not meant as one.
static char *next_line(char *line, int size, void *context) {
    Reading *r = context;
    if (r->status) return NULL;
    r->line++;
    if (!take_line(r, line, size)) return NULL;
    const char *start = line + strspn(line, " \t\r");
    r->goes_on = start > line;
    if (*start == '[' && (start == line || r->recipe->count == 0)) {
        refuse(r, EXIT_USAGE, "there are no sections: %s", start);
        return NULL;
    }
    for (const char *at = strchr(start, ';'); at && *start != '#'; at = strchr(at + 1, ';'))
        if (at > start && isspace((unsigned char)at[-1])) {
            refuse(r, EXIT_USAGE,
                   "a ; after a blank would begin a comment: put it right after the word");
            return NULL;
        }
    return line;
}

// ---- entries ----

static int go_on(Reading *r, RecipeEntry *last, const char *value) {
    char *longer;
    if (asprintf(&longer, "%s%s%s", last->value, *last->value ? " " : "", value) < 0)
        return refuse(r, EXIT_RESOURCE, "out of memory");
    free(last->value);
    last->value = longer;
    return 1;
}

static int add_entry(void *context, const char *section, const char *name, const char *value) {
    Reading *r = context;
    Recipe *recipe = r->recipe;
    RecipeEntry *last = recipe->count > 0 ? &recipe->entry[recipe->count - 1] : NULL;
    if (*section) return refuse(r, EXIT_USAGE, "there are no sections: [%s]", section);
    if (!*name) return refuse(r, EXIT_USAGE, "no name before the =");
    if (strlen(name) > RECIPE_NAME)
        return refuse(r, EXIT_USAGE, "a name of more than %d bytes", RECIPE_NAME);
    if (r->goes_on && last && strcmp(last->name, name) == 0) return go_on(r, last, value);
    for (int k = 0; k < recipe->count; k++)
        if (strcmp(recipe->entry[k].name, name) == 0)
            return refuse(r, EXIT_USAGE, "%s stands here a second time; the first is in line %d",
                          name, recipe->entry[k].line);
    if (recipe->count == RECIPE_ENTRIES)
        return refuse(r, EXIT_USAGE, "more settings than there are");
    RecipeEntry *entry = &recipe->entry[recipe->count++];
    *entry = (RecipeEntry){strdup(name), strdup(value), r->line};
    return entry->name && entry->value ? 1 : refuse(r, EXIT_RESOURCE, "out of memory");
}

int recipe_parse(Recipe *recipe, const char *path, FILE *stream, Error *error) {
    Reading r = {.recipe = recipe, .path = path, .stream = stream, .error = error};
    recipe->count = 0;
    int wrong = ini_parse_stream(next_line, &r, add_entry, &r);
    if (wrong < 0) refuse(&r, EXIT_RESOURCE, "out of memory");
    if (wrong > 0 && (!r.status || wrong < r.line)) { // inih tells of its first line at the end
        r.status = 0, r.line = wrong;
        refuse(&r, EXIT_USAGE, "neither NAME = VALUE nor a comment");
    }
    if (r.status) recipe_free(recipe);
    return r.status;
}

void recipe_free(Recipe *recipe) {
    for (int k = 0; k < recipe->count; k++)
        free(recipe->entry[k].name), free(recipe->entry[k].value);
    recipe->count = 0;
}
