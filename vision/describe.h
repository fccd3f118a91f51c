/* What `headnod describe` says of a song: the features that Spotify's service gave, by the same
 * names, computed from the sound. ALL ARE ESTIMATES; vision/tempo.h, key.h, loudness.h, traits.h
 * and segments.h have formula, source, range and unit of each. Measured on sounds rendered at known
 * tempo, key and metre in tests/vision/test_describe.c. */
#ifndef HN_VISION_DESCRIBE_H
#define HN_VISION_DESCRIBE_H

#include <stddef.h>

#include <jansson.h>

#include "base/error.h"
#include "vision/audio.h"
#include "vision/key.h"
#include "vision/segments.h"
#include "vision/tempo.h"
#include "vision/traits.h"

/* Owns the arrays. */
typedef struct {
  double seconds;
  double loudness; /* LUFS, integrated; -INFINITY: silence */
  hn_tempo tempo;
  hn_key key;
  int time_signature; /* 3 or 4; 0: cannot be told */
  hn_traits traits;
  double *beats; /* (n_beats) s */
  size_t n_beats;
  hn_segment *segments;
  size_t n_segments;
  hn_section *sections;
  size_t n_sections;
} hn_description;

/* Describe mono samples (n, at rate Hz). Errors: HN_INVALID for no samples; HN_NO_MEMORY.
 * Thread-safe. Memory: about 6 bytes a sample beside them. */
hn_status hn_description_init(hn_description *description, const float *samples, size_t n, int rate,
                              hn_error *err);
/* The same of a file, or of `clip` of it (NULL: all). info_out may be NULL. Errors: those of
 * hn_audio_read. */
hn_status hn_description_of_file(hn_description *description, const char *path, const hn_clip *clip,
                                 hn_audio_info *info_out, hn_error *err);
void hn_description_free(hn_description *description);
/* Free beats, segments and sections, keep the rest: the columns need no more. */
void hn_description_drop_parts(hn_description *description);

/* The columns of the CSV. Spotify's, in its order: danceability, energy, key (0 C … 11 B), loudness
 * (LUFS, of the mix to mono: see vision/loudness.h), mode (1 major, 0 minor), speechiness,
 * acousticness, instrumentalness, liveness, valence, tempo (bpm), duration_ms, time_signature; and
 * ours: tempo_strength, tempo_half, tempo_double (bpm) with tempo_half_strength and
 * tempo_double_strength, key_strength, key_margin. NULL behind the last. */
extern const char *const hn_description_columns[];
/* The cell of a column as text, "" where it cannot be told: silence, no beat, no pitch. */
void hn_description_cell(const hn_description *description, size_t column, char text_out[32]);

/* All of it as JSON: {"track": {the columns}, "beats": [s …], "sections": [{start, duration,
 * loudness, key, mode}], "segments": [{start, duration, strength, loudness_start, loudness_max,
 * loudness_max_time, pitches: [12], timbre: [12]}]}. The caller owns *json_out. Errors:
 * HN_NO_MEMORY. */
hn_status hn_description_json(const hn_description *description, json_t **json_out, hn_error *err);

#endif
