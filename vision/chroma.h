/* Energy of each pitch class (C, C sharp, … B) over time. */
#ifndef HN_VISION_CHROMA_H
#define HN_VISION_CHROMA_H

#include <stddef.h>

#include "base/error.h"
#include "base/matrix.h"
#include "vision/stft.h"

/* Named as in librosa.feature.chroma_stft and librosa.filters.chroma. */
typedef struct {
  double sr;       /* Hz */
  double tuning;   /* share of a chroma bin by which A4 is above 440 Hz; NAN: estimate it */
  size_t n_chroma; /* rows, >= 1; the first is C */
  double ctroct;   /* middle of the octaves that count, in octaves above 27.5 Hz */
  double octwidth; /* their spread, octaves; HUGE_VAL: all count alike */
  double norm;     /* of each column, see hn_columns_normalize: HUGE_VAL for "inf", 0 for none */
} hn_chroma_options;

/* librosa's defaults at a rate: estimated tuning, 12 rows, octaves 5 ± 2, norm "inf". */
hn_chroma_options hn_chroma_defaults(double sr);

/* The weights that gather the bins of a power spectrum into chroma.
 *   weights_out  (n_fft / 2 + 1, n_chroma), the bin first; caller-allocated
 * tuning must be a number. Matches librosa.filters.chroma, transposed. Errors: HN_NO_MEMORY. */
hn_status hn_chroma_filters(const hn_chroma_options *options, size_t n_fft, float *weights_out,
                            hn_error *err);

/* Chroma of all frames of samples (n, at options->sr).
 *   tuning_out  the tuning used; may be NULL
 *   chroma_out  (n_chroma, W), owned by the caller
 * Matches librosa.feature.chroma_stft(y=samples, …). An estimated tuning costs a second pass of
 * transforms. Errors: HN_INVALID (too few samples for a frame), HN_NO_MEMORY. Thread-safe. */
hn_status hn_chroma(const hn_stft *stft, const hn_chroma_options *options, const float *samples,
                    size_t n, double *tuning_out, hn_matrix *chroma_out, hn_error *err);

#endif
