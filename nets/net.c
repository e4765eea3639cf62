// The five sweeps: net.h has the equations, one line each; the layers' own parts are in linear.c,
// conv.c, conv_transpose.c and norm.c.
#include "net.h"

#include <assert.h>

static real *at(real *base, size_t row, Shape shape) {
    return base + row * shape_size(shape);
}

real *net_input(const Net *net, size_t row) {
    return at(net->input, row, net->architecture.input);
}

real *net_output(const Net *net, size_t row) {
    const Layer *last = &net->layer[net->count - 1];
    return at(last->y, row, last->out);
}

real *net_output_delta(const Net *net, size_t row) {
    const Layer *last = &net->layer[net->count - 1];
    return at(last->dy, row, last->out);
}

real *net_input_delta(const Net *net, size_t row) {
    return at(net->dinput, row, net->architecture.input);
}

Rows net_penalty_rows(const Net *net) {
    return (Rows){net->batch * (net->batches - 1), net->batch};
}

bool net_short_path(const Net *net) {
    return net->use == NET_PENALTY && net->top < 0 && !net->coupled;
}

void net_zero_gradients(Net *net) {
    net->backend->fill(net->weight_count, 0, net->gradients);
}

static bool holds(const Net *net, Rows rows) {
    size_t all = net->batch * net->batches;
    return rows.first <= all && rows.count <= all - rows.first &&
           !(net->coupled && rows.first % net->batch);
}

// a := act'(y)·a
static void times_slope(const Net *net, const Layer *l, size_t rows, const real *y, real *a) {
    if (l->act.kind != ACT_IDENTITY)
        net->backend->act_slope(rows * shape_size(l->out), l->act, y, a, a);
}

void net_forward(Net *net, Rows rows, NetMode mode) {
    assert(holds(net, rows));
    for (const Layer *l = net->layer; l < net->layer + net->count; l++)
        l->kind->forward(l, net->backend, rows, mode, at(l->x, rows.first, l->in),
                         at(l->y, rows.first, l->out));
}

void net_backward(Net *net, Rows rows, Rows input_rows) {
    assert(net->use != NET_SAMPLE && holds(net, rows) && holds(net, input_rows));
    for (int i = net->count - 1; i >= 0; i--) {
        const Layer *l = &net->layer[i];
        real *dz = at(l->dy, rows.first, l->out);
        times_slope(net, l, rows.count, at(l->y, rows.first, l->out), dz);
        if (i == 0) {
            rows = input_rows;
            dz = at(l->dy, rows.first, l->out);
        }
        if (rows.count > 0)
            l->kind->backward(l, net->backend, rows, dz, at(l->dx, rows.first, l->in));
    }
}

// [tangent]
void net_tangent(Net *net) {
    assert(net->use >= NET_PENALTY && !net->coupled);
    Rows rows = net_penalty_rows(net);
    bool over_values = net_short_path(net);
    for (const Layer *l = net->layer; l < net->layer + net->count; l++) {
        bool identity = l->act.kind == ACT_IDENTITY;
        const real *y = at(l->y, rows.first, l->out);
        real *tx = over_values ? at(l->x, rows.first, l->in) : l->tx;
        real *ty = over_values ? at(l->y, rows.first, l->out) : l->ty;
        // where y is still wanted as a mask, or tz later, the product goes elsewhere
        real *tz = l->tz ? l->tz : over_values && !identity ? net->spare : ty;
        l->kind->tangent(l, net->backend, rows, tx, tz);
        if (!identity) net->backend->act_slope(rows.count * shape_size(l->out), l->act, y, tz, ty);
    }
}
// [/tangent]

// [curvature]
void net_curvature(Net *net) {
    assert(net->use >= NET_PENALTY && !net->coupled && !net_short_path(net));
    if (net->top < 0) return;
    Rows rows = net_penalty_rows(net);
    const Layer *top = &net->layer[net->top];
    net->backend->fill(rows.count * shape_size(top->out), 0, top->cy);
    for (int i = net->top; i >= 0; i--) {
        const Layer *l = &net->layer[i];
        const real *y = at(l->y, rows.first, l->out), *dz = at(l->dy, rows.first, l->out);
        if (act_curved(l->act))
            net->backend->act_curvature(rows.count * shape_size(l->out), l->act, y, l->tz, dz,
                                        l->cy);
        else
            times_slope(net, l, rows.count, y, l->cy);
        if (i > 0) l->kind->curvature(l, net->backend, rows, l->cy, l[-1].cy);
    }
}
// [/curvature]

// db += sum of d over rows and pixels
static void bias_gradient(const Net *net, const Layer *l, size_t rows, const real *d) {
    net->backend->col_sum(rows * shape_size(l->out) / l->bias_count, l->bias_count, d, NULL,
                          l->dbias);
}

void net_gradient(Net *net, Rows loss_rows) {
    assert(net->use != NET_SAMPLE && holds(net, loss_rows));
    for (const Layer *l = net->layer; l < net->layer + net->count; l++) {
        const real *dz = at(l->dy, loss_rows.first, l->out);
        l->kind->gradient(l, net->backend, loss_rows.count, dz, at(l->x, loss_rows.first, l->in));
        bias_gradient(net, l, loss_rows.count, dz);
    }
}

// [weights]
void net_gradient_penalty(Net *net) {
    assert(net->use >= NET_PENALTY && !net->coupled && !net_short_path(net));
    Rows rows = net_penalty_rows(net);
    for (int i = 0; i < net->count; i++) {
        const Layer *l = &net->layer[i];
        l->kind->gradient(l, net->backend, rows.count, at(l->dy, rows.first, l->out), l->tx);
        if (i > net->top) continue;
        l->kind->gradient(l, net->backend, rows.count, l->cy, at(l->x, rows.first, l->in));
        bias_gradient(net, l, rows.count, l->cy);
    }
}

void net_gradient_joined(Net *net, Rows loss_rows) {
    size_t all = net->batch * net->batches;
    assert(net_short_path(net) && loss_rows.first == 0 && loss_rows.count == all - net->batch);
    for (const Layer *l = net->layer; l < net->layer + net->count; l++) {
        l->kind->gradient(l, net->backend, all, l->dy, l->x);
        bias_gradient(net, l, loss_rows.count, l->dy);
    }
}
// [/weights]
