// Sets of images: what lies in IDX files, CIFAR-10 batches, folders and fonts comes out in order,
// the same with any number of threads and from the cache, and what is damaged is told or made
// again.
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <turbojpeg.h>
#include <unistd.h>

#include "image_support.h"
#include "nets/images/cache.h"
#include "nets/images/cifar.h"
#include "nets/images/emoji.h"
#include "nets/images/hash.h"
#include "nets/images/image_set.h"
#include "nets/images/picture.h"

// ---- A folder for each test -------------------------------------------------------------------

static char folder[40];

static void set_up(void) {
    strcpy(folder, "/tmp/images-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void tear_down(void) {
    char command[60];
    snprintf(command, sizeof command, "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static const char *in(const char *name) {
    static char path[64][400]; // one for each that a test uses at once
    static int turn;
    char *p = path[turn++ % 64];
    snprintf(p, sizeof path[0], "%s/%s", folder, name);
    return p;
}

static void folder_make(const char *name) {
    ck_assert_int_eq(mkdir(in(name), 0777), 0);
}

// Takes the bytes.
static void save(const char *name, Bytes b) {
    FILE *f = fopen(in(name), "wb");
    ck_assert_msg(f != NULL, "%s: %s", name, strerror(errno));
    ck_assert_uint_eq(fwrite(b.bytes, 1, b.size, f), b.size);
    ck_assert_int_eq(fclose(f), 0);
    free(b.bytes);
}

static Bytes nothing(void) {
    return bytes_of("", 0);
}

static Bytes load(const char *path) {
    FILE *f = fopen(path, "rb");
    ck_assert_msg(f != NULL, "%s: %s", path, strerror(errno));
    static uint8_t bytes[1 << 16];
    Bytes b = bytes_of(bytes, fread(bytes, 1, sizeof bytes, f));
    fclose(f);
    return b;
}

static int matches(const char *pattern) {
    glob_t found;
    int count = glob(in(pattern), 0, NULL, &found) == 0 ? (int)found.gl_pathc : 0;
    globfree(&found);
    return count;
}

static const char *cache_file(void) { // of a test that makes one only
    static char path[300];
    glob_t found;
    ck_assert_int_eq(glob(in("cache/*.images"), 0, NULL, &found), 0);
    ck_assert_uint_eq(found.gl_pathc, 1);
    snprintf(path, sizeof path, "%s", found.gl_pathv[0]);
    globfree(&found);
    return path;
}

// ---- Opening ----------------------------------------------------------------------------------

static ImageRequest request(const char *source) {
    static char cache[200];
    snprintf(cache, sizeof cache, "%s/cache", folder);
    return (ImageRequest){.source = source, .cache = cache, .threads = 2};
}

static ImageSet opened(const ImageRequest *r) {
    ImageSet set;
    Error error = {""};
    ck_assert_msg(image_set_open(&set, r, &error) == 0, "%s", error.text);
    return set;
}

static void check_shape(const ImageSet *set, size_t count, int side, int channels, int classes) {
    ck_assert_uint_eq(set->count, count);
    ck_assert(set->height == side && set->width == side && set->channels == channels);
    ck_assert_int_eq(set->classes, classes);
    ck_assert((set->labels != NULL) == (classes > 0));
    ck_assert_str_eq(set->uncached.text, "");
    ck_assert_uint_eq(strlen(set->digest), 16);
}

static const char *refusal(const ImageRequest *r, int status) {
    static Error error;
    ImageSet set;
    int got = image_set_open(&set, r, &error);
    ck_assert_msg(got == status, "%d: %s", got, error.text);
    ck_assert(set.pixels == NULL && set.map == NULL);
    ck_assert_ptr_null(strpbrk(error.text, "\n\r\t\x1b"));
    ck_assert_int_eq(matches("cache/*.tmp"), 0);
    return error.text;
}

static void check_refused(const ImageRequest *r, int status, const char *reason) {
    const char *text = refusal(r, status);
    ck_assert_msg(strstr(text, reason) != NULL, "'%s' is not in '%s'", reason, text);
}

// The same images once more, and from where.
static void check_again(const ImageRequest *r, const ImageSet *set) {
    ImageSet again = opened(r);
    ck_assert_str_eq(again.digest, set->digest);
    ck_assert(again.count == set->count && again.skipped == set->skipped);
    ck_assert(again.height == set->height && again.width == set->width);
    ck_assert(again.channels == set->channels && again.classes == set->classes);
    size_t size = set->count * (size_t)(set->height * set->width * set->channels);
    ck_assert_mem_eq(again.pixels, set->pixels, size);
    ck_assert((again.labels != NULL) == (set->labels != NULL));
    if (set->labels) ck_assert_mem_eq(again.labels, set->labels, set->count);
    image_set_close(&again);
}

// The same images, in memory and with a reason.
static void check_uncached(const ImageRequest *r, const ImageSet *set, const char *reason) {
    ImageSet again;
    Error error = {""};
    ck_assert_msg(image_set_open(&again, r, &error) == 0, "%s", error.text);
    ck_assert_msg(strstr(again.uncached.text, reason) != NULL, "'%s'", again.uncached.text);
    ck_assert_str_eq(again.digest, set->digest);
    ck_assert_mem_eq(again.pixels, set->pixels,
                     set->count * (size_t)(set->height * set->width * set->channels));
    image_set_close(&again);
}

static size_t steps, total;
static bool in_order;
static pthread_t caller;
static void watch(size_t done, size_t of) {
    in_order = in_order && done >= steps && done <= of && pthread_equal(pthread_self(), caller);
    steps = done, total = of;
}

static void watch_from_now(ImageRequest *r) {
    r->progress = watch;
    steps = total = 0, in_order = true, caller = pthread_self();
}

// ---- IDX --------------------------------------------------------------------------------------

enum { IMAGES = 5 };
static const char *const IDX_NAMES[][2] = {
    {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"},
    {"train-images.idx3-ubyte", "train-labels.idx1-ubyte"},
    {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"},
    {"t10k-images.idx3-ubyte.gz", "t10k-labels-idx1-ubyte"},
};

static void save_packed(const char *name, Bytes b) {
    bool packed = strcmp(name + strlen(name) - 3, ".gz") == 0;
    save(name, packed ? gzipped(&b) : b);
    if (packed) free(b.bytes);
}

static void check_idx(const ImageSet *set) {
    check_shape(set, IMAGES, 4, 1, 9); // 8 is the largest label
    for (unsigned i = 0; i < IMAGES * 16; i++)
        ck_assert_int_eq(set->pixels[i], (i * i * 37 + i) % 256);
    for (unsigned i = 0; i < IMAGES; i++) ck_assert_int_eq(set->labels[i], (i * i * 37 + i) % 10);
}

START_TEST(idx_folders_and_files) {
    save_packed(IDX_NAMES[_i][0], make_idx(IMAGES, 4, 4));
    save_packed(IDX_NAMES[_i][1], make_idx_labels(IMAGES));
    ImageRequest r = request(folder);
    r.part = _i == 3 ? PART_TEST : PART_TRAIN;
    watch_from_now(&r);
    ImageSet set = opened(&r);
    check_idx(&set);
    ck_assert(in_order && steps == IMAGES && total == IMAGES);
    watch_from_now(&r);
    check_again(&r, &set);
    ck_assert_uint_eq(total, 0); // from the cache
    image_set_close(&set), image_set_close(&set);
    r.part = _i == 3 ? PART_TRAIN : PART_TEST;
    check_refused(&r, EXIT_USAGE, _i == 3 ? "no train-images-idx3-ubyte" : "no t10k-images");

    r = request(in(IDX_NAMES[_i][0]));
    set = opened(&r);
    if (_i < 3)
        check_idx(&set);
    else
        ck_assert_ptr_null(set.labels); // of another name than the images'
    image_set_close(&set);
    r.part = PART_TEST;
    check_refused(&r, EXIT_USAGE, "no test part");
}
END_TEST

START_TEST(idx_labels_must_fit) {
    save("train-images-idx3-ubyte", make_idx(IMAGES, 4, 4));
    save("train-labels-idx1-ubyte", make_idx_labels(IMAGES + 1));
    ImageRequest r = request(folder);
    check_refused(&r, EXIT_DATA, "train-labels-idx1-ubyte: 6 labels for 5 images");
    unlink(in("train-labels-idx1-ubyte"));
    ImageSet set = opened(&r);
    check_shape(&set, IMAGES, 4, 1, 0);
    image_set_close(&set);
}
END_TEST

START_TEST(idx_sizes) {
    save("train-images-idx3-ubyte", make_idx(IMAGES, 4, 6));
    ImageRequest r = request(folder);
    ImageSet set = opened(&r);
    ck_assert(set.height == 4 && set.width == 6 && set.count == IMAGES);
    r.size = 3, r.limit = 2;
    ImageSet small = opened(&r);
    check_shape(&small, 2, 3, 1, 0);
    for (size_t i = 0; i < 2; i++) {
        uint8_t expected[9], *pixels = (uint8_t *)set.pixels + 24 * i;
        picture_square(&(Picture){4, 6, 1, pixels}, 3, 1, expected);
        ck_assert_mem_eq(small.pixels + 9 * i, expected, 9);
    }
    image_set_close(&small), image_set_close(&set);
    r.size = 4097;
    check_refused(&r, EXIT_USAGE, "from 1 to 4096");
    r.size = -1;
    check_refused(&r, EXIT_USAGE, "from 1 to 4096");
}
END_TEST

// ---- CIFAR-10 ---------------------------------------------------------------------------------

static void check_cifar(const ImageSet *set, size_t count, int first) {
    check_shape(set, count, 32, 3, 10);
    for (size_t i = 0; i < count; i++) {
        int label = (first + (int)i) % 10;
        ck_assert_int_eq(set->labels[i], label);
        for (int p = 0; p < 1024; p++) {
            const uint8_t *pixel = set->pixels + (i * 1024 + (size_t)p) * 3;
            ck_assert(pixel[0] == p / 32 && pixel[1] == p % 32 && pixel[2] == label);
        }
    }
}

START_TEST(cifar_folders_and_files) {
    for (int k = 1; k <= 10; k++) { // 10 comes after 9, not after 1
        char name[30];
        snprintf(name, sizeof name, "data_batch_%d.bin", k);
        save(name, make_cifar(3, 3 * (k - 1)));
    }
    ImageRequest r = request(folder);
    ImageSet set = opened(&r);
    check_cifar(&set, 30, 0);
    check_again(&r, &set);
    image_set_close(&set);
    r.part = PART_TEST;
    check_refused(&r, EXIT_USAGE, "no test_batch.bin");
    save("test_batch.bin", make_cifar(4, 7));
    set = opened(&r);
    check_cifar(&set, 4, 7);
    image_set_close(&set);
    r = request(in("data_batch_2.bin"));
    set = opened(&r);
    check_cifar(&set, 3, 3);
    image_set_close(&set);
    save("data_batch_3.bin", nothing());
    r = request(folder);
    check_refused(&r, EXIT_DATA, "data_batch_3.bin: byte 0: no records");
}
END_TEST

START_TEST(cifar_damage) {
    Bytes b = make_cifar(3, 8); // labels 8, 9, 0
    Error error = {""};
    size_t count;
    ck_assert_int_eq(cifar_check("F", b.bytes, b.size, &count, &error), 0);
    ck_assert_uint_eq(count, 3);
    for (size_t n = 0; n < b.size; n++) {
        Bytes part = bytes_of(b.bytes, n);
        int status = cifar_check("F", part.bytes, n, &count, &error);
        ck_assert_int_eq(status, n > 0 && n % 3073 == 0 ? 0 : EXIT_DATA);
        if (status) ck_assert_int_eq(strncmp(error.text, "F: byte ", 8), 0);
        free(part.bytes);
    }
    size_t refused = 0;
    for (size_t bit = 0; bit < 8 * b.size; bit++) {
        b.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        refused += cifar_check("F", b.bytes, b.size, &count, &error) != 0;
        b.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    // of 8, 9 and 0: bits 1, 2 and 4 to 7; the same; 4 to 7
    ck_assert_uint_eq(refused, 6 + 6 + 4);
    b.bytes[3073] = 10;
    ck_assert_int_eq(cifar_check("F", b.bytes, b.size, &count, &error), EXIT_DATA);
    ck_assert_str_eq(error.text, "F: byte 3073: label 10, where CIFAR-10 has 0 to 9");
    free(b.bytes);
}
END_TEST

// ---- Folders ----------------------------------------------------------------------------------

static Bytes flat(int type, int red, int green, int blue) {
    return make_flat_png(8, type,
                         (uint16_t[]){(uint16_t)red, (uint16_t)green, (uint16_t)blue, 255});
}

static Bytes make_jpeg(const uint8_t *pixels, int height, int width, int format) {
    unsigned long size = 0;
    uint8_t *bytes = NULL;
    tjhandle jpeg = tjInitCompress();
    int sampling = format == TJPF_GRAY ? TJSAMP_GRAY : TJSAMP_420;
    ck_assert_int_eq(
        tjCompress2(jpeg, pixels, width, 0, height, format, &bytes, &size, sampling, 95, 0), 0);
    Bytes b = bytes_of(bytes, size);
    tjFree(bytes), tjDestroy(jpeg);
    return b;
}

static Bytes flat_jpeg(int format, int red, int green, int blue) {
    uint8_t pixels[24 * 16 * 4];
    int channels = tjPixelSize[format];
    const int colour[] = {red, green, blue, 0};
    for (int i = 0; i < 24 * 16 * channels; i++) pixels[i] = (uint8_t)colour[i % channels];
    return make_jpeg(pixels, 16, 24, format);
}

static Bytes large_jpeg(int side) {
    uint8_t *pixels = malloc((size_t)(side * side));
    for (int i = 0; i < side * side; i++) pixels[i] = (uint8_t)((unsigned)i * 2654435761u >> 24);
    Bytes b = make_jpeg(pixels, side, side, TJPF_GRAY);
    free(pixels);
    return b;
}

static void check_colour(const ImageSet *set, size_t image, int red, int green, int blue) {
    const int colour[] = {red, green, blue};
    size_t size = (size_t)(set->height * set->width * set->channels);
    for (size_t i = 0; i < size; i++)
        ck_assert_int_le(abs(set->pixels[image * size + i] - colour[i % (size_t)set->channels]), 3);
}

static void make_gallery(void) {
    folder_make("p"), folder_make("p/b"), folder_make("p/.hidden"), folder_make("p/b/deep");
    save("p/a.png", flat(RGB, 10, 20, 30));
    save("p/b/deep/one.JPG", flat_jpeg(TJPF_RGB, 200, 100, 50));
    save("p/b/no_ending", flat(GREY, 77, 0, 0));
    save("p/b.png", flat_jpeg(TJPF_RGB, 40, 80, 120)); // its content counts
    save("p/z.jpeg", flat(RGB_ALPHA, 1, 2, 3));
    save("p/notes.txt", bytes_of("hello", 5));
    save("p/.x.png", flat(RGB, 0, 0, 0));
    save("p/.hidden/y.png", flat(RGB, 0, 0, 0));
    ck_assert_int_eq(symlink("..", in("p/b/loop")), 0);
    ck_assert_int_eq(symlink("nowhere", in("p/gone.text")), 0);
}

START_TEST(folder_in_order) {
    make_gallery();
    ImageRequest r = request(in("p"));
    check_refused(&r, EXIT_USAGE, "a folder of pictures needs a size");
    r.size = 5;
    ImageSet set = opened(&r);
    check_shape(&set, 5, 5, 3, 0);
    check_colour(&set, 0, 10, 20, 30);   // a.png
    check_colour(&set, 1, 40, 80, 120);  // b.png: '.' comes before '/'
    check_colour(&set, 2, 200, 100, 50); // b/deep/one.JPG
    check_colour(&set, 3, 77, 77, 77);   // b/no_ending
    check_colour(&set, 4, 1, 2, 3);      // z.jpeg
    check_again(&r, &set);
    ImageRequest slashes = r;
    char name[220];
    snprintf(name, sizeof name, "%s//", r.source);
    slashes.source = name;
    check_again(&slashes, &set);
    ck_assert_int_eq(matches("cache/*.images"), 1);
    r.limit = 3;
    ImageSet part = opened(&r);
    check_shape(&part, 3, 5, 3, 0);
    ck_assert_mem_eq(part.pixels, set.pixels, 3 * 75);
    ck_assert_str_ne(part.digest, set.digest);
    image_set_close(&part);
    image_set_close(&set);
    r.part = PART_TEST;
    check_refused(&r, EXIT_USAGE, "no test part");
}
END_TEST

START_TEST(folder_all_grey) {
    folder_make("p");
    save("p/a.png", flat(GREY, 10, 0, 0));
    save("p/b.jpg", flat_jpeg(TJPF_GRAY, 200, 0, 0));
    save("p/c.png", flat(GREY_ALPHA, 30, 255, 0));
    ImageRequest r = request(in("p"));
    r.size = 6;
    ImageSet set = opened(&r);
    check_shape(&set, 3, 6, 1, 0);
    check_colour(&set, 0, 10, 0, 0), check_colour(&set, 1, 200, 0, 0),
        check_colour(&set, 2, 30, 0, 0);
    check_again(&r, &set);
    struct stat about;
    ck_assert_int_eq(stat(cache_file(), &about), 0);
    ck_assert_int_eq(about.st_size, 128 + 3 * 36);
    image_set_close(&set);
}
END_TEST

START_TEST(folder_bad_pictures) {
    make_gallery();
    Bytes cut = flat(RGB, 1, 1, 1);
    cut.size -= 5;
    save("p/b/cut.png", cut);
    save("p/c.webp", bytes_of("RIFF1234WEBP", 12));
    save("p/d.jpg", flat_jpeg(TJPF_CMYK, 1, 2, 3));
    save("p/empty.jpg", nothing());
    ck_assert_int_eq(symlink("nowhere", in("p/gone.png")), 0);
    ck_assert_int_eq(symlink("round.jpg", in("p/round.jpg")), 0);
    ImageRequest r = request(in("p"));
    r.size = 4;
    for (r.threads = 1; r.threads <= 8; r.threads++) // the first, whoever finds it
        check_refused(&r, EXIT_DATA, "p/b/cut.png: the PNG is cut short");
    unlink(in("p/b/cut.png"));
    check_refused(&r, EXIT_DATA, "p/c.webp: neither JPEG nor PNG");
    unlink(in("p/c.webp"));
    check_refused(&r, EXIT_DATA, "p/d.jpg: a CMYK JPEG");
    r.skip_bad = true;
    watch_from_now(&r);
    ImageSet set = opened(&r);
    check_shape(&set, 5, 4, 3, 0);
    ck_assert_uint_eq(set.skipped, 4);
    ck_assert(in_order && steps == 9 && total == 9);
    check_colour(&set, 0, 10, 20, 30), check_colour(&set, 4, 1, 2, 3);
    check_again(&r, &set);
    image_set_close(&set);
    r.skip_bad = false;
    check_refused(&r, EXIT_DATA, "p/d.jpg: a CMYK JPEG"); // the cache is not of this request
    unlink(in("p/d.jpg")), unlink(in("p/empty.jpg"));
    check_refused(&r, EXIT_DATA, "p/gone.png: a link to nowhere");
    unlink(in("p/gone.png"));
    check_refused(&r, EXIT_DATA, "p/round.jpg: Too many levels of symbolic links");
    folder_make("q");
    save("q/a.jpg", nothing()), save("q/b.gif", nothing());
    r = request(in("q"));
    r.size = 4, r.skip_bad = true;
    check_refused(&r, EXIT_DATA, "q: none of its 2 pictures can be read");
}
END_TEST

static void save_many(int count) {
    folder_make("many");
    for (int k = 0; k < count; k++) {
        char name[30];
        snprintf(name, sizeof name, "many/%03d.%s", k, k % 2 ? "jpg" : "png");
        save(name, k % 2 ? flat_jpeg(TJPF_RGB, k, 2 * k, 255 - k) : flat(RGB, k, 2 * k, 255 - k));
    }
}

START_TEST(threads_change_nothing) {
    save_many(60);
    ImageRequest r = request(in("many"));
    r.size = 7, r.threads = 1, r.cache = in("cache1");
    ImageSet set = opened(&r);
    for (int k = 0; k < 60; k++) check_colour(&set, (size_t)k, k, 2 * k, 255 - k);
    static const int threads[] = {2, 3, 8, 1000, 0};
    for (int k = 0; k < 5; k++) {
        char name[20];
        snprintf(name, sizeof name, "another%d", k);
        r.threads = threads[k], r.cache = in(name);
        watch_from_now(&r);
        check_again(&r, &set);
        ck_assert(in_order && steps == 60);
    }
    image_set_close(&set);
}
END_TEST

// Two threads: while one comes to a bad picture the other is still at work on the next, larger one,
// whose damage is at its end.
START_TEST(the_first_failure_is_told) {
    folder_make("p");
    for (int k = 0; k < 9; k++) {
        char name[30];
        snprintf(name, sizeof name, "p/%d.jpg", k);
        Bytes b = large_jpeg(k == 8 ? 2000 : k == 7 ? 10 : 300);
        if (k >= 7) b.size -= 2;
        save(name, b);
    }
    ImageRequest r = request(in("p"));
    r.size = 4;
    for (int k = 0; k < 5; k++) check_refused(&r, EXIT_DATA, "p/7.jpg: damaged JPEG: ");
}
END_TEST

// ---- Emoji ------------------------------------------------------------------------------------

enum { GLYPHS = 3, GLYPH_SIDE = 8 };

static Bytes small_font(void) {
    Bytes png[GLYPHS] = {
        make_flat_png(GLYPH_SIDE, RGB_ALPHA, (uint16_t[]){200, 100, 50, 255}),
        make_flat_png(GLYPH_SIDE, RGB_ALPHA, (uint16_t[]){0, 100, 250, 51}), // 0.2
        make_flat_png(GLYPH_SIDE, RGB_ALPHA, (uint16_t[]){9, 9, 9, 0}),
    };
    Bytes font = make_font(GLYPHS, png, GLYPH_SIDE);
    for (int k = 0; k < GLYPHS; k++) free(png[k].bytes);
    return font;
}

START_TEST(emoji_of_a_small_font) {
    save("font.ttf", small_font());
    ImageRequest r = request(in("font.ttf"));
    ImageSet set = opened(&r);
    check_shape(&set, GLYPHS, 64, 3, 0);
    check_colour(&set, 0, 200, 100, 50);
    check_colour(&set, 1, 204, 224, 254);
    check_colour(&set, 2, 255, 255, 255);
    check_again(&r, &set);
    image_set_close(&set);
    r.size = 8, r.limit = 1;
    set = opened(&r);
    check_shape(&set, 1, 8, 3, 0);
    image_set_close(&set);
    r.part = PART_TEST;
    check_refused(&r, EXIT_USAGE, "no test part");
}
END_TEST

// Whatever is left of the font, it is read or refused.
static int read_font(const uint8_t *bytes, size_t size) {
    Bytes b = bytes_of(bytes, size);
    Emoji emoji;
    Error error = {""};
    int status = emoji_open(&emoji, "F", b.bytes, b.size, &error);
    for (size_t k = 0; !status && k < emoji.count; k++) {
        Picture p;
        int bad = emoji_picture(&emoji, k, &p, &error);
        ck_assert(bad == 0 || bad == EXIT_DATA);
        if (!bad) ck_assert(p.height >= 1 && p.width >= 1 && p.channels == 3);
        picture_free(&p);
    }
    if (status) ck_assert(status == EXIT_DATA && strncmp(error.text, "F: ", 3) == 0);
    emoji_close(&emoji), emoji_close(&emoji);
    free(b.bytes);
    return status;
}

START_TEST(emoji_damage) {
    Bytes b = small_font();
    ck_assert_int_eq(read_font(b.bytes, b.size), 0);
    for (size_t n = 0; n < b.size; n++) read_font(b.bytes, n);
    for (size_t bit = 0; bit < 8 * b.size; bit++) {
        b.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        read_font(b.bytes, b.size);
        b.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    free(b.bytes);
}
END_TEST

START_TEST(emoji_refused) {
    Bytes font = small_font(), none = make_font(0, NULL, 8);
    memset(font.bytes + font.size / 2, 0, 40);
    save("none.ttf", none);
    ImageRequest r = request(in("none.ttf"));
    check_refused(&r, EXIT_DATA, "none.ttf: a font without colour pictures");
    save("cut.ttf", bytes_of(font.bytes, 20));
    r = request(in("cut.ttf"));
    check_refused(&r, EXIT_DATA, "cut.ttf: not a font that can be read");
    free(font.bytes);
}
END_TEST

// ---- What is at a path ------------------------------------------------------------------------

START_TEST(detection) {
    ImageRequest r = request("/none/such");
    check_refused(&r, EXIT_USAGE, "/none/such: neither a built-in set (fashion, emoji) nor a path");
    r = request("/dev/null");
    check_refused(&r, EXIT_USAGE, "/dev/null: neither a file nor a folder");
    save("empty", nothing()), save("text.txt", bytes_of("hello", 5));
    save("a.png", flat(GREY, 1, 1, 1)), save("labels", make_idx_labels(3));
    save("cut.bin", bytes_of("\1abc", 4)), folder_make("void");
    r = request(in("empty"));
    check_refused(&r, EXIT_USAGE, "neither IDX, nor CIFAR-10 (.bin), nor a font, nor a folder");
    r = request(in("text.txt"));
    check_refused(&r, EXIT_USAGE, "neither IDX, nor CIFAR-10 (.bin), nor a font, nor a folder");
    r = request(in("a.png"));
    check_refused(&r, EXIT_USAGE, "one picture; give the folder");
    r = request(in("labels"));
    check_refused(&r, EXIT_DATA, "one dimension where images have three (labels?)");
    r = request(in("cut.bin"));
    check_refused(&r, EXIT_DATA, "cut.bin: byte 0: not a whole record of 3073 bytes");
    r = request(in("void"));
    check_refused(&r, EXIT_DATA, "no JPEG or PNG pictures in this folder");
    r.format = FORMAT_IDX;
    check_refused(&r, EXIT_USAGE, "no train-images-idx3-ubyte");
    r.format = FORMAT_CIFAR;
    check_refused(&r, EXIT_USAGE, "no data_batch_1.bin");
    r.format = FORMAT_EMOJI;
    check_refused(&r, EXIT_RESOURCE, "Is a directory");
    r = request(in("text.txt"));
    r.format = FORMAT_IDX;
    check_refused(&r, EXIT_DATA, "not an IDX file of grey images");
    r.format = FORMAT_EMOJI;
    check_refused(&r, EXIT_DATA, "not a font that can be read");
}
END_TEST

START_TEST(a_format_that_is_asked_for) {
    save("train-images-idx3-ubyte", make_idx(2, 4, 4));
    save("picture.png", flat(RGB, 5, 6, 7));
    ImageRequest r = request(folder);
    ImageSet set = opened(&r);
    check_shape(&set, 2, 4, 1, 0);
    image_set_close(&set);
    r.format = FORMAT_FOLDER, r.size = 4;
    set = opened(&r);
    check_shape(&set, 1, 4, 3, 0);
    image_set_close(&set);
}
END_TEST

// ---- The hash ---------------------------------------------------------------------------------

// Its definition, by zlib alone.
static uint64_t hash_plainly(const uint8_t *bytes, size_t size) {
    uint64_t hash = 1;
    for (size_t at = 0; at < size; at += 1 << 20) {
        uInt block = (uInt)(size - at < 1 << 20 ? size - at : 1 << 20);
        uint64_t of = (uint64_t)crc32(0, bytes + at, block) << 32 | adler32(1, bytes + at, block);
        uint8_t digits[8];
        memcpy(digits, &of, sizeof digits); // little-endian, as the machine
        hash = (uint64_t)crc32((uLong)(hash >> 32), digits, 8) << 32 |
               adler32((uLong)(hash & 0xffffffff), digits, 8);
    }
    return hash;
}

START_TEST(hash_of_many_blocks) {
    size_t size = (_i == 0 ? 65u << 20 : 3u << 20) + 5; // more, and fewer than are read at once
    uint8_t *bytes = malloc(size);
    for (size_t i = 0; i < size; i++) bytes[i] = (uint8_t)(i * 2654435761u >> 24);
    uint64_t hash = hash_plainly(bytes, size);
    ck_assert_uint_eq(hash_bytes(HASH_EMPTY, bytes, size, 1), hash);
    ck_assert_uint_eq(hash_bytes(HASH_EMPTY, bytes, size, 3), hash);
    bytes[size - 1] ^= 1;
    ck_assert_uint_ne(hash_bytes(HASH_EMPTY, bytes, size, 2), hash);
    free(bytes);
}
END_TEST

// ---- The cache --------------------------------------------------------------------------------

START_TEST(cache_damage_is_seen) {
    save("train-images-idx3-ubyte", make_idx(2, 3, 3));
    save("train-labels-idx1-ubyte", make_idx_labels(2));
    ImageRequest r = request(folder);
    ImageSet set = opened(&r), seen;
    Bytes b = load(cache_file());
    ck_assert_uint_eq(b.size, 128 + 2 * 9 + 2);
    uint64_t key;
    memcpy(&key, b.bytes + 16, sizeof key);
    ck_assert(cache_check(&seen, b.bytes, b.size, key, 1));
    ck_assert_str_eq(seen.digest, set.digest);
    ck_assert(!cache_check(&seen, b.bytes, b.size, key + 1, 1));
    for (size_t n = 0; n < b.size; n++) {
        Bytes part = bytes_of(b.bytes, n);
        ck_assert(!cache_check(&seen, part.bytes, n, key, 1));
        free(part.bytes);
    }
    for (size_t bit = 0; bit < 8 * b.size; bit++) {
        b.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ck_assert_msg(!cache_check(&seen, b.bytes, b.size, key, 1), "bit %zu", bit);
        b.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    put(&b, "", 1);
    ck_assert(!cache_check(&seen, b.bytes, b.size, key, 1));
    image_set_close(&set);
    free(b.bytes);
}
END_TEST

START_TEST(cache_is_made_again) {
    save("train-images-idx3-ubyte", make_idx(2, 3, 3));
    ImageRequest r = request(folder);
    ImageSet set = opened(&r);
    char path[300];
    snprintf(path, sizeof path, "%s", cache_file());
    Bytes whole = load(path);
    for (int k = 0; k < 4; k++) {
        Bytes b = bytes_of(whole.bytes, whole.size);
        if (k == 0) b.size = 0;                   // nothing left
        if (k == 1) b.size -= 3;                  // cut short
        if (k == 2) b.bytes[b.size - 1] ^= 64;    // one pixel
        if (k == 3) memset(b.bytes, 'x', b.size); // another's file
        unlink(path);                             // the set that is open keeps its own
        save(path + strlen(folder) + 1, b);
        watch_from_now(&r);
        check_again(&r, &set);
        ck_assert_uint_eq(steps, 2);
        Bytes again = load(path);
        ck_assert(again.size == whole.size && memcmp(again.bytes, whole.bytes, whole.size) == 0);
        free(again.bytes);
    }
    image_set_close(&set);
    free(whole.bytes);
}
END_TEST

// What differs has another key, so that both stay.
START_TEST(cache_follows_settings_and_content) {
    folder_make("p");
    save("p/a.png", flat(RGB, 1, 2, 3));
    ImageRequest r = request(in("p"));
    r.size = 4;
    ImageSet set = opened(&r);
    struct stat about;
    ck_assert_int_eq(stat(in("p/a.png"), &about), 0);
    ck_assert_int_eq(matches("cache/*"), 1);
    check_again(&r, &set);
    r.threads = 5;
    check_again(&r, &set);
    ck_assert_int_eq(matches("cache/*"), 1);
    r.size = 5;
    ImageSet other = opened(&r);
    image_set_close(&other);
    ck_assert_int_eq(matches("cache/*"), 2);
    r.size = 4;
    save("p/a.png", flat(RGB, 1, 2, 4)); // of the same size and, set back, of the same age
    struct timespec times[] = {about.st_atim, about.st_mtim};
    ck_assert_int_eq(utimensat(AT_FDCWD, in("p/a.png"), times, 0), 0);
    other = opened(&r);
    check_colour(&other, 0, 1, 2, 4);
    ck_assert_str_ne(other.digest, set.digest);
    image_set_close(&other);
    folder_make("elsewhere");
    ck_assert_int_eq(rename(in("p"), in("elsewhere/p")), 0);
    r.source = in("elsewhere/p");
    watch_from_now(&r);
    other = opened(&r);
    ck_assert_uint_eq(steps, 0); // a folder may move
    image_set_close(&other);
    image_set_close(&set);
}
END_TEST

START_TEST(cache_follows_the_bytes) {
    Bytes images = make_idx(2, 3, 3);
    save("train-images-idx3-ubyte", bytes_of(images.bytes, images.size));
    ImageRequest r = request(folder);
    ImageSet set = opened(&r), other;
    images.bytes[20] ^= 1;
    save("train-images-idx3-ubyte", images);
    other = opened(&r);
    ck_assert_int_eq(other.pixels[4], set.pixels[4] ^ 1);
    ck_assert_str_ne(other.digest, set.digest);
    image_set_close(&other), image_set_close(&set);
}
END_TEST

START_TEST(without_a_cache) {
    save("train-images-idx3-ubyte", make_idx(20, 10, 10));
    save("file", nothing());
    ImageRequest r = request(folder);
    ImageSet set = opened(&r);
    r.cache = in("file/cache");
    check_uncached(&r, &set, "cannot make ");
    folder_make("taken");
    char name[300];
    snprintf(name, sizeof name, "taken/%s", strrchr(cache_file(), '/') + 1);
    folder_make(name); // where the file should be
    r.cache = in("taken");
    check_uncached(&r, &set, "cannot write ");
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){1000, 1000}); // as a full disk
    r.cache = in("full");
    check_uncached(&r, &set, "cannot write ");
    ck_assert_int_eq(matches("full/*"), 0);
    image_set_close(&set);
}
END_TEST

// The folder is in no request: that of the user.
START_TEST(the_users_folder) {
    save("train-images-idx3-ubyte", make_idx(2, 3, 3));
    ImageRequest r = request(folder);
    r.cache = NULL;
    setenv("XDG_CACHE_HOME", in("xdg"), 1), setenv("HOME", in("home"), 1);
    ImageSet set = opened(&r);
    ck_assert_int_eq(matches("xdg/earthmover/*.images"), 1);
    setenv("XDG_CACHE_HOME", "relative", 1);
    check_again(&r, &set);
    ck_assert_int_eq(matches("home/.cache/earthmover/*.images"), 1);
    unsetenv("XDG_CACHE_HOME"), unsetenv("HOME");
    check_uncached(&r, &set, "neither XDG_CACHE_HOME nor HOME is set");
    image_set_close(&set);
}
END_TEST

START_TEST(left_over_files_are_swept) {
    save("train-images-idx3-ubyte", make_idx(2, 3, 3));
    folder_make("cache");
    save("cache/a-0123456789abcdef.images.77.tmp", nothing()),
        save("cache/b-0123456789abcdef.images.78.tmp", nothing());
    save("cache/else.tmp", nothing());
    save("cache/holiday.images.psd.tmp", nothing()),
        save("cache/holiday-1.images.77.tmp", nothing());
    int living = open(in("cache/b-0123456789abcdef.images.78.tmp"), O_RDWR);
    ck_assert_int_eq(flock(living, LOCK_EX), 0);
    ImageRequest r = request(folder);
    ImageSet set = opened(&r);
    image_set_close(&set);
    ck_assert_int_eq(matches("cache/a-0123456789abcdef.images.77.tmp"), 0);
    ck_assert_int_eq(matches("cache/b-0123456789abcdef.images.78.tmp"), 1);
    ck_assert_int_eq(matches("cache/else.tmp"), 1);
    ck_assert_int_eq(matches("cache/holiday*"), 2); // not ours
    close(living);
}
END_TEST

static void kill_now(size_t done, size_t of) {
    if (done == of / 2) kill(getpid(), SIGKILL);
}

START_TEST(a_killed_writer_leaves_nothing_torn) {
    save_many(40);
    ImageRequest r = request(in("many"));
    r.size = 9, r.threads = 1;
    for (int k = 0; k < 5; k++) {
        pid_t child = fork();
        if (child == 0) {
            ImageSet set;
            Error error;
            r.progress = kill_now;
            _exit(image_set_open(&set, &r, &error));
        }
        int status;
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert(WIFSIGNALED(status));
        ck_assert(matches("cache/*.tmp") == 1 && matches("cache/*.images") == 0);
    }
    ImageSet set = opened(&r);
    ck_assert(matches("cache/*.tmp") == 0 && matches("cache/*.images") == 1);
    check_again(&r, &set);
    image_set_close(&set);
}
END_TEST

// ---- The built-in sets ------------------------------------------------------------------------

static bool installed(const char *path, ImageRequest *r, const char *package) {
    if (access(path, R_OK) == 0) return true;
    check_refused(r, EXIT_USAGE, "is not installed: sudo apt-get install");
    check_refused(r, EXIT_USAGE, package);
    printf("skipped: %s (%s is not installed)\n", r->source, package);
    return false;
}

// 6000 images of each of ten classes, the first an ankle boot (9); their mean is quoted as 0.2860.
START_TEST(fashion) {
    ImageRequest r = request("fashion");
    if (!installed("/usr/share/datasets/fashion-mnist", &r, "dataset-fashion-mnist")) return;
    ImageSet set = opened(&r);
    check_shape(&set, 60000, 28, 1, 10);
    size_t of[10] = {0};
    for (size_t i = 0; i < set.count; i++) of[set.labels[i]]++;
    for (int c = 0; c < 10; c++) ck_assert_uint_eq(of[c], 6000);
    ck_assert_int_eq(set.labels[0], 9);
    double sum = 0;
    for (size_t i = 0; i < set.count * 784; i++) sum += set.pixels[i];
    ck_assert_double_eq_tol(sum / (255.0 * 784 * 60000), 0.2860, 5e-5);
    check_again(&r, &set);
    image_set_close(&set);
    r.part = PART_TEST, r.limit = 100;
    set = opened(&r);
    check_shape(&set, 100, 28, 1, 10);
    image_set_close(&set);
}
END_TEST

START_TEST(emoji) {
    ImageRequest r = request("emoji");
    const char *font = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf";
    if (!installed(font, &r, "fonts-noto-color-emoji")) return;
    r.limit = 300;
    ImageSet set = opened(&r);
    check_shape(&set, 300, 64, 3, 0);
    size_t size = 64 * 64 * 3, white = 0;
    for (size_t i = 0; i < set.count; i++) // a corner of nearly every picture is paper
        white += memcmp(set.pixels + i * size, "\xff\xff\xff", 3) == 0;
    ck_assert_uint_ge(white, 270);
    check_again(&r, &set);
    image_set_close(&set);
    r.limit = 0, r.size = 8;
    set = opened(&r);
    ck_assert(set.count > 3000 && set.count < 6000);
    image_set_close(&set);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("image_set");
    TCase *tc = tcase_create("image_set");
    suite_add_tcase(suite, tc);
    tcase_set_timeout(tc, 120);
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, idx_folders_and_files, 0, 4);
    tcase_add_test(tc, idx_labels_must_fit);
    tcase_add_test(tc, idx_sizes);
    tcase_add_test(tc, cifar_folders_and_files);
    tcase_add_test(tc, cifar_damage);
    tcase_add_test(tc, folder_in_order);
    tcase_add_test(tc, folder_all_grey);
    tcase_add_test(tc, folder_bad_pictures);
    tcase_add_test(tc, threads_change_nothing);
    tcase_add_test(tc, the_first_failure_is_told);
    tcase_add_test(tc, emoji_of_a_small_font);
    tcase_add_test(tc, emoji_damage);
    tcase_add_test(tc, emoji_refused);
    tcase_add_test(tc, detection);
    tcase_add_test(tc, a_format_that_is_asked_for);
    tcase_add_loop_test(tc, hash_of_many_blocks, 0, 2);
    tcase_add_test(tc, cache_damage_is_seen);
    tcase_add_test(tc, cache_is_made_again);
    tcase_add_test(tc, cache_follows_settings_and_content);
    tcase_add_test(tc, cache_follows_the_bytes);
    tcase_add_test(tc, without_a_cache);
    tcase_add_test(tc, the_users_folder);
    tcase_add_test(tc, left_over_files_are_swept);
    tcase_add_test(tc, a_killed_writer_leaves_nothing_torn);
    tcase_add_test(tc, fashion);
    tcase_add_test(tc, emoji);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
