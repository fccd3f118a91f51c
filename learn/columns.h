/* A sparse matrix by columns (CSC): what a pass over one feature of all rows needs. */
#ifndef HN_LEARN_COLUMNS_H
#define HN_LEARN_COLUMNS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/matrix.h"

/* Column j holds the entries start[j] … start[j + 1] - 1, rows ascending within a column.
 * Owns its arrays. */
typedef struct {
  size_t n_rows, n_cols;
  size_t *start; /* (D + 1) */
  uint32_t *rows;
  float *values;
} hn_columns;

/* Transpose m. Errors: HN_NO_MEMORY. O(entries + D). */
hn_status hn_columns_init(hn_columns *columns, const hn_csr *m, hn_error *err);
void hn_columns_free(hn_columns *columns);

#endif
