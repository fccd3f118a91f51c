/* A song in parts: segments (one sound each) and sections (verse, chorus …). Both are ESTIMATES. */
#ifndef HN_VISION_SEGMENTS_H
#define HN_VISION_SEGMENTS_H

#include <stddef.h>

#include "vision/song_frames.h"

/* The sound from one onset to the next, with the fields of Spotify's audio analysis. */
typedef struct {
  double start, duration; /* s */
  double strength;        /* 0 … 1: its onset's strength by the song's strongest */
  double loudness_start; /* dB of full scale (root mean square, not K-weighted) where it begins … */
  double loudness_max;   /* … and where it is loudest, */
  double loudness_max_time;         /* s after its start */
  float pitches[HN_SONG_N_PITCHES]; /* mean chroma by its largest, 0 … 1, C first; 0: silence */
  float timbre[HN_SONG_N_TIMBRES]; /* mean of MFCC 0 … 11, where Spotify has components of its own
                                      that were never published: not to be compared with them */
} hn_segment;

/* Onsets are the peaks of the onset strength by the rule and the constants of
 * librosa.onset.onset_detect (Böck, Krebs and Schedl 2012); a segment lasts at least 0.1 s. The
 * first begins at 0, the last ends with the song (seconds). Owned by the caller, hn_free; at least
 * one. Errors: HN_NO_MEMORY. Thread-safe. O(frames). */
hn_status hn_segments_find(const hn_song_frames *frames, double seconds, hn_segment **segments_out,
                           size_t *n_out, hn_error *err);

typedef struct {
  double start, duration; /* s */
  double loudness;        /* dB of full scale, the mean power */
  int key, mode;          /* as hn_key */
} hn_section;

/* Sections begin where sound and harmony change: peaks of the novelty of Foote (2000), a
 * checkerboard of 16 s along the diagonal of the similarity (cosine) of timbre and chroma, a value
 * a second, that stand out by half a standard deviation and at least 8 s from each other. Owned by
 * the caller, hn_free; at least one. Errors: HN_NO_MEMORY. Thread-safe. O(frames). */
hn_status hn_sections_find(const hn_song_frames *frames, double seconds, hn_section **sections_out,
                           size_t *n_out, hn_error *err);

#endif
