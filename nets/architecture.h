// A network as one line of text.
//
// Items are separated by `;`. The first is the input, the others are layers:
//   input HxWxC | input N
//   linear N | linear HxWxC | conv C kK sS | convt C kK sS
//     then, conv and convt only:  same (the default) | pP        and for convt:  oP,  size HxW
//     then:                       bn | ln, each followed by  eps E  and  nogain, or neither
//     then:                       relu | leaky A | tanh | sigmoid | softplus | ssoftplus
// Example: input 64x64x3; conv 64 k5 s2 leaky 0.2; conv 128 k5 s2 leaky 0.2; linear 1
//
// Sizes. conv `same`: out = ceil(in/S); total padding max((out − 1)·S + K − in, 0), half of it,
// rounded down, before and the rest after (TensorFlow). conv `pP`: out = floor((in + 2P − K)/S)
// + 1. convt is the transpose of a conv: `same`: out = in·S, padded as the conv from out to in; `pP
// oQ`: out = (in − 1)·S − 2P + K + Q with Q < S. `size HxW` keeps the first H rows and W columns.
// P is below K in both (PyTorch takes more): further out an output would see no pixel. A flat layer
// is 1x1xN; an image entering `linear` is flattened, in memory as H, W, C (checkpoints
// permute it to PyTorch's C, H, W). conv and convt need an image.
#ifndef NETS_ARCHITECTURE_H
#define NETS_ARCHITECTURE_H

#include "../kernels/backend.h"

enum { ARCHITECTURE_ITEMS = 128 };

typedef struct {
    int h, w, c;
    bool image; // written HxWxC; false: flat, h = w = 1
} Shape;

static inline size_t shape_size(Shape s) {
    return (size_t)s.h * (size_t)s.w * (size_t)s.c;
}

extern const char *const ACT_NAMES[]; // the word of each ActKind; "" for the identity

typedef enum { ITEM_LINEAR, ITEM_CONV, ITEM_CONVT } ItemKind;
typedef enum { NORM_NONE, NORM_BATCH, NORM_LAYER } NormKind;

typedef struct {
    ItemKind kind;
    Shape in, out;
    ConvShape conv;   // conv: image = in, map = out; convt: image = out, map = in
    bool same;        // padding as written, for printing it back
    int pad, out_pad; // of pP and oP
    bool cropped;     // `size` was given
    NormKind norm;
    double eps; // 1e-5 unless written
    bool gain;  // false after `nogain`
    ActKind act;
    double leak; // of ACT_LEAKY, as written
} Item;

typedef struct {
    Shape input;
    int count; // of layers; item[i] has the index i that checkpoint names use
    Item item[ARCHITECTURE_ITEMS];
} Architecture; // a plain value: copy it, nothing to free

// Parses a NUL-terminated line, surrounding blanks allowed. Returns 0, or EXIT_USAGE and in *error
// one line that names the token and its column, from 1: `architecture, column 18: "k0": kernel must
// be 1..64`. Refuses: unknown or repeated words, numbers that are not plain decimals or out of
// range (sizes and sides of outputs 1..65536, k and s 1..64, pP < K, E > 0, A >= 0, finite), oQ
// without pP, no layer, more than 128, a conv on a flat input, an output that would be empty, a
// crop larger than what is cropped, and more than 2^31 − 1 features in a row or weights in a layer.
// *architecture is untouched on failure. Never reads past the NUL: it is fuzzed.
int architecture_parse(Architecture *architecture, const char *line, Error *error);

// The canonical line: single blanks, defaults left out, numbers in the fewest digits that read back
// the same. parse(format(a)) equals a. Returns its length as snprintf does.
int architecture_format(const Architecture *architecture, char *line, size_t size);

// Layers, output shape, weights and FLOP (2 per multiply-add, one row, forward) as a table, for
// --describe.
void architecture_describe(const Architecture *architecture, FILE *out);

Shape architecture_output(const Architecture *architecture);
size_t item_weights(const Item *item); // trainable numbers, norm included
double item_flop(const Item *item);    // forward, one row: products only

#endif
