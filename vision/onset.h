/* Where notes begin, and how regularly: onset strength and the tempogram made of it. */
#ifndef HN_VISION_ONSET_H
#define HN_VISION_ONSET_H

#include <stddef.h>

#include "base/error.h"
#include "base/matrix.h"

/* Named as in librosa.onset.onset_strength. */
typedef struct {
  size_t lag;               /* frames between those compared, >= 1 */
  size_t max_size;          /* bands over which the earlier frame's maximum is taken, >= 1: 3
                               hushes vibrato (Böck and Widmer, 2013) */
  int median;               /* aggregate: the median over bands instead of the mean */
  int detrend;              /* remove the slow part: y(t) = x(t) - x(t - 1) + 0.99 y(t - 1) */
  int center;               /* frames are centred: move onsets by n_fft / (2 hop_length) frames */
  size_t n_fft, hop_length; /* those of the spectrogram; read only if center */
} hn_onset_options;

/* Spectral flux: how much louder the bands have become on average, falls counted as 0.
 *   db          (H, W), as of hn_mel_apply
 *   onsets_out  (W), dB, caller-allocated
 * Matches librosa.onset.onset_strength(S=db, …). Errors: HN_NO_MEMORY. Thread-safe.
 * O(H W max_size). */
hn_status hn_onset_strength(const hn_matrix *db, const hn_onset_options *options, float *onsets_out,
                            hn_error *err);

/* Named as in librosa.feature.tempogram. */
typedef struct {
  size_t win_length;  /* frames of onset strength in a window, >= 1 */
  int center;         /* windows are centred on their frame, ramps to 0 beyond both ends */
  const char *window; /* one of HN_WINDOW_CHOICES */
  double norm;        /* of each column, see hn_columns_normalize: HUGE_VAL for "inf", 0 for none */
} hn_tempogram_options;

/* Autocorrelation of the onset strength around each frame: row l is the lag of l frames, a tempo of
 * 60 sr / (hop_length l) beats a minute (Grosche, Müller and Kurth, 2010).
 *   onsets          (n), n >= 1
 *   tempogram_out   (win_length, n), or (win_length, n - win_length + 1) if not center; owned by
 * the caller Matches librosa.feature.tempogram(onset_envelope=onsets, …). Errors: HN_INVALID (n <
 * win_length and not center), HN_NO_MEMORY. Thread-safe. O(n win_length log win_length). */
hn_status hn_tempogram(const float *onsets, size_t n, const hn_tempogram_options *options,
                       hn_matrix *tempogram_out, hn_error *err);

#endif
