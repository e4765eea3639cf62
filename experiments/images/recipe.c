#include "recipe.h"

#include "experiments/common/contract.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LONGEST = 190, NAMES = 128 }; // inih reads lines of up to 197 bytes

// ---- finding ----

static const char FOLDER[] = "experiments/recipes";

// The nearest folder of recipes: under the current folder, or under one of those above the program.
static const char *recipes_folder(void) {
    char at[4096];
    ssize_t length = readlink("/proc/self/exe", at, sizeof at - 1);
    if (access(FOLDER, R_OK) == 0 || length < 0) return FOLDER;
    at[length] = '\0';
    for (char *slash; (slash = strrchr(at, '/'));) {
        *slash = '\0';
        const char *folder = text("%s/%s", at, FOLDER);
        if (access(folder, R_OK) == 0) return folder;
    }
    return FOLDER;
}

static const char *names_in(const char *folder) {
    struct dirent **entry;
    int count = scandir(folder, &entry, NULL, alphasort);
    const char *names = "";
    for (int k = 0; k < count; k++) {
        size_t length = strlen(entry[k]->d_name);
        if (length > 4 && strcmp(entry[k]->d_name + length - 4, ".ini") == 0)
            names = text("%s%s%.*s", names, *names ? ", " : "", (int)length - 4, entry[k]->d_name);
        free(entry[k]);
    }
    if (count >= 0) free(entry);
    return *names ? names : "none";
}

const char *recipe_path(const char *recipe) {
    size_t length = strlen(recipe);
    if (strchr(recipe, '/') || (length > 4 && strcmp(recipe + length - 4, ".ini") == 0))
        return recipe;
    const char *folder = recipes_folder(), *path = text("%s/%s.ini", folder, recipe);
    if (access(path, R_OK) == 0) return path;
    fail(EXIT_USAGE, "--recipe: there is no '%s'; give a file, or one of %s", recipe,
         names_in(folder));
}

// ---- reading ----

typedef struct {
    const char *path;
    FILE *stream;
    int line;
    bool goes_on; // the line in hand is indented
    const char *barred;
    const char *name[NAMES], *value[NAMES], *where[NAMES];
    int count;
} Reading;

static _Noreturn void refuse(const Reading *r, const char *reason, const char *what) {
    fclose(r->stream);
    fail(EXIT_USAGE, "%s:%d: %s%s", r->path, r->line, reason, what);
}

// One of the words of a list with blanks between.
static bool among(const char *list, const char *word) {
    size_t length = strlen(word);
    for (const char *at = list; (at = strstr(at, word)); at += length)
        if ((at == list || at[-1] == ' ') && (at[length] == ' ' || !at[length])) return true;
    return false;
}

// What inih would quietly get wrong is refused here: long lines, zero bytes, a value cut short by a
// comment that was not meant as one.
static char *next_line(char *line, int size, void *context) {
    Reading *r = context;
    r->line++;
    int length = 0, c;
    while ((c = fgetc(r->stream)) != EOF && c != '\n') {
        if (c == '\0') refuse(r, "a zero byte", "");
        if (length == LONGEST || length + 2 > size)
            refuse(r, "longer than 190 bytes; go on in an indented line", "");
        line[length++] = (char)c;
    }
    if (ferror(r->stream)) fail(EXIT_RESOURCE, "cannot read %s: %s", r->path, strerror(errno));
    if (c == EOF && length == 0) return NULL;
    line[length] = '\0';
    const char *start = line + strspn(line, " \t\r");
    r->goes_on = start > line;
    for (const char *at = strchr(start, ';'); at && *start != '#'; at = strchr(at + 1, ';'))
        if (at > start && isblank((unsigned char)at[-1]))
            refuse(r, "a ; after a blank would begin a comment: put it right after the word", "");
    return line;
}

static int add_entry(void *context, const char *section, const char *name, const char *value) {
    Reading *r = context;
    if (*section) refuse(r, "there are no sections: [", text("%s]", section));
    int last = r->count - 1;
    if (r->goes_on && last >= 0 && strcmp(r->name[last], name) == 0) {
        r->value[last] = text("%s %s", r->value[last], value);
        return 1;
    }
    for (int k = 0; k < r->count; k++)
        if (strcmp(r->name[k], name) == 0)
            refuse(r, text("%s stands here a second time; the first is in line ", name),
                   strrchr(r->where[k], ':') + 1);
    if (among(r->barred, name)) refuse(r, name, ": is not for recipes");
    if (r->count == NAMES) refuse(r, "more settings than there are", "");
    r->name[r->count] = text("%s", name);
    r->value[r->count] = text("%s", value);
    r->where[r->count++] = text("%s:%d", r->path, r->line);
    return 1;
}

void recipe_read(const char *path, const char *barred) {
    Reading r = {.path = path, .stream = fopen(path, "r"), .barred = barred};
    if (!r.stream) fail(EXIT_RESOURCE, "cannot read %s: %s", path, strerror(errno));
    int wrong = ini_parse_stream(next_line, &r, add_entry, &r);
    if (wrong < 0) fail(EXIT_RESOURCE, "out of memory");
    if (wrong > 0) {
        r.line = wrong;
        refuse(&r, "neither NAME = VALUE nor a comment", "");
    }
    fclose(r.stream);
    for (int k = 0; k < r.count; k++)
        if (!setting_recommend(r.name[k], r.value[k], r.where[k]))
            fail(EXIT_USAGE, "%s: %s: no such setting; see --help", r.where[k], r.name[k]);
}

// ---- writing ----

// An architecture, one item to a line.
static const char *broken_up(const char *value) {
    const char *lines = "";
    for (const char *end; (end = strstr(value, "; ")); value = end + 2)
        lines = text("%s%.*s;\n    ", lines, (int)(end - value), value);
    return text("%s%s", lines, value);
}

static const char *entry_text(const char *name) {
    const char *value = setting_value(name);
    if (!value) return "";
    bool long_line = strlen(name) + 3 + strlen(value) > 90;
    const char *entry = text("%s = %s\n", name, long_line ? broken_up(value) : value);
    for (const char *at = entry; *at; at += strcspn(at, "\n") + 1)
        if (strcspn(at, "\n") > LONGEST || strcspn(at, "\r") < strcspn(at, "\n"))
            fail(EXIT_USAGE, "--%s: the value does not fit a line of a recipe, 190 bytes", name);
    if (strstr(value, " ;") || strpbrk(value, "\n\t"))
        fail(EXIT_USAGE, "--%s: a blank before a ; cannot be written in a recipe", name);
    return entry;
}

const char *recipe_text(const char *names) {
    const char *all = "";
    for (const char *at = names; *at; at += strspn(at, " ")) {
        size_t length = strcspn(at, " ");
        all = text("%s%s", all, entry_text(text("%.*s", (int)length, at)));
        at += length;
    }
    return all;
}
