/* How good a probability table is. N tracks, K classes; values match scikit-learn 1.9.
 * The predicted class is the most probable one, the lowest on ties. */
#ifndef HN_EVAL_METRICS_H
#define HN_EVAL_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/probability.h"

/* Of one class against all others, from tp, fp, fn, tn tracks. */
typedef struct {
  double precision; /* tp / (tp + fp), 0 … 1; 0/0 is 0 */
  double recall;    /* tp / (tp + fn), 0 … 1; 0/0 is 0 */
  double f1;        /* 2 tp / (2 tp + fp + fn), 0 … 1; 0/0 is 0 */
  size_t support;   /* tp + fn: tracks whose truth it is */
} hn_class_metrics;

/* Scored are the rows with truth and probabilities. With none scored, every figure is NaN.
 *   accuracy           right / scored, 0 … 1
 *   balanced_accuracy  mean recall over the classes with support, 0 … 1
 *   macro_f1           mean F1 over the classes that occur as truth or as prediction, 0 … 1
 *   log_loss           mean of -ln p(truth) in nats, p clipped to [e, 1 - e] with float32's
 *                      e = 2^-23, as scikit-learn does with a float32 table; 0 … 15.94
 *   brier              mean of the sum over classes of (p - [class is truth])^2, 0 … 2
 *                      (brier_score_loss with scale_by_half=False)
 *   calibration_error  expected calibration error: tracks binned by their highest probability into
 *                      ten bins of equal width (lower edge excluded), mean over tracks of their
 *                      bin's |accuracy - mean highest probability|, 0 … 1 (Guo et al., 2017)
 *   confusion          (K, K) row-major, rows truth, columns prediction
 * Owns classes and confusion. */
typedef struct {
  size_t n_classes;
  size_t n_scored;
  size_t n_absent;     /* rows with truth, without probabilities */
  size_t n_unlabelled; /* rows without truth */
  double accuracy, balanced_accuracy, macro_f1, log_loss, brier, calibration_error;
  hn_class_metrics *classes; /* (K) */
  int64_t *confusion;
} hn_metrics;

/* Score the rows where rows (N) is not 0; NULL: all. Errors: HN_NO_MEMORY. O(N K). */
hn_status hn_metrics_score(const hn_probability *table, const uint8_t *rows,
                           hn_metrics *metrics_out, hn_error *err);
void hn_metrics_free(hn_metrics *metrics);

/* A class against the rest as a 2 × 2 matrix: how a slice over the target's own column is shown,
 * where a full matrix would have a single row. Over all scored rows, not the slice's alone. */
typedef struct {
  int64_t true_positive, false_negative, false_positive, true_negative;
  double recall;      /* tp / (tp + fn); 0/0 is 0 */
  double precision;   /* tp / (tp + fp); 0/0 is 0 */
  double specificity; /* tn / (tn + fp); 0/0 is 0 */
} hn_one_against_rest;

/* From the confusion matrix of the whole table; class_index < K. */
hn_one_against_rest hn_metrics_one_against_rest(const hn_metrics *metrics, size_t class_index);

#endif
