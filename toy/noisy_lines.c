#include "noisy_lines.h"

#include "lines.h"
#include "quadrature.h"

#include <math.h>

// [density]
// Noise is convolution. Across the line a point mass becomes a Gaussian; along it the uniform
// density becomes Φ(y/σ) − Φ((y − 1)/σ), the same for every θ.
double noisy_line_log_density(const void *noisy_line, const double *xy) {
    const NoisyLine *line = noisy_line;
    double z = (xy[0] - line->theta) / line->sigma, side = line->sigma * M_SQRT2;
    double across = -0.5 * z * z - 0.5 * log(2 * M_PI) - log(line->sigma);
    double y = 0.5 + fabs(xy[1] - 0.5); // symmetric about ½; above it, erfc loses nothing
    return across + log(0.5 * (erfc((y - 1) / side) - erfc(y / side)));
}
// [/density]

void noisy_line_sample(NoisyLine line, Rng *rng, size_t n, double *xy) {
    lines_sample(line.theta, rng, n, xy);
    if (line.sigma == 0) return;
    for (size_t k = 0; k < 2 * n; k++) xy[k] += line.sigma * rng_normal(rng);
}

// With t measured in σ from the middle between the lines, p and q are φ(t) e^{−s²/8} e^{∓st/2}.
// The factor e^{−s²/8} is taken out; with u = st/2 ≥ 0 and w = e^{−2u} the rest is
//   gap    ∫_0^∞ φ(t) e^{−u} (2u + log(1 + w) + log(1 + w)/w) dt
//   E_g D  ∫_0^∞ φ(t) / cosh u dt
static void shift_integrand(const void *shift, double t, double *f) {
    double u = 0.5 * *(const double *)shift * t, w = exp(-2 * u);
    double ratio = w > 0 ? log1p(w) / w : 1;
    double weight = sqrt(2 / M_PI) * 0.5 * exp(-0.5 * t * t - u);
    f[0] = weight * (2 * u + log1p(w) + ratio);
    f[1] = weight * 2 / (1 + w);
}

int noisy_lines(NoisyLines *result, double shift) {
    double breaks[] = {0, 1 / (1 + shift), 8 / (1 + shift), 40}, value[2], error[2];
    int status = quadrature_integrate(shift_integrand, &shift, 2, 4, breaks, 1e-14, value, error);
    if (status) return status;
    double scale = exp(-shift * shift / 8);
    *result = (NoisyLines){.gap = scale * value[0], .slope = 0.5 * shift * scale * value[1]};
    return 0;
}
