// Nets as safetensors in PyTorch's names, layout and order.
//
// Item i of the architecture has i.weight and i.bias, its norm i_norm.weight, i_norm.bias,
// i_norm.running_mean and i_norm.running_var. In the file, and in memory:
//   linear   [out, in]        [out][in], an image's features in H, W, C order where the file has
//                             C, H, W: in, after an image; out and bias, of `linear HxWxC`
//   conv     [o, c, k, k]     [o][k][k][c]
//   convt    [in, out, k, k]  [map = in][k][k][image = out]: the same permutation
//   others   [c]              the same
// A `nogain` norm has no weight here but PyTorch's layer has one: it is written as ones, and read
// back only if absent or all ones. Nothing else is optional, and nothing unknown is accepted.
//
// An exported net has those names and `architecture` in __metadata__. Every file has a `checksum`
// there (checksum.h). A training checkpoint is one
// file of such sets, each under a prefix (`critic.`, `generator.`, `critic.m.`, `critic.v.`, …);
// its __metadata__ holds both architecture lines, settings, and counters as decimal strings; no
// time, path or host.
#ifndef NETS_CHECKPOINT_H
#define NETS_CHECKPOINT_H

#include "net.h"
#include "safetensors.h"

// One tensor of a net: where it lies in net->weights (or net->running) and how it is laid out
// outside.
typedef struct {
    char name[32];
    int rank;
    size_t dims[4]; // PyTorch's
    size_t count, at;
    bool running; // in net->running, not net->weights
    bool ones;    // gain of a `nogain` norm: not in memory
    int layer;
} NetTensor;

// The list, in the order of items. Returns the count; `tensor` may be NULL to ask for it.
size_t net_tensors(const Net *net, NetTensor *tensor);
// Between memory order and PyTorch's, on the host; count numbers each, no overlap.
void net_tensor_export(const Net *net, const NetTensor *tensor, const real *memory, real *torch);
void net_tensor_import(const Net *net, const NetTensor *tensor, const real *torch, real *memory);
// The same for samples: [rows][c][h][w] of PyTorch into rows of NHWC.
void net_rows_import(Shape shape, size_t rows, const real *torch, real *memory);

// A set of tensors shaped like a net's weights: the weights, gradients, m or v. `values` is a
// device vector like net->weights. Running statistics, and the ones of `nogain`, are part of it
// where with_running: moments and gradients have neither.
typedef struct {
    const char *prefix; // "" for an exported net, else ends in a dot
    const Net *net;
    real *values;
    bool with_running;
} NetSet;

// Writes sets (and metadata) to `path`, in the build's dtype. Returns 0, EXIT_RESOURCE, EXIT_USAGE
// (safetensors_write), or EXIT_NONFINITE where a number is not finite: the old file stays.
int checkpoint_write(const char *path, size_t sets, const NetSet *set, size_t entries,
                     const Metadata *metadata, Error *error);
// Whether a file has, under `prefix`, all tensors of `net`, which may be an outline only, in their
// shapes. Returns 0, EXIT_DATA as below, or EXIT_RESOURCE.
int checkpoint_check(const SafeTensors *file, const char *path, const char *prefix, const Net *net,
                     Error *error);
// Reads the sets: all tensors present, shapes equal, finite, dtype F32 or F64. Nothing on the
// device changes unless everything is right. Returns 0, EXIT_DATA with `PATH: tensor NAME: reason`,
// or EXIT_RESOURCE. Tensors under a prefix that no set has are left alone if `others`; else they
// are refused. A prefix is what stands before the last two parts: `critic.m.` of `critic.m.0.bias`;
// a name without a dot is under none.
int checkpoint_read(const SafeTensors *file, const char *path, size_t sets, const NetSet *set,
                    bool others, Error *error);

#endif
