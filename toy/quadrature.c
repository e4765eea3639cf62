#include "quadrature.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

typedef struct {
    double left, right;
    double value[QUADRATURE_MAX_COUNT], error[QUADRATURE_MAX_COUNT];
} Panel;

typedef struct {
    Integrand *integrand;
    const void *context;
    size_t count, panel_count;
    Panel *panel;
} Quadrature;

// The 15-point Kronrod rule on [−1, 1] (Piessens et al., QUADPACK, 1983): non-negative nodes and
// their weights, and the weights of the 7-point Gauss rule, which owns every second node.
enum { NODES = 8 };
static const double NODE[NODES] = {
    0.991455371120812639206854697526329, 0.949107912342758524526189684047851,
    0.864864423359769072789712788640926, 0.741531185599394439863864773280788,
    0.586087235467691130294144691838259, 0.405845151377397166906606412076961,
    0.207784955007898467600689403773245, 0};
static const double KRONROD[NODES] = {
    0.022935322010529224963732008058970, 0.063092092629978553290700663189204,
    0.104790010322250183839876322541518, 0.140653259715525918745189590510238,
    0.169004726639267902826583426598550, 0.190350578064785409913256402421014,
    0.204432940075298892414161999234649, 0.209482141084727828012999174891714};
static const double GAUSS[NODES] = {
    0, 0.129484966168869693270611432679082, 0, 0.279705391489276667901467771423780,
    0, 0.381830050505118944950369775488975, 0, 0.417959183673469387755102040816327};

static void add_node(const Quadrature *job, double x, int node, double *kronrod, double *gauss) {
    double f[QUADRATURE_MAX_COUNT];
    job->integrand(job->context, x, f);
    for (size_t c = 0; c < job->count; c++) {
        kronrod[c] += KRONROD[node] * f[c];
        if (GAUSS[node] > 0) gauss[c] += GAUSS[node] * f[c];
    }
}

// Both rules over [left, right]. False when an integrand is NaN or −infinity.
static bool panel_integrate(const Quadrature *job, Panel *panel, double left, double right) {
    double kronrod[QUADRATURE_MAX_COUNT] = {0}, gauss[QUADRATURE_MAX_COUNT] = {0};
    double half = right / 2 - left / 2, centre = left / 2 + right / 2;
    for (int node = 0; node < NODES - 1; node++) {
        add_node(job, centre - half * NODE[node], node, kronrod, gauss);
        add_node(job, centre + half * NODE[node], node, kronrod, gauss);
    }
    add_node(job, centre, NODES - 1, kronrod, gauss);
    panel->left = left;
    panel->right = right;
    for (size_t c = 0; c < job->count; c++) {
        if (!(kronrod[c] > -INFINITY)) return false;
        panel->value[c] = half * kronrod[c];
        panel->error[c] = half * fabs(kronrod[c] - gauss[c]);
    }
    return true;
}

// Sums over the panels. True when every integrand is within its tolerance.
static bool sum_panels(const Quadrature *job, double tolerance, double *value, double *error) {
    bool done = true;
    for (size_t c = 0; c < job->count; c++) {
        value[c] = error[c] = 0;
        for (size_t i = 0; i < job->panel_count; i++) {
            value[c] += job->panel[i].value[c];
            error[c] += job->panel[i].error[c];
        }
        if (value[c] == INFINITY) error[c] = 0;
        done = done && error[c] <= tolerance * fmax(1, fabs(value[c]));
    }
    return done;
}

// The panel with the greatest error, in units of the tolerance. An infinite integrand has no say:
// its ratio is 0 or NaN.
static Panel *worst_panel(const Quadrature *job, const double *value) {
    Panel *worst = job->panel;
    double worst_error = -1;
    for (size_t i = 0; i < job->panel_count; i++)
        for (size_t c = 0; c < job->count; c++) {
            double error = job->panel[i].error[c] / fmax(1, fabs(value[c]));
            if (error > worst_error) {
                worst = &job->panel[i];
                worst_error = error;
            }
        }
    return worst;
}

static int refine(Quadrature *job, double tolerance, double *value, double *error) {
    for (int splits = 0; !sum_panels(job, tolerance, value, error); splits++) {
        Panel *panel = worst_panel(job, value);
        double left = panel->left, right = panel->right, centre = left / 2 + right / 2;
        if (splits == QUADRATURE_MAX_SPLITS) return QUADRATURE_NOT_CONVERGED;
        if (!panel_integrate(job, panel, left, centre) ||
            !panel_integrate(job, &job->panel[job->panel_count++], centre, right))
            return QUADRATURE_NOT_A_NUMBER;
    }
    return QUADRATURE_OK;
}

static bool good_breaks(size_t count, const double *breaks) {
    if (count < 2 || !isfinite(breaks[0]) || !isfinite(breaks[count - 1])) return false;
    for (size_t i = 1; i < count; i++)
        if (!(breaks[i - 1] < breaks[i])) return false;
    return true;
}

int quadrature_integrate(Integrand *integrand, const void *context, size_t count,
                         size_t break_count, const double *breaks, double tolerance, double *value,
                         double *error) {
    if (count < 1 || count > QUADRATURE_MAX_COUNT || !(tolerance > 0) ||
        !good_breaks(break_count, breaks))
        return QUADRATURE_BAD_ARGUMENT;
    Quadrature job = {.integrand = integrand, .context = context, .count = count};
    job.panel = calloc(break_count + QUADRATURE_MAX_SPLITS, sizeof *job.panel);
    if (job.panel == NULL) return QUADRATURE_NO_MEMORY;
    int status = QUADRATURE_OK;
    while (status == QUADRATURE_OK && job.panel_count < break_count - 1) {
        size_t i = job.panel_count++;
        if (!panel_integrate(&job, &job.panel[i], breaks[i], breaks[i + 1]))
            status = QUADRATURE_NOT_A_NUMBER;
    }
    if (status == QUADRATURE_OK) status = refine(&job, tolerance, value, error);
    free(job.panel);
    return status;
}

const char *quadrature_message(int status) {
    switch (status) {
    case QUADRATURE_OK:
        return "ok";
    case QUADRATURE_BAD_ARGUMENT:
        return "the breaks must be finite and increasing, the tolerance positive, and the "
               "integrands 1 to 8";
    case QUADRATURE_NOT_A_NUMBER:
        return "an integrand is not a number, or is -infinity";
    case QUADRATURE_NOT_CONVERGED:
        return "the integral did not reach its tolerance";
    case QUADRATURE_NO_MEMORY:
        return "out of memory";
    }
    return "unknown status";
}
