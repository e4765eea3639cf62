#include "generator_load.h"

#include "nets/checkpoint.h"
#include "nets/checksum.h"
#include "run_folder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SAMPLES_STREAM = 1 }; // apart from the streams of training

// A run that is still training may remove a checkpoint between finding and reading it: then there
// is a newer one.
static void read_file(ImageGenerator *g, SafeTensors *file, const char *path) {
    Error error;
    struct stat about;
    bool folder = stat(path, &about) == 0 && S_ISDIR(about.st_mode);
    int status;
    do {
        g->path = folder ? run_newest(path) : text("%s", path);
        if (!g->path) fail(EXIT_DATA, "%s: no checkpoint that can be read", path);
        status = checksum_read(file, g->path, &error);
    } while (status && folder && access(g->path, F_OK) != 0);
    if (status) fail(status, "%s", error.text);
}

static const char *entry(const SafeTensors *file, const char *key) {
    const char *value = safetensors_metadata(file, key);
    return value ? value : "";
}

static void set_shape(ImageGenerator *g, const Architecture *architecture) {
    Shape out = architecture_output(architecture);
    if (!out.image || (out.c != 1 && out.c != 3))
        fail(EXIT_DATA, "%s: the generator does not make images of 1 or 3 channels", g->path);
    g->height = out.h, g->width = out.w, g->channels = out.c;
    g->latents = shape_size(architecture->input), g->features = shape_size(out);
    g->range = pixel_range(architecture);
}

// Before memory is taken for a net that the file has no weights for, however large it is.
static void check_weights(const ImageGenerator *g, const SafeTensors *file,
                          const Architecture *architecture, const char *prefix, size_t batch) {
    Net outline;
    Error error;
    int status = net_outline(&outline, architecture, NET_SAMPLE, batch, 1, false, &error);
    if (!status) status = checkpoint_check(file, g->path, prefix, &outline, &error);
    if (status) fail(status, "%s", error.text);
    net_free(&outline);
}

void image_generator_open(ImageGenerator *g, const Backend *backend, const char *path,
                          size_t batch) {
    SafeTensors file;
    Architecture architecture;
    Error error;
    *g = (ImageGenerator){.step = -1};
    read_file(g, &file, path);
    bool run = safetensors_metadata(&file, "generator") != NULL;
    if (architecture_parse(&architecture, entry(&file, run ? "generator" : "architecture"), &error))
        fail(EXIT_DATA, "%s: __metadata__ names no generator: %s", g->path, error.text);
    set_shape(g, &architecture);
    g->latent = strcmp(entry(&file, "latent"), "uniform") ? LATENT_NORMAL : LATENT_UNIFORM;
    if (run) g->step = strtoll(entry(&file, "step"), NULL, 10);
    g->data = text("%s", run ? entry(&file, "data") : "");
    check_weights(g, &file, &architecture, run ? "generator." : "", batch);
    int status = net_build(&g->net, backend, &architecture, NET_SAMPLE, batch, 1, false, &error);
    NetSet set = {run ? "generator." : "", &g->net, g->net.weights, true};
    if (!status) status = checkpoint_read(&file, g->path, 1, &set, run, &error);
    if (status) fail(status, "%s", error.text);
    safetensors_free(&file);
}

void image_generator_free(ImageGenerator *g) {
    net_free(&g->net);
}

void image_generator_latents(const ImageGenerator *g, uint64_t seed, size_t n, real *z) {
    const Backend *b = g->net.backend;
    size_t batch = g->net.batch;
    RandomSource source;
    Error error;
    int status = random_open(&source, b, seed, SAMPLES_STREAM, &error);
    if (status) fail(status, "%s", error.text);
    for (size_t row = 0; row < n; row++) { // row by row: whatever the batch, the same numbers
        real *to = net_input(&g->net, row % batch);
        if (g->latent == LATENT_NORMAL)
            random_draw_normal(b, source, g->latents, 0, 1, to);
        else
            random_draw_uniform(b, source, g->latents, -1, 1, to);
        if ((row + 1) % batch && row + 1 < n) continue;
        size_t first = row / batch * batch, rows = row + 1 - first;
        b->download(z + first * g->latents, net_input(&g->net, 0), rows * g->latents * sizeof *z);
    }
    random_free(&source, b);
}

void image_generator_make(ImageGenerator *g, size_t n, const real *z, uint8_t *bytes) {
    const Backend *b = g->net.backend;
    size_t batch = g->net.batch;
    real *x = allocate(batch * g->features, sizeof *x);
    for (size_t first = 0; first < n; first += batch) {
        Rows rows = {0, n - first < batch ? n - first : batch};
        b->upload(net_input(&g->net, 0), z + first * g->latents,
                  rows.count * g->latents * sizeof *z);
        net_forward(&g->net, rows, MODE_SAMPLE);
        b->download(x, net_output(&g->net, 0), rows.count * g->features * sizeof *x);
        for (size_t i = 0; i < rows.count * g->features; i++)
            bytes[first * g->features + i] = pixel_byte(g->range, (double)x[i]);
    }
    free(x);
}

void image_generator_sample(ImageGenerator *g, uint64_t seed, size_t n, uint8_t *bytes) {
    real *z = allocate(n * g->latents, sizeof *z);
    image_generator_latents(g, seed, n, z);
    image_generator_make(g, n, z, bytes);
    free(z);
}

// ---- ways between latents ----

// The angle between two latents; 0 where one of them is 0.
static double angle(size_t n, const real *a, const real *b) {
    double ab = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < n; i++) {
        ab += (double)a[i] * (double)b[i];
        aa += (double)a[i] * (double)a[i], bb += (double)b[i] * (double)b[i];
    }
    return aa * bb > 0 ? acos(fmin(fmax(ab / sqrt(aa * bb), -1), 1)) : 0;
}

void latent_between(Latent latent, double t, size_t n, const real *a, const real *b, real *z) {
    double from = 1 - t, to = t, omega = angle(n, a, b);
    if (latent == LATENT_NORMAL && sin(omega) > 1e-6)
        from = sin((1 - t) * omega) / sin(omega), to = sin(t * omega) / sin(omega);
    for (size_t i = 0; i < n; i++) z[i] = (real)(from * (double)a[i] + to * (double)b[i]);
}
