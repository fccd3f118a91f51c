/* The shape of one spectrum or one frame as a number, and spectral contrast. Magnitudes s (n_bins)
 * lie hz_per_bin apart from 0 Hz on. All match librosa.feature's function of the name. */
#ifndef HN_VISION_SPECTRAL_H
#define HN_VISION_SPECTRAL_H

#include <stddef.h>

#include "base/error.h"
#include "base/matrix.h"
#include "vision/stft.h"

/* The distance of two bins, rounded as librosa rounds it. */
double hn_spectral_hz_per_bin(double sr, size_t n_fft);

/* Where the magnitudes balance, Hz; 0 in silence. */
double hn_spectral_centroid(const float *s, size_t n_bins, double hz_per_bin);
/* (sum of s |f - centroid|^p)^(1/p), Hz; norm: with s scaled to a sum of 1. */
double hn_spectral_bandwidth(const float *s, size_t n_bins, double hz_per_bin, double p, int norm);
/* The lowest frequency at or below which roll_percent (0 … 1) of the magnitude lies, Hz. librosa
 * sums in single precision and is a bin away in a frame of a thousand. */
double hn_spectral_rolloff(const float *s, size_t n_bins, double hz_per_bin, double roll_percent);
/* Geometric over arithmetic mean of max(amin, s^power): 1 for noise, near 0 for a tone. */
double hn_spectral_flatness(const float *s, size_t n_bins, double amin, double power);
/* Share of samples whose sign differs from that of the one before; within 1e-10 counts as 0, 0 as
 * positive, and the first sample of a frame is no crossing. */
double hn_zero_crossing_rate(const float *frame, size_t n);
/* Square root of the mean square. */
double hn_root_mean_square(const float *frame, size_t n);

/* Named as in librosa.feature.spectral_contrast. */
typedef struct {
  double fmin;     /* Hz: the first band ends there, each further one an octave higher */
  size_t n_bands;  /* octaves, >= 1 */
  double quantile; /* 0 … 1: share of a band's bins that makes its peak, and its valley */
  int linear;      /* peak - valley; else the difference of both in dB, each within 80 dB */
} hn_contrast_options;

/* How far the peaks of each octave stand above its valleys (Jiang et al., 2002).
 *   contrast_out  (n_bands + 1, W), owned by the caller
 * Errors: HN_INVALID (a band begins above sr / 2 or has no bins; too few samples for a frame),
 * HN_NO_MEMORY. Thread-safe. */
hn_status hn_spectral_contrast(const hn_stft *stft, double sr, const hn_contrast_options *options,
                               const float *samples, size_t n, hn_matrix *contrast_out,
                               hn_error *err);

#endif
