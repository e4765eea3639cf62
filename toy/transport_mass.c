// Weights as whole numbers with exactly equal totals. Sums and differences of masses are then
// exact, so that a plan's margins balance and ties between masses stay ties.
#include "transport_parts.h"

#include <math.h>
#include <stdbool.h>

static const int64_t WHOLE_LIMIT = (int64_t)1 << 30; // the product of two such totals fits
static const int64_t ROUND_TOTAL = (int64_t)1 << 60;

static double weight(const double *w, size_t k) {
    return w ? w[k] : 1;
}

static int check_weights(size_t n, const double *w) {
    bool positive = false;
    for (size_t k = 0; k < n; k++) {
        if (!(weight(w, k) >= 0 && isfinite(weight(w, k)))) return TRANSPORT_WEIGHTS;
        positive |= weight(w, k) > 0;
    }
    return positive ? TRANSPORT_OK : TRANSPORT_WEIGHTS;
}

// If every weight is a whole multiple of the smallest positive one, the multiples; their total, or
// 0 when they are not whole or large.
static int64_t whole_masses(size_t n, const double *w, int64_t *mass) {
    double smallest = INFINITY;
    int64_t total = 0;
    for (size_t k = 0; k < n; k++)
        if (weight(w, k) > 0) smallest = fmin(smallest, weight(w, k));
    for (size_t k = 0; k < n; k++) {
        double multiple = weight(w, k) / smallest;
        if (!(multiple <= (double)WHOLE_LIMIT) || multiple != floor(multiple)) return 0;
        mass[k] = (int64_t)multiple;
        total += mass[k];
        if (total > WHOLE_LIMIT) return 0;
    }
    return total;
}

// Each weight to the nearest unit; what rounding leaves over falls on the heaviest point.
static void rounded_masses(size_t n, const double *w, int64_t *mass) {
    double largest = 0, sum = 0;
    size_t heaviest = 0;
    int64_t left = ROUND_TOTAL;
    for (size_t k = 0; k < n; k++) {
        if (weight(w, k) > largest) heaviest = k;
        largest = fmax(largest, weight(w, k));
    }
    for (size_t k = 0; k < n; k++) sum += weight(w, k) / largest;
    for (size_t k = 0; k < n; k++) {
        mass[k] = (int64_t)nearbyint(weight(w, k) / largest / sum * (double)ROUND_TOTAL);
        left -= mass[k];
    }
    mass[heaviest] += left;
}

static int64_t common_divisor(int64_t a, int64_t b) {
    while (b > 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

int transport_masses(size_t n, const double *a, size_t m, const double *b, int64_t *supply,
                     int64_t *demand, int64_t *total) {
    if (check_weights(n, a) || check_weights(m, b)) return TRANSPORT_WEIGHTS;
    int64_t supplied = whole_masses(n, a, supply), demanded = whole_masses(m, b, demand);
    if (supplied > 0 && demanded > 0) {
        int64_t divisor = common_divisor(supplied, demanded);
        for (size_t i = 0; i < n; i++) supply[i] *= demanded / divisor;
        for (size_t j = 0; j < m; j++) demand[j] *= supplied / divisor;
        *total = supplied / divisor * demanded;
    } else {
        rounded_masses(n, a, supply);
        rounded_masses(m, b, demand);
        *total = ROUND_TOTAL;
    }
    return TRANSPORT_OK;
}
