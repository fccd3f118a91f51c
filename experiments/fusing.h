/* Fusion within a fold: learned on the validation songs, applied to all that were predicted. */
#ifndef HN_EXPERIMENTS_FUSING_H
#define HN_EXPERIMENTS_FUSING_H

#include "experiments/fold.h"

/* Fit `method` on the fold's validation songs and fuse what the study's fusion.of said of its test
 * and unlabelled songs into p (N, K), NaN elsewhere and where no model saw the song. folds[m *
 * n_folds + f] as in hn_results_gather. Writes models/fused-<method>.fold<f>.safetensors. */
hn_status hn_fold_fuse(const hn_fold_context *context, const char *method,
                       const hn_fold_result *folds, size_t fold, float *p, hn_error *err);

#endif
