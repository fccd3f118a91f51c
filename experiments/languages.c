#include "experiments/languages.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/threads.h"
#include "experiments/notes.h"
#include "nlp/clean.h"

#include <string.h>

static hn_status tell(const char *path, const hn_cleaner *cleaner, hn_language_detector *detector,
                      hn_languages *languages_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_cleaned cleaned = {0};
  char *text = NULL;
  size_t n;
  HN_TRY(hn_file_read(path, &text, &n, err));
  status = hn_cleaner_apply(cleaner, text, n, &cleaned, err);
  if (status == HN_FORMAT) hn_fail_prefix(err, status, "%s", path);
  if (status == HN_OK)
    status = hn_language_detect(detector, (hn_text){cleaned.text, cleaned.n}, languages_out, err);
done:
  hn_cleaned_free(&cleaned);
  hn_free(text);
  return status;
}

hn_status hn_lyrics_languages(const char *const *paths, size_t n, const hn_options *clean,
                              hn_progress *progress, hn_lyrics_language *results_out,
                              hn_error *err) {
  hn_status status = HN_OK;
  hn_cleaner *cleaner = NULL;
  hn_language_detector **detectors = NULL; /* one a thread */
  const int n_threads = hn_threads();

  HN_TRY(hn_cleaner_create(clean, &cleaner, err));
  HN_NEW(detectors, (size_t)n_threads, err);
  for (int t = 0; t < n_threads; t++) HN_TRY(hn_language_detector_create(&detectors[t], err));
#pragma omp parallel for schedule(dynamic, 8)
  for (size_t i = 0; i < n; i++) {
    hn_lyrics_language *r = &results_out[i];
    *r = (hn_lyrics_language){0};
    if (paths[i])
      r->status = tell(paths[i], cleaner, detectors[hn_thread_id()], &r->languages, &r->err);
    hn_progress_advance(progress, 1);
  }
done:
  for (int t = 0; detectors && t < n_threads; t++) hn_language_detector_destroy(detectors[t]);
  hn_free(detectors);
  hn_cleaner_destroy(cleaner);
  return status;
}

static int is_wanted(const hn_languages *languages, const hn_texts *wanted) {
  for (size_t k = 0; k < languages->n; k++)
    for (size_t w = 0; w < wanted->n; w++)
      if (strcmp(languages->names[k], wanted->items[w]) == 0) return 1;
  return 0;
}

static hn_status drop(const hn_track *track, const hn_languages *languages, json_t *account,
                      hn_error *err) {
  hn_buffer names = {0};
  for (size_t k = 0; k < languages->n; k++)
    hn_buffer_format(&names, "%s%s", k ? " or " : "", languages->names[k]);
  hn_status status = hn_buffer_status(&names, err);
  if (status == HN_OK)
    status = hn_json_append(json_object_get(account, "dropped"),
                            json_pack("{s:s, s:o, s:o}", "track_id", track->id, "title",
                                      hn_json_text(track->title), "reason",
                                      json_sprintf("language: %s", names.data)),
                            err);
  hn_buffer_free(&names);
  return status;
}

static hn_status judge(const hn_study *study, const hn_manifest *manifest,
                       const hn_lyrics_language *results, uint8_t *keep, json_t *account,
                       hn_error *err) {
  hn_status status = HN_OK;
  size_t n_dropped = 0, n_untold = 0;
  for (size_t t = 0; t < hn_manifest_n_tracks(manifest); t++) {
    const hn_track *track = hn_manifest_track(manifest, t);
    const hn_lyrics_language *r = &results[t];
    if (r->status != HN_OK && (!study->skip_errors || r->status == HN_NO_MEMORY))
      return hn_fail(err, r->status,
                     "track %s: %s; mend or remove the file, or write on_error: skip", track->id,
                     r->err.message);
    if (!keep[t]) continue;
    n_untold += r->languages.n == 0;
    if (r->languages.n == 0 || is_wanted(&r->languages, &study->languages)) continue;
    HN_TRY(drop(track, &r->languages, account, err));
    keep[t] = 0;
    n_dropped++;
  }
  HN_TRY(hn_note(account, err, "%zu tracks left out by filters.language", n_dropped));
  if (n_untold)
    status = hn_note(account, err,
                     "the language of %zu tracks cannot be told (no lyrics, too few words, or too "
                     "mixed ones); filters.language keeps them",
                     n_untold);
done:
  return status;
}

hn_status hn_drop_by_language(const hn_study *study, const hn_manifest *manifest, FILE *messages,
                              uint8_t *keep, json_t *account, hn_error *err) {
  hn_status status = HN_OK;
  const size_t n = hn_manifest_n_tracks(manifest);
  const char **paths = NULL;
  hn_lyrics_language *results = NULL;
  hn_progress *progress = NULL;
  HN_NEW(paths, n, err);
  HN_NEW(results, n, err);
  for (size_t t = 0; t < n; t++) paths[t] = keep[t] ? hn_manifest_track(manifest, t)->lyrics : NULL;
  progress = hn_progress_create(messages, "language", "songs", n);
  HN_TRY(hn_lyrics_languages(paths, n, study->clean, progress, results, err));
  status = judge(study, manifest, results, keep, account, err);
done:
  hn_progress_destroy(progress);
  hn_free(paths);
  hn_free(results);
  return status;
}
