// One critic step on numbers of your own: this library held against another framework.
#include "experiments/common/device_array.h"
#include "nets/checkpoint.h"
#include "nets/checksum.h"
#include "nets/gan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *describe;

static const Setting settings[] = {
    {"describe", SETTING_TEXT, &describe, NULL, NULL, 0, 0, NULL, "LINE",
     "Print the layers, output shapes, weights and FLOP of this architecture, and nothing else"},
    {0},
};

static const Program program = {
    .name = "critic_step",
    .summary = "The loss of a critic, its gradient penalty and all its gradients, for samples and "
               "weights from a file, in full single precision (double with make REAL=double).",
    .details =
        "IN holds in __metadata__ the strings `critic` (an architecture: \"input 2; linear 64 "
        "relu; linear 1\"), `loss` (wgan-gp, wgan or gan) and `lambda`, and as F32 or F64 the "
        "samples `real` and `fake` ([B, N] or [B, C, H, W]), `t` [B, 1], and the weights under "
        "PyTorch's names and in its layout: 0.weight, 0.bias, 0_norm.weight, …\n\n"
        "The loss of wgan is mean f(fake) − mean f(real), to which wgan-gp adds the penalty; that "
        "of "
        "gan is mean log(1 + e^−f(real)) + mean log(1 + e^f(fake)), the cross-entropy of "
        "logits.\n\n"
        "OUT gets `loss` [1] (with the penalty), `penalty` [1] (lambda·mean (norms − 1)²; 0 for "
        "wgan and gan), `norms` [B] (of the critic's gradient at t·real + (1 − t)·fake), "
        "`critic_real` and `critic_fake` [B], and grad.NAME of the loss for every weight.\n\n"
        "Exit codes: 0 ok, 2 usage, 3 bad data (the message says what and where), 4 a file or "
        "device cannot be used, or memory is out, 5 a result is not finite.",
    .arguments = "IN.safetensors OUT.safetensors",
    .argument_count = 2,
    .alone = "describe",
    .settings = settings,
    .tool = true,
};

typedef struct {
    const char *path;
    SafeTensors file;
    Architecture architecture;
    GanLoss loss;
    double lambda;
    size_t batch;
} Input;

typedef struct {
    Net net;
    real *t, *norms; // [batch], on the device
    double *values;  // [VALUE_COUNT], on the device
} Critic;

// Ends the program where `status` is not 0. What a library calls a wrong argument is wrong data
// here: it came from the file.
static void check(int status, const Input *in, const char *what, const Error *error) {
    char line[sizeof error->text];
    if (status == EXIT_USAGE)
        fail(EXIT_DATA, "%s: %s%s", in->path, what,
             safetensors_shown(error->text, line, sizeof line));
    if (status) fail(status, "%s", error->text);
}

// ---- what the file says ----

static const char *text_of(const Input *in, const char *key) {
    const char *value = safetensors_metadata(&in->file, key);
    if (!value) fail(EXIT_DATA, "%s: no `%s` in __metadata__", in->path, key);
    return value;
}

static void read_settings(Input *in) {
    Error error;
    check(architecture_parse(&in->architecture, text_of(in, "critic"), &error), in,
          "critic: ", &error);
    const char *loss = text_of(in, "loss"), *lambda = text_of(in, "lambda");
    char shown[40], *end;
    if (!gan_loss_find(loss, &in->loss) ||
        (in->loss != GAN && in->loss != GAN_WASSERSTEIN && in->loss != GAN_WASSERSTEIN_GP))
        fail(EXIT_DATA, "%s: loss: '%s' is not wgan-gp, wgan or gan", in->path,
             safetensors_shown(loss, shown, sizeof shown));
    in->lambda = strtod(lambda, &end);
    bool decimal = strspn(lambda, "0123456789.eE+-") == strlen(lambda);
    if (!decimal || end == lambda || *end || !isfinite(in->lambda) || in->lambda < 0)
        fail(EXIT_DATA, "%s: lambda: '%s' is not a number >= 0", in->path,
             safetensors_shown(lambda, shown, sizeof shown));
}

static const Tensor *samples_of(const Input *in, const char *name) {
    const Tensor *tensor = safetensors_tensor(&in->file, name);
    if (!tensor) fail(EXIT_DATA, "%s: tensor %s: missing", in->path, name);
    return tensor;
}

static bool shaped(const Tensor *tensor, int rank, const size_t *dims) {
    bool same = tensor->rank == rank && tensor->dtype != DTYPE_OTHER;
    for (int d = 0; same && d < rank; d++) same = tensor->dims[d] == dims[d];
    return same;
}

static void check_shapes(Input *in) {
    const Tensor *real_side = samples_of(in, "real");
    Shape s = in->architecture.input;
    in->batch = real_side->rank > 0 ? real_side->dims[0] : 0;
    size_t image[] = {in->batch, (size_t)s.c, (size_t)s.h, (size_t)s.w};
    const char *names[] = {"real", "fake"};
    for (int k = 0; k < 2; k++)
        if (in->batch == 0 || !shaped(samples_of(in, names[k]), s.image ? 4 : 2, image))
            fail(EXIT_DATA, "%s: tensor %s: not F32 or F64 of shape %s", in->path, names[k],
                 s.image ? text("[B, %d, %d, %d], B as in real, at least 1", s.c, s.h, s.w)
                         : text("[B, %d], B as in real, at least 1", s.c));
    if (!shaped(samples_of(in, "t"), 2, (size_t[]){in->batch, 1}))
        fail(EXIT_DATA, "%s: tensor t: not F32 or F64 of shape [%zu, 1]", in->path, in->batch);
}

// Before memory is taken for a net that the file has no weights for, however large it is.
static void check_weights(const Input *in) {
    Net outline;
    Error error;
    check(net_outline(&outline, &in->architecture, NET_PENALTY, in->batch, 3, false, &error), in,
          "", &error);
    check(penalty_check(&outline, &error), in, "", &error);
    check(checkpoint_check(&in->file, in->path, "", &outline, &error), in, "", &error);
    net_free(&outline);
}

static Input read_input(const char *path) {
    Input in = {.path = path};
    Error error;
    check(checksum_read(&in.file, path, &error), &in, "", &error);
    read_settings(&in);
    check_shapes(&in);
    check_weights(&in);
    return in;
}

// ---- onto the device ----

// One sample a row, an image as H, W, C, to `device`.
static void upload_samples(const Input *in, const Backend *backend, const char *name, Shape shape,
                           real *device) {
    size_t count = in->batch * shape_size(shape);
    double *numbers = allocate(count, sizeof *numbers);
    real *torch = allocate(count, sizeof *torch), *rows = allocate(count, sizeof *rows);
    tensor_read_double(samples_of(in, name), count, numbers);
    for (size_t i = 0; i < count; i++) {
        torch[i] = (real)numbers[i];
        if (!isfinite(torch[i]))
            fail(EXIT_DATA, "%s: tensor %s: element %zu is %g", in->path, name, i, numbers[i]);
    }
    net_rows_import(shape, in->batch, torch, rows);
    backend->upload(device, rows, count * sizeof *rows);
    free(numbers), free(torch), free(rows);
}

// All tensors that are no samples must be the critic's.
static void load_weights(const Input *in, const Net *net) {
    SafeTensors weights = in->file;
    weights.tensor = allocate(in->file.tensor_count, sizeof *weights.tensor);
    weights.tensor_count = 0;
    for (size_t k = 0; k < in->file.tensor_count; k++) {
        const char *name = in->file.tensor[k].name;
        if (strcmp(name, "real") != 0 && strcmp(name, "fake") != 0 && strcmp(name, "t") != 0)
            weights.tensor[weights.tensor_count++] = in->file.tensor[k];
    }
    Error error;
    NetSet set = {"", net, net->weights, true};
    check(checkpoint_read(&weights, in->path, 1, &set, false, &error), in, "", &error);
    free(weights.tensor);
}

static Critic build(const Input *in, const Backend *backend) {
    Critic critic;
    Net *net = &critic.net;
    Error error;
    check(net_build(net, backend, &in->architecture, NET_PENALTY, in->batch, 3, false, &error), in,
          "", &error);
    critic.t = device_array(backend, in->batch, sizeof(real));
    critic.norms = device_array(backend, in->batch, sizeof(real));
    critic.values = device_array(backend, VALUE_COUNT, sizeof(double));
    load_weights(in, net);
    upload_samples(in, backend, "real", in->architecture.input, net_input(net, 0));
    upload_samples(in, backend, "fake", in->architecture.input, net_input(net, in->batch));
    upload_samples(in, backend, "t", (Shape){1, 1, 1, false}, critic.t);
    return critic;
}

// ---- the step, and what comes of it ----

static void step(const Input *in, Critic *critic) {
    bool with_penalty = in->loss == GAN_WASSERSTEIN_GP && in->lambda > 0;
    Penalty penalty = {.lambda = with_penalty ? in->lambda : 0};
    critic_gradient(&critic->net, in->loss, penalty, critic->t, critic->norms, critic->values);
    if (with_penalty) return;
    penalty_interpolate(&critic->net, critic->t);
    penalty_norms(&critic->net, critic->norms);
}

typedef struct {
    size_t count;
    Tensor *tensor;
} Results;

// Room for a tensor of the result; its numbers are the caller's to fill in.
static real *add(Results *results, const char *name, int rank, const size_t *dims, size_t count) {
    real *numbers = allocate(count, sizeof *numbers);
    Tensor *t = &results->tensor[results->count++];
    *t = (Tensor){.name = name, .rank = rank, .count = count, .data = numbers};
    t->dtype = sizeof(real) == sizeof(double) ? DTYPE_F64 : DTYPE_F32;
    memcpy(t->dims, dims, (size_t)rank * sizeof *dims);
    return numbers;
}

static void add_rows(Results *results, const char *name, const Net *net, const real *device) {
    real *numbers = add(results, name, 1, (size_t[]){net->batch}, net->batch);
    net->backend->download(numbers, device, net->batch * sizeof *numbers);
}

static void add_gradients(Results *results, const Net *net) {
    size_t count = net_tensors(net, NULL);
    NetTensor *tensor = allocate(count, sizeof *tensor);
    real *gradients = allocate(net->weight_count, sizeof *gradients);
    net->backend->download(gradients, net->gradients, net->weight_count * sizeof *gradients);
    net_tensors(net, tensor);
    for (const NetTensor *t = tensor; t < tensor + count; t++) {
        if (t->ones) continue;
        real *torch = add(results, text("grad.%s", t->name), t->rank, t->dims, t->count);
        net_tensor_export(net, t, gradients + t->at, torch);
    }
    free(tensor), free(gradients);
}

static Results collect(const Critic *critic) {
    const Net *net = &critic->net;
    Results results = {0, allocate(5 + net_tensors(net, NULL), sizeof(Tensor))};
    double values[VALUE_COUNT];
    net->backend->download(values, critic->values, sizeof values);
    *add(&results, "loss", 1, (size_t[]){1}, 1) =
        (real)(values[VALUE_REAL] + values[VALUE_FAKE] + values[VALUE_PENALTY]);
    *add(&results, "penalty", 1, (size_t[]){1}, 1) = (real)values[VALUE_PENALTY];
    add_rows(&results, "norms", net, critic->norms);
    add_rows(&results, "critic_real", net, net_output(net, 0));
    add_rows(&results, "critic_fake", net, net_output(net, net->batch));
    add_gradients(&results, net);
    return results;
}

static void check_finite(const Results *results) {
    for (const Tensor *t = results->tensor; t < results->tensor + results->count; t++)
        for (size_t i = 0; i < t->count; i++)
            if (!isfinite(((const real *)t->data)[i]))
                fail(EXIT_NONFINITE, "%s: element %zu is %g; nothing is written", t->name, i,
                     (double)((const real *)t->data)[i]);
}

static int print_description(void) {
    Architecture architecture;
    Error error;
    int status = architecture_parse(&architecture, describe, &error);
    if (status) fail(status, "%s", error.text);
    architecture_describe(&architecture, stdout);
    return experiment_end();
}

int main(int argc, char **argv) {
    experiment_begin(&program, argc, argv);
    if (describe) return print_description();
    if (same_file(common.arguments[0], common.arguments[1]))
        fail(EXIT_USAGE, "%s would be overwritten by the results", common.arguments[0]);
    Input in = read_input(common.arguments[0]);
    Error error;
    const Backend *backend;
    check(backend_open(&backend, common.device, common.threads, PRECISION_FULL, &error), &in, "",
          &error);
    Critic critic = build(&in, backend);
    step(&in, &critic);
    Results results = collect(&critic);
    check_finite(&results);
    check(safetensors_write(common.arguments[1], results.count, results.tensor, 0, NULL, &error),
          &in, "", &error);
    provenance_device(backend->description);
    if (!common.quiet) printf("%s on %s\n", common.arguments[1], backend->description);

    for (size_t k = 0; k < results.count; k++) free((void *)results.tensor[k].data);
    free(results.tensor);
    backend->free(critic.t), backend->free(critic.norms), backend->free(critic.values);
    net_free(&critic.net);
    backend->close();
    safetensors_free(&in.file);
    return experiment_end();
}
