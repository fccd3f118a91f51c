/* Tempo, beats and metre from the onset strength of a song. All of them are ESTIMATES. */
#ifndef HN_VISION_TEMPO_H
#define HN_VISION_TEMPO_H

#include <stddef.h>

#include "base/error.h"

/* A listener may tap half or twice as fast: both stand beside the tempo chosen. */
typedef struct {
  double bpm;             /* beats a minute, 40 … 220; 0 where nothing repeats */
  double strength;        /* 0 … 1: autocorrelation of the onset strength one beat later */
  double half_strength;   /* the fit of bpm / 2 and of 2 * bpm, relative to that of bpm: */
  double double_strength; /* above 1, it fits better but is a less usual tempo */
} hn_tempo;

/* The tempo whose beats, two, three and four of them best repeat the onset strength
 * (n, frames_per_second of them a second): with R the autocorrelation of its deviation from the
 * mean, the largest of
 *   prior(bpm) * (R(p) + R(2p) / 2 + R(3p) / 3 + R(4p) / 4), p the frames of a beat,
 * where prior is log-normal around 120 bpm, one octave wide (that of librosa.feature.tempo; the
 * comb is Scheirer's, 1998). Errors: HN_NO_MEMORY. Thread-safe. O(n * frames_per_second). */
hn_status hn_tempo_estimate(const float *onset, size_t n, double frames_per_second,
                            hn_tempo *tempo_out, hn_error *err);

/* The frames of the beats, ascending, by dynamic programming (Ellis 2007, tightness 100 as in
 * librosa.beat.beat_track): strong onsets at even distances. Owned by the caller, hn_free; none
 * (*n_out 0, NULL) without a tempo. Errors: HN_NO_MEMORY. Thread-safe. O(n * frames of a beat). */
hn_status hn_beats_track(const float *onset, size_t n, double frames_per_second,
                         const hn_tempo *tempo, size_t **beats_out, size_t *n_out, hn_error *err);

/* Beats a bar, 3 or 4 (other metres are not told apart), or 0 with fewer than 12 beats. Bars repeat
 * their accents: 3 where the n_beats `accents` (each the strength of a beat, n_kinds rows of them)
 * correlate better with those 3 and 6 beats later than with those 4 and 8 beats later. */
int hn_metre_estimate(const float *accents, size_t n_kinds, size_t n_beats);

#endif
