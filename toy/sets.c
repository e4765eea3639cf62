#include "sets.h"

#include <math.h>
#include <string.h>

// The ring, in the order of the angles k π/4. The diagonal centres take 2/√2 as a constant:
// cos(π/4) differs in its last place from one maths library to the next.
#define AXIS (2 / 1.414)
#define DIAGONAL (1.4142135623730950488016887242096981 / 1.414)
#define RING_SIGMA (0.02 / 1.414)
static const double RING_MEAN[8][2] = {
    {AXIS, 0},  {DIAGONAL, DIAGONAL},   {0, AXIS},  {-DIAGONAL, DIAGONAL},
    {-AXIS, 0}, {-DIAGONAL, -DIAGONAL}, {0, -AXIS}, {DIAGONAL, -DIAGONAL}};

// The grid, column by column, each from below.
#define CROSSING(x, y)                                                                             \
    { 2 * (x) / 2.828, 2 * (y) / 2.828 }
#define GRID_SIGMA (0.05 / 2.828)
// clang-format off
static const double GRID_MEAN[25][2] = {
    CROSSING(-2, -2), CROSSING(-2, -1), CROSSING(-2, 0), CROSSING(-2, 1), CROSSING(-2, 2),
    CROSSING(-1, -2), CROSSING(-1, -1), CROSSING(-1, 0), CROSSING(-1, 1), CROSSING(-1, 2),
    CROSSING(0, -2), CROSSING(0, -1), CROSSING(0, 0), CROSSING(0, 1), CROSSING(0, 2),
    CROSSING(1, -2), CROSSING(1, -1), CROSSING(1, 0), CROSSING(1, 1), CROSSING(1, 2),
    CROSSING(2, -2), CROSSING(2, -1), CROSSING(2, 0), CROSSING(2, 1), CROSSING(2, 2),
};
// clang-format on

#define FIVE_TIMES(v) v, v, v, v, v
#define EIGHT_TIMES(v) v, v, v, v, v, v, v, v
static const double RING_SIGMAS[8] = {EIGHT_TIMES(RING_SIGMA)};
static const double RING_WEIGHTS[8] = {EIGHT_TIMES(0.125)};
static const double GRID_SIGMAS[25] = {FIVE_TIMES(FIVE_TIMES(GRID_SIGMA))};
static const double GRID_WEIGHTS[25] = {FIVE_TIMES(FIVE_TIMES(0.04))};

static const Mixture RING8 = {
    .dim = 2, .count = 8, .weight = RING_WEIGHTS, .mean = &RING_MEAN[0][0], .sigma = RING_SIGMAS};
static const Mixture GRID25 = {
    .dim = 2, .count = 25, .weight = GRID_WEIGHTS, .mean = &GRID_MEAN[0][0], .sigma = GRID_SIGMAS};

const Mixture *set_mixture(SetKind kind) {
    switch (kind) {
    case SET_RING8:
        return &RING8;
    case SET_GRID25:
        return &GRID25;
    case SET_SWISS_ROLL:
        break;
    }
    return NULL;
}

static void sample_swiss_roll(Rng *rng, size_t n, double *xy) {
    const double noise = 0.25, scale = 7.5;
    for (size_t i = 0; i < n; i++) {
        double t = 1.5 * M_PI * (1 + 2 * rng_uniform(rng));
        xy[2 * i] = (t * cos(t) + noise * rng_normal(rng)) / scale;
        xy[2 * i + 1] = (t * sin(t) + noise * rng_normal(rng)) / scale;
    }
}

void set_sample(SetKind kind, Rng *rng, size_t n, double *xy) {
    const Mixture *mixture = set_mixture(kind);
    if (mixture != NULL)
        mixture_sample(mixture, rng, n, xy);
    else
        sample_swiss_roll(rng, n, xy);
}

bool set_find(const char *name, SetKind *kind) {
    static const char *const NAMES[] = {
        [SET_RING8] = "ring8", [SET_GRID25] = "grid25", [SET_SWISS_ROLL] = "swissroll"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (strcmp(name, NAMES[i]) == 0) {
            *kind = (SetKind)i;
            return true;
        }
    return false;
}
