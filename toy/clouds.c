#include "clouds.h"

#include "lines.h"
#include "sets.h"

#include <stdlib.h>

static void draw_points(const Law *law, size_t dim, size_t n, Rng *rng, double *at) {
    switch (law->kind) {
    case LAW_NORMAL:
        for (size_t k = 0; k < n * dim; k++) at[k] = k % dim ? 0 : law->shift;
        break;
    case LAW_RING:
        set_sample(SET_RING8, rng, n, at);
        break;
    case LAW_ROLL:
        set_sample(SET_SWISS_ROLL, rng, n, at);
        break;
    case LAW_LINE:
        lines_sample(law->shift, rng, n, at);
        break;
    }
    for (size_t k = 0; law->sigma > 0 && k < n * dim; k++) at[k] += law->sigma * rng_normal(rng);
}

static void draw_masses(bool weighted, size_t n, Rng *rng, double *mass) {
    double total = 0;
    for (size_t i = 0; i < n; i++) total += mass[i] = weighted ? rng_uniform(rng) : 1;
    for (size_t i = 0; i < n; i++) mass[i] /= total;
}

int pair_draw(Pair *p, size_t dim, const Law *x, const Law *y, bool weighted, size_t n, Rng *rng) {
    size_t m = weighted ? 3 * n / 4 : n;
    *p = (Pair){.x = malloc(n * dim * sizeof *p->x),
                .y = malloc(m * dim * sizeof *p->y),
                .a = malloc(n * sizeof *p->a),
                .b = malloc(m * sizeof *p->b)};
    int status = p->x && p->y && p->a && p->b ? TRANSPORT_OK : TRANSPORT_MEMORY;
    if (!status) {
        draw_points(x, dim, n, rng, p->x);
        draw_points(y, dim, m, rng, p->y);
        draw_masses(weighted, n, rng, p->a);
        draw_masses(weighted, m, rng, p->b);
        status = transport_solve(&p->t, COST_L2, dim, n, p->x, p->a, m, p->y, p->b);
    }
    if (status) pair_free(p);
    p->potential = (Potential){dim, n, m, p->x, p->a, p->y, p->b, p->t};
    return status;
}

void pair_free(Pair *p) {
    transport_free(&p->t);
    free(p->x), free(p->y), free(p->a), free(p->b);
    *p = (Pair){0};
}
