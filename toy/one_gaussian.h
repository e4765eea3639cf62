// One Gaussian as a generator: x = shift + scale·z, z ~ N(0, 1), against a 1-D mixture P_r. What a
// generator may descend, its slopes, and where the descent ends; all by quadrature.
#ifndef TOY_ONE_GAUSSIAN_H
#define TOY_ONE_GAUSSIAN_H

#include "divergence.h"
#include "mixture.h"

typedef struct {
    double shift, scale; // scale > 0
} OneGaussian;

enum { ONE_GAUSSIAN_MAX_COMPONENTS = 8 }; // of P_r

// D* = P_r/(P_r + P_g) is the optimal discriminator (Goodfellow et al. 2014, proposition 1).
typedef enum {
    OBJECTIVE_COVER,    // KL(P_r‖P_g)
    OBJECTIVE_PICK,     // KL(P_g‖P_r)
    OBJECTIVE_JS,       // JS(P_g, P_r)
    OBJECTIVE_LOG_D,    // KL(P_g‖P_r) − 2 JS(P_g, P_r)
    OBJECTIVE_FOLLOWING // E_g[−log D*], where D* is that of the same P_g
} Objective;

// All of these return a DIVERGENCE_ status (divergence.h) and leave no result unless it is 0.
// BAD_ARGUMENT: P_r is not 1-D or has too many components, the Gaussian is not one.
int one_gaussian_divergences(Divergences *result, const Mixture *real, OneGaussian g); // P = P_g
int one_gaussian_value(double *value, Objective objective, const Mixture *real, OneGaussian g);

// Its derivatives by shift and by scale: five-point differences of the value.
int one_gaussian_slope(double slope[2], Objective objective, const Mixture *real, OneGaussian g);

// KL(½(P_r + P_g)‖P_r).
int one_gaussian_middle(double *value, const Mixture *real, OneGaussian g);

// −log D*, D* being that of g: its mean over P_g, the mean of log D* over P_r, and the slope of the
// first by shift and scale while D* is held fixed, along the samples' paths, as back-propagation
// takes it: E_z[−d/dx log D*(x) · (1, z)].
typedef struct {
    double loss, real_part, slope[2];
} LogD;
int one_gaussian_log_d(LogD *result, const Mixture *real, OneGaussian g);

// Descends an objective from *g by natural gradient: steps in units of the Gaussian's own scale,
// halved until the value falls. *steps ≥ 1 is the most that are made and becomes how many were;
// it is less than what was allowed where the slope, in those units, has fallen below 1e-7 or
// rounding lets no step lower the value any more.
int one_gaussian_fit(OneGaussian *g, double *value, Objective objective, const Mixture *real,
                     int *steps);

#endif
