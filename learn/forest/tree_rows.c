#include "learn/forest/tree_rows.h"

#include "base/memory.h"

static hn_status list_frequent(hn_tree_rows *r, const hn_tree_data *data, hn_error *err) {
  hn_status status = HN_OK;
  size_t least = data->n_rows / HN_FREQUENT_SHARE;
  if (least < HN_FREQUENT_LEAST) least = HN_FREQUENT_LEAST;
  HN_NEW(r->frequent_at, data->n_cols, err);
  for (size_t j = 0; j < data->n_cols; j++)
    r->frequent_at[j] = data->columns[j].length > least ? (int32_t)r->n_frequent++ : -1;
  HN_NEW(r->frequent, r->n_frequent, err);
  for (size_t j = 0; j < data->n_cols; j++)
    if (r->frequent_at[j] >= 0) r->frequent[r->frequent_at[j]] = (uint32_t)j;
done:
  return status;
}

/* The rows' starts, and room for their entries. */
static hn_status lay_out_rows(hn_tree_rows *r, const hn_tree_data *data, hn_error *err) {
  hn_status status = HN_OK;
  size_t n_entries = 0;
  r->n_blocks = (r->n_frequent + 31) / 32;
  HN_NEW(r->rows, data->n_rows, err);
  HN_NEW(r->blocks, data->n_rows * r->n_blocks, err);
  for (size_t j = 0; j < data->n_cols; j++)
    for (size_t p = 0; p < data->columns[j].length; p++)
      r->rows[hn_tree_data_row(data, data->columns[j].start + p)].n_entries++;
  for (size_t i = 0; i < data->n_rows; i++) {
    r->rows[i].start = n_entries;
    n_entries += r->rows[i].n_entries;
    r->rows[i].n_entries = 0;
  }
  HN_NEW(r->entries, n_entries, err);
  if (data->rows16)
    HN_NEW(r->ranks16, n_entries, err);
  else
    HN_NEW(r->ranks32, n_entries, err);
done:
  return status;
}

/* Append the entry with rank p in its column to row i; where in the row it stands. */
static uint32_t append_entry(hn_tree_rows *r, uint32_t i, uint32_t entry, size_t p) {
  hn_tree_row *row = &r->rows[i];
  size_t e = row->start + row->n_entries;
  r->entries[e] = entry;
  if (r->ranks16)
    r->ranks16[e] = (uint16_t)p;
  else
    r->ranks32[e] = (uint32_t)p;
  return row->n_entries++;
}

static void append_rare(hn_tree_rows *r, const hn_tree_data *data, size_t j) {
  for (size_t p = 0; p < data->columns[j].length; p++) {
    uint32_t i = hn_tree_data_row(data, data->columns[j].start + p);
    append_entry(r, i, (uint32_t)j, p);
    r->rows[i].n_rare++;
  }
}

static void append_frequent(hn_tree_rows *r, const hn_tree_data *data, size_t f) {
  const hn_tree_column *column = &data->columns[r->frequent[f]];
  for (size_t p = 0; p < column->length; p++) {
    uint32_t i = hn_tree_data_row(data, column->start + p);
    uint32_t at = append_entry(r, i, HN_FREQUENT | (uint32_t)f, p);
    hn_tree_block *block = &r->blocks[i * r->n_blocks + f / 32];
    if (block->bits == 0) block->at = at;
    block->bits |= (uint32_t)1 << f % 32;
  }
}

static void list_entries(hn_tree_rows *r, const hn_tree_data *data) {
  double n_rare = 0, squares = 0;
  for (size_t j = 0; j < data->n_cols; j++) {
    if (r->frequent_at[j] >= 0) continue;
    append_rare(r, data, j);
    n_rare += data->columns[j].length;
    squares += (double)data->columns[j].length * data->columns[j].length;
  }
  for (size_t f = 0; f < r->n_frequent; f++) append_frequent(r, data, f);
  r->rare_scan = n_rare > 0 ? squares / n_rare : 0;
}

hn_status hn_tree_rows_init(hn_tree_rows *rows, const hn_tree_data *data, hn_error *err) {
  hn_status status = HN_OK;
  hn_tree_rows r = {0};
  HN_TRY(list_frequent(&r, data, err));
  HN_TRY(lay_out_rows(&r, data, err));
  list_entries(&r, data);
  *rows = r;
  return HN_OK;
done:
  hn_tree_rows_free(&r);
  return status;
}

void hn_tree_rows_free(hn_tree_rows *r) {
  hn_free(r->frequent);
  hn_free(r->frequent_at);
  hn_free(r->rows);
  hn_free(r->blocks);
  hn_free(r->entries);
  hn_free(r->ranks16);
  hn_free(r->ranks32);
  *r = (hn_tree_rows){0};
}
