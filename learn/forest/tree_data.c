#include "learn/forest/tree_data.h"

#include "base/memory.h"
#include "learn/columns.h"

#include <string.h>

/* A value and its row in one number that sorts by value: floats order as their bits do, once the
 * negative ones are turned over and the positive ones lie above them. */
typedef uint64_t cell;

static cell make_cell(float value, uint32_t row) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  bits ^= bits >> 31 ? UINT32_MAX : 0x80000000u;
  return (cell)bits << 32 | row;
}

static float value_of(cell c) {
  uint32_t bits = (uint32_t)(c >> 32);
  bits ^= bits >> 31 ? 0x80000000u : UINT32_MAX;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static void sort_by_insertion(cell *cells, size_t n) {
  for (size_t i = 1; i < n; i++) {
    cell c = cells[i];
    size_t j = i;
    for (; j > 0 && cells[j - 1] > c; j--) cells[j] = cells[j - 1];
    cells[j] = c;
  }
}

/* Sort cells whose rows ascend: few by insertion, many by the digits of their values, the least
 * digit first. The sorted cells are in *cells; the two arrays may have changed places. */
static void sort_cells(cell **cells, cell **spare, size_t n) {
  enum { DIGIT_BITS = 8, N_DIGITS = 1 << DIGIT_BITS, SMALL = 64 };
  if (n <= SMALL) {
    sort_by_insertion(*cells, n);
    return;
  }
  cell *from = *cells, *to = *spare, differing = 0;
  for (size_t i = 1; i < n; i++) differing |= from[i] ^ from[0];
  for (unsigned shift = 32; shift < 64; shift += DIGIT_BITS) {
    size_t start[N_DIGITS] = {0};
    if ((differing >> shift & (N_DIGITS - 1)) == 0) continue;
    for (size_t i = 0; i < n; i++) start[from[i] >> shift & (N_DIGITS - 1)]++;
    for (size_t d = 0, before = 0; d < N_DIGITS; d++) {
      size_t count = start[d];
      start[d] = before;
      before += count;
    }
    for (size_t i = 0; i < n; i++) to[start[from[i] >> shift & (N_DIGITS - 1)]++] = from[i];
    cell *t = from;
    from = to;
    to = t;
  }
  *cells = from;
  *spare = to;
}

static void fill_sparse(hn_tree_data *d, const hn_columns *columns, size_t j, cell **cells,
                        cell **spare) {
  hn_tree_column *column = &d->columns[j];
  size_t n = 0;
  for (size_t e = columns->start[j]; e < columns->start[j + 1]; e++)
    if (columns->values[e] != 0) (*cells)[n++] = make_cell(columns->values[e], columns->rows[e]);
  sort_cells(cells, spare, n);
  for (size_t p = 0; p < n; p++) {
    float value = value_of((*cells)[p]);
    uint32_t row = (uint32_t)(*cells)[p];
    d->values[column->start + p] = value;
    if (d->rows16)
      d->rows16[column->start + p] = (uint16_t)row;
    else
      d->rows32[column->start + p] = row;
    if (value < 0) column->n_negative++;
    if (p && value == d->values[column->start + p - 1]) column->has_ties = 1;
  }
}

static hn_status init_sparse(hn_tree_data *d, const hn_csr *m, hn_error *err) {
  hn_status status = HN_OK;
  hn_columns columns = {0};
  size_t n_entries = 0;
  int is_out_of_memory = 0;
  HN_TRY(hn_columns_init(&columns, m, err));
  for (size_t j = 0; j < d->n_cols; j++) {
    d->columns[j].start = n_entries;
    for (size_t e = columns.start[j]; e < columns.start[j + 1]; e++)
      d->columns[j].length += columns.values[e] != 0;
    n_entries += d->columns[j].length;
  }
  HN_NEW(d->values, n_entries, err);
  if (d->n_rows <= UINT16_MAX + 1u)
    HN_NEW(d->rows16, n_entries, err);
  else
    HN_NEW(d->rows32, n_entries, err);
#pragma omp parallel reduction(| : is_out_of_memory)
  {
    cell *cells = hn_alloc(d->n_rows, sizeof *cells), *spare = hn_alloc(d->n_rows, sizeof *spare);
    if (!cells || !spare) is_out_of_memory = 1;
#pragma omp for schedule(dynamic, 64)
    for (size_t j = 0; j < d->n_cols; j++)
      if (cells && spare) fill_sparse(d, &columns, j, &cells, &spare);
    hn_free(cells);
    hn_free(spare);
  }
  if (is_out_of_memory) HN_TRY(hn_fail_memory(err));
done:
  hn_columns_free(&columns);
  return status;
}

/* Ranks of column j; its distinct values go to `distinct`. */
static void fill_dense(hn_tree_data *d, const hn_matrix *m, size_t j, cell **cells, cell **spare,
                       float *distinct) {
  size_t n = 0;
  for (size_t i = 0; i < d->n_rows; i++) /* + 0: the two zeros are one value */
    (*cells)[i] = make_cell(m->values[i * d->n_cols + j] + 0.0f, (uint32_t)i);
  sort_cells(cells, spare, d->n_rows);
  for (size_t i = 0; i < d->n_rows; i++) {
    float value = value_of((*cells)[i]);
    if (n == 0 || value != distinct[n - 1]) distinct[n++] = value;
    d->ranks[j * d->n_rows + (uint32_t)(*cells)[i]] = (uint32_t)(n - 1);
  }
  d->columns[j].length = (uint32_t)n;
}

static hn_status init_dense(hn_tree_data *d, const hn_matrix *m, hn_error *err) {
  hn_status status = HN_OK;
  float *distinct = NULL; /* (D, N), packed into values afterwards */
  size_t n_values = 0;
  int is_out_of_memory = 0;
  HN_NEW(d->ranks, d->n_cols * d->n_rows, err);
  HN_NEW(distinct, d->n_cols * d->n_rows, err);
#pragma omp parallel reduction(| : is_out_of_memory)
  {
    cell *cells = hn_alloc(d->n_rows, sizeof *cells), *spare = hn_alloc(d->n_rows, sizeof *spare);
    if (!cells || !spare) is_out_of_memory = 1;
#pragma omp for schedule(dynamic)
    for (size_t j = 0; j < d->n_cols; j++)
      if (cells && spare) fill_dense(d, m, j, &cells, &spare, distinct + j * d->n_rows);
    hn_free(cells);
    hn_free(spare);
  }
  if (is_out_of_memory) HN_TRY(hn_fail_memory(err));
  for (size_t j = 0; j < d->n_cols; j++) {
    d->columns[j].start = n_values;
    n_values += d->columns[j].length;
  }
  HN_NEW(d->values, n_values, err);
  for (size_t j = 0; j < d->n_cols; j++)
    memcpy(d->values + d->columns[j].start, distinct + j * d->n_rows,
           d->columns[j].length * sizeof *distinct);
done:
  hn_free(distinct);
  return status;
}

hn_status hn_tree_data_init(hn_tree_data *data, const hn_features *x, hn_error *err) {
  hn_status status = HN_OK;
  hn_tree_data d = {.n_rows = hn_features_n_rows(x),
                    .n_cols = hn_features_n_cols(x),
                    .is_dense = x->kind == HN_FEATURES_DENSE};
  HN_NEW(d.columns, d.n_cols, err);
  HN_TRY(d.is_dense ? init_dense(&d, &x->as.dense, err) : init_sparse(&d, &x->as.csr, err));
  *data = d;
  return HN_OK;
done:
  hn_tree_data_free(&d);
  return status;
}

void hn_tree_data_free(hn_tree_data *d) {
  hn_free(d->columns);
  hn_free(d->values);
  hn_free(d->rows16);
  hn_free(d->rows32);
  hn_free(d->ranks);
  *d = (hn_tree_data){0};
}
