#include "trainer.h"

#include "device_array.h"

#include <math.h>
#include <stdlib.h>

// Streams of the players' random numbers. The highest bit keeps them apart from those that
// programs draw points with.
enum {
    FOR_CRITIC_WEIGHTS,
    FOR_MIX,
    FOR_GENERATOR_WEIGHTS,
    FOR_LATENTS,
    FOR_LOOKS,
    FOR_WITHIN,
    FOR_NOISE,
    FOR_NOISE_LOOKS,
    FOR_PICKS
};

static RandomSource open_stream(const Backend *backend, uint64_t seed, uint64_t purpose) {
    RandomSource source;
    Error error;
    int status = random_open(&source, backend, seed, 1ull << 63 | purpose, &error);
    if (status) fail(status, "%s", error.text);
    return source;
}

const Backend *trainer_backend_at(Precision precision) {
    const Backend *backend;
    Error error;
    int status = backend_open(&backend, common.device, common.threads, precision, &error);
    if (status) fail(status, "%s", error.text);
    provenance_device(backend->description);
    return backend;
}

const Backend *trainer_backend(void) {
    return trainer_backend_at(PRECISION_FULL);
}

// A net from its line, with initial weights.
static void build(Net *net, const Backend *backend, const char *line, NetUse use, size_t batch,
                  size_t batches, Init init, RandomSource source) {
    Architecture architecture;
    Error error;
    int status = architecture_parse(&architecture, line, &error);
    if (!status)
        status = net_build(net, backend, &architecture, use, batch, batches, false, &error);
    if (status) fail(status, "%s", error.text);
    net_init(net, init, source);
    random_free(&source, backend);
}

static void build_optimiser(Optimiser *optimiser, const Net *net, Rule rule, double clip) {
    Error error;
    int status = optimiser_build(optimiser, net, rule, (real)clip, &error);
    if (status) fail(status, "%s", error.text);
}

static size_t features_in(const Net *net) {
    return shape_size(net->architecture.input);
}

static size_t features_out(const Net *net) {
    return shape_size(architecture_output(&net->architecture));
}

static void upload(const Net *net, size_t count, const double *from, real *to) {
    real *numbers = allocate(count, sizeof *numbers);
    for (size_t i = 0; i < count; i++) numbers[i] = (real)from[i];
    net->backend->upload(to, numbers, count * sizeof *numbers);
    free(numbers);
}

static void download(const Net *net, size_t count, const real *from, double *to) {
    real *numbers = allocate(count, sizeof *numbers);
    net->backend->download(numbers, from, count * sizeof *numbers);
    for (size_t i = 0; i < count; i++) to[i] = (double)numbers[i];
    free(numbers);
}

const char *mlp_line(int inputs, int64_t layers, int64_t width, int outputs) {
    const char *line = text("input %d", inputs);
    for (int64_t k = 1; k < layers; k++)
        line = text("%s; linear %lld relu", line, (long long)width);
    return text("%s; linear %d", line, outputs);
}

Rule rule_adam(double rate, double beta1, double beta2) {
    Rule rule = rule_default(RULE_ADAM, rate);
    rule.beta1 = beta1, rule.beta2 = beta2;
    return rule;
}

// ---- the critic ----

void critic_build(Critic *critic, const Backend *backend, const CriticSettings *settings,
                  uint64_t seed) {
    bool with_penalty = settings->penalty.lambda > 0;
    *critic = (Critic){.settings = *settings, .sigma = settings->noise};
    build(&critic->net, backend, settings->architecture, with_penalty ? NET_PENALTY : NET_TRAIN,
          settings->batch, with_penalty ? 3 : 2, settings->init,
          open_stream(backend, seed, FOR_CRITIC_WEIGHTS));
    Error error;
    if (with_penalty && penalty_check(&critic->net, &error)) fail(EXIT_USAGE, "%s", error.text);
    if (features_out(&critic->net) != 1)
        fail(EXIT_USAGE, "critic \"%s\": %zu outputs where a critic has one",
             settings->architecture, features_out(&critic->net));
    build_optimiser(&critic->optimiser, &critic->net, settings->rule, settings->clip);
    critic->seed = seed;
    critic->mix = open_stream(backend, seed, FOR_MIX);
    critic->noise = open_stream(backend, seed, FOR_NOISE);
    critic->looks = open_stream(backend, seed, FOR_NOISE_LOOKS);
    critic->picks = open_stream(backend, seed, FOR_PICKS);
    if (settings->noise > 0)
        critic->noise_rows =
            device_array(backend, 2 * settings->batch * features_in(&critic->net), sizeof(real));
    critic->index = device_array(backend, settings->batch, sizeof *critic->index);
    critic->t = device_array(backend, settings->batch, sizeof(real));
    critic->norms = device_array(backend, settings->batch, sizeof(real));
    critic->values = device_array(backend, VALUE_COUNT, sizeof(double));
}

void critic_free(Critic *critic) {
    const Backend *b = critic->net.backend;
    b->free(critic->t), b->free(critic->norms), b->free(critic->values);
    b->free(critic->index), b->free(critic->noise_rows);
    random_free(&critic->mix, b), random_free(&critic->noise, b);
    random_free(&critic->looks, b), random_free(&critic->picks, b);
    optimiser_free(&critic->optimiser, &critic->net);
    net_free(&critic->net);
}

void critic_begin_within(Critic *critic, double side) {
    const Net *net = &critic->net;
    RandomSource source = open_stream(net->backend, critic->seed, FOR_WITHIN);
    for (const Layer *l = net->layer; l < net->layer + net->count; l++) {
        random_draw_uniform(net->backend, source, l->weight_count, -side, side, l->weight);
        net->backend->fill(l->bias_count, 0, l->bias);
    }
    random_free(&source, net->backend);
}

void critic_put_real(Critic *critic, const double *points) {
    const Net *net = &critic->net;
    upload(net, net->batch * features_in(net), points, net_input(net, 0));
}

void critic_put_fake(Critic *critic, const double *points) {
    const Net *net = &critic->net;
    upload(net, net->batch * features_in(net), points, net_input(net, net->batch));
}

void critic_add_noise(Critic *critic, Rows rows, RandomSource source) {
    const Backend *b = critic->net.backend;
    size_t count = rows.count * features_in(&critic->net);
    if (critic->sigma <= 0) return;
    random_draw_normal(b, source, count, 0, 1, critic->noise_rows);
    b->axpy(count, (real)critic->sigma, critic->noise_rows, net_input(&critic->net, rows.first));
}

void critic_update(Critic *critic) {
    const CriticSettings *s = &critic->settings;
    Net *net = &critic->net;
    critic_add_noise(critic, (Rows){0, 2 * s->batch}, critic->noise);
    if (s->penalty.lambda > 0)
        random_draw_uniform(net->backend, critic->mix, s->batch, 0, 1, critic->t);
    critic_gradient(net, s->loss, s->penalty, critic->t, critic->norms, critic->values);
    optimiser_step(&critic->optimiser, net);
}

CriticLosses critic_values(const Critic *critic) {
    double v[VALUE_COUNT];
    critic->net.backend->download(v, critic->values, sizeof v);
    return (CriticLosses){v[VALUE_REAL], v[VALUE_FAKE], v[VALUE_PENALTY]};
}

CriticLosses critic_losses(const Critic *critic) {
    CriticLosses losses = critic_values(critic);
    if (!isfinite(losses.real + losses.fake + losses.penalty))
        fail(EXIT_NONFINITE, "the critic's loss is not finite: real %g, fake %g, penalty %g",
             losses.real, losses.fake, losses.penalty);
    return losses;
}

GradientNorms critic_norms(const Critic *critic) {
    size_t batch = critic->settings.batch;
    double *norms = allocate(batch, sizeof *norms), sum = 0, max = 0;
    download(&critic->net, batch, critic->norms, norms);
    for (size_t i = 0; i < batch; i++) sum += norms[i], max = fmax(max, norms[i]);
    free(norms);
    return (GradientNorms){sum / (double)batch, max};
}

double critic_mean_norm(const Critic *critic) {
    return critic_norms(critic).mean;
}

void critic_evaluate(Critic *critic, size_t n, const double *x, double *value, double *slope) {
    Net *net = &critic->net;
    size_t room = net->batch * net->batches, features = features_in(net);
    for (size_t first = 0; first < n; first += room) {
        Rows rows = {0, n - first < room ? n - first : room};
        upload(net, rows.count * features, x + first * features, net_input(net, 0));
        net_forward(net, rows, MODE_TRAIN);
        if (value) download(net, rows.count, net_output(net, 0), value + first);
        if (!slope) continue;
        net->backend->fill(rows.count, 1, net_output_delta(net, 0));
        net_backward(net, rows, rows);
        download(net, rows.count * features, net_input_delta(net, 0), slope + first * features);
    }
}

// ---- the generator ----

void generator_build(Generator *generator, const Backend *backend,
                     const GeneratorSettings *settings, uint64_t seed) {
    *generator = (Generator){.settings = *settings};
    build(&generator->net, backend, settings->architecture, NET_TRAIN, settings->batch, 1,
          settings->init, open_stream(backend, seed, FOR_GENERATOR_WEIGHTS));
    build_optimiser(&generator->optimiser, &generator->net, settings->rule, 0);
    generator->latents = open_stream(backend, seed, FOR_LATENTS);
    generator->looks = open_stream(backend, seed, FOR_LOOKS);
    generator->values = device_array(backend, VALUE_COUNT, sizeof(double));
}

void generator_free(Generator *generator) {
    const Backend *b = generator->net.backend;
    b->free(generator->values);
    random_free(&generator->latents, b);
    random_free(&generator->looks, b);
    optimiser_free(&generator->optimiser, &generator->net);
    net_free(&generator->net);
}

static void draw_latents(Generator *generator, RandomSource source) {
    Net *net = &generator->net;
    size_t count = net->batch * features_in(net);
    if (generator->settings.latent == LATENT_NORMAL)
        random_draw_normal(net->backend, source, count, 0, 1, net_input(net, 0));
    else
        random_draw_uniform(net->backend, source, count, -1, 1, net_input(net, 0));
}

void generator_put_fake(Generator *generator, Critic *critic) {
    draw_latents(generator, generator->latents);
    generator_forward(&generator->net, &critic->net);
}

void generator_slope(Generator *generator, Critic *critic) {
    if (!generator->settings.reuse_latents) draw_latents(generator, generator->latents);
    generator_forward(&generator->net, &critic->net);
    critic_add_noise(critic, (Rows){critic->net.batch, critic->net.batch}, critic->noise);
    generator_backward(&generator->net, &critic->net, critic->settings.loss, generator->values);
}

void generator_update(Generator *generator, Critic *critic) {
    generator_slope(generator, critic);
    optimiser_step(&generator->optimiser, &generator->net);
}

double generator_value(const Generator *generator) {
    double v[VALUE_COUNT];
    generator->net.backend->download(v, generator->values, sizeof v);
    return v[VALUE_GENERATOR];
}

double generator_loss(const Generator *generator) {
    double value = generator_value(generator);
    if (!isfinite(value)) fail(EXIT_NONFINITE, "the generator's loss is not finite: %g", value);
    return value;
}

void generator_sample(Generator *generator, size_t n, double *x) {
    Net *net = &generator->net;
    size_t features = features_out(net);
    for (size_t first = 0; first < n; first += net->batch) {
        Rows rows = {0, n - first < net->batch ? n - first : net->batch};
        draw_latents(generator, generator->looks);
        net_forward(net, rows, MODE_SAMPLE);
        download(net, rows.count * features, net_output(net, 0), x + first * features);
    }
}

void generator_rewind(Generator *generator) {
    random_restore(generator->net.backend, generator->looks, 0);
}

// ---- both ----

void trainer_check_pair(const Generator *generator, const Critic *critic) {
    if (features_out(&generator->net) != features_in(&critic->net))
        fail(EXIT_USAGE, "the generator makes %zu numbers where the critic takes %zu",
             features_out(&generator->net), features_in(&critic->net));
}

double gradient_norm(const Net *net) {
    double *gradients = allocate(net->weight_count, sizeof *gradients), sum = 0;
    download(net, net->weight_count, net->gradients, gradients);
    for (size_t i = 0; i < net->weight_count; i++) sum += gradients[i] * gradients[i];
    free(gradients);
    return sqrt(sum);
}
