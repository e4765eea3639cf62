// Architectures: sizes against the frameworks' rules, the canonical line, every refusal with its
// token and column, the table, and random damage.
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nets/net.h"
#include "toy/rng.h"

static Architecture parsed(const char *line) {
    Architecture a;
    Error error;
    ck_assert_msg(architecture_parse(&a, line, &error) == EXIT_OK, "%s: %s", line, error.text);
    return a;
}

// ---- Sizes ------------------------------------------------------------------------------------

// Known sizes: PyTorch's Conv2d and ConvTranspose2d for pP oQ, TensorFlow's SAME otherwise; `top`
// is the padding before the first pixel (TensorFlow puts the odd one after the last).
static const struct {
    const char *line;
    int h, w, c, top, left;
} SIZES[] = {
    {"input 64x64x3; conv 64 k5 s2", 32, 32, 64, 1, 1},
    {"input 28x28x1; conv 64 k5 s2", 14, 14, 64, 1, 1},
    {"input 7x7x1; conv 64 k5 s2", 4, 4, 64, 2, 2},
    {"input 7x8x2; conv 3 k3 s2", 4, 4, 3, 1, 0},
    {"input 5x6x1; conv 1 k3 s1", 5, 6, 1, 1, 1},
    {"input 5x6x1; conv 1 k4 s1", 5, 6, 1, 1, 1},
    {"input 5x6x1; conv 1 k1 s2", 3, 3, 1, 0, 0},
    {"input 5x6x1; conv 1 k2 s3", 2, 2, 1, 0, 0},
    {"input 64x64x3; conv 8 k4 s2 p1", 32, 32, 8, 1, 1},
    {"input 4x4x3; conv 1 k4 s1 p0", 1, 1, 1, 0, 0},
    {"input 7x8x1; conv 2 k3 s2 p1", 4, 4, 2, 1, 1},
    {"input 7x9x1; conv 2 k3 s3 p2", 3, 4, 2, 2, 2},
    {"input 4x4x8; convt 4 k5 s2", 8, 8, 4, 1, 1},
    {"input 4x5x8; convt 4 k4 s2", 8, 10, 4, 1, 1},
    {"input 4x5x8; convt 4 k3 s1", 4, 5, 4, 1, 1},
    {"input 4x5x8; convt 4 k2 s3", 12, 15, 4, 0, 0},
    {"input 4x4x8; convt 4 k4 s2 p1", 8, 8, 4, 1, 1},
    {"input 1x1x8; convt 4 k4 s1 p0", 4, 4, 4, 0, 0},
    {"input 3x4x8; convt 4 k3 s2 p1 o1", 6, 8, 4, 1, 1},
    {"input 4x4x8; convt 4 k5 s2 size 7x6", 7, 6, 4, 1, 1},
    {"input 3x3x1; linear 9", 1, 1, 9, 0, 0},
    {"input 3; linear 2x4x3 ln", 2, 4, 3, 0, 0},
};

START_TEST(sizes_follow_the_frameworks) {
    Architecture a = parsed(SIZES[_i].line);
    const Item *item = &a.item[0];
    ck_assert_int_eq(item->out.h, SIZES[_i].h);
    ck_assert_int_eq(item->out.w, SIZES[_i].w);
    ck_assert_int_eq(item->out.c, SIZES[_i].c);
    if (item->kind == ITEM_LINEAR) return;
    ConvShape conv = item->conv;
    Shape image = item->kind == ITEM_CONV ? item->in : item->out;
    Shape map = item->kind == ITEM_CONV ? item->out : item->in;
    ck_assert(conv.h == image.h && conv.w == image.w && conv.c == image.c);
    ck_assert(conv.p == map.h && conv.q == map.w && conv.o == map.c);
    ck_assert_int_eq(conv.top, SIZES[_i].top);
    ck_assert_int_eq(conv.left, SIZES[_i].left);
}
END_TEST

START_TEST(items_hold_what_was_written) {
    Architecture a = parsed("\tinput 100;linear 4x4x8 bn eps 1e-3 nogain relu ; "
                            "convt 2 k5 s2 p2 o1 size 7x6 ln nogain eps 0.5e1 leaky 0.25\n");
    const Item *first = &a.item[0], *second = &a.item[1];
    ck_assert_int_eq(a.count, 2);
    ck_assert(!a.input.image && first->out.image && first->norm == NORM_BATCH && !first->gain);
    ck_assert(first->eps == 1e-3 && first->act == ACT_RELU);
    ck_assert(second->norm == NORM_LAYER && !second->gain && second->eps == 5);
    ck_assert(!second->same && second->pad == 2 && second->out_pad == 1 && second->cropped);
    ck_assert(second->act == ACT_LEAKY && second->leak == 0.25);
    Shape out = architecture_output(&a);
    ck_assert(out.h == 7 && out.w == 6 && out.c == 2 && out.image);
}
END_TEST

START_TEST(weights_and_flop) {
    Architecture a = parsed("input 100; linear 4x4x8 bn relu; convt 3 k5 s2 bn nogain; conv 2 k3 "
                            "s2 ln; linear 10");
    const size_t weights[] = {100 * 128 + 128 + 16, 8 * 25 * 3 + 3 + 3, 3 * 9 * 2 + 2 + 4,
                              32 * 10 + 10};
    const double flop[] = {2. * 100 * 128, 2. * 16 * 8 * 25 * 3, 2. * 16 * 2 * 9 * 3, 2. * 32 * 10};
    for (int i = 0; i < 4; i++) {
        ck_assert_uint_eq(item_weights(&a.item[i]), weights[i]);
        ck_assert_double_eq(item_flop(&a.item[i]), flop[i]);
    }
}
END_TEST

// ---- The canonical line -----------------------------------------------------------------------

static bool same_shape(Shape a, Shape b) {
    return a.h == b.h && a.w == b.w && a.c == b.c && a.image == b.image;
}

static bool same_item(const Item *a, const Item *b) {
    ConvShape p = a->conv, q = b->conv;
    return a->kind == b->kind && same_shape(a->in, b->in) && same_shape(a->out, b->out) &&
           p.h == q.h && p.w == q.w && p.c == q.c && p.p == q.p && p.q == q.q && p.o == q.o &&
           p.k == q.k && p.stride == q.stride && p.top == q.top && p.left == q.left &&
           a->same == b->same && a->pad == b->pad && a->out_pad == b->out_pad &&
           a->cropped == b->cropped && a->norm == b->norm && a->eps == b->eps &&
           a->gain == b->gain && a->act == b->act && a->leak == b->leak;
}

// parse(format(a)) = a, and format is the same again.
static void assert_reads_back(const Architecture *a) {
    char line[16384], again[16384];
    Error error;
    Architecture b;
    int length = architecture_format(a, line, sizeof line);
    ck_assert_int_eq(length, (int)strlen(line));
    ck_assert_msg(architecture_parse(&b, line, &error) == EXIT_OK, "%s: %s", line, error.text);
    ck_assert(same_shape(a->input, b.input) && a->count == b.count);
    for (int i = 0; i < a->count; i++)
        ck_assert_msg(same_item(&a->item[i], &b.item[i]), "%s", line);
    architecture_format(&b, again, sizeof again);
    ck_assert_str_eq(line, again);
}

static const char *const CANONICAL[][2] = {
    {"  input 64x64x3;conv 64 k5 s2 same leaky 0.20 ;linear 1",
     "input 64x64x3; conv 64 k5 s2 leaky 0.2; linear 1"},
    {"input 100; linear 04x4x512 bn eps 0.00001 relu; convt 3 k5 s2 p2 o0 tanh",
     "input 100; linear 4x4x512 bn relu; convt 3 k5 s2 p2 tanh"},
    {"input 3x3x1; convt 2 k3 s2 p1 o1 size 6x6 ln nogain eps 1e-3 ssoftplus",
     "input 3x3x1; convt 2 k3 s2 p1 o1 size 6x6 ln eps 0.001 nogain ssoftplus"},
    {"input 1x1x1; conv 1 k1 s1 p0 ln eps 0.1 leaky 0.30000000000000004",
     "input 1x1x1; conv 1 k1 s1 p0 ln eps 0.1 leaky 0.30000000000000004"},
    {"input 3; linear 1 leaky 0", "input 3; linear 1 leaky 0"},
    {"input 3; linear 2 softplus; linear 2 sigmoid; linear 2",
     "input 3; linear 2 softplus; linear 2 sigmoid; linear 2"},
};

START_TEST(canonical_line) {
    Architecture a = parsed(CANONICAL[_i][0]);
    char line[512];
    architecture_format(&a, line, sizeof line);
    ck_assert_str_eq(line, CANONICAL[_i][1]);
    assert_reads_back(&a);
}
END_TEST

START_TEST(format_counts_like_snprintf) {
    Architecture a = parsed("input 64x64x3; conv 64 k5 s2 leaky 0.2; linear 1");
    char line[64] = "kept";
    int length = architecture_format(&a, NULL, 0);
    ck_assert_int_eq(length, 48);
    ck_assert_int_eq(architecture_format(&a, line, 0), length);
    ck_assert_str_eq(line, "kept");
    memset(line, '#', sizeof line);
    ck_assert_int_eq(architecture_format(&a, line, 16), length);
    ck_assert_str_eq(line, "input 64x64x3; ");
    ck_assert(line[16] == '#');
}
END_TEST

START_TEST(most_items_fit) {
    char line[16384] = "input 1";
    for (int i = 0; i < ARCHITECTURE_ITEMS; i++) strcat(line, "; linear 1");
    Architecture a = parsed(line);
    ck_assert_int_eq(a.count, ARCHITECTURE_ITEMS);
    assert_reads_back(&a);
}
END_TEST

// ---- Refusals ---------------------------------------------------------------------------------

static const struct {
    const char *line, *error;
} REFUSED[] = {
    {"", "column 1: end of line: expected input"},
    {"   ", "column 4: end of line: expected input"},
    {"output 3", "column 1: \"output\": expected input"},
    {"input", "column 6: end of line: expected N or HxWxC, each 1..65536"},
    {"input 0", "column 7: \"0\": expected N or HxWxC, each 1..65536"},
    {"input 3x4", "column 7: \"3x4\": expected N or HxWxC, each 1..65536"},
    {"input 3x4x5x6; linear 1", "column 7: \"3x4x5x6\": expected N"},
    {"input 65537; linear 1", "column 7: \"65537\": expected N"},
    {"input 99999999999999999999; linear 1", "column 7: \"99999999999999999999\": expected N"},
    {"input -3; linear 1", "column 7: \"-3\": expected N"},
    {"input 65536x65536x1; linear 1", "column 7: \"65536x65536x1\": more than 2^31 - 1 features"},
    {"input 3", "column 8: end of line: expected ; and a layer"},
    {"input 3;", "column 9: end of line: expected linear, conv or convt"},
    {"input 3; linear 1;", "column 19: end of line: expected linear, conv or convt"},
    {"input 3;; linear 1", "column 9: \";\": expected linear, conv or convt"},
    {"input 3 4; linear 1", "column 9: \"4\": expected ; after the input"},
    {"input 3; dense 1", "column 10: \"dense\": expected linear, conv or convt"},
    {"input 3; Linear 1", "column 10: \"Linear\": expected linear, conv or convt"},
    {"input 3; linear 1.5", "column 17: \"1.5\": expected N or HxWxC"},
    {"input 3; linear 0x10", "column 17: \"0x10\": expected N or HxWxC"},
    {"input 3; linear 1e3", "column 17: \"1e3\": expected N or HxWxC"},
    {"input 3; linear 4 k3", "column 19: \"k3\": unknown word"},
    {"input 3; linear 4 same", "column 19: \"same\": linear has no padding and no crop"},
    {"input 3; linear 4 p1", "column 19: \"p1\": linear has no padding and no crop"},
    {"input 3; linear 4 o1", "column 19: \"o1\": linear has no padding and no crop"},
    {"input 3; linear 4 relu relu", "column 24: \"relu\": repeated or out of order"},
    {"input 3; linear 4 relu bn", "column 24: \"bn\": repeated or out of order"},
    {"input 3; linear 4 bn ln", "column 22: \"ln\": repeated or out of order"},
    {"input 3; linear 4 eps 1", "column 19: \"eps\": repeated or out of order"},
    {"input 3; linear 4 bn eps 1 eps 1", "column 28: \"eps\": repeated or out of order"},
    {"input 3; linear 4 bn nogain nogain", "column 29: \"nogain\": repeated or out of order"},
    {"input 3; linear 4 bn eps 0", "column 26: \"0\": eps must be a decimal number above 0"},
    {"input 3; linear 4 bn eps nan", "column 26: \"nan\": eps must be"},
    {"input 3; linear 4 bn eps 1e-400", "column 26: \"1e-400\": eps must be"},
    {"input 3; linear 4 bn eps 1e999", "column 26: \"1e999\": eps must be"},
    {"input 3; linear 4 bn eps", "column 25: end of line: eps must be"},
    {"input 3; linear 4 leaky", "column 24: end of line: the slope must be"},
    {"input 3; linear 4 leaky -0.1", "column 25: \"-0.1\": the slope must be"},
    {"input 3; linear 4 leaky 0x1p3", "column 25: \"0x1p3\": the slope must be"},
    {"input 3; linear 4 leaky inf", "column 25: \"inf\": the slope must be"},
    {"input 3; linear 4 leaky .5", "column 25: \".5\": the slope must be"},
    {"input 3; linear 4 leaky 1e", "column 25: \"1e\": the slope must be"},
    {"input 3; conv 4 k3 s1", "column 10: \"conv\": needs an image HxWxC"},
    {"input 3x3x1; linear 4; convt 4 k3 s1", "column 24: \"convt\": needs an image HxWxC"},
    {"input 8x8x3; conv 4 k0 s1", "column 21: \"k0\": kernel must be 1..64"},
    {"input 8x8x3; conv 4 k65 s1", "column 21: \"k65\": kernel must be 1..64"},
    {"input 8x8x3; conv 4 s1 k3", "column 21: \"s1\": expected the kernel, kK"},
    {"input 8x8x3; conv 4 k3", "column 23: end of line: expected the stride, sS"},
    {"input 8x8x3; conv 4 k3 s0", "column 24: \"s0\": stride must be 1..64"},
    {"input 8x8x3; conv 0 k3 s1", "column 19: \"0\": channels must be 1..65536"},
    {"input 8x8x3; conv 4 k3 s1 p3",
     "column 27: \"p3\": padding must be a number below the kernel"},
    {"input 8x8x3; conv 4 k3 s1 p", "column 27: \"p\": unknown word"},
    {"input 8x8x3; conv 4 k3 s1 same p1", "column 32: \"p1\": repeated or out of order"},
    {"input 8x8x3; conv 4 k3 s2 p1 o1", "column 30: \"o1\": output padding and crop are convt's"},
    {"input 8x8x3; conv 4 k3 s2 o1", "column 27: \"o1\": output padding and crop are convt's"},
    {"input 8x8x3; conv 4 k3 s1 size 4x4",
     "column 27: \"size\": output padding and crop are convt's"},
    {"input 8x8x3; convt 4 k3 s2 relu size 4x4", "column 33: \"size\": repeated or out of order"},
    {"input 8x8x3; convt 4 k3 s2 p3", "column 28: \"p3\": padding must be a number below"},
    {"input 8x8x3; convt 4 k3 s2 o1", "column 28: \"o1\": output padding goes with pP only"},
    {"input 8x8x3; convt 4 k3 s2 p1 o2",
     "column 31: \"o2\": output padding must be a number below"},
    {"input 8x8x3; convt 4 k3 s2 size 4", "column 33: \"4\": expected HxW"},
    {"input 8x8x3; convt 4 k3 s2 size 17x4", "column 33: \"17x4\": larger than what is cropped"},
    {"input 8x8x3; convt 4 k3 s2 size 16x17", "column 33: \"16x17\": larger than what is cropped"},
    {"input 3x3x1; conv 4 k4 s1 p0", "column 14: \"conv\": the output would be empty"},
    {"input 1x1x1; convt 4 k2 s1 p1", "column 14: \"convt\": the output would be empty"},
    {"input 65536x1x1; convt 1 k1 s2", "column 18: \"convt\": an output side over 65536"},
    {"input 65536x1x1; conv 65536 k1 s1", "column 18: \"conv\": more than 2^31 - 1 features"},
    {"input 65536; linear 32768", "column 14: \"linear\": more than 2^31 - 1 weights in a layer"},
    {"input 3; linear \x01\x7f", "column 17: \"??\": expected N or HxWxC"},
    {"input 3; this-word-is-far-too-long-to-be-shown-as-a-whole-in-one-line 1",
     "column 10: \"this-word-is-far-too-long-to-be-shown-as\": expected linear"},
};

START_TEST(refusals_name_token_and_column) {
    Architecture a, before;
    Error error = {""};
    memset(&a, 0x5a, sizeof a);
    memset(&before, 0x5a, sizeof before);
    ck_assert_msg(architecture_parse(&a, REFUSED[_i].line, &error) == EXIT_USAGE, "%s",
                  REFUSED[_i].line);
    ck_assert_msg(strncmp(error.text, "architecture, ", 14) == 0, "%s", error.text);
    ck_assert_msg(strncmp(error.text + 14, REFUSED[_i].error, strlen(REFUSED[_i].error)) == 0,
                  "%s\n says: %s\n not:  %s", REFUSED[_i].line, error.text, REFUSED[_i].error);
    ck_assert(memcmp(&a, &before, sizeof a) == 0);
}
END_TEST

// The line means the same in every build; a net has to hold its numbers in the build's own.
START_TEST(numbers_are_judged_as_written) {
    static const struct {
        const char *line, *reason;
    } lines[] = {{"input 3; linear 4 ln eps 1e-60", "item 0: eps 1e-60 is 0 as a float"},
                 {"input 3; linear 4 ln eps 1e60", "item 0: eps 1e+60 is inf as a float"},
                 {"input 3; linear 4; linear 1 leaky 1e60", "item 1: slope 1e+60 is inf as"}};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        Architecture a = parsed(lines[i].line);
        assert_reads_back(&a);
        Net net;
        Error error = {""};
        int status = net_outline(&net, &a, NET_TRAIN, 2, 1, false, &error);
        ck_assert_int_eq(status, sizeof(real) == sizeof(double) ? EXIT_OK : EXIT_USAGE);
        if (status) ck_assert_msg(strstr(error.text, lines[i].reason), "%s", error.text);
        net_free(&net);
    }
}
END_TEST

START_TEST(too_many_layers) {
    char line[16384] = "input 1", expected[64];
    for (int i = 0; i <= ARCHITECTURE_ITEMS; i++) strcat(line, "; linear 1");
    Architecture a;
    Error error;
    ck_assert_int_eq(architecture_parse(&a, line, &error), EXIT_USAGE);
    snprintf(expected, sizeof expected, "column %zu: \"linear\": more than 128 layers",
             strlen(line) - strlen("linear 1") + 1);
    ck_assert_msg(strstr(error.text, expected), "%s", error.text);
}
END_TEST

// ---- The table --------------------------------------------------------------------------------

START_TEST(table) {
    static const char EXPECTED[] =
        "  #  layer                     output              weights             FLOP\n"
        "     input                     64x64x3\n"
        "  0  conv 64 k5 s2 leaky 0.2   32x32x64              4,864        9,830,400\n"
        "  1  conv 128 k5 s2 leaky 0.2  16x16x128           204,928      104,857,600\n"
        "  2  linear 1                  1                    32,769           65,536\n"
        "     total                                         242,561      114,753,536\n";
    Architecture a =
        parsed("input 64x64x3; conv 64 k5 s2 leaky 0.2; conv 128 k5 s2 leaky 0.2; linear 1");
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    architecture_describe(&a, out);
    fclose(out);
    ck_assert_str_eq(text, EXPECTED);
    free(text);
}
END_TEST

// ---- Damage -----------------------------------------------------------------------------------

// Lines broken at random, in a buffer of their exact size: whatever is accepted reads back,
// whatever is refused gives one line. Run under the sanitizers this is a small fuzzer; tests/fuzz
// has the large one.
START_TEST(random_damage) {
    static const char *const BITS[] = {";",     " ",         "input", "3x4x5", "linear", "conv",
                                       "convt", "k3",        "s2",    "p1",    "o1",     "size",
                                       "5x5",   "bn",        "eps",   "1e-4",  "nogain", "leaky",
                                       "0.2",   "ssoftplus", "65536", "same",  "0",      "\xff"};
    Rng rng = rng_stream(1, 0);
    int accepted = 0;
    for (int round = 0; round < 6000; round++) {
        char text[1000] = "", rest[1000];
        strcat(text, CANONICAL[rng_below(&rng, 6)][rng_below(&rng, 2)]);
        for (uint64_t edits = 1 + rng_below(&rng, 2); edits > 0; edits--) {
            size_t length = strlen(text), at = rng_below(&rng, length + 1);
            size_t cut = at < length ? rng_below(&rng, 2) : 0;
            strcpy(rest, text + at + cut);
            strcpy(text + at, rng_below(&rng, 2) ? " " : "");
            strcat(text, BITS[rng_below(&rng, sizeof BITS / sizeof *BITS)]);
            strcat(text, rest);
        }
        char *exact = strdup(text);
        Architecture a;
        Error error = {""};
        if (architecture_parse(&a, exact, &error) == EXIT_OK) {
            assert_reads_back(&a);
            accepted++;
        } else {
            ck_assert(strlen(error.text) > 20 && !strchr(error.text, '\n'));
        }
        free(exact);
    }
    ck_assert_int_gt(accepted, 50);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("architecture");
    TCase *tcase = tcase_create("architecture");
    suite_add_tcase(suite, tcase);
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, sizes_follow_the_frameworks, 0, sizeof SIZES / sizeof *SIZES);
    tcase_add_test(tcase, items_hold_what_was_written);
    tcase_add_test(tcase, weights_and_flop);
    tcase_add_loop_test(tcase, canonical_line, 0, sizeof CANONICAL / sizeof *CANONICAL);
    tcase_add_test(tcase, format_counts_like_snprintf);
    tcase_add_test(tcase, most_items_fit);
    tcase_add_loop_test(tcase, refusals_name_token_and_column, 0, sizeof REFUSED / sizeof *REFUSED);
    tcase_add_test(tcase, numbers_are_judged_as_written);
    tcase_add_test(tcase, too_many_layers);
    tcase_add_test(tcase, table);
    tcase_add_test(tcase, random_damage);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
