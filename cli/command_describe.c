/* headnod describe: tempo, key, loudness, energy … of songs, as a table. */
#include "cli/command.h"

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/progress.h"
#include "cli/inputs.h"
#include "corpora/manifest.h"
#include "corpora/manifest_writer.h"
#include "experiments/run_folder.h"
#include "vision/describe.h"

#include <stdio.h>
#include <string.h>

static const hn_flag flags[] = {
    {"output", 'o', "F.csv", "write there instead of to stdout"},
    {"join", 0, NULL, "of a manifest: keep its columns, the new ones behind them"},
    {"segments", 0, "DIR", "also write beats, sections and segments as DIR/<track_id>.json"},
    {NULL, 0, NULL, NULL}};
static const hn_option_spec options[] = {
    {"clip", HN_OPTION_REALS, "none", 0, 1e6, 1, NULL, "part to describe in seconds, from,to"},
    {NULL, HN_OPTION_BOOL, NULL, 0, 0, 0, NULL, NULL}};
static const hn_syntax syntax = {
    "headnod describe FILE… | MANIFEST [-o F.csv] [--join] [--segments DIR] [--clip FROM,TO]",
    "Tempo, key, loudness, energy … of each song, a row a song, with the names of Spotify's audio\n"
    "features. All are estimates; vision/tempo.h, key.h, loudness.h and traits.h have the "
    "formulas.\n"
    "An empty cell: it cannot be told (silence, no beat, no pitch).",
    "headnod describe music/*.mp3 -o described.csv",
    flags,
    1,
    (size_t)-1};

/* n songs, each with its result; a path of NULL has no audio. */
typedef struct {
  hn_manifest *manifest; /* or NULL */
  size_t n;
  const char **paths;
  char **ids;
  hn_description *descriptions;
  hn_audio_info *infos;
  hn_error *errors;
} song_list;

static hn_status open_list(const hn_args *args, song_list *songs, hn_error *err) {
  hn_status status = HN_OK;
  songs->n = args->n_files;
  if (args->n_files == 1 && hn_input_is_manifest(args->files[0])) {
    HN_TRY(hn_manifest_read(args->files[0], NULL, &songs->manifest, err));
    songs->n = hn_manifest_n_tracks(songs->manifest);
  }
  HN_NEW(songs->paths, songs->n, err);
  HN_NEW(songs->ids, songs->n, err);
  HN_NEW(songs->descriptions, songs->n, err);
  HN_NEW(songs->infos, songs->n, err);
  HN_NEW(songs->errors, songs->n, err);
  for (size_t i = 0; i < songs->n; i++) {
    const hn_track *track = songs->manifest ? hn_manifest_track(songs->manifest, i) : NULL;
    songs->paths[i] = track ? track->audio : args->files[i];
    songs->ids[i] = track ? hn_strdup(track->id) : hn_path_stem(args->files[i]);
    if (!songs->ids[i]) HN_TRY(hn_fail_memory(err));
  }
done:
  return status;
}

static void close_list(song_list *songs) {
  for (size_t i = 0; songs->ids && i < songs->n; i++) hn_free(songs->ids[i]);
  for (size_t i = 0; songs->descriptions && i < songs->n; i++)
    hn_description_free(&songs->descriptions[i]);
  hn_free(songs->paths);
  hn_free(songs->ids);
  hn_free(songs->descriptions);
  hn_free(songs->infos);
  hn_free(songs->errors);
  hn_manifest_destroy(songs->manifest);
}

/* DIR/<track_id>.json; the beats, sections and segments are not kept any longer than that. */
static hn_status write_parts(const char *folder, const char *id, const hn_description *description,
                             hn_error *err) {
  hn_status status = HN_OK;
  json_t *json = NULL;
  char *path = NULL;
  if (strchr(id, '/'))
    return hn_fail(err, HN_INVALID, "track_id \"%s\" has a '/' and cannot be a file's name", id);
  if (!(path = hn_run_path(folder, "%s.json", id))) HN_TRY(hn_fail_memory(err));
  HN_TRY(hn_description_json(description, &json, err));
  status = hn_json_write(path, json, err);
done:
  json_decref(json);
  hn_free(path);
  return status;
}

static void describe_songs(song_list *songs, const hn_clip *clip, const char *folder) {
  hn_progress *progress = hn_progress_create(stderr, "describe", "songs", songs->n);
#pragma omp parallel for schedule(dynamic)
  for (size_t i = 0; i < songs->n; i++) {
    hn_description *description = &songs->descriptions[i];
    hn_error *err = &songs->errors[i];
    if (songs->paths[i] && hn_description_of_file(description, songs->paths[i], clip,
                                                  &songs->infos[i], err) == HN_OK) {
      if (folder) write_parts(folder, songs->ids[i], description, err);
      hn_description_drop_parts(description);
    }
    hn_progress_advance(progress, 1);
  }
  hn_progress_destroy(progress);
}

/* The header: track_id, or the manifest's columns where they are joined, then the description's. */
static hn_status name_columns(const song_list *songs, int join, const char ***names_out,
                              size_t *n_own_out, size_t *n_out, hn_error *err) {
  hn_status status = HN_OK;
  const char **names = NULL;
  size_t n_own = join ? hn_manifest_n_columns(songs->manifest) : 1, n = n_own;
  size_t n_described = 0;
  while (hn_description_columns[n_described]) n_described++;
  HN_NEW(names, n_own + n_described, err);
  names[0] = "track_id";
  for (size_t c = 0; join && c < n_own; c++) names[c] = hn_manifest_column_name(songs->manifest, c);
  for (size_t c = 0; c < n_described; c++) {
    if (join && hn_manifest_find_column(songs->manifest, hn_description_columns[c]) != (size_t)-1)
      HN_TRY(hn_fail(err, HN_INVALID,
                     "%s has a column \"%s\" already; rename it there, or leave out --join",
                     hn_manifest_path(songs->manifest), hn_description_columns[c]));
    names[n++] = hn_description_columns[c];
  }
  *names_out = names;
  *n_own_out = n_own;
  *n_out = n;
  return HN_OK;
done:
  hn_free(names);
  return status;
}

/* A row a song; a song of a manifest that has no description keeps its row, with empty cells. */
static hn_status write_table(const song_list *songs, int join, const char *output, hn_error *err) {
  hn_status status = HN_OK;
  hn_manifest_writer table = {0};
  const char **names = NULL, **cells = NULL;
  char(*texts)[32] = NULL;
  size_t n_own = 0, n = 0;
  HN_TRY(name_columns(songs, join, &names, &n_own, &n, err));
  HN_NEW(cells, n, err);
  HN_NEW(texts, n, err);
  hn_manifest_writer_init(&table, names, n);
  for (size_t i = 0; i < songs->n; i++) {
    int is_described = songs->paths[i] && songs->errors[i].code == HN_OK;
    if (!is_described && !songs->manifest) continue;
    cells[0] = songs->ids[i];
    for (size_t c = 0; join && c < n_own; c++) cells[c] = hn_manifest_cell(songs->manifest, i, c);
    for (size_t c = n_own; c < n; c++) {
      texts[c][0] = 0;
      if (is_described) hn_description_cell(&songs->descriptions[i], c - n_own, texts[c]);
      cells[c] = texts[c];
    }
    hn_manifest_writer_add(&table, cells);
  }
  HN_TRY(hn_buffer_status(&table.text, err));
  if (output)
    status = hn_manifest_writer_save(&table, output, err);
  else
    fwrite(table.text.data, 1, table.text.length, stdout);
done:
  hn_manifest_writer_free(&table);
  hn_free(names);
  hn_free(cells);
  hn_free(texts);
  return status;
}

/* Name what failed, in the songs' order. */
static hn_status report_failures(const song_list *songs, hn_error *err) {
  size_t n_failed = 0, n_silent = 0;
  for (size_t i = 0; i < songs->n; i++) {
    n_failed += songs->errors[i].code != HN_OK;
    n_silent += !songs->paths[i];
    if (songs->errors[i].code != HN_OK)
      fprintf(stderr, "headnod: %s\n", songs->errors[i].message);
    else if (songs->infos[i].warning[0])
      fprintf(stderr, "headnod: %s: %s\n", songs->paths[i], songs->infos[i].warning);
  }
  if (n_silent) fprintf(stderr, "headnod: %zu of %zu tracks have no audio\n", n_silent, songs->n);
  if (n_failed == 0) return HN_OK;
  return hn_fail(err, HN_FORMAT, "%zu of %zu songs failed, the others are described", n_failed,
                 songs->n);
}

static hn_status describe(const hn_args *args, hn_error *err) {
  hn_status status = HN_OK;
  song_list songs = {0};
  hn_clip clip = {0};
  int has_clip;
  const char *folder = hn_args_get(args, "segments");
  int join = hn_args_get(args, "join") != NULL;
  HN_TRY(hn_clip_of_options(args->tables[0], &clip, &has_clip, err));
  HN_TRY(open_list(args, &songs, err));
  if (join && !songs.manifest)
    HN_TRY(hn_fail(err, HN_INVALID, "--join needs a manifest, not sound files"));
  if (folder) HN_TRY(hn_folder_make(folder, err));
  describe_songs(&songs, has_clip ? &clip : NULL, folder);
  HN_TRY(write_table(&songs, join, hn_args_get(args, "output"), err));
  status = report_failures(&songs, err);
done:
  close_list(&songs);
  return status;
}

int hn_command_describe(int argc, char **argv) {
  hn_args args = {0};
  hn_error err = {0};
  int exit_status;
  hn_status status = hn_options_create(options, &args.tables[0], &err);
  if (status != HN_OK) return hn_command_end(status, &err);
  args.n_tables = 1;
  if (hn_command_begin(&args, &syntax, argc, argv, &exit_status))
    exit_status = hn_command_end(describe(&args, &err), &err);
  hn_args_free(&args);
  return exit_status;
}
