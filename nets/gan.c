#include "gan.h"

#include <assert.h>

// [critic_gradient]
// Mean of a term over one batch of outputs into *value, its slope into their deltas.
static void side(Net *critic, LossTerm term, size_t first, double *value) {
    critic->backend->loss(term, critic->batch, net_output(critic, first), value,
                          net_output_delta(critic, first));
}

void critic_gradient(Net *critic, GanLoss loss, Penalty penalty, const real *t, real *norms,
                     double *values) {
    const Backend *b = critic->backend;
    bool with_penalty = penalty.lambda > 0;
    GanTerms terms = gan_terms(loss);
    Rows loss_rows = {0, 2 * critic->batch}, input_rows = {0, 0}, rows = loss_rows;
    if (with_penalty) {
        input_rows = net_penalty_rows(critic);
        rows.count += input_rows.count;
        penalty_interpolate(critic, t);
    }
    net_forward(critic, rows, MODE_TRAIN);
    side(critic, terms.real_side, 0, values + VALUE_REAL);
    side(critic, terms.fake_side, critic->batch, values + VALUE_FAKE);
    if (with_penalty) b->fill(input_rows.count, 1, net_output_delta(critic, input_rows.first));
    net_backward(critic, rows, input_rows);

    net_zero_gradients(critic);
    if (with_penalty) {
        penalty_gradient(critic, penalty, norms, values + VALUE_PENALTY);
    } else {
        net_gradient(critic, loss_rows);
        // a double 0 has the bits of one or two real zeros
        b->fill(sizeof *values / sizeof(real), 0, (real *)(values + VALUE_PENALTY));
    }
}
// [/critic_gradient]

// Numbers in a batch of generated rows.
static size_t generated_size(const Net *generator, const Net *critic) {
    size_t size = generator->batch * shape_size(architecture_output(&generator->architecture));
    assert(critic->batch == generator->batch && critic->batches >= 2);
    assert(shape_size(critic->architecture.input) * critic->batch == size);
    return size;
}

void generator_forward(Net *generator, Net *critic) {
    net_forward(generator, (Rows){0, generator->batch}, MODE_TRAIN);
    generator->backend->copy(generated_size(generator, critic), net_output(generator, 0),
                             net_input(critic, critic->batch));
}

void generator_backward(Net *generator, Net *critic, GanLoss loss, double *values) {
    size_t batch = generator->batch;
    Rows latents = {0, batch}, fakes = {batch, batch};
    net_forward(critic, fakes, MODE_TRAIN);
    side(critic, gan_terms(loss).generator, batch, values + VALUE_GENERATOR);
    net_backward(critic, fakes, fakes);
    generator->backend->copy(generated_size(generator, critic), net_input_delta(critic, batch),
                             net_output_delta(generator, 0));
    net_backward(generator, latents, (Rows){0, 0});

    net_zero_gradients(generator);
    net_gradient(generator, latents);
}

void generator_gradient(Net *generator, Net *critic, GanLoss loss, double *values) {
    generator_forward(generator, critic);
    generator_backward(generator, critic, loss, values);
}
