// The logarithms that a GAN's losses are made of, by the logit f of D = σ(f); and log(1 − σ(f)),
// which the first generators minimise, with its slope: as it should be computed, and as one would
// write it down.
#ifndef TOY_LOG_LOSS_H
#define TOY_LOG_LOSS_H

// log(1 + e^f) = −log(1 − D), and for −f it is −log D. Nothing overflows.
double log_one_plus_exp(double f);

typedef struct {
    double value, slope;
} LogLoss;

// −log(1 + e^f) and −1/(1 + e^−f), without overflow or cancellation: right to the last places for
// every f from −708 up, below which the smallest doubles lose digits.
LogLoss log_loss_stable(double f);

// D = 1/(1 + e^−f) in single or double precision, then log(1 − D) and −D'/(1 − D) with
// D' = e^−f/(1 + e^−f)², every step rounded. By rising |f|: 1 − D is 1 and the value exactly 0,
// then the square overflows and the slope is 0, then e^−f does and it is NaN; for f > 0 soon 1 − D
// is 0 and both are infinite.
LogLoss log_loss_naive_float(double f);
LogLoss log_loss_naive_double(double f);

// The logits nearest to 0, to 1/1024, at which a formula breaks down: its value is 0, its slope 0,
// its slope NaN, all three below 0; its value infinite, above.
typedef struct {
    double zero_value, zero_slope, nan_slope, infinite;
} LogLossBreaks;

LogLossBreaks log_loss_breaks(LogLoss (*naive)(double));

#endif
