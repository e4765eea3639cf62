// The sequences of toy/sequences.h against closed forms, and the test functions against their
// claims: continuous, within [−1, 1], as steep as they say.
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "toy/bounded_functions.h"
#include "toy/divergence.h"
#include "toy/random_pairs.h"
#include "toy/sequences.h"
#include "toy/transport.h"

typedef struct {
    double tv, js, kl, kl_rev, w;
} Expected;

// Closed forms at n; NaN where there is none simple enough.
static Expected expected(SequenceKind kind, double n) {
    double pi = acos(-1), log2 = log(2), mixed = 0.5 * log(1 / (1 - 0.5 / n));
    double rest = 1 - 1 / n, half = 1 - 0.5 / n;
    switch (kind) {
    case SEQUENCE_FADING_RIPPLE:
        return (Expected){1 / (pi * n), NAN, NAN, -log(0.5 * (1 + sqrt(1 - 1 / (n * n)))),
                          1 / (pi * pi * n)};
    case SEQUENCE_TRIMMED_BOX: // m = ½(1/half + 1) on the box, ½ on the rest
        return (Expected){0.5 / n,
                          0.5 * (log(1 / half) - log(0.5 / half + 0.5)) -
                              0.5 * half * log(0.5 / half + 0.5) + 0.5 * (1 - half) * log2,
                          -log(half), INFINITY, 0.25 / n};
    case SEQUENCE_SPECK:
        return (Expected){1 / n,
                          (n > 1 ? 0.5 * rest * log(rest / half) : 0) + 0.5 / n * log2 + mixed,
                          INFINITY, n > 1 ? -log(rest) : INFINITY, 1 / n};
    case SEQUENCE_SLIDING_BOX:
        return (Expected){1 / n, log2 / n, INFINITY, INFINITY, 1 / n};
    case SEQUENCE_FAST_RIPPLE:
        return (Expected){1 / pi, NAN, 1 - log2, log2, 1 / (pi * pi * n)};
    case SEQUENCE_COMB:
        return (Expected){1, log2, INFINITY, INFINITY, 0.25 / n};
    case SEQUENCE_PARALLEL_LINES:
        return (Expected){1, log2, INFINITY, INFINITY, 1 / n};
    case SEQUENCE_TWO_MODES: // a = ½(1 − 1/n) at 0 takes [0, a], the rest goes to 1
        return (Expected){1, log2, INFINITY, INFINITY,
                          0.125 * (pow(1 - 1 / n, 2) + pow(1 + 1 / n, 2))};
    default:
        return (Expected){NAN, NAN, NAN, NAN, NAN};
    }
}

static void agrees(double value, double expected, double tolerance) {
    if (isnan(expected)) return;
    if (isinf(expected))
        ck_assert(value == expected);
    else
        ck_assert_double_eq_tol(value, expected, tolerance);
}

static double wasserstein(const PmfPair *pair) {
    Transport t;
    ck_assert_int_eq(transport_solve(&t, COST_L2, pair->dim, pair->count, pair->x, pair->p,
                                     pair->count, pair->x, pair->q),
                     0);
    double value = t.value;
    transport_free(&t);
    return value;
}

START_TEST(distances_are_the_closed_forms) {
    SequenceKind kind = (SequenceKind)_i;
    for (size_t n = 1; n <= 9; n = 2 * n + 1) {
        PmfPair pair;
        ck_assert(sequence_member(kind, n, 128, &pair));
        Divergences d = divergences_pmf(pair.count, pair.p, pair.q);
        Expected e = expected(kind, (double)n);
        agrees(d.tv, e.tv, 2e-4), agrees(d.js, e.js, 1e-12);
        agrees(d.kl, e.kl, 2e-4), agrees(d.kl_rev, e.kl_rev, 0.02); // log 0 where the ripple is 0
        agrees(wasserstein(&pair), e.w, 0.02 / (double)n);
        pmf_pair_free(&pair);
    }
}
END_TEST

// P_n of the escaping speck: W = E|X − n|/n, TV = P(X ≠ n)/n, with P(k) = k^-3 / ζ(3).
START_TEST(the_speck_escapes) {
    const double zeta = 1.2020569031595942;
    double w_before = 0;
    for (size_t n = 4; n <= 1024; n *= 4) {
        PmfPair pair;
        ck_assert(sequence_member(SEQUENCE_ESCAPING_SPECK, n, 8, &pair));
        Divergences d = divergences_pmf(pair.count, pair.p, pair.q);
        double far = 0;
        for (size_t k = 1; k <= SEQUENCE_TAIL; k++)
            far += fabs((double)k - (double)n) / pow((double)k, 3) / zeta;
        double w = wasserstein(&pair);
        ck_assert_double_eq_tol(d.tv, (1 - pow((double)n, -3) / zeta) / (double)n, 1e-9);
        ck_assert_double_eq_tol(w, far / (double)n, 1e-6);
        ck_assert(w > w_before && w < 1);
        ck_assert(isfinite(d.kl) && isfinite(d.kl_rev));
        w_before = w;
        pmf_pair_free(&pair);
    }
    PmfPair pair;
    ck_assert(!sequence_member(SEQUENCE_ESCAPING_SPECK, SEQUENCE_TAIL + 1, 8, &pair));
}
END_TEST

START_TEST(members_are_laws_on_ordered_points) {
    SequenceKind kind = (SequenceKind)_i;
    for (size_t n = 1; n <= 12; n += 1 + n / 2) {
        PmfPair pair;
        ck_assert(sequence_member(kind, n, 10, &pair));
        double p = 0, q = 0;
        for (size_t i = 0; i < pair.count; i++) {
            ck_assert(pair.p[i] >= 0 && pair.q[i] >= 0);
            p += pair.p[i], q += pair.q[i];
            ck_assert(pair.dim == 2 || i == 0 || pair.x[i - 1] < pair.x[i]);
            if (sequence_is_bounded(kind)) ck_assert(pair.x[i] >= 0 && pair.x[i] <= 2);
        }
        ck_assert_double_eq_tol(p, 1, 1e-12);
        ck_assert_double_eq_tol(q, 1, 1e-12);
        pmf_pair_free(&pair);
    }
}
END_TEST

// What a kind promises, seen from the weights; and that each kind comes about as often.
START_TEST(random_pairs_are_of_their_kind) {
    PmfPair pair;
    int drawn[RANDOM_PAIR_KINDS] = {0}, flat = 0, peaks[2] = {0};
    ck_assert(pmf_pair_build(&pair, RANDOM_PAIR_POINTS, 2));
    for (uint64_t k = 0; k < 5000; k++) {
        Rng rng = rng_stream(31, k);
        RandomPairKind kind = random_pair_draw(&rng, &pair);
        double p = 0, q = 0, widest = 0;
        size_t both = 0, none = 0;
        for (size_t i = 0; i < pair.count; i++) {
            p += pair.p[i], q += pair.q[i], widest = fmax(widest, pair.p[i]);
            both += pair.p[i] > 0 && pair.q[i] > 0, none += pair.p[i] == 0;
            double ratio = pair.q[i] / pair.p[i];
            if (kind == RANDOM_PAIR_NEAR) ck_assert(ratio > 0 && isfinite(ratio));
        }
        ck_assert_double_eq_tol(p, 1, 1e-12);
        ck_assert_double_eq_tol(q, 1, 1e-12);
        ck_assert(pair.count >= 2 && pair.count <= RANDOM_PAIR_POINTS);
        if (kind == RANDOM_PAIR_DISJOINT) ck_assert(both == 0 && none > 0);
        if (kind == RANDOM_PAIR_DENSE) ck_assert(both == pair.count), peaks[0] += widest > 0.9;
        if (kind == RANDOM_PAIR_PEAKED) peaks[1] += widest > 0.9;
        double diameter = pmf_pair_diameter(&pair);
        ck_assert(diameter > 0 && diameter < (pair.dim == 1 ? 1 : sqrt(2)));
        drawn[kind]++, flat += pair.dim == 2;
    }
    for (int kind = 0; kind < RANDOM_PAIR_KINDS; kind++) ck_assert_int_gt(drawn[kind], 850);
    ck_assert(flat > 2300 && flat < 2700 && peaks[1] > 2 * peaks[0]);
    pmf_pair_free(&pair);
}
END_TEST

// Over pairs of nearby points the steepest chord comes close to the Lipschitz constant and never
// exceeds it; functions without one have chords beyond any that the step allows the others.
START_TEST(as_steep_as_they_say) {
    const BoundedFunction *f = &bounded_functions[_i];
    double steepest = 0;
    for (double x = -2; x <= 2; x += 1.0 / 4096) {
        double y = x + 1.0 / 4096, chord = fabs(f->value(y) - f->value(x)) * 4096;
        ck_assert(fabs(f->value(x)) <= 1);
        steepest = fmax(steepest, chord);
    }
    ck_assert_double_le(steepest, f->lipschitz * (1 + 1e-9));
    if (isfinite(f->lipschitz))
        ck_assert_double_ge(steepest, 0.99 * f->lipschitz);
    else
        ck_assert_double_gt(steepest, 41);
    ck_assert(fabs(f->value(1e6)) <= 1 && fabs(f->value(-1e6)) <= 1);
}
END_TEST

// Continuity at the places where a formula changes.
START_TEST(without_jumps) {
    const BoundedFunction *f = &bounded_functions[_i];
    const double places[] = {-1, -0.5, 0, 0.5, 1, 1.5};
    for (size_t k = 0; k < sizeof places / sizeof *places; k++)
        for (int side = -1; side <= 1; side += 2)
            ck_assert_double_eq_tol(f->value(places[k] + side * 1e-9), f->value(places[k]), 1e-3);
}
END_TEST

int main(void) {
    TCase *sequences = tcase_create("sequences"), *functions = tcase_create("functions");
    tcase_add_loop_test(sequences, distances_are_the_closed_forms, 0, SEQUENCE_COUNT);
    tcase_add_loop_test(sequences, members_are_laws_on_ordered_points, 0, SEQUENCE_COUNT);
    tcase_add_test(sequences, the_speck_escapes);
    tcase_add_test(sequences, random_pairs_are_of_their_kind);
    tcase_add_loop_test(functions, as_steep_as_they_say, 0, BOUNDED_FUNCTION_COUNT);
    tcase_add_loop_test(functions, without_jumps, 0, BOUNDED_FUNCTION_COUNT);
    Suite *suite = suite_create("sequences");
    suite_add_tcase(suite, sequences);
    suite_add_tcase(suite, functions);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
