// One-element mathematics, written once and compiled by gcc and by nvcc.
//
// Only the parallel structure differs between backends; whatever happens to a single number
// happens here. `real` is float, or double with -DREAL_DOUBLE (make REAL=double). Everything in
// this file is pure: no state, no memory beyond its arguments.
#ifndef KERNELS_SCALAR_H
#define KERNELS_SCALAR_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __CUDACC__
#define HD static inline __host__ __device__
#else
#define HD static inline
#endif

// MATH(exp) is expf or exp: the function of the build's own type.
#ifdef REAL_DOUBLE
typedef double real;
#define MATH(function) function
#else
typedef float real;
#define MATH(function) function##f
#endif

// How many parts of size `by` hold n; the last may be smaller.
HD size_t ceil_div(size_t n, size_t by) {
    return (n + by - 1) / by;
}

// ---- Activations ------------------------------------------------------------------------------
// y = act(z). Every derivative is a function of the output y, so z is never kept:
//   slope      act'(z)
//   curvature  rho(y) = act''(z) / act'(z), so that act''(z)·dy = rho(y)·dz where dz = act'·dy
// and nothing is divided.
typedef enum {
    ACT_IDENTITY,
    ACT_RELU,
    ACT_LEAKY, // z < 0: leak·z, leak >= 0
    ACT_TANH,
    ACT_SIGMOID,
    ACT_SOFTPLUS, // log(1 + e^z)
    ACT_SSOFTPLUS // softplus(2z + 2)/2 − 1
} ActKind;

typedef struct {
    ActKind kind;
    real leak; // of ACT_LEAKY; 0 otherwise
} Act;

// log(1 + e^x) for every finite x: e^-|x| cannot overflow.
HD real softplus(real x) {
    return (x > 0 ? x : 0) + MATH(log1p)(MATH(exp)(-MATH(fabs)(x)));
}

// 1/(1 + e^-x) without overflow; for x < 0 written with e^x to keep the small end exact.
HD real sigmoid(real x) {
    real e = MATH(exp)(-MATH(fabs)(x));
    return (x < 0 ? e : 1) / (1 + e);
}

// NaN in, NaN out for every kind: the comparisons are written so that NaN falls through to x.
HD real act_value(Act act, real z) {
    switch (act.kind) {
    case ACT_RELU:
        return z < 0 ? 0 : z;
    case ACT_LEAKY:
        return z < 0 ? act.leak * z : z;
    case ACT_TANH:
        return MATH(tanh)(z);
    case ACT_SIGMOID:
        return sigmoid(z);
    case ACT_SOFTPLUS:
        return softplus(z);
    case ACT_SSOFTPLUS:
        return softplus(2 * z + 2) / 2 - 1;
    default:
        return z;
    }
}

// act'(z) from y = act(z). At z = 0, of either sign, the slope is that of the left side, as
// PyTorch's: ReLU 0, LeakyReLU leak.
HD real act_slope_at(Act act, real y) {
    switch (act.kind) {
    case ACT_RELU:
        return y > 0 ? 1 : 0;
    case ACT_LEAKY:
        return y > 0 ? 1 : act.leak;
    case ACT_TANH:
        return (1 - y) * (1 + y);
    case ACT_SIGMOID:
        return y * (1 - y);
    case ACT_SOFTPLUS:
        return -MATH(expm1)(-y);
    case ACT_SSOFTPLUS:
        return -MATH(expm1)(-2 * (y + 1));
    default:
        return 1;
    }
}

// rho(y) = act''(z)/act'(z).
HD real act_rho(Act act, real y) {
    switch (act.kind) {
    case ACT_TANH:
        return -2 * y;
    case ACT_SIGMOID:
        return 1 - 2 * y;
    case ACT_SOFTPLUS:
        return MATH(exp)(-y);
    case ACT_SSOFTPLUS:
        return 2 * MATH(exp)(-2 * (y + 1));
    default:
        return 0;
    }
}

HD bool act_curved(Act act) {
    return act.kind >= ACT_TANH;
}

// ---- Losses -----------------------------------------------------------------------------------
// A GAN loss is a mean over one side's outputs f of one of three shapes, times a sign:
//   LOSS_LINEAR    target·f                     WGAN
//   LOSS_LOGISTIC  softplus(target·f)           −log sigma(f) for target −1, −log(1 − sigma(f)) for
//   +1 LOSS_SQUARE    (f − target)²/2              LSGAN
typedef enum { LOSS_LINEAR, LOSS_LOGISTIC, LOSS_SQUARE } LossKind;

typedef struct {
    LossKind kind;
    real target;
    real sign; // +1, or −1 for the saturating generator loss log(1 − sigma(f))
} LossTerm;

HD real loss_value(LossTerm term, real f) {
    switch (term.kind) {
    case LOSS_LOGISTIC:
        return term.sign * softplus(term.target * f);
    case LOSS_SQUARE:
        return term.sign * (f - term.target) * (f - term.target) / 2;
    default:
        return term.sign * term.target * f;
    }
}

HD real loss_slope(LossTerm term, real f) {
    switch (term.kind) {
    case LOSS_LOGISTIC:
        return term.sign * term.target * sigmoid(term.target * f);
    case LOSS_SQUARE:
        return term.sign * (f - term.target);
    default:
        return term.sign * term.target;
    }
}

// ---- Gradient penalty -------------------------------------------------------------------------
// One row's share of the penalty, (norm − 1)², and its slope along the unit vector g/norm.
// One-sided: max(0, norm − 1)². A row of norm 0 has no direction: its u is 0, not NaN.
HD double penalty_excess(double norm, bool one_sided) {
    double excess = norm - 1;
    return one_sided && excess < 0 ? 0 : excess;
}

// Factor of g in u = dP/dg for P = (lambda/rows)·sum (norm − 1)².
HD double penalty_factor(double norm, bool one_sided, double lambda, size_t rows) {
    if (norm == 0) return 0;
    return 2 * lambda / (double)rows * penalty_excess(norm, one_sided) / norm;
}

// x̂ = t·a + (1 − t)·b; t = 1 gives a and t = 0 gives b exactly, for finite a and b.
HD real interpolate_at(real t, real a, real b) {
    return t * a + (1 - t) * b;
}

// ---- Random numbers ---------------------------------------------------------------------------
// Philox4x32-10 with key {seed lo, seed hi} and counter {block lo, block hi, stream lo, stream hi};
// element i of a draw that starts at block b uses word i%4 of block b + i/4. This is Random123's
// philox4x32 on the CPU and curand_init(seed, stream, 4·block) on the GPU. A draw of n elements
// uses (n + 3)/4 whole blocks, whatever it draws. The transforms run in double and round once, so
// uniforms are equal to the bit on both backends and normals to one unit in the last place.

// The middle of the word's interval of width 2^-32: in (0, 1); as a float it may round to 1.
HD double word_uniform(uint32_t word) {
    return word * 0x1p-32 + 0x1p-33;
}

// fma on purpose: one rounding, whether or not a compiler would contract.
HD real word_range(uint32_t word, double low, double high) {
    return (real)fma(high - low, word_uniform(word), low);
}

// Box–Muller on the pair of words (0, 1) or (2, 3) of a block: the even lane the sine, the odd the
// cosine, as cuRAND. |value| < 6.8.
HD real words_normal(const uint32_t words[4], int lane, double mean, double sigma) {
    double radius = sqrt(-2 * log(word_uniform(words[lane & ~1])));
    double angle = 6.283185307179586476925 * word_uniform(words[lane | 1]);
    return (real)fma(sigma, radius * (lane & 1 ? cos(angle) : sin(angle)), mean);
}

// Uniform in 0..below−1 by multiplication: off by less than below/2^32 relative, and one word each.
HD uint32_t word_index(uint32_t word, uint32_t below) {
    return (uint32_t)(((uint64_t)word * below) >> 32);
}

// ---- Optimisers -------------------------------------------------------------------------------
//   RULE_SGD         w -= rate·g
//   RULE_MOMENTUM    m = beta1·m + g;               w -= rate·m                       (PyTorch's)
//   RULE_RMSPROP     v = beta2·v + (1 − beta2)·g²;  w -= rate·g/(sqrt(v) + eps)       (PyTorch's)
//   RULE_RMSPROP_TF  the same v, started at 1;      w -= rate·g/sqrt(v + eps)         (TensorFlow
//   1) RULE_ADAM        m = beta1·m + (1 − beta1)·g;  v as above; (1412.6980)
//                    w -= rate/(1 − beta1^t)·m / (sqrt(v)/sqrt(1 − beta2^t) + eps)
// The rate falls linearly to 0 at step `horizon`, if that is not 0; it is computed from the step
// counter so that a captured iteration needs nothing from the host.
typedef enum { RULE_SGD, RULE_MOMENTUM, RULE_RMSPROP, RULE_RMSPROP_TF, RULE_ADAM } RuleKind;

typedef struct {
    RuleKind kind;
    double rate, beta1, beta2, eps;
    uint64_t horizon;
} Rule;

// What a whole update shares: computed once per call (or per thread block), not per weight.
typedef struct {
    real rate; // learning rate of this step, Adam's first correction included
    real root; // factor of sqrt(v): 1/sqrt(1 − beta2^t) for Adam, 1 otherwise
    real keep1, take1, keep2, take2; // beta1, 1 − beta1, beta2, 1 − beta2, each rounded once
    real eps;
} RuleStep;

// step counts from 1: the first update is step 1. Horizon: rate·(1 − (step − 1)/horizon), >= 0.
HD RuleStep rule_step(Rule rule, uint64_t step) {
    double t = (double)step, rate = rule.rate, root = 1;
    if (rule.horizon > 0) rate *= t > (double)rule.horizon ? 0 : 1 - (t - 1) / (double)rule.horizon;
    if (rule.kind == RULE_ADAM) {
        rate /= 1 - pow(rule.beta1, t);
        root = 1 / sqrt(1 - pow(rule.beta2, t));
    }
    RuleStep s;
    s.rate = (real)rate, s.root = (real)root, s.eps = (real)rule.eps;
    s.keep1 = (real)rule.beta1, s.take1 = (real)(1 - rule.beta1);
    s.keep2 = (real)rule.beta2, s.take2 = (real)(1 - rule.beta2);
    return s;
}

HD bool rule_uses_m(RuleKind kind) {
    return kind == RULE_MOMENTUM || kind == RULE_ADAM;
}
HD bool rule_uses_v(RuleKind kind) {
    return kind >= RULE_RMSPROP;
}

// [rules]
// One weight; m and v may be NULL where the rule does not use them.
HD void rule_apply(RuleKind kind, RuleStep s, real g, real *w, real *m, real *v) {
    if (rule_uses_v(kind)) *v = s.keep2 * *v + s.take2 * g * g;
    switch (kind) {
    case RULE_MOMENTUM:
        *m = s.keep1 * *m + g;
        *w -= s.rate * *m;
        break;
    case RULE_RMSPROP:
        *w -= s.rate * g / (MATH(sqrt)(*v) + s.eps);
        break;
    case RULE_RMSPROP_TF:
        *w -= s.rate * g / MATH(sqrt)(*v + s.eps);
        break;
    case RULE_ADAM:
        *m = s.keep1 * *m + s.take1 * g;
        *w -= s.rate * *m / (MATH(sqrt)(*v) * s.root + s.eps);
        break;
    default:
        *w -= s.rate * g;
        break;
    }
}
// [/rules]

// ---- Weight clipping --------------------------------------------------------------------------
// NaN stays NaN (fmin and fmax would turn it into a bound).
HD real clip_at(real w, real bound) {
    return w > bound ? bound : w < -bound ? -bound : w;
}

#endif
