// Measures between sets of images, on sets made so that the values are known.
#include "experiments/images/measures.h"
#include "experiments/images/neighbours.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 28, SIZE = SIDE * SIDE, COUNT = 24 };

// Smooth pictures: a random plane wave each, of `amplitude`, and noise of `grain`.
static ImageSet waves(uint64_t seed, int channels, double amplitude, double grain) {
    Rng rng = rng_stream(seed, 0);
    uint8_t *pixels = malloc(COUNT * SIZE * (size_t)channels);
    for (int n = 0, at = 0; n < COUNT; n++) {
        double a = rng_normal(&rng) / 4, b = rng_normal(&rng) / 4, phase = 6 * rng_uniform(&rng);
        for (int i = 0; i < SIZE * channels; i++, at++) {
            double wave =
                amplitude * sin(a * (i / channels / SIDE) + b * (i / channels % SIDE) + phase);
            pixels[at] = (uint8_t)fmin(fmax(127.5 + wave + grain * rng_normal(&rng), 0), 255);
        }
    }
    return (ImageSet){
        .count = COUNT, .height = SIDE, .width = SIDE, .channels = channels, .pixels = pixels};
}

static ImageSet flat(uint8_t first, int step) {
    uint8_t *pixels = malloc(COUNT * SIZE);
    for (int n = 0; n < COUNT; n++) memset(pixels + n * SIZE, first + step * n, SIZE);
    return (ImageSet){
        .count = COUNT, .height = SIDE, .width = SIDE, .channels = 1, .pixels = pixels};
}

static void discard(ImageSet *set) {
    free((void *)set->pixels);
}

// The same images at other places come close; grain is seen on the finest level and hardly below;
// contrast is divided out.
START_TEST(patches) {
    int channels = _i ? 3 : 1;
    ImageSet a = waves(1, channels, 60, 0), grainy = waves(1, channels, 60, 8),
             pale = waves(1, channels, 30, 0);
    double same[2], grain[2], contrast[2], again[2];
    patch_distances(&a, &a, 32, 64, rng_stream(9, 0), same);
    patch_distances(&a, &grainy, 32, 64, rng_stream(9, 0), grain);
    patch_distances(&a, &grainy, 32, 64, rng_stream(9, 0), again);
    patch_distances(&a, &pale, 32, 64, rng_stream(9, 0), contrast);
    ck_assert(same[0] > 0 && same[0] < 0.1 && same[1] > 0 && same[1] < 0.1);
    ck_assert_double_gt(grain[0], 2.5 * same[0]);
    ck_assert_double_lt(grain[1], 3 * same[1]);
    ck_assert_double_lt(contrast[1], 1.5 * same[1]);
    ck_assert(grain[0] == again[0] && grain[1] == again[1]);
    discard(&a), discard(&grainy), discard(&pale);
}
END_TEST

START_TEST(nothing_to_tell_apart) {
    ImageSet black = flat(0, 0), white = flat(255, 0);
    double level[2];
    patch_distances(&black, &white, 2, 4, rng_stream(9, 0), level);
    ck_assert(level[0] == 0 && fabs(level[1]) < 1e-12);
    discard(&black), discard(&white);
}
END_TEST

// Flat pictures of grey g lie on a line: W_1 is that of the greys, times √(pixels)/127.5.
START_TEST(minibatches) {
    ImageSet a = flat(0, 2), b = flat(100, -2);
    double unit = SIDE / 127.5;
    // batches of 8: greys 0 … 14 to 100 … 86, then 16 … 30 to 84 … 70, then 32 … 46 to 68 … 54
    Summary w = minibatch_distance(&a, &b, 8, 3);
    ck_assert_double_eq_tol(w.high, 86 * unit, 1e-9);
    ck_assert_double_eq_tol(w.mean, 54 * unit, 1e-9);
    ck_assert_double_eq_tol(w.low, 22 * unit, 1e-9);
    ck_assert_double_eq_tol(minibatch_distance(&a, &a, COUNT, 1).mean, 0, 1e-9);
    discard(&a), discard(&b);
}
END_TEST

START_TEST(scores) {
    double sure[] = {1, 0, 0, 0, 1, 0, 0, 0, 1}, one[] = {0, 1, 0, 0, 1, 0},
           even[] = {0.2, 0.5, 0.3, 0.2, 0.5, 0.3};
    ck_assert_double_eq_tol(class_score(3, 3, sure), 3, 1e-12);
    ck_assert_double_eq_tol(class_score(2, 3, one), 1, 1e-15);
    ck_assert_double_eq_tol(class_score(2, 3, even), 1, 1e-15);
    // (¾, ¼) and its mirror image: KL to (½, ½) is ¾ log 3/2 + ¼ log 1/2
    double mixed[] = {0.75, 0.25, 0.25, 0.75};
    ck_assert_double_eq_tol(class_score(2, 2, mixed), exp(0.75 * log(1.5) + 0.25 * log(0.5)),
                            1e-12);
}
END_TEST

START_TEST(neighbours) {
    ImageSet a = waves(1, 3, 60, 4), b = waves(2, 3, 60, 4);
    Neighbour found[COUNT], threaded[COUNT], self[COUNT];
    neighbours_find(COUNT, &a, &b, 1, found);
    neighbours_find(COUNT, &a, &b, 3, threaded);
    neighbours_find(COUNT, &a, &a, 1, self);
    for (size_t i = 0; i < COUNT; i++) {
        double least = INFINITY;
        size_t at = 0;
        for (size_t k = 0; k < COUNT; k++) {
            double sum = 0;
            for (size_t p = 0; p < SIZE * 3; p++)
                sum += pow((a.pixels[i * SIZE * 3 + p] - b.pixels[k * SIZE * 3 + p]) / 127.5, 2);
            if (sqrt(sum) < least) least = sqrt(sum), at = k;
        }
        ck_assert_uint_eq(found[i].neighbour, at);
        ck_assert_double_eq_tol(found[i].distance, least, 1e-9);
        ck_assert(threaded[i].neighbour == at && threaded[i].distance == found[i].distance);
        ck_assert(self[i].neighbour == i && self[i].distance == 0);
    }
    neighbours_sort(COUNT, found);
    for (size_t i = 0; i < COUNT; i++) {
        ck_assert(i == 0 || found[i - 1].distance <= found[i].distance);
        ck_assert_uint_eq(found[i].neighbour, threaded[found[i].image].neighbour);
    }
    discard(&a), discard(&b);
}
END_TEST

// White against two black pictures larger than one piece of the sum: the first of equals.
START_TEST(far_neighbours) {
    enum { LARGE = 200, BYTES = LARGE * LARGE * 3 };
    uint8_t *pixels = calloc(3, BYTES);
    memset(pixels, 255, BYTES);
    ImageSet white = {.count = 1, .height = LARGE, .width = LARGE, .channels = 3, .pixels = pixels};
    ImageSet black = white;
    black.count = 2, black.pixels = pixels + BYTES;
    Neighbour found;
    neighbours_find(1, &white, &black, 1, &found);
    ck_assert_double_eq_tol(found.distance, 2 * sqrt(BYTES), 1e-9);
    ck_assert_uint_eq(found.neighbour, 0);
    free(pixels);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("measures");
    TCase *tests = tcase_create("measures");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, patches, 0, 2);
    tcase_add_test(tests, nothing_to_tell_apart);
    tcase_add_test(tests, minibatches);
    tcase_add_test(tests, scores);
    tcase_add_test(tests, neighbours);
    tcase_add_test(tests, far_neighbours);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
