#include "experiments/lyrics.h"

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/progress.h"
#include "experiments/notes.h"
#include "nlp/sections.h"
#include "nlp/style.h"

#include <string.h>

/* What came of one song. */
typedef struct {
  hn_cleaned cleaned; /* text NULL: the song has no lyrics */
  hn_status status;
  hn_error err;
  size_t n_sections_removed;
} song_lyrics;

/* Names of the guests of a track whose verses are cut: borrowed from the filter, which lists them
 * in track order. */
static hn_status guests_of(const hn_filter *filter, size_t track, const char ***names_out,
                           size_t *n_out, hn_error *err) {
  hn_status status = HN_OK;
  const char **names = NULL;
  size_t from = 0, to = filter->n_guests, n = 0;
  while (from < to) {
    size_t middle = from + (to - from) / 2;
    if (filter->guests[middle].track < track)
      from = middle + 1;
    else
      to = middle;
  }
  while (from + n < filter->n_guests && filter->guests[from + n].track == track) n++;
  HN_NEW(names, n, err);
  for (size_t g = 0; g < n; g++) names[g] = filter->guests[from + g].name;
  *names_out = names;
  *n_out = n;
done:
  return status;
}

/* Append the lyrics of a track to out as the policy for guests wants them. */
static hn_status cut_guests(const hn_filter *filter, const hn_track *track, size_t index,
                            const char *text, size_t n, hn_buffer *out, size_t *n_removed_out,
                            hn_error *err) {
  const char **names = NULL;
  size_t n_names = 0;
  if (filter->featured == HN_FEATURED_LEAD_ONLY && track->artist)
    return hn_sections_keep_performer(text, n, track->artist, out, n_removed_out, err);
  hn_status status = guests_of(filter, index, &names, &n_names, err);
  if (status == HN_OK && n_names)
    status = hn_sections_remove_performers(text, n, names, n_names, out, n_removed_out, err);
  else if (status == HN_OK)
    hn_buffer_append(out, text, n);
  hn_free(names);
  return status;
}

/* Read, cut the guests' verses, clean, measure the style where it is wanted. */
static void load_song(const hn_songs *songs, size_t i, const hn_cleaner *cleaner, float *style_out,
                      song_lyrics *song) {
  hn_status status = HN_OK;
  hn_error *err = &song->err;
  const hn_track *track = hn_songs_track(songs, i);
  const char *path = track->lyrics;
  hn_buffer cut = {0};
  char *text = NULL;
  size_t n;

  HN_TRY(hn_file_read(path, &text, &n, err));
  HN_TRY(cut_guests(&songs->filter, track, songs->tracks[i], text, n, &cut,
                    &song->n_sections_removed, err));
  HN_TRY(hn_buffer_status(&cut, err));
  HN_TRY(hn_cleaner_apply(cleaner, cut.data ? cut.data : "", cut.length, &song->cleaned, err));
  if (style_out)
    HN_TRY(hn_style_measure((hn_text){song->cleaned.text, song->cleaned.n},
                            (hn_text){cut.data ? cut.data : "", cut.length}, style_out, err));
done:
  hn_free(text);
  hn_buffer_free(&cut);
  song->status = status;
  if (status != HN_OK && status != HN_IO) hn_fail_prefix(err, status, "%s", path);
}

int hn_lyrics_has_words(const hn_cleaned *cleaned) {
  return cleaned->text && strspn(cleaned->text, " \t\r\n") < cleaned->n;
}

/* What each rule that applied removed, over all songs. */
static hn_status account_for_rules(const song_lyrics *loaded, size_t n, json_t *account,
                                   hn_error *err) {
  hn_status status = HN_OK;
  for (size_t r = 0; r < hn_clean_n_rules(); r++) {
    size_t n_songs = 0, n_matches = 0, n_bytes = 0;
    for (size_t i = 0; i < n; i++) {
      if (!loaded[i].cleaned.counts) continue;
      n_songs += loaded[i].cleaned.counts[r].n_matches > 0;
      n_matches += loaded[i].cleaned.counts[r].n_matches;
      n_bytes += loaded[i].cleaned.counts[r].n_bytes;
    }
    if (n_matches == 0) continue;
    HN_TRY(hn_json_append(json_object_get(account, "rules"),
                          json_pack("{s:s, s:s, s:I, s:I, s:I}", "rule", hn_clean_rule_name(r),
                                    "what", hn_clean_options[r].help, "songs", (json_int_t)n_songs,
                                    "times", (json_int_t)n_matches, "bytes", (json_int_t)n_bytes),
                          err));
  }
done:
  return status;
}

/* Take the texts over; what failed or was cut goes into the account. */
static hn_status gather(song_lyrics *loaded, const hn_songs *songs, int skip_errors,
                        hn_lyrics *lyrics, hn_error *err) {
  hn_status status = HN_OK;
  json_t *failed = json_object_get(lyrics->account, "failed");
  json_t *guests = json_object_get(lyrics->account, "guests");
  size_t n_empty = 0, n_sections = 0;
  for (size_t i = 0; i < songs->n; i++) {
    const hn_track *track = hn_songs_track(songs, i);
    song_lyrics *song = &loaded[i];
    if (song->status != HN_OK) {
      if (!skip_errors || song->status == HN_NO_MEMORY)
        return hn_fail(err, song->status,
                       "track %s: %s; mend or remove the file, or write on_error: skip to go on "
                       "without its lyrics",
                       track->id, song->err.message);
      HN_TRY(hn_json_append(failed,
                            json_pack("{s:s, s:o, s:s}", "track_id", track->id, "path",
                                      hn_json_text(track->lyrics), "reason", song->err.message),
                            err));
      continue;
    }
    n_sections += song->n_sections_removed;
    if (song->n_sections_removed)
      HN_TRY(hn_json_append(guests,
                            json_pack("{s:s, s:I}", "track_id", track->id, "sections",
                                      (json_int_t)song->n_sections_removed),
                            err));
    if (!song->cleaned.text) continue;
    lyrics->has[i] = hn_lyrics_has_words(&song->cleaned) != 0;
    n_empty += !lyrics->has[i];
    lyrics->texts[i] = (hn_text){song->cleaned.text, song->cleaned.n};
    song->cleaned.text = NULL;
  }
  if (json_array_size(failed))
    HN_TRY(hn_note(lyrics->account, err,
                   "%zu lyrics could not be read and were skipped; the songs count as without them",
                   json_array_size(failed)));
  if (n_sections)
    HN_TRY(hn_note(lyrics->account, err, "%zu sections of %zu lyrics are left out as guests' own",
                   n_sections, json_array_size(guests)));
  if (n_empty)
    HN_TRY(hn_note(lyrics->account, err,
                   "%zu lyrics have no word left after cleaning; the songs count as without them",
                   n_empty));
done:
  return status;
}

static hn_status load_texts(const hn_study *study, const hn_songs *songs, FILE *messages,
                            hn_lyrics *lyrics, hn_error *err) {
  hn_status status = HN_OK;
  hn_cleaner *cleaner = NULL;
  song_lyrics *loaded = NULL;
  hn_progress *progress = NULL;

  HN_TRY(hn_cleaner_create(study->clean, &cleaner, err));
  HN_NEW(loaded, songs->n, err);
  HN_NEW(lyrics->texts, songs->n, err);
  if (hn_study_has_modality(study, HN_MODALITY_STYLE))
    HN_TRY(hn_matrix_init(&lyrics->style, songs->n, HN_STYLE_N_FEATURES, err));
  progress = hn_progress_create(messages, "lyrics", "songs", songs->n);
#pragma omp parallel for schedule(dynamic, 8)
  for (size_t i = 0; i < songs->n; i++) {
    float *style = lyrics->style.values ? lyrics->style.values + i * HN_STYLE_N_FEATURES : NULL;
    if (hn_songs_track(songs, i)->lyrics) load_song(songs, i, cleaner, style, &loaded[i]);
    hn_progress_advance(progress, 1);
  }
  HN_TRY(account_for_rules(loaded, songs->n, lyrics->account, err));
  status = gather(loaded, songs, study->skip_errors, lyrics, err);
done:
  hn_progress_destroy(progress);
  for (size_t i = 0; loaded && i < songs->n; i++) hn_cleaned_free(&loaded[i].cleaned);
  hn_free(loaded);
  hn_cleaner_destroy(cleaner);
  return status;
}

/* Rows of the songs out of the bags of all tracks. The terms stay the songs' own. */
static hn_status load_bags(const hn_songs *songs, hn_lyrics *lyrics, hn_error *err) {
  hn_features all = {.kind = HN_FEATURES_CSR, .as.csr = songs->bag_rows.counts}, taken;
  hn_status status = hn_features_take(&all, songs->tracks, songs->n, &taken, err);
  if (status != HN_OK) return status;
  lyrics->counts = taken.as.csr;
  lyrics->terms = songs->bags.terms;
  lyrics->n_terms = songs->bags.n_terms;
  for (size_t i = 0; i < songs->n; i++) lyrics->has[i] = songs->bag_rows.has_bag[songs->tracks[i]];
  return HN_OK;
}

hn_status hn_lyrics_load(const hn_study *study, const hn_songs *songs, FILE *messages,
                         hn_lyrics *lyrics_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_lyrics lyrics = {
      .n = songs->n,
      .account = json_pack("{s:[], s:[], s:[], s:[]}", "notes", "rules", "failed", "guests")};
  if (!lyrics.account) return hn_fail_memory(err);
  HN_NEW(lyrics.has, songs->n, err);
  if (study->bow && hn_study_has_modality(study, HN_MODALITY_STYLE))
    HN_TRY(hn_fail(err, HN_INVALID,
                   "features: style needs lyrics as texts, and this corpus has bags of words"));
  HN_TRY(study->bow ? load_bags(songs, &lyrics, err)
                    : load_texts(study, songs, messages, &lyrics, err));
  *lyrics_out = lyrics;
  lyrics = (hn_lyrics){0};
done:
  hn_lyrics_free(&lyrics);
  return status;
}

void hn_lyrics_free(hn_lyrics *lyrics) {
  if (!lyrics) return;
  /* The texts' bytes are ours, though an hn_text only points at them. */
  for (size_t i = 0; lyrics->texts && i < lyrics->n; i++) hn_free((void *)lyrics->texts[i].bytes);
  hn_free(lyrics->texts);
  hn_csr_free(&lyrics->counts);
  hn_matrix_free(&lyrics->style);
  hn_free(lyrics->has);
  json_decref(lyrics->account);
  *lyrics = (hn_lyrics){0};
}
