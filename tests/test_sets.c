// Mixtures and the 2-D sets: densities against their plain sums and integrals, points against a
// second implementation (a few lines of Python gave the hexadecimal floats) and statistics.
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "toy/quadrature.h"
#include "toy/sets.h"

static const double LINE_WEIGHT[] = {0.2, 0.5, 0.3}, LINE_MEAN[] = {-3, 0.5, 4},
                    LINE_SIGMA[] = {0.5, 1, 0.1};
static const Mixture LINE = {1, 3, LINE_WEIGHT, LINE_MEAN, LINE_SIGMA};
static const double PLANE_WEIGHT[] = {0.75, 0.25}, PLANE_MEAN[] = {1, -2, -0.5, 3},
                    PLANE_SIGMA[] = {0.4, 1.5};
static const Mixture PLANE = {2, 2, PLANE_WEIGHT, PLANE_MEAN, PLANE_SIGMA};

static double plain_density(const Mixture *m, const double *x) {
    double sum = 0;
    for (size_t k = 0; k < m->count; k++) {
        double density = m->weight[k];
        for (size_t axis = 0; axis < m->dim; axis++) {
            double z = (x[axis] - m->mean[k * m->dim + axis]) / m->sigma[k];
            density *= exp(-z * z / 2) / (m->sigma[k] * sqrt(2 * M_PI));
        }
        sum += density;
    }
    return sum;
}

// ---- mixtures

START_TEST(density_is_the_weighted_sum) {
    const Mixture *mixtures[] = {&LINE, &PLANE, set_mixture(SET_RING8), set_mixture(SET_GRID25)};
    const Mixture *m = mixtures[_i];
    Rng rng = rng_stream(51, (uint64_t)_i);
    for (int i = 0; i < 1000; i++) {
        double x[2] = {12 * rng_uniform(&rng) - 6, 12 * rng_uniform(&rng) - 6};
        if (_i >= 2) mixture_sample(m, &rng, 1, x);
        double plain = plain_density(m, x);
        ck_assert_double_eq_tol(mixture_density(m, x), plain, 1e-12 * plain + 1e-300);
        if (plain > 1e-290) ck_assert_double_eq_tol(mixture_log_density(m, x), log(plain), 1e-12);
        ck_assert(mixture_as_log_density(m, x) == mixture_log_density(m, x));
    }
}
END_TEST

static void line_density(const void *context, double x, double *f) {
    f[0] = mixture_density(context, &x);
    f[1] = x * f[0];
    f[2] = x * x * f[0];
}

START_TEST(line_density_has_mass_1_and_its_moments) {
    const double breaks[] = {-12, -3, 0.5, 3.5, 4, 4.5, 13};
    double value[3], error[3];
    ck_assert_int_eq(quadrature_integrate(line_density, &LINE, 3, 7, breaks, 1e-12, value, error),
                     QUADRATURE_OK);
    ck_assert_double_eq_tol(value[0], 1, 1e-13);
    ck_assert_double_eq_tol(value[1], 0.2 * -3 + 0.5 * 0.5 + 0.3 * 4, 1e-11);
    ck_assert_double_eq_tol(value[2], 0.2 * 9.25 + 0.5 * 1.25 + 0.3 * 16.01, 1e-11);
}
END_TEST

// A sum over a fine lattice, exact beyond rounding for Gaussians.
START_TEST(plane_density_has_mass_1_and_its_means) {
    const double step = 0.125;
    double mass = 0, mean[2] = {0};
    for (int i = -130; i <= 130; i++)
        for (int j = -130; j <= 130; j++) {
            double x[2] = {i * step, j * step};
            double part = mixture_density(&PLANE, x) * step * step;
            mass += part;
            mean[0] += x[0] * part;
            mean[1] += x[1] * part;
        }
    ck_assert_double_eq_tol(mass, 1, 1e-12);
    ck_assert_double_eq_tol(mean[0], 0.75 * 1 + 0.25 * -0.5, 1e-12);
    ck_assert_double_eq_tol(mean[1], 0.75 * -2 + 0.25 * 3, 1e-12);
}
END_TEST

// 1000 away every term underflows; the logarithm is that of the widest component.
START_TEST(log_density_does_not_underflow) {
    double far[2] = {1000, 0}, z2 = (1000.5 * 1000.5 + 9) / 2.25;
    ck_assert(mixture_density(&PLANE, far) == 0);
    ck_assert_double_eq_tol(mixture_log_density(&PLANE, far),
                            log(0.25) - z2 / 2 - log(2 * M_PI * 2.25), 1e-9);
    far[0] = 1e200; // its square overflows: no number, but no NaN either
    ck_assert(mixture_log_density(&PLANE, far) == -INFINITY);
    ck_assert(mixture_density(&PLANE, far) == 0);
}
END_TEST

enum { DRAWS = 100000 };
static double drawn[2 * DRAWS];

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

// √n times the Kolmogorov–Smirnov distance stays under its 99.9 % point, 1.95.
START_TEST(line_sample_has_the_law) {
    Rng rng = rng_stream(52, 0);
    mixture_sample(&LINE, &rng, DRAWS, drawn);
    qsort(drawn, DRAWS, sizeof *drawn, ascending);
    double distance = 0;
    for (size_t i = 0; i < DRAWS; i++) {
        double cdf = 0;
        for (size_t k = 0; k < 3; k++)
            cdf += LINE_WEIGHT[k] * erfc((LINE_MEAN[k] - drawn[i]) / (LINE_SIGMA[k] * sqrt(2))) / 2;
        distance = fmax(distance, fabs(cdf - ((double)i + 0.5) / DRAWS));
    }
    ck_assert_double_lt(distance * sqrt(DRAWS), 1.95);
}
END_TEST

// Ten times 0.1 falls short of 1 by 2^−53, and the greatest uniform (test_rng.c) is just that
// great: it belongs to the last component, not to one beyond it.
START_TEST(last_component_takes_the_rounding) {
    double weight[10], mean[10] = {0}, sigma[10], x;
    for (int k = 0; k < 10; k++) {
        weight[k] = 0.1;
        sigma[k] = 1;
    }
    mean[9] = 1000;
    const Mixture tenths = {1, 10, weight, mean, sigma};
    Rng rng = rng_stream(0, 0x8a8e56b694e383d7);
    rng.counter[1] = 0x95d63ee0;
    rng.counter[0] = 0x8131b39a;
    mixture_sample(&tenths, &rng, 1, &x);
    ck_assert_double_eq_tol(x, 1000, 10);
}
END_TEST

// ---- sets

START_TEST(gaussian_sets_to_the_bit) {
    static const double known[2][4][2] = {{{-0x1.66c1c6dac5515p+0, -0x1.62652843a4c79p-5},
                                           {-0x1.e936b5b9c08cep-7, 0x1.6c5864b6de5ebp+0},
                                           {-0x1.4ae61ec462d89p-8, -0x1.65212026115b9p+0},
                                           {-0x1.981707e2ed93ap-9, -0x1.69f2af061ab86p+0}},
                                          {{0x1.0ae9b5f9f7003p-6, 0x1.5c3ff25b40c4bp+0},
                                           {-0x1.73a5f77a85f74p-1, 0x1.684f3d9bba606p-7},
                                           {0x1.687a46476fb8fp+0, -0x1.63e36eb41c655p+0},
                                           {0x1.6918d788f7600p+0, -0x1.69badcaa6afe3p-1}}};
    Rng rng = rng_stream(7, 3);
    double xy[4][2];
    set_sample(_i == 0 ? SET_RING8 : SET_GRID25, &rng, 4, xy[0]);
    for (int i = 0; i < 4; i++)
        ck_assert(xy[i][0] == known[_i][i][0] && xy[i][1] == known[_i][i][1]);
}
END_TEST

// The sine and cosine are the maths library's: to 1e-14 instead of to the bit.
START_TEST(swiss_roll_known_points) {
    static const double known[4][2] = {{-0x1.b4319397564cap-1, -0x1.2753073106007p+0},
                                       {0x1.118923505b95bp-2, 0x1.f6290465c0552p-1},
                                       {0x1.9fc867ccaec52p+0, -0x1.a4b075ea67b86p-3},
                                       {0x1.99b60b09dfe6fp+0, 0x1.40a268a275213p-1}};
    Rng rng = rng_stream(7, 3);
    double xy[4][2];
    set_sample(SET_SWISS_ROLL, &rng, 4, xy[0]);
    for (int i = 0; i < 4; i++)
        for (int axis = 0; axis < 2; axis++)
            ck_assert_double_eq_tol(xy[i][axis], known[i][axis], 1e-14);
}
END_TEST

START_TEST(centres_are_where_the_papers_say) {
    const Mixture *ring = set_mixture(SET_RING8), *grid = set_mixture(SET_GRID25);
    ck_assert(set_mixture(SET_SWISS_ROLL) == NULL);
    ck_assert(ring->dim == 2 && ring->count == 8 && grid->dim == 2 && grid->count == 25);
    for (int k = 0; k < 8; k++) {
        ck_assert_double_eq_tol(ring->mean[2 * k], 2 * cos(k * M_PI / 4) / 1.414, 1e-15);
        ck_assert_double_eq_tol(ring->mean[2 * k + 1], 2 * sin(k * M_PI / 4) / 1.414, 1e-15);
        ck_assert_double_eq_tol(ring->sigma[k], 0.02 / 1.414, 1e-17);
        ck_assert(ring->weight[k] == 1 / 8.0);
    }
    for (int k = 0; k < 25; k++) {
        ck_assert_double_eq_tol(grid->mean[2 * k], 2 * (k / 5 - 2) / 2.828, 1e-15);
        ck_assert_double_eq_tol(grid->mean[2 * k + 1], 2 * (k % 5 - 2) / 2.828, 1e-15);
        ck_assert_double_eq_tol(grid->sigma[k], 0.05 / 2.828, 1e-17);
        ck_assert(grid->weight[k] == 1 / 25.0);
    }
}
END_TEST

static size_t nearest(const Mixture *m, const double *x) {
    size_t best = 0;
    for (size_t k = 1; k < m->count; k++)
        if (hypot(x[0] - m->mean[2 * k], x[1] - m->mean[2 * k + 1]) <
            hypot(x[0] - m->mean[2 * best], x[1] - m->mean[2 * best + 1]))
            best = k;
    return best;
}

// Every component gets its share (chi-square at 99.9 %: 24.3 with 7, 51.2 with 24 degrees of
// freedom), and in units of σ the offsets from the centres are standard normal.
START_TEST(gaussian_sets_have_the_law) {
    SetKind kind = _i == 0 ? SET_RING8 : SET_GRID25;
    const Mixture *m = set_mixture(kind);
    Rng rng = rng_stream(53, 0);
    set_sample(kind, &rng, DRAWS, drawn);
    size_t seen[25] = {0};
    double sum[2] = {0}, squares[2] = {0}, chi_square = 0;
    double expected = (double)DRAWS / (double)m->count;
    for (size_t i = 0; i < DRAWS; i++) {
        size_t k = nearest(m, drawn + 2 * i);
        seen[k]++;
        for (size_t axis = 0; axis < 2; axis++) {
            double z = (drawn[2 * i + axis] - m->mean[2 * k + axis]) / m->sigma[k];
            sum[axis] += z / DRAWS;
            squares[axis] += z * z / DRAWS;
        }
    }
    for (size_t k = 0; k < m->count; k++)
        chi_square += ((double)seen[k] - expected) * ((double)seen[k] - expected) / expected;
    ck_assert_double_lt(chi_square, _i == 0 ? 24.3 : 51.2);
    for (int axis = 0; axis < 2; axis++) {
        ck_assert_double_lt(fabs(sum[axis]), 4 / sqrt(DRAWS));
        ck_assert_double_lt(fabs(squares[axis] - 1), 4 * sqrt(2.0 / DRAWS));
    }
}
END_TEST

// E[t cos t] and E[t sin t] for t ~ U(a, 3a), a = 3π/2, by hand: the antiderivatives are
// cos t + t sin t and sin t − t cos t. The mean squared radius is E[t²] = 13 a²/3, plus the noise.
START_TEST(swiss_roll_has_its_moments) {
    const double a = 1.5 * M_PI, b = 3 * a, scale = 7.5, noise = 0.25;
    Rng rng = rng_stream(54, 0);
    set_sample(SET_SWISS_ROLL, &rng, DRAWS, drawn);
    double x = 0, y = 0, square = 0;
    for (size_t i = 0; i < DRAWS; i++) {
        x += drawn[2 * i] / DRAWS;
        y += drawn[2 * i + 1] / DRAWS;
        square += (drawn[2 * i] * drawn[2 * i] + drawn[2 * i + 1] * drawn[2 * i + 1]) / DRAWS;
    }
    double mean_x = (cos(b) + b * sin(b) - cos(a) - a * sin(a)) / (b - a) / scale;
    double mean_y = (sin(b) - b * cos(b) - sin(a) + a * cos(a)) / (b - a) / scale;
    double mean_square = (13 * a * a / 3 + 2 * noise * noise) / (scale * scale);
    ck_assert_double_eq_tol(x, mean_x, 0.012);
    ck_assert_double_eq_tol(y, mean_y, 0.012);
    ck_assert_double_eq_tol(square, mean_square, 0.015);
}
END_TEST

// On the spiral radius and angle are the same t. What differs, modulo 2π, is the noise: 0.25 along
// the radius and 0.25/t across it, with E[1/t²] = 1/(3 a²).
START_TEST(swiss_roll_is_a_noisy_spiral) {
    Rng rng = rng_stream(55, 0);
    set_sample(SET_SWISS_ROLL, &rng, DRAWS, drawn);
    double square = 0;
    for (size_t i = 0; i < DRAWS; i++) {
        double radius = 7.5 * hypot(drawn[2 * i], drawn[2 * i + 1]);
        double angle = atan2(drawn[2 * i + 1], drawn[2 * i]);
        square += pow(remainder(radius - angle, 2 * M_PI), 2) / DRAWS;
    }
    double expected = 0.25 * 0.25 * (1 + 1 / (3 * 2.25 * M_PI * M_PI));
    ck_assert_double_eq_tol(square / expected, 1, 0.02);
}
END_TEST

START_TEST(names) {
    SetKind kind;
    ck_assert(set_find("ring8", &kind) && kind == SET_RING8);
    ck_assert(set_find("grid25", &kind) && kind == SET_GRID25);
    ck_assert(set_find("swissroll", &kind) && kind == SET_SWISS_ROLL);
    ck_assert(!set_find("ring", &kind) && !set_find("", &kind) && !set_find("RING8", &kind));
}
END_TEST

int main(void) {
    TCase *mixtures = tcase_create("mixtures"), *sets = tcase_create("sets");
    tcase_add_loop_test(mixtures, density_is_the_weighted_sum, 0, 4);
    tcase_add_test(mixtures, line_density_has_mass_1_and_its_moments);
    tcase_add_test(mixtures, plane_density_has_mass_1_and_its_means);
    tcase_add_test(mixtures, log_density_does_not_underflow);
    tcase_add_test(mixtures, line_sample_has_the_law);
    tcase_add_test(mixtures, last_component_takes_the_rounding);
    tcase_add_loop_test(sets, gaussian_sets_to_the_bit, 0, 2);
    tcase_add_test(sets, swiss_roll_known_points);
    tcase_add_test(sets, centres_are_where_the_papers_say);
    tcase_add_loop_test(sets, gaussian_sets_have_the_law, 0, 2);
    tcase_add_test(sets, swiss_roll_has_its_moments);
    tcase_add_test(sets, swiss_roll_is_a_noisy_spiral);
    tcase_add_test(sets, names);
    Suite *suite = suite_create("sets");
    suite_add_tcase(suite, mixtures);
    suite_add_tcase(suite, sets);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
