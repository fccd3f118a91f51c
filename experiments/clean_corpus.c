#include "experiments/clean_corpus.h"

#include "base/file.h"
#include "base/memory.h"
#include "corpora/manifest.h"
#include "corpora/manifest_writer.h"
#include "experiments/run_folder.h"

#include <stdlib.h>
#include <string.h>

/* What came of one track. */
typedef struct {
  char name[32]; /* of its lyrics, below folder; "": it has none */
  hn_clean_count *counts;
  hn_status status;
  hn_error err;
} cleaned_track;

static void clean_track(const hn_track *track, size_t row, const hn_cleaner *cleaner,
                        const char *folder, cleaned_track *result) {
  hn_status status = HN_OK;
  hn_error *err = &result->err;
  hn_cleaned cleaned = {0};
  char *text = NULL, *path = NULL;
  size_t n;

  snprintf(result->name, sizeof result->name, "lyrics/%06zu.txt", row + 1);
  if (!(path = hn_run_path(folder, "%s", result->name))) HN_TRY(hn_fail_memory(err));
  HN_TRY(hn_file_read(track->lyrics, &text, &n, err));
  status = hn_cleaner_apply(cleaner, text, n, &cleaned, err);
  if (status != HN_OK) {
    hn_fail_prefix(err, status, "%s", track->lyrics);
    goto done;
  }
  HN_TRY(hn_file_write(path, cleaned.text, cleaned.n, err));
  result->counts = cleaned.counts;
  cleaned.counts = NULL;
done:
  hn_cleaned_free(&cleaned);
  hn_free(text);
  hn_free(path);
  result->status = status;
}

/* Other files stay where they are, so their paths must no longer depend on the manifest's place.
 * realpath gives memory of the C library, which hn_free takes too. */
static hn_status write_manifest(const hn_manifest *manifest, const cleaned_track *results,
                                const char *folder, hn_error *err) {
  hn_status status = HN_OK;
  size_t n_columns = hn_manifest_n_columns(manifest);
  const char **cells = NULL;
  hn_manifest_writer writer = {0};
  char *path = hn_run_path(folder, "manifest.csv");

  if (!path) return hn_fail_memory(err);
  HN_NEW(cells, n_columns, err);
  for (size_t c = 0; c < n_columns; c++) cells[c] = hn_manifest_column_name(manifest, c);
  hn_manifest_writer_init(&writer, cells, n_columns);
  for (size_t t = 0; t < hn_manifest_n_tracks(manifest); t++) {
    const hn_track *track = hn_manifest_track(manifest, t);
    char *audio = track->audio ? realpath(track->audio, NULL) : NULL;
    char *spectrogram = track->spectrogram ? realpath(track->spectrogram, NULL) : NULL;
    for (size_t c = 0; c < n_columns; c++) {
      const char *name = hn_manifest_column_name(manifest, c);
      cells[c] = hn_manifest_cell(manifest, t, c);
      if (strcmp(name, "lyrics") == 0) cells[c] = results[t].name[0] ? results[t].name : NULL;
      if (strcmp(name, "audio") == 0) cells[c] = audio;
      if (strcmp(name, "spectrogram") == 0) cells[c] = spectrogram;
    }
    hn_manifest_writer_add(&writer, cells);
    hn_free(audio);
    hn_free(spectrogram);
  }
  status = hn_manifest_writer_save(&writer, path, err);
done:
  hn_manifest_writer_free(&writer);
  hn_free(cells);
  hn_free(path);
  return status;
}

/* Writing over the manifest that is being read would lose it. */
static hn_status check_folder(const char *manifest, const char *folder, hn_error *err) {
  hn_status status = HN_OK;
  char *own = hn_path_folder(manifest), *real_own = NULL, *real_folder = NULL;
  if (!own) return hn_fail_memory(err);
  real_own = realpath(own, NULL);
  real_folder = realpath(folder, NULL);
  if (real_own && real_folder && strcmp(real_own, real_folder) == 0)
    status =
        hn_fail(err, HN_INVALID, "%s is the folder of the manifest itself; give another", folder);
  hn_free(own);
  hn_free(real_own);
  hn_free(real_folder);
  return status;
}

hn_status hn_clean_corpus(const char *manifest_path, const hn_options *rules, const char *folder,
                          hn_progress *progress, hn_clean_count *counts_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_manifest *manifest = NULL;
  hn_cleaner *cleaner = NULL;
  cleaned_track *results = NULL;
  size_t n = 0;

  HN_TRY(check_folder(manifest_path, folder, err));
  HN_TRY(hn_manifest_read(manifest_path, NULL, &manifest, err));
  HN_TRY(hn_cleaner_create(rules, &cleaner, err));
  HN_TRY(hn_run_make(folder, "lyrics", err));
  n = hn_manifest_n_tracks(manifest);
  HN_NEW(results, n, err);
#pragma omp parallel for schedule(dynamic, 8)
  for (size_t t = 0; t < n; t++) {
    const hn_track *track = hn_manifest_track(manifest, t);
    if (track->lyrics) clean_track(track, t, cleaner, folder, &results[t]);
    hn_progress_advance(progress, 1);
  }
  for (size_t t = 0; t < n; t++)
    if (results[t].status != HN_OK)
      HN_TRY(hn_fail(err, results[t].status, "%s", results[t].err.message));
  HN_TRY(write_manifest(manifest, results, folder, err));
  for (size_t r = 0; counts_out && r < hn_clean_n_rules(); r++) {
    counts_out[r] = (hn_clean_count){0};
    for (size_t t = 0; t < n; t++) {
      if (!results[t].counts) continue;
      counts_out[r].n_matches += results[t].counts[r].n_matches;
      counts_out[r].n_bytes += results[t].counts[r].n_bytes;
    }
  }
done:
  for (size_t t = 0; results && t < n; t++) hn_free(results[t].counts);
  hn_free(results);
  hn_cleaner_destroy(cleaner);
  hn_manifest_destroy(manifest);
  return status;
}
