// make fuzz. Any bytes are either refused with a line, or tensors that tile the rest of the input.
#include "nets/checksum.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void require(bool holds) {
    if (!holds) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    SafeTensors file;
    Error error = {""};
    int status = safetensors_parse(&file, "input", bytes, size, &error);
    if (status) {
        require(status == EXIT_DATA && !file.owned);
        require(strncmp(error.text, "input: byte ", 12) == 0 && !strpbrk(error.text, "\n\r\t\x1b"));
        return 0;
    }
    const uint8_t *at = bytes + size;
    for (size_t k = file.tensor_count; k-- > 0;) { // from the last back to the end of the header
        const Tensor *t = &file.tensor[k];
        size_t count = 1;
        for (int d = 0; d < t->rank; d++) count *= t->dims[d];
        require(count == t->count && safetensors_tensor(&file, t->name) == t);
        require((const uint8_t *)t->data >= bytes + 10 && (const uint8_t *)t->data <= at);
        if (t->dtype != DTYPE_OTHER)
            require((const uint8_t *)t->data + t->count * (t->dtype == DTYPE_F32 ? 4 : 8) == at);
        at = t->data;
    }
    char sum[CHECKSUM_TEXT];
    checksum_text(sum, file.tensor_count, file.tensor, file.metadata_count, file.metadata);
    require(strlen(sum) == 8);
    for (size_t k = 1; k < file.metadata_count; k++)
        require(strcmp(file.metadata[k - 1].key, file.metadata[k].key) < 0);
    safetensors_free(&file);
    return 0;
}
