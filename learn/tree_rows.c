#include "learn/tree_rows.h"

#include "base/memory.h"

static hn_status list_frequent(hn_tree_rows *r, const hn_tree_data *data, size_t *n_entries_out,
                               hn_error *err) {
  hn_status status = HN_OK;
  size_t least = data->n_rows / HN_FREQUENT_SHARE, n_entries = 0;
  if (least < HN_FREQUENT_LEAST) least = HN_FREQUENT_LEAST;
  HN_NEW(r->frequent_at, data->n_cols, err);
  for (size_t j = 0; j < data->n_cols; j++) {
    int is_frequent = data->columns[j].length > least;
    r->frequent_at[j] = is_frequent ? (int32_t)r->n_frequent++ : -1;
    if (is_frequent) n_entries += data->columns[j].length;
  }
  HN_NEW(r->frequent, r->n_frequent, err);
  for (size_t j = 0; j < data->n_cols; j++)
    if (r->frequent_at[j] >= 0) r->frequent[r->frequent_at[j]] = (uint32_t)j;
  *n_entries_out = n_entries;
done:
  return status;
}

static void map_column(hn_tree_rows *r, const hn_tree_data *data, size_t f, uint32_t *before) {
  const hn_tree_column *column = &data->columns[r->frequent[f]];
  hn_tree_block *blocks = r->blocks + f * r->n_blocks;
  for (size_t p = 0; p < column->length; p++) {
    uint32_t i = hn_tree_data_row(data, column->start + p);
    blocks[i / 32].bits |= (uint32_t)1 << i % 32;
  }
  for (size_t b = 0; b < r->n_blocks; b++) {
    blocks[b].before = *before;
    *before += hn_count_bits(blocks[b].bits);
  }
  for (size_t p = 0; p < column->length; p++) {
    uint32_t place = hn_tree_rows_place(r, f, hn_tree_data_row(data, column->start + p));
    if (r->ranks16)
      r->ranks16[place] = (uint16_t)p;
    else
      r->ranks32[place] = (uint32_t)p;
  }
}

static hn_status map_frequent(hn_tree_rows *r, const hn_tree_data *data, size_t n_entries,
                              hn_error *err) {
  hn_status status = HN_OK;
  uint32_t before = 0;
  r->n_blocks = data->n_rows / 32 + 1;
  HN_NEW(r->blocks, r->n_frequent * r->n_blocks, err);
  if (data->rows16)
    HN_NEW(r->ranks16, n_entries, err);
  else
    HN_NEW(r->ranks32, n_entries, err);
  for (size_t f = 0; f < r->n_frequent; f++) map_column(r, data, f, &before);
done:
  return status;
}

/* Append column j, noted as `entry`, to the lists of its rows; start[i + 1] is where row i's goes
 * on. */
static void append_column(hn_tree_rows *r, const hn_tree_data *data, size_t j, uint32_t entry) {
  for (size_t p = 0; p < data->columns[j].length; p++) {
    uint32_t i = hn_tree_data_row(data, data->columns[j].start + p);
    r->entries[r->start[i + 1]++] = entry;
    r->n_rare[i] += !(entry & HN_FREQUENT);
  }
}

static hn_status list_entries(hn_tree_rows *r, const hn_tree_data *data, hn_error *err) {
  hn_status status = HN_OK;
  double n_rare = 0, squares = 0;
  HN_NEW(r->start, data->n_rows + 2, err);
  HN_NEW(r->n_rare, data->n_rows, err);
  /* Two places ahead: appending moves each start to where the next row begins. */
  for (size_t j = 0; j < data->n_cols; j++)
    for (size_t p = 0; p < data->columns[j].length; p++)
      r->start[hn_tree_data_row(data, data->columns[j].start + p) + 2]++;
  for (size_t i = 0; i < data->n_rows; i++) r->start[i + 2] += r->start[i + 1];
  HN_NEW(r->entries, r->start[data->n_rows + 1], err);
  for (size_t j = 0; j < data->n_cols; j++) {
    if (r->frequent_at[j] >= 0) continue;
    append_column(r, data, j, (uint32_t)j);
    n_rare += data->columns[j].length;
    squares += (double)data->columns[j].length * data->columns[j].length;
  }
  for (size_t f = 0; f < r->n_frequent; f++)
    append_column(r, data, r->frequent[f], HN_FREQUENT | (uint32_t)f);
  r->rare_scan = n_rare > 0 ? squares / n_rare : 0;
done:
  return status;
}

hn_status hn_tree_rows_init(hn_tree_rows *rows, const hn_tree_data *data, hn_error *err) {
  hn_status status = HN_OK;
  hn_tree_rows r = {0};
  size_t n_entries = 0;
  HN_TRY(list_frequent(&r, data, &n_entries, err));
  HN_TRY(map_frequent(&r, data, n_entries, err));
  HN_TRY(list_entries(&r, data, err));
  *rows = r;
  return HN_OK;
done:
  hn_tree_rows_free(&r);
  return status;
}

void hn_tree_rows_free(hn_tree_rows *r) {
  hn_free(r->frequent);
  hn_free(r->frequent_at);
  hn_free(r->blocks);
  hn_free(r->ranks16);
  hn_free(r->ranks32);
  hn_free(r->start);
  hn_free(r->n_rare);
  hn_free(r->entries);
  *r = (hn_tree_rows){0};
}
