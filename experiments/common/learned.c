#include "learned.h"

#include "trainer.h"

#include <math.h>
#include <stdlib.h>

enum { BATCH = 64 };

bool learned_available(void) {
    return true;
}

// One thread: layers this small cost more to share out than to compute.
static const Backend *backend(void) {
    static const Backend *opened;
    Error error;
    int status = opened ? EXIT_OK : backend_open(&opened, common.device, 1, PRECISION_FULL, &error);
    if (status) fail(status, "%s", error.text);
    provenance_device(opened->description);
    return opened;
}

// A critic or discriminator on points, and points drawn for it.
typedef struct {
    Critic critic;
    const LearnedSettings *settings;
    PairSampler *sampler;
    const void *context;
    Rng points;
} Player;

static Player player_build(const LearnedSettings *settings, GanLoss loss, Penalty penalty,
                           PairSampler *sampler, const void *context, Rng *rng) {
    Player player = {.settings = settings, .sampler = sampler, .context = context};
    Rule rule = rule_default(RULE_ADAM, 2e-3);
    rule.beta1 = 0.5, rule.beta2 = 0.9, rule.horizon = (uint64_t)settings->steps;
    uint64_t seed = rng_word(rng);
    seed = seed << 32 | rng_word(rng);
    critic_build(&player.critic, backend(),
                 &(CriticSettings){
                     .architecture = text("input %zu; linear 64 relu; linear 64 relu; linear 1",
                                          settings->features),
                     .loss = loss,
                     .penalty = penalty,
                     .init = INIT_HE_UNIFORM,
                     .rule = rule,
                     .batch = BATCH,
                 },
                 seed);
    player.points = rng_stream(seed, 0);
    return player;
}

static void player_train(Player *player) {
    size_t numbers = BATCH * player->settings->features;
    double *real_side = allocate(2 * numbers, sizeof *real_side);
    double *fake_side = real_side + numbers;
    for (int64_t step = 0; step < player->settings->steps; step++) {
        player->sampler(player->context, &player->points, BATCH, real_side, fake_side);
        critic_put_real(&player->critic, real_side);
        critic_put_fake(&player->critic, fake_side);
        critic_update(&player->critic);
    }
    critic_losses(&player->critic);
    free(real_side);
}

// Trains, then takes the mean of term(f, is_real) over fresh points of each side, and adds both up.
static double player_value(Player *player, double (*term)(double f, bool is_real)) {
    player_train(player);
    size_t n = player->settings->evaluations, numbers = n * player->settings->features;
    double *points = allocate(2 * numbers, sizeof *points), sum = 0;
    double *f = allocate(2 * n, sizeof *f);
    player->sampler(player->context, &player->points, n, points, points + numbers);
    critic_evaluate(&player->critic, 2 * n, points, f, NULL);
    for (size_t i = 0; i < 2 * n; i++) sum += term(f[i], i < n);
    free(points), free(f);
    critic_free(&player->critic);
    return sum / (double)n;
}

static double difference(double f, bool is_real) {
    return is_real ? f : -f;
}

// log D where real, log(1 − D) where not, D = 1/(1 + e^−f).
static double log_likelihood(double f, bool is_real) {
    double wrong = is_real ? -f : f;
    return wrong > 0 ? -wrong - log1p(exp(-wrong)) : -log1p(exp(wrong));
}

LearnedDistances learned_measure(const LearnedSettings *settings, PairSampler *sampler,
                                 const void *context, Rng rng) {
    Penalty penalty = {.lambda = settings->lambda};
    Player critic = player_build(settings, GAN_WASSERSTEIN_GP, penalty, sampler, context, &rng);
    double w = player_value(&critic, difference);
    Player discriminator = player_build(settings, GAN, (Penalty){0}, sampler, context, &rng);
    double v = player_value(&discriminator, log_likelihood);
    return (LearnedDistances){.w = w, .js = v / 2 + M_LN2};
}
