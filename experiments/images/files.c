#include "files.h"

#include "experiments/common/contract.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// NAME.DIGITS.tmp
static bool is_left_over(const char *name) {
    size_t length = strlen(name), digits = 0;
    if (length < 5 || strcmp(name + length - 4, ".tmp") != 0) return false;
    for (length -= 4; length > 0 && isdigit((unsigned char)name[length - 1]); length--) digits++;
    return digits > 0 && length > 1 && name[length - 1] == '.';
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
