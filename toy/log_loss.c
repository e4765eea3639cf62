#include "log_loss.h"

#include <math.h>

double log_one_plus_exp(double f) {
    return (f > 0 ? f : 0) + log1p(exp(-fabs(f)));
}

LogLoss log_loss_stable(double f) {
    double e = exp(-fabs(f));
    return (LogLoss){-log_one_plus_exp(f), -(f < 0 ? e : 1) / (1 + e)};
}

// [naive]
LogLoss log_loss_naive_float(double f) {
    float e = expf(-(float)f), d = 1 / (1 + e), slope = e / ((1 + e) * (1 + e));
    return (LogLoss){logf(1 - d), -slope / (1 - d)};
}

LogLoss log_loss_naive_double(double f) {
    double e = exp(-f), d = 1 / (1 + e), slope = e / ((1 + e) * (1 + e));
    return (LogLoss){log(1 - d), -slope / (1 - d)};
}
// [/naive]

LogLossBreaks log_loss_breaks(LogLoss (*naive)(double)) {
    const double step = 1.0 / 1024;
    LogLossBreaks b = {0};
    for (double f = 0; !isinf(naive(f).value); f += step) b.infinite = f + step;
    for (double f = 0; !isnan(naive(f).slope); f -= step) {
        if (naive(f).value < 0) b.zero_value = f - step;
        if (naive(f).slope < 0) b.zero_slope = f - step;
        b.nan_slope = f - step;
    }
    return b;
}
