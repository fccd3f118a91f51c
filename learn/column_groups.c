#include "learn/column_groups.h"

#include "base/memory.h"

#include <string.h>

/* The groups of each column. Owns its arrays. */
typedef struct {
  size_t *start;  /* (D + 1) */
  size_t *groups; /* ascending within a column */
} memberships;

static hn_status check_groups(const hn_column_groups *groups, size_t n_cols, hn_error *err) {
  for (size_t g = 0; g < groups->n; g++)
    for (size_t c = groups->starts[g]; c < groups->starts[g + 1]; c++)
      if (groups->columns[c] >= n_cols)
        return hn_fail(err, HN_INVALID,
                       "group %zu names column %zu (both from 0), but there are %zu columns", g,
                       groups->columns[c], n_cols);
  return HN_OK;
}

/* start[j + 1] counts column j, then begins it, then, filled, ends it. */
static void fill_memberships(const hn_column_groups *groups, size_t n_cols, memberships *m) {
  size_t *cursor = m->start + 1;
  for (size_t c = 0; c < groups->starts[groups->n]; c++) cursor[groups->columns[c]]++;
  for (size_t j = 0, before = 0; j < n_cols; j++) {
    size_t count = cursor[j];
    cursor[j] = before;
    before += count;
  }
  for (size_t g = 0; g < groups->n; g++)
    for (size_t c = groups->starts[g]; c < groups->starts[g + 1]; c++)
      m->groups[cursor[groups->columns[c]]++] = g;
}

static hn_status check_memberships(const memberships *m, size_t n_cols, hn_error *err) {
  for (size_t j = 0; j < n_cols; j++)
    for (size_t i = m->start[j] + 1; i < m->start[j + 1]; i++)
      if (m->groups[i] == m->groups[i - 1])
        return hn_fail(err, HN_INVALID, "group %zu names column %zu (both from 0) twice",
                       m->groups[i], j);
  return HN_OK;
}

static hn_status init_memberships(const hn_column_groups *groups, size_t n_cols, memberships *m,
                                  hn_error *err) {
  hn_status status = HN_OK;
  if (groups) HN_TRY(check_groups(groups, n_cols, err));
  HN_NEW(m->start, n_cols + 1, err);
  HN_NEW(m->groups, groups ? groups->starts[groups->n] : n_cols, err);
  if (groups) {
    fill_memberships(groups, n_cols, m);
    return check_memberships(m, n_cols, err);
  }
  for (size_t j = 0; j < n_cols; j++) {
    m->start[j + 1] = j + 1;
    m->groups[j] = j;
  }
done:
  return status;
}

/* One pass over the values of x, row by row. parts->start[g + 1] and entries[g] count the parts
 * and entries of group g, or, once they are filled in, are where the next of them goes. */
typedef struct {
  const uint8_t *used;
  memberships of;
  hn_group_parts *parts;
  size_t *entries;    /* (n_groups) */
  uint32_t *last_row; /* (n_groups) the row of the newest part, plus 1 */
  int is_filling;
} pass;

static void take_value(pass *p, size_t row, size_t column, float value) {
  hn_group_parts *parts = p->parts;
  if (value == 0 || (p->used && !p->used[column])) return;
  for (size_t m = p->of.start[column]; m < p->of.start[column + 1]; m++) {
    size_t g = p->of.groups[m];
    if (p->last_row[g] != row + 1) {
      size_t part = parts->start[g + 1]++;
      p->last_row[g] = (uint32_t)(row + 1);
      if (p->is_filling) {
        parts->row[part] = (uint32_t)row;
        parts->entry[part] = p->entries[g];
      }
    }
    size_t entry = p->entries[g]++;
    if (p->is_filling) {
      parts->columns[entry] = (int32_t)column;
      parts->values[entry] = value;
    }
  }
}

static void take_values(pass *p, const hn_features *x) {
  size_t n_rows = hn_features_n_rows(x), n_cols = hn_features_n_cols(x);
  memset(p->last_row, 0, p->parts->n_groups * sizeof *p->last_row);
  for (size_t i = 0; i < n_rows; i++)
    if (x->kind == HN_FEATURES_DENSE) {
      const float *row = x->as.dense.values + i * n_cols;
      for (size_t j = 0; j < n_cols; j++) take_value(p, i, j, row[j]);
    } else {
      const hn_csr *m = &x->as.csr;
      for (int64_t e = m->indptr[i]; e < m->indptr[i + 1]; e++)
        take_value(p, i, (size_t)m->indices[e], m->values[e]);
    }
}

/* Between the passes: from counts to places; returns the entries. */
static size_t lay_out(pass *p) {
  size_t n_parts = 0, n_entries = 0;
  for (size_t g = 0; g < p->parts->n_groups; g++) {
    size_t parts_here = p->parts->start[g + 1], entries_here = p->entries[g];
    p->parts->start[g + 1] = n_parts;
    p->entries[g] = n_entries;
    n_parts += parts_here;
    n_entries += entries_here;
  }
  p->is_filling = 1;
  return n_entries;
}

hn_status hn_group_parts_init(hn_group_parts *parts_out, const hn_features *x,
                              const hn_column_groups *groups, const uint8_t *used, hn_error *err) {
  hn_status status = HN_OK;
  size_t n_cols = hn_features_n_cols(x), n_parts = 0;
  hn_group_parts parts = {.n_groups = groups ? groups->n : n_cols};
  pass p = {.used = used, .parts = &parts};

  if (hn_features_n_rows(x) >= UINT32_MAX)
    return hn_fail(err, HN_UNSUPPORTED, "%zu rows; fewer than 2^32 - 1 are supported",
                   hn_features_n_rows(x));
  HN_TRY(init_memberships(groups, n_cols, &p.of, err));
  HN_NEW(parts.start, parts.n_groups + 1, err);
  HN_NEW(p.entries, parts.n_groups, err);
  HN_NEW(p.last_row, parts.n_groups, err);
  take_values(&p, x);
  for (size_t g = 0; g < parts.n_groups; g++) n_parts += parts.start[g + 1];
  if (n_parts >= UINT32_MAX)
    HN_TRY(hn_fail(err, HN_UNSUPPORTED, "%zu values in groups; fewer than 2^32 - 1 are supported",
                   n_parts));
  size_t n_entries = lay_out(&p);
  HN_NEW(parts.row, n_parts, err);
  HN_NEW(parts.entry, n_parts + 1, err);
  HN_NEW(parts.columns, n_entries, err);
  HN_NEW(parts.values, n_entries, err);
  take_values(&p, x);
  parts.entry[n_parts] = n_entries;
  for (size_t i = 0; i < n_parts; i++)
    if (parts.entry[i + 1] - parts.entry[i] > parts.longest)
      parts.longest = parts.entry[i + 1] - parts.entry[i];
  *parts_out = parts;
  parts = (hn_group_parts){0};
done:
  hn_group_parts_free(&parts);
  hn_free(p.of.start);
  hn_free(p.of.groups);
  hn_free(p.entries);
  hn_free(p.last_row);
  return status;
}

void hn_group_parts_free(hn_group_parts *parts) {
  hn_free(parts->start);
  hn_free(parts->row);
  hn_free(parts->entry);
  hn_free(parts->columns);
  hn_free(parts->values);
  *parts = (hn_group_parts){0};
}
