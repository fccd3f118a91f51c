/* headnod language: which languages songs are in. */
#include "cli/command.h"

#include "base/file.h"
#include "base/memory.h"
#include "cli/inputs.h"
#include "corpora/manifest.h"
#include "corpora/manifest_writer.h"
#include "experiments/languages.h"
#include "nlp/clean.h"

#include <stdio.h>

static const hn_flag flags[] = {{"output", 'o', "F.csv", "write there instead of to stdout"},
                                {NULL, 0, NULL, NULL}};
static const hn_syntax syntax = {
    "headnod language MANIFEST | LYRICS.txt… [-o F.csv] [--RULE true|false]…",
    "The language of each song as track_id,language,candidates, its lyrics cleaned first; empty\n"
    "where it cannot be told. Candidates fit almost equally well, the best first.",
    "headnod language corpus/manifest.csv",
    flags,
    1,
    (size_t)-1};

/* n songs; a path of NULL has no lyrics. */
typedef struct {
  size_t n;
  const char **paths;
  char **ids;
} song_list;

static hn_status start_list(size_t n, song_list *songs, hn_error *err) {
  hn_status status = HN_OK;
  HN_NEW(songs->paths, n, err);
  HN_NEW(songs->ids, n, err);
  songs->n = n;
done:
  return status;
}

static void free_list(song_list *songs) {
  for (size_t i = 0; songs->ids && i < songs->n; i++) hn_free(songs->ids[i]);
  hn_free(songs->ids);
  hn_free(songs->paths);
}

static hn_status list_tracks(const hn_manifest *manifest, song_list *songs, hn_error *err) {
  hn_status status = HN_OK;
  HN_TRY(start_list(hn_manifest_n_tracks(manifest), songs, err));
  for (size_t t = 0; t < songs->n; t++) {
    const hn_track *track = hn_manifest_track(manifest, t);
    HN_DUP(songs->ids[t], track->id, err);
    songs->paths[t] = track->lyrics;
  }
done:
  return status;
}

static hn_status list_files(const hn_args *args, song_list *songs, hn_error *err) {
  hn_status status = HN_OK;
  HN_TRY(start_list(args->n_files, songs, err));
  for (size_t i = 0; i < songs->n; i++) {
    if (!(songs->ids[i] = hn_path_stem(args->files[i]))) HN_TRY(hn_fail_memory(err));
    songs->paths[i] = args->files[i];
  }
done:
  return status;
}

/* A row for each song, but for those whose file failed: they are named instead. */
static hn_status write_rows(const song_list *songs, const hn_lyrics_language *results,
                            const char *output, hn_error *err) {
  static const char *const header[] = {"track_id", "language", "candidates"};
  hn_status status = HN_OK;
  hn_manifest_writer table = {0};
  hn_buffer candidates = {0};
  size_t n_failed = 0;
  hn_manifest_writer_init(&table, header, 3);
  for (size_t i = 0; i < songs->n; i++) {
    const hn_languages *languages = &results[i].languages;
    n_failed += results[i].status != HN_OK;
    if (results[i].status != HN_OK) {
      fprintf(stderr, "headnod: %s\n", results[i].err.message);
      continue;
    }
    hn_buffer_clear(&candidates);
    for (size_t k = 0; k < languages->n; k++)
      hn_buffer_format(&candidates, "%s%s", k ? ";" : "", languages->names[k]);
    HN_TRY(hn_buffer_status(&candidates, err));
    const char *row[] = {songs->ids[i], languages->n ? languages->names[0] : NULL,
                         languages->n ? candidates.data : NULL};
    hn_manifest_writer_add(&table, row);
  }
  HN_TRY(hn_buffer_status(&table.text, err));
  if (output)
    HN_TRY(hn_manifest_writer_save(&table, output, err));
  else
    fwrite(table.text.data, 1, table.text.length, stdout);
  if (n_failed)
    status = hn_fail(err, HN_FORMAT, "%zu of %zu songs failed, the others are listed", n_failed,
                     songs->n);
done:
  hn_buffer_free(&candidates);
  hn_manifest_writer_free(&table);
  return status;
}

static hn_status tell_languages(const hn_args *args, hn_error *err) {
  hn_status status = HN_OK;
  hn_manifest *manifest = NULL;
  song_list songs = {0};
  hn_lyrics_language *results = NULL;
  hn_progress *progress = NULL;
  if (args->n_files == 1 && hn_input_is_manifest(args->files[0])) {
    HN_TRY(hn_manifest_read(args->files[0], NULL, &manifest, err));
    HN_TRY(list_tracks(manifest, &songs, err));
  } else {
    HN_TRY(list_files(args, &songs, err));
  }
  HN_NEW(results, songs.n, err);
  progress = hn_progress_create(stderr, "language", "songs", songs.n);
  HN_TRY(hn_lyrics_languages(songs.paths, songs.n, args->tables[0], progress, results, err));
  hn_progress_destroy(progress);
  progress = NULL;
  status = write_rows(&songs, results, hn_args_get(args, "output"), err);
done:
  hn_progress_destroy(progress);
  hn_free(results);
  free_list(&songs);
  hn_manifest_destroy(manifest);
  return status;
}

int hn_command_language(int argc, char **argv) {
  hn_args args = {0};
  hn_error err = {0};
  int exit_status;
  hn_status status = hn_options_create(hn_clean_options, &args.tables[0], &err);
  if (status != HN_OK) return hn_command_end(status, &err);
  args.n_tables = 1;
  if (hn_command_begin(&args, &syntax, argc, argv, &exit_status))
    exit_status = hn_command_end(tell_languages(&args, &err), &err);
  hn_args_free(&args);
  return exit_status;
}
