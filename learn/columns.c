#include "learn/columns.h"

#include "base/memory.h"

hn_status hn_columns_init(hn_columns *columns, const hn_csr *m, hn_error *err) {
  hn_status status = HN_OK;
  size_t n_entries = hn_csr_n_entries(m);
  hn_columns c = {.n_rows = m->n_rows, .n_cols = m->n_cols};
  HN_NEW(c.start, m->n_cols + 1, err);
  HN_NEW(c.rows, n_entries, err);
  HN_NEW(c.values, n_entries, err);

  /* start[j + 1] counts column j, then begins it, then, filled, ends it: so no cursor is needed. */
  size_t *cursor = c.start + 1;
  for (size_t e = 0; e < n_entries; e++) cursor[m->indices[e]]++;
  for (size_t j = 0, before = 0; j < m->n_cols; j++) {
    size_t count = cursor[j];
    cursor[j] = before;
    before += count;
  }
  for (size_t i = 0; i < m->n_rows; i++)
    for (int64_t e = m->indptr[i]; e < m->indptr[i + 1]; e++) {
      size_t at = cursor[m->indices[e]]++;
      c.rows[at] = (uint32_t)i;
      c.values[at] = m->values[e];
    }
  *columns = c;
  return HN_OK;
done:
  hn_columns_free(&c);
  return status;
}

void hn_columns_free(hn_columns *c) {
  hn_free(c->start);
  hn_free(c->rows);
  hn_free(c->values);
  *c = (hn_columns){0};
}
