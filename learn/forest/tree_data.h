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

/* One column: its values, ascending, stand at values[start] … by rank 0, 1, … length - 1. Sixteen
 * bytes, so that a node learns all of a column that it drew from one place in memory. */
typedef struct {
  uint64_t start;
  uint32_t length;
  uint32_t n_negative : 31; /* sparse: values below zero */
  uint32_t has_ties : 1;    /* sparse: equal values with different ranks */
} hn_tree_column;

/* Sparse: one value an entry, its row at the same place of rows16 or rows32. Dense: one a distinct
 * value, and ranks[j * N + i] for row i of column j. Owns its arrays. */
typedef struct {
  size_t n_rows, n_cols;
  int is_dense;
  hn_tree_column *columns; /* (D) */
  float *values;
  uint16_t *rows16; /* sparse and N <= 65,536 */
  uint32_t *rows32; /* sparse otherwise */
  uint32_t *ranks;  /* dense (D, N) */
} hn_tree_data;

static inline uint32_t hn_tree_data_row(const hn_tree_data *data, size_t entry) {
  return data->rows16 ? data->rows16[entry] : data->rows32[entry];
}

/* x: dense or sparse. Errors: HN_NO_MEMORY. Parallel over columns; O(entries log entries). */
hn_status hn_tree_data_init(hn_tree_data *data, const hn_features *x, hn_error *err);
void hn_tree_data_free(hn_tree_data *data);

#endif
