/* The values of a table by groups of columns: which rows hold anything in a group, and what. */
#ifndef HN_LEARN_COLUMN_GROUPS_H
#define HN_LEARN_COLUMN_GROUPS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/matrix.h"

/* Group g is of the columns columns[starts[g]] … columns[starts[g + 1] - 1]; groups may overlap. */
typedef struct {
  size_t n;
  const size_t *starts; /* (n + 1) */
  const size_t *columns;
} hn_column_groups;

/* A part is what one row holds in one group: the entries entry[p] … entry[p + 1] - 1, none of them
 * 0, columns ascending. Group g has the parts start[g] … start[g + 1] - 1, rows ascending. Owns its
 * arrays. */
typedef struct {
  size_t n_groups;
  size_t *start; /* (n_groups + 1) */
  uint32_t *row; /* of each part */
  size_t *entry; /* (parts + 1) */
  int32_t *columns;
  float *values;
  size_t longest; /* entries of the longest part */
} hn_group_parts;

/* Of dense or sparse features. groups NULL: each column is a group of its own. used (D): columns
 * where it is 0 are passed over; NULL: none. Errors: HN_INVALID for a column that x lacks or that
 * stands twice in a group, HN_UNSUPPORTED from 2^32 - 1 rows or parts, HN_NO_MEMORY.
 * O(values + groups). */
hn_status hn_group_parts_init(hn_group_parts *parts, const hn_features *x,
                              const hn_column_groups *groups, const uint8_t *used, hn_error *err);
void hn_group_parts_free(hn_group_parts *parts);

#endif
