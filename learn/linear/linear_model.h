/* What linear classifiers have in common once they are fitted: one score a class, linear in the
 * features, and the softmax of the scores as probabilities. N rows, D columns, K classes. */
#ifndef HN_LEARN_LINEAR_MODEL_H
#define HN_LEARN_LINEAR_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/matrix.h"
#include "base/options.h"
#include "base/tensors.h"

/* Owns its arrays. */
typedef struct {
  size_t n_columns, n_classes;
  double *coef;      /* (D, K) */
  double *intercept; /* (K) */
  uint8_t *present;  /* (K) had the class a training row? Others have probability 0 */
  double sharpness;  /* > 0; probabilities are softmax(sharpness * scores) */
} hn_linear_model;

/* All zeros, sharpness 1. Errors: HN_NO_MEMORY. */
hn_status hn_linear_model_create(size_t n_columns, size_t n_classes, hn_linear_model **model_out,
                                 hn_error *err);
/* For the classifier interface: model is an hn_linear_model or NULL. */
void hn_linear_model_destroy(void *model);

/* scores_out (K) of row i, present classes or not. */
void hn_linear_model_scores(const hn_linear_model *model, const hn_features *x, size_t i,
                            double *scores_out);
/* p_out (N, K). Errors: HN_INVALID when x has other columns, HN_NO_MEMORY. */
hn_status hn_linear_model_predict_proba(const void *model, const hn_features *x, float *p_out,
                                        hn_error *err);

/* used_out (D): has the column a coefficient other than 0? */
void hn_linear_model_uses(const void *model, uint8_t *used_out);

/* Tensors coef (D, K), intercept (K), sharpness (1), f64, and present (K). */
hn_status hn_linear_model_save(const void *model, hn_tensors *tensors, hn_error *err);
/* Errors: HN_FORMAT for shapes that do not fit, values that are not finite, no present class. */
hn_status hn_linear_model_load(const hn_tensors *tensors, const hn_options *options,
                               size_t n_classes, void **model_out, hn_error *err);

/* Weight of a row of each class: 1, or balanced: N / (classes present * rows of the class).
 * counts (K) rows of each class, weights_out (K). */
void hn_class_weights(const size_t *counts, size_t n_classes, int is_balanced, double *weights_out);

#endif
