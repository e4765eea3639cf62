#include "game.h"

#include "log_loss.h"
#include "quadrature.h"
#include <math.h>
#include <stdlib.h>

double game_probability(double logit) {
    return 1 / (1 + exp(-logit));
}

double game_optimal_logit(const void *game, double x) {
    const Game *g = game;
    return law_log_density(&g->real, &x) - law_log_density(&g->fake, &x);
}

// ---- integrals over both ----

enum { BREAKS = 2 * LAW_BREAKS };

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// The breaks of both, in order, each once.
static size_t breaks_of(const Game *game, double at[BREAKS]) {
    law_breaks(&game->real, at);
    law_breaks(&game->fake, at + LAW_BREAKS);
    qsort(at, BREAKS, sizeof *at, by_size);
    size_t count = 1;
    for (int i = 1; i < BREAKS; i++)
        if (at[i] > at[count - 1]) at[count++] = at[i];
    return count;
}

static int integrate(const Game *game, Integrand *integrand, const void *context, size_t count,
                     double tolerance, double *value) {
    double at[BREAKS], error[QUADRATURE_MAX_COUNT];
    size_t breaks = breaks_of(game, at);
    return quadrature_integrate(integrand, context, count, breaks, at, tolerance, value, error);
}

typedef struct {
    const Game *game;
    Logit *logit;
    const void *context;
} Play;

// [value]
// −V's integrand. Where a density is 0 its side counts 0, whatever D says there.
static void loss_integrand(const void *context, double x, double *f) {
    const Play *play = context;
    double real = law_density(&play->game->real, x), fake = law_density(&play->game->fake, x);
    double logit = real > 0 || fake > 0 ? play->logit(play->context, x) : 0;
    double from_real = real > 0 ? real * log_one_plus_exp(-logit) : 0;
    double from_fake = fake > 0 ? fake * log_one_plus_exp(logit) : 0;
    *f = from_real + from_fake;
}
// [/value]

int game_value(const Game *game, Logit *logit, const void *context, double tolerance,
               double *value) {
    Play play = {game, logit, context};
    double loss;
    int status = integrate(game, loss_integrand, &play, 1, tolerance, &loss);
    if (status == QUADRATURE_OK || status == QUADRATURE_NOT_CONVERGED) *value = -loss;
    return status;
}

static void error_integrand(const void *context, double x, double *f) {
    const Play *play = context;
    double mean = (law_density(&play->game->real, x) + law_density(&play->game->fake, x)) / 2;
    *f = 0;
    if (mean > 0)
        *f = mean * fabs(game_probability(play->logit(play->context, x)) -
                         game_probability(game_optimal_logit(play->game, x)));
}

int game_error(const Game *game, Logit *logit, const void *context, double tolerance,
               double *error) {
    Play play = {game, logit, context};
    return integrate(game, error_integrand, &play, 1, tolerance, error);
}

// ---- JS by cases ----

// [case]
double game_js_term(const Game *game, double x, GameCase *which) {
    double real = law_density(&game->real, x), fake = law_density(&game->fake, x);
    double mean = (real + fake) / 2;
    *which = real > 0 ? (fake > 0 ? CASE_BOTH : CASE_REAL) : (fake > 0 ? CASE_FAKE : CASE_NEITHER);
    double from_real = real > 0 ? real * log(real / mean) / 2 : 0;
    double from_fake = fake > 0 ? fake * log(fake / mean) / 2 : 0;
    return from_real + from_fake;
}
// [/case]

static void case_integrand(const void *game, double x, double *f) {
    GameCase which;
    double term = game_js_term(game, x, &which);
    for (GameCase c = 0; c < CASE_COUNT; c++) f[c] = c == which ? term : 0;
}

int game_js_by_case(const Game *game, double tolerance, double js[CASE_COUNT]) {
    return integrate(game, case_integrand, game, CASE_COUNT, tolerance, js);
}

int game_divergences(const Game *game, double tolerance, Divergences *result) {
    double at[BREAKS];
    size_t breaks = breaks_of(game, at);
    return divergences_density_1d(result, NULL, law_log_density, &game->real, law_log_density,
                                  &game->fake, breaks, at, tolerance);
}
