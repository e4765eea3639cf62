#include "arena.h"

#include <stdint.h>

enum { ALIGNMENT = 64 };

void *arena_take(Arena *arena, size_t count, size_t size) {
    size_t at = arena->used, bytes, end;
    if (at == SIZE_MAX || __builtin_mul_overflow(count, size, &bytes) ||
        __builtin_add_overflow(bytes, (size_t)ALIGNMENT - 1, &bytes) ||
        __builtin_add_overflow(at, bytes / ALIGNMENT * ALIGNMENT, &end)) {
        arena->used = SIZE_MAX;
        return NULL;
    }
    arena->used = end;
    return arena->base ? arena->base + at : NULL;
}
