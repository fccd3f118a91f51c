#include "experiments/spectrograms.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/npy.h"
#include "base/progress.h"
#include "experiments/cache.h"
#include "experiments/notes.h"
#include "vision/picture.h"

#include <string.h>

/* What came of one song. */
typedef struct {
  hn_matrix picture; /* values NULL: none */
  hn_status status;
  hn_error err;
  char warning[sizeof((hn_audio_info *)0)->warning];
} song_picture;

/* Where the warning of the first decoding lies, beside the picture. NULL: out of memory. */
static char *warning_path(const char *path) {
  hn_buffer text = {0};
  char *made = NULL;
  hn_buffer_format(&text, "%s.warning", path);
  hn_buffer_steal(&text, &made, NULL, NULL);
  return made;
}

/* A damaged entry counts as none. */
static int read_cached(const char *path, size_t n_bands, song_picture *song) {
  char *beside, *text = NULL;
  size_t n;
  if (!hn_file_exists(path) || hn_npy_read_matrix(path, &song->picture, NULL) != HN_OK) return 0;
  if (song->picture.n_rows != n_bands) {
    hn_matrix_free(&song->picture);
    return 0;
  }
  beside = warning_path(path);
  if (beside && hn_file_exists(beside) && hn_file_read(beside, &text, &n, NULL) == HN_OK)
    snprintf(song->warning, sizeof song->warning, "%s", text);
  hn_free(text);
  hn_free(beside);
  return 1;
}

/* A cache that cannot be written costs time on the next run, nothing else. */
static void write_cached(const char *path, const song_picture *song) {
  size_t shape[2] = {song->picture.n_rows, song->picture.n_cols};
  if (song->warning[0]) {
    char *beside = warning_path(path);
    if (beside) hn_file_write(beside, song->warning, strlen(song->warning), NULL);
    hn_free(beside);
  }
  hn_npy_write_floats(path, song->picture.values, 2, shape, NULL);
}

static void load_audio(const hn_descriptor_kind *kind, const hn_descriptor *descriptor,
                       const char *path, const char *cache, song_picture *song) {
  hn_status status = HN_OK;
  hn_audio_info info;
  char hash[33], *entry = NULL;

  HN_TRY(hn_hash_file(path, hash, &song->err));
  HN_TRY(hn_cache_entry(cache, hn_descriptor_name(kind), hash, hn_descriptor_signature(descriptor),
                        ".npy", &entry, &song->err));
  if (read_cached(entry, hn_descriptor_n_rows(descriptor), song)) goto done;
  HN_TRY(hn_descriptor_file(descriptor, path, &song->picture, &info, &song->err));
  snprintf(song->warning, sizeof song->warning, "%s", info.warning);
  write_cached(entry, song);
done:
  hn_free(entry);
  song->status = status;
}

static json_t *problem(const hn_track *track, const char *path, const char *text) {
  return json_pack("{s:s, s:o, s:s}", "track_id", track->id, "path", hn_json_text(path), "reason",
                   text);
}

static const char *picture_path(const hn_track *track) {
  return track->spectrogram ? track->spectrogram : track->audio;
}

/* All pictures as one table; what failed or was odd goes into the account. */
static hn_status gather(song_picture *pictures, const hn_songs *songs, int skip_errors,
                        hn_images *images, json_t *account, hn_error *err) {
  hn_status status = HN_OK;
  json_t *failed = json_object_get(account, "failed");
  json_t *warnings = json_object_get(account, "warnings");
  size_t n_pictures = 0, first = 0;

  for (size_t i = 0; i < songs->n; i++) {
    const hn_track *track = hn_songs_track(songs, i);
    song_picture *song = &pictures[i];
    if (song->status != HN_OK) {
      if (!skip_errors || song->status == HN_NO_MEMORY) {
        return hn_fail(err, song->status,
                       "track %s: %s; mend or remove the file, or write on_error: skip to go on "
                       "without its audio",
                       track->id, song->err.message);
      }
      HN_TRY(hn_json_append(failed, problem(track, picture_path(track), song->err.message), err));
      continue;
    }
    if (!song->picture.values) continue;
    if (song->warning[0])
      HN_TRY(hn_json_append(warnings, problem(track, picture_path(track), song->warning), err));
    if (n_pictures++ == 0) {
      HN_TRY(hn_images_init(images, songs->n, song->picture.n_rows, err));
      first = i;
    }
    if (song->picture.n_rows != images->height)
      HN_TRY(hn_fail(err, HN_INVALID,
                     "track %s: its picture has %zu rows, that of track %s has %zu; all must have "
                     "the same number",
                     track->id, song->picture.n_rows, songs->ids[first], images->height));
    images->items[i] = song->picture.values;
    images->widths[i] = song->picture.n_cols;
    song->picture.values = NULL;
  }
  if (!images->items) HN_TRY(hn_images_init(images, songs->n, 1, err));
  HN_TRY(hn_json_set(account, "pictures", json_integer((json_int_t)n_pictures), err));
  if (json_array_size(failed))
    HN_TRY(hn_note(account, err,
                   "%zu sound files could not be read and were skipped; the songs count as without "
                   "audio",
                   json_array_size(failed)));
  if (json_array_size(warnings))
    HN_TRY(hn_note(account, err, "%zu sound files are cut or damaged; what could be read is used",
                   json_array_size(warnings)));
done:
  return status;
}

hn_status hn_spectrograms_load(const hn_descriptor_kind *kind, const hn_options *options,
                               const hn_songs *songs, int skip_errors, const char *cache,
                               FILE *messages, hn_images *images_out, json_t **account_out,
                               hn_error *err) {
  hn_status status = HN_OK;
  hn_descriptor *descriptor = NULL;
  song_picture *pictures = NULL;
  hn_progress *progress = NULL;
  hn_images images = {0};
  json_t *account = json_pack("{s:[], s:[], s:[]}", "notes", "failed", "warnings");
  size_t n_files = 0;

  if (!account) return hn_fail_memory(err);
  HN_TRY(hn_descriptor_create(kind, options, &descriptor, err));
  HN_NEW(pictures, songs->n, err);
  for (size_t i = 0; i < songs->n; i++) n_files += picture_path(hn_songs_track(songs, i)) != NULL;
  progress = hn_progress_create(messages, "spectrograms", "songs", n_files);
#pragma omp parallel for schedule(dynamic)
  for (size_t i = 0; i < songs->n; i++) {
    const hn_track *track = hn_songs_track(songs, i);
    if (!picture_path(track)) continue;
    if (track->spectrogram)
      pictures[i].status =
          hn_picture_read(track->spectrogram, &pictures[i].picture, &pictures[i].err);
    else
      load_audio(kind, descriptor, track->audio, cache, &pictures[i]);
    hn_progress_advance(progress, 1);
  }
  HN_TRY(gather(pictures, songs, skip_errors, &images, account, err));
  *images_out = images;
  *account_out = account;
  images = (hn_images){0};
  account = NULL;
done:
  hn_progress_destroy(progress);
  for (size_t i = 0; pictures && i < songs->n; i++) hn_matrix_free(&pictures[i].picture);
  hn_free(pictures);
  hn_images_free(&images);
  hn_descriptor_destroy(descriptor);
  json_decref(account);
  return status;
}
