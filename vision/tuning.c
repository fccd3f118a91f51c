#include "vision/tuning.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

enum { N_PARTS = 100 };
static const double lowest_hz = 150, highest_hz = 4000; /* librosa.piptrack's */
static const float peak_share = 0.1f;                   /* of the frame's largest value */

/* A local maximum of one spectrum, interpolated by a parabola. */
typedef struct {
  float hz, height;
} peak;

typedef struct {
  peak *items;
  size_t n, capacity;
} peak_list;

static peak interpolate(const float *s, size_t k, size_t n_bins, double hz_per_bin) {
  double shift = 0, slope = 0;
  if (k + 1 < n_bins) {
    double bend = (double)s[k + 1] + (double)s[k - 1] - 2 * (double)s[k];
    slope = ((double)s[k + 1] - (double)s[k - 1]) / 2;
    shift = fabs(slope) >= fabs(bend) ? 0 : -slope / bend;
  }
  return (peak){(float)(((double)k + shift) * hz_per_bin),
                (float)((double)s[k] + 0.5 * slope * shift)};
}

static hn_status find_peaks(const float *s, size_t n_bins, double sr, double hz_per_bin,
                            peak_list *peaks, hn_error *err) {
  hn_status status = HN_OK;
  float least = 0;
  for (size_t k = 0; k < n_bins; k++) least = fmaxf(least, s[k]);
  least *= peak_share;
  size_t from = (size_t)fmax(1, ceil(lowest_hz / hz_per_bin));
  for (size_t k = from; k < n_bins && (double)k * hz_per_bin < fmin(highest_hz, sr / 2); k++) {
    /* What is not above the threshold counts as 0. */
    if (s[k] <= least || s[k] <= s[k - 1] || (k + 1 < n_bins && s[k] < s[k + 1])) continue;
    HN_GROW(peaks->items, peaks->n, peaks->capacity, err);
    peaks->items[peaks->n++] = interpolate(s, k, n_bins, hz_per_bin);
  }
done:
  return status;
}

static int compare_heights(const void *a, const void *b) {
  float x = ((const peak *)a)->height, y = ((const peak *)b)->height;
  return (x > y) - (x < y);
}

static double edge(size_t part) {
  return -0.5 + (double)part / N_PARTS;
}

/* The part of a step, 0 … N_PARTS - 1, in which a frequency lies, rounded where librosa rounds. */
static size_t find_part(float hz, size_t bins_per_octave) {
  float octaves = log2f(hz / 27.5f);
  float steps = (float)bins_per_octave * octaves;
  float rest = steps - floorf(steps);
  if (rest >= 0.5f) rest -= 1;
  size_t part = (size_t)(((double)rest + 0.5) * N_PARTS);
  if (part > 0 && (double)rest < edge(part)) part--;
  while (part + 1 < N_PARTS && (double)rest >= edge(part + 1)) part++;
  return part;
}

/* Peaks of at least the median height vote. */
static double most_voted(const peak_list *peaks, size_t bins_per_octave) {
  size_t counts[N_PARTS] = {0}, best = 0, n = peaks->n;
  if (n == 0) return 0;
  qsort(peaks->items, n, sizeof *peaks->items, compare_heights);
  float median = n % 2 ? peaks->items[n / 2].height
                       : (peaks->items[n / 2 - 1].height + peaks->items[n / 2].height) / 2;
  for (size_t i = 0; i < n; i++)
    if (peaks->items[i].height >= median) counts[find_part(peaks->items[i].hz, bins_per_octave)]++;
  for (size_t part = 1; part < N_PARTS; part++)
    if (counts[part] > counts[best]) best = part;
  return edge(best);
}

hn_status hn_tuning_estimate(const hn_stft *stft, double sr, size_t bins_per_octave, double power,
                             const float *samples, size_t n, double *tuning_out, hn_error *err) {
  hn_status status = HN_OK;
  peak_list peaks = {0};
  float *spectrum = NULL, *scratch = NULL;
  size_t n_bins = hn_stft_n_bins(stft), n_frames = hn_stft_n_frames(stft, n);
  HN_NEW(spectrum, n_bins, err);
  HN_NEW(scratch, hn_stft_n_scratch(stft), err);
  for (size_t t = 0; t < n_frames; t++) {
    hn_stft_power(stft, samples, n, t, power, spectrum, scratch);
    HN_TRY(find_peaks(spectrum, n_bins, sr, sr / (double)hn_stft_n_fft(stft), &peaks, err));
  }
  *tuning_out = most_voted(&peaks, bins_per_octave);
done:
  hn_free(peaks.items);
  hn_free(spectrum);
  hn_free(scratch);
  return status;
}
