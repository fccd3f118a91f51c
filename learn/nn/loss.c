#include "learn/nn/loss.h"

#include <math.h>

static size_t argmax(const float *values, size_t n) {
  size_t best = 0;
  for (size_t k = 1; k < n; k++) {
    if (values[k] > values[best]) best = k;
  }
  return best;
}

/* log Σ exp(logit), safe from overflow. */
static double log_sum_exp(const float *logits, size_t n_classes) {
  double largest = logits[argmax(logits, n_classes)], sum = 0;
  for (size_t k = 0; k < n_classes; k++) sum += exp(logits[k] - largest);
  return largest + log(sum);
}

void hn_softmax(const float *logits, size_t n, size_t n_classes, float *p_out) {
  for (size_t i = 0; i < n; i++) {
    double total = log_sum_exp(logits + i * n_classes, n_classes);
    for (size_t k = i * n_classes; k < (i + 1) * n_classes; k++)
      p_out[k] = (float)exp(logits[k] - total);
  }
}

hn_loss hn_cross_entropy(const float *logits, const int32_t *y, size_t n, size_t n_classes,
                         double smoothing, float *gradient_out) {
  hn_loss sum = {0, 0, 0};
  for (size_t i = 0; i < n; i++) {
    const float *row = logits + i * n_classes;
    const size_t truth = (size_t)y[i];
    const double total = log_sum_exp(row, n_classes);
    sum.loss += total - row[truth];
    sum.n_correct += argmax(row, n_classes) == truth;
    for (size_t k = 0; k < n_classes; k++) {
      double target = smoothing / (double)n_classes + (k == truth ? 1 - smoothing : 0);
      sum.objective += target * (total - row[k]);
      gradient_out[i * n_classes + k] = (float)((exp(row[k] - total) - target) / (double)n);
    }
  }
  return sum;
}

hn_loss hn_cross_entropy_of(const float *p, const int32_t *y, size_t n, size_t n_classes) {
  hn_loss sum = {0, 0, 0};
  for (size_t i = 0; i < n; i++) {
    const float *row = p + i * n_classes;
    sum.loss -= log(fmax(row[y[i]], 1e-15));
    sum.n_correct += argmax(row, n_classes) == (size_t)y[i];
  }
  sum.objective = sum.loss;
  return sum;
}
