#include "files.h"

#include "experiments/common/contract.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

// NAME.PID.tmp, NAME being one of those or a number and its ending.
static bool is_left_over(const char *name, const char *const *names) {
    size_t length = strlen(name);
    if (length < 5 || strcmp(name + length - 4, ".tmp") != 0) return false;
    const char *process = name + length - 4;
    while (process > name && isdigit((unsigned char)process[-1])) process--;
    if (process == name || process[-1] != '.' || *process == '.') return false;
    const char *stem = text("%.*s", (int)(process - 1 - name), name);
    bool ours = number_of(stem, ".png") >= 0 || number_of(stem, ".safetensors") >= 0;
    for (; !ours && *names; names++) ours = strcmp(stem, *names) == 0;
    return ours;
}

void files_sweep(const char *folder, const char *const *names) {
    DIR *listing = opendir(folder);
    const struct dirent *entry;
    while (listing && (entry = readdir(listing)))
        if (is_left_over(entry->d_name, names)) unlinkat(dirfd(listing), entry->d_name, 0);
    if (listing) closedir(listing);
}
