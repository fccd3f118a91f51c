/* A table of songs: CSV with a header row, or JSON Lines (an object a line), plain or gzip. Options
 * name the columns; what they do not name is kept as further columns. */
#include "corpora/import_files.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/table.h"
#include "corpora/cells.h"
#include "corpora/featured.h"
#include "corpora/json_lines.h"

#include <string.h>

/* What a column can mean: the option that names it, and the name it has when no option does. */
enum { ID, TITLE, ARTIST, FEATURED, ALBUM, YEAR, LYRICS, LYRICS_PATH, AUDIO, N_ROLES };
static const struct {
  const char *option, *otherwise;
} roles[N_ROLES] = {{"id", "id"},       {"title", NULL}, {"artist", NULL},
                    {"featured", NULL}, {"album", NULL}, {"year", NULL},
                    {"lyrics", "text"}, {"path", NULL},  {"audio", NULL}};

typedef struct {
  hn_import *import;
  const char *path, *folder; /* of the table */
  const hn_table *table;
  const size_t *lines; /* (rows) of the file; NULL: the table's own */
  size_t columns[N_ROLES];
  size_t *kept; /* (n_kept) the further columns */
  const char **kept_names;
  size_t n_kept;
} source;

#define NO_COLUMN ((size_t)-1)

/* A cell without spaces around it as a text of its own, NULL where empty. */
static hn_status copy_cell(const source *s, size_t row, int role, char **text_out, hn_error *err) {
  *text_out = NULL;
  if (s->columns[role] == NO_COLUMN) return HN_OK;
  const char *text = hn_table_cell(s->table, row, s->columns[role]);
  text += strspn(text, " \t\r\n");
  size_t n = strlen(text);
  while (n && strchr(" \t\r\n", text[n - 1])) n--;
  if (n == 0) return HN_OK;
  *text_out = hn_strndup(text, n);
  return *text_out ? HN_OK : hn_fail_memory(err);
}

static size_t line_of(const source *s, size_t row) {
  return s->lines ? s->lines[row] : hn_table_line(s->table, row);
}

/* The row as a track, its texts in cells; *why_out says why it is none. */
static hn_status read_row(const source *s, size_t row, char **cells, hn_import_track *track,
                          const char **why_out, hn_error *err) {
  hn_status status = HN_OK;
  *why_out = NULL;
  for (int role = 0; role < N_ROLES; role++) HN_TRY(copy_cell(s, row, role, &cells[role], err));
  if (cells[LYRICS_PATH] && !cells[LYRICS]) {
    char *path = hn_path_join(s->folder, cells[LYRICS_PATH]);
    if (!path) HN_TRY(hn_fail_memory(err));
    status = hn_import_read_text(s->import, path, NULL, &cells[LYRICS], err);
    hn_free(path);
    HN_TRY(status);
  }
  if (cells[AUDIO]) {
    char *path = hn_path_join(s->folder, cells[AUDIO]);
    if (!path) HN_TRY(hn_fail_memory(err));
    hn_free(cells[AUDIO]);
    cells[AUDIO] = path;
    if (!hn_file_exists(path)) {
      HN_TRY(hn_import_problem(s->import, err, "%s:%zu: audio: there is no file %s; left empty",
                               s->path, line_of(s, row), path));
      hn_free(path);
      cells[AUDIO] = NULL;
    }
  }
  *track = (hn_import_track){.id = cells[ID],
                             .title = cells[TITLE],
                             .artist = cells[ARTIST],
                             .album = cells[ALBUM],
                             .year = HN_YEAR_MISSING,
                             .lyrics = cells[LYRICS],
                             .audio = cells[AUDIO]};
  if (cells[YEAR] && !hn_cell_parse_year(cells[YEAR], &track->year))
    HN_TRY(hn_import_problem(s->import, err, "%s:%zu: \"%.40s\" is not a year; left empty", s->path,
                             line_of(s, row), cells[YEAR]));
  if (!track->lyrics && !track->audio) *why_out = "has neither lyrics nor audio";
  if (track->id && hn_import_has(s->import, track->id)) *why_out = "has the id of an earlier row";
done:
  return status;
}

static hn_status add_row(const source *s, size_t row, hn_error *err) {
  hn_status status = HN_OK;
  char *cells[N_ROLES] = {NULL};
  const char **extras = NULL, *why;
  hn_guests guests = {0};
  hn_import_track track;
  hn_buffer id = {0};
  HN_NEW(extras, s->n_kept, err);
  HN_TRY(read_row(s, row, cells, &track, &why, err));
  if (why) {
    HN_TRY(hn_import_problem(s->import, err, "%s:%zu: the song %s; left out", s->path,
                             line_of(s, row), why));
    goto done;
  }
  for (size_t k = 0; k < s->n_kept; k++) extras[k] = hn_table_cell(s->table, row, s->kept[k]);
  track.extras = extras;
  if (cells[FEATURED]) HN_TRY(hn_guests_from_column(cells[FEATURED], &guests, err));
  track.featured = (const char *const *)guests.names;
  track.n_featured = guests.n;
  if (!track.id) {
    if (track.title || track.artist)
      hn_buffer_format(&id, "%s%s%s", track.artist ? track.artist : "", track.artist ? "-" : "",
                       track.title ? track.title : "");
    else
      hn_buffer_format(&id, "row-%zu", row + 1);
    HN_TRY(hn_buffer_status(&id, err));
    track.id = id.data;
  }
  HN_TRY(hn_import_add(s->import, &track, err));
done:
  for (int role = 0; role < N_ROLES; role++) hn_free(cells[role]);
  hn_guests_free(&guests);
  hn_free(extras);
  hn_buffer_free(&id);
  return status;
}

static hn_status refuse_column(const source *s, const char *option, const char *name,
                               hn_error *err) {
  hn_buffer known = {0};
  for (size_t c = 0; c < hn_table_n_columns(s->table); c++)
    hn_buffer_format(&known, "%s%s", c ? ", " : "", hn_table_column_name(s->table, c));
  hn_status status = hn_buffer_status(&known, err);
  if (status == HN_OK)
    status = hn_fail(err, HN_INVALID, "%s: %s: there is no column \"%.80s\" (columns: %.400s)",
                     s->path, option, name, known.data);
  hn_buffer_free(&known);
  return status;
}

static hn_status find_roles(source *s, const hn_options *options, hn_error *err) {
  for (int r = 0; r < N_ROLES; r++) {
    const char *option = roles[r].option, *name = hn_options_text(options, option);
    s->columns[r] = hn_options_is_none(options, option) ? NO_COLUMN : hn_table_find(s->table, name);
    if (s->columns[r] != NO_COLUMN || hn_options_is_none(options, option)) continue;
    if (hn_options_is_set(options, option)) return refuse_column(s, option, name, err);
    if (roles[r].otherwise) s->columns[r] = hn_table_find(s->table, roles[r].otherwise);
  }
  return HN_OK;
}

/* The columns without a role; one of a name that every manifest has cannot be kept. */
static hn_status find_kept(source *s, hn_error *err) {
  static const char *const taken[] = {"track_id", "title",  "artist", "featured",   "album",
                                      "year",     "lyrics", "audio",  "spectrogram"};
  hn_status status = HN_OK;
  const size_t n = hn_table_n_columns(s->table);
  HN_NEW(s->kept, n, err);
  HN_NEW(s->kept_names, n, err);
  for (size_t c = 0; c < n; c++) {
    const char *name = hn_table_column_name(s->table, c);
    int has_role = 0, is_taken = 0;
    for (int r = 0; r < N_ROLES; r++) has_role |= s->columns[r] == c;
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) is_taken |= !strcmp(name, taken[i]);
    if (has_role) continue;
    if (is_taken) {
      HN_TRY(hn_import_problem(s->import, err,
                               "%s: the column \"%s\" is not used, and cannot be kept under a name "
                               "that every manifest has; left out",
                               s->path, name));
      continue;
    }
    s->kept[s->n_kept] = c;
    s->kept_names[s->n_kept++] = name;
  }
  status = hn_import_columns(s->import, s->kept_names, s->n_kept, err);
done:
  return status;
}

static hn_status read_rows(source *s, const hn_options *options, hn_error *err) {
  hn_status status = HN_OK;
  HN_TRY(find_roles(s, options, err));
  HN_TRY(find_kept(s, err));
  for (size_t i = 0; i < hn_table_n_bad_rows(s->table); i++)
    HN_TRY(hn_import_problem(s->import, err, "%s; left out", hn_table_bad_row_reason(s->table, i)));
  for (size_t row = 0; row < hn_table_n_rows(s->table); row++) HN_TRY(add_row(s, row, err));
done:
  hn_free(s->kept);
  hn_free(s->kept_names);
  return status;
}

static hn_status run(hn_import *import, const char *path, const hn_options *options,
                     hn_error *err) {
  hn_status status = HN_OK;
  hn_table *table = NULL;
  size_t *lines = NULL, n = 0;
  char *bytes = NULL, *folder = NULL;
  if (hn_file_is_folder(path))
    return hn_import_problem(import, err, "%s: is a folder; expected a CSV or JSON Lines file",
                             path);
  HN_TRY(hn_file_read_gzip(path, &bytes, &n, err));
  if (!(folder = hn_path_folder(path))) HN_TRY(hn_fail_memory(err));
  if (bytes[strspn(bytes, " \t\r\n")] == '{')
    HN_TRY(hn_import_json_lines(import, path, bytes, &table, &lines, err));
  else
    HN_TRY(hn_table_parse(path, bytes, n, 0, &table, err));
  source s = {.import = import, .path = path, .folder = folder, .table = table, .lines = lines};
  HN_TRY(read_rows(&s, options, err));
done:
  hn_table_destroy(table);
  hn_free(lines);
  hn_free(bytes);
  hn_free(folder);
  return status;
}

#define COLUMN(role, what)                                                                         \
  {                                                                                                \
    .name = role, .type = HN_OPTION_TEXT, .default_text = role, .none_allowed = 1,                 \
    .help = "column of " what                                                                      \
  }
static const hn_option_spec specs[] = {
    {.name = "id",
     .type = HN_OPTION_TEXT,
     .default_text = "track_id",
     .none_allowed = 1,
     .help = "column of the ids (also looked for: id); none: artist and title"},
    COLUMN("title", "the titles"),
    COLUMN("artist", "the lead artists"),
    COLUMN("featured", "the guests, separated by ;"),
    COLUMN("album", "the albums"),
    COLUMN("year", "the years"),
    COLUMN("lyrics", "the lyrics themselves (also looked for: text)"),
    COLUMN("path", "paths of text files with the lyrics, from the table's folder"),
    COLUMN("audio", "paths of sound files, from the table's folder"),
    {.name = NULL}};

const hn_importer hn_importer_table = {
    .name = "table",
    .help = "CSV with a header row or JSON Lines, a song a row, with columns that options name",
    .options = specs,
    .run = run,
};
