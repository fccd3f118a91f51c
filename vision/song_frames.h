/* A song frame by frame: what `headnod describe` reads its estimates from. */
#ifndef HN_VISION_SONG_FRAMES_H
#define HN_VISION_SONG_FRAMES_H

#include <stddef.h>

#include "base/error.h"
#include "base/matrix.h"

/* All songs are looked at at this rate, hop and number of values. */
enum { HN_SONG_RATE = 22050, HN_SONG_HOP = 512, HN_SONG_N_PITCHES = 12, HN_SONG_N_TIMBRES = 12 };
/* 43.07 frames a second. */
#define HN_SONG_FRAME_RATE ((double)HN_SONG_RATE / HN_SONG_HOP)

/* Frame t is centred on sample t * HN_SONG_HOP. Owns its arrays. */
typedef struct {
  size_t n;      /* frames */
  hn_matrix mel; /* (128, n) dB: headnod mel's and librosa's defaults, without a clip */
  float *level;  /* (n) dB: root mean square of the 2048 samples around, 0: full scale; >= -100 */
  float *onset;  /* (n) onset strength: mean over bands of the rise in dB from frame to frame */
  float *low_onset; /* (n) the same over the bands below 200 Hz: bass drum and bass */
  hn_matrix timbre; /* (12, n) the first 12 MFCC (librosa's, of the same mel) */
  float *chroma; /* (12, n) of vision/chroma.h, 0 … 1, C first; from 4096 samples, in steps of 4 */
} hn_song_frames;

/* samples (n) mono at HN_SONG_RATE. Errors: HN_INVALID for no samples, HN_NO_MEMORY. Thread-safe.
 * O(n log n); memory: about 650 bytes a frame. */
hn_status hn_song_frames_init(hn_song_frames *frames, const float *samples, size_t n,
                              hn_error *err);
void hn_song_frames_free(hn_song_frames *frames);

#endif
