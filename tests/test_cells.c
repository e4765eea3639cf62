// Cells, smooth maps and spreads: counts that can be worked out by hand, a second way to the same
// set, statistics of known numbers.
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "toy/cells.h"
#include "toy/smooth.h"
#include "toy/statistics.h"

// ---- cells

START_TEST(known_sets) {
    Cells diagonal, row;
    ck_assert(cells_build(&diagonal, 2, 5) && cells_build(&row, 2, 5));
    for (int i = 0; i < 1000; i++) {
        double t = i / 1000.0;
        cells_mark(&diagonal, 1, (double[]){t, t});
        cells_mark(&row, 1, (double[]){t, 0.52});
    }
    for (int level = 5; level >= 2; level--) {
        ck_assert_uint_eq(diagonal.level, (unsigned)level);
        ck_assert_uint_eq(cells_count(&diagonal), (size_t)1 << level);
        ck_assert_uint_eq(cells_count(&row), (size_t)1 << level);
        ck_assert_uint_eq(cells_shared(&diagonal, &row), 1);
        cells_coarsen(&diagonal), cells_coarsen(&row);
    }
    cells_free(&diagonal), cells_free(&row);
}
END_TEST

// One cell, at every place of a small cube: where it goes when the cells grow.
START_TEST(a_cell_goes_into_its_parent) {
    for (int k = 0; k < 512; k++) {
        double x[] = {(k / 64 + 0.5) / 8, (k / 8 % 8 + 0.5) / 8, (k % 8 + 0.5) / 8};
        Cells fine, coarse;
        ck_assert(cells_build(&fine, 3, 3) && cells_build(&coarse, 3, 2));
        cells_mark(&fine, 1, x), cells_mark(&coarse, 1, x);
        ck_assert_uint_eq(fine.bits[k / 64], (uint64_t)1 << k % 64);
        cells_coarsen(&fine);
        ck_assert_uint_eq(fine.bits[0], coarse.bits[0]);
        ck_assert_uint_eq(cells_count(&fine), 1);
        cells_free(&fine), cells_free(&coarse);
    }
}
END_TEST

START_TEST(coarsening_is_marking_coarsely) {
    const unsigned dim = _i == 0 ? 2 : 3, finest = 6;
    Rng rng = rng_stream(71, (uint64_t)_i);
    double *x = malloc(3000 * dim * sizeof *x);
    for (unsigned k = 0; k < 3000 * dim; k++) x[k] = rng_uniform(&rng) * rng_uniform(&rng);
    Cells cells;
    ck_assert(cells_build(&cells, dim, finest));
    cells_mark(&cells, 3000, x);
    for (unsigned level = finest; level-- > 0;) {
        Cells direct;
        ck_assert(cells_build(&direct, dim, level));
        cells_mark(&direct, 3000, x);
        cells_coarsen(&cells);
        ck_assert_uint_eq(cells_count(&cells), cells_count(&direct));
        ck_assert_uint_eq(cells_shared(&cells, &direct), cells_count(&direct));
        cells_free(&direct);
    }
    ck_assert_uint_eq(cells_count(&cells), 1);
    cells_free(&cells);
    free(x);
}
END_TEST

// ---- smooth maps

typedef struct {
    const Smooth *smooth;
    size_t n, rows;
    double low[8], high[8], step;
    double *last;
} Look;

// Grid against single points, the range of each coordinate, the steps along the second parameter.
static void look(void *context, size_t count, const double *x) {
    Look *l = context;
    size_t dim = l->smooth->dim;
    ck_assert_uint_eq(count, l->n);
    for (size_t i = 0; i < count; i++) {
        double at = (double)i / (double)l->n, t[] = {(double)l->rows / (double)l->n, at}, point[8];
        smooth_at(l->smooth, l->smooth->parameters == 1 ? &at : t, point);
        for (size_t j = 0; j < dim; j++) {
            double value = x[i * dim + j];
            ck_assert_double_eq_tol(value, point[j], 1e-13);
            l->low[j] = fmin(l->low[j], value), l->high[j] = fmax(l->high[j], value);
            if (i > 0) l->step = fmax(l->step, fabs(value - x[(i - 1) * dim + j]));
            if (l->rows > 0) l->step = fmax(l->step, fabs(value - l->last[i * dim + j]));
            l->last[i * dim + j] = value;
        }
    }
    l->rows++;
}

static const size_t MAPS[][3] = {{1, 2, 3}, {1, 3, 5}, {2, 3, 1}, {2, 8, 2}};

START_TEST(fills_the_cube_and_keeps_its_speed) {
    Rng rng = rng_stream(72, (uint64_t)_i);
    Smooth s;
    ck_assert(smooth_random(&s, &rng, MAPS[_i][0], MAPS[_i][1], MAPS[_i][2]));
    Look l = {.smooth = &s, .n = s.parameters == 1 ? 2000 : 200};
    for (size_t j = 0; j < s.dim; j++) l.low[j] = 1;
    l.last = malloc(l.n * s.dim * sizeof *l.last);
    ck_assert(smooth_grid(&s, l.n, look, &l));
    ck_assert_uint_eq(l.rows, s.parameters == 1 ? 1 : l.n);
    for (size_t j = 0; j < s.dim; j++) {
        ck_assert_double_eq_tol(l.high[j] - l.low[j], SMOOTH_SPAN, 0.01);
        ck_assert(l.low[j] > SMOOTH_MARGIN - 0.01 && l.high[j] < 1 - SMOOTH_MARGIN + 0.01);
        ck_assert(j == 0 || fabs(l.low[j] - l.low[j - 1]) > 1e-4);
    }
    ck_assert_double_eq_tol(l.step * (double)l.n, s.speed, 0.03 * s.speed);
    free(l.last);
    smooth_free(&s);
}
END_TEST

// Against the definition, term by term.
START_TEST(is_the_sum_of_its_terms) {
    Rng rng = rng_stream(73, 0);
    Smooth s;
    ck_assert(smooth_random(&s, &rng, 2, 2, 1));
    const double t[] = {0.3, 0.85}, a = 2 * M_PI * t[0], b = 2 * M_PI * t[1];
    const double first[] = {1, cos(a), sin(a)}, second[] = {1, cos(b), sin(b)};
    double x[2];
    smooth_at(&s, t, x);
    for (int j = 0; j < 2; j++) {
        double sum = 0;
        for (int k = 0; k < 3; k++)
            for (int l = 0; l < 3; l++)
                sum += s.coefficient[9 * j + 3 * k + l] * first[k] * second[l];
        ck_assert_double_eq_tol(x[j], sum, 1e-14);
    }
    smooth_free(&s);
}
END_TEST

START_TEST(closes_and_differs) {
    Rng rng = rng_stream(74, 0);
    Smooth s, other;
    ck_assert(smooth_random(&s, &rng, 1, 2, 3) && smooth_random(&other, &rng, 1, 2, 3));
    double start[2], end[2], elsewhere[2], zero = 0, almost = 1 - 1e-9;
    smooth_at(&s, &zero, start), smooth_at(&s, &almost, end), smooth_at(&other, &zero, elsewhere);
    ck_assert_double_eq_tol(start[0], end[0], 1e-7);
    ck_assert_double_eq_tol(start[1], end[1], 1e-7);
    ck_assert(fabs(start[0] - elsewhere[0]) > 1e-3);
    smooth_free(&s), smooth_free(&other);
}
END_TEST

// ---- spread

START_TEST(spread_of_known_numbers) {
    Summary s = {0};
    summary_add(&s, 5);
    ck_assert_double_eq(s.mean, 5);
    ck_assert_double_eq(summary_deviation(&s), 0);
    Summary far = {0}; // 2, 4, 9 about a large number: mean 5, Σ (value − mean)² = 9 + 1 + 16
    for (int i = 0; i < 3; i++) summary_add(&far, 1e9 + (double[]){4, 9, 2}[i]);
    ck_assert_double_eq_tol(far.mean, 1e9 + 5, 1e-6);
    ck_assert_double_eq_tol(summary_deviation(&far), sqrt(13), 1e-6);
    ck_assert(far.low == 1e9 + 2 && far.high == 1e9 + 9 && far.count == 3);
}
END_TEST

int main(void) {
    TCase *cells = tcase_create("cells"), *smooth = tcase_create("smooth"),
          *spread = tcase_create("spread");
    tcase_add_test(cells, known_sets);
    tcase_add_test(cells, a_cell_goes_into_its_parent);
    tcase_add_loop_test(cells, coarsening_is_marking_coarsely, 0, 2);
    tcase_add_loop_test(smooth, fills_the_cube_and_keeps_its_speed, 0, 4);
    tcase_add_test(smooth, is_the_sum_of_its_terms);
    tcase_add_test(smooth, closes_and_differs);
    tcase_add_test(spread, spread_of_known_numbers);
    Suite *suite = suite_create("cells");
    suite_add_tcase(suite, cells);
    suite_add_tcase(suite, smooth);
    suite_add_tcase(suite, spread);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
