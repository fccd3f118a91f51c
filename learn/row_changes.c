#include "learn/row_changes.h"

#include <string.h>

enum { MAX_ROWS = 256, MAX_DENSE_VALUES = 1 << 18 };

/* The row (n entries) with a change merged in, without zeros; returns its entries. */
static size_t merge(const int32_t *columns, const float *values, size_t n,
                    const hn_row_change *change, int32_t *columns_out, float *values_out) {
  size_t n_out = 0;
  for (size_t i = 0, c = 0; i < n || c < change->n;) {
    int is_changed = c < change->n && (i == n || change->columns[c] <= columns[i]);
    if (is_changed && i < n && change->columns[c] == columns[i]) i++;
    columns_out[n_out] = is_changed ? change->columns[c] : columns[i];
    values_out[n_out] = is_changed ? change->values[c++] : values[i++];
    n_out += values_out[n_out] != 0;
  }
  return n_out;
}

static hn_status make_sparse(const hn_csr *x, size_t row, const hn_row_change *changes, size_t n,
                             hn_csr *rows_out, hn_error *err) {
  const int64_t from = x->indptr[row];
  const size_t n_own = (size_t)(x->indptr[row + 1] - from);
  size_t room = 0, n_entries = 0;
  /* One entry more: merge writes a zero before it drops it. */
  for (size_t c = 0; c < n; c++) room += n_own + changes[c].n;
  hn_status status = hn_csr_init(rows_out, n, x->n_cols, room + 1, err);
  for (size_t c = 0; status == HN_OK && c < n; c++) {
    n_entries += merge(x->indices + from, x->values + from, n_own, &changes[c],
                       rows_out->indices + n_entries, rows_out->values + n_entries);
    rows_out->indptr[c + 1] = (int64_t)n_entries;
  }
  return status;
}

static hn_status make_dense(const hn_matrix *x, size_t row, const hn_row_change *changes, size_t n,
                            hn_matrix *rows_out, hn_error *err) {
  hn_status status = hn_matrix_init(rows_out, n, x->n_cols, err);
  for (size_t c = 0; status == HN_OK && c < n; c++) {
    float *values = rows_out->values + c * x->n_cols;
    memcpy(values, x->values + row * x->n_cols, x->n_cols * sizeof *values);
    for (size_t v = 0; v < changes[c].n; v++) values[changes[c].columns[v]] = changes[c].values[v];
  }
  return status;
}

hn_status hn_predict_changed_rows(const hn_model *model, const hn_features *x, size_t row,
                                  const hn_row_change *changes, size_t n_changes, float *p_out,
                                  hn_error *err) {
  hn_status status = HN_OK;
  size_t n_cols = hn_features_n_cols(x), n_rows = MAX_ROWS;
  if (x->kind == HN_FEATURES_DENSE && n_rows * n_cols > MAX_DENSE_VALUES)
    n_rows = n_cols < MAX_DENSE_VALUES ? MAX_DENSE_VALUES / n_cols : 1;
  for (size_t from = 0; status == HN_OK && from < n_changes; from += n_rows) {
    size_t n = n_changes - from < n_rows ? n_changes - from : n_rows;
    hn_features rows = {.kind = x->kind};
    status = x->kind == HN_FEATURES_DENSE
                 ? make_dense(&x->as.dense, row, changes + from, n, &rows.as.dense, err)
                 : make_sparse(&x->as.csr, row, changes + from, n, &rows.as.csr, err);
    if (status == HN_OK)
      status = hn_model_predict_proba(model, &rows, p_out + from * hn_model_n_classes(model), err);
    hn_features_free(&rows);
  }
  return status;
}
