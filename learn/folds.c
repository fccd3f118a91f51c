#include "learn/folds.h"

#include "base/memory.h"
#include "base/random.h"

#include <stdlib.h>

/* A group, by its first row in the drawn order. */
typedef struct {
  int32_t group;
  size_t place, row; /* place in the drawn order */
} member;

typedef struct {
  int32_t label;
  size_t place, first, n; /* members */
} unit;

static int by_group(const void *a, const void *b) {
  const member *x = a, *y = b;
  if (x->group != y->group) return x->group < y->group ? -1 : 1;
  return x->place < y->place ? -1 : x->place > y->place;
}

static int by_label(const void *a, const void *b) {
  const unit *x = a, *y = b;
  if (x->label != y->label) return x->label < y->label ? -1 : 1;
  return x->place < y->place ? -1 : x->place > y->place;
}

static size_t smallest(const size_t *sizes, size_t n) {
  size_t best = 0;
  for (size_t f = 1; f < n; f++)
    if (sizes[f] < sizes[best]) best = f;
  return best;
}

hn_status hn_deal_folds(const int32_t *y, const int32_t *groups, size_t n_rows, size_t n_folds,
                        uint64_t seed, uint32_t *fold_out, hn_error *err) {
  hn_status status = HN_OK;
  size_t *order = NULL, *sizes = NULL, n_units = 0;
  member *members = NULL;
  unit *units = NULL;
  hn_rng rng;
  HN_NEW(order, n_rows, err);
  HN_NEW(sizes, n_folds, err);
  HN_NEW(members, n_rows, err);
  HN_NEW(units, n_rows, err);

  hn_rng_init(&rng, seed, "learn.folds", 0);
  for (size_t i = 0; i < n_rows; i++) order[i] = i;
  hn_rng_shuffle(&rng, order, n_rows);
  for (size_t i = 0; i < n_rows; i++)
    members[i] = (member){groups ? groups[order[i]] : -1, i, order[i]};
  qsort(members, n_rows, sizeof *members, by_group);
  for (size_t i = 0; i < n_rows; i++) {
    if (i == 0 || members[i].group < 0 || members[i].group != members[i - 1].group)
      units[n_units++] = (unit){y[members[i].row], members[i].place, i, 0};
    units[n_units - 1].n++;
  }
  qsort(units, n_units, sizeof *units, by_label);
  for (size_t u = 0; u < n_units; u++) {
    size_t fold = smallest(sizes, n_folds);
    for (size_t i = 0; i < units[u].n; i++)
      fold_out[members[units[u].first + i].row] = (uint32_t)fold;
    sizes[fold] += units[u].n;
  }
done:
  hn_free(order);
  hn_free(sizes);
  hn_free(members);
  hn_free(units);
  return status;
}
