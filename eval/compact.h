/* Ids as they come (artists, clusters, values) turned into 0 … n - 1. */
#ifndef HN_EVAL_COMPACT_H
#define HN_EVAL_COMPACT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* dense_out (n): the rank of each id among the distinct ids, ascending; negative ids (missing) give
 * -1. dense_out may be ids itself. Errors: HN_NO_MEMORY. O(n log n). Matches numpy.unique's
 * return_inverse. */
hn_status hn_compact(const int32_t *ids, size_t n, int32_t *dense_out, size_t *n_distinct_out,
                     hn_error *err);

/* Groups of the rows that take part (take[i] >= 0): the compacted ids, and a new one for each row
 * whose id is missing (groups NULL: for every row); -1 for rows that take no part.
 * Errors: HN_NO_MEMORY. */
hn_status hn_compact_groups(const int32_t *take, const int32_t *groups, size_t n,
                            int32_t *dense_out, size_t *n_groups_out, hn_error *err);

#endif
