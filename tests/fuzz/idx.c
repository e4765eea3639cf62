// make fuzz. Any bytes, gzipped or not, are either refused with a line or whole images.
#include "nets/idx.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void require(bool holds) {
    if (!holds) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    IdxImages images;
    Error error = {""};
    int status = idx_parse(&images, "input", bytes, size, &error);
    if (status) {
        require(status == EXIT_DATA && !images.pixels);
        require(strncmp(error.text, "input: byte ", 12) == 0 && !strpbrk(error.text, "\n\r\t\x1b"));
        return 0;
    }
    size_t total = images.count * images.height * images.width;
    bool packed = bytes[0] == 0x1f;
    require(total > 0 &&
            (packed || (size == 16 + total && memcmp(images.pixels, bytes + 16, total) == 0)));
    volatile uint8_t last = images.pixels[total - 1]; // the sanitizer sees that it is there
    (void)last;
    idx_free(&images);
    return 0;
}
