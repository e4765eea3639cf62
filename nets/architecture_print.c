// Writing an architecture: the canonical line, and the table for --describe.
#include "architecture.h"

#include <stdlib.h>
#include <string.h>

// A line being written, cut off at `size` but counted to its end.
typedef struct {
    char *line;
    size_t size;
    int length;
} Writer;

__attribute__((format(printf, 2, 3))) static void put(Writer *w, const char *format, ...) {
    size_t used = (size_t)w->length < w->size ? (size_t)w->length : w->size;
    va_list list;
    va_start(list, format);
    w->length += vsnprintf(w->size ? w->line + used : NULL, w->size - used, format, list);
    va_end(list);
}

static void put_shape(Writer *w, Shape s) {
    if (s.image)
        put(w, "%dx%dx%d", s.h, s.w, s.c);
    else
        put(w, "%d", s.c);
}

// The fewest digits that read back the same.
static void put_number(Writer *w, double value) {
    char text[320]; // 24 would do; gcc 12 cannot see that
    int digits = 1;
    do snprintf(text, sizeof text, "%.*g", digits++, value);
    while (strtod(text, NULL) != value);
    put(w, "%s", text);
}

static void put_item(Writer *w, const Item *item) {
    if (item->kind == ITEM_LINEAR) {
        put(w, "linear ");
        put_shape(w, item->out);
    } else {
        put(w, "%s %d k%d s%d", item->kind == ITEM_CONV ? "conv" : "convt", item->out.c,
            item->conv.k, item->conv.stride);
        if (!item->same) put(w, " p%d", item->pad);
        if (item->out_pad > 0) put(w, " o%d", item->out_pad);
        if (item->cropped) put(w, " size %dx%d", item->out.h, item->out.w);
    }
    if (item->norm != NORM_NONE) {
        put(w, item->norm == NORM_BATCH ? " bn" : " ln");
        if (item->eps != 1e-5) {
            put(w, " eps ");
            put_number(w, item->eps);
        }
        if (!item->gain) put(w, " nogain");
    }
    if (item->act == ACT_IDENTITY) return;
    put(w, " %s", ACT_NAMES[item->act]);
    if (item->act == ACT_LEAKY) {
        put(w, " ");
        put_number(w, item->leak);
    }
}

int architecture_format(const Architecture *a, char *line, size_t size) {
    Writer w = {line, size, 0};
    put(&w, "input ");
    put_shape(&w, a->input);
    for (int i = 0; i < a->count; i++) {
        put(&w, "; ");
        put_item(&w, &a->item[i]);
    }
    return w.length;
}

// Digits in groups of three: 1,234,567.
static void put_grouped(Writer *w, double whole) {
    char digits[64];
    int count = snprintf(digits, sizeof digits, "%.0f", whole);
    for (int i = 0; i < count; i++) put(w, i > 0 && (count - i) % 3 == 0 ? ",%c" : "%c", digits[i]);
}

enum { TEXT = 200 };

static void describe_row(FILE *out, int width, const char *index, const char *layer,
                         const char *shape, double weights, double flop) {
    char weights_text[TEXT], flop_text[TEXT];
    put_grouped(&(Writer){weights_text, TEXT, 0}, weights);
    put_grouped(&(Writer){flop_text, TEXT, 0}, flop);
    fprintf(out, "%3s  %-*s  %-12s  %13s  %15s\n", index, width, layer, shape, weights_text,
            flop_text);
}

void architecture_describe(const Architecture *a, FILE *out) {
    char layer[TEXT], shape[TEXT], index[16];
    int width = (int)strlen("total");
    double weights = 0, flop = 0;
    for (int i = 0; i < a->count; i++) {
        Writer w = {layer, TEXT, 0};
        put_item(&w, &a->item[i]);
        if (w.length > width) width = w.length;
    }
    put_shape(&(Writer){shape, TEXT, 0}, a->input);
    fprintf(out, "%3s  %-*s  %-12s  %13s  %15s\n", "#", width, "layer", "output", "weights",
            "FLOP");
    fprintf(out, "%3s  %-*s  %s\n", "", width, "input", shape);
    for (int i = 0; i < a->count; i++) {
        const Item *item = &a->item[i];
        snprintf(index, sizeof index, "%d", i);
        put_item(&(Writer){layer, TEXT, 0}, item);
        put_shape(&(Writer){shape, TEXT, 0}, item->out);
        describe_row(out, width, index, layer, shape, (double)item_weights(item), item_flop(item));
        weights += (double)item_weights(item);
        flop += item_flop(item);
    }
    describe_row(out, width, "", "total", "", weights, flop);
}
