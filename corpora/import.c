#include "corpora/importer.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "corpora/manifest_writer.h"
#include "corpora/names.h"

#include <errno.h>
#include <search.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_MAX 100 /* bytes; a file name holds 255 */

static const char *const leading_columns[] = {"track_id", "title", "artist",
                                              "featured", "album", "year"};
static const char *const trailing_columns[] = {"lyrics", "audio"};
#define N_LEADING (sizeof leading_columns / sizeof *leading_columns)
#define N_TRAILING (sizeof trailing_columns / sizeof *trailing_columns)

/* Ids are kept in binary trees of the C library (tsearch), which own their texts. */
struct hn_import {
  char *folder;      /* as given */
  char *real_folder; /* absolute; NULL until the first track made it */
  hn_manifest_writer writer;
  const char **columns; /* (n_columns) all of them, borrowed */
  size_t n_columns;
  const char **cells; /* (n_columns) the row being written */
  void *wanted_ids, *taken_ids;
  hn_progress *progress;
  hn_import_report report;
};

static int compare_texts(const void *a, const void *b) {
  return strcmp(a, b);
}

static int has_text(void *const *tree, const char *text) {
  return tfind(text, tree, compare_texts) != NULL;
}

static hn_status keep_text(void **tree, const char *text, hn_error *err) {
  if (has_text(tree, text)) return HN_OK;
  char *copy = hn_strdup(text);
  if (copy && tsearch(copy, tree, compare_texts)) return HN_OK;
  hn_free(copy);
  return hn_fail_memory(err);
}

int hn_import_has(const hn_import *import, const char *id) {
  return has_text(&import->wanted_ids, id);
}

const char *hn_import_folder(const hn_import *import) {
  return import->folder;
}

hn_status hn_import_problem(hn_import *import, hn_error *err, const char *format, ...) {
  hn_status status = HN_OK;
  hn_import_report *report = &import->report;
  char *text = NULL;
  va_list args;
  va_start(args, format);
  int n = vasprintf(&text, format, args);
  va_end(args);
  if (n < 0) return hn_fail_memory(err);
  HN_GROW(report->problems, report->n_problems, report->problems_capacity, err);
  HN_DUP(report->problems[report->n_problems], text, err);
  report->n_problems++;
done:
  free(text);
  return status;
}

hn_status hn_import_columns(hn_import *import, const char *const *names, size_t n, hn_error *err) {
  hn_status status = HN_OK;
  const char **columns = NULL, **cells = NULL;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < import->n_columns; j++)
      if (strcmp(names[i], import->columns[j]) == 0)
        return hn_fail(err, HN_INVALID,
                       "a further column cannot be called \"%s\": every manifest has one",
                       names[i]);
  HN_NEW(columns, N_LEADING + n + N_TRAILING, err);
  HN_NEW(cells, N_LEADING + n + N_TRAILING, err);
  memcpy(columns, leading_columns, sizeof leading_columns);
  for (size_t i = 0; i < n; i++) columns[N_LEADING + i] = names[i];
  memcpy(columns + N_LEADING + n, trailing_columns, sizeof trailing_columns);
  hn_free(import->columns);
  hn_free(import->cells);
  import->columns = columns;
  import->cells = cells;
  import->n_columns = N_LEADING + n + N_TRAILING;
  hn_manifest_writer_free(&import->writer);
  hn_manifest_writer_init(&import->writer, columns, import->n_columns);
  return HN_OK;
done:
  hn_free(columns);
  return status;
}

/* The wanted id as a file name: letters, digits, '_' and '.', '-' for a run of anything else; the
 * end of a long one is replaced by its hash. */
static hn_status make_safe(const char *wanted, hn_buffer *id, hn_error *err) {
  for (const char *at = wanted; *at; at++) {
    int is_plain = hn_byte_is_word(*at) || (id->length && strchr("._", *at));
    if (is_plain)
      hn_buffer_byte(id, *at);
    else if (id->length && id->data[id->length - 1] != '-')
      hn_buffer_byte(id, '-');
  }
  while (id->length && id->data[id->length - 1] == '-') id->data[--id->length] = 0;
  if (id->length == 0 || id->length > ID_MAX) {
    char hex[33];
    hn_hash_bytes(wanted, strlen(wanted), hex);
    size_t n = id->length < ID_MAX - 9 ? id->length : ID_MAX - 9;
    while (n > 0 && ((unsigned char)id->data[n] & 0xC0) == 0x80) n--;
    id->length = n;
    hn_buffer_format(id, "%s%.8s", n ? "-" : "track-", hex);
  }
  return hn_buffer_status(id, err);
}

static hn_status make_id(hn_import *import, const char *wanted, hn_buffer *id, hn_error *err) {
  hn_status status = HN_OK;
  HN_TRY(make_safe(wanted, id, err));
  size_t length = id->length;
  for (unsigned n = 2; has_text(&import->taken_ids, id->data); n++) {
    id->length = length;
    hn_buffer_format(id, "-%u", n);
    HN_TRY(hn_buffer_status(id, err));
  }
  HN_TRY(keep_text(&import->taken_ids, id->data, err));
  HN_TRY(keep_text(&import->wanted_ids, wanted, err));
done:
  return status;
}

/* The absolute path of an existing file or folder, owned by the caller. */
static hn_status real_path(const char *path, char **real_out, hn_error *err) {
  char *found = realpath(path, NULL);
  if (!found) return hn_fail(err, HN_IO, "%s: %s", path, strerror(errno));
  *real_out = hn_strdup(found);
  free(found);
  return *real_out ? HN_OK : hn_fail_memory(err);
}

static hn_status make_folders(hn_import *import, hn_error *err) {
  if (import->real_folder) return HN_OK;
  char *lyrics = hn_path_join(import->folder, "lyrics");
  if (!lyrics) return hn_fail_memory(err);
  hn_status status = hn_folder_make(lyrics, err);
  hn_free(lyrics);
  if (status != HN_OK) return status;
  return real_path(import->folder, &import->real_folder, err);
}

/* Unlike hn_file_write this does not wait for the disk (5 ms a song): the manifest comes last, and
 * without it there was no import. */
static hn_status write_text(const char *path, const char *text, hn_error *err) {
  FILE *file = fopen(path, "wb");
  int failed = !file || fputs(text, file) == EOF;
  if (file && fclose(file) != 0) failed = 1;
  return failed ? hn_fail(err, HN_IO, "%s: %s", path, strerror(errno)) : HN_OK;
}

/* Write a lyrics file; its path from the folder into path. */
static hn_status write_lyrics(hn_import *import, const char *id, const char *lyrics,
                              hn_buffer *path, hn_error *err) {
  hn_buffer_format(path, "lyrics/%s.txt", id);
  hn_status status = hn_buffer_status(path, err);
  if (status != HN_OK) return status;
  char *full = hn_path_join(import->folder, path->data);
  if (!full) return hn_fail_memory(err);
  status = write_text(full, lyrics, err);
  hn_free(full);
  return status;
}

/* Where the audio lies, for the manifest: relative below the folder, else absolute. */
static hn_status audio_path(const hn_import *import, const char *audio, hn_buffer *path,
                            hn_error *err) {
  char *real = NULL;
  hn_status status = real_path(audio, &real, err);
  if (status != HN_OK) return status;
  size_t n = strlen(import->real_folder);
  int is_below = strncmp(real, import->real_folder, n) == 0 && real[n] == '/';
  hn_buffer_text(path, is_below ? real + n + 1 : real);
  hn_free(real);
  return hn_buffer_status(path, err);
}

static hn_status join_featured(const hn_import_track *track, hn_buffer *out, hn_error *err) {
  for (size_t i = 0; i < track->n_featured; i++) {
    if (i) hn_buffer_byte(out, ';');
    /* ';' separates names in this cell, so it cannot be part of one. */
    for (const char *at = track->featured[i]; *at; at++)
      hn_buffer_byte(out, *at == ';' ? ',' : *at);
  }
  return hn_buffer_status(out, err);
}

hn_status hn_import_add(hn_import *import, const hn_import_track *track, hn_error *err) {
  hn_status status = HN_OK;
  hn_buffer id = {0}, featured = {0}, lyrics = {0}, audio = {0};
  const size_t n_extras = import->n_columns - N_LEADING - N_TRAILING;
  char year[16] = "";
  HN_TRY(make_folders(import, err));
  HN_TRY(make_id(import, track->id, &id, err));
  HN_TRY(join_featured(track, &featured, err));
  if (track->lyrics) HN_TRY(write_lyrics(import, id.data, track->lyrics, &lyrics, err));
  if (track->audio) HN_TRY(audio_path(import, track->audio, &audio, err));
  if (track->year != HN_YEAR_MISSING) snprintf(year, sizeof year, "%d", track->year);

  const char *leading[N_LEADING] = {id.data,       track->title, track->artist,
                                    featured.data, track->album, year};
  const char *trailing[N_TRAILING] = {lyrics.data, audio.data};
  memcpy(import->cells, leading, sizeof leading);
  for (size_t i = 0; i < n_extras; i++) import->cells[N_LEADING + i] = track->extras[i];
  memcpy(import->cells + N_LEADING + n_extras, trailing, sizeof trailing);
  hn_manifest_writer_add(&import->writer, import->cells);
  import->report.n_tracks++;
  import->report.n_lyrics += track->lyrics != NULL;
  import->report.n_audio += track->audio != NULL;
  hn_progress_advance(import->progress, 1);
done:
  hn_buffer_free(&id);
  hn_buffer_free(&featured);
  hn_buffer_free(&lyrics);
  hn_buffer_free(&audio);
  return status;
}

static hn_status finish(const hn_import *import, const char *path, hn_error *err) {
  const hn_import_report *report = &import->report;
  if (report->n_tracks == 0)
    return hn_fail(err, HN_FORMAT, "%s: no song found%s%s", path,
                   report->n_problems ? "; the first problem: " : "",
                   report->n_problems ? report->problems[0] : "");
  char *manifest = hn_path_join(import->folder, "manifest.csv");
  if (!manifest) return hn_fail_memory(err);
  hn_status status = hn_manifest_writer_save(&import->writer, manifest, err);
  hn_free(manifest);
  return status;
}

hn_status hn_import_run(const hn_importer *importer, const char *path, const char *folder,
                        const hn_options *options, hn_progress *progress,
                        hn_import_report *report_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_import import = {.progress = progress};
  hn_options *defaults = NULL;
  HN_DUP(import.folder, folder, err);
  if (!options) HN_TRY(hn_options_create(importer->options, &defaults, err));
  HN_TRY(hn_import_columns(&import, NULL, 0, err));
  HN_TRY(importer->run(&import, path, options ? options : defaults, err));
  HN_TRY(finish(&import, path, err));
  *report_out = import.report;
  import.report = (hn_import_report){0};
done:
  hn_options_destroy(defaults);
  hn_import_report_free(&import.report);
  hn_manifest_writer_free(&import.writer);
  tdestroy(import.wanted_ids, hn_free);
  tdestroy(import.taken_ids, hn_free);
  hn_free(import.columns);
  hn_free(import.cells);
  hn_free(import.real_folder);
  hn_free(import.folder);
  return status;
}

void hn_import_report_free(hn_import_report *report) {
  if (!report) return;
  for (size_t i = 0; i < report->n_problems; i++) hn_free(report->problems[i]);
  hn_free(report->problems);
  *report = (hn_import_report){0};
}
