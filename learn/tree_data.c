#include "learn/tree_data.h"

#include "base/memory.h"
#include "learn/columns.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  float value;
  uint32_t row;
} cell;

static int by_value(const void *a, const void *b) {
  const cell *x = a, *y = b;
  if (x->value != y->value) return x->value < y->value ? -1 : 1;
  return x->row < y->row ? -1 : x->row > y->row;
}

/* The cells of column j that are not zero, sorted by value. */
static size_t sort_sparse(const hn_columns *columns, size_t j, cell *cells) {
  size_t n = 0;
  for (size_t e = columns->start[j]; e < columns->start[j + 1]; e++)
    if (columns->values[e] != 0) cells[n++] = (cell){columns->values[e], columns->rows[e]};
  qsort(cells, n, sizeof *cells, by_value);
  return n;
}

static void fill_sparse(hn_tree_data *d, size_t j, const cell *cells) {
  size_t start = d->start[j], n = d->start[j + 1] - start;
  for (size_t p = 0; p < n; p++) {
    d->values[start + p] = cells[p].value;
    if (d->rows16)
      d->rows16[start + p] = (uint16_t)cells[p].row;
    else
      d->rows32[start + p] = cells[p].row;
    d->n_negative[j] += cells[p].value < 0;
    if (p && cells[p].value == cells[p - 1].value) d->has_ties[j] = 1;
  }
}

static hn_status init_sparse(hn_tree_data *d, const hn_csr *m, hn_error *err) {
  hn_status status = HN_OK;
  hn_columns columns = {0};
  int is_out_of_memory = 0;
  HN_TRY(hn_columns_init(&columns, m, err));
  HN_NEW(d->n_negative, d->n_cols, err);
  HN_NEW(d->has_ties, d->n_cols, err);
  for (size_t j = 0; j < d->n_cols; j++) {
    size_t n = 0;
    for (size_t e = columns.start[j]; e < columns.start[j + 1]; e++) n += columns.values[e] != 0;
    d->start[j + 1] = d->start[j] + n;
  }
  HN_NEW(d->values, d->start[d->n_cols], err);
  if (d->n_rows <= UINT16_MAX + 1u)
    HN_NEW(d->rows16, d->start[d->n_cols], err);
  else
    HN_NEW(d->rows32, d->start[d->n_cols], err);
#pragma omp parallel reduction(| : is_out_of_memory)
  {
    cell *cells = hn_alloc(d->n_rows, sizeof *cells);
    if (!cells) is_out_of_memory = 1;
#pragma omp for schedule(dynamic, 64)
    for (size_t j = 0; j < d->n_cols; j++) {
      if (!cells) continue;
      sort_sparse(&columns, j, cells);
      fill_sparse(d, j, cells);
    }
    hn_free(cells);
  }
  if (is_out_of_memory) HN_TRY(hn_fail_memory(err));
done:
  hn_columns_free(&columns);
  return status;
}

/* Ranks of column j; its distinct values go to cells[0 … count - 1]. */
static size_t rank_dense(hn_tree_data *d, const hn_matrix *m, size_t j, cell *cells) {
  for (size_t i = 0; i < d->n_rows; i++) /* + 0: the two zeros are one value */
    cells[i] = (cell){m->values[i * d->n_cols + j] + 0.0f, (uint32_t)i};
  qsort(cells, d->n_rows, sizeof *cells, by_value);
  size_t n = 0;
  for (size_t i = 0; i < d->n_rows; i++) {
    if (i == 0 || cells[i].value != cells[n - 1].value) cells[n++].value = cells[i].value;
    d->ranks[j * d->n_rows + cells[i].row] = (uint32_t)(n - 1);
  }
  return n;
}

static hn_status init_dense(hn_tree_data *d, const hn_matrix *m, hn_error *err) {
  hn_status status = HN_OK;
  float *distinct = NULL; /* (D, N), packed into values afterwards */
  int is_out_of_memory = 0;
  HN_NEW(d->ranks, d->n_cols * d->n_rows, err);
  HN_NEW(distinct, d->n_cols * d->n_rows, err);
#pragma omp parallel reduction(| : is_out_of_memory)
  {
    cell *cells = hn_alloc(d->n_rows, sizeof *cells);
    if (!cells) is_out_of_memory = 1;
#pragma omp for schedule(dynamic)
    for (size_t j = 0; j < d->n_cols; j++) {
      if (!cells) continue;
      size_t n = rank_dense(d, m, j, cells);
      for (size_t p = 0; p < n; p++) distinct[j * d->n_rows + p] = cells[p].value;
      d->start[j + 1] = n;
    }
    hn_free(cells);
  }
  if (is_out_of_memory) HN_TRY(hn_fail_memory(err));
  for (size_t j = 0; j < d->n_cols; j++) d->start[j + 1] += d->start[j];
  HN_NEW(d->values, d->start[d->n_cols], err);
  for (size_t j = 0; j < d->n_cols; j++)
    memcpy(d->values + d->start[j], distinct + j * d->n_rows,
           (d->start[j + 1] - d->start[j]) * sizeof *distinct);
done:
  hn_free(distinct);
  return status;
}

hn_status hn_tree_data_init(hn_tree_data *data, const hn_features *x, hn_error *err) {
  hn_status status = HN_OK;
  hn_tree_data d = {.n_rows = hn_features_n_rows(x),
                    .n_cols = hn_features_n_cols(x),
                    .is_dense = x->kind == HN_FEATURES_DENSE};
  HN_NEW(d.start, d.n_cols + 1, err);
  HN_TRY(d.is_dense ? init_dense(&d, &x->as.dense, err) : init_sparse(&d, &x->as.csr, err));
  *data = d;
  return HN_OK;
done:
  hn_tree_data_free(&d);
  return status;
}

void hn_tree_data_free(hn_tree_data *d) {
  hn_free(d->start);
  hn_free(d->values);
  hn_free(d->rows16);
  hn_free(d->rows32);
  hn_free(d->n_negative);
  hn_free(d->has_ties);
  hn_free(d->ranks);
  *d = (hn_tree_data){0};
}
