#include "experiments/audit.h"

#include "base/file.h"
#include "base/memory.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static int is_blank(const char *text, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (!isspace((unsigned char)text[i])) return 0;
  return 1;
}

/* Lyrics that cannot be read have no hash: whether they can be used is asked by those who use
 * them. */
static void look_at_lyrics(const char *path, hn_audit_track *t) {
  char *text = NULL;
  size_t n;
  if (hn_file_read(path, &text, &n, NULL) != HN_OK) return;
  t->lyrics_are_blank = is_blank(text, n);
  hn_hash_bytes(text, n, t->lyrics_hash);
  hn_free(text);
}

static void look_at_track(const hn_track *track, hn_audit_track *t) {
  t->has_audio = track->audio != NULL;
  if (track->lyrics) look_at_lyrics(track->lyrics, t);
  if (!track->audio) return;
  t->status = hn_quality_measure(track->audio, &t->quality, &t->err);
  if (t->status == HN_OK) t->status = hn_hash_file(track->audio, t->audio_hash, &t->err);
}

typedef struct {
  const char *hash;
  size_t track;
} hashed;

static int compare_hashed(const void *a, const void *b) {
  const hashed *x = a, *y = b;
  int order = strcmp(x->hash, y->hash);
  return order ? order : (x->track > y->track) - (x->track < y->track);
}

/* Which tracks have the bytes of an earlier one? */
static void find_doubles(hn_audit *audit, hashed *order, int of_lyrics) {
  const size_t n = hn_manifest_n_tracks(audit->manifest);
  size_t n_files = 0, first = 0;
  for (size_t i = 0; i < n; i++) {
    hn_audit_track *t = &audit->tracks[i];
    *(of_lyrics ? &t->same_lyrics : &t->same_audio) = (size_t)-1;
    const char *hash = of_lyrics ? t->lyrics_hash : t->audio_hash;
    if (hash[0] && !(of_lyrics && t->lyrics_are_blank)) order[n_files++] = (hashed){hash, i};
  }
  if (n_files == 0) return;
  qsort(order, n_files, sizeof *order, compare_hashed);
  for (size_t i = 1; i < n_files; i++) {
    if (strcmp(order[i].hash, order[first].hash) != 0) {
      first = i;
      continue;
    }
    hn_audit_track *t = &audit->tracks[order[i].track];
    *(of_lyrics ? &t->same_lyrics : &t->same_audio) = order[first].track;
  }
}

hn_status hn_audit_run(const hn_manifest *manifest, const hn_audit_options *options,
                       hn_progress *progress, hn_audit *audit_out, hn_error *err) {
  hn_status status = HN_OK;
  const size_t n = hn_manifest_n_tracks(manifest);
  hashed *order = NULL;
  hn_audit audit = {.manifest = manifest, .options = *options};
  if (options->target) HN_TRY(hn_manifest_labels(manifest, options->target, &audit.labels, err));
  HN_NEW(audit.tracks, n, err);
  HN_NEW(order, n, err);
#pragma omp parallel for schedule(dynamic)
  for (size_t i = 0; i < n; i++) {
    look_at_track(hn_manifest_track(manifest, i), &audit.tracks[i]);
    hn_progress_advance(progress, 1);
  }
  for (size_t i = 0; i < n; i++) {
    if (audit.tracks[i].status == HN_NO_MEMORY) HN_TRY(hn_fail_memory(err));
    audit.n_failed += audit.tracks[i].status != HN_OK;
  }
  audit.n_failed += hn_manifest_n_problems(manifest);
  find_doubles(&audit, order, 0);
  find_doubles(&audit, order, 1);
  *audit_out = audit;
  audit = (hn_audit){0};
done:
  hn_free(order);
  hn_audit_free(&audit);
  return status;
}

void hn_audit_free(hn_audit *audit) {
  hn_free(audit->tracks);
  hn_labels_free(&audit->labels);
  *audit = (hn_audit){0};
}
