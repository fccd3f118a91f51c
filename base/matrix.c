#include "base/matrix.h"

#include "base/memory.h"

#include <string.h>

hn_status hn_matrix_init(hn_matrix *m, size_t n_rows, size_t n_cols, hn_error *err) {
  size_t n;
  float *values = NULL;
  if (!__builtin_mul_overflow(n_rows, n_cols, &n)) values = hn_calloc(n, sizeof *values);
  if (!values) return hn_fail_memory(err);
  *m = (hn_matrix){n_rows, n_cols, values};
  return HN_OK;
}

void hn_matrix_free(hn_matrix *m) {
  if (!m) return;
  hn_free(m->values);
  *m = (hn_matrix){0};
}

hn_status hn_csr_init(hn_csr *m, size_t n_rows, size_t n_cols, size_t n_entries, hn_error *err) {
  if (n_cols > INT32_MAX)
    return hn_fail(err, HN_INVALID, "%zu columns are more than a sparse matrix holds (2147483647)",
                   n_cols);
  hn_status status = HN_OK;
  hn_csr made = {n_rows, n_cols, NULL, NULL, NULL};
  HN_NEW(made.indptr, n_rows + 1, err);
  HN_NEW(made.indices, n_entries, err);
  HN_NEW(made.values, n_entries, err);
  *m = made;
  return HN_OK;
done:
  hn_csr_free(&made);
  return status;
}

void hn_csr_free(hn_csr *m) {
  if (!m) return;
  hn_free(m->indptr);
  hn_free(m->indices);
  hn_free(m->values);
  *m = (hn_csr){0};
}

hn_status hn_csr_check(const hn_csr *m, hn_error *err) {
  if (m->indptr[0] != 0)
    return hn_fail(err, HN_FORMAT, "sparse matrix: indptr does not start at 0");
  for (size_t i = 0; i < m->n_rows; i++) {
    if (m->indptr[i + 1] < m->indptr[i])
      return hn_fail(err, HN_FORMAT, "sparse matrix: indptr descends at row %zu", i);
    for (int64_t k = m->indptr[i]; k < m->indptr[i + 1]; k++) {
      int32_t j = m->indices[k];
      if (j < 0 || (size_t)j >= m->n_cols)
        return hn_fail(err, HN_FORMAT, "sparse matrix: row %zu names column %d of %zu", i, j,
                       m->n_cols);
      if (k > m->indptr[i] && j <= m->indices[k - 1])
        return hn_fail(err, HN_FORMAT, "sparse matrix: the columns of row %zu do not ascend", i);
    }
  }
  return HN_OK;
}

hn_status hn_images_init(hn_images *m, size_t n_items, size_t height, hn_error *err) {
  hn_status status = HN_OK;
  hn_images made = {n_items, height, NULL, NULL};
  HN_NEW(made.widths, n_items, err);
  HN_NEW(made.items, n_items, err);
  *m = made;
  return HN_OK;
done:
  hn_images_free(&made);
  return status;
}

void hn_images_free(hn_images *m) {
  if (!m) return;
  if (m->items)
    for (size_t i = 0; i < m->n_items; i++) hn_free(m->items[i]);
  hn_free(m->items);
  hn_free(m->widths);
  *m = (hn_images){0};
}

size_t hn_features_n_rows(const hn_features *x) {
  switch (x->kind) {
  case HN_FEATURES_DENSE:
    return x->as.dense.n_rows;
  case HN_FEATURES_CSR:
    return x->as.csr.n_rows;
  case HN_FEATURES_IMAGES:
    return x->as.images.n_items;
  }
  return 0;
}

size_t hn_features_n_cols(const hn_features *x) {
  switch (x->kind) {
  case HN_FEATURES_DENSE:
    return x->as.dense.n_cols;
  case HN_FEATURES_CSR:
    return x->as.csr.n_cols;
  case HN_FEATURES_IMAGES:
    return x->as.images.height;
  }
  return 0;
}

void hn_features_free(hn_features *x) {
  if (!x) return;
  switch (x->kind) {
  case HN_FEATURES_DENSE:
    hn_matrix_free(&x->as.dense);
    break;
  case HN_FEATURES_CSR:
    hn_csr_free(&x->as.csr);
    break;
  case HN_FEATURES_IMAGES:
    hn_images_free(&x->as.images);
    break;
  }
}

static hn_status take_csr(const hn_csr *x, const size_t *rows, size_t n_rows, hn_csr *taken,
                          hn_error *err) {
  size_t n_entries = 0;
  for (size_t i = 0; i < n_rows; i++)
    n_entries += (size_t)(x->indptr[rows[i] + 1] - x->indptr[rows[i]]);
  hn_status status = hn_csr_init(taken, n_rows, x->n_cols, n_entries, err);
  if (status != HN_OK) return status;
  for (size_t i = 0; i < n_rows; i++) {
    int64_t from = x->indptr[rows[i]], to = taken->indptr[i];
    size_t n = (size_t)(x->indptr[rows[i] + 1] - from);
    memcpy(taken->indices + to, x->indices + from, n * sizeof *x->indices);
    memcpy(taken->values + to, x->values + from, n * sizeof *x->values);
    taken->indptr[i + 1] = to + (int64_t)n;
  }
  return HN_OK;
}

static hn_status take_images(const hn_images *x, const size_t *rows, size_t n_rows,
                             hn_images *taken, hn_error *err) {
  hn_images made = {0};
  hn_status status = hn_images_init(&made, n_rows, x->height, err);
  for (size_t i = 0; status == HN_OK && i < n_rows; i++) {
    size_t n = x->height * x->widths[rows[i]];
    made.items[i] = hn_alloc(n, sizeof(float));
    if (!made.items[i]) {
      status = hn_fail_memory(err);
      break;
    }
    made.widths[i] = x->widths[rows[i]];
    memcpy(made.items[i], x->items[rows[i]], n * sizeof(float));
  }
  if (status == HN_OK)
    *taken = made;
  else
    hn_images_free(&made);
  return status;
}

hn_status hn_features_take(const hn_features *x, const size_t *rows, size_t n_rows,
                           hn_features *taken_out, hn_error *err) {
  hn_features taken = {.kind = x->kind};
  hn_status status = HN_INVALID;
  switch (x->kind) {
  case HN_FEATURES_DENSE: {
    const hn_matrix *m = &x->as.dense;
    status = hn_matrix_init(&taken.as.dense, n_rows, m->n_cols, err);
    for (size_t i = 0; status == HN_OK && i < n_rows; i++)
      memcpy(taken.as.dense.values + i * m->n_cols, m->values + rows[i] * m->n_cols,
             m->n_cols * sizeof(float));
    break;
  }
  case HN_FEATURES_CSR:
    status = take_csr(&x->as.csr, rows, n_rows, &taken.as.csr, err);
    break;
  case HN_FEATURES_IMAGES:
    status = take_images(&x->as.images, rows, n_rows, &taken.as.images, err);
    break;
  }
  if (status == HN_OK) *taken_out = taken;
  return status;
}

const char *hn_features_kind_name(hn_features_kind kind) {
  switch (kind) {
  case HN_FEATURES_DENSE:
    return "dense";
  case HN_FEATURES_CSR:
    return "sparse";
  case HN_FEATURES_IMAGES:
    return "pictures";
  }
  return "unknown";
}
