/* Several models' probability tables side by side, track by track. N tracks, M tables, K classes.
 */
#ifndef HN_FUSION_ALIGN_H
#define HN_FUSION_ALIGN_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/probability.h"

/* The union of the tables' tracks, in the order of their first appearance (the first table's, then
 * what the second adds, …). Owns its arrays; ids, classes and rows are borrowed from the tables. */
typedef struct {
  size_t n_rows, n_tables, n_classes;
  const char **ids;           /* (N) */
  const char *const *classes; /* (K) */
  const float **p;            /* (N, M) each a row of K probabilities, or NULL: the table lacks the
                                 track, or is absent there */
  int32_t *truth;             /* (N) the truth that any table knows, or HN_LABEL_MISSING */
  int32_t *fold;              /* (N) the fold that the tables agree on, or -1 */
} hn_aligned;

/* tables (M): some may be NULL (no track has that model), not all; names (M): models or files, for
 * messages. Errors: HN_INVALID: classes that differ (naming tables and classes), two truths of one
 * track (naming it), an id twice in a table; HN_NO_MEMORY. O(N M log(N M)). */
hn_status hn_align(const hn_probability *const *tables, const char *const *names, size_t n_tables,
                   hn_aligned *aligned_out, hn_error *err);
void hn_aligned_free(hn_aligned *aligned);

#endif
