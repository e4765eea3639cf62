#include "plan.h"

typedef struct {
    Net net;            // outline
    double flop, first; // forward products of a row: all layers, the first layer
    size_t bytes;
} Player;

static Player player(const char *line, NetUse use, size_t batch, size_t batches, Rule rule) {
    Player p = {.flop = 0};
    Architecture a;
    Error error;
    int status = architecture_parse(&a, line, &error);
    if (!status) status = net_outline(&p.net, &a, use, batch, batches, false, &error);
    if (status) fail(status, "%s", error.text);
    for (int k = 0; k < a.count; k++) p.flop += item_flop(&a.item[k]);
    p.first = item_flop(&a.item[0]);
    size_t vectors = (size_t)rule_uses_m(rule.kind) + (size_t)rule_uses_v(rule.kind);
    p.bytes = net_memory(&p.net) + vectors * p.net.weight_count * sizeof(real);
    return p;
}

static Player critic_of(const ImageGanSettings *s) {
    bool penalty = s->critic.penalty.lambda > 0;
    return player(s->critic.architecture, penalty ? NET_PENALTY : NET_TRAIN, s->critic.batch,
                  penalty ? 3 : 2, s->critic.rule);
}

static Player generator_of(const ImageGanSettings *s) {
    return player(s->generator.architecture, NET_TRAIN, s->generator.batch, 1, s->generator.rule);
}

// Of one row each, forward, backward and weights cost the same; backward leaves out the first layer
// where nobody wants the gradient by the input. With a penalty every batch has three parts, the
// third with a tangent, and curvature and second weight products unless the net is flat (net.h).
static double flop(const ImageGanSettings *s, const Player *c, const Player *g) {
    bool penalty = s->critic.penalty.lambda > 0, flat = c->net.top < 0;
    double parts = penalty ? 3 : 2, update = parts * 3 * c->flop - 2 * c->first;
    if (penalty) update += flat ? c->flop : 3 * c->flop;
    double iterations = (double)s->critic_iters * (update + g->flop);
    double generator = 3 * g->flop - g->first + 2 * c->flop;
    return (double)s->critic.batch * (iterations + generator);
}

double plan_flop(const ImageGanSettings *s) {
    Player critic = critic_of(s), generator = generator_of(s);
    double count = flop(s, &critic, &generator);
    net_free(&critic.net), net_free(&generator.net);
    return count;
}

static void print_bytes(FILE *out, const char *what, double bytes) {
    fprintf(out, "%-28s %10.1f MiB\n", what, bytes / 1048576);
}

void plan_print(const ImageGanSettings *s, const ImageData *data, FILE *out) {
    Player critic = critic_of(s), generator = generator_of(s);
    image_gan_check(&critic.net.architecture, &generator.net.architecture, &data->set);
    size_t features = shape_size(critic.net.architecture.input);
    size_t images = data->set.count - (data->has_test ? 0 : data->held_out);
    double pool = (double)(images + data->held_out) * (double)features, noise = 0;
    if (s->critic.noise > 0) noise = 2.0 * (double)(s->critic.batch * features) * sizeof(real);
    fprintf(out, "Critic\n");
    architecture_describe(&critic.net.architecture, out);
    fprintf(out, "\nGenerator\n");
    architecture_describe(&generator.net.architecture, out);
    fprintf(out, "\nMemory of images and networks, beside that of the program and its libraries\n");
    print_bytes(out, text("%zu + %zu images", images, data->held_out), pool);
    print_bytes(out, "critic and its optimiser", (double)critic.bytes + noise);
    print_bytes(out, "generator and its optimiser", (double)generator.bytes);
    print_bytes(out, "in all", pool + noise + (double)(critic.bytes + generator.bytes));
    fprintf(out, "\nA step: %lld critic updates and one of the generator, %.4g GFLOP\n",
            (long long)s->critic_iters, flop(s, &critic, &generator) / 1e9);
    net_free(&critic.net), net_free(&generator.net);
}
