/* Permutation importance: how much accuracy a fitted model loses on rows that it did not learn from
 * when the values of a column, or of a group of columns together, are dealt anew among the rows
 * (Breiman 2001; scikit-learn's permutation_importance). Unlike the decrease of impurity it does
 * not favour columns with many distinct values, and it can be negative: then the column misled.
 * Of columns that say the same each alone seems to matter little: permute them as a group. */
#ifndef HN_LEARN_PERMUTATION_H
#define HN_LEARN_PERMUTATION_H

#include "learn/classifier.h"
#include "learn/column_groups.h"

/* n_repeats: how often each column is permuted, as in scikit-learn. */
extern const hn_option_spec hn_permutation_options[];

/* N rows, D columns, G groups. All borrowed. */
typedef struct {
  const hn_features *x;           /* (N, D), dense or sparse, held out */
  const int32_t *y;               /* (N); a class that the model does not have is never right */
  const hn_column_groups *groups; /* NULL: each column alone, G = D */
  size_t n_repeats;               /* R */
  uint64_t seed;
  hn_progress *progress; /* advanced by G * R permutations; or NULL */
} hn_permutation_input;

/* Owns its arrays. */
typedef struct {
  double accuracy; /* on the rows as they are */
  size_t n_groups;
  double *mean;      /* (G) accuracy less that after permuting, over the repeats: -1 … 1 */
  double *deviation; /* (G) standard deviation over the repeats (divided by R), 0 … 1 */
} hn_permutation;

/* Each repeat of a group has a random stream of its own. Only rows that a permutation changes are
 * predicted again, and only columns that the model uses are permuted: others have importance 0.
 * The time is that of predicting 2 R rows for each value of x other than 0, at most G R N rows; of
 * a forest, a small part of that: only trees that ask a row for the column are walked again.
 * Errors: HN_INVALID for no rows, no repeats, groups that x does not have; HN_UNSUPPORTED for
 * pictures; those of hn_model_predict_proba. */
hn_status hn_permutation_importances(const hn_model *model, const hn_permutation_input *input,
                                     hn_permutation *importances_out, hn_error *err);
void hn_permutation_free(hn_permutation *importances);

#endif
