/* Conditional logit (McFadden, 1974): logistic regression whose coefficients are shared by the
 * classes. N rows, J features of each class, K classes. */
#ifndef HN_FUSION_CONDITIONAL_LOGIT_H
#define HN_FUSION_CONDITIONAL_LOGIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* p(class k) is the softmax over k of sum_j coef_j x_jk + bias_k. */
typedef struct {
  size_t n_rows, n_features, n_classes;
  const double *x;  /* (N, J, K) row-major, finite */
  const int32_t *y; /* (N) 0 … K - 1 */
  double C;         /* inverse strength of the penalty, > 0 */
} hn_conditional_logit;

/* coef_out (J + K): coefficients, then biases, that minimise the sum of the cross-entropies +
 * (sum_j (coef_j - 1)^2 + sum_k bias_k^2) / (2 C). The penalty pulls towards the plain sum of the
 * features, not towards nothing. Newton's method, in double. Errors: HN_NO_MEMORY.
 * O(rounds · N K (J + K)²). */
hn_status hn_conditional_logit_fit(const hn_conditional_logit *problem, double *coef_out,
                                   hn_error *err);

/* p_out (K) of one row: x (J, K). scores is scratch (K). */
void hn_conditional_logit_predict(const double *coef, const double *x, size_t n_features,
                                  size_t n_classes, double *scores, float *p_out);

#endif
