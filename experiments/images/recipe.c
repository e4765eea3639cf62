#include "recipe.h"

#include "experiments/common/contract.h"
#include "recipe_parse.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

// One of the words of a list with blanks between.
static bool among(const char *list, const char *word) {
    size_t length = strlen(word);
    for (const char *at = list; (at = strstr(at, word)); at += length)
        if ((at == list || at[-1] == ' ') && (at[length] == ' ' || !at[length])) return true;
    return false;
}

void recipe_read(const char *path, const char *barred) {
    FILE *stream = fopen(path, "r");
    if (!stream) fail(EXIT_RESOURCE, "cannot read %s: %s", path, strerror(errno));
    Recipe recipe;
    Error error;
    int status = recipe_parse(&recipe, path, stream, &error);
    fclose(stream);
    if (status) fail(status, "%s", error.text);
    for (const RecipeEntry *e = recipe.entry; e < recipe.entry + recipe.count; e++) {
        const char *where = text("%s:%d", path, e->line);
        if (among(barred, e->name)) fail(EXIT_USAGE, "%s: %s: is not for recipes", where, e->name);
        if (!setting_recommend(e->name, text("%s", e->value), where))
            fail(EXIT_USAGE, "%s: %s: no such setting; see --help", where, e->name);
    }
    recipe_free(&recipe);
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
    if (strpbrk(value, "\n\r\t"))
        fail(EXIT_USAGE, "--%s: the end of a line, or a tab, cannot be written in a recipe", name);
    bool architecture = strcmp(name, "critic") == 0 || strcmp(name, "generator") == 0;
    bool long_line = architecture && strlen(name) + 3 + strlen(value) > 90;
    const char *entry = text("%s = %s\n", name, long_line ? broken_up(value) : value);
    for (const char *at = entry; *at; at += strcspn(at, "\n") + 1)
        if (strcspn(at, "\n") > RECIPE_LINE)
            fail(EXIT_USAGE, "--%s: the value does not fit a line of a recipe, 190 bytes", name);
    if (*value == ';' || strstr(value, " ;"))
        fail(EXIT_USAGE, "--%s: a ; at the start of a word cannot be written in a recipe", name);
    if (isspace((unsigned char)*value) || isspace((unsigned char)value[strlen(value) - 1]))
        fail(EXIT_USAGE, "--%s: a blank at either end cannot be written in a recipe", name);
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
