/* Softmax and cross-entropy. n samples, K classes. */
#ifndef HN_LEARN_NN_LOSS_H
#define HN_LEARN_NN_LOSS_H

#include <stddef.h>
#include <stdint.h>

/* p_out (n, K) = softmax of logits (n, K), each row summing to 1; may be the same array. */
void hn_softmax(const float *logits, size_t n, size_t n_classes, float *p_out);

typedef struct {
  double loss;      /* sum of -log p of the true classes, in nats */
  double objective; /* the same with smoothed labels: what the gradient belongs to */
  size_t n_correct; /* samples whose most probable class (the first on ties) is the true one */
} hn_loss;

/* The loss of logits (n, K) with labels y (n); gradient_out (n, K): d(mean objective) / d(logit),
 * may be the same array. smoothing e: the target is 1 - e + e / K for the true class and e / K for
 * the others, as in torch.nn.CrossEntropyLoss(label_smoothing). */
hn_loss hn_cross_entropy(const float *logits, const int32_t *y, size_t n, size_t n_classes,
                         double smoothing, float *gradient_out);
/* The same sums from probabilities p (n, K), without gradient; p is taken as at least 1e-15. */
hn_loss hn_cross_entropy_of(const float *p, const int32_t *y, size_t n, size_t n_classes);

#endif
