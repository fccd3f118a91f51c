#include "fusion/conditional_logit.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

enum { MAX_ROUNDS = 100, MAX_HALVINGS = 40 };

/* Softmax of the scores of one row, in place; the log of their sum is returned. */
static double softmax(const double *coef, const double *x, size_t n_features, size_t n_classes,
                      double *scores) {
  double top = -INFINITY, sum = 0;
  for (size_t k = 0; k < n_classes; k++) {
    scores[k] = coef[n_features + k];
    for (size_t j = 0; j < n_features; j++) scores[k] += coef[j] * x[j * n_classes + k];
    top = fmax(top, scores[k]);
  }
  for (size_t k = 0; k < n_classes; k++) sum += exp(scores[k] - top);
  double log_sum = top + log(sum);
  for (size_t k = 0; k < n_classes; k++) scores[k] = exp(scores[k] - log_sum);
  return log_sum;
}

void hn_conditional_logit_predict(const double *coef, const double *x, size_t n_features,
                                  size_t n_classes, double *scores, float *p_out) {
  softmax(coef, x, n_features, n_classes, scores);
  for (size_t k = 0; k < n_classes; k++) p_out[k] = (float)scores[k];
}

/* Distance of a parameter from where the penalty pulls it. */
static double offset(const hn_conditional_logit *p, const double *coef, size_t i) {
  return coef[i] - (i < p->n_features ? 1 : 0);
}

static double objective(const hn_conditional_logit *p, const double *coef, double *scores) {
  double sum = 0;
  for (size_t i = 0; i < p->n_rows; i++) {
    const double *x = p->x + i * p->n_features * p->n_classes;
    double right = coef[p->n_features + (size_t)p->y[i]];
    for (size_t j = 0; j < p->n_features; j++)
      right += coef[j] * x[j * p->n_classes + (size_t)p->y[i]];
    sum += softmax(coef, x, p->n_features, p->n_classes, scores) - right;
  }
  for (size_t i = 0; i < p->n_features + p->n_classes; i++)
    sum += offset(p, coef, i) * offset(p, coef, i) / (2 * p->C);
  return sum;
}

/* Value of parameter i's feature for class k: x_ik, or 1 where i is the bias of k. */
static double feature(const hn_conditional_logit *p, const double *x, size_t i, size_t k) {
  return i < p->n_features ? x[i * p->n_classes + k] : i - p->n_features == k;
}

/* Gradient (P) and Hessian (P, P; lower triangle): the mean and covariance of the features under
 * the predicted distribution. means is scratch (P). */
static void differentiate(const hn_conditional_logit *p, const double *coef, double *scores,
                          double *means, double *gradient, double *hessian) {
  size_t n = p->n_features + p->n_classes;
  memset(hessian, 0, n * n * sizeof *hessian);
  for (size_t a = 0; a < n; a++) {
    gradient[a] = offset(p, coef, a) / p->C;
    hessian[a * n + a] = 1 / p->C;
  }
  for (size_t i = 0; i < p->n_rows; i++) {
    const double *x = p->x + i * p->n_features * p->n_classes;
    softmax(coef, x, p->n_features, p->n_classes, scores);
    for (size_t a = 0; a < n; a++) {
      means[a] = 0;
      for (size_t k = 0; k < p->n_classes; k++) means[a] += scores[k] * feature(p, x, a, k);
      gradient[a] += means[a] - feature(p, x, a, (size_t)p->y[i]);
    }
    for (size_t a = 0; a < n; a++)
      for (size_t b = 0; b <= a; b++) {
        double product = 0;
        for (size_t k = 0; k < p->n_classes; k++)
          product += scores[k] * feature(p, x, a, k) * feature(p, x, b, k);
        hessian[a * n + b] += product - means[a] * means[b];
      }
  }
}

/* step = -hessian⁻¹ gradient by Cholesky's factorisation, in place; the penalty keeps the matrix
 * positive definite. */
static void solve(double *hessian, const double *gradient, size_t n, double *step) {
  for (size_t a = 0; a < n; a++)
    for (size_t b = 0; b <= a; b++) {
      double sum = hessian[a * n + b];
      for (size_t c = 0; c < b; c++) sum -= hessian[a * n + c] * hessian[b * n + c];
      hessian[a * n + b] = a == b ? sqrt(sum) : sum / hessian[b * n + b];
    }
  for (size_t a = 0; a < n; a++) {
    step[a] = -gradient[a];
    for (size_t c = 0; c < a; c++) step[a] -= hessian[a * n + c] * step[c];
    step[a] /= hessian[a * n + a];
  }
  for (size_t a = n; a-- > 0;) {
    for (size_t c = a + 1; c < n; c++) step[a] -= hessian[c * n + a] * step[c];
    step[a] /= hessian[a * n + a];
  }
}

hn_status hn_conditional_logit_fit(const hn_conditional_logit *p, double *coef_out, hn_error *err) {
  hn_status status = HN_OK;
  size_t n = p->n_features + p->n_classes;
  double *coef = NULL, *tried = NULL, *scores = NULL, *means = NULL;
  double *gradient = NULL, *hessian = NULL, *step = NULL;
  HN_NEW(coef, n, err);
  HN_NEW(tried, n, err);
  HN_NEW(scores, p->n_classes, err);
  HN_NEW(means, n, err);
  HN_NEW(gradient, n, err);
  HN_NEW(hessian, n * n, err);
  HN_NEW(step, n, err);

  for (size_t j = 0; j < p->n_features; j++) coef[j] = 1;
  double value = objective(p, coef, scores);
  for (int round = 0; round < MAX_ROUNDS; round++) {
    double expected = 0, length = 1, next = value;
    differentiate(p, coef, scores, means, gradient, hessian);
    solve(hessian, gradient, n, step);
    for (size_t a = 0; a < n; a++) expected -= gradient[a] * step[a];
    for (int halving = 0; halving < MAX_HALVINGS; halving++, length /= 2) {
      for (size_t a = 0; a < n; a++) tried[a] = coef[a] + length * step[a];
      next = objective(p, tried, scores);
      if (next <= value - 1e-4 * length * expected) break;
    }
    if (!(next < value)) break; /* nothing left to gain but rounding errors */
    value = next;
    memcpy(coef, tried, n * sizeof *coef);
    if (expected <= 1e-14 * (1 + value)) break;
  }
  memcpy(coef_out, coef, n * sizeof *coef);
done:
  hn_free(coef);
  hn_free(tried);
  hn_free(scores);
  hn_free(means);
  hn_free(gradient);
  hn_free(hessian);
  hn_free(step);
  return status;
}
