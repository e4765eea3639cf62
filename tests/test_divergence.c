// Divergences and the quadrature under them, against closed forms, values worked by hand, the
// entropy form of JS, and a plain trapezoid sum.
#include <check.h>
#include <math.h>
#include <stdbool.h>

#include "toy/divergence.h"
#include "toy/quadrature.h"
#include "toy/rng.h"

static void ck_swapped(Divergences a, Divergences b, double tolerance) {
    ck_assert_double_eq_tol(a.tv, b.tv, tolerance);
    ck_assert_double_eq_tol(a.js, b.js, tolerance);
    ck_assert(a.kl == b.kl_rev || fabs(a.kl - b.kl_rev) <= tolerance);
    ck_assert(a.kl_rev == b.kl || fabs(a.kl_rev - b.kl) <= tolerance);
}

// ---- probability vectors

START_TEST(pmf_by_hand) {
    const double p[] = {0.5, 0.5}, q[] = {0.25, 0.75};
    Divergences d = divergences_pmf(2, p, q);
    ck_assert_double_eq_tol(d.tv, 0.25, 1e-16);
    ck_assert_double_eq_tol(d.kl, 0.5 * log(4.0 / 3), 1e-16);
    ck_assert_double_eq_tol(d.kl_rev, 0.75 * log(3) - log(2), 1e-16);
    // m = (3/8, 5/8)
    double js = 0.25 * (log(4.0 / 3) + log(4.0 / 5)) + 0.125 * (log(2.0 / 3) + 3 * log(6.0 / 5));
    ck_assert_double_eq_tol(d.js, js, 1e-16);
}
END_TEST

START_TEST(pmf_zero_on_one_side) {
    const double p[] = {0.5, 0.5, 0, 0}, q[] = {0.25, 0.5, 0.25, 0};
    Divergences d = divergences_pmf(4, p, q);
    ck_assert(d.tv == 0.25);
    ck_assert_double_eq_tol(d.kl, 0.5 * log(2), 1e-16);
    ck_assert(d.kl_rev == INFINITY);
    // m = (3/8, 1/2, 1/8)
    ck_assert_double_eq_tol(d.js, 0.25 * log(4.0 / 3) + 0.125 * log(2.0 / 3) + 0.125 * log(2),
                            1e-16);
    ck_swapped(d, divergences_pmf(4, q, p), 1e-16);
}
END_TEST

enum { LONG = 100000 };
static double long_p[LONG], long_q[LONG];

START_TEST(pmf_equal_is_zero_and_disjoint_is_log_2) {
    for (int i = 0; i < LONG; i++) {
        long_p[i] = i % 2 ? 2.0 / LONG : 0;
        long_q[i] = i % 2 ? 0 : 2.0 / LONG;
    }
    Divergences same = divergences_pmf(LONG, long_p, long_p);
    ck_assert(same.tv == 0 && same.js == 0 && same.kl == 0 && same.kl_rev == 0);
    Divergences apart = divergences_pmf(LONG, long_p, long_q);
    ck_assert_double_eq_tol(apart.tv, 1, 1e-15);
    ck_assert_double_eq_tol(apart.js, log(2), 1e-15);
    ck_assert(apart.kl == INFINITY && apart.kl_rev == INFINITY);
}
END_TEST

// p = (½ + e, ½ − e) against (½, ½): JS = e²/2 + O(e⁴), KL = 2e² + O(e⁴).
START_TEST(pmf_nearly_equal) {
    const double e = 0x1p-20, p[] = {0.5 + e, 0.5 - e}, q[] = {0.5, 0.5};
    Divergences d = divergences_pmf(2, p, q);
    ck_assert(d.tv == e);
    ck_assert_double_eq_tol(d.js / (e * e), 0.5, 1e-4);
    ck_assert_double_eq_tol(d.kl / (e * e), 2, 1e-4);
    ck_assert_double_eq_tol(d.kl_rev / (e * e), 2, 1e-4);
}
END_TEST

START_TEST(pmf_smallest_double) {
    const double least = 0x1p-1074, p[] = {least, 1}, q[] = {1, 0};
    Divergences d = divergences_pmf(2, p, q);
    ck_assert(d.tv == 1 && d.kl == INFINITY);
    ck_assert_double_eq_tol(d.js, log(2), 1e-15);
    ck_assert_double_eq_tol(d.kl_rev, 1074 * log(2), 1e-12);
}
END_TEST

START_TEST(pmf_refuses_what_is_no_distribution) {
    const double good[] = {0.5, 0.5};
    const double bad[][2] = {{1.5, -0.5}, {NAN, 0.5}, {0.5, 0.4}, {0, 0}, {INFINITY, 0}};
    for (int i = 0; i < 10; i++) {
        Divergences d =
            i < 5 ? divergences_pmf(2, bad[i], good) : divergences_pmf(2, good, bad[i - 5]);
        ck_assert(isnan(d.tv) && isnan(d.js) && isnan(d.kl) && isnan(d.kl_rev));
    }
    ck_assert(isnan(divergences_pmf(0, good, good).tv));
}
END_TEST

static double entropy(size_t n, const double *p, const double *q) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double m = (p[i] + q[i]) / 2;
        if (m > 0) sum -= m * log(m);
    }
    return sum;
}

// A random vector, about a third of whose entries are 0, the others spread over decades.
static void random_pmf(Rng *rng, size_t n, double *p) {
    double total = 0;
    for (size_t i = 0; i < n; i++) {
        p[i] = rng_below(rng, 3) == 0 && i > 0 ? 0 : exp(-20 * rng_uniform(rng));
        total += p[i];
    }
    for (size_t i = 0; i < n; i++) p[i] /= total;
}

// JS = H(m) − ½ H(p) − ½ H(q); KL and TV by their plain sums; Pinsker TV² ≤ KL/2 and
// TV²/2 ≤ JS ≤ log 2 · TV.
START_TEST(pmf_at_random) {
    enum { MOST = 200 };
    double p[MOST], q[MOST];
    Rng rng = rng_stream(31, (uint64_t)_i);
    size_t n = 1 + rng_below(&rng, MOST);
    random_pmf(&rng, n, p);
    random_pmf(&rng, n, q);
    Divergences d = divergences_pmf(n, p, q);
    double js = entropy(n, p, q) - entropy(n, p, p) / 2 - entropy(n, q, q) / 2, kl = 0, l1 = 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] > 0) kl += p[i] * log(p[i] / q[i]); // q = 0 divides to +infinity
        l1 += fabs(p[i] - q[i]);
    }
    ck_assert_double_eq_tol(d.js, js, 1e-14);
    ck_assert(d.kl == kl || fabs(d.kl - kl) < 1e-13);
    ck_assert_double_eq_tol(d.tv, l1 / 2, 1e-15);
    ck_assert(d.tv * d.tv <= d.kl / 2 + 1e-15 && d.tv * d.tv <= d.kl_rev / 2 + 1e-15);
    ck_assert(d.tv * d.tv / 2 <= d.js + 1e-15 && d.js <= log(2) * d.tv + 1e-15);
    ck_swapped(d, divergences_pmf(n, q, p), 1e-15);
}
END_TEST

// ---- quadrature

static double power_of(double x, int n) {
    double y = 1;
    while (n-- > 0) y *= x;
    return y;
}

typedef struct {
    int degree, calls;
} Monomial;

static void monomial(const void *context, double x, double *f) {
    Monomial *m = *(Monomial *const *)context;
    m->calls++;
    *f = power_of(x, m->degree);
}

// On one panel the Kronrod rule is exact to degree 22, the Gauss rule to 13: up to there a tight
// tolerance is met without a split, and not beyond.
START_TEST(rules_have_their_degree) {
    const double range[] = {-0.5, 1.5};
    Monomial m = {.degree = _i}, *context = &m;
    double value, error, exact = (power_of(1.5, _i + 1) - power_of(-0.5, _i + 1)) / (_i + 1);
    int status = quadrature_integrate(monomial, &context, 1, 2, range, 1, &value, &error);
    ck_assert_int_eq(status, QUADRATURE_OK);
    ck_assert_int_eq(m.calls, 15);
    ck_assert_double_eq_tol(value, exact, 1e-14 * fabs(exact));
    m.calls = 0;
    status = quadrature_integrate(monomial, &context, 1, 2, range, 1e-14, &value, &error);
    ck_assert_int_eq(status, QUADRATURE_OK);
    ck_assert((m.calls == 15) == (_i <= 13));
    ck_assert_double_eq_tol(value, exact, 1e-13 * fabs(exact));
}
END_TEST

static void hard_ones(const void *context, double x, double *f) {
    (void)context;
    f[0] = sqrt(x);
    f[1] = -log(x);
    f[2] = fabs(x - 1 / 3.0);
    f[3] = x < 1 / 3.0;
    f[4] = 1 / (1e-4 + x * x);
    f[5] = exp(-x) * 1e6;
}

START_TEST(hard_integrands_at_once) {
    const double range[] = {0, 1}, tolerance = 1e-11;
    const double exact[] = {2 / 3.0, 1, 5 / 18.0, 1 / 3.0, 100 * atan(100), 1e6 * -expm1(-1)};
    double value[6], error[6];
    ck_assert_int_eq(quadrature_integrate(hard_ones, NULL, 6, 2, range, tolerance, value, error),
                     QUADRATURE_OK);
    for (int c = 0; c < 6; c++) {
        ck_assert_double_le(error[c], tolerance * fmax(1, value[c]));
        ck_assert_double_le(fabs(value[c] - exact[c]), error[c] + 1e-15 * exact[c]);
    }
}
END_TEST

static void half_infinite(const void *context, double x, double *f) {
    (void)context;
    f[0] = x > 0.7 ? INFINITY : 1;
    f[1] = sqrt(x);
}

START_TEST(infinity_stays_in_its_own_integral) {
    const double range[] = {0, 1};
    double value[2], error[2];
    ck_assert_int_eq(quadrature_integrate(half_infinite, NULL, 2, 2, range, 1e-12, value, error),
                     QUADRATURE_OK);
    ck_assert(value[0] == INFINITY && error[0] == 0);
    ck_assert_double_eq_tol(value[1], 2 / 3.0, 1e-12);
}
END_TEST

static void constant(const void *context, double x, double *f) {
    (void)x;
    *f = *(const double *)context;
}

static void noise(const void *context, double x, double *f) {
    (void)context;
    *f = sin(1e9 * x);
}

START_TEST(quadrature_says_what_is_wrong) {
    const double good[] = {0, 1}, equal[] = {0, 1, 1, 2}, nan[] = {0, NAN, 1},
                 far[] = {0, INFINITY};
    const double one = 1, no_number = NAN, minus = -INFINITY;
    double v, e;
    ck_assert_int_eq(quadrature_integrate(constant, &one, 1, 2, good, 1e-9, &v, &e), QUADRATURE_OK);
    ck_assert(v == 1);
    int bad = QUADRATURE_BAD_ARGUMENT;
    ck_assert_int_eq(quadrature_integrate(constant, &one, 1, 1, good, 1e-9, &v, &e), bad);
    ck_assert_int_eq(quadrature_integrate(constant, &one, 1, 4, equal, 1e-9, &v, &e), bad);
    ck_assert_int_eq(quadrature_integrate(constant, &one, 1, 3, nan, 1e-9, &v, &e), bad);
    ck_assert_int_eq(quadrature_integrate(constant, &one, 1, 2, far, 1e-9, &v, &e), bad);
    ck_assert_int_eq(quadrature_integrate(constant, &one, 1, 2, good, 0, &v, &e), bad);
    ck_assert_int_eq(quadrature_integrate(constant, &one, 0, 2, good, 1e-9, &v, &e), bad);
    ck_assert_int_eq(quadrature_integrate(constant, &one, 9, 2, good, 1e-9, &v, &e), bad);
    bad = QUADRATURE_NOT_A_NUMBER;
    ck_assert_int_eq(quadrature_integrate(constant, &no_number, 1, 2, good, 1e-9, &v, &e), bad);
    ck_assert_int_eq(quadrature_integrate(constant, &minus, 1, 2, good, 1e-9, &v, &e), bad);
    bad = QUADRATURE_NOT_CONVERGED;
    ck_assert_int_eq(quadrature_integrate(noise, NULL, 1, 2, good, 1e-9, &v, &e), bad);
    for (int status = 0; status >= QUADRATURE_NO_MEMORY; status--)
        ck_assert_str_ne(quadrature_message(status), "unknown status");
    ck_assert_str_eq(quadrature_message(1), "unknown status");
}
END_TEST

// ---- densities on the line

typedef struct {
    double centre, scale;
} Shape;

static double normal(const void *context, const double *x) {
    const Shape *s = context;
    double z = (x[0] - s->centre) / s->scale;
    return -z * z / 2 - log(s->scale) - 0.5 * log(2 * M_PI);
}

static double laplace(const void *context, const double *x) {
    const Shape *s = context;
    return -fabs(x[0] - s->centre) / s->scale - log(2 * s->scale);
}

// Over [centre, centre + scale].
static double uniform(const void *context, const double *x) {
    const Shape *s = context;
    return x[0] >= s->centre && x[0] <= s->centre + s->scale ? -log(s->scale) : -INFINITY;
}

static double no_density(const void *context, const double *x) {
    (void)context;
    return x[0] > 0.5 ? NAN : 0;
}

static Divergences on_line(LogDensity *density, Shape p, Shape q, size_t count,
                           const double *breaks, double tolerance) {
    Divergences d, error;
    ck_assert_int_eq(
        divergences_density_1d(&d, &error, density, &p, density, &q, count, breaks, tolerance),
        DIVERGENCE_OK);
    ck_assert(error.tv <= tolerance && error.js <= tolerance);
    Divergences swapped;
    ck_assert_int_eq(
        divergences_density_1d(&swapped, NULL, density, &q, density, &p, count, breaks, tolerance),
        DIVERGENCE_OK);
    ck_swapped(d, swapped, 2 * tolerance * fmax(1, d.kl < INFINITY ? d.kl : 1));
    return d;
}

// The trapezoid rule is exact beyond rounding for smooth integrands that die out.
static double trapezoid_js(Shape p, Shape q) {
    const double step = 1 / 256.0;
    double sum = 0;
    for (double x = -30; x <= 30; x += step) {
        double a = exp(normal(&p, &x)), b = exp(normal(&q, &x));
        if (a > 0) sum += 0.5 * step * a * log(2 * a / (a + b));
        if (b > 0) sum += 0.5 * step * b * log(2 * b / (a + b));
    }
    return sum;
}

START_TEST(shifted_gaussians) {
    static const double shifts[] = {0, 1e-3, 0.5, 1, 3, 8};
    const double shift = shifts[_i], breaks[] = {-15, 0, shift / 2 + 1e-9, 25};
    Shape p = {0, 1}, q = {shift, 1};
    Divergences d = on_line(normal, p, q, 4, breaks, 1e-13);
    ck_assert_double_eq_tol(d.kl, shift * shift / 2, 1e-12);
    ck_assert_double_eq_tol(d.kl_rev, shift * shift / 2, 1e-12);
    ck_assert_double_eq_tol(d.tv, erf(shift / sqrt(8)), 1e-13);
    ck_assert_double_eq_tol(d.js, trapezoid_js(p, q), 1e-13);
    if (shift == 0) ck_assert(d.tv == 0 && d.js == 0 && d.kl == 0 && d.kl_rev == 0);
}
END_TEST

START_TEST(gaussians_of_two_widths) {
    const double breaks[] = {-30, 0, 30};
    Shape p = {0.3, 0.5}, q = {-0.4, 2};
    Divergences d = on_line(normal, p, q, 3, breaks, 1e-13);
    ck_assert_double_eq_tol(d.kl, log(4) + (0.25 + 0.49) / 8 - 0.5, 1e-12);
    ck_assert_double_eq_tol(d.kl_rev, -log(4) + (4 + 0.49) / 0.5 - 0.5, 1e-12);
    ck_assert_double_eq_tol(d.js, trapezoid_js(p, q), 1e-13);
}
END_TEST

// At 0 the density of N(60, 1) is 1e-783: it underflows, and the divergences do not mind.
START_TEST(far_gaussians_are_finite) {
    const double breaks[] = {-15, 0, 30, 60, 75};
    Divergences d = on_line(normal, (Shape){0, 1}, (Shape){60, 1}, 5, breaks, 1e-12);
    ck_assert_double_eq_tol(d.kl, 1800, 1e-8);
    ck_assert_double_eq_tol(d.kl_rev, 1800, 1e-8);
    ck_assert_double_eq_tol(d.tv, 1, 1e-12);
    ck_assert_double_eq_tol(d.js, log(2), 1e-12);
}
END_TEST

// N(0, 1) against U[−1, 1], out to where the Gaussian underflows but is not 0.
START_TEST(gaussian_leaves_an_interval) {
    const double breaks[] = {-60, -1, 1, 60};
    Shape p = {0, 1}, q = {-1, 2};
    Divergences d;
    ck_assert_int_eq(divergences_density_1d(&d, NULL, normal, &p, uniform, &q, 4, breaks, 1e-12),
                     DIVERGENCE_OK);
    ck_assert(d.kl == INFINITY);
    ck_assert_double_eq_tol(d.kl_rev, 0.5 * log(M_PI / 2) + 1 / 6.0, 1e-12);
}
END_TEST

// KL = e^−s + s − 1, TV = 1 − e^(−s/2).
START_TEST(laplace_kinks) {
    const double breaks[] = {-50, 0, 2, 60};
    Divergences d = on_line(laplace, (Shape){0, 1}, (Shape){2, 1}, 4, breaks, 1e-12);
    ck_assert_double_eq_tol(d.kl, exp(-2) + 1, 1e-11);
    ck_assert_double_eq_tol(d.kl_rev, exp(-2) + 1, 1e-11);
    ck_assert_double_eq_tol(d.tv, 1 - exp(-1), 1e-12);
}
END_TEST

// U[1/n, 1 + 1/n] against U[0, 1].
START_TEST(shifted_uniforms) {
    double n = _i, breaks[] = {0, 1 / n, 1, 1 + 1 / n};
    Divergences d = on_line(uniform, (Shape){1 / n, 1}, (Shape){0, 1}, 4, breaks, 1e-14);
    ck_assert_double_eq_tol(d.tv, 1 / n, 1e-15);
    ck_assert_double_eq_tol(d.js, log(2) / n, 1e-15);
    ck_assert(d.kl == INFINITY && d.kl_rev == INFINITY);
}
END_TEST

// The same without breaks at the jumps. Bisection finds most of them, and loses one that comes to
// lie next to an edge: then the mass says so (n = 5 here). Never wrong and silent.
START_TEST(jumps_without_breaks) {
    const double ends[] = {-0.125, 3.17}, tolerance = 1e-10;
    double n = _i;
    Shape p = {1 / n, 1}, q = {0, 1};
    Divergences d;
    int status = divergences_density_1d(&d, NULL, uniform, &p, uniform, &q, 2, ends, tolerance);
    ck_assert_int_eq(status, _i == 5 ? DIVERGENCE_BAD_MASS : DIVERGENCE_OK);
    ck_assert_double_eq_tol(d.tv, 1 / n, _i == 5 ? 1e-5 : tolerance);
    ck_assert_double_eq_tol(d.js, log(2) / n, _i == 5 ? 1e-5 : tolerance);
    ck_assert(d.kl == INFINITY && d.kl_rev == INFINITY);
}
END_TEST

START_TEST(uniform_inside_another) {
    const double breaks[] = {0, 0.5, 1};
    Divergences d = on_line(uniform, (Shape){0, 0.5}, (Shape){0, 1}, 3, breaks, 1e-14);
    ck_assert_double_eq_tol(d.tv, 0.5, 1e-15);
    ck_assert_double_eq_tol(d.kl, log(2), 1e-15);
    ck_assert(d.kl_rev == INFINITY);
    ck_assert_double_eq_tol(d.js, log(4.0 / 3) / 2 + log(2.0 / 3) / 4 + log(2) / 4, 1e-15);
}
END_TEST

START_TEST(line_says_what_is_wrong) {
    const double wide[] = {-10, 10}, narrow[] = {-10, 3}, backwards[] = {1, 0}, unit[] = {0, 1};
    Shape p = {0, 1}, q = {1, 1}, needle = {3.3333, 1e-4}, box = {0, 1};
    Divergences d;
    ck_assert_int_eq(divergences_density_1d(&d, NULL, normal, &p, normal, &needle, 2, wide, 1e-9),
                     DIVERGENCE_BAD_MASS);
    ck_assert_int_eq(divergences_density_1d(&d, NULL, normal, &needle, normal, &p, 2, wide, 1e-9),
                     DIVERGENCE_BAD_MASS);
    ck_assert_int_eq(divergences_density_1d(&d, NULL, normal, &p, normal, &q, 2, narrow, 1e-9),
                     DIVERGENCE_BAD_MASS);
    ck_assert_int_eq(divergences_density_1d(&d, NULL, normal, &p, normal, &q, 2, backwards, 1e-9),
                     DIVERGENCE_BAD_ARGUMENT);
    ck_assert_int_eq(
        divergences_density_1d(&d, NULL, uniform, &box, no_density, NULL, 2, unit, 1e-9),
        DIVERGENCE_NOT_A_NUMBER);
    ck_assert_int_eq(divergences_density_1d(&d, NULL, normal, &p, normal, &q, 2, wide, 1e-30),
                     DIVERGENCE_NOT_CONVERGED);
    ck_assert_double_eq_tol(d.kl, 0.5, 1e-12); // the value is left
}
END_TEST

// ---- densities in the plane

typedef struct {
    double x, y, sigma;
} Round;

static double round_normal(const void *context, const double *at) {
    const Round *r = context;
    double square = (at[0] - r->x) * (at[0] - r->x) + (at[1] - r->y) * (at[1] - r->y);
    return -square / (2 * r->sigma * r->sigma) - log(2 * M_PI * r->sigma * r->sigma);
}

// Over [x, x + sigma] × [y, 1].
static double rectangle(const void *context, const double *at) {
    const Round *r = context;
    bool inside = at[0] > r->x && at[0] < r->x + r->sigma && at[1] > r->y && at[1] < 1;
    return inside ? -log(r->sigma * (1 - r->y)) : -INFINITY;
}

// By rotation, two round Gaussians are two Gaussians on the line through their centres.
START_TEST(plane_gaussians) {
    const double box[4] = {-9, 12, -8, 14}, breaks[] = {-15, 0, 20};
    Round p = {0, 0, 1}, q = {1.2, 1.6, 1};
    Divergences d, line = on_line(normal, (Shape){0, 1}, (Shape){2, 1}, 3, breaks, 1e-13);
    ck_assert_int_eq(divergences_density_2d(&d, round_normal, &p, round_normal, &q, box, 210, 200),
                     DIVERGENCE_OK);
    ck_assert_double_eq_tol(d.kl, 2, 1e-12);
    ck_assert_double_eq_tol(d.kl_rev, 2, 1e-12);
    ck_assert_double_eq_tol(d.js, line.js, 1e-12);
    ck_assert_double_eq_tol(d.tv, erf(2 / sqrt(8)), 1e-3); // |p − q| has a kink
    q.sigma = 1.5;
    ck_assert_int_eq(divergences_density_2d(&d, round_normal, &p, round_normal, &q, box, 210, 200),
                     DIVERGENCE_OK);
    ck_assert_double_eq_tol(d.kl, 2 * log(1.5) + (2 + 4) / (2 * 2.25) - 1, 1e-9);
    ck_assert_double_eq_tol(d.kl_rev, -2 * log(1.5) + (2 * 2.25 + 4) / 2 - 1, 1e-5);
}
END_TEST

START_TEST(plane_rectangles) {
    const double box[4] = {0, 2, 0, 1};
    Round p = {0, 0, 1}, q = {0.5, 0, 1};
    Divergences d;
    ck_assert_int_eq(divergences_density_2d(&d, rectangle, &p, rectangle, &q, box, 8, 3),
                     DIVERGENCE_OK);
    ck_assert_double_eq_tol(d.tv, 0.5, 1e-15);
    ck_assert_double_eq_tol(d.js, log(2) / 2, 1e-15);
    ck_assert(d.kl == INFINITY && d.kl_rev == INFINITY);
    q = (Round){0, 0.5, 1}; // the upper half of p
    ck_assert_int_eq(divergences_density_2d(&d, rectangle, &p, rectangle, &q, box, 2, 4),
                     DIVERGENCE_OK);
    ck_assert_double_eq_tol(d.kl_rev, log(2), 1e-15);
    ck_assert(d.tv == 0.5 && d.kl == INFINITY);
}
END_TEST

START_TEST(plane_says_what_is_wrong) {
    const double box[4] = {-9, 9, -9, 9}, small[4] = {-9, 9, -9, 0}, flat[4] = {-9, 9, 1, 1};
    Round p = {0, 0, 1};
    Divergences d;
    LogDensity *f = round_normal;
    ck_assert_int_eq(divergences_density_2d(&d, f, &p, f, &p, box, 90, 90), DIVERGENCE_OK);
    ck_assert(d.tv == 0 && d.js == 0 && d.kl == 0 && d.kl_rev == 0);
    ck_assert_int_eq(divergences_density_2d(&d, f, &p, f, &p, small, 90, 90), DIVERGENCE_BAD_MASS);
    ck_assert_int_eq(divergences_density_2d(&d, f, &p, f, &p, box, 5, 5), DIVERGENCE_BAD_MASS);
    ck_assert_int_eq(divergences_density_2d(&d, f, &p, f, &p, flat, 9, 9), DIVERGENCE_BAD_ARGUMENT);
    ck_assert_int_eq(divergences_density_2d(&d, f, &p, f, &p, box, 0, 9), DIVERGENCE_BAD_ARGUMENT);
    ck_assert_int_eq(divergences_density_2d(&d, f, &p, no_density, NULL, box, 9, 9),
                     DIVERGENCE_NOT_A_NUMBER);
}
END_TEST

// ---- points

// Cells of side 1: the indices are 0 0 1 2 against 0 1 1 7.
START_TEST(points_by_hand) {
    const double x[] = {2, -0.5, 0.49, 0.5}, y[] = {0, 7, 1, 1.49};
    Divergences d;
    ck_assert_int_eq(divergences_points(&d, 1, 1, 4, x, NULL, 4, y, NULL), DIVERGENCE_OK);
    ck_assert(d.tv == 0.5 && d.kl == INFINITY && d.kl_rev == INFINITY);
    // p = (½, ¼, ¼, 0), q = (¼, ½, 0, ¼), m = (3/8, 3/8, 1/8, 1/8)
    ck_assert_double_eq_tol(d.js, 0.5 * log(4.0 / 3) + 0.25 * log(2.0 / 3) + 0.25 * log(2), 1e-16);
    // with weights: p = (0.2, 0.8) over indices 0 and 1, q = (0.6, 0.4)
    const double a[] = {0, 1, 1, 8}, b[] = {3, 0, 1, 1};
    ck_assert_int_eq(divergences_points(&d, 1, 1, 4, x, a, 4, y, b), DIVERGENCE_OK);
    ck_assert_double_eq_tol(d.tv, 0.4, 1e-16);
    ck_assert_double_eq_tol(d.kl, 0.2 * log(1 / 3.0) + 0.8 * log(2), 1e-15);
    ck_assert_double_eq_tol(d.kl_rev, 0.6 * log(3) + 0.4 * log(0.5), 1e-15);
}
END_TEST

START_TEST(points_cell_zero_compares_atoms) {
    const double x[] = {0, 1, 5, 2, 3, 4}, y[] = {2, 3, 4, -0.0, 1, 5};
    const double z[] = {0, 1, 5, 2, 3, 4 + 0x1p-50};
    Divergences d;
    ck_assert_int_eq(divergences_points(&d, 0, 3, 2, x, NULL, 2, y, NULL), DIVERGENCE_OK);
    ck_assert(d.tv == 0 && d.js == 0 && d.kl == 0 && d.kl_rev == 0);
    ck_assert_int_eq(divergences_points(&d, 0, 3, 2, x, NULL, 2, z, NULL), DIVERGENCE_OK);
    ck_assert(d.tv == 0.5 && d.kl == INFINITY);
    ck_assert_int_eq(divergences_points(&d, 0x1p-40, 3, 2, x, NULL, 2, z, NULL), DIVERGENCE_OK);
    ck_assert(d.tv == 0);
}
END_TEST

enum { DRAWS = 100000 };
static double drawn[DRAWS], other[2 * DRAWS];

static double cell_mass(double index, double cell, double mean) {
    return (erf(((index + 0.5) * cell - mean) / sqrt(2)) -
            erf(((index - 0.5) * cell - mean) / sqrt(2))) /
           2;
}

// N(0, 1) against N(1, 1) in cells of ½: the exact probabilities of the cells give what a large
// sample must come near. The n draws go against 2n, so that the two totals differ.
START_TEST(points_of_gaussians) {
    Rng rng = rng_stream(41, 0);
    for (int i = 0; i < DRAWS; i++) drawn[i] = rng_normal(&rng);
    for (int i = 0; i < 2 * DRAWS; i++) other[i] = 1 + rng_normal(&rng);
    Divergences d, coarse;
    ck_assert_int_eq(divergences_points(&d, 0.5, 1, DRAWS, drawn, NULL, 2 * DRAWS, other, NULL),
                     DIVERGENCE_OK);
    double tv = 0, js = 0;
    for (int i = -20; i <= 20; i++) {
        double p = cell_mass(i, 0.5, 0), q = cell_mass(i, 0.5, 1), m = (p + q) / 2;
        tv += fabs(p - q) / 2;
        js += (p > 0 ? p * log(p / m) : 0) / 2 + (q > 0 ? q * log(q / m) : 0) / 2;
    }
    ck_assert_double_eq_tol(d.tv, tv, 0.006);
    ck_assert_double_eq_tol(d.js, js, 0.004);
    // a cell of side 1.5 is three of side ½
    ck_assert_int_eq(
        divergences_points(&coarse, 1.5, 1, DRAWS, drawn, NULL, 2 * DRAWS, other, NULL),
        DIVERGENCE_OK);
    ck_assert(coarse.tv <= d.tv + 1e-15 && coarse.js <= d.js + 1e-15);
}
END_TEST

// Neither the order of the points nor the scale of the weights has a say.
START_TEST(points_order_and_scale) {
    enum { N = 500 };
    double x[2 * N], y[2 * N], mirrored[2 * N], sevens[N];
    Rng rng = rng_stream(42, 0);
    for (int i = 0; i < 2 * N; i++) {
        x[i] = rng_normal(&rng);
        y[i] = 0.5 + rng_normal(&rng);
    }
    for (int i = 0; i < N; i++) {
        mirrored[2 * i] = x[2 * (N - 1 - i)];
        mirrored[2 * i + 1] = x[2 * (N - 1 - i) + 1];
        sevens[i] = 7;
    }
    Divergences d, again, swapped;
    ck_assert_int_eq(divergences_points(&d, 0.7, 2, N, x, NULL, N, y, NULL), DIVERGENCE_OK);
    ck_assert_int_eq(divergences_points(&again, 0.7, 2, N, mirrored, sevens, N, y, NULL),
                     DIVERGENCE_OK);
    ck_assert(d.tv == again.tv && d.js == again.js && d.kl == again.kl && d.kl_rev == again.kl_rev);
    ck_assert_int_eq(divergences_points(&swapped, 0.7, 2, N, y, NULL, N, x, NULL), DIVERGENCE_OK);
    ck_swapped(d, swapped, 1e-15);
}
END_TEST

START_TEST(points_say_what_is_wrong) {
    const double x[] = {0, 1}, nan[] = {0, NAN}, far[] = {0, 1e300};
    const double none[] = {0, 0}, minus[] = {2, -1}, great[] = {1e308, 1e308};
    const double *bad_weights[] = {none, minus, nan, great};
    Divergences d;
    int bad = DIVERGENCE_BAD_ARGUMENT;
    ck_assert_int_eq(divergences_points(&d, 1, 1, 0, x, NULL, 2, x, NULL), bad);
    ck_assert_int_eq(divergences_points(&d, 1, 1, 2, x, NULL, 0, x, NULL), bad);
    ck_assert_int_eq(divergences_points(&d, 1, 0, 2, x, NULL, 2, x, NULL), bad);
    ck_assert_int_eq(divergences_points(&d, -1, 1, 2, x, NULL, 2, x, NULL), bad);
    ck_assert_int_eq(divergences_points(&d, NAN, 1, 2, x, NULL, 2, x, NULL), bad);
    ck_assert_int_eq(divergences_points(&d, INFINITY, 1, 2, x, NULL, 2, x, NULL), bad);
    bad = DIVERGENCE_BAD_POINTS;
    ck_assert_int_eq(divergences_points(&d, 1, 1, 2, nan, NULL, 2, x, NULL), bad);
    ck_assert_int_eq(divergences_points(&d, 0, 1, 2, x, NULL, 2, nan, NULL), bad);
    ck_assert_int_eq(divergences_points(&d, 1, 1, 2, x, NULL, 2, far, NULL),
                     DIVERGENCE_CELL_TOO_SMALL);
    ck_assert_int_eq(divergences_points(&d, 1e-300, 1, 2, x, NULL, 2, x, NULL),
                     DIVERGENCE_CELL_TOO_SMALL);
    ck_assert_int_eq(divergences_points(&d, 0, 1, 2, x, NULL, 2, far, NULL), DIVERGENCE_OK);
    for (int i = 0; i < 4; i++) {
        bad = DIVERGENCE_BAD_WEIGHTS;
        ck_assert_int_eq(divergences_points(&d, 1, 1, 2, x, bad_weights[i], 2, x, NULL), bad);
        ck_assert_int_eq(divergences_points(&d, 1, 1, 2, x, NULL, 2, x, bad_weights[i]), bad);
    }
    for (int status = 0; status >= DIVERGENCE_NO_MEMORY; status--)
        ck_assert_str_ne(divergences_message(status), "unknown status");
    ck_assert_str_eq(divergences_message(1), "unknown status");
}
END_TEST

static TCase *pmf_tests(void) {
    TCase *tests = tcase_create("probability vectors");
    tcase_add_test(tests, pmf_by_hand);
    tcase_add_test(tests, pmf_zero_on_one_side);
    tcase_add_test(tests, pmf_equal_is_zero_and_disjoint_is_log_2);
    tcase_add_test(tests, pmf_nearly_equal);
    tcase_add_test(tests, pmf_smallest_double);
    tcase_add_test(tests, pmf_refuses_what_is_no_distribution);
    tcase_add_loop_test(tests, pmf_at_random, 0, 50);
    return tests;
}

static TCase *quadrature_tests(void) {
    TCase *tests = tcase_create("quadrature");
    tcase_add_loop_test(tests, rules_have_their_degree, 0, 23);
    tcase_add_test(tests, hard_integrands_at_once);
    tcase_add_test(tests, infinity_stays_in_its_own_integral);
    tcase_add_test(tests, quadrature_says_what_is_wrong);
    return tests;
}

static TCase *line_tests(void) {
    TCase *tests = tcase_create("densities in 1-D");
    tcase_add_loop_test(tests, shifted_gaussians, 0, 6);
    tcase_add_test(tests, gaussians_of_two_widths);
    tcase_add_test(tests, far_gaussians_are_finite);
    tcase_add_test(tests, gaussian_leaves_an_interval);
    tcase_add_test(tests, laplace_kinks);
    tcase_add_loop_test(tests, shifted_uniforms, 2, 8);
    tcase_add_loop_test(tests, jumps_without_breaks, 2, 8);
    tcase_add_test(tests, uniform_inside_another);
    tcase_add_test(tests, line_says_what_is_wrong);
    return tests;
}

static TCase *plane_tests(void) {
    TCase *tests = tcase_create("densities in 2-D");
    tcase_add_test(tests, plane_gaussians);
    tcase_add_test(tests, plane_rectangles);
    tcase_add_test(tests, plane_says_what_is_wrong);
    return tests;
}

static TCase *point_tests(void) {
    TCase *tests = tcase_create("points");
    tcase_add_test(tests, points_by_hand);
    tcase_add_test(tests, points_cell_zero_compares_atoms);
    tcase_add_test(tests, points_of_gaussians);
    tcase_add_test(tests, points_order_and_scale);
    tcase_add_test(tests, points_say_what_is_wrong);
    return tests;
}

int main(void) {
    Suite *suite = suite_create("divergence");
    suite_add_tcase(suite, pmf_tests());
    suite_add_tcase(suite, quadrature_tests());
    suite_add_tcase(suite, line_tests());
    suite_add_tcase(suite, plane_tests());
    suite_add_tcase(suite, point_tests());
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
