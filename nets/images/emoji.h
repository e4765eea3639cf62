// The colour pictures of an emoji font: PNGs that a font carries in place of outlines, one size of
// them (the CBDT and CBLC tables), read through FreeType.
#ifndef NETS_IMAGES_EMOJI_H
#define NETS_IMAGES_EMOJI_H

#include "picture.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    const char *name;
    void *library, *face; // FreeType's
    size_t count;
    unsigned *glyph; // [count], those that have a colour picture, in the font's order
} Emoji;

// From a font in memory, which must stay there, as must `name`. Opening is quick; only what
// emoji_picture() is asked for is decoded. One thread at a time: threads open a font each.
// Returns 0, EXIT_DATA with `NAME: reason` (no font, no colour pictures in it), EXIT_RESOURCE.
int emoji_open(Emoji *emoji, const char *name, const void *bytes, size_t size, Error *error);
void emoji_close(Emoji *emoji);

// Whether bytes begin as those of a font.
bool emoji_is_font(const void *bytes, size_t size);

// Picture `index` on white, RGB, owned by the caller. Returns 0, EXIT_DATA or EXIT_RESOURCE.
int emoji_picture(const Emoji *emoji, size_t index, Picture *picture, Error *error);

#endif
