/* Softmax and cross-entropy. n samples, K classes. */
#ifndef HN_LEARN_NN_LOSS_H
#define HN_LEARN_NN_LOSS_H

#include <stddef.h>
#include <stdint.h>

/* p_out (n, K) = softmax of logits (n, K), each row summing to 1; may be the same array. */
void hn_softmax(const float *logits, size_t n, size_t n_classes, float *p_out);

/* What the samples ought to be; everything is borrowed. */
typedef struct {
  const int32_t *y;      /* (n) */
  const int32_t *other;  /* (n) the class of what was mixed into a sample; NULL: nothing was */
  const float *share;    /* (n) how much of it is y, 0 … 1; the rest is `other` */
  double smoothing;      /* e: of each label, e / K goes to every class */
  const double *weights; /* (K) of the classes; NULL: 1 */
} hn_targets;

typedef struct {
  double loss;      /* sum of -log p of the true classes, in nats */
  double objective; /* mean of the same with smoothed labels and weights: what the gradient is of */
  double n_correct; /* samples whose most probable class (the first on ties) is the true one */
} hn_loss;

/* The loss of logits (n, K). gradient_out (n, K), which may be the same array: d objective / d
 * logit, where
 *   objective = Σ_i Σ_k -w_k t_ik log p_ik / Σ_i Σ_k w_k s_ik,
 *   s_ik the share of class k in sample i, t_ik = (1 - e) s_ik + e / K:
 * torch.nn.CrossEntropyLoss(weight, label_smoothing); with mixed samples the sums, loss and
 * n_correct too, count each class by its share. */
hn_loss hn_cross_entropy(const float *logits, const hn_targets *targets, size_t n, size_t n_classes,
                         float *gradient_out);
/* The same sums from probabilities p (n, K), without gradient; p is taken as at least 1e-15. The
 * objective is the mean loss. */
hn_loss hn_cross_entropy_of(const float *p, const int32_t *y, size_t n, size_t n_classes);

#endif
