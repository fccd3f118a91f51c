/* Which features a run's models lean on. */
#ifndef HN_EXPERIMENTS_IMPORTANCES_H
#define HN_EXPERIMENTS_IMPORTANCES_H

#include <jansson.h>

#include "experiments/study.h"

/* Features listed a model, at most. */
enum { HN_IMPORTANCES_LISTED = 20 };

/* Add "importances" to metrics: a list of {model, features: [{feature, importance}]}, the largest
 * first, for each model whose classifier has importances, from its fold models in the run folder:
 * the mean over the folds, where a term that a fold's vocabulary lacks counts 0 there. A forest's
 * are mean decreases of impurity, which favour features with many distinct values and are taken
 * from training songs. Errors: those of loading a model. */
hn_status hn_importances_add(const hn_study *study, size_t n_folds, const char *folder,
                             json_t *metrics, hn_error *err);

#endif
