#include "frechet.h"

#include "kernels/error.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// LAPACK, in OpenBLAS; matrices are column-major there. Debian has no header of it.
void dsyev_(const char *job, const char *triangle, const int *n, double *a, const int *lda,
            double *eigenvalue, double *work, const int *work_size, int *status);
void dgesvd_(const char *job_u, const char *job_v, const int *m, const int *n, double *a,
             const int *lda, double *value, double *u, const int *ldu, double *v, const int *ldv,
             double *work, const int *work_size, int *status);

void frechet_moments(size_t n, size_t dim, const double *x, double *mean, double *covariance) {
    memset(mean, 0, dim * sizeof *mean);
    memset(covariance, 0, dim * dim * sizeof *covariance);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < dim; k++) mean[k] += x[i * dim + k];
    for (size_t k = 0; k < dim; k++) mean[k] /= (double)n;
    for (size_t i = 0; i < n; i++, x += dim)
        for (size_t k = 0; k < dim; k++)
            for (size_t l = 0; l <= k; l++)
                covariance[k * dim + l] += (x[k] - mean[k]) * (x[l] - mean[l]);
    for (size_t k = 0; k < dim; k++)
        for (size_t l = 0; l <= k; l++)
            covariance[l * dim + k] = covariance[k * dim + l] /= (double)n - 1;
}

// F with F Fᵀ = S: the eigenvectors, each times the root of its eigenvalue. Column-major; `work`
// and `value` have room for 8 dim and dim numbers.
static int factor(size_t dim, const double *s, double *f, double *value, double *work) {
    int n = (int)dim, room = 8 * n, status;
    memcpy(f, s, dim * dim * sizeof *f);
    dsyev_("V", "U", &n, f, &n, value, work, &room, &status);
    if (status) return EXIT_NONFINITE;
    for (size_t k = 0; k < dim; k++)
        for (size_t i = 0; i < dim; i++) f[k * dim + i] *= sqrt(fmax(value[k], 0));
    return 0;
}

// tr (S₁^½ S₂ S₁^½)^½ is the sum of the singular values of F₁ᵀ F₂: with S₁^½ = F₁ Q, Q orthogonal,
// the matrix under the root is (F₁ᵀF₂ up to Q)(…)ᵀ. So nothing is squared and rooted again, which
// would lose half the digits where a covariance is singular.
// [root_trace]
static int root_trace(double *trace, size_t dim, const double *a, const double *b, double *room) {
    double *fa = room, *fb = fa + dim * dim, *product = fb + dim * dim;
    double *value = product + dim * dim, *work = value + dim;
    int n = (int)dim, size = 8 * n, status = factor(dim, a, fa, value, work);
    if (!status) status = factor(dim, b, fb, value, work);
    if (status) return status;
    cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, n, n, n, 1, fa, n, fb, n, 0, product, n);
    dgesvd_("N", "N", &n, &n, product, &n, value, NULL, &n, NULL, &n, work, &size, &status);
    *trace = 0;
    for (size_t k = 0; k < dim; k++) *trace += value[k];
    return status ? EXIT_NONFINITE : 0;
}
// [/root_trace]

static int all_finite(size_t n, const double *x) {
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i])) return 0;
    return 1;
}

int frechet_distance(double *value, size_t dim, const double *mean_a, const double *covariance_a,
                     const double *mean_b, const double *covariance_b) {
    if (!all_finite(dim, mean_a) || !all_finite(dim * dim, covariance_a) ||
        !all_finite(dim, mean_b) || !all_finite(dim * dim, covariance_b))
        return EXIT_NONFINITE; // LAPACK may not return from these
    double *room = malloc((3 * dim * dim + 9 * dim) * sizeof *room), trace = 0;
    if (!room) return EXIT_RESOURCE;
    int status = root_trace(&trace, dim, covariance_a, covariance_b, room);
    double sum = 0;
    for (size_t k = 0; k < dim; k++) {
        double off = mean_a[k] - mean_b[k];
        sum += off * off + covariance_a[k * dim + k] + covariance_b[k * dim + k];
    }
    if (!status) *value = fmax(sum - 2 * trace, 0);
    free(room);
    return status;
}
