#include "small_gan.h"

#include <stdlib.h>

ImageSet grey_images(const char *source, ImagePart part, int64_t side, int64_t limit) {
    ImageRequest request = {
        .source = source, .part = part, .size = (int)side, .limit = (size_t)limit};
    ImageSet set;
    Error error;
    int status = image_set_open(&set, &request, &error);
    if (status) fail(status, "%s", error.text);
    if (set.channels != 1)
        fail(EXIT_USAGE, "--data %s: the images have %d channels, not 1", source, set.channels);
    return set;
}

static int half(int side) {
    return (side + 1) / 2;
}

const char *small_critic(int side, int64_t width) {
    return text("input %dx%dx1; conv %lld k5 s2 leaky 0.2; conv %lld k5 s2 leaky 0.2; linear 1",
                side, side, (long long)width, (long long)(2 * width));
}

const char *small_generator(int side, int64_t width, bool batch_norm) {
    const char *norm = batch_norm ? "bn " : "";
    int middle = half(side), first = half(middle);
    return text("input %d; linear %dx%dx%lld %srelu; convt %lld k5 s2 size %dx%d %srelu; "
                "convt 1 k5 s2 size %dx%d tanh",
                LATENT_NUMBERS, first, first, (long long)(2 * width), norm, (long long)width,
                middle, middle, norm, side, side);
}

Tsv *pictures_open(const char *suffix, const char *names, Grid grid) {
    const char *columns = names;
    for (int x = 0; x < grid_width(grid); x++) columns = text("%s x%d", columns, x);
    return tsv_open(suffix, columns);
}

void pictures_write(Tsv *table, size_t names, const char *const *name, Grid grid,
                    const uint8_t *pictures) {
    int width = grid_width(grid);
    uint8_t *tile = grid_tile(grid, (size_t)(grid.rows * grid.columns), pictures);
    for (int y = 0; y < grid_height(grid); y++) {
        for (size_t k = 0; k < names; k++) tsv_text(table, name[k]);
        tsv_numbers(table, 1, (double[]){y});
        for (int x = 0; x < width; x++)
            tsv_numbers(table, 1, (double[]){tile[(size_t)y * (size_t)width + (size_t)x]});
    }
    free(tile);
}
