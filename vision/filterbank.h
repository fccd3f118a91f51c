/* Triangular filters on the mel scale that gather the bins of a spectrum into bands. */
#ifndef HN_VISION_FILTERBANK_H
#define HN_VISION_FILTERBANK_H

#include <stddef.h>

#include "base/error.h"

/* Named as in librosa.filters.mel. */
typedef struct {
  double sr;         /* Hz */
  size_t n_fft;      /* points; a spectrum has n_fft / 2 + 1 bins */
  size_t n_mels;     /* bands */
  double fmin, fmax; /* Hz, 0 <= fmin < fmax */
  int htk;           /* mel(f) = 2595 log10(1 + f / 700) instead of Slaney's */
  int norm;          /* 1: each filter has unit area over Hz ("slaney"); 0: unit height */
} hn_filterbank_options;

/* Band i is the sum over j < counts[i] of weights[offsets[i] + j] * bin[starts[i] + j]. A band
 * narrower than the distance of two bins can be empty (count 0). Owns its arrays. */
typedef struct {
  size_t n_bands, n_bins, n_empty;
  size_t *starts, *counts, *offsets;
  float *weights;
} hn_filterbank;

/* Errors: HN_NO_MEMORY. Matches librosa.filters.mel (Slaney, Auditory Toolbox, 1998). */
hn_status hn_filterbank_init(hn_filterbank *bank, const hn_filterbank_options *options,
                             hn_error *err);
void hn_filterbank_free(hn_filterbank *bank);

/* power (n_bins) to bands_out (n_bands), caller-allocated. Thread-safe. O(nonzero weights). */
void hn_filterbank_apply(const hn_filterbank *bank, const float *power, float *bands_out);

/* The same for HN_FILTERBANK_FRAMES spectra side by side: power (n_bins, HN_FILTERBANK_FRAMES),
 * bands_out (n_bands, HN_FILTERBANK_FRAMES). The same numbers to the last bit, on every machine,
 * and some ten times as fast. */
enum { HN_FILTERBANK_FRAMES = 16 };
void hn_filterbank_apply_frames(const hn_filterbank *bank, const float *power, float *bands_out);

/* A frequency in Hz as mels and back, on either scale. */
double hn_mel_from_hz(double hz, int htk);
double hn_hz_from_mel(double mel, int htk);

#endif
