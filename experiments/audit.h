/* What is wrong with a corpus, before any training: files that cannot be read, songs that are
 * silent, clipped or too short, lyrics that are missing or there twice, and properties of the
 * recordings that tell the class: a network would learn those instead of the music. */
#ifndef HN_EXPERIMENTS_AUDIT_H
#define HN_EXPERIMENTS_AUDIT_H

#include "base/buffer.h"
#include "base/labels.h"
#include "base/progress.h"
#include "corpora/manifest.h"
#include "vision/quality.h"

typedef struct {
  const char *target; /* the column of classes; NULL: none */
  hn_clip clip;       /* what a study would take of each song */
} hn_audit_options;

/* One track of the manifest. The hashes are "" where there is no file or it cannot be read. */
typedef struct {
  int has_audio;
  hn_status status; /* of decoding */
  hn_error err;
  hn_quality quality;
  char audio_hash[33], lyrics_hash[33];
  int lyrics_are_blank;
  size_t same_audio, same_lyrics; /* the first track with the same bytes, or (size_t)-1 */
} hn_audit_track;

typedef struct {
  const hn_manifest *manifest; /* borrowed */
  hn_audit_options options;
  hn_labels labels;       /* without target: n_classes 0 and values NULL */
  hn_audit_track *tracks; /* (tracks of the manifest) */
  size_t n_failed;        /* songs that cannot be read, and problems of the manifest */
} hn_audit;

/* Decode every song and look at its lyrics; files that are wrong are noted, not errors.
 * `progress` (may be NULL) is advanced by one a track. Borrows the manifest, which should have been
 * read with skip_errors. Errors: HN_INVALID (no such column); HN_NO_MEMORY. Parallel over tracks.
 */
hn_status hn_audit_run(const hn_manifest *manifest, const hn_audit_options *options,
                       hn_progress *progress, hn_audit *audit_out, hn_error *err);
void hn_audit_free(hn_audit *audit);

/* Thresholds of what the report names. */
#define HN_AUDIT_SILENT_DB (-60.0) /* a peak below it */
#define HN_AUDIT_CLIPPED 0.001     /* a share of clipped samples above it */

/* Append the report for a terminal. Errors: HN_NO_MEMORY. */
hn_status hn_audit_text(const hn_audit *audit, hn_buffer *out, hn_error *err);

/* Append a CSV of one row a track: track_id, <target>, audio, format, rate (Hz), channels, seconds,
 * bandwidth (Hz), level, peak (dB), clipped (share), lyrics (path), problems (separated by "; ").
 * Errors: HN_NO_MEMORY. */
hn_status hn_audit_csv(const hn_audit *audit, hn_buffer *out, hn_error *err);

#endif
