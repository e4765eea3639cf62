#include "bounded_functions.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

static double ramp(double x) {
    return fmax(-1, fmin(x, 1));
}

static double tent(double x) {
    return 1 - fmin(fabs(x - 0.5), 1);
}

static double bump(double x) {
    double z = (x - 0.3) / 0.05;
    return exp(-z * z);
}

static double arc(double x) {
    return 2 / PI * atan(5 * x);
}

static double wave(double x) {
    return sin(2 * PI * x);
}

static double quick_wave(double x) {
    return cos(40 * x);
}

// [rough]
static double root(double x) {
    return sqrt(fmin(fabs(x), 1));
}

static double shaking_root(double x) {
    return x == 0 ? 0 : root(x) * sin(1 / x);
}

// Weierstrass's: continuous, with no slope anywhere. The terms left out add up to 2e-4.
static double weierstrass(double x) {
    double sum = 0, height = 1 - sqrt(0.5), frequency = PI;
    for (int k = 0; k < 25; k++) {
        sum += height * cos(frequency * x);
        height *= sqrt(0.5);
        frequency *= 2;
    }
    return sum;
}
// [/rough]

// A bump's steepest slope is √(2/e) over its width.
const BoundedFunction bounded_functions[BOUNDED_FUNCTION_COUNT] = {
    {"ramp", 1, ramp},
    {"tent", 1, tent},
    {"bump", 0.85776388496070681 / 0.05, bump},
    {"arc", 3.1830988618379067, arc},
    {"wave", 6.2831853071795865, wave},
    {"quick_wave", 40, quick_wave},
    {"root", INFINITY, root},
    {"shaking_root", INFINITY, shaking_root},
    {"weierstrass", INFINITY, weierstrass},
};
