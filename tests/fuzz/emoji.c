// make fuzz. Any bytes are either refused with a line or a font with pictures, each whole or bad.
#include "nets/images/emoji.h"
#include "tests/image_support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t room, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t room);

static void require(bool holds) {
    if (!holds) abort();
}

static void require_line(int status, const Error *error) {
    require(status == EXIT_DATA);
    require(strncmp(error->text, "input: ", 7) == 0 && !strpbrk(error->text, "\n\r\t\x1b"));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    Emoji emoji;
    Error error = {""};
    int status = emoji_open(&emoji, "input", bytes, size, &error);
    if (status) require_line(status, &error);
    for (size_t k = 0; !status && k < emoji.count && k < 8; k++) {
        Picture picture;
        int bad = emoji_picture(&emoji, k, &picture, &error);
        if (bad) require_line(bad, &error);
        require(bad || (picture.height > 0 && picture.width > 0 && picture.channels == 3));
        volatile uint8_t last =
            bad ? 0 : picture.pixels[(size_t)(picture.height * picture.width * 3) - 1];
        (void)last;
        picture_free(&picture);
    }
    emoji_close(&emoji);
    return 0;
}

static Bytes some_font(void) {
    Bytes png[2] = {make_flat_png(8, RGB_ALPHA, (uint16_t[]){200, 100, 50, 255}),
                    make_flat_png(8, RGB, (uint16_t[]){1, 2, 3})};
    Bytes font = make_font(2, png, 8);
    free(png[0].bytes), free(png[1].bytes);
    return font;
}

// Now and then begins with a whole font, which chance does not find.
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t room, unsigned seed) {
    if (seed % 16 == 0) size = begin_with(some_font(), bytes, size, room);
    return LLVMFuzzerMutate(bytes, size, room);
}
