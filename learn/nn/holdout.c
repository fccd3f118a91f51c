#include "learn/nn/holdout.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/random.h"

typedef struct {
  int32_t group;
  size_t row;
} member;

static int compare_members(const void *a, const void *b) {
  const member *x = a, *y = b;
  if (x->group != y->group) return x->group < y->group ? -1 : 1;
  return x->row < y->row ? -1 : x->row > y->row;
}

/* Mark rows of random groups in held (n), 0 before. */
static hn_status draw_groups(const hn_fit_input *input, size_t n, double fraction, uint8_t *held,
                             hn_error *err) {
  hn_status status = HN_OK;
  member *members = NULL;
  size_t *starts = NULL, *order = NULL; /* of the groups within members */
  size_t n_groups = 0, n_held = 0;
  hn_rng rng;
  HN_NEW(members, n, err);
  HN_NEW(starts, n + 1, err);
  HN_NEW(order, n, err);
  for (size_t i = 0; i < n; i++)
    members[i] = (member){.group = input->groups ? input->groups[i] : (int32_t)i, .row = i};
  qsort(members, n, sizeof *members, compare_members);
  for (size_t i = 0; i < n; i++) {
    if (i > 0 && members[i].group == members[i - 1].group) continue;
    order[n_groups] = n_groups;
    starts[n_groups++] = i;
  }
  starts[n_groups] = n;
  hn_rng_init(&rng, input->seed, "network.holdout", 0);
  hn_rng_shuffle(&rng, order, n_groups);
  for (size_t i = 0; i < n_groups && (double)n_held < fraction * (double)n; i++) {
    const size_t first = starts[order[i]], last = starts[order[i] + 1];
    if (n_held + last - first > n / 2) continue;
    for (size_t j = first; j < last; j++) held[members[j].row] = 1;
    n_held += last - first;
  }
done:
  hn_free(members);
  hn_free(starts);
  hn_free(order);
  return status;
}

hn_status hn_holdout_init(hn_holdout *holdout, const hn_fit_input *input, size_t n, double fraction,
                          hn_error *err) {
  hn_status status = HN_OK;
  hn_holdout fresh = {0};
  uint8_t *drawn = NULL;
  const uint8_t *marks = input->validation;
  HN_NEW(fresh.rows, n, err);
  HN_NEW(fresh.held, n, err);
  if (!marks) {
    HN_NEW(drawn, n, err);
    if (fraction > 0) HN_TRY(draw_groups(input, n, fraction, drawn, err));
    marks = drawn;
  }
  for (size_t i = 0; i < n; i++) {
    if (marks[i])
      fresh.held[fresh.n_held++] = i;
    else
      fresh.rows[fresh.n_rows++] = i;
  }
  if (fresh.n_rows == 0) {
    status = hn_fail(err, HN_INVALID,
                     "network: all %zu rows are held out for validation, at least "
                     "one must be left to train on",
                     n);
    goto done;
  }
  *holdout = fresh;
  fresh = (hn_holdout){0};
done:
  hn_holdout_free(&fresh);
  hn_free(drawn);
  return status;
}

void hn_holdout_free(hn_holdout *holdout) {
  hn_free(holdout->rows);
  hn_free(holdout->held);
  *holdout = (hn_holdout){0};
}
