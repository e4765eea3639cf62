// Writing: the bytes follow from the content alone, and a file is there whole or not at all.
#include "safetensors.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
// These return 0 or an errno.

static int write_all(int descriptor, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t n = write(descriptor, bytes, size);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return n < 0 ? errno : EIO;
        bytes += n;
        size -= (size_t)n;
    }
    return 0;
}

static int write_content(int descriptor, const char *header, size_t header_size, size_t tensors,
                         const Tensor *tensor) {
    int reason = write_all(descriptor, header, header_size);
    for (size_t k = 0; !reason && k < tensors; k++)
        reason = write_all(descriptor, tensor[k].data, tensor_bytes(&tensor[k]));
    return reason;
}

// The rename is only certain to be there after a power cut once the folder is on disk too.
static int sync_folder_of(const char *path) {
    char *copy = strdup(path);
    int folder = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    int reason = folder < 0 || fsync(folder) != 0 ? errno : 0;
    if (folder >= 0) close(folder);
    free(copy);
    return reason == EINVAL ? 0 : reason; // file systems that cannot do it
}

// The temporary file carries our process id: one that is there already was left by a process that
// had the same and was killed, as happens in containers.
static int replace_file(const char *path, const char *temporary, const char *header,
                        size_t header_size, size_t tensors, const Tensor *tensor) {
    if (unlink(temporary) != 0 && errno != ENOENT) return errno;
    int descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0) return errno;
    int reason = write_content(descriptor, header, header_size, tensors, tensor);
    if (!reason && fsync(descriptor) != 0) reason = errno;
    if (close(descriptor) != 0 && !reason) reason = errno;
    if (!reason && rename(temporary, path) != 0) reason = errno;
    if (!reason) return sync_folder_of(path);
    unlink(temporary);
    return reason;
}

// A device or pipe is written as it is: there is nothing to replace.
static int write_device(const char *path, const char *header, size_t header_size, size_t tensors,
                        const Tensor *tensor) {
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return errno;
    int reason = write_content(descriptor, header, header_size, tensors, tensor);
    if (close(descriptor) != 0 && !reason) reason = errno;
    return reason;
}

// Through a symbolic link to what it names, which is what gets replaced.
static int write_file(const char *path, const char *header, size_t header_size, size_t tensors,
                      const Tensor *tensor) {
    struct stat there;
    if (stat(path, &there) == 0 && !S_ISREG(there.st_mode))
        return write_device(path, header, header_size, tensors, tensor);
    char *target = realpath(path, NULL), *temporary;
    if (!target && errno == ENOENT) target = strdup(path); // it is new
    if (!target) return errno;
    int reason = ENOMEM;
    if (asprintf(&temporary, "%s.%ld.tmp", target, (long)getpid()) >= 0) {
        reason = replace_file(target, temporary, header, header_size, tensors, tensor);
        free(temporary);
    }
    free(target);
    return reason;
}

int safetensors_write(const char *path, size_t tensors, const Tensor *tensor, size_t entries,
                      const Metadata *metadata, Error *error) {
    char *header;
    size_t size;
    int status = header_make(&header, &size, tensors, tensor, entries, metadata, error);
    if (status) return status;
    int reason = write_file(path, header, size, tensors, tensor);
    free(header);
    if (reason)
        return error_set(error, EXIT_RESOURCE, "cannot write %s: %s", path, strerror(reason));
    return 0;
}
