#include "orientation.h"

#include <libexif/exif-data.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

// Takes a JPEG, or what begins with "Exif\0\0".
int orientation_of_jpeg(const void *bytes, size_t size) {
    int orientation = 1;
    ExifData *exif = size <= UINT32_MAX ? exif_data_new_from_data(bytes, (unsigned)size)
                                        : NULL; // as its API has it
    ExifEntry *entry =
        exif ? exif_content_get_entry(exif->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION) : NULL;
    if (entry && entry->format == EXIF_FORMAT_SHORT && entry->components == 1)
        orientation = exif_get_short(entry->data, exif_data_get_byte_order(exif));
    exif_data_unref(exif);
    return orientation >= 1 && orientation <= 8 ? orientation : 1;
}

int orientation_of_exif(const void *tiff, size_t size) {
    static const char start[6] = "Exif\0";
    char *bytes = malloc(sizeof start + size);
    if (!bytes) return 1;
    memcpy(bytes, start, sizeof start);
    memcpy(bytes + sizeof start, tiff, size);
    int orientation = orientation_of_jpeg(bytes, sizeof start + size);
    free(bytes);
    return orientation;
}

// Of what each value does: rows from the bottom up, columns from the right, rows become columns.
static const struct {
    bool up, left, swapped;
} TURNS[] = {
    [1] = {false, false, false}, [2] = {false, true, false}, [3] = {true, true, false},
    [4] = {true, false, false},  [5] = {false, false, true}, [6] = {true, false, true},
    [7] = {true, true, true},    [8] = {false, true, true},
};

int orientation_apply(Picture *p, int orientation, Error *error) {
    if (orientation == 1) return 0;
    bool up = TURNS[orientation].up, left = TURNS[orientation].left;
    bool swapped = TURNS[orientation].swapped;
    size_t height = (size_t)p->height, width = (size_t)p->width, channels = (size_t)p->channels;
    uint8_t *turned = malloc(height * width * channels), *from = p->pixels;
    if (!turned) return error_set(error, EXIT_RESOURCE, "out of memory");
    for (size_t r = 0; r < height; r++)
        for (size_t c = 0; c < width; c++, from += channels) {
            size_t y = up ? height - 1 - r : r, x = left ? width - 1 - c : c;
            size_t at = swapped ? x * height + y : y * width + x;
            memcpy(turned + at * channels, from, channels);
        }
    free(p->pixels);
    p->pixels = turned;
    if (swapped) p->height = (int)width, p->width = (int)height;
    return 0;
}
