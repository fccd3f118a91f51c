#include "vision/spectral.h"

#include "base/memory.h"

#include <float.h>
#include <math.h>
#include <string.h>

double hn_spectral_hz_per_bin(double sr, size_t n_fft) {
  return 1 / ((double)n_fft * (1 / sr));
}

/* The sum by which magnitudes are divided; 1 in silence. */
static double total(const float *s, size_t n_bins) {
  double sum = 0;
  for (size_t k = 0; k < n_bins; k++) sum += (double)s[k];
  return sum < (double)FLT_MIN ? 1 : sum;
}

double hn_spectral_centroid(const float *s, size_t n_bins, double hz_per_bin) {
  double sum = 0;
  for (size_t k = 0; k < n_bins; k++) sum += (double)k * (double)s[k];
  return hz_per_bin * sum / total(s, n_bins);
}

double hn_spectral_bandwidth(const float *s, size_t n_bins, double hz_per_bin, double p, int norm) {
  double centroid = hn_spectral_centroid(s, n_bins, hz_per_bin), sum = 0;
  for (size_t k = 0; k < n_bins; k++) {
    double distance = fabs((double)k * hz_per_bin - centroid);
    sum += (double)s[k] * (p == 2 ? distance * distance : pow(distance, p));
  }
  return pow(norm ? sum / total(s, n_bins) : sum, 1 / p);
}

double hn_spectral_rolloff(const float *s, size_t n_bins, double hz_per_bin, double roll_percent) {
  double sum = 0, below = 0;
  for (size_t k = 0; k < n_bins; k++) sum += (double)s[k];
  size_t k = 0;
  while (k + 1 < n_bins && (below += (double)s[k]) < roll_percent * sum) k++;
  return (double)k * hz_per_bin;
}

/* The sum of logarithms is taken of products as long as they stay far from overflow: a logarithm
 * for some twenty bins. */
double hn_spectral_flatness(const float *s, size_t n_bins, double amin, double power) {
  double sum = 0, logs = 0, product = 1;
  for (size_t k = 0; k < n_bins; k++) {
    double x = (double)s[k];
    x = fmax(amin, power == 2 ? x * x : pow(x, power));
    sum += x;
    product *= x;
    if (product > 1e-200 && product < 1e200) continue;
    logs += log(product);
    product = 1;
  }
  logs += log(product);
  return exp(logs / (double)n_bins) / (sum / (double)n_bins);
}

static int is_negative(float x) {
  return x < -1e-10f;
}

double hn_zero_crossing_rate(const float *frame, size_t n) {
  size_t n_crossings = 0;
  for (size_t i = 1; i < n; i++) n_crossings += is_negative(frame[i]) != is_negative(frame[i - 1]);
  return (double)n_crossings / (double)n;
}

double hn_root_mean_square(const float *frame, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += (double)frame[i] * (double)frame[i];
  return sqrt(sum / (double)n);
}

/* A band of spectral contrast: bins from … from + n - 1, of which n_extreme make peak and valley.
 */
typedef struct {
  size_t from, n, n_extreme;
} octave_band;

/* librosa's rule: a band takes the bin before its first and gives its last to nobody; the highest
 * goes on to the end. The share is taken of the bins before the last is dropped. */
static hn_status find_band(const hn_contrast_options *o, size_t band, double sr, size_t n_fft,
                           octave_band *out, hn_error *err) {
  double hz_per_bin = hn_spectral_hz_per_bin(sr, n_fft);
  double low = band ? o->fmin * exp2((double)band - 1) : 0, high = o->fmin * exp2((double)band);
  size_t n_bins = n_fft / 2 + 1, from = 0, to;
  if (low >= sr / 2)
    return hn_fail(err, HN_INVALID,
                   "spectral_contrast: band %zu of %zu begins at %g Hz, which is not below sr / 2 "
                   "(%g Hz); lower fmin or n_bands",
                   band, o->n_bands, low, sr / 2);
  while (from < n_bins && (double)from * hz_per_bin < low) from++;
  for (to = from; to < n_bins && (double)to * hz_per_bin <= high;) to++;
  int is_empty = to == from;
  if (band == o->n_bands) to = n_bins;
  if (band > 0 && from > 0) from--;
  size_t count = to - from, n = band < o->n_bands ? count - 1 : count;
  if (is_empty || n == 0)
    return hn_fail(err, HN_INVALID,
                   "spectral_contrast: no bin lies in band %zu, %g to %g Hz; raise n_fft or fmin",
                   band, low, high);
  double share = rint(o->quantile * (double)count);
  *out = (octave_band){from, n, (size_t)fmin(fmax(share, 1), (double)n)};
  return HN_OK;
}

static void swap(float *a, float *b) {
  float kept = *a;
  *a = *b;
  *b = kept;
}

/* Reorder v (n) so that its k smallest come first: quickselect, equal values in the middle. */
static void select_lowest(float *v, size_t n, size_t k) {
  while (n > 1) {
    float pivot = v[n / 2];
    size_t n_less = 0, i = 0, greater = n;
    while (i < greater) {
      if (v[i] < pivot)
        swap(&v[n_less++], &v[i++]);
      else if (v[i] > pivot)
        swap(&v[i], &v[--greater]);
      else
        i++;
    }
    if (k < n_less) {
      n = n_less;
    } else if (k > greater) {
      v += greater;
      n -= greater;
      k -= greater;
    } else {
      return;
    }
  }
}

static double mean(const float *v, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += (double)v[i];
  return sum / (double)n;
}

/* Peaks and valleys (n_bands + 1, W) of all frames. */
static hn_status find_extremes(const hn_stft *stft, const octave_band *bands, const float *samples,
                               size_t n, hn_matrix *peaks, hn_matrix *valleys, hn_error *err) {
  hn_status status = HN_OK;
  float *spectrum = NULL, *scratch = NULL, *values = NULL;
  size_t W = peaks->n_cols;
  HN_NEW(spectrum, hn_stft_n_bins(stft), err);
  HN_NEW(values, hn_stft_n_bins(stft), err);
  HN_NEW(scratch, hn_stft_n_scratch(stft), err);
  for (size_t t = 0; t < W; t++) {
    hn_stft_power(stft, samples, n, t, 1, spectrum, scratch);
    for (size_t b = 0; b < peaks->n_rows; b++) {
      size_t n_values = bands[b].n, n_extreme = bands[b].n_extreme;
      memcpy(values, spectrum + bands[b].from, n_values * sizeof *values);
      select_lowest(values, n_values, n_extreme);
      valleys->values[b * W + t] = (float)mean(values, n_extreme);
      select_lowest(values, n_values, n_values - n_extreme);
      peaks->values[b * W + t] = (float)mean(values + n_values - n_extreme, n_extreme);
    }
  }
done:
  hn_free(spectrum);
  hn_free(scratch);
  hn_free(values);
  return status;
}

/* librosa.power_to_db with its defaults, in place. */
static void to_db(hn_matrix *m) {
  size_t n = m->n_rows * m->n_cols;
  double largest = -HUGE_VAL;
  for (size_t i = 0; i < n; i++) {
    m->values[i] = (float)(10 * log10(fmax(1e-10, (double)m->values[i])));
    largest = fmax(largest, (double)m->values[i]);
  }
  for (size_t i = 0; i < n; i++) m->values[i] = fmaxf(m->values[i], (float)(largest - 80));
}

hn_status hn_spectral_contrast(const hn_stft *stft, double sr, const hn_contrast_options *o,
                               const float *samples, size_t n, hn_matrix *contrast_out,
                               hn_error *err) {
  hn_status status = HN_OK;
  hn_matrix peaks = {0}, valleys = {0};
  octave_band *bands = NULL;
  size_t n_rows = o->n_bands + 1, n_frames = hn_stft_n_frames(stft, n);
  if (n_frames == 0)
    return hn_fail(err, HN_INVALID, "%zu samples are too few for a frame of %zu", n,
                   hn_stft_n_fft(stft));
  HN_NEW(bands, n_rows, err);
  for (size_t b = 0; b < n_rows; b++)
    HN_TRY(find_band(o, b, sr, hn_stft_n_fft(stft), &bands[b], err));
  HN_TRY(hn_matrix_init(&peaks, n_rows, n_frames, err));
  HN_TRY(hn_matrix_init(&valleys, n_rows, n_frames, err));
  HN_TRY(find_extremes(stft, bands, samples, n, &peaks, &valleys, err));
  if (!o->linear) {
    to_db(&peaks);
    to_db(&valleys);
  }
  for (size_t i = 0; i < n_rows * n_frames; i++) peaks.values[i] -= valleys.values[i];
  *contrast_out = peaks;
  peaks = (hn_matrix){0};
done:
  hn_free(bands);
  hn_matrix_free(&peaks);
  hn_matrix_free(&valleys);
  return status;
}
