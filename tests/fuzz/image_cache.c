// make fuzz. Any bytes are either no cache file or a set that lies within them.
#include "nets/images/cache.h"
#include "nets/images/hash.h"
#include "tests/image_support.h"

enum { HEADER = 128, CHECK = 120 }; // the header, and where its own hash lies

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t room, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t room);

static void require(bool holds) {
    if (!holds) abort();
}

static uint64_t key_of(const uint8_t *bytes, size_t size) {
    uint64_t key = 0;
    if (size >= 24) memcpy(&key, bytes + 16, sizeof key);
    return key;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    ImageSet set;
    if (!cache_check(&set, bytes, size, key_of(bytes, size), 1)) return 0;
    size_t pixels = set.count * (size_t)(set.height * set.width * set.channels);
    require(set.count > 0 && set.pixels == bytes + HEADER && strlen(set.digest) == 16);
    require(size == HEADER + pixels + (set.labels ? set.count : 0));
    require(!set.labels || set.labels == set.pixels + pixels);
    return 0;
}

static Bytes some_file(unsigned seed) {
    CacheRoom file;
    Error error = {""};
    ImageSet set = {
        .count = 2, .height = 2, .width = 3, .channels = seed % 2 ? 3 : 1, .classes = 1};
    require(cache_room(&file, &set, seed / 2 % 2, NULL, &error) == 0);
    cache_keep(&file, &set, NULL, seed, 1);
    Bytes b = bytes_of(set.map, set.map_size);
    cache_close(&set);
    return b;
}

// Now and then begins with a whole file; mends the header's hash, behind which nothing is read.
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t room, unsigned seed) {
    if (seed % 16 == 0) size = begin_with(some_file(seed / 16), bytes, size, room);
    size = LLVMFuzzerMutate(bytes, size, room);
    if (size >= HEADER) {
        uint64_t hash = hash_bytes(HASH_EMPTY, bytes, CHECK, 1);
        memcpy(bytes + CHECK, &hash, sizeof hash);
    }
    return size;
}
