/* Which features a run's models lean on. */
#ifndef HN_EXPERIMENTS_IMPORTANCES_H
#define HN_EXPERIMENTS_IMPORTANCES_H

#include <jansson.h>

#include "experiments/fold.h"

/* Features listed a model, at most. */
enum { HN_IMPORTANCES_LISTED = 20 };

/* Add to metrics, from the fold models in the run folder, the largest first, each importance the
 * mean over the folds, where a term that a fold's vocabulary lacks counts 0:
 *   importances  [{model, features: [{feature, importance}]}] for each model whose classifier has
 *                some. A forest's are mean decreases of impurity, which favour features with many
 *                distinct values and are taken from training songs
 *   permutation_importances  where the study asks for them, [{model, n_repeats, features:
 *                [{feature, importance, deviation}], groups: [{group, importance, deviation}]}] for
 *                each model but those of pictures: the accuracy lost on the songs that the fold
 *                tests when a feature's values are dealt anew among them (learn/permutation.h),
 * with the standard deviation over folds and repeats; groups are those of the study whose columns
 * the model has data: one a model of the study. Errors: those of loading a model and of its
 * features. */
hn_status hn_importances_add(const hn_fold_context *context, const hn_model_data *data,
                             json_t *metrics, hn_error *err);

#endif
