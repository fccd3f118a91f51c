#include "eval/compact.h"

#include "base/memory.h"

#include <stdlib.h>

static int compare_ids(const void *a, const void *b) {
  int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

hn_status hn_compact(const int32_t *ids, size_t n, int32_t *dense_out, size_t *n_distinct_out,
                     hn_error *err) {
  hn_status status = HN_OK;
  int32_t *sorted = NULL;
  size_t n_known = 0, n_distinct = 0;

  HN_NEW(sorted, n, err);
  for (size_t i = 0; i < n; i++)
    if (ids[i] >= 0) sorted[n_known++] = ids[i];
  qsort(sorted, n_known, sizeof *sorted, compare_ids);
  for (size_t i = 0; i < n_known; i++)
    if (n_distinct == 0 || sorted[i] != sorted[n_distinct - 1]) sorted[n_distinct++] = sorted[i];
  for (size_t i = 0; i < n; i++) {
    const int32_t *at =
        ids[i] < 0 ? NULL : bsearch(&ids[i], sorted, n_distinct, sizeof *sorted, compare_ids);
    dense_out[i] = at ? (int32_t)(at - sorted) : -1;
  }
  *n_distinct_out = n_distinct;
done:
  hn_free(sorted);
  return status;
}

hn_status hn_compact_groups(const int32_t *take, const int32_t *groups, size_t n,
                            int32_t *dense_out, size_t *n_groups_out, hn_error *err) {
  size_t n_groups;
  for (size_t i = 0; i < n; i++) dense_out[i] = take[i] >= 0 && groups ? groups[i] : -1;
  hn_status status = hn_compact(dense_out, n, dense_out, &n_groups, err);
  if (status != HN_OK) return status;
  for (size_t i = 0; i < n; i++)
    if (take[i] >= 0 && dense_out[i] < 0) dense_out[i] = (int32_t)n_groups++;
  *n_groups_out = n_groups;
  return HN_OK;
}
