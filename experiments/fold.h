/* One model in one fold: training, predictions, and the file that makes a run resumable. */
#ifndef HN_EXPERIMENTS_FOLD_H
#define HN_EXPERIMENTS_FOLD_H

#include "experiments/model_data.h"
#include "experiments/plan.h"
#include "experiments/run_folder.h"

/* N songs, K classes. p (N, K): probabilities of the test, validation and unlabelled songs, NaN for
 * all others. The accuracy is that on the songs the model was trained on. Owns p. */
typedef struct {
  float *p;
  double train_accuracy;
  size_t n_train;
  double oob_score; /* see hn_model_oob_score; for the log of the run that trained the fold */
} hn_fold_result;

/* What the folds of a run share; all borrowed. */
typedef struct {
  const hn_study *study;
  const hn_songs *songs;
  const hn_plan *plan;
  hn_run_folder *folder;
  FILE *messages;     /* progress; or NULL */
  const char *guests; /* the policy for guests that these folds are about; NULL: the study's */
} hn_fold_context;

/* Train and predict, or read the result when the run folder holds it already. Writes
 * models/<model>.fold<f>.safetensors and then folds/<model>.fold<f>.safetensors, so that the
 * latter's presence means that the fold is done. While a network trains, its state after the last
 * epoch is in folds/<model>.fold<f>.checkpoint.safetensors: training goes on from there.
 * A network learns without the validation songs. Another classifier does so once, where it is
 * fused, to give the probabilities that fusion learns from, and then learns again with them. */
hn_status hn_fold_run(const hn_fold_context *context, const hn_model_data *data, size_t fold,
                      hn_fold_result *result_out, hn_error *err);
void hn_fold_result_free(hn_fold_result *result);

#endif
