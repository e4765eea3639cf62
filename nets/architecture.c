// Reading an architecture: words, then items, then the sizes that follow from them.
#include "architecture.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SIZE = 65536, MAX_KERNEL = 64 };

const char *const ACT_NAMES[] = {
    [ACT_IDENTITY] = "",          [ACT_RELU] = "relu",       [ACT_LEAKY] = "leaky",
    [ACT_TANH] = "tanh",          [ACT_SIGMOID] = "sigmoid", [ACT_SOFTPLUS] = "softplus",
    [ACT_SSOFTPLUS] = "ssoftplus"};

// ---- Words ------------------------------------------------------------------------------------

typedef struct {
    const char *text;
    int length; // 0 at the end of the line
} Word;

typedef struct {
    const char *line, *next;
    Word word; // the one being looked at: a run without blanks or `;`, or one `;`
    Error *error;
} Reader;

static const char BLANKS[] = " \t\r\n\v\f";

static void advance(Reader *r) {
    r->next += strspn(r->next, BLANKS);
    int length = (int)strcspn(r->next, " \t\r\n\v\f;");
    if (length == 0 && *r->next == ';') length = 1;
    r->word = (Word){r->next, length};
    r->next += length;
}

static bool is(const Reader *r, const char *text) {
    return r->word.length == (int)strlen(text) &&
           memcmp(r->word.text, text, (size_t)r->word.length) == 0;
}

static bool at_end(const Reader *r) {
    return r->word.length == 0 || is(r, ";");
}

// Names the word at hand and its column. Long words are cut, unprintable bytes shown as `?`.
static int refuse(const Reader *r, const char *reason) {
    char shown[41];
    int length = r->word.length < 40 ? r->word.length : 40;
    for (int i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)r->word.text[i];
        shown[i] = byte < 0x20 || byte == 0x7f ? '?' : (char)byte;
    }
    shown[length] = 0;
    size_t column = (size_t)(r->word.text - r->line) + 1;
    if (length == 0)
        return error_set(r->error, EXIT_USAGE, "architecture, column %zu: end of line: %s", column,
                         reason);
    return error_set(r->error, EXIT_USAGE, "architecture, column %zu: \"%s\": %s", column, shown,
                     reason);
}

// ---- Numbers ----------------------------------------------------------------------------------

// Decimal digits at *text, as many as there are, cut off above 10^9; −1 if there are none.
static long digits(const char **text, const char *end) {
    const char *start = *text;
    long value = 0;
    for (; *text < end && **text >= '0' && **text <= '9'; ++*text)
        if (value < 1000000000) value = 10 * value + (**text - '0');
    return *text == start ? -1 : value;
}

// The word is `prefix` and a number in low..high.
static bool prefixed(const Reader *r, char prefix, int low, int high, int *value) {
    const char *text = r->word.text, *end = text + r->word.length;
    if (prefix && (r->word.length == 0 || *text++ != prefix)) return false;
    long number = digits(&text, end);
    if (text != end || number < low || number > high) return false;
    *value = (int)number;
    return true;
}

// H x W [x C], each 1..65536.
static bool sizes(const Reader *r, int count, int *value) {
    const char *text = r->word.text, *end = text + r->word.length;
    for (int i = 0; i < count; i++) {
        if (i > 0 && (text == end || *text++ != 'x')) return false;
        long number = digits(&text, end);
        if (number < 1 || number > MAX_SIZE) return false;
        value[i] = (int)number;
    }
    return text == end;
}

// digits [. digits] [e [+-] digits], at most 40 bytes of it, finite.
static bool decimal(const Reader *r, double *value) {
    char copy[41];
    const char *text = r->word.text, *end = text + r->word.length;
    if (r->word.length >= (int)sizeof copy || digits(&text, end) < 0) return false;
    if (text < end && *text == '.' && (++text, digits(&text, end) < 0)) return false;
    if (text < end && *text == 'e') {
        ++text;
        if (text < end && (*text == '+' || *text == '-')) ++text;
        if (digits(&text, end) < 0) return false;
    }
    if (text != end) return false;
    memcpy(copy, r->word.text, (size_t)r->word.length);
    copy[r->word.length] = 0;
    *value = strtod(copy, NULL);
    return isfinite(*value);
}

// ---- Sizes ------------------------------------------------------------------------------------

static int max(int a, int b) {
    return a > b ? a : b;
}

// One dimension of a conv, or of the conv that a convt is the transpose of: `map` pixels from
// `image`, and the padding before the first.
typedef struct {
    int image, map, before;
} Span;

static int same_before(int image, int map, const Item *item) {
    return max((map - 1) * item->conv.stride + item->conv.k - image, 0) / 2;
}

static Span conv_span(const Item *item, int in) {
    int stride = item->conv.stride, room = in + 2 * item->pad - item->conv.k;
    if (!item->same) return (Span){in, room < 0 ? 0 : room / stride + 1, item->pad};
    int out = (in + stride - 1) / stride;
    return (Span){in, out, same_before(in, out, item)};
}

static Span convt_span(const Item *item, int in) {
    int stride = item->conv.stride;
    if (item->same) return (Span){in * stride, in, same_before(in * stride, in, item)};
    return (Span){(in - 1) * stride - 2 * item->pad + item->conv.k + item->out_pad, in, item->pad};
}

// Output and ConvShape of a conv or convt; `crop` is what `size` keeps. NULL, or what is wrong.
static const char *set_conv(Item *item, const int crop[2]) {
    bool transposed = item->kind == ITEM_CONVT;
    Span high = transposed ? convt_span(item, item->in.h) : conv_span(item, item->in.h);
    Span wide = transposed ? convt_span(item, item->in.w) : conv_span(item, item->in.w);
    if (item->cropped) high.image = crop[0], wide.image = crop[1];
    if (high.image < 1 || wide.image < 1 || high.map < 1 || wide.map < 1)
        return "the output would be empty";
    if (transposed)
        item->out.h = high.image, item->out.w = wide.image;
    else
        item->out.h = high.map, item->out.w = wide.map;
    if (item->out.h > MAX_SIZE || item->out.w > MAX_SIZE) return "an output side over 65536";
    item->out.image = true;
    item->conv.h = high.image, item->conv.w = wide.image;
    item->conv.p = high.map, item->conv.q = wide.map;
    item->conv.top = high.before, item->conv.left = wide.before;
    item->conv.c = transposed ? item->out.c : item->in.c;
    item->conv.o = transposed ? item->in.c : item->out.c;
    return NULL;
}

static const char *check_size(const Item *item) {
    if (shape_size(item->out) > INT_MAX) return "more than 2^31 - 1 features in a row";
    if (item_weights(item) > INT_MAX) return "more than 2^31 - 1 weights in a layer";
    return NULL;
}

// ---- Items ------------------------------------------------------------------------------------

// N or HxWxC
static int read_shape(Reader *r, Shape *shape) {
    int size[3];
    if (sizes(r, 1, size))
        *shape = (Shape){1, 1, size[0], false};
    else if (sizes(r, 3, size))
        *shape = (Shape){size[0], size[1], size[2], true};
    else
        return refuse(r, "expected N or HxWxC, each 1..65536");
    if (shape_size(*shape) > INT_MAX) return refuse(r, "more than 2^31 - 1 features in a row");
    advance(r);
    return EXIT_OK;
}

static int read_kernel(Reader *r, Item *item) {
    if (!item->in.image) return refuse(r, "needs an image HxWxC, and gets a flat input");
    advance(r);
    if (!prefixed(r, 0, 1, MAX_SIZE, &item->out.c)) return refuse(r, "channels must be 1..65536");
    advance(r);
    if (at_end(r) || *r->word.text != 'k') return refuse(r, "expected the kernel, kK");
    if (!prefixed(r, 'k', 1, MAX_KERNEL, &item->conv.k)) return refuse(r, "kernel must be 1..64");
    advance(r);
    if (at_end(r) || *r->word.text != 's') return refuse(r, "expected the stride, sS");
    if (!prefixed(r, 's', 1, MAX_KERNEL, &item->conv.stride))
        return refuse(r, "stride must be 1..64");
    advance(r);
    return EXIT_OK;
}

// same | pP, then for convt oP and size HxW
static int read_padding(Reader *r, Item *item, int crop[2]) {
    bool transposed = item->kind == ITEM_CONVT;
    item->same = true;
    if (is(r, "same"))
        advance(r);
    else if (r->word.length > 1 && *r->word.text == 'p') {
        if (!prefixed(r, 'p', 0, item->conv.k - 1, &item->pad))
            return refuse(r, "padding must be a number below the kernel: further out, an output "
                             "would see no pixel");
        item->same = false;
        advance(r);
    }
    if (transposed && r->word.length > 1 && *r->word.text == 'o') {
        if (item->same) return refuse(r, "output padding goes with pP only");
        if (!prefixed(r, 'o', 0, item->conv.stride - 1, &item->out_pad))
            return refuse(r, "output padding must be a number below the stride");
        advance(r);
    }
    if (transposed && is(r, "size")) {
        advance(r);
        if (!sizes(r, 2, crop)) return refuse(r, "expected HxW, each 1..65536");
        if (crop[0] > convt_span(item, item->in.h).image ||
            crop[1] > convt_span(item, item->in.w).image)
            return refuse(r, "larger than what is cropped");
        item->cropped = true;
        advance(r);
    }
    return EXIT_OK;
}

static int read_norm(Reader *r, Item *item) {
    item->eps = 1e-5, item->gain = true;
    if (!is(r, "bn") && !is(r, "ln")) return EXIT_OK;
    item->norm = is(r, "bn") ? NORM_BATCH : NORM_LAYER;
    advance(r);
    bool eps = false;
    while (true) {
        if (is(r, "eps") && !eps) {
            advance(r);
            if (!decimal(r, &item->eps) || item->eps <= 0)
                return refuse(r, "eps must be a decimal number above 0");
            eps = true;
        } else if (is(r, "nogain") && item->gain)
            item->gain = false;
        else
            return EXIT_OK;
        advance(r);
    }
}

static int read_act(Reader *r, Item *item) {
    for (ActKind kind = ACT_RELU; kind <= ACT_SSOFTPLUS; kind++)
        if (is(r, ACT_NAMES[kind])) item->act = kind;
    if (item->act == ACT_IDENTITY) return EXIT_OK;
    advance(r);
    if (item->act != ACT_LEAKY) return EXIT_OK;
    if (!decimal(r, &item->leak)) return refuse(r, "the slope must be a decimal number, 0 or more");
    advance(r);
    return EXIT_OK;
}

// What is wrong with a word where an item could end.
static int refuse_rest(const Reader *r, const Item *item) {
    int number;
    bool padding = is(r, "same") || prefixed(r, 'p', 0, INT_MAX, &number);
    bool crop = is(r, "size") || prefixed(r, 'o', 0, INT_MAX, &number);
    bool known = padding || crop || is(r, "bn") || is(r, "ln") || is(r, "eps") || is(r, "nogain");
    for (ActKind kind = ACT_RELU; kind <= ACT_SSOFTPLUS; kind++)
        if (is(r, ACT_NAMES[kind])) known = true;
    if ((padding || crop) && item->kind == ITEM_LINEAR)
        return refuse(r, "linear has no padding and no crop");
    if (crop && item->kind == ITEM_CONV)
        return refuse(r, "output padding and crop are convt's; conv has neither");
    if (known) return refuse(r, "repeated or out of order: padding, size, norm, activation");
    return refuse(r, "unknown word");
}

static int read_item(Reader *r, Shape in, Item *item) {
    *item = (Item){.in = in};
    Reader start = *r; // sizes that do not fit are the item's fault: its first word is named
    int crop[2] = {0, 0}, status;
    if (is(r, "linear")) {
        advance(r);
        status = read_shape(r, &item->out);
    } else if (is(r, "conv") || is(r, "convt")) {
        item->kind = is(r, "conv") ? ITEM_CONV : ITEM_CONVT;
        status = read_kernel(r, item);
        if (status == EXIT_OK) status = read_padding(r, item, crop);
    } else
        return refuse(r, "expected linear, conv or convt");
    if (status == EXIT_OK) status = read_norm(r, item);
    if (status == EXIT_OK) status = read_act(r, item);
    if (status != EXIT_OK) return status;
    if (!at_end(r)) return refuse_rest(r, item);
    const char *reason = item->kind == ITEM_LINEAR ? NULL : set_conv(item, crop);
    if (!reason) reason = check_size(item);
    return reason ? refuse(&start, reason) : EXIT_OK;
}

static int read_line(Reader *r, Architecture *a) {
    advance(r);
    if (!is(r, "input")) return refuse(r, "expected input");
    advance(r);
    int status = read_shape(r, &a->input);
    if (status != EXIT_OK) return status;
    if (!at_end(r)) return refuse(r, "expected ; after the input");
    if (r->word.length == 0) return refuse(r, "expected ; and a layer");
    while (r->word.length > 0) {
        advance(r);
        if (a->count == ARCHITECTURE_ITEMS) return refuse(r, "more than 128 layers");
        status = read_item(r, architecture_output(a), &a->item[a->count]);
        if (status != EXIT_OK) return status;
        a->count++;
    }
    return EXIT_OK;
}

int architecture_parse(Architecture *architecture, const char *line, Error *error) {
    Architecture read = {0};
    Reader reader = {.line = line, .next = line, .error = error};
    int status = read_line(&reader, &read);
    if (status == EXIT_OK) *architecture = read;
    return status;
}

Shape architecture_output(const Architecture *a) {
    return a->count > 0 ? a->item[a->count - 1].out : a->input;
}

// Numbers in the weight tensor of the product itself.
static size_t product_weights(const Item *item) {
    if (item->kind == ITEM_LINEAR) return shape_size(item->in) * shape_size(item->out);
    const ConvShape *c = &item->conv;
    return (size_t)c->o * (size_t)c->k * (size_t)c->k * (size_t)c->c;
}

size_t item_weights(const Item *item) {
    size_t channels = (size_t)item->out.c;
    size_t bias = item->kind == ITEM_LINEAR ? shape_size(item->out) : channels;
    size_t norm = item->norm == NORM_NONE ? 0 : item->gain ? 2 * channels : channels;
    return product_weights(item) + bias + norm;
}

double item_flop(const Item *item) {
    double uses = item->kind == ITEM_LINEAR ? 1 : (double)item->conv.p * item->conv.q;
    return 2 * uses * (double)product_weights(item);
}
