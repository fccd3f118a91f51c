/* The one interface of every classifier, from the majority dummy to the network.
 * N rows, K classes. A fitted model is const: threads may share it. */
#ifndef HN_LEARN_CLASSIFIER_H
#define HN_LEARN_CLASSIFIER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/matrix.h"
#include "base/options.h"
#include "base/progress.h"
#include "base/tensors.h"

/* One epoch of an iterative classifier, for log.jsonl and the report. Validation values are NaN
 * when nothing was held out. Loss is the mean cross-entropy in nats. */
typedef struct {
  int epoch, n_epochs; /* from 1 */
  double train_loss, train_accuracy, validation_loss, validation_accuracy;
  double seconds;
} hn_epoch;

/* The search for a learning rate before the first epoch (find_learning_rate of the networks), for
 * log.jsonl and the report: n rates in the order they were tried, with the smoothed loss at each.
 */
typedef struct {
  double learning_rate; /* found */
  size_t n;
  const double *rates, *losses; /* (n) */
} hn_rate_search;

/* What a classifier learns from; everything is borrowed for the call. */
typedef struct {
  const hn_features *x;
  const int32_t *y; /* (N), 0 … K - 1; no missing labels */
  size_t n_classes;
  const int32_t *groups;     /* (N) lead artist of each row, for validation by artist; or NULL */
  const uint8_t *validation; /* (N) 1 where a row is held out for validation; or NULL: the
                                classifier holds out its own share, if its options ask for one */
  uint64_t seed;
  hn_progress *progress; /* advanced in the classifier's own unit, see `unit`; or NULL */
  void (*on_rate)(void *context, const hn_rate_search *search); /* or NULL */
  void (*on_epoch)(void *context, const hn_epoch *epoch);       /* or NULL */
  void *context;
  const char *checkpoint; /* a network keeps its state in this file after each epoch, and goes on
                             from what it finds there; the caller removes it; or NULL */
} hn_fit_input;

/* A row that differs from another one in these columns (ascending); 0 is a value like any other. */
typedef struct {
  const int32_t *columns;
  const float *values;
  size_t n;
} hn_row_change;

/* A kind of classifier. `model` is whatever fit made; it stays private to its file. */
typedef struct hn_classifier_kind {
  const char *name;              /* "forest" */
  unsigned accepts;              /* hn_features_kind bits */
  int takes_counts;              /* negative values are refused, here and in predict_proba */
  const char *unit;              /* what progress counts: "trees", "epochs" */
  const hn_option_spec *options; /* ends with a NULL name */
  /* How many units fit will advance; a network restarts the progress in windows ("songs") once it
   * knows how many there are. */
  size_t (*n_units)(const hn_options *options);
  hn_status (*fit)(const hn_fit_input *input, const hn_options *options, void **model_out,
                   hn_error *err);
  /* p_out (N, K) row-major, each row sums to 1. x has the columns that fit saw (checked). */
  hn_status (*predict_proba)(const void *model, const hn_features *x, float *p_out, hn_error *err);
  /* Tensors and texts of the model alone; name, classes and options are added by hn_model_save. */
  hn_status (*save)(const void *model, hn_tensors *tensors, hn_error *err);
  hn_status (*load)(const hn_tensors *tensors, const hn_options *options, size_t n_classes,
                    void **model_out, hn_error *err);
  void (*destroy)(void *model);
  /* importances_out (D), sums to 1; NULL where the kind has none. */
  hn_status (*importances)(const void *model, double *importances_out, hn_error *err);
  /* used_out (D): 0 where no value of the column can change a probability; NULL: any can. */
  void (*uses)(const void *model, uint8_t *used_out);
  /* As hn_model_predict_changes, faster than row by row; NULL where that is all there is. */
  hn_status (*predict_changes)(const void *model, const hn_features *x, size_t row,
                               const hn_row_change *changes, size_t n_changes, float *p_out,
                               hn_error *err);
  /* Accuracy on rows of the training by those parts of the model that did not learn from them; NaN
   * where it was not asked for. NULL where the kind has none. */
  double (*oob_score)(const void *model);
  /* The learning rate that was found and trained with; NaN where it was given. NULL where the kind
   * has none. */
  double (*found_rate)(const void *model);
} hn_classifier_kind;

/* A fitted classifier with its kind, options and class names. */
typedef struct hn_model hn_model;

/* Check input against the kind (feature kind, N >= 1, labels in range, finite values) and fit.
 * options (of kind->options; NULL: defaults) and classes (K) are copied. Errors: HN_INVALID naming
 * the row and column of a value that is not finite, the row of a bad label; HN_NO_MEMORY; what the
 * kind adds. */
hn_status hn_model_fit(const hn_classifier_kind *kind, const hn_options *options,
                       const hn_fit_input *input, const char *const *classes, hn_model **model_out,
                       hn_error *err);
/* p_out (N, K), caller-allocated; N may be 0. Thread-safe. Errors: HN_INVALID for another number of
 * columns, a value that is not finite. */
hn_status hn_model_predict_proba(const hn_model *model, const hn_features *x, float *p_out,
                                 hn_error *err);
/* What the model says of one row of x after each of n changes. x: dense or sparse features that
 * hn_model_predict_proba accepted. p_out (n_changes, K), equal to predicting the changed rows but
 * for rounding. Thread-safe. */
hn_status hn_model_predict_changes(const hn_model *model, const hn_features *x, size_t row,
                                   const hn_row_change *changes, size_t n_changes, float *p_out,
                                   hn_error *err);
/* safetensors; metadata: classifier, format version, classes (JSON list), each option's text, and
 * the caller's own texts (vocabulary, features …), which must be added to `extra` beforehand
 * (NULL: none). Atomic, same model same bytes. */
hn_status hn_model_save(const hn_model *model, const hn_tensors *extra, const char *path,
                        hn_error *err);
/* tensors_out (may be NULL) receives the whole file, for the caller's own entries; own it. */
hn_status hn_model_load(const char *path, hn_model **model_out, hn_tensors **tensors_out,
                        hn_error *err);
void hn_model_destroy(hn_model *model);

const hn_classifier_kind *hn_model_kind(const hn_model *model);
size_t hn_model_n_classes(const hn_model *model);
const char *const *hn_model_classes(const hn_model *model);
const hn_options *hn_model_options(const hn_model *model);
/* D, or H of pictures, that the model was fitted on. */
size_t hn_model_n_columns(const hn_model *model);
/* importances_out (D); HN_UNSUPPORTED where the kind has none. */
hn_status hn_model_importances(const hn_model *model, double *importances_out, hn_error *err);
/* used_out (D): 0 where no value of the column can change a probability. */
void hn_model_uses(const hn_model *model, uint8_t *used_out);
/* Out-of-bag accuracy, 0 … 1; NaN where there is none. */
double hn_model_oob_score(const hn_model *model);
/* The learning rate that find_learning_rate found; NaN where there is none. */
double hn_model_found_rate(const hn_model *model);

#endif
