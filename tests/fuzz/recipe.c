// make fuzz. Any bytes are either refused with a line, or entries that read back as the same ones.
#include "experiments/images/recipe_parse.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void require(bool holds) {
    if (!holds) abort();
}

static int parse(Recipe *recipe, const void *bytes, size_t size, Error *error) {
    FILE *stream = fmemopen((void *)bytes, size, "r");
    require(stream);
    int status = recipe_parse(recipe, "input", stream, error);
    fclose(stream);
    return status;
}

// False where a value went over several lines, and is too long for one.
static bool fits(const Recipe *recipe) {
    for (const RecipeEntry *e = recipe->entry; e < recipe->entry + recipe->count; e++)
        if (strlen(e->name) + 1 + strlen(e->value) > RECIPE_LINE) return false;
    return true;
}

static void read_back(const Recipe *recipe) {
    char text[RECIPE_ENTRIES * (RECIPE_LINE + 1) + 1];
    size_t used = 0;
    Recipe again;
    Error error;
    for (const RecipeEntry *e = recipe->entry; e < recipe->entry + recipe->count; e++)
        used += (size_t)sprintf(text + used, "%s=%s\n", e->name, e->value);
    require(parse(&again, text, used, &error) == 0 && again.count == recipe->count);
    for (int k = 0; k < again.count; k++) {
        require(strcmp(again.entry[k].name, recipe->entry[k].name) == 0);
        require(strcmp(again.entry[k].value, recipe->entry[k].value) == 0);
    }
    recipe_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    Recipe recipe;
    Error error = {""};
    if (size == 0) return 0;
    int status = parse(&recipe, bytes, size, &error);
    if (status) {
        require(status == EXIT_USAGE && recipe.count == 0);
        require(strncmp(error.text, "input:", 6) == 0 && !strpbrk(error.text, "\n\r\t\x1b"));
        return 0;
    }
    if (recipe.count > 0 && fits(&recipe)) read_back(&recipe);
    recipe_free(&recipe);
    return 0;
}
