// 64 bits that tell contents apart; no protection against malice.
#ifndef NETS_IMAGES_HASH_H
#define NETS_IMAGES_HASH_H

#include <stddef.h>
#include <stdint.h>

enum { HASH_EMPTY = 1 }; // of no bytes

// The hash of what came `before` and then these bytes. CRC-32 and Adler-32 of each MiB, and those
// of all these: the same for any number of threads, of which it uses several.
uint64_t hash_bytes(uint64_t before, const void *bytes, size_t size, int threads);

#endif
