#include "experiments/ceilings.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/table.h"

#include <string.h>

/* NULL: out of memory. */
static char *cues_path(const char *manifest_path) {
  char *folder = hn_path_folder(manifest_path);
  char *path = folder ? hn_path_join(folder, "cues.csv") : NULL;
  hn_free(folder);
  return path;
}

int hn_corpus_is_simulated(const char *manifest_path) {
  char *path = cues_path(manifest_path);
  int exists = path && hn_file_exists(path);
  hn_free(path);
  return exists;
}

/* Songs that have a modality, and those of them that tell. */
typedef struct {
  size_t n, n_cue;
} cue_count;

static void count(cue_count *c, int has, int tells) {
  c->n += has != 0;
  c->n_cue += has && tells;
}

static json_t *ceiling(const cue_count *c, size_t n_classes) {
  if (c->n == 0) return json_null();
  double guessed = (double)(c->n - c->n_cue) / (double)n_classes;
  return json_real(((double)c->n_cue + guessed) / (double)c->n);
}

hn_status hn_ceilings_read(const hn_songs *songs, const char *target, json_t **ceilings_out,
                           hn_error *err) {
  hn_status status = HN_OK;
  hn_table *table = NULL;
  size_t *song_of = NULL; /* of a track: 1 + its song, 0 for a track that was filtered out */
  cue_count lyrics = {0}, audio = {0}, fused = {0};
  char *path = cues_path(songs->path);

  if (!path) return hn_fail_memory(err);
  if (strcmp(target, "region") != 0) {
    *ceilings_out = NULL;
    goto done;
  }
  HN_TRY(hn_table_read(path, 1, &table, err));
  size_t id = hn_table_find(table, "track_id"), words = hn_table_find(table, "lyrics_cue"),
         beat = hn_table_find(table, "audio_cue");
  if (id == (size_t)-1 || words == (size_t)-1 || beat == (size_t)-1)
    HN_TRY(hn_fail(err, HN_FORMAT, "%s: expected the columns track_id, lyrics_cue and audio_cue",
                   path));
  HN_NEW(song_of, hn_manifest_n_tracks(songs->manifest), err);
  for (size_t i = 0; i < songs->n; i++) song_of[songs->tracks[i]] = i + 1;
  for (size_t row = 0; row < hn_table_n_rows(table); row++) {
    size_t track = hn_manifest_find(songs->manifest, hn_table_cell(table, row, id));
    if (track == (size_t)-1 || song_of[track] == 0) continue;
    size_t i = song_of[track] - 1;
    if (songs->labels.values[i] == HN_LABEL_MISSING) continue;
    const hn_track *of = hn_songs_track(songs, i);
    int words_tell = strcmp(hn_table_cell(table, row, words), "1") == 0 && of->lyrics;
    int beat_tells = strcmp(hn_table_cell(table, row, beat), "1") == 0 && of->audio;
    count(&lyrics, of->lyrics != NULL, words_tell);
    count(&audio, of->audio != NULL, beat_tells);
    count(&fused, of->lyrics || of->audio, words_tell || beat_tells);
  }
  size_t k = songs->labels.n_classes;
  *ceilings_out = json_pack("{s:o, s:o, s:o}", "lyrics", ceiling(&lyrics, k), "audio",
                            ceiling(&audio, k), "fused", ceiling(&fused, k));
  if (!*ceilings_out) status = hn_fail_memory(err);
done:
  hn_table_destroy(table);
  hn_free(song_of);
  hn_free(path);
  return status;
}
