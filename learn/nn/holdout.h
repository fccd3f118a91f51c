/* Which rows a network trains on and which it only watches. */
#ifndef HN_LEARN_NN_HOLDOUT_H
#define HN_LEARN_NN_HOLDOUT_H

#include "learn/classifier.h"

/* Row indices in ascending order; owns both. */
typedef struct {
  size_t *rows, *held;
  size_t n_rows, n_held;
} hn_holdout;

/* The rows that input->validation marks are held out; without such marks, whole groups (or single
 * rows where there are none) drawn at random until `fraction` of the rows is reached; a group that
 * would leave less than half of them is passed over. Errors: HN_INVALID when the marks leave
 * nothing to train on, HN_NO_MEMORY. */
hn_status hn_holdout_init(hn_holdout *holdout, const hn_fit_input *input, size_t n, double fraction,
                          hn_error *err);
void hn_holdout_free(hn_holdout *holdout);

#endif
