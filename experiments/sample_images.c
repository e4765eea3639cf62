// Images from a trained generator: a grid, single files, or ways from one image to another.
#include "experiments/images/generator_load.h"
#include "experiments/images/grid.h"
#include "nets/images/picture.h"

#include <stdio.h>
#include <stdlib.h>

static int64_t rows, columns;
static bool files, interpolate;

static const Setting settings[] = {
    {"rows", SETTING_INTEGER, &rows, "8", NULL, 1, 1000, NULL, "N", "Rows of images"},
    {"columns", SETTING_INTEGER, &columns, "8", NULL, 1, 1000, NULL, "N", "Images in a row"},
    {"files", SETTING_FLAG, &files, NULL, NULL, 0, 0, NULL, NULL,
     "A file for each image, instead of a grid"},
    {"interpolate", SETTING_FLAG, &interpolate, NULL, NULL, 0, 0, NULL, NULL,
     "Each row goes from one latent to another; both ends are samples"},
    {0},
};

static const Program program = {
    .name = "sample_images",
    .summary = "Draw images from a trained generator.",
    .details =
        "RUN is the folder of a run of train_images, one of its checkpoints, or an exported net "
        "whose metadata say `architecture`. Writes sample_images.png into --out, or with --files "
        "sample_images_00000.png and so on.\n\n"
        "  experiments/sample_images runs/fashion-quick --out samples\n"
        "  experiments/sample_images runs/fashion-quick --interpolate --columns 12 --seed 3",
    .arguments = "RUN",
    .argument_count = 1,
    .settings = settings,
};

// ---- latents ----

// z[rows·columns][latents]: samples, or in each row the way from one sample to another.
static real *choose_latents(const ImageGenerator *g) {
    size_t n = g->latents, count = (size_t)(rows * columns);
    real *z = allocate(count * n, sizeof *z);
    if (!interpolate) {
        image_generator_latents(g, common.seed, count, z);
        return z;
    }
    real *end = allocate(2 * (size_t)rows * n, sizeof *end);
    image_generator_latents(g, common.seed, 2 * (size_t)rows, end);
    for (int64_t k = 0; k < rows * columns; k++) {
        const real *a = end + 2 * (size_t)(k / columns) * n;
        double t = columns > 1 ? (double)(k % columns) / (double)(columns - 1) : 0;
        latent_between(g->latent, t, n, a, a + n, z + (size_t)k * n);
    }
    free(end);
    return z;
}

// ---- pictures ----

static void write_picture(const char *path, int height, int width, int channels,
                          const uint8_t *pixels) {
    Error error;
    int status = picture_write(path, height, width, channels, pixels, &error);
    if (status) fail(status, "%s", error.text);
}

static void write_files(const ImageGenerator *g, const uint8_t *images) {
    for (int64_t k = 0; k < rows * columns; k++) {
        write_picture(text("%s/%s_%05lld.png", common.out, program.name, (long long)k), g->height,
                      g->width, g->channels, images + (size_t)k * g->features);
        progress(k + 1, rows * columns, "files");
    }
}

static void write_grid(const ImageGenerator *g, const uint8_t *images) {
    Grid grid = {(int)rows, (int)columns, g->height, g->width, g->channels};
    uint8_t *tiled = grid_tile(grid, (size_t)(rows * columns), images);
    write_picture(text("%s/%s.png", common.out, program.name), grid_height(grid), grid_width(grid),
                  grid.channels, tiled);
    free(tiled);
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    const Backend *backend = trainer_backend();
    ImageGenerator generator;
    image_generator_open(&generator, backend, common.arguments[0], 64);
    size_t count = (size_t)(rows * columns);
    uint8_t *images = allocate(count, generator.features);
    real *z = choose_latents(&generator);
    image_generator_make(&generator, count, z, images);
    if (files)
        write_files(&generator, images);
    else
        write_grid(&generator, images);
    printf("%zu images of %dx%dx%d from %s, into %s\n", count, generator.height, generator.width,
           generator.channels, generator.path, common.out);
    free(z), free(images);
    image_generator_free(&generator);
    backend->close();
    return experiment_end();
}
