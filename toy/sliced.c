#include "sliced.h"
#include "transport.h"

#include <math.h>
#include <stdlib.h>

// A projected point and its weight.
typedef struct {
    double at, weight;
} Shadow;

static int compare_shadows(const void *left, const void *right) {
    const Shadow *p = left, *q = right;
    return (p->at > q->at) - (p->at < q->at);
}

// A standard normal vector points in every direction equally.
static void draw_direction(Rng *rng, size_t dim, double *e) {
    double length = 0;
    while (length == 0) {
        for (size_t k = 0; k < dim; k++) e[k] = rng_normal(rng);
        for (size_t k = 0; k < dim; k++) length = hypot(length, e[k]);
    }
    for (size_t k = 0; k < dim; k++) e[k] /= length;
}

// Projections of x[n][dim] on e in ascending order, with their weights: at[n], weight[n].
static void project(size_t dim, const double *e, size_t n, const double *x, const double *a,
                    Shadow *shadow, double *at, double *weight) {
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t k = 0; k < dim; k++) sum += e[k] * x[i * dim + k];
        shadow[i] = (Shadow){sum, a ? a[i] : 1};
    }
    qsort(shadow, n, sizeof *shadow, compare_shadows);
    for (size_t i = 0; i < n; i++) at[i] = shadow[i].at, weight[i] = shadow[i].weight;
}

int sliced_wasserstein(double *value, Rng *rng, size_t directions, size_t dim, size_t n,
                       const double *x, const double *a, size_t m, const double *y,
                       const double *b) {
    if (n == 0 || m == 0 || dim == 0) return TRANSPORT_EMPTY;
    Shadow *shadow = malloc((n > m ? n : m) * sizeof *shadow);
    double *room = malloc((2 * (n + m) + dim) * sizeof *room);
    int status = shadow && room ? TRANSPORT_OK : TRANSPORT_MEMORY;
    if (dim == 1) directions = 1;
    double sum = 0;
    for (size_t d = 0; d < directions && !status; d++) {
        double *at_x = room, *at_y = at_x + n, *weight_x = at_y + m, *weight_y = weight_x + n;
        double *e = weight_y + m, distance = 0;
        draw_direction(rng, dim, e);
        project(dim, e, n, x, a, shadow, at_x, weight_x);
        project(dim, e, m, y, b, shadow, at_y, weight_y);
        status = transport_line_value(&distance, COST_L2, n, at_x, weight_x, m, at_y, weight_y);
        sum += distance;
    }
    if (!status) *value = sum / (double)directions;
    free(shadow);
    free(room);
    return status;
}
