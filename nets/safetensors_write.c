// Writing: the bytes follow from the content alone, and a file is there whole or not at all.
#include "file.h"
#include "safetensors.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are copied as they lie");

// ---- The header -------------------------------------------------------------------------------

static size_t tensor_bytes(const Tensor *tensor) {
    return tensor->count * (tensor->dtype == DTYPE_F32 ? sizeof(float) : sizeof(double));
}

// False if there is such a key already, key or value are not UTF-8 (value is then NULL), or memory
// is out: only then errno is ENOMEM, if it was 0.
static bool add_once(json_t *object, const char *key, json_t *value) {
    if (json_object_get(object, key)) {
        json_decref(value);
        return false;
    }
    return json_object_set_new(object, key, value) == 0;
}

static bool add_metadata(json_t *root, size_t entries, const Metadata *metadata) {
    Metadata *sorted = malloc((entries + 1) * sizeof *sorted);
    json_t *object = json_object();
    bool added = sorted && add_once(root, "__metadata__", object);
    if (added && entries > 0) {
        memcpy(sorted, metadata, entries * sizeof *sorted);
        qsort(sorted, entries, sizeof *sorted, metadata_order);
    }
    for (size_t k = 0; added && k < entries; k++)
        added = add_once(object, sorted[k].key, json_string(sorted[k].value));
    free(sorted);
    return added;
}

static bool add_tensor(json_t *root, const Tensor *tensor, size_t begin) {
    json_t *shape = json_array();
    size_t count = 1, end = begin + tensor_bytes(tensor);
    for (int d = 0; d < tensor->rank; d++) {
        json_array_append_new(shape, json_integer((json_int_t)tensor->dims[d]));
        count *= tensor->dims[d];
    }
    json_t *entry =
        json_pack("{s:s, s:o, s:[I, I]}", "dtype", tensor->dtype == DTYPE_F32 ? "F32" : "F64",
                  "shape", shape, "data_offsets", (json_int_t)begin, (json_int_t)end);
    return add_once(root, tensor->name, entry) && count == tensor->count &&
           tensor->dtype != DTYPE_OTHER;
}

static int refuse(Error *error, const char *reason, const char *name) {
    if (errno == ENOMEM) return error_set(error, EXIT_RESOURCE, "out of memory");
    return error_set(error, EXIT_USAGE, "%s%s", reason, name);
}

static int add_all(json_t *root, size_t tensors, const Tensor *tensor, size_t entries,
                   const Metadata *metadata, Error *error) {
    errno = 0;
    if (!add_metadata(root, entries, metadata))
        return refuse(error, "metadata repeat a key or are not UTF-8", "");
    size_t begin = 0;
    for (size_t k = 0; k < tensors; k++) {
        if (!add_tensor(root, &tensor[k], begin))
            return refuse(error, "there twice, or not F32 or F64: tensor ", tensor[k].name);
        begin += tensor_bytes(&tensor[k]);
    }
    if (entries == 0) json_object_del(root, "__metadata__"); // it kept the name from the tensors
    return 0;
}

// *header: the length and the JSON, padded so that the data begin at a multiple of 8.
static int header_make(char **header, size_t *size, size_t tensors, const Tensor *tensor,
                       size_t entries, const Metadata *metadata, Error *error) {
    json_t *root = json_object();
    int status = add_all(root, tensors, tensor, entries, metadata, error);
    char *json = status ? NULL : json_dumps(root, JSON_COMPACT);
    json_decref(root);
    if (status) return status;
    uint64_t length = json ? (strlen(json) + 7) / 8 * 8 : 0;
    *size = sizeof length + length;
    *header = json ? malloc(*size) : NULL;
    if (*header) {
        memset(*header, ' ', *size);
        memcpy(*header, &length, sizeof length);
        memcpy(*header + sizeof length, json, strlen(json));
    }
    free(json);
    return *header ? 0 : error_set(error, EXIT_RESOURCE, "out of memory");
}

// ---- The file ---------------------------------------------------------------------------------

int safetensors_write(const char *path, size_t tensors, const Tensor *tensor, size_t entries,
                      const Metadata *metadata, Error *error) {
    char *header;
    size_t size;
    int status = header_make(&header, &size, tensors, tensor, entries, metadata, error);
    if (status) return status;
    FilePart *part = malloc((tensors + 1) * sizeof *part);
    if (part) {
        part[0] = (FilePart){header, size};
        for (size_t k = 0; k < tensors; k++)
            part[k + 1] = (FilePart){tensor[k].data, tensor_bytes(&tensor[k])};
        status = file_write(path, tensors + 1, part, error);
    } else {
        status = error_set(error, EXIT_RESOURCE, "out of memory");
    }
    free(part);
    free(header);
    return status;
}
