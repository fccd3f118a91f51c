/* Which part each song plays in each fold. The plan is made once, before anything is trained, and
 * is the same for every model. */
#ifndef HN_EXPERIMENTS_PLAN_H
#define HN_EXPERIMENTS_PLAN_H

#include <jansson.h>

#include "eval/split.h"
#include "experiments/songs.h"

typedef enum {
  HN_ROLE_LEFT_OUT, /* must not be learned from: it credits an artist of the test or validation
                       songs, is younger than they are (split by time), or has no fold */
  HN_ROLE_TRAIN,
  HN_ROLE_VALIDATION, /* held out of training, so that fusion can learn its weights */
  HN_ROLE_TEST,
  HN_ROLE_UNLABELLED
} hn_role;

/* N songs, F folds. Owns its arrays. */
typedef struct {
  size_t n, n_folds;
  int32_t *fold;   /* (N) the fold that tests a song, else as hn_split.folds: below 0 */
  uint8_t *roles;  /* (F, N) hn_role */
  json_t *account; /* "split" of metrics.json, see experiments/scores.h */
} hn_plan;

/* Errors: those of the split, such as fewer artists than folds. */
hn_status hn_plan_make(const hn_study *study, const hn_songs *songs, hn_plan *plan_out,
                       hn_error *err);
void hn_plan_free(hn_plan *plan);

static inline hn_role hn_plan_role(const hn_plan *plan, size_t fold, size_t song) {
  return (hn_role)plan->roles[fold * plan->n + song];
}

/* Is the song labelled and tested, or at least learned from? */
static inline int hn_plan_has(const hn_plan *plan, size_t song) {
  return plan->fold[song] != HN_FOLD_NONE;
}

#endif
