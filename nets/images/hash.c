#include "hash.h"

#include <zlib.h>

// zlib's two checksums, each going on from half of what came before.
static uint64_t go_on(uint64_t before, const uint8_t *bytes, size_t size) {
    uLong crc = crc32((uLong)(before >> 32), bytes, (uInt)size);
    uLong adler = adler32((uLong)(before & 0xffffffff), bytes, (uInt)size);
    return (uint64_t)crc << 32 | (uint64_t)adler;
}

uint64_t hash_bytes(uint64_t before, const void *bytes, size_t size, int threads) {
    enum { BLOCK = 1 << 20, BLOCKS = 64 };
    uint64_t of[BLOCKS];
    for (size_t at = 0; at < size;) {
        size_t left = size - at, blocks = (left + BLOCK - 1) / BLOCK;
        if (blocks > BLOCKS) blocks = BLOCKS;
#pragma omp parallel for num_threads(threads) if (blocks > 1)
        for (size_t b = 0; b < blocks; b++) {
            size_t rest = left - b * BLOCK;
            of[b] = go_on(HASH_EMPTY, (const uint8_t *)bytes + at + b * BLOCK,
                          rest < BLOCK ? rest : BLOCK);
        }
        for (size_t b = 0; b < blocks; b++) {
            uint8_t digits[8];
            for (int i = 0; i < 8; i++) digits[i] = (uint8_t)(of[b] >> 8 * i);
            before = go_on(before, digits, sizeof digits);
        }
        at += blocks * BLOCK;
    }
    return before;
}
