#include "vision/filterbank.h"

#include "base/memory.h"
#include "vision/filterbank_kernels.h"

#include <math.h>
#include <string.h>

/* Slaney's scale: linear below 1 kHz (200/3 Hz a mel), above it 27 mels for a factor of 6.4. */
static const double hz_per_mel = 200.0 / 3, corner_hz = 1000, corner_mel = 15;
static const double octave_factor = 6.4, octave_mels = 27;

double hn_mel_from_hz(double hz, int htk) {
  if (htk) return 2595 * log10(1 + hz / 700);
  if (hz < corner_hz) return hz / hz_per_mel;
  return corner_mel + log(hz / corner_hz) / (log(octave_factor) / octave_mels);
}

double hn_hz_from_mel(double mel, int htk) {
  if (htk) return 700 * (pow(10, mel / 2595) - 1);
  if (mel < corner_mel) return mel * hz_per_mel;
  return corner_hz * exp(log(octave_factor) / octave_mels * (mel - corner_mel));
}

/* The triangle of one band at a bin, from its corners in Hz, as librosa rounds it: once to single
 * precision before the normalisation and once after. */
static float triangle(const double corners[3], double hz, int norm) {
  double rise = (hz - corners[0]) / (corners[1] - corners[0]);
  double fall = (corners[2] - hz) / (corners[2] - corners[1]);
  float height = (float)fmax(0, fmin(rise, fall));
  return norm ? (float)((double)height * (2 / (corners[2] - corners[0]))) : height;
}

hn_status hn_filterbank_init(hn_filterbank *bank, const hn_filterbank_options *o, hn_error *err) {
  hn_status status = HN_OK;
  hn_filterbank made = {.n_bands = o->n_mels, .n_bins = o->n_fft / 2 + 1};
  double *corners = NULL;
  HN_NEW(corners, o->n_mels + 2, err);
  HN_NEW(made.starts, o->n_mels, err);
  HN_NEW(made.counts, o->n_mels, err);
  HN_NEW(made.offsets, o->n_mels, err);
  double low = hn_mel_from_hz(o->fmin, o->htk), high = hn_mel_from_hz(o->fmax, o->htk);
  for (size_t i = 0; i < o->n_mels + 2; i++) {
    double share = (double)i / (double)(o->n_mels + 1);
    corners[i] = hn_hz_from_mel(low + share * (high - low), o->htk);
  }

  size_t n_weights = 0, capacity = 0;
  for (size_t i = 0; i < o->n_mels; i++) {
    made.offsets[i] = n_weights;
    /* From the bin before the triangle; rounding may put its foot there. */
    double first = floor(corners[i] * (double)o->n_fft / o->sr) - 1;
    for (size_t k = first > 0 ? (size_t)first : 0; k < made.n_bins; k++) {
      double hz = (double)k * o->sr / (double)o->n_fft;
      if (hz > corners[i + 2]) break;
      float weight = triangle(corners + i, hz, o->norm);
      if (weight <= 0) continue;
      if (made.counts[i]++ == 0) made.starts[i] = k;
      HN_GROW(made.weights, n_weights, capacity, err);
      made.weights[n_weights++] = weight;
    }
    made.n_empty += made.counts[i] == 0;
  }
  *bank = made;
  made = (hn_filterbank){0};
done:
  hn_free(corners);
  hn_filterbank_free(&made);
  return status;
}

void hn_filterbank_free(hn_filterbank *bank) {
  hn_free(bank->starts);
  hn_free(bank->counts);
  hn_free(bank->offsets);
  hn_free(bank->weights);
  *bank = (hn_filterbank){0};
}

void hn_filterbank_apply(const hn_filterbank *bank, const float *power, float *bands_out) {
  for (size_t i = 0; i < bank->n_bands; i++) {
    const float *weights = bank->weights + bank->offsets[i], *bins = power + bank->starts[i];
    float sum = 0;
    for (size_t j = 0; j < bank->counts[i]; j++) sum += weights[j] * bins[j];
    bands_out[i] = sum;
  }
}

void hn_filterbank_apply_frames(const hn_filterbank *bank, const float *power, float *bands_out) {
  const hn_filterbank_kernel *best = NULL, *kernel;
  for (size_t i = 0; (kernel = hn_filterbank_kernel_at(i)); i++)
    if (kernel->supported()) best = kernel;
  best->apply(bank, power, bands_out);
}
