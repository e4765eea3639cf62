#include "checkpoint.h"
#include "checksum.h"

#include <stdlib.h>
#include <string.h>

// ---- Layout -----------------------------------------------------------------------------------

// Where number i of PyTorch's C, H, W order lies in H, W, C order.
static size_t hwc_index(Shape shape, size_t i) {
    size_t pixels = (size_t)shape.h * (size_t)shape.w;
    return i % pixels * (size_t)shape.c + i / pixels;
}

// Where number i of a tensor in PyTorch's order lies in memory, counted from the tensor's start.
// Flat shapes are 1×1×N, so that hwc_index() leaves them alone.
static size_t memory_index(const Net *net, const NetTensor *tensor, size_t i) {
    const Layer *layer = &net->layer[tensor->layer];
    const Item *item = &net->architecture.item[layer->item];
    if (layer->kind == &LINEAR) {
        size_t inputs = tensor->rank == 2 ? tensor->dims[1] : 1; // bias: one number per output
        size_t out = hwc_index(item->out, i / inputs);
        return out * inputs + (inputs > 1 ? hwc_index(item->in, i % inputs) : 0);
    }
    if (tensor->rank == 4) {
        Shape filter = {(int)tensor->dims[2], (int)tensor->dims[3], (int)tensor->dims[1], true};
        size_t size = shape_size(filter);
        return i / size * size + hwc_index(filter, i % size);
    }
    return i;
}

void net_tensor_export(const Net *net, const NetTensor *tensor, const real *memory, real *torch) {
    for (size_t i = 0; i < tensor->count; i++) torch[i] = memory[memory_index(net, tensor, i)];
}

void net_tensor_import(const Net *net, const NetTensor *tensor, const real *torch, real *memory) {
    for (size_t i = 0; i < tensor->count; i++) memory[memory_index(net, tensor, i)] = torch[i];
}

void net_rows_import(Shape shape, size_t rows, const real *torch, real *memory) {
    size_t size = shape_size(shape);
    for (size_t row = 0; row < rows; row++, torch += size, memory += size)
        for (size_t i = 0; i < size; i++) memory[hwc_index(shape, i)] = torch[i];
}

// ---- The list of tensors ----------------------------------------------------------------------

static NetTensor tensor_named(const Net *net, int l, const char *name) {
    const Layer *layer = &net->layer[l];
    NetTensor t = {.layer = l, .rank = 1, .dims = {layer->bias_count}, .count = layer->bias_count};
    snprintf(t.name, sizeof t.name, "%d%s.%s", layer->item, layer_is_norm(layer) ? "_norm" : "",
             name);
    return t;
}

static NetTensor weight_tensor(const Net *net, int l) {
    const Layer *layer = &net->layer[l];
    NetTensor t = tensor_named(net, l, "weight");
    t.at = layer->weight_at;
    t.ones = layer_is_norm(layer) && layer->weight_count == 0;
    if (layer->kind == &LINEAR) {
        t.rank = 2;
        t.dims[0] = shape_size(layer->out), t.dims[1] = shape_size(layer->in);
    } else if (!layer_is_norm(layer)) {
        t.rank = 4;
        t.dims[0] = (size_t)layer->conv.o, t.dims[1] = (size_t)layer->conv.c;
        t.dims[2] = t.dims[3] = (size_t)layer->conv.k;
    }
    if (!t.ones) t.count = layer->weight_count;
    return t;
}

static NetTensor bias_tensor(const Net *net, int l) {
    NetTensor t = tensor_named(net, l, "bias");
    t.at = net->layer[l].bias_at;
    return t;
}

static NetTensor running_tensor(const Net *net, int l, const char *name, size_t at) {
    NetTensor t = tensor_named(net, l, name);
    t.at = at;
    t.running = true;
    return t;
}

size_t net_tensors(const Net *net, NetTensor *tensor) {
    size_t count = 0;
    NetTensor t[4];
    for (int l = 0; l < net->count; l++) {
        const Layer *layer = &net->layer[l];
        size_t n = 0;
        t[n++] = weight_tensor(net, l);
        t[n++] = bias_tensor(net, l);
        if (layer->kind == &BATCH_NORM) {
            t[n++] = running_tensor(net, l, "running_mean", layer->mean_at);
            t[n++] = running_tensor(net, l, "running_var", layer->var_at);
        }
        if (tensor) memcpy(tensor + count, t, n * sizeof *t);
        count += n;
    }
    return count;
}

// ---- A set on the host ------------------------------------------------------------------------

typedef struct {
    const NetSet *set;
    size_t count;
    NetTensor *tensor;      // those that the set has
    real *values, *running; // copies of the device's, in memory order
} HostSet;

static void host_sets_free(size_t sets, HostSet *host) {
    for (size_t k = 0; host && k < sets; k++)
        free(host[k].tensor), free(host[k].values), free(host[k].running);
    free(host);
}

static bool host_set_open(HostSet *host, const NetSet *set) {
    const Net *net = set->net;
    host->set = set;
    host->tensor = calloc(net_tensors(net, NULL) + 1, sizeof *host->tensor);
    host->values = calloc(net->weight_count + 1, sizeof *host->values);
    host->running = calloc(net->running_count + 1, sizeof *host->running);
    if (!host->tensor || !host->values || !host->running) return false;
    size_t all = net_tensors(net, host->tensor);
    for (size_t k = 0; k < all; k++)
        if (set->with_running || !(host->tensor[k].running || host->tensor[k].ones))
            host->tensor[host->count++] = host->tensor[k];
    net->backend->download(host->values, set->values, net->weight_count * sizeof(real));
    if (set->with_running && net->running_count > 0)
        net->backend->download(host->running, net->running, net->running_count * sizeof(real));
    return true;
}

static HostSet *host_sets(size_t sets, const NetSet *set, Error *error) {
    HostSet *host = calloc(sets + 1, sizeof *host);
    bool opened = host != NULL;
    for (size_t k = 0; opened && k < sets; k++) opened = host_set_open(&host[k], &set[k]);
    if (opened) return host;
    host_sets_free(sets, host);
    error_set(error, EXIT_RESOURCE, "out of memory");
    return NULL;
}

static void host_set_upload(const HostSet *host) {
    const Net *net = host->set->net;
    net->backend->upload(host->set->values, host->values, net->weight_count * sizeof(real));
    if (host->set->with_running && net->running_count > 0)
        net->backend->upload(net->running, host->running, net->running_count * sizeof(real));
}

static real *host_tensor(const HostSet *host, const NetTensor *tensor) {
    return (tensor->running ? host->running : host->values) + tensor->at;
}

static size_t first_nonfinite(size_t count, const real *x) {
    size_t i = 0;
    while (i < count && isfinite(x[i])) i++;
    return i;
}

// ---- Writing ----------------------------------------------------------------------------------

// What safetensors_write() takes, with names and numbers of its own.
typedef struct {
    size_t count;
    Tensor *tensor;
} Outgoing;

static void outgoing_free(Outgoing *out) {
    for (size_t k = 0; k < out->count; k++)
        free((char *)out->tensor[k].name), free((void *)out->tensor[k].data);
    free(out->tensor);
}

static int outgoing_add(Outgoing *out, const HostSet *host, const NetTensor *tensor,
                        const char *path, Error *error) {
    char *name;
    real *torch = malloc((tensor->count + 1) * sizeof *torch);
    if (!torch || asprintf(&name, "%s%s", host->set->prefix, tensor->name) < 0) {
        free(torch);
        return error_set(error, EXIT_RESOURCE, "out of memory");
    }
    Tensor *t = &out->tensor[out->count++];
    *t = (Tensor){.name = name, .rank = tensor->rank, .count = tensor->count, .data = torch};
    t->dtype = sizeof(real) == sizeof(double) ? DTYPE_F64 : DTYPE_F32;
    memcpy(t->dims, tensor->dims, sizeof tensor->dims);
    if (tensor->ones)
        for (size_t i = 0; i < tensor->count; i++) torch[i] = 1;
    else
        net_tensor_export(host->set->net, tensor, host_tensor(host, tensor), torch);
    size_t bad = first_nonfinite(tensor->count, torch);
    if (bad < tensor->count)
        return error_set(error, EXIT_NONFINITE, "%s is not written: element %zu of %s is %g", path,
                         bad, name, (double)torch[bad]);
    return 0;
}

static int write_summed(const char *path, const Outgoing *out, size_t entries,
                        const Metadata *metadata, Error *error) {
    char sum[CHECKSUM_TEXT];
    Metadata *all = malloc((entries + 1) * sizeof *all);
    if (!all) return error_set(error, EXIT_RESOURCE, "out of memory");
    if (entries > 0) memcpy(all, metadata, entries * sizeof *all);
    checksum_text(sum, out->count, out->tensor, entries, metadata);
    all[entries] = (Metadata){CHECKSUM_KEY, sum};
    int status = safetensors_write(path, out->count, out->tensor, entries + 1, all, error);
    free(all);
    return status;
}

int checkpoint_write(const char *path, size_t sets, const NetSet *set, size_t entries,
                     const Metadata *metadata, Error *error) {
    HostSet *host = host_sets(sets, set, error);
    if (!host) return EXIT_RESOURCE;
    size_t room = 0;
    for (size_t k = 0; k < sets; k++) room += host[k].count;
    Outgoing out = {0, calloc(room + 1, sizeof(Tensor))};
    int status = out.tensor ? 0 : error_set(error, EXIT_RESOURCE, "out of memory");
    for (size_t k = 0; !status && k < sets; k++)
        for (size_t i = 0; !status && i < host[k].count; i++)
            status = outgoing_add(&out, &host[k], &host[k].tensor[i], path, error);
    if (!status) status = write_summed(path, &out, entries, metadata, error);
    if (out.tensor) outgoing_free(&out);
    host_sets_free(sets, host);
    return status;
}

// ---- Reading ----------------------------------------------------------------------------------

typedef struct {
    const SafeTensors *file;
    const char *path;
    Error *error;
} Reader;

__attribute__((format(printf, 3, 4))) static int refuse(const Reader *r, const char *name,
                                                        const char *format, ...) {
    char reason[200], plain[120];
    va_list list;
    va_start(list, format);
    vsnprintf(reason, sizeof reason, format, list);
    va_end(list);
    return error_set(r->error, EXIT_DATA, "%s: tensor %s: %s", r->path,
                     safetensors_shown(name, plain, sizeof plain), reason);
}

static void print_dims(char *out, size_t size, int rank, const size_t *dims) {
    size_t used = (size_t)snprintf(out, size, "[");
    for (int d = 0; d < rank && used < size; d++)
        used += (size_t)snprintf(out + used, size - used, "%s%zu", d ? ", " : "", dims[d]);
    if (used < size) snprintf(out + used, size - used, "]");
}

static int check_shape(const Reader *r, const Tensor *found, const NetTensor *tensor) {
    if (found->dtype == DTYPE_OTHER) return refuse(r, found->name, "dtype is not F32 or F64");
    if (found->rank == tensor->rank &&
        memcmp(found->dims, tensor->dims, (size_t)tensor->rank * sizeof *found->dims) == 0)
        return 0;
    char has[80], needs[80];
    print_dims(has, sizeof has, found->rank, found->dims);
    print_dims(needs, sizeof needs, tensor->rank, tensor->dims);
    return refuse(r, found->name, "shape is %s, not %s", has, needs);
}

// In PyTorch's order, rounded to `real`; NULL with the status in *status.
static real *read_numbers(const Reader *r, const Tensor *found, int *status) {
    double *wide = malloc((found->count + 1) * sizeof *wide);
    real *torch = malloc((found->count + 1) * sizeof *torch);
    *status = 0;
    if (!wide || !torch || !tensor_read_double(found, found->count, wide)) {
        *status = error_set(r->error, EXIT_RESOURCE, "%s: out of memory", r->path);
    } else {
        for (size_t i = 0; i < found->count; i++) torch[i] = (real)wide[i];
        size_t bad = first_nonfinite(found->count, torch);
        if (bad < found->count)
            *status = refuse(r, found->name, "element %zu is %g", bad, wide[bad]);
    }
    free(wide);
    if (*status) free(torch), torch = NULL;
    return torch;
}

// *found: the tensor in the file, in the right shape; NULL for ones that are left out.
static int find_tensor(const Reader *r, const char *prefix, const NetTensor *tensor,
                       const Tensor **found) {
    char name[256];
    snprintf(name, sizeof name, "%s%s", prefix, tensor->name);
    *found = safetensors_tensor(r->file, name);
    if (!*found) return tensor->ones ? 0 : refuse(r, name, "missing");
    return check_shape(r, *found, tensor);
}

int checkpoint_check(const SafeTensors *file, const char *path, const char *prefix, const Net *net,
                     Error *error) {
    Reader r = {file, path, error};
    size_t count = net_tensors(net, NULL);
    NetTensor *tensor = calloc(count, sizeof *tensor);
    if (!tensor) return error_set(error, EXIT_RESOURCE, "out of memory");
    net_tensors(net, tensor);
    int status = 0;
    const Tensor *found;
    for (size_t k = 0; !status && k < count; k++)
        status = find_tensor(&r, prefix, &tensor[k], &found);
    free(tensor);
    return status;
}

static int read_tensor(const Reader *r, HostSet *host, const NetTensor *tensor) {
    const Tensor *found;
    int status = find_tensor(r, host->set->prefix, tensor, &found);
    real *torch = status || !found ? NULL : read_numbers(r, found, &status);
    if (!torch) return status;
    if (!tensor->ones) {
        net_tensor_import(host->set->net, tensor, torch, host_tensor(host, tensor));
    } else {
        for (size_t i = 0; !status && i < tensor->count; i++)
            if (torch[i] != 1)
                status = refuse(r, found->name, "element %zu is %g; this norm has no gain", i,
                                (double)torch[i]);
    }
    free(torch);
    return status;
}

// Length of what stands before the last two parts; of a name without a dot, more than any prefix.
static size_t prefix_length(const char *name) {
    const char *last = strrchr(name, '.');
    if (!last) return SIZE_MAX;
    while (last > name && last[-1] != '.') last--;
    return (size_t)(last - name);
}

static bool set_has(const HostSet *host, const char *name) {
    for (size_t k = 0; k < host->count; k++)
        if (strcmp(host->tensor[k].name, name) == 0) return true;
    return false;
}

static int check_unknown(const Reader *r, size_t sets, const HostSet *host, bool others) {
    for (size_t k = 0; k < r->file->tensor_count; k++) {
        const char *name = r->file->tensor[k].name;
        size_t length = prefix_length(name);
        bool known = others;
        for (size_t s = 0; s < sets; s++)
            if (strlen(host[s].set->prefix) == length &&
                memcmp(host[s].set->prefix, name, length) == 0)
                known = set_has(&host[s], name + length);
        if (!known) return refuse(r, name, "not part of the network");
    }
    return 0;
}

int checkpoint_read(const SafeTensors *file, const char *path, size_t sets, const NetSet *set,
                    bool others, Error *error) {
    Reader r = {file, path, error};
    HostSet *host = host_sets(sets, set, error);
    if (!host) return EXIT_RESOURCE;
    int status = 0;
    for (size_t k = 0; k < sets; k++)
        for (size_t i = 0; !status && i < host[k].count; i++)
            status = read_tensor(&r, &host[k], &host[k].tensor[i]);
    if (!status) status = check_unknown(&r, sets, host, others);
    for (size_t k = 0; !status && k < sets; k++) host_set_upload(&host[k]);
    host_sets_free(sets, host);
    return status;
}
