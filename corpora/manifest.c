#include "corpora/manifest_internal.h"

#include "base/file.h"
#include "base/memory.h"
#include "corpora/cells.h"
#include "corpora/names.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

const char *const hn_manifest_missing_words[] = {"NaN",  "nan", "None", "null",
                                                 "NULL", "N/A", "NA",   NULL};

hn_status hn_manifest_own(hn_manifest *m, char *text, hn_error *err) {
  hn_status status = HN_OK;
  if (!text) return hn_fail_memory(err);
  HN_GROW(m->owned, m->n_owned, m->owned_capacity, err);
  m->owned[m->n_owned++] = text;
  return HN_OK;
done:
  hn_free(text);
  return status;
}

static hn_status trim(hn_manifest *m, const char *cell, const char **trimmed_out, hn_error *err) {
  while (isspace((unsigned char)*cell)) cell++;
  size_t n = strlen(cell);
  size_t n_trimmed = n;
  while (n_trimmed > 0 && isspace((unsigned char)cell[n_trimmed - 1])) n_trimmed--;
  if (n_trimmed < n) {
    char *copy = hn_strndup(cell, n_trimmed);
    hn_status status = hn_manifest_own(m, copy, err);
    if (status != HN_OK) return status;
    cell = copy;
  }
  *trimmed_out = cell;
  return HN_OK;
}

static hn_status load_cells(hn_manifest *m, const hn_manifest_options *options, hn_error *err) {
  hn_status status = HN_OK;
  const char *const *missing = hn_manifest_missing_words;
  size_t n_missing = 0;
  while (missing[n_missing]) n_missing++;
  if (options->n_missing) missing = options->missing, n_missing = options->n_missing;

  if (m->n_columns && m->n_tracks > SIZE_MAX / m->n_columns) return hn_fail_memory(err);
  HN_NEW(m->cells, m->n_tracks * m->n_columns, err);
  for (size_t i = 0; i < m->n_tracks; i++)
    for (size_t j = 0; j < m->n_columns; j++) {
      const char **cell = &m->cells[i * m->n_columns + j];
      HN_TRY(trim(m, hn_table_cell(m->table, i, j), cell, err));
      if (hn_cell_is_missing(*cell, missing, n_missing)) *cell = NULL;
    }
done:
  return status;
}

static int compare_ids(const void *a, const void *b) {
  const id_entry *x = a, *y = b;
  int order = strcmp(x->id, y->id);
  return order ? order : (x->index > y->index) - (x->index < y->index);
}

hn_status hn_manifest_sort_ids(hn_manifest *m, size_t *n_out, hn_error *err) {
  hn_status status = HN_OK;
  size_t n = 0;
  hn_free(m->by_id);
  m->by_id = NULL;
  HN_NEW(m->by_id, m->n_tracks, err);
  for (size_t i = 0; i < m->n_tracks; i++)
    if (m->tracks[i].id) m->by_id[n++] = (id_entry){m->tracks[i].id, i};
  qsort(m->by_id, n, sizeof *m->by_id, compare_ids);
  *n_out = n;
done:
  return status;
}

static const char *text_of(const hn_manifest *m, size_t i, const char *column) {
  size_t j = hn_manifest_find_column(m, column);
  return j == NO_COLUMN ? NULL : hn_manifest_cell(m, i, j);
}

static hn_status make_tracks(hn_manifest *m, hn_error *err) {
  hn_status status = HN_OK;
  HN_NEW(m->tracks, m->n_tracks, err);
  for (size_t i = 0; i < m->n_tracks; i++)
    m->tracks[i] = (hn_track){.id = text_of(m, i, "track_id"),
                              .title = text_of(m, i, "title"),
                              .artist = text_of(m, i, "artist"),
                              .album = text_of(m, i, "album"),
                              .kind = text_of(m, i, "kind"),
                              .line = hn_table_line(m->table, i)};
done:
  return status;
}

static void drop_tracks(hn_manifest *m, const unsigned char *drop) {
  size_t n = 0;
  for (size_t i = 0; i < m->n_tracks; i++) {
    if (drop[i]) continue;
    m->tracks[n] = m->tracks[i];
    memmove(m->cells + n * m->n_columns, m->cells + i * m->n_columns,
            m->n_columns * sizeof *m->cells);
    n++;
  }
  m->n_skipped = m->n_tracks - n + hn_table_n_bad_rows(m->table);
  m->n_tracks = n;
}

/* The folded names of all leads, ascending, as the classes of `leads_out`. */
static hn_status fold_leads(const hn_manifest *m, hn_labels *leads_out, hn_error *err) {
  hn_status status = HN_OK;
  char **folded = NULL;
  HN_NEW(folded, m->n_tracks, err);
  for (size_t i = 0; i < m->n_tracks; i++)
    if (m->tracks[i].artist) HN_TRY(hn_name_fold(m->tracks[i].artist, &folded[i], err));
  HN_TRY(hn_labels_encode((const char *const *)folded, m->n_tracks, leads_out, err));
done:
  for (size_t i = 0; folded && i < m->n_tracks; i++) hn_free(folded[i]);
  hn_free(folded);
  return status;
}

static hn_status find_guests(hn_manifest *m, hn_error *err) {
  hn_status status = HN_OK;
  hn_labels leads = {0};
  HN_TRY(fold_leads(m, &leads, err));
  HN_NEW(m->guests, m->n_tracks, err);
  for (size_t i = 0; i < m->n_tracks; i++) {
    hn_track *track = &m->tracks[i];
    const char *cell = text_of(m, i, "featured");
    if (cell) {
      HN_TRY(hn_guests_from_column(cell, &m->guests[i], err));
    } else if (track->title) {
      HN_TRY(
          hn_guests_from_title(track->title, leads.classes, leads.n_classes, &m->guests[i], err));
      track->featured_from_title = m->guests[i].n > 0;
    }
    track->featured = m->guests[i].names;
    track->n_featured = m->guests[i].n;
  }
done:
  hn_labels_free(&leads);
  return status;
}

static hn_status build(hn_manifest *m, const hn_manifest_options *options, hn_error *err) {
  hn_status status = HN_OK;
  unsigned char *drop = NULL;
  size_t n_ids;
  if (hn_manifest_find_column(m, "track_id") == NO_COLUMN)
    return hn_fail(err, HN_FORMAT,
                   "%s: no column track_id in the header; a manifest needs one id a track",
                   m->path);
  m->n_columns = hn_table_n_columns(m->table);
  m->n_tracks = hn_table_n_rows(m->table);
  HN_TRY(load_cells(m, options, err));
  HN_TRY(make_tracks(m, err));
  HN_NEW(drop, m->n_tracks, err);
  HN_TRY(hn_manifest_check(m, drop, err));
  if (m->n_problems && !options->skip_errors) HN_TRY(hn_manifest_refuse(m, err));
  drop_tracks(m, drop);
  if (m->n_tracks == 0)
    HN_TRY(hn_fail(err, HN_FORMAT, "%s: no track (rows: %zu, left out as wrong: %zu)", m->path,
                   hn_table_n_rows(m->table) + hn_table_n_bad_rows(m->table), m->n_skipped));
  HN_TRY(find_guests(m, err));
  HN_TRY(hn_manifest_sort_ids(m, &n_ids, err));
done:
  hn_free(drop);
  return status;
}

hn_status hn_manifest_parse(const char *path, const char *bytes, size_t n,
                            const hn_manifest_options *options, hn_manifest **manifest_out,
                            hn_error *err) {
  hn_status status = HN_OK;
  static const hn_manifest_options defaults = {0};
  hn_manifest *m = NULL;
  HN_NEW(m, 1, err);
  HN_DUP(m->path, path, err);
  m->folder = hn_path_folder(path);
  if (!m->folder) HN_TRY(hn_fail_memory(err));
  HN_TRY(hn_table_parse(path, bytes, n, 0, &m->table, err));
  HN_TRY(build(m, options ? options : &defaults, err));
  *manifest_out = m;
  return HN_OK;
done:
  hn_manifest_destroy(m);
  return status;
}

hn_status hn_manifest_read(const char *path, const hn_manifest_options *options,
                           hn_manifest **manifest_out, hn_error *err) {
  char *bytes;
  size_t n;
  hn_status status = hn_file_read_gzip(path, &bytes, &n, err);
  if (status != HN_OK) return status;
  status = hn_manifest_parse(path, bytes, n, options, manifest_out, err);
  hn_free(bytes);
  return status;
}

void hn_manifest_destroy(hn_manifest *m) {
  if (!m) return;
  for (size_t i = 0; i < m->n_owned; i++) hn_free(m->owned[i]);
  for (size_t i = 0; m->guests && i < m->n_tracks; i++) hn_guests_free(&m->guests[i]);
  hn_free(m->owned);
  hn_free(m->guests);
  hn_free(m->problems);
  hn_free(m->by_id);
  hn_free(m->tracks);
  hn_free(m->cells);
  hn_free(m->folder);
  hn_free(m->path);
  hn_table_destroy(m->table);
  hn_free(m);
}

const char *hn_manifest_path(const hn_manifest *m) {
  return m->path;
}

size_t hn_manifest_n_tracks(const hn_manifest *m) {
  return m->n_tracks;
}

const hn_track *hn_manifest_track(const hn_manifest *m, size_t track) {
  return &m->tracks[track];
}

size_t hn_manifest_find(const hn_manifest *m, const char *id) {
  size_t low = 0, high = m->n_tracks;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (strcmp(m->by_id[middle].id, id) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low < m->n_tracks && strcmp(m->by_id[low].id, id) == 0 ? m->by_id[low].index : (size_t)-1;
}

size_t hn_manifest_n_problems(const hn_manifest *m) {
  return m->n_problems;
}

const hn_manifest_problem *hn_manifest_problem_at(const hn_manifest *m, size_t i) {
  return &m->problems[i];
}

size_t hn_manifest_n_skipped(const hn_manifest *m) {
  return m->n_skipped;
}

size_t hn_manifest_n_columns(const hn_manifest *m) {
  return m->n_columns;
}

const char *hn_manifest_column_name(const hn_manifest *m, size_t column) {
  return hn_table_column_name(m->table, column);
}

size_t hn_manifest_find_column(const hn_manifest *m, const char *name) {
  return hn_table_find(m->table, name);
}

hn_status hn_manifest_require_column(const hn_manifest *m, const char *name, size_t *column_out,
                                     hn_error *err) {
  size_t column = hn_manifest_find_column(m, name);
  if (column != NO_COLUMN) {
    *column_out = column;
    return HN_OK;
  }
  hn_buffer list = {0};
  for (size_t j = 0; j < m->n_columns; j++)
    hn_buffer_format(&list, "%s%s", j ? ", " : "", hn_manifest_column_name(m, j));
  hn_status status = hn_buffer_status(&list, err);
  if (status == HN_OK)
    status = hn_fail(err, HN_INVALID, "%s has no column \"%s\" (its columns: %s)", m->path, name,
                     list.data);
  hn_buffer_free(&list);
  return status;
}

const char *hn_manifest_cell(const hn_manifest *m, size_t track, size_t column) {
  return m->cells[track * m->n_columns + column];
}

hn_status hn_manifest_labels(const hn_manifest *m, const char *column, hn_labels *labels_out,
                             hn_error *err) {
  hn_status status = HN_OK;
  const char **texts = NULL;
  size_t j;
  HN_TRY(hn_manifest_require_column(m, column, &j, err));
  HN_NEW(texts, m->n_tracks, err);
  for (size_t i = 0; i < m->n_tracks; i++) texts[i] = hn_manifest_cell(m, i, j);
  HN_TRY(hn_labels_encode(texts, m->n_tracks, labels_out, err));
done:
  hn_free(texts);
  return status;
}

/* Cell i of a column as a number in *number_out, NaN where missing. */
static hn_status read_number(const hn_manifest *m, size_t i, size_t column, double *number_out,
                             hn_error *err) {
  const char *cell = hn_manifest_cell(m, i, column);
  *number_out = NAN;
  if (!cell || hn_cell_parse_number(cell, number_out)) return HN_OK;
  hn_buffer quoted = {0};
  hn_cell_quote(&quoted, cell);
  hn_status status = hn_buffer_status(&quoted, err);
  if (status == HN_OK)
    status = hn_fail(err, HN_FORMAT,
                     "%s:%zu: %s: %s is not a number; correct the cell or leave it empty", m->path,
                     m->tracks[i].line, hn_manifest_column_name(m, column), quoted.data);
  hn_buffer_free(&quoted);
  return status;
}

hn_status hn_manifest_numbers(const hn_manifest *m, const char *column, double *values_out,
                              hn_error *err) {
  hn_status status = HN_OK;
  double *values = NULL;
  size_t j;
  HN_TRY(hn_manifest_require_column(m, column, &j, err));
  HN_NEW(values, m->n_tracks, err);
  for (size_t i = 0; i < m->n_tracks; i++) HN_TRY(read_number(m, i, j, &values[i], err));
  memcpy(values_out, values, m->n_tracks * sizeof *values);
done:
  hn_free(values);
  return status;
}
