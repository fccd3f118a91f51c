/* From samples to the energies of mel bands: transforms, filters and nothing else. */
#ifndef HN_VISION_MEL_BANDS_H
#define HN_VISION_MEL_BANDS_H

#include <stddef.h>

#include "base/error.h"
#include "base/matrix.h"
#include "vision/filterbank.h"
#include "vision/stft.h"

/* stft and filters are those for samples at filters.sr. */
typedef struct {
  hn_stft_options stft;
  hn_filterbank_options filters;
  double power; /* exponent of the magnitude */
} hn_mel_bands_options;

/* Const use is thread-safe. */
typedef struct hn_mel_bands hn_mel_bands;

/* For samples at `rate` Hz. Where that is not filters.sr nothing is resampled: window and transform
 * last as long as there, frames have their centres at the same times (to half a sample), the
 * filters are made for the file's bins, and a spectrum's level is scaled by
 *   (w / w')^power (w' / w) (n / n'),
 * w, w' being the samples of the windows and n, n' the points of the transforms (n' is rounded up
 * to a fast length): the peak of a sine and the number of its bins. Errors: HN_NO_MEMORY. */
hn_status hn_mel_bands_create(const hn_mel_bands_options *options, int rate,
                              hn_mel_bands **bands_out, hn_error *err);
void hn_mel_bands_destroy(hn_mel_bands *bands);

size_t hn_mel_bands_n_empty(const hn_mel_bands *bands);
/* Frames of n samples; 0 if they are too few for one. */
size_t hn_mel_bands_n_frames(const hn_mel_bands *bands, size_t n);

/* energies_out (n_mels, n_frames), owned by the caller. n_frames must not be 0. Scratch does not
 * grow with n. Errors: HN_NO_MEMORY. Thread-safe. */
hn_status hn_mel_bands_apply(const hn_mel_bands *bands, const float *samples, size_t n,
                             hn_matrix *energies_out, hn_error *err);

#endif
