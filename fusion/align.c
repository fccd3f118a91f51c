#include "fusion/align.h"

#include "base/labels.h"
#include "base/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A row of a table, on its way into the union. */
typedef struct {
  const char *id;
  size_t table, row;
  size_t position; /* of its track in the union */
} entry;

static int compare_appearance(const void *a, const void *b) {
  const entry *x = *(entry *const *)a, *y = *(entry *const *)b;
  if (x->table != y->table) return x->table < y->table ? -1 : 1;
  return (x->row > y->row) - (x->row < y->row);
}

static int compare_ids(const void *a, const void *b) {
  const entry *x = *(entry *const *)a, *y = *(entry *const *)b;
  int order = strcmp(x->id, y->id);
  return order ? order : compare_appearance(a, b);
}

static hn_status check_classes(const hn_probability *const *tables, const char *const *names,
                               size_t n_tables, size_t first, hn_error *err) {
  const hn_probability *a = tables[first];
  for (size_t t = first + 1; t < n_tables; t++) {
    const hn_probability *b = tables[t];
    if (!b) continue;
    if (a->n_classes != b->n_classes)
      return hn_fail(err, HN_INVALID,
                     "%s has %zu classes, %s has %zu: only tables of the same classes can be fused",
                     names[first], a->n_classes, names[t], b->n_classes);
    for (size_t k = 0; k < a->n_classes; k++)
      if (strcmp(a->classes[k], b->classes[k]) != 0)
        return hn_fail(err, HN_INVALID,
                       "class %zu is \"%.80s\" in %s and \"%.80s\" in %s: only tables of the same "
                       "classes can be fused",
                       k + 1, a->classes[k], names[first], b->classes[k], names[t]);
  }
  return HN_OK;
}

/* entries (n) in ascending order of ids; leaders: the first entry of each track, in the order of
 * the union; every entry gets its position. */
static void number_tracks(entry **sorted, size_t n, entry **leaders, size_t *n_tracks) {
  *n_tracks = 0;
  for (size_t e = 0; e < n; e++)
    if (e == 0 || strcmp(sorted[e]->id, sorted[e - 1]->id) != 0) leaders[(*n_tracks)++] = sorted[e];
  qsort(leaders, *n_tracks, sizeof *leaders, compare_appearance);
  for (size_t i = 0; i < *n_tracks; i++) leaders[i]->position = i;
  for (size_t e = 1; e < n; e++)
    if (strcmp(sorted[e]->id, sorted[e - 1]->id) == 0)
      sorted[e]->position = sorted[e - 1]->position;
}

static hn_status merge_entry(const entry *e, const hn_probability *const *tables,
                             const char *const *names, hn_aligned *a, hn_error *err) {
  const hn_probability *table = tables[e->table];
  size_t i = e->position;
  int32_t truth = table->truth[e->row];
  if (a->truth[i] != HN_LABEL_MISSING && truth != HN_LABEL_MISSING && a->truth[i] != truth)
    return hn_fail(err, HN_INVALID,
                   "track \"%.80s\": its truth is \"%.80s\" in %s and \"%.80s\" in another table",
                   e->id, a->classes[truth], names[e->table], a->classes[a->truth[i]]);
  if (truth != HN_LABEL_MISSING) a->truth[i] = truth;
  if (hn_probability_has(table, e->row))
    a->p[i * a->n_tables + e->table] = table->p + e->row * a->n_classes;
  return HN_OK;
}

/* The fold of each track, where all of its tables name the same. */
static void merge_folds(entry **sorted, size_t n, const hn_probability *const *tables,
                        hn_aligned *a) {
  for (size_t e = 0; e < n; e++) {
    int32_t fold = tables[sorted[e]->table]->fold[sorted[e]->row];
    int is_first = e == 0 || sorted[e]->position != sorted[e - 1]->position;
    int32_t *merged = &a->fold[sorted[e]->position];
    *merged = is_first || *merged == fold ? fold : -1;
  }
}

hn_status hn_align(const hn_probability *const *tables, const char *const *names, size_t n_tables,
                   hn_aligned *aligned_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_aligned a = {.n_tables = n_tables};
  entry *entries = NULL, **sorted = NULL, **leaders = NULL;
  size_t n = 0, first = 0, n_entries = 0;

  while (first < n_tables && !tables[first]) first++;
  assert(first < n_tables);
  HN_TRY(check_classes(tables, names, n_tables, first, err));
  a.n_classes = tables[first]->n_classes;
  a.classes = (const char *const *)tables[first]->classes;

  for (size_t t = 0; t < n_tables; t++) n_entries += tables[t] ? tables[t]->n_rows : 0;
  HN_NEW(entries, n_entries, err);
  HN_NEW(sorted, n_entries, err);
  HN_NEW(leaders, n_entries, err);
  for (size_t t = 0; t < n_tables; t++)
    for (size_t i = 0; tables[t] && i < tables[t]->n_rows; i++, n++) {
      entries[n] = (entry){tables[t]->ids[i], t, i, 0};
      sorted[n] = &entries[n];
    }
  qsort(sorted, n, sizeof *sorted, compare_ids);
  number_tracks(sorted, n, leaders, &a.n_rows);

  HN_NEW(a.ids, a.n_rows, err);
  HN_NEW(a.p, a.n_rows * n_tables, err);
  HN_NEW(a.truth, a.n_rows, err);
  HN_NEW(a.fold, a.n_rows, err);
  for (size_t i = 0; i < a.n_rows; i++) {
    a.ids[i] = leaders[i]->id;
    a.truth[i] = HN_LABEL_MISSING;
  }
  for (size_t e = 0; e < n; e++) {
    if (e > 0 && sorted[e]->position == sorted[e - 1]->position &&
        sorted[e]->table == sorted[e - 1]->table)
      HN_TRY(hn_fail(err, HN_INVALID, "track \"%.80s\" is in %s twice", sorted[e]->id,
                     names[sorted[e]->table]));
    HN_TRY(merge_entry(sorted[e], tables, names, &a, err));
  }
  merge_folds(sorted, n, tables, &a);
  *aligned_out = a;
  a = (hn_aligned){0};
done:
  hn_free(entries);
  hn_free(sorted);
  hn_free(leaders);
  hn_aligned_free(&a);
  return status;
}

void hn_aligned_free(hn_aligned *a) {
  if (!a) return;
  hn_free(a->ids);
  hn_free(a->p);
  hn_free(a->truth);
  hn_free(a->fold);
  *a = (hn_aligned){0};
}
