// make fuzz. Any bytes are either refused with a line or whole records.
#include "nets/images/cifar.h"
#include "tests/image_support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t room, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t room);

static void require(bool holds) {
    if (!holds) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    size_t count;
    Error error = {""};
    if (cifar_check("input", bytes, size, &count, &error)) {
        require(strncmp(error.text, "input: byte ", 12) == 0 && !strpbrk(error.text, "\n\r\t\x1b"));
        return 0;
    }
    require(count > 0 && size == count * CIFAR_RECORD);
    uint8_t *pixels = checked(malloc(CIFAR_RECORD - 1));
    for (size_t i = 0; i < count; i++) {
        require(bytes[i * CIFAR_RECORD] < CIFAR_CLASSES);
        cifar_pixels(bytes + i * CIFAR_RECORD, pixels);
    }
    free(pixels);
    return 0;
}

// Now and then begins with whole records, which chance does not find.
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t room, unsigned seed) {
    if (seed % 16 == 0)
        size =
            begin_with(make_cifar(1 + (int)(seed / 16 % 3), (int)(seed % 10)), bytes, size, room);
    return LLVMFuzzerMutate(bytes, size, room);
}
