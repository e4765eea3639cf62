// The first GAN's game on the line, on distributions instead of samples: a discriminator D is
// rewarded with V(D) = E_r log D(x) + E_g log(1 − D(x)) for telling P_r from P_g (Goodfellow et al.
// 2014, eq. 1). D is given by its logit, D = 1 / (1 + e^−logit): a D that rounds to 1 still has
// one.
#ifndef TOY_GAME_H
#define TOY_GAME_H

#include "divergence.h"
#include "law.h"

typedef struct {
    Law real, fake;
} Game;

typedef double Logit(const void *context, double x);

// D* = P_r / (P_r + P_g) has the logit log P_r − log P_g: −inf where only P_g is positive, +inf
// where only P_r is, NaN where neither. A Logit, whose context is the Game.
double game_optimal_logit(const void *game, double x);

double game_probability(double logit); // D

// V of the population, to `tolerance`, by quadrature; −inf where D is 0 or 1 in the wrong place.
// The status of quadrature_integrate(); QUADRATURE_NOT_CONVERGED leaves a value.
int game_value(const Game *game, Logit *logit, const void *context, double tolerance,
               double *value);

// ∫ ½ (P_r + P_g) |D − D*|, likewise: how far D is from the best, where there are points.
int game_error(const Game *game, Logit *logit, const void *context, double tolerance,
               double *error);

// Which of the two densities are positive at a point.
typedef enum { CASE_NEITHER, CASE_REAL, CASE_FAKE, CASE_BOTH, CASE_COUNT } GameCase;

// JS's integrand ½ P_r log(P_r/M) + ½ P_g log(P_g/M), M = ½ (P_r + P_g), and which case x is.
double game_js_term(const Game *game, double x, GameCase *which);

// JS as the sum of what each case contributes; the status as above.
int game_js_by_case(const Game *game, double tolerance, double js[CASE_COUNT]);

// All four of P_r against P_g; the status of divergences_density_1d().
int game_divergences(const Game *game, double tolerance, Divergences *result);

#endif
