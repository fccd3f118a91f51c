#include "eval/training.h"

#include "base/memory.h"
#include "base/random.h"
#include "eval/compact.h"
#include "eval/partition.h"

#include <assert.h>
#include <string.h>

/* Clear the rows of `kept` that credit anyone credited on a row of `against`; count them. */
static hn_status leave_out_credited(const hn_credit_lists *credits, const uint8_t *against,
                                    size_t n_rows, uint8_t *kept, size_t *n_left_out,
                                    hn_error *err) {
  hn_status status = HN_OK;
  uint8_t *marked = NULL;
  int32_t highest = -1;
  size_t n_left = 0;

  for (size_t c = 0; c < credits->offsets[n_rows]; c++)
    if (credits->artists[c] > highest) highest = credits->artists[c];
  HN_NEW(marked, (size_t)(highest + 1), err);
  for (size_t i = 0; i < n_rows; i++)
    for (size_t c = credits->offsets[i]; against[i] && c < credits->offsets[i + 1]; c++)
      marked[credits->artists[c]] = 1;
  for (size_t i = 0; i < n_rows; i++)
    for (size_t c = credits->offsets[i]; kept[i] && c < credits->offsets[i + 1]; c++)
      if (marked[credits->artists[c]]) {
        kept[i] = 0;
        n_left++;
      }
  *n_left_out = n_left;
done:
  hn_free(marked);
  return status;
}

static size_t count_marked(const uint8_t *rows, size_t n) {
  size_t n_marked = 0;
  for (size_t i = 0; i < n; i++) n_marked += rows[i];
  return n_marked;
}

hn_status hn_training_rows(const hn_split *split, const hn_credit_lists *credits, size_t fold,
                           uint8_t *training_out, size_t *n_left_out, hn_error *err) {
  hn_status status = HN_OK;
  uint8_t *training = NULL, *test = NULL;
  size_t n = split->n_rows, n_left = 0;

  assert(fold < split->n_folds);
  HN_NEW(training, n, err);
  HN_NEW(test, n, err);
  for (size_t i = 0; i < n; i++) {
    int32_t f = split->folds[i];
    test[i] = f == (int32_t)fold;
    if (split->expanding)
      training[i] = f == HN_FOLD_TRAIN_ONLY || (f >= 0 && f < (int32_t)fold);
    else
      training[i] = f >= 0 && !test[i];
  }
  if (credits) HN_TRY(leave_out_credited(credits, test, n, training, &n_left, err));
  if (count_marked(training, n) == 0) {
    status = hn_fail(err, HN_INVALID,
                     "fold %zu has no training track left: all %zu others credit an artist who is "
                     "credited on a test track; use more folds, or a random split",
                     fold, n_left);
    goto done;
  }
  memcpy(training_out, training, n);
  *n_left_out = n_left;
done:
  hn_free(training);
  hn_free(test);
  return status;
}

/* bins (N): 0 held out, 1 kept, -1 not a training track. */
static hn_status choose_validation(const hn_split_input *in, const hn_validation_options *o,
                                   const uint8_t *training, int32_t *bins, hn_error *err) {
  hn_status status = HN_OK;
  int32_t *labels = NULL, *groups = NULL;
  size_t n_groups = 0;
  const char *what = o->by_artist ? "artists" : "tracks";
  hn_rng rng;

  HN_NEW(labels, in->n_rows, err);
  HN_NEW(groups, in->n_rows, err);
  for (size_t i = 0; i < in->n_rows; i++) labels[i] = training[i] ? in->labels[i] : -1;
  HN_TRY(hn_compact_groups(labels, o->by_artist ? in->groups : NULL, in->n_rows, groups, &n_groups,
                           err));
  if (n_groups < 2) {
    status = hn_fail(err, HN_INVALID,
                     "a validation part needs at least 2 %s to train on, and there are %zu", what,
                     n_groups);
    goto done;
  }
  hn_rng_init(&rng, o->seed, "validation", 0);
  const double weights[2] = {2 * o->share, 2 * (1 - o->share)};
  HN_TRY(hn_partition_groups(labels, groups, in->n_rows, weights, 2, 1, &rng, bins, err));

  /* With very few groups the fair deal can leave one side empty: give it one group, drawn. */
  size_t n_side[2] = {0, 0};
  for (size_t i = 0; i < in->n_rows; i++)
    if (bins[i] >= 0) n_side[bins[i]]++;
  int32_t drawn = (int32_t)hn_rng_below(&rng, n_groups);
  if (n_side[0] == 0 || n_side[1] == 0)
    for (size_t i = 0; i < in->n_rows; i++)
      if (groups[i] == drawn) bins[i] = n_side[0] == 0 ? 0 : 1;
done:
  hn_free(labels);
  hn_free(groups);
  return status;
}

hn_status hn_validation_rows(const hn_split_input *in, const hn_credit_lists *credits,
                             const hn_validation_options *o, uint8_t *training,
                             uint8_t *validation_out, size_t *n_left_out, hn_error *err) {
  hn_status status = HN_OK;
  int32_t *bins = NULL;
  uint8_t *kept = NULL, *held_out = NULL;
  size_t n = in->n_rows, n_left = 0;

  if (!(o->share > 0 && o->share < 1))
    return hn_fail(err, HN_INVALID, "the validation share is %g; allowed: between 0 and 1",
                   o->share);
  HN_NEW(bins, n, err);
  HN_NEW(kept, n, err);
  HN_NEW(held_out, n, err);
  HN_TRY(choose_validation(in, o, training, bins, err));
  for (size_t i = 0; i < n; i++) {
    held_out[i] = bins[i] == 0;
    kept[i] = bins[i] == 1;
  }
  if (o->by_artist && credits) HN_TRY(leave_out_credited(credits, held_out, n, kept, &n_left, err));
  if (count_marked(kept, n) == 0) {
    status = hn_fail(err, HN_INVALID,
                     "no training track is left beside the validation part: all %zu credit an "
                     "artist who is held out; hold out single tracks, or nothing",
                     n_left);
    goto done;
  }
  memcpy(training, kept, n);
  memcpy(validation_out, held_out, n);
  *n_left_out = n_left;
done:
  hn_free(bins);
  hn_free(kept);
  hn_free(held_out);
  return status;
}
