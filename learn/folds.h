/* Folds inside a fit, for what must be learned from rows that a classifier was not fitted on. */
#ifndef HN_LEARN_FOLDS_H
#define HN_LEARN_FOLDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Deal N rows to n_folds folds, whole groups (NULL, or below 0: a row alone) at a time, each next
 * group to the fold with the fewest rows, groups of one class after another, so that the folds have
 * equal sizes and like shares of the classes. fold_out (N). Drawn by seed.
 * Errors: HN_NO_MEMORY. */
hn_status hn_deal_folds(const int32_t *y, const int32_t *groups, size_t n_rows, size_t n_folds,
                        uint64_t seed, uint32_t *fold_out, hn_error *err);

#endif
