/* How far a recording is tuned from A4 = 440 Hz. */
#ifndef HN_VISION_TUNING_H
#define HN_VISION_TUNING_H

#include <stddef.h>

#include "base/error.h"
#include "vision/stft.h"

/* Where the peaks of all spectra between 150 and 4,000 Hz lie relative to the tempered scale of
 * bins_per_octave steps: the fullest of 100 equal parts of a step, among the louder half of peaks.
 *   power       exponent of the magnitude in which peaks are sought; chroma takes 2
 *   tuning_out  share of a step, -0.5 … 0.49; 0 where there is no peak
 * Matches librosa.estimate_tuning(S=|stft|^power, sr=sr, bins_per_octave=…) for even n_fft (for an
 * odd one librosa takes n_fft - 1). Errors: HN_NO_MEMORY. Thread-safe. */
hn_status hn_tuning_estimate(const hn_stft *stft, double sr, size_t bins_per_octave, double power,
                             const float *samples, size_t n, double *tuning_out, hn_error *err);

#endif
