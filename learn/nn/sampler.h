/* Which rows an epoch takes, and in what order. N pictures, K classes. */
#ifndef HN_LEARN_NN_SAMPLER_H
#define HN_LEARN_NN_SAMPLER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* A row, and how often the epoch has taken it before. */
typedef struct {
  size_t row, repeat;
} hn_draw;

/* rows are borrowed; owns the rest. */
typedef struct {
  const size_t *rows;
  size_t n;
  int is_balanced;
  size_t n_classes;     /* that have rows */
  size_t *by_class;     /* (n) the rows, class by class */
  size_t *class_starts; /* (n_classes + 1) */
  size_t *order;        /* (n) scratch */
  hn_draw *draws;       /* (n) */
} hn_sampler;

/* y (N): the class of each picture, 0 … K - 1. is_balanced: every class that has rows comes equally
 * often (give or take one): a rare one's rows are taken again, a frequent one's not all of them.
 * Else every row comes once. Errors: HN_NO_MEMORY. */
hn_status hn_sampler_init(hn_sampler *sampler, const size_t *rows, size_t n, const int32_t *y,
                          size_t n_classes, int is_balanced, hn_error *err);
void hn_sampler_free(hn_sampler *sampler);
/* The n draws of an epoch, valid until the next call. */
const hn_draw *hn_sampler_draw(hn_sampler *sampler, uint64_t seed, size_t epoch);

/* weights_out (K): n / (classes that have rows * rows of the class), 0 for a class without rows;
 * as scikit-learn's class_weight "balanced". */
void hn_balanced_weights(const size_t *rows, size_t n, const int32_t *y, size_t n_classes,
                         double *weights_out);

#endif
