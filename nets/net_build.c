// What a net is made of and where it lies: the layers of an architecture, their weights in one
// vector, every buffer of the table in net.h in one block.
#include "net.h"

#include "arena.h"

#include <assert.h>
#include <stdlib.h>

enum { TENSOR_ALIGNMENT = 16 }; // numbers between the starts of two tensors in a vector

static Layer plain_layer(const Item *item, int index) {
    static const LayerKind *const KINDS[] = {
        [ITEM_LINEAR] = &LINEAR, [ITEM_CONV] = &CONV, [ITEM_CONVT] = &CONV_TRANSPOSE};
    bool linear = item->kind == ITEM_LINEAR;
    size_t bias = linear ? shape_size(item->out) : (size_t)item->out.c;
    size_t kernel = (size_t)item->conv.k * (size_t)item->conv.k;
    return (Layer){.kind = KINDS[item->kind],
                   .item = index,
                   .in = item->in,
                   .out = item->out,
                   .conv = item->conv,
                   .weight_count = linear ? shape_size(item->in) * bias
                                          : kernel * (size_t)item->conv.c * (size_t)item->conv.o,
                   .bias_count = bias};
}

static Layer norm_layer(const Item *item, int index) {
    size_t channels = (size_t)item->out.c;
    return (Layer){.kind = item->norm == NORM_BATCH ? &BATCH_NORM : &LAYER_NORM,
                   .item = index,
                   .in = item->out,
                   .out = item->out,
                   .eps = (real)item->eps,
                   .weight_count = item->gain ? channels : 0,
                   .bias_count = channels};
}

// The layers of every item, the activation on the last of each.
static void list_layers(Net *net) {
    const Architecture *a = &net->architecture;
    for (int i = 0; i < a->count; i++) {
        const Item *item = &a->item[i];
        net->layer[net->count++] = plain_layer(item, i);
        if (item->norm != NORM_NONE) net->layer[net->count++] = norm_layer(item, i);
        net->layer[net->count - 1].act = (Act){item->act, (real)item->leak};
    }
    net->top = -1;
    for (int i = 0; i < net->count; i++) {
        Layer *l = &net->layer[i];
        l->batch = net->batch;
        if (act_curved(l->act) || l->kind == &LAYER_NORM) net->top = i;
        if (l->kind == &BATCH_NORM) net->coupled = true;
    }
}

static size_t place(size_t *end, size_t count) {
    size_t at = *end;
    *end += (count + TENSOR_ALIGNMENT - 1) / TENSOR_ALIGNMENT * TENSOR_ALIGNMENT;
    return at;
}

// Weights and biases in the order of layers, then those of the norms.
static void place_weights(Net *net) {
    for (int norms = 0; norms < 2; norms++) {
        for (Layer *l = net->layer; l < net->layer + net->count; l++)
            if (layer_is_norm(l) == (norms == 1)) {
                l->weight_at = place(&net->weight_count, l->weight_count);
                l->bias_at = place(&net->weight_count, l->bias_count);
                if (l->kind == &BATCH_NORM) {
                    l->mean_at = place(&net->running_count, l->bias_count);
                    l->var_at = place(&net->running_count, l->bias_count);
                }
            }
        if (norms == 0) net->plain_count = net->weight_count;
    }
}

static real *take(Arena *arena, size_t rows, size_t features) {
    return arena_take(arena, rows, features * sizeof(real));
}

// Address `at` of a vector; NULL while the arena only counts, or where there is no tensor.
static real *within(real *vector, size_t at, size_t count) {
    return vector && count ? vector + at : NULL;
}

static void plan_weights(Net *net, Arena *arena) {
    net->weights = take(arena, net->weight_count, 1);
    if (net->use != NET_SAMPLE) net->gradients = take(arena, net->weight_count, 1);
    net->running = take(arena, net->running_count, 1);
    for (Layer *l = net->layer; l < net->layer + net->count; l++) {
        l->weight = within(net->weights, l->weight_at, l->weight_count);
        l->bias = within(net->weights, l->bias_at, l->bias_count);
        l->dweight = within(net->gradients, l->weight_at, l->weight_count);
        l->dbias = within(net->gradients, l->bias_at, l->bias_count);
        if (l->kind == &BATCH_NORM) {
            l->running_mean = within(net->running, l->mean_at, l->bias_count);
            l->running_var = within(net->running, l->var_at, l->bias_count);
        }
    }
}

// The buffers of the penalty rows: those of the reference path, or the one of the short path.
static void plan_penalty(Net *net, Arena *arena) {
    size_t rows = net->batch, widest = 0;
    if (net_short_path(net)) {
        for (const Layer *l = net->layer; l < net->layer + net->count; l++)
            if (shape_size(l->out) > widest) widest = shape_size(l->out);
        net->spare = take(arena, rows, widest);
        return;
    }
    net->tinput = take(arena, rows, shape_size(net->architecture.input));
    for (int i = 0; i < net->count; i++) {
        Layer *l = &net->layer[i];
        size_t features = shape_size(l->out);
        l->tx = i == 0 ? net->tinput : l[-1].ty;
        l->ty = take(arena, rows, features);
        if (act_curved(l->act)) l->tz = take(arena, rows, features);
        if (i <= net->top) l->cy = take(arena, rows, features);
        if (l->kind == &LAYER_NORM) l->htx = take(arena, rows, 1);
    }
}

static void plan_rows(Net *net, Arena *arena) {
    size_t rows = net->batch * net->batches;
    bool deltas = net->use != NET_SAMPLE;
    net->input = take(arena, rows, shape_size(net->architecture.input));
    if (deltas) net->dinput = take(arena, rows, shape_size(net->architecture.input));
    for (int i = 0; i < net->count; i++) {
        Layer *l = &net->layer[i];
        l->x = i == 0 ? net->input : l[-1].y;
        l->y = take(arena, rows, shape_size(l->out));
        if (deltas) {
            l->dx = i == 0 ? net->dinput : l[-1].dy;
            l->dy = take(arena, rows, shape_size(l->out));
        }
        if (l->kind == &LAYER_NORM) l->rstd = take(arena, rows, 1);
        if (l->kind == &BATCH_NORM) l->rstd = take(arena, net->batches, (size_t)l->out.c);
    }
}

static void plan(Net *net, Arena *arena) {
    plan_weights(net, arena);
    plan_rows(net, arena);
    if (net->use >= NET_PENALTY && !net->coupled) plan_penalty(net, arena);
}

static int refuse_coupled(const Net *net, Error *error) {
    int item = 0;
    while (net->architecture.item[item].norm != NORM_BATCH) item++;
    return error_set(error, EXIT_USAGE,
                     "item %d has batch norm, which ties the rows of a batch together; a gradient "
                     "penalty needs each row's own gradient: use ln or no norm",
                     item);
}

// An architecture says eps and slopes in decimals, whatever the build: here they become `real`.
static int check_numbers(const Architecture *a, Error *error) {
    const char *type = sizeof(real) == sizeof(float) ? "float" : "double";
    for (int i = 0; i < a->count; i++) {
        const Item *item = &a->item[i];
        if (item->norm != NORM_NONE && ((real)item->eps == 0 || !isfinite((real)item->eps)))
            return error_set(error, EXIT_USAGE, "item %d: eps %g is %g as a %s", i, item->eps,
                             (double)(real)item->eps, type);
        if (!isfinite((real)item->leak))
            return error_set(error, EXIT_USAGE, "item %d: slope %g is %g as a %s", i, item->leak,
                             (double)(real)item->leak, type);
    }
    return EXIT_OK;
}

static void set_units(const Net *net) {
    for (const Layer *l = net->layer; l < net->layer + net->count; l++)
        if (layer_is_norm(l)) {
            if (l->weight) net->backend->fill(l->weight_count, 1, l->weight);
            if (l->running_var) net->backend->fill(l->bias_count, 1, l->running_var);
        }
}

int net_outline(Net *net, const Architecture *architecture, NetUse use, size_t batch,
                size_t batches, bool allow_coupled, Error *error) {
    assert(batch > 0 && batches > 0);
    *net = (Net){.architecture = *architecture, .use = use, .batch = batch, .batches = batches};
    int status = check_numbers(architecture, error);
    if (status != EXIT_OK) return status;
    net->layer = calloc(2 * (size_t)architecture->count, sizeof *net->layer);
    if (!net->layer) return error_set(error, EXIT_RESOURCE, "out of memory for a net's layers");
    list_layers(net);
    if (use >= NET_PENALTY && net->coupled && !allow_coupled) return refuse_coupled(net, error);
    place_weights(net);
    return EXIT_OK;
}

size_t net_memory(Net *outline) {
    Arena count = {0};
    plan(outline, &count);
    return count.used;
}

int net_build(Net *net, const Backend *backend, const Architecture *architecture, NetUse use,
              size_t batch, size_t batches, bool allow_coupled, Error *error) {
    int status = net_outline(net, architecture, use, batch, batches, allow_coupled, error);
    if (status != EXIT_OK) return status;
    net->backend = backend;
    Arena count = {0}, arena = {0};
    plan(net, &count);
    net->arena = arena.base = backend->alloc(count.used, error);
    if (!net->arena) return EXIT_RESOURCE;
    plan(net, &arena);
    set_units(net);
    for (const Layer *l = net->layer; l < net->layer + net->count; l++)
        if (l->kind->reserve) {
            status = l->kind->reserve(l, backend, batch * batches, error);
            if (status != EXIT_OK) return status;
        }
    return EXIT_OK;
}

void net_free(Net *net) {
    if (net->arena) net->backend->free(net->arena);
    free(net->layer);
    *net = (Net){0};
}
