/* Which tracks a fold's model learns from, and which of them are held out to watch it learn. */
#ifndef HN_EVAL_TRAINING_H
#define HN_EVAL_TRAINING_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "eval/split.h"

/* Everyone credited on a track, lead and featured: track i credits artists[offsets[i]] …
 * artists[offsets[i + 1] - 1], ids from 0. offsets has N + 1 elements. */
typedef struct {
  const size_t *offsets;
  const int32_t *artists;
} hn_credit_lists;

/* training_out (N): 1 where a track trains the model that tests fold `fold`: the labelled tracks of
 * the other folds (of the earlier ones, where the split is by time). With credits, tracks that
 * credit any artist who is credited on a test track are left out and counted in n_left_out; NULL:
 * no such rule (random splits). Errors: HN_INVALID where no track remains. */
hn_status hn_training_rows(const hn_split *split, const hn_credit_lists *credits, size_t fold,
                           uint8_t *training_out, size_t *n_left_out, hn_error *err);

/* Take a validation part out of a training part.
 *   input           labels; with by_artist also groups
 *   share           of the training tracks, in (0, 1); of every class about as much
 *   by_artist       whole lead artists are held out, and training tracks that credit anyone who is
 *                   credited on a validation track leave (counted in n_left_out); else single
 *                   tracks, and credits are not used
 *   credits         may be NULL
 *   training        (N) in: 1 for the training tracks; out: without validation and left-out ones
 *   validation_out  (N) 1 where held out
 * At least one artist (track) is held out, and one kept. Same seed, same parts.
 * Errors: HN_INVALID: fewer than two artists (tracks), a share out of range, nothing left. */
typedef struct {
  double share;
  int by_artist;
  uint64_t seed;
} hn_validation_options;

hn_status hn_validation_rows(const hn_split_input *input, const hn_credit_lists *credits,
                             const hn_validation_options *options, uint8_t *training,
                             uint8_t *validation_out, size_t *n_left_out, hn_error *err);

#endif
