// make fuzz. Any bytes, gzipped or not, are either refused with a line or all the labels.
#include "nets/idx.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void require(int holds) {
    if (!holds) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    IdxLabels labels;
    Error error = {""};
    int status = idx_labels_parse(&labels, "input", bytes, size, &error);
    if (status) {
        require(status == EXIT_DATA && !labels.labels);
        require(strncmp(error.text, "input: byte ", 12) == 0 && !strpbrk(error.text, "\n\r\t\x1b"));
        return 0;
    }
    require(labels.count > 0);
    if (bytes[0] != 0x1f)
        require(size == 8 + labels.count && memcmp(labels.labels, bytes + 8, labels.count) == 0);
    volatile uint8_t last = labels.labels[labels.count - 1]; // the sanitizer sees that it is there
    (void)last;
    idx_labels_free(&labels);
    return 0;
}
