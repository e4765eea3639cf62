#include "emoji.h"

#include <stdlib.h>
#include <string.h>

#include <ft2build.h>
#include FT_FREETYPE_H

enum { MAX_SIDE = 1024 };

static int failed(const Emoji *emoji, FT_Error reason, const char *otherwise, Error *error) {
    if (reason == FT_Err_Out_Of_Memory) return error_set(error, EXIT_RESOURCE, "out of memory");
    return error_set(error, EXIT_DATA, "%s: %s", emoji->name, otherwise);
}

// Without decoding it.
static bool has_picture(FT_Face face, unsigned glyph) {
    const FT_Bitmap *bitmap = &face->glyph->bitmap;
    return FT_Load_Glyph(face, glyph, FT_LOAD_COLOR | FT_LOAD_BITMAP_METRICS_ONLY) == 0 &&
           face->glyph->format == FT_GLYPH_FORMAT_BITMAP &&
           bitmap->pixel_mode == FT_PIXEL_MODE_BGRA && bitmap->rows >= 1 && bitmap->width >= 1 &&
           bitmap->rows <= MAX_SIDE && bitmap->width <= MAX_SIDE;
}

static int list_glyphs(Emoji *emoji, Error *error) {
    FT_Face face = emoji->face;
    FT_Error reason = FT_HAS_FIXED_SIZES(face) ? FT_Select_Size(face, 0) : FT_Err_Invalid_Argument;
    if (reason) return failed(emoji, reason, "a font without colour pictures", error);
    emoji->glyph = malloc((size_t)face->num_glyphs * sizeof *emoji->glyph + 1);
    if (!emoji->glyph) return error_set(error, EXIT_RESOURCE, "out of memory");
    for (unsigned g = 0; g < (unsigned)face->num_glyphs; g++)
        if (has_picture(face, g)) emoji->glyph[emoji->count++] = g;
    if (emoji->count > 0) return 0;
    return failed(emoji, 0, "a font without colour pictures", error);
}

int emoji_open(Emoji *emoji, const char *name, const void *bytes, size_t size, Error *error) {
    FT_Library library = NULL;
    FT_Face face = NULL;
    *emoji = (Emoji){.name = name};
    FT_Error reason = FT_Init_FreeType(&library);
    if (!reason) reason = FT_New_Memory_Face(library, bytes, (FT_Long)size, 0, &face);
    emoji->library = library, emoji->face = face;
    int status = reason ? failed(emoji, reason, "not a font that can be read", error)
                        : list_glyphs(emoji, error);
    if (status) emoji_close(emoji);
    return status;
}

void emoji_close(Emoji *emoji) {
    if (emoji->face) FT_Done_Face(emoji->face);
    if (emoji->library) FT_Done_FreeType(emoji->library);
    free(emoji->glyph);
    *emoji = (Emoji){0};
}

bool emoji_is_font(const void *bytes, size_t size) {
    return size >= 4 && (memcmp(bytes, "\0\1\0\0", 4) == 0 || memcmp(bytes, "OTTO", 4) == 0 ||
                         memcmp(bytes, "true", 4) == 0 || memcmp(bytes, "ttcf", 4) == 0);
}

// FreeType's colours are blue, green, red, multiplied by alpha: what alpha leaves is white.
static void lay_on_white(const FT_Bitmap *bitmap, uint8_t *out) {
    for (unsigned y = 0; y < bitmap->rows; y++) {
        const uint8_t *in = bitmap->buffer + (ptrdiff_t)y * bitmap->pitch;
        for (unsigned x = 0; x < bitmap->width; x++, in += 4, out += 3)
            for (int c = 0; c < 3; c++) {
                int value = in[2 - c] + 255 - in[3];
                out[c] = (uint8_t)(value < 255 ? value : 255);
            }
    }
}

int emoji_picture(const Emoji *emoji, size_t index, Picture *picture, Error *error) {
    FT_Face face = emoji->face;
    const FT_Bitmap *bitmap = &face->glyph->bitmap;
    *picture = (Picture){0};
    FT_Error reason = FT_Load_Glyph(face, emoji->glyph[index], FT_LOAD_COLOR);
    if (reason || !bitmap->buffer || bitmap->pixel_mode != FT_PIXEL_MODE_BGRA) {
        char text[60];
        snprintf(text, sizeof text, "glyph %u: a damaged picture", emoji->glyph[index]);
        return failed(emoji, reason, text, error);
    }
    *picture = (Picture){(int)bitmap->rows, (int)bitmap->width, 3, NULL};
    picture->pixels = malloc((size_t)bitmap->rows * bitmap->width * 3);
    if (!picture->pixels) return error_set(error, EXIT_RESOURCE, "out of memory");
    lay_on_white(bitmap, picture->pixels);
    return 0;
}
