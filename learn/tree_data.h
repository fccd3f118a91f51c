/* Training features in the forms that growing trees reads; made once, shared by all trees.
 *
 * Sparse: each column's entries sorted by value, only their row numbers (16 bits while they fit) in
 * the inner loops: the position of an entry is its rank, so no node has to sort. Zeros stay
 * implicit. Dense: each column's values replaced by their ranks among its distinct values. */
#ifndef HN_LEARN_TREE_DATA_H
#define HN_LEARN_TREE_DATA_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/matrix.h"

/* Column j: the values of ranks 0, 1, … stand at values[start[j]] … values[start[j + 1] - 1],
 * ascending. Sparse: one an entry (equal ones repeat where has_ties[j]), its row at the same place
 * of rows16 or rows32, the first n_negative[j] below zero. Dense: one a distinct value, and ranks[j
 * * N + i] for row i. Owns its arrays. */
typedef struct {
  size_t n_rows, n_cols;
  int is_dense;
  size_t *start; /* (D + 1) */
  float *values;
  uint16_t *rows16;     /* sparse and N <= 65,536 */
  uint32_t *rows32;     /* sparse otherwise */
  uint32_t *n_negative; /* sparse (D) */
  uint8_t *has_ties;    /* sparse (D) */
  uint32_t *ranks;      /* dense (D, N) */
} hn_tree_data;

/* x: dense or sparse. Errors: HN_NO_MEMORY. Parallel over columns; O(entries log entries). */
hn_status hn_tree_data_init(hn_tree_data *data, const hn_features *x, hn_error *err);
void hn_tree_data_free(hn_tree_data *data);

#endif
