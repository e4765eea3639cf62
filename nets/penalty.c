#include "penalty.h"

int penalty_check(const Net *critic, Error *error) {
    for (const Layer *l = critic->layer; l < critic->layer + critic->count; l++)
        if (l->kind == &BATCH_NORM)
            return error_set(error, EXIT_USAGE,
                             "gradient penalty: batch norm of item %d ties the rows of a batch "
                             "together; the gradient of a row would mix samples",
                             l->item);
    if (shape_size(architecture_output(&critic->architecture)) != 1)
        return error_set(error, EXIT_USAGE,
                         "gradient penalty: the critic must give one number per row, not %zu",
                         shape_size(architecture_output(&critic->architecture)));
    if (critic->use < NET_PENALTY || critic->batches != 3)
        return error_set(error, EXIT_USAGE,
                         "gradient penalty: the critic was not built for it (a penalty use and "
                         "three batches)");
    return EXIT_OK;
}

void penalty_interpolate(Net *critic, const real *t) {
    size_t batch = critic->batch, first = net_penalty_rows(critic).first;
    critic->backend->interpolate(batch, shape_size(critic->architecture.input), t,
                                 net_input(critic, 0), net_input(critic, batch),
                                 net_input(critic, first));
}

void penalty_norms(Net *critic, real *norms) {
    Rows rows = net_penalty_rows(critic);
    net_forward(critic, rows, MODE_TRAIN);
    critic->backend->fill(rows.count, 1, net_output_delta(critic, rows.first));
    net_backward(critic, rows, rows);
    critic->backend->row_norm(rows.count, shape_size(critic->architecture.input),
                              net_input_delta(critic, rows.first), norms);
}

// [penalty]
void penalty_gradient(Net *critic, Penalty penalty, real *norms, double *value) {
    const Backend *b = critic->backend;
    Rows rows = net_penalty_rows(critic), loss_rows = {0, rows.first};
    size_t features = shape_size(critic->architecture.input);
    bool short_path = net_short_path(critic);
    const real *g = net_input_delta(critic, rows.first);
    real *u = short_path ? net_input(critic, rows.first) : critic->tinput;

    b->row_norm(rows.count, features, g, norms);
    b->penalty(rows.count, features, penalty.lambda, penalty.one_sided, g, norms, u, value);
    net_tangent(critic);
    if (short_path) {
        net_gradient_joined(critic, loss_rows);
    } else {
        net_curvature(critic);
        net_gradient(critic, loss_rows);
        net_gradient_penalty(critic);
    }
}
// [/penalty]
