// Reading: every rule of the format is checked before anything is handed out.
#include "safetensors.h"
#include "file.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are copied as they lie");

enum { LENGTH_BYTES = 8, HEADER_LIMIT = 100000000 };

// The format's dtypes; all but two are here to be known and passed over.
static const struct {
    const char *name;
    unsigned bits;
    Dtype dtype;
} DTYPES[] = {
    {"F32", 32, DTYPE_F32},          {"F64", 64, DTYPE_F64},      {"BOOL", 8, DTYPE_OTHER},
    {"F4", 4, DTYPE_OTHER},          {"F6_E2M3", 6, DTYPE_OTHER}, {"F6_E3M2", 6, DTYPE_OTHER},
    {"U8", 8, DTYPE_OTHER},          {"I8", 8, DTYPE_OTHER},      {"F8_E5M2", 8, DTYPE_OTHER},
    {"F8_E4M3", 8, DTYPE_OTHER},     {"F8_E8M0", 8, DTYPE_OTHER}, {"F8_E4M3FNUZ", 8, DTYPE_OTHER},
    {"F8_E5M2FNUZ", 8, DTYPE_OTHER}, {"I16", 16, DTYPE_OTHER},    {"U16", 16, DTYPE_OTHER},
    {"F16", 16, DTYPE_OTHER},        {"BF16", 16, DTYPE_OTHER},   {"I32", 32, DTYPE_OTHER},
    {"U32", 32, DTYPE_OTHER},        {"C64", 64, DTYPE_OTHER},    {"I64", 64, DTYPE_OTHER},
    {"U64", 64, DTYPE_OTHER},
};
enum { DTYPE_COUNT = sizeof DTYPES / sizeof *DTYPES };

typedef struct {
    const char *name; // of the file
    const unsigned char *bytes;
    size_t size, header_size;
    Error *error;
} Source;

static size_t data_start(const Source *s) {
    return LENGTH_BYTES + s->header_size;
}

const char *safetensors_shown(const char *text, char *out, size_t size) {
    size_t n = strlen(text);
    if (n >= size) {
        n = size - sizeof "…";
        while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80) n--; // not inside a character
        memcpy(out + n, "…", sizeof "…");
    } else {
        out[n] = '\0';
    }
    for (size_t i = 0; i < n; i++)
        out[i] = (unsigned char)text[i] < ' ' || text[i] == 0x7f ? '?' : text[i];
    return out;
}

__attribute__((format(printf, 3, 4))) static int refuse(const Source *s, size_t offset,
                                                        const char *format, ...) {
    char reason[300], plain[300];
    va_list list;
    va_start(list, format);
    vsnprintf(reason, sizeof reason, format, list);
    va_end(list);
    return error_set(s->error, EXIT_DATA, "%s: byte %zu: %s", s->name, offset,
                     safetensors_shown(reason, plain, sizeof plain));
}

// Where the header's entry number `index` begins. jansson keeps no positions, but it keeps the
// order; the text is known to be valid.
static size_t entry_offset(const Source *s, size_t index) {
    const unsigned char *text = s->bytes + LENGTH_BYTES;
    int depth = 0;
    for (size_t i = 0; i < s->header_size; i++) {
        if (text[i] == '{' || text[i] == '[') depth++;
        if (text[i] == '}' || text[i] == ']') depth--;
        if (text[i] == ',' && depth == 1) index--;
        if (text[i] != '"') continue;
        if (depth == 1 && index == 0) return LENGTH_BYTES + i;
        while (text[++i] != '"') i += text[i] == '\\';
    }
    return LENGTH_BYTES;
}

static int parse_header(const Source *s, json_t **root) {
    json_error_t problem;
    const char *text = (const char *)s->bytes + LENGTH_BYTES;
    *root = json_loadb(text, s->header_size, JSON_REJECT_DUPLICATES, &problem);
    if (!*root && json_error_code(&problem) == json_error_out_of_memory)
        return error_set(s->error, EXIT_RESOURCE, "%s: out of memory", s->name);
    if (!*root)
        return refuse(s, LENGTH_BYTES + (size_t)problem.position, "header: %s", problem.text);
    size_t end = s->header_size;
    while (text[end - 1] == ' ') end--;
    if (text[end - 1] != '}')
        return refuse(s, data_start(s) - 1, "header: padded with other than blanks");
    return 0;
}

static int find_header(Source *s) {
    if (s->size < LENGTH_BYTES)
        return refuse(s, s->size, "the file ends inside the 8 bytes of the header's length");
    uint64_t length = 0;
    for (int i = LENGTH_BYTES - 1; i >= 0; i--) length = length << 8 | s->bytes[i];
    if (length > HEADER_LIMIT)
        return refuse(s, 0, "a header of %llu bytes; at most %d are allowed",
                      (unsigned long long)length, HEADER_LIMIT);
    if (length > s->size - LENGTH_BYTES)
        return refuse(s, s->size, "the file ends inside its header of %llu bytes",
                      (unsigned long long)length);
    if (length == 0 || s->bytes[LENGTH_BYTES] != '{')
        return refuse(s, LENGTH_BYTES, "the header does not begin with {");
    s->header_size = (size_t)length;
    return 0;
}

// A tensor and what sorts it.
typedef struct {
    Tensor tensor;
    size_t begin, end, index; // of its bytes after the header; of its entry in the header
} Entry;

__attribute__((format(printf, 3, 4))) static int refuse_entry(const Source *s, const Entry *e,
                                                              const char *format, ...) {
    char reason[200], name[80];
    va_list list;
    va_start(list, format);
    vsnprintf(reason, sizeof reason, format, list);
    va_end(list);
    return refuse(s, entry_offset(s, e->index), "tensor \"%s\": %s",
                  safetensors_shown(e->tensor.name, name, sizeof name), reason);
}

static bool whole_number(const json_t *value, size_t *number) {
    if (!json_is_integer(value) || json_integer_value(value) < 0) return false;
    *number = (size_t)json_integer_value(value);
    return true;
}

static int read_shape(const Source *s, const json_t *shape, Entry *e) {
    Tensor *t = &e->tensor;
    if (!json_is_array(shape)) return refuse_entry(s, e, "shape is not a list");
    if (json_array_size(shape) > SAFETENSORS_RANK)
        return refuse_entry(s, e, "%zu dimensions; at most %d are read here",
                            json_array_size(shape), SAFETENSORS_RANK);
    t->rank = (int)json_array_size(shape);
    t->count = 1;
    for (int d = 0; d < t->rank; d++) {
        if (!whole_number(json_array_get(shape, (size_t)d), &t->dims[d]))
            return refuse_entry(s, e, "dimension %d is not a whole number >= 0", d);
        if (__builtin_mul_overflow(t->count, t->dims[d], &t->count))
            return refuse_entry(s, e, "its size overflows");
    }
    return 0;
}

static int read_offsets(const Source *s, const json_t *offsets, unsigned bits, Entry *e) {
    size_t needed, available = s->size - data_start(s);
    if (json_array_size(offsets) != 2 || !whole_number(json_array_get(offsets, 0), &e->begin) ||
        !whole_number(json_array_get(offsets, 1), &e->end))
        return refuse_entry(s, e, "data_offsets are not two whole numbers >= 0");
    if (__builtin_mul_overflow(e->tensor.count, (size_t)bits, &needed))
        return refuse_entry(s, e, "its size overflows");
    if (needed % 8 != 0) return refuse_entry(s, e, "its elements do not fill whole bytes");
    if (e->begin > e->end || e->end - e->begin != needed / 8)
        return refuse_entry(s, e, "data_offsets [%zu, %zu] where its shape needs %zu bytes",
                            e->begin, e->end, needed / 8);
    if (e->end > available)
        return refuse_entry(s, e, "its data end %zu bytes after the end of the file",
                            e->end - available);
    e->tensor.data = s->bytes + data_start(s) + e->begin;
    return 0;
}

static int read_entry(const Source *s, const json_t *value, Entry *e) {
    const json_t *dtype = json_object_get(value, "dtype");
    if (json_object_size(value) != 3 || !dtype || !json_object_get(value, "shape") ||
        !json_object_get(value, "data_offsets"))
        return refuse_entry(s, e, "not an object of dtype, shape and data_offsets");
    int k = 0;
    while (k < DTYPE_COUNT &&
           (!json_is_string(dtype) || strcmp(json_string_value(dtype), DTYPES[k].name) != 0))
        k++;
    if (k == DTYPE_COUNT) return refuse_entry(s, e, "unknown dtype");
    e->tensor.dtype = DTYPES[k].dtype;
    int status = read_shape(s, json_object_get(value, "shape"), e);
    if (status) return status;
    return read_offsets(s, json_object_get(value, "data_offsets"), DTYPES[k].bits, e);
}

int metadata_order(const void *a, const void *b) {
    return strcmp(((const Metadata *)a)->key, ((const Metadata *)b)->key);
}

static int read_metadata(const Source *s, json_t *object, size_t index, SafeTensors *file) {
    const char *key;
    json_t *value;
    if (!json_is_object(object))
        return refuse(s, entry_offset(s, index), "__metadata__ is not an object");
    file->metadata = calloc(json_object_size(object) + 1, sizeof *file->metadata);
    if (!file->metadata) return error_set(s->error, EXIT_RESOURCE, "%s: out of memory", s->name);
    json_object_foreach(object, key, value) {
        char name[80];
        if (!json_is_string(value))
            return refuse(s, entry_offset(s, index), "__metadata__: \"%s\" is not a string",
                          safetensors_shown(key, name, sizeof name));
        file->metadata[file->metadata_count++] = (Metadata){key, json_string_value(value)};
    }
    qsort(file->metadata, file->metadata_count, sizeof *file->metadata, metadata_order);
    return 0;
}

static int data_order(const void *a, const void *b) {
    const Entry *x = a, *y = b;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    if (x->end != y->end) return x->end < y->end ? -1 : 1;
    return x->index < y->index ? -1 : 1;
}

// The tensors' bytes must follow each other and fill the file.
static int check_data(const Source *s, size_t count, Entry *entry) {
    size_t at = 0;
    qsort(entry, count, sizeof *entry, data_order);
    for (size_t k = 0; k < count; k++) {
        if (entry[k].begin != at)
            return refuse_entry(s, &entry[k], "its data begin at %zu, %s", entry[k].begin,
                                entry[k].begin < at ? "inside another tensor's"
                                                    : "after bytes that belong to no tensor");
        at = entry[k].end;
    }
    if (data_start(s) + at != s->size)
        return refuse(s, data_start(s) + at, "%zu bytes after the last tensor",
                      s->size - data_start(s) - at);
    return 0;
}

static int read_entries(const Source *s, json_t *root, Entry *entry, SafeTensors *file) {
    const char *key;
    json_t *value;
    size_t index = 0, count = 0;
    int status = 0;
    json_object_foreach(root, key, value) {
        if (strcmp(key, "__metadata__") == 0) {
            status = read_metadata(s, value, index, file);
        } else {
            entry[count] = (Entry){.tensor.name = key, .index = index};
            status = read_entry(s, value, &entry[count++]);
        }
        if (status) return status;
        index++;
    }
    status = check_data(s, count, entry);
    for (size_t k = 0; k < count; k++) file->tensor[k] = entry[k].tensor;
    file->tensor_count = count;
    return status;
}

typedef struct {
    void *bytes; // of safetensors_read(); names and metadata lie in `root`
    json_t *root;
} Owned;

int safetensors_parse(SafeTensors *file, const char *name, const void *bytes, size_t size,
                      Error *error) {
    Source s = {.name = name, .bytes = bytes, .size = size, .error = error};
    Owned *owned = calloc(1, sizeof *owned);
    *file = (SafeTensors){.owned = owned};
    if (!owned) return error_set(error, EXIT_RESOURCE, "%s: out of memory", name);
    int status = find_header(&s);
    if (!status) status = parse_header(&s, &owned->root);
    if (!status) {
        size_t room = json_object_size(owned->root) + 1;
        Entry *entry = calloc(room, sizeof *entry);
        file->tensor = calloc(room, sizeof *file->tensor);
        status = entry && file->tensor ? read_entries(&s, owned->root, entry, file)
                                       : error_set(error, EXIT_RESOURCE, "%s: out of memory", name);
        free(entry);
    }
    if (status) safetensors_free(file);
    return status;
}

int safetensors_read(SafeTensors *file, const char *path, Error *error) {
    *file = (SafeTensors){0};
    size_t size;
    void *bytes = file_read(path, &size, error);
    if (!bytes) return EXIT_RESOURCE;
    int status = safetensors_parse(file, path, bytes, size, error);
    if (status)
        free(bytes);
    else
        ((Owned *)file->owned)->bytes = bytes;
    return status;
}

void safetensors_free(SafeTensors *file) {
    Owned *owned = file->owned;
    if (owned) {
        json_decref(owned->root);
        free(owned->bytes);
    }
    free(file->tensor);
    free(file->metadata);
    free(owned);
    *file = (SafeTensors){0};
}

const Tensor *safetensors_tensor(const SafeTensors *file, const char *name) {
    for (size_t k = 0; k < file->tensor_count; k++)
        if (strcmp(file->tensor[k].name, name) == 0) return &file->tensor[k];
    return NULL;
}

const char *safetensors_metadata(const SafeTensors *file, const char *key) {
    for (size_t k = 0; k < file->metadata_count; k++)
        if (strcmp(file->metadata[k].key, key) == 0) return file->metadata[k].value;
    return NULL;
}

bool tensor_read_double(const Tensor *tensor, size_t count, double *data) {
    if (tensor->count != count || tensor->dtype == DTYPE_OTHER) return false;
    const char *from = tensor->data;
    for (size_t i = 0; i < count; i++) {
        float narrow;
        if (tensor->dtype == DTYPE_F64) {
            memcpy(&data[i], from + i * sizeof *data, sizeof *data);
        } else {
            memcpy(&narrow, from + i * sizeof narrow, sizeof narrow);
            data[i] = narrow;
        }
    }
    return true;
}
