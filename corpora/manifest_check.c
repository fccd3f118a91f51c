#include "corpora/manifest_internal.h"

#include "base/file.h"
#include "base/memory.h"
#include "corpora/cells.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static hn_status own_buffer(hn_manifest *m, hn_buffer *buffer, const char **text_out,
                            hn_error *err) {
  char *text;
  hn_status status = hn_buffer_steal(buffer, &text, NULL, err);
  if (status == HN_OK) status = hn_manifest_own(m, text, err);
  if (status == HN_OK) *text_out = text;
  hn_buffer_free(buffer);
  return status;
}

/* List a problem; its text is composed here. */
static hn_status add_problem(hn_manifest *m, hn_manifest_problem problem, hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer text = {0};
  hn_buffer_format(&text, "%s:%zu: ", m->path, problem.line);
  if (problem.column) hn_buffer_format(&text, "%s: ", problem.column);
  if (problem.column && *problem.value) {
    hn_cell_quote(&text, problem.value);
    hn_buffer_byte(&text, ' ');
  }
  hn_buffer_format(&text, "%s; %s", problem.what, problem.remedy);
  HN_TRY(own_buffer(m, &text, &problem.text, err));
  HN_GROW(m->problems, m->n_problems, m->problems_capacity, err);
  m->problems[m->n_problems++] = problem;
done:
  return status;
}

static int compare_problems(const void *a, const void *b) {
  const hn_manifest_problem *x = a, *y = b;
  if (x->line != y->line) return x->line < y->line ? -1 : 1;
  return strcmp(x->text, y->text);
}

/* Rows that the table set aside: their reason begins with "path:line: ". */
static hn_status list_bad_rows(hn_manifest *m, hn_error *err) {
  size_t n_path = strlen(m->path);
  for (size_t i = 0; i < hn_table_n_bad_rows(m->table); i++) {
    const char *reason = hn_table_bad_row_reason(m->table, i), *what = reason;
    size_t line = 0;
    if (strncmp(reason, m->path, n_path) == 0 && reason[n_path] == ':') {
      char *end;
      line = strtoul(reason + n_path + 1, &end, 10);
      what = *end == ':' ? end + 2 : end;
    }
    hn_status status = add_problem(
        m,
        (hn_manifest_problem){
            .line = line, .what = what, .remedy = "correct the row or remove it", .drops_track = 1},
        err);
    if (status != HN_OK) return status;
  }
  return HN_OK;
}

/* Every track needs an id of its own; drop_out[i] is set where it has none. */
static hn_status check_ids(hn_manifest *m, unsigned char *drop_out, hn_error *err) {
  hn_status status = HN_OK;
  size_t id_column = hn_manifest_find_column(m, "track_id");
  size_t n = 0, first = 0;
  for (size_t i = 0; i < m->n_tracks; i++) {
    if (m->tracks[i].id) continue;
    drop_out[i] = 1;
    HN_TRY(add_problem(m,
                       (hn_manifest_problem){.line = m->tracks[i].line,
                                             .column = "track_id",
                                             .value = hn_table_cell(m->table, i, id_column),
                                             .what = "is missing",
                                             .remedy = "give the track an id of its own",
                                             .drops_track = 1},
                       err));
  }
  HN_TRY(hn_manifest_sort_ids(m, &n, err));
  for (size_t k = 1; k < n; k++) {
    const hn_track *track = &m->tracks[m->by_id[k].index];
    if (strcmp(m->by_id[k].id, m->by_id[first].id) != 0) {
      first = k;
      continue;
    }
    hn_buffer what = {0};
    hn_manifest_problem problem = {.line = track->line,
                                   .track_id = track->id,
                                   .column = "track_id",
                                   .value = track->id,
                                   .remedy = "give each track an id of its own",
                                   .drops_track = 1};
    hn_buffer_format(&what, "is the id of line %zu too", m->tracks[m->by_id[first].index].line);
    HN_TRY(own_buffer(m, &what, &problem.what, err));
    HN_TRY(add_problem(m, problem, err));
    drop_out[m->by_id[k].index] = 1;
  }
done:
  return status;
}

/* A cell that is not what its column promises becomes missing, and is listed. */
static hn_status refuse_cell(hn_manifest *m, size_t i, size_t column, const char *what,
                             const char *remedy, hn_error *err) {
  const char **cell = &m->cells[i * m->n_columns + column];
  hn_manifest_problem problem = {.line = m->tracks[i].line,
                                 .track_id = m->tracks[i].id,
                                 .column = hn_table_column_name(m->table, column),
                                 .value = *cell,
                                 .what = what,
                                 .remedy = remedy};
  *cell = NULL;
  return add_problem(m, problem, err);
}

static hn_status check_year(hn_manifest *m, size_t i, size_t column, hn_error *err) {
  const char *cell = column == NO_COLUMN ? NULL : m->cells[i * m->n_columns + column];
  m->tracks[i].year = HN_YEAR_MISSING;
  if (!cell || hn_cell_parse_year(cell, &m->tracks[i].year)) return HN_OK;
  return refuse_cell(m, i, column, "is not a year",
                     "write a whole number from 1000 to 2100, or leave the cell empty", err);
}

static hn_status check_coordinate(hn_manifest *m, size_t i, size_t column, double limit,
                                  double *degrees_out, hn_error *err) {
  const char *cell = column == NO_COLUMN ? NULL : m->cells[i * m->n_columns + column];
  *degrees_out = NAN;
  if (!cell) return HN_OK;
  const char *remedy = limit > 90 ? "write degrees east from -180 to 180, or leave the cell empty"
                                  : "write degrees north from -90 to 90, or leave the cell empty";
  double degrees;
  if (!hn_cell_parse_number(cell, &degrees))
    return refuse_cell(m, i, column, "is not a number", remedy, err);
  if (fabs(degrees) > limit) return refuse_cell(m, i, column, "is out of range", remedy, err);
  *degrees_out = degrees;
  return HN_OK;
}

static hn_status check_path(hn_manifest *m, size_t i, size_t column, const char **path_out,
                            hn_error *err) {
  const char *cell = column == NO_COLUMN ? NULL : m->cells[i * m->n_columns + column];
  if (!cell) return HN_OK;
  char *path = hn_path_join(m->folder, cell);
  hn_status status = hn_manifest_own(m, path, err);
  if (status != HN_OK) return status;
  int is_folder = hn_file_is_folder(path);
  if (hn_file_exists(path) && !is_folder) {
    *path_out = path;
    return HN_OK;
  }
  hn_buffer text = {0};
  const char *what = NULL;
  hn_buffer_format(&text, is_folder ? "leads to a folder (%s)" : "leads nowhere (no file %s)",
                   path);
  status = own_buffer(m, &text, &what, err);
  if (status != HN_OK) return status;
  return refuse_cell(m, i, column, what,
                     "write a path relative to the manifest, or leave the cell empty", err);
}

static hn_status check_cells(hn_manifest *m, hn_error *err) {
  hn_status status = HN_OK;
  size_t year = hn_manifest_find_column(m, "year");
  size_t lat = hn_manifest_find_column(m, "lat"), lon = hn_manifest_find_column(m, "lon");
  size_t lyrics = hn_manifest_find_column(m, "lyrics");
  size_t audio = hn_manifest_find_column(m, "audio");
  size_t spectrogram = hn_manifest_find_column(m, "spectrogram");
  for (size_t i = 0; i < m->n_tracks; i++) {
    hn_track *track = &m->tracks[i];
    HN_TRY(check_year(m, i, year, err));
    HN_TRY(check_coordinate(m, i, lat, 90, &track->lat, err));
    HN_TRY(check_coordinate(m, i, lon, 180, &track->lon, err));
    if (isnan(track->lat) || isnan(track->lon)) track->lat = track->lon = NAN;
    HN_TRY(check_path(m, i, lyrics, &track->lyrics, err));
    HN_TRY(check_path(m, i, audio, &track->audio, err));
    HN_TRY(check_path(m, i, spectrogram, &track->spectrogram, err));
  }
done:
  return status;
}

hn_status hn_manifest_check(hn_manifest *m, unsigned char *drop_out, hn_error *err) {
  hn_status status = HN_OK;
  HN_TRY(list_bad_rows(m, err));
  HN_TRY(check_ids(m, drop_out, err));
  HN_TRY(check_cells(m, err));
  if (m->n_problems) qsort(m->problems, m->n_problems, sizeof *m->problems, compare_problems);
done:
  return status;
}

hn_status hn_manifest_refuse(const hn_manifest *m, hn_error *err) {
  hn_buffer list = {0};
  size_t n = m->n_problems, n_shown = n < 3 ? n : 3;
  for (size_t i = 0; i < n_shown; i++) hn_buffer_format(&list, "\n  %s", m->problems[i].text);
  hn_status status = hn_buffer_status(&list, err);
  if (status == HN_OK)
    status = hn_fail(err, HN_FORMAT,
                     "%s: %zu problem%s; correct %s, or set on_error: skip to go on without what "
                     "is wrong%s:%s",
                     m->path, n, n == 1 ? "" : "s", n == 1 ? "it" : "them",
                     n > n_shown ? "; the first three" : "", list.data);
  hn_buffer_free(&list);
  return status;
}
