// A critic on two fixed clouds, and what it says about the distance between them.
//
// `zoom` is the critic's scale K: it sees every point multiplied by K. What is a slope of 1 to it
// is a slope of K in the data's unit of length, in which all functions here answer.
#ifndef FIT_H
#define FIT_H

#include "toy/potential.h"
#include "trainer.h"

// `updates` updates on batches drawn from the clouds of `p`, whose masses must be equal, x for real
// and y for fake points. Ends the program with EXIT_NONFINITE
// where the critic leaves the finite numbers.
void critic_fit(Critic *critic, const Potential *p, double zoom, int64_t updates, Rng *rng);

// f at points x[n][features] of the data, seen through `zoom`, into value[n], and its gradient in
// the data's unit of length into slope[n][features]; either may be NULL. Ends the program
// with EXIT_NONFINITE where one of these numbers is not finite.
void critic_look(Critic *critic, double zoom, size_t n, const double *x, double *value,
                 double *slope);

typedef struct {
    double value, error; // E f(x) − E f(y) over a pair of clouds, and its standard error
    double lipschitz;    // the largest |f(x_i) − f(y_j)| / |x_i − y_j|
} Heights;
Heights critic_heights(Critic *critic, double zoom, const Potential *p);

#endif
