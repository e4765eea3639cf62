// make fuzz. Whatever is accepted must be written as a line that reads back as the same line.
#include <stdlib.h>
#include <string.h>

#include "nets/architecture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *line = malloc(size + 1), text[20000], again[20000];
    if (!line) abort();
    memcpy(line, data, size);
    line[size] = 0;
    Architecture a, b;
    Error error = {""};
    if (architecture_parse(&a, line, &error) != EXIT_OK) {
        if (!error.text[0] || strchr(error.text, '\n')) abort();
    } else {
        architecture_format(&a, text, sizeof text);
        if (architecture_parse(&b, text, &error) != EXIT_OK) abort();
        architecture_format(&b, again, sizeof again);
        if (strcmp(text, again) != 0) abort();
    }
    free(line);
    return 0;
}
