// Philox against the published vectors, the streams against a second implementation (a few lines
// of Python integers gave the words and hexadecimal floats below), the laws against statistics.
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "toy/rng.h"

// The known-answer vectors for philox4x32-10 that Random123 publishes (kat_vectors).
START_TEST(block_matches_published_vectors) {
    static const uint32_t vectors[3][10] = {
        // counter, key, answer
        {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
        {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d,
         0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
        {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09,
         0x94fdcceb, 0x5001e420, 0x24126ea1}};
    uint32_t out[4];
    rng_block(vectors[_i], vectors[_i] + 4, out);
    for (int lane = 0; lane < 4; lane++) ck_assert_uint_eq(out[lane], vectors[_i][6 + lane]);
}
END_TEST

START_TEST(words_of_streams) {
    static const struct {
        uint64_t seed, stream;
        uint32_t word[6];
    } known[] = {{0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8, 0xf8e4cca4, 0x5cb200db}},
                 {1, 0, {0xe3e80670, 0xe50a0ebc, 0x95f222c0, 0xb615aa27, 0xac08141b, 0xdfc5ccbe}},
                 {0, 1, {0x844515e1, 0xf08d6eaa, 0x0f19c053, 0x83f875f0, 0xca7cf69e, 0xd9c77ded}},
                 {0x0123456789abcdef,
                  0xfedcba9876543210,
                  {0xaef2adf7, 0xf69b5950, 0x3ceb44f4, 0x89b6573a, 0xec2ab39f, 0x4671fd85}}};
    Rng rng = rng_stream(known[_i].seed, known[_i].stream);
    for (int i = 0; i < 6; i++) ck_assert_uint_eq(rng_word(&rng), known[_i].word[i]);
}
END_TEST

START_TEST(block_counter_carries_into_its_high_half) {
    static const uint32_t known[8] = {0x7445a1d4, 0x316ebabf, 0x05693566, 0x5fe1f5ca,
                                      0xfa43867a, 0x30bcecab, 0x40122b19, 0x96bc54d0};
    Rng rng = rng_stream(7, 3);
    rng.counter[0] = UINT32_MAX;
    for (int i = 0; i < 8; i++) ck_assert_uint_eq(rng_word(&rng), known[i]);
}
END_TEST

START_TEST(copies_go_on_alike) {
    Rng rng = rng_stream(7, 3);
    for (int i = 0; i < 5; i++) rng_word(&rng);
    Rng copy = rng;
    for (int i = 0; i < 20; i++) ck_assert_uint_eq(rng_word(&rng), rng_word(&copy));
}
END_TEST

START_TEST(uniforms_to_the_bit) {
    static const double known[] = {0x1.2f66adb23f607p-1, 0x1.4d3cb744cc5a0p-3, 0x1.2cbefd9ceb746p-1,
                                   0x1.24039f285aea8p-4};
    Rng rng = rng_stream(7, 3);
    for (int i = 0; i < 4; i++) ck_assert(rng_uniform(&rng) == known[i]);
}
END_TEST

// Philox is a bijection, so that the block whose first 53 bits are 0 could be computed backwards:
// its words are 0, 7ff, 80000000, 0, and the uniform takes the second pair.
START_TEST(uniform_is_never_zero) {
    Rng rng = rng_stream(0, 0x889b15c8f989b608);
    rng.counter[1] = 0x2e1b43ec;
    rng.counter[0] = 0xd1a98541;
    ck_assert(rng_uniform(&rng) == 0.5);
}
END_TEST

// Likewise the words ffffffff, ffffffff: the greatest uniform is still below 1.
START_TEST(uniform_is_never_one) {
    Rng rng = rng_stream(0, 0x8a8e56b694e383d7);
    rng.counter[1] = 0x95d63ee0;
    rng.counter[0] = 0x8131b39a;
    ck_assert(rng_uniform(&rng) == 1 - 0x1p-53);
}
END_TEST

START_TEST(normals_to_the_bit) {
    static const double known[] = {-0x1.f3f121361f439p-1, -0x1.4087b3c1a9d36p+0,
                                   -0x1.d4d2e716a2caep-1, -0x1.0e36d19332f43p+0,
                                   0x1.3e6c6dce6cb5cp-1,  0x1.533fb0f21af26p-1};
    Rng rng = rng_stream(7, 3);
    for (int i = 0; i < 6; i++) ck_assert(rng_normal(&rng) == known[i]);
}
END_TEST

START_TEST(below_known_values) {
    static const uint64_t small[] = {6, 8, 2, 2, 8, 5, 1, 8, 4, 0, 1, 5};
    static const uint64_t great[] = {10931176211097861186U, 10835518653680202712U,
                                     6878694358200029808U,  5551834389400312565U,
                                     7298800045906070361U,  4732591701837407958U};
    Rng rng = rng_stream(7, 3);
    for (int i = 0; i < 12; i++) ck_assert_uint_eq(rng_below(&rng, 10), small[i]);
    rng = rng_stream(7, 3);
    for (int i = 0; i < 6; i++) ck_assert_uint_eq(rng_below(&rng, UINT64_C(3) << 62), great[i]);
}
END_TEST

START_TEST(below_one_is_zero_and_below_the_greatest_stays_below) {
    Rng rng = rng_stream(11, 0);
    for (int i = 0; i < 100; i++) {
        ck_assert_uint_eq(rng_below(&rng, 1), 0);
        ck_assert(rng_below(&rng, UINT64_MAX) < UINT64_MAX);
    }
}
END_TEST

static double chi_square(size_t cells, const size_t *seen, double expected) {
    double sum = 0;
    for (size_t c = 0; c < cells; c++) {
        double excess = (double)seen[c] - expected;
        sum += excess * excess / expected;
    }
    return sum;
}

// The 99.9 % points of chi-square with 9 and 2 degrees of freedom are 27.9 and 13.8.
START_TEST(below_is_uniform) {
    enum { DRAWS = 100000 };
    Rng rng = rng_stream(12, 0);
    size_t ten[10] = {0}, thirds[3] = {0};
    for (int i = 0; i < DRAWS; i++) ten[rng_below(&rng, 10)]++;
    ck_assert_double_lt(chi_square(10, ten, DRAWS / 10.0), 27.9);
    // three quarters of 2^64: a plain remainder would give the first third half of all draws
    for (int i = 0; i < DRAWS; i++) thirds[rng_below(&rng, UINT64_C(3) << 62) >> 62]++;
    ck_assert_double_lt(chi_square(3, thirds, DRAWS / 3.0), 13.8);
}
END_TEST

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double identity(double x) {
    return x;
}
static double normal_cdf(double x) {
    return 0.5 * erfc(-x / sqrt(2));
}

// √n times the Kolmogorov–Smirnov distance; 1.95 is its 99.9 % point.
static double kolmogorov_smirnov(size_t n, double *x, double cdf(double)) {
    qsort(x, n, sizeof *x, ascending);
    double distance = 0;
    for (size_t i = 0; i < n; i++) {
        double f = cdf(x[i]);
        distance = fmax(distance, fmax(f - (double)i / (double)n, (double)(i + 1) / (double)n - f));
    }
    return distance * sqrt((double)n);
}

enum { SAMPLE = 200000 };
static double sample[SAMPLE];

START_TEST(uniforms_are_uniform_and_inside) {
    Rng rng = rng_stream(13, 0);
    for (int i = 0; i < SAMPLE; i++) {
        sample[i] = rng_uniform(&rng);
        ck_assert(sample[i] > 0 && sample[i] < 1);
    }
    ck_assert_double_lt(kolmogorov_smirnov(SAMPLE, sample, identity), 1.95);
}
END_TEST

// The moments' standard errors are √(var / n): 1, √2, √15, √96 over √n; four of them are allowed.
START_TEST(normals_are_normal) {
    Rng rng = rng_stream(14, 0);
    double moment[5] = {0}, expected[5] = {1, 0, 1, 0, 3};
    double deviation[5] = {0, 1, sqrt(2), sqrt(15), sqrt(96)};
    for (int i = 0; i < SAMPLE; i++) {
        double x = sample[i] = rng_normal(&rng), power = 1;
        for (int k = 0; k < 5; k++, power *= x) moment[k] += power / SAMPLE;
    }
    for (int k = 1; k < 5; k++)
        ck_assert_double_eq_tol(moment[k], expected[k], 4 * deviation[k] / sqrt(SAMPLE));
    ck_assert_double_lt(kolmogorov_smirnov(SAMPLE, sample, normal_cdf), 1.95);
}
END_TEST

// Correlation between streams of one seed, and between seeds: within 4 / √n of 0.
START_TEST(streams_and_seeds_are_unrelated) {
    Rng one = rng_stream(15, 0), other = _i == 0 ? rng_stream(15, 1) : rng_stream(16, 0);
    double product = 0;
    int equal = 0;
    for (int i = 0; i < SAMPLE; i++) {
        double u = rng_uniform(&one), v = rng_uniform(&other);
        equal += u == v;
        product += 12 * (u - 0.5) * (v - 0.5) / SAMPLE;
    }
    ck_assert_int_eq(equal, 0);
    ck_assert_double_lt(fabs(product), 4 / sqrt(SAMPLE));
}
END_TEST

// Each of the 24 orders of four about 1000 times: χ² of 23 degrees stays below 50 but for 1 in
// 1000.
START_TEST(orders_are_equally_likely) {
    Rng rng = rng_stream(17, 0);
    int seen[256] = {0}, orders = 0;
    double chi = 0;
    for (int i = 0; i < 24000; i++) {
        uint32_t order[] = {0, 1, 2, 3};
        rng_shuffle(&rng, 4, order);
        seen[order[0] << 6 | order[1] << 4 | order[2] << 2 | order[3]]++;
    }
    for (int k = 0; k < 256; k++)
        if (seen[k]) orders++, chi += pow(seen[k] - 1000, 2) / 1000;
    ck_assert_int_eq(orders, 24);
    ck_assert_double_lt(chi, 50);
}
END_TEST

int main(void) {
    TCase *known = tcase_create("known answers"), *law = tcase_create("laws");
    tcase_add_loop_test(known, block_matches_published_vectors, 0, 3);
    tcase_add_loop_test(known, words_of_streams, 0, 4);
    tcase_add_test(known, block_counter_carries_into_its_high_half);
    tcase_add_test(known, copies_go_on_alike);
    tcase_add_test(known, uniforms_to_the_bit);
    tcase_add_test(known, uniform_is_never_zero);
    tcase_add_test(known, uniform_is_never_one);
    tcase_add_test(known, normals_to_the_bit);
    tcase_add_test(known, below_known_values);
    tcase_add_test(known, below_one_is_zero_and_below_the_greatest_stays_below);
    tcase_add_test(law, below_is_uniform);
    tcase_add_test(law, uniforms_are_uniform_and_inside);
    tcase_add_test(law, normals_are_normal);
    tcase_add_test(law, orders_are_equally_likely);
    tcase_add_loop_test(law, streams_and_seeds_are_unrelated, 0, 2);
    Suite *suite = suite_create("rng");
    suite_add_tcase(suite, known);
    suite_add_tcase(suite, law);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
