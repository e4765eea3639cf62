#include "picked.h"

#include "experiments/common/contract.h"
#include "image_data.h"

#include <stdlib.h>
#include <string.h>

static size_t size_of(const ImageSet *set) {
    return (size_t)set->height * (size_t)set->width * (size_t)set->channels;
}

uint8_t *picked_room(ImageSet *picked, const ImageSet *like, size_t count) {
    uint8_t *pixels = allocate(count, size_of(like));
    *picked = (ImageSet){.count = count,
                         .height = like->height,
                         .width = like->width,
                         .channels = like->channels,
                         .pixels = pixels};
    return pixels;
}

// The images set[order[…]].
static ImageSet picked(const ImageSet *set, size_t count, const uint32_t *order) {
    ImageSet picked;
    size_t size = size_of(set);
    uint8_t *pixels = picked_room(&picked, set, count);
    for (size_t i = 0; i < count; i++)
        memcpy(pixels + i * size, set->pixels + order[i] * size, size);
    return picked;
}

// All numbers of images in a random order, which the caller frees.
static uint32_t *shuffled(const ImageSet *set, Rng rng) {
    uint32_t *order = allocate(set->count, sizeof *order);
    for (size_t i = 0; i < set->count; i++) order[i] = (uint32_t)i;
    rng_shuffle(&rng, set->count, order);
    return order;
}

ImageSet picked_at_random(const ImageSet *set, size_t count, Rng rng) {
    uint32_t *order = shuffled(set, rng);
    ImageSet drawn = picked(set, count, order);
    free(order);
    return drawn;
}

void picked_apart(const ImageSet *set, size_t held_out, ImageSet part[2]) {
    uint32_t *order = allocate(set->count, sizeof *order); // the rest, then what is kept back
    size_t rest = set->count - held_out, to = 0, k = 0;
    for (size_t i = 0; i < set->count; i++)
        if (k < held_out && image_data_spaced(set, k, held_out) == i)
            order[rest + k++] = (uint32_t)i;
        else
            order[to++] = (uint32_t)i;
    part[0] = picked(set, rest, order);
    part[1] = picked(set, held_out, order + rest);
    free(order);
}

void picked_halves(const ImageSet *set, Rng rng, ImageSet half[2]) {
    uint32_t *order = shuffled(set, rng);
    size_t first = (set->count + 1) / 2;
    half[0] = picked(set, first, order);
    half[1] = picked(set, set->count - first, order + first);
    free(order);
}

ImageSet picked_noise(const ImageSet *like, size_t count, Rng rng) {
    ImageSet picked;
    uint8_t *pixels = picked_room(&picked, like, count);
    for (size_t i = 0; i < count * size_of(like); i++) pixels[i] = (uint8_t)(rng_word(&rng) >> 24);
    return picked;
}

static uint8_t mean_around(const ImageSet *set, const uint8_t *image, int y, int x, int c,
                           int reach) {
    int top = y > reach ? y - reach : 0, left = x > reach ? x - reach : 0, sum = 0, met = 0;
    for (int v = top; v <= y + reach && v < set->height; v++)
        for (int u = left; u <= x + reach && u < set->width; u++, met++)
            sum += image[(v * set->width + u) * set->channels + c];
    return (uint8_t)((sum + met / 2) / met);
}

ImageSet picked_blurred(const ImageSet *set, int reach) {
    ImageSet picked;
    uint8_t *to = picked_room(&picked, set, set->count);
    const uint8_t *image = set->pixels;
    for (size_t i = 0; i < set->count; i++, image += size_of(set))
        for (int y = 0; y < set->height; y++)
            for (int x = 0; x < set->width; x++)
                for (int c = 0; c < set->channels; c++)
                    *to++ = mean_around(set, image, y, x, c, reach);
    return picked;
}

void picked_free(ImageSet *picked) {
    free((void *)picked->pixels);
    *picked = (ImageSet){0};
}
