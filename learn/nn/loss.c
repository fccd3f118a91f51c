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

/* The share of class k in sample i. */
static double share_of(const hn_targets *t, size_t i, size_t k) {
  const double share = t->other ? t->share[i] : 1;
  double sum = (size_t)t->y[i] == k ? share : 0;
  if (t->other && (size_t)t->other[i] == k) sum += 1 - share;
  return sum;
}

static double weight_of(const hn_targets *t, size_t k) {
  return t->weights ? t->weights[k] : 1;
}

static double total_weight(const hn_targets *t, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    const double share = t->other ? t->share[i] : 1;
    sum += share * weight_of(t, (size_t)t->y[i]);
    if (t->other) sum += (1 - share) * weight_of(t, (size_t)t->other[i]);
  }
  return sum;
}

hn_loss hn_cross_entropy(const float *logits, const hn_targets *targets, size_t n, size_t n_classes,
                         float *gradient_out) {
  hn_loss sum = {0, 0, 0};
  const double keep = 1 - targets->smoothing, spread = targets->smoothing / (double)n_classes;
  const double all = total_weight(targets, n);
  for (size_t i = 0; i < n; i++) {
    const float *row = logits + i * n_classes;
    const double total = log_sum_exp(row, n_classes);
    double mass = 0; /* of all classes' weighted targets */
    sum.n_correct += share_of(targets, i, argmax(row, n_classes));
    for (size_t k = 0; k < n_classes; k++) {
      const double share = share_of(targets, i, k);
      const double target = weight_of(targets, k) * (keep * share + spread);
      sum.loss += share * (total - row[k]);
      sum.objective += target * (total - row[k]) / all;
      mass += target;
    }
    for (size_t k = 0; k < n_classes; k++) {
      const double target = weight_of(targets, k) * (keep * share_of(targets, i, k) + spread);
      gradient_out[i * n_classes + k] = (float)((mass * exp(row[k] - total) - target) / all);
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
  sum.objective = sum.loss / (double)n;
  return sum;
}
