// Adaptive Gauss–Kronrod quadrature of several integrands over one range.
#ifndef TOY_QUADRATURE_H
#define TOY_QUADRATURE_H

#include <stddef.h>

enum { QUADRATURE_MAX_COUNT = 8, QUADRATURE_MAX_SPLITS = 1000 };

enum {
    QUADRATURE_OK = 0,
    QUADRATURE_BAD_ARGUMENT = -1,
    QUADRATURE_NOT_A_NUMBER = -2,
    QUADRATURE_NOT_CONVERGED = -3,
    QUADRATURE_NO_MEMORY = -4
};

// Writes the integrands at x into f[count].
typedef void Integrand(const void *context, double x, double *f);

// Integrates over [breaks[0], breaks[break_count − 1]]: value[c] ± error[c] for each integrand.
//
// The panels begin as the gaps between the breaks (finite, increasing, at least two). The panel
// with the worst error of any integrand is halved until, for each of them,
// Σ error ≤ tolerance · max(1, |value|); the error of a panel is the difference between the
// 15-point Kronrod rule and the 7-point Gauss rule inside it. Put a break wherever an integrand
// jumps, bends or is singular, and around a peak much narrower than its panel. The nodes keep off
// the ends of a panel (by 0.4 % of its width, so that a break may lie on a jump), and what falls
// between them is not seen.
//
// An integrand that is +infinity at a node has the value +infinity and the error 0; the others
// are not disturbed. One that is NaN or −infinity ends the work: QUADRATURE_NOT_A_NUMBER.
// QUADRATURE_NOT_CONVERGED, after QUADRATURE_MAX_SPLITS halvings, still leaves value and error.
int quadrature_integrate(Integrand *integrand, const void *context, size_t count,
                         size_t break_count, const double *breaks, double tolerance, double *value,
                         double *error);

// One line of English for a status.
const char *quadrature_message(int status);

#endif
