/* Folds: which track is tested by which model. N tracks, K classes, F folds. */
#ifndef HN_EVAL_SPLIT_H
#define HN_EVAL_SPLIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/options.h"

/* What is known of the tracks; everything is borrowed for the call. */
typedef struct {
  size_t n_rows, n_classes;
  const char *const *classes; /* (K) for messages */
  const int32_t *labels;      /* (N) 0 … K - 1, or -1: no label */
  const int32_t *groups;      /* (N) lead artist, -1: none; for artist-disjoint, else may be NULL */
  const int32_t *values;      /* (N) value of the column, -1: missing; for column, else NULL */
  const double *years;        /* (N) NaN: missing; for time, else NULL */
} hn_split_input;

enum {
  HN_FOLD_NONE = -1, /* no label (or no column value, no year): neither trained on nor tested */
  HN_FOLD_TRAIN_ONLY = -2 /* time: the earliest tracks, on which no model is tested */
};

/* Owns folds. */
typedef struct {
  size_t n_rows, n_folds;
  int32_t *folds;      /* (N) 0 … F - 1, or one of the above */
  int expanding;       /* time: fold f is trained on the tracks before it, not on all others */
  size_t n_unlabelled; /* tracks without a label */
  size_t n_unplaced;   /* labelled tracks without a column value or a year */
} hn_split;

/* method, folds, shuffle, column: the keys of `split` in a study. */
extern const hn_option_spec hn_split_options[];

/* Deal the labelled tracks into folds by options (of hn_split_options):
 *   random           each fold has its share of every class; as scikit-learn's StratifiedKFold
 *   artist-disjoint  the same with all tracks of an artist in one fold; StratifiedGroupKFold
 *   column           a fold for each value of the column (`folds` is not used)
 *   time             years cut into F + 1 blocks of like size, no year in two of them; fold f
 *                    tests block f + 1 and is trained on the blocks up to f (expanding window)
 * With shuffle=false the first two are scikit-learn's to the row; shuffled they follow the same
 * rules, with our random stream. Same seed, same folds.
 * Errors: HN_INVALID: no label at all; a class with fewer tracks than folds; fewer artists than
 * folds; a class of one artist alone (artist-disjoint could not both train and test it); a labelled
 * track without artist; a column with fewer than two values; fewer years than blocks. */
hn_status hn_split_make(const hn_split_input *input, const hn_options *options, uint64_t seed,
                        hn_split *split_out, hn_error *err);
void hn_split_free(hn_split *split);

#endif
