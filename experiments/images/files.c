#include "files.h"

#include "experiments/common/contract.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// NAME.DIGITS.tmp, where NAME ends as the files of a run do.
static bool is_left_over(const char *name) {
    static const char *const endings[] = {".ini", ".tsv", ".png",  ".safetensors",
                                          ".svg", ".gif", ".html", ".provenance"};
    for (size_t k = 0; k < sizeof endings / sizeof *endings; k++) {
        const char *at = strstr(name, endings[k]);
        if (!at || at == name) continue;
        at += strlen(endings[k]);
        size_t digits = *at == '.' ? strspn(at + 1, "0123456789") : 0;
        if (digits > 0 && strcmp(at + 1 + digits, ".tmp") == 0) return true;
    }
    return false;
}

void files_sweep(const char *folder) {
    DIR *listing = opendir(folder);
    const struct dirent *entry;
    while (listing && (entry = readdir(listing)))
        if (is_left_over(entry->d_name)) unlinkat(dirfd(listing), entry->d_name, 0);
    if (listing) closedir(listing);
}

// The number of NNNNNNNN and `ending`, or −1.
static int64_t number_of(const char *name, const char *ending) {
    size_t digits = strspn(name, "0123456789");
    if (digits < 8 || digits > 18 || strcmp(name + digits, ending) != 0) return -1;
    return strtoll(name, NULL, 10);
}

static int ascending(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

size_t files_numbered(const char *folder, const char *ending, int64_t **numbers) {
    DIR *listing = opendir(folder);
    const struct dirent *entry;
    size_t count = 0, room = 16;
    *numbers = allocate(room, sizeof **numbers);
    while (listing && (entry = readdir(listing))) {
        int64_t number = number_of(entry->d_name, ending);
        if (number < 0) continue;
        if (count == room) {
            *numbers = realloc(*numbers, (room *= 2) * sizeof **numbers);
            if (!*numbers) fail(EXIT_RESOURCE, "out of memory");
        }
        (*numbers)[count++] = number;
    }
    if (listing) closedir(listing);
    qsort(*numbers, count, sizeof **numbers, ascending);
    return count;
}
