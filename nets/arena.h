// One block, handed out in pieces. Plan twice with the same code: first with base = NULL, where
// take() only counts, then with a block of `used` bytes.
#ifndef NETS_ARENA_H
#define NETS_ARENA_H

#include <stddef.h>

typedef struct {
    char *base;
    size_t used;
} Arena;

// Aligned to 64 bytes; NULL in the counting pass. Overflow of count·size makes `used` SIZE_MAX,
// which no backend can allocate.
void *arena_take(Arena *arena, size_t count, size_t size);

#endif
