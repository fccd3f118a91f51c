/* JamendoLyrics (https://github.com/f90/jamendolyrics): JamendoLyrics.csv with the columns
 * Filepath, Artist, Title, Genre, LicenseType and Language, the lyrics of "X.mp3" in lyrics/X.txt,
 * its audio in mp3/. A song without lyrics is taken for its audio. */
#include "corpora/import_files.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/table.h"

#include <string.h>

enum { FILEPATH, ARTIST, TITLE, GENRE, LANGUAGE, LICENSE, URL, N_COLUMNS };
static const char *const column_names[N_COLUMNS] = {"Filepath", "Artist",      "Title", "Genre",
                                                    "Language", "LicenseType", "URL"};

typedef struct {
  hn_import *import;
  const char *folder;
  const hn_table *table;
  size_t columns[N_COLUMNS];
} dataset;

/* A cell, NULL where it is empty. */
static const char *cell(const dataset *d, size_t row, int column) {
  if (d->columns[column] == (size_t)-1) return NULL;
  const char *text = hn_table_cell(d->table, row, d->columns[column]);
  return *text ? text : NULL;
}

/* folder/inner/name, or NULL (with *path_out NULL) where there is no such file. */
static hn_status find_file(const char *folder, const char *inner, const char *name, char **path_out,
                           hn_error *err) {
  hn_buffer path = {0};
  hn_status status = HN_OK;
  *path_out = NULL;
  hn_buffer_format(&path, "%s/%s/%s", folder, inner, name);
  HN_TRY(hn_buffer_status(&path, err));
  if (hn_file_exists(path.data) && !hn_file_is_folder(path.data))
    HN_TRY(hn_buffer_steal(&path, path_out, NULL, err));
done:
  hn_buffer_free(&path);
  return status;
}

static hn_status read_lyrics(const dataset *d, const char *stem, char **lyrics_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer name = {0};
  char *path = NULL;
  hn_buffer_format(&name, "%s.txt", stem);
  HN_TRY(hn_buffer_status(&name, err));
  HN_TRY(find_file(d->folder, "lyrics", name.data, &path, err));
  if (path)
    HN_TRY(hn_import_read_text(d->import, path, NULL, lyrics_out, err));
  else
    HN_TRY(hn_import_problem(d->import, err, "%s/lyrics/%s: is not there", d->folder, name.data));
done:
  hn_buffer_free(&name);
  hn_free(path);
  return status;
}

static hn_status add_song(const dataset *d, size_t row, hn_error *err) {
  hn_status status = HN_OK;
  const char *file = cell(d, row, FILEPATH);
  const char *extras[] = {cell(d, row, GENRE), cell(d, row, LANGUAGE), cell(d, row, LICENSE),
                          cell(d, row, URL)};
  char *stem = NULL, *lyrics = NULL, *audio = NULL;
  hn_buffer id = {0};
  const char *why = NULL;
  if (!file || strchr(file, '/')) {
    why = "has no file name under Filepath";
  } else {
    if (!(stem = hn_path_stem(file))) HN_TRY(hn_fail_memory(err));
    HN_TRY(read_lyrics(d, stem, &lyrics, err));
    HN_TRY(find_file(d->folder, "mp3", file, &audio, err));
    if (!lyrics && !audio) why = "has neither lyrics nor audio";
  }
  if (why) {
    HN_TRY(hn_import_problem(d->import, err, "%s:%zu: the song %s; left out",
                             hn_table_path(d->table), hn_table_line(d->table, row), why));
    goto done;
  }
  hn_buffer_format(&id, "jamendo-%s", stem);
  HN_TRY(hn_buffer_status(&id, err));
  hn_import_track track = {.id = id.data,
                           .title = cell(d, row, TITLE),
                           .artist = cell(d, row, ARTIST),
                           .year = HN_YEAR_MISSING,
                           .extras = extras,
                           .lyrics = lyrics,
                           .audio = audio};
  HN_TRY(hn_import_add(d->import, &track, err));
done:
  hn_buffer_free(&id);
  hn_free(stem);
  hn_free(lyrics);
  hn_free(audio);
  return status;
}

static hn_status read_dataset(dataset *d, hn_error *err) {
  static const char *const extras[] = {"genre", "language", "license", "url"};
  hn_status status = hn_import_columns(d->import, extras, 4, err);
  for (int c = 0; c < N_COLUMNS; c++) d->columns[c] = hn_table_find(d->table, column_names[c]);
  if (status == HN_OK && d->columns[FILEPATH] == (size_t)-1)
    status = hn_fail(err, HN_FORMAT, "%s: has no column Filepath; expected JamendoLyrics.csv",
                     hn_table_path(d->table));
  for (size_t i = 0; status == HN_OK && i < hn_table_n_bad_rows(d->table); i++)
    status =
        hn_import_problem(d->import, err, "%s; left out", hn_table_bad_row_reason(d->table, i));
  for (size_t row = 0; status == HN_OK && row < hn_table_n_rows(d->table); row++)
    status = add_song(d, row, err);
  return status;
}

static hn_status run(hn_import *import, const char *path, const hn_options *options,
                     hn_error *err) {
  hn_status status = HN_OK;
  hn_table *table = NULL;
  char *folder = NULL, *list = NULL;
  (void)options;
  if (!hn_file_exists(path))
    return hn_fail(err, HN_IO, "%s: no such folder; expected a copy of JamendoLyrics", path);
  folder = hn_file_is_folder(path) ? hn_strdup(path) : hn_path_folder(path);
  list = folder ? hn_path_join(folder, "JamendoLyrics.csv") : NULL;
  if (!list) HN_TRY(hn_fail_memory(err));
  if (!hn_file_exists(list)) {
    HN_TRY(hn_import_problem(import, err, "%s: is not there", list));
    goto done;
  }
  HN_TRY(hn_table_read(list, 0, &table, err));
  dataset d = {.import = import, .folder = folder, .table = table};
  HN_TRY(read_dataset(&d, err));
done:
  hn_table_destroy(table);
  hn_free(folder);
  hn_free(list);
  return status;
}

static const hn_option_spec specs[] = {{.name = NULL}};

const hn_importer hn_importer_jamendo = {
    .name = "jamendo",
    .help = "a copy of JamendoLyrics: JamendoLyrics.csv, lyrics/ and mp3/",
    .options = specs,
    .run = run,
};
