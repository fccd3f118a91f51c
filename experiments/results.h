/* What a run says of its songs: one probability table a model, a fusion method and a dummy. */
#ifndef HN_EXPERIMENTS_RESULTS_H
#define HN_EXPERIMENTS_RESULTS_H

#include "base/probability.h"
#include "experiments/fold.h"

typedef enum { HN_RESULT_MODEL, HN_RESULT_FUSED, HN_RESULT_DUMMY } hn_result_role;

/* One row of the comparison. Owns all. */
typedef struct {
  char name[160];
  hn_result_role role;
  int is_headline;           /* the fusion that "fused" stands for */
  hn_probability labelled;   /* each labelled song once, by the fold that did not learn from it */
  hn_probability unlabelled; /* songs without target: the mean over the folds' models */
  double train_accuracy;     /* over the songs learned from, all folds; NaN where none is known */
} hn_result;

typedef struct {
  hn_result *items;
  size_t n;
  size_t n_labelled;
  size_t *labelled_songs; /* (n_labelled) song of each row of `labelled` */
  int32_t *artists;       /* (n_labelled) */
} hn_results;

/* folds[m * n_folds + f] is what model m said in fold f. Fits the fusion methods fold by fold on
 * the validation songs (writing models/fused-<method>.fold<f>.safetensors) and the dummies on the
 * training songs. */
hn_status hn_results_gather(const hn_fold_context *context, const hn_fold_result *folds,
                            hn_results *results_out, hn_error *err);
void hn_results_free(hn_results *results);

/* Write predictions/<name>.csv and, where songs have no target, unlabelled/<name>.csv. */
hn_status hn_results_write(const hn_results *results, const char *folder, hn_error *err);

/* The table of a model, or of the headline fusion for "fused"; NULL where there is none. */
const hn_result *hn_results_find(const hn_results *results, const char *name);

/* "model", "fused", "dummy" */
const char *hn_result_role_name(hn_result_role role);

#endif
