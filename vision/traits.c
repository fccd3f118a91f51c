#include "vision/traits.h"

#include "base/memory.h"
#include "vision/filterbank.h"

#include <math.h>
#include <stdlib.h>

static double clamp(double x) {
  return fmin(1, fmax(0, x));
}

static double sigmoid(double x) {
  return 1 / (1 + exp(-x));
}

/* Middle of a mel band in Hz; band -1 begins the scale, band n_bands ends it. */
static double band_hz(ptrdiff_t band, size_t n_bands) {
  double top = hn_mel_from_hz(HN_SONG_RATE / 2.0, 0);
  return hn_hz_from_mel(top * (double)(band + 1) / (double)(n_bands + 1), 0);
}

/* Power of each frame between two frequencies; bands of unit area, hence times their width. */
static void gather_power(const hn_matrix *mel, double from_hz, double to_hz, double *power) {
  size_t n = mel->n_cols, n_bands = mel->n_rows;
  for (size_t t = 0; t < n; t++) power[t] = 0;
  for (size_t h = 0; h < n_bands; h++) {
    double middle = band_hz((ptrdiff_t)h, n_bands);
    double width = band_hz((ptrdiff_t)h + 1, n_bands) - band_hz((ptrdiff_t)h - 1, n_bands);
    if (middle < from_hz || middle >= to_hz) continue;
    for (size_t t = 0; t < n; t++)
      power[t] += width / 2 * exp(0.1 * M_LN10 * (double)mel->values[h * n + t]);
  }
}

static double mean(const double *x, size_t n) {
  double sum = 0;
  for (size_t t = 0; t < n; t++) sum += x[t];
  return sum / (double)n;
}

/* Sums over the `width` values around t, from running totals (n + 1). */
static double around(const double *totals, size_t n, size_t t, size_t width) {
  size_t from = t > width / 2 ? t - width / 2 : 0, to = t + width / 2 + 1;
  if (to > n) to = n;
  return (totals[to] - totals[from]) / (double)(to - from);
}

/* The depth of the amplitude's modulations between about 2 and 8 Hz: means over 5 frames less means
 * over 21. scratch (n + 1). */
static double modulation_depth(const double *power, size_t n, double *scratch) {
  enum { FAST = 5, SLOW = 21 };
  double squares = 0;
  scratch[0] = 0;
  for (size_t t = 0; t < n; t++) scratch[t + 1] = scratch[t] + sqrt(power[t]);
  for (size_t t = 0; t < n; t++) {
    double d = around(scratch, n, t, FAST) - around(scratch, n, t, SLOW);
    squares += d * d / (double)n;
  }
  return scratch[n] > 0 ? sqrt(squares) / (scratch[n] / (double)n) : 0;
}

static int compare_floats(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

/* Flatness of the frames no louder than `level`, times their amplitude by that of all. */
static double quiet_noise(const hn_song_frames *f, float level) {
  double logs = 0, powers = 0, quiet = 0, all = 0;
  size_t n = f->mel.n_cols, n_bands = f->mel.n_rows, n_quiet = 0;
  for (size_t t = 0; t < n; t++) {
    double power = pow(10, 0.1 * (double)f->level[t]);
    all += power / (double)n;
    if (f->level[t] > level) continue;
    n_quiet++;
    quiet += power;
    for (size_t h = 0; h < n_bands; h++) {
      double db = (double)f->mel.values[h * n + t];
      logs += db;
      powers += exp(0.1 * M_LN10 * db);
    }
  }
  double cells = (double)(n_quiet * n_bands);
  double flatness = pow(10, 0.1 * logs / cells) / (powers / cells);
  return flatness * sqrt(quiet / (double)n_quiet / all);
}

static void combine(double lufs, double activity, double range, double treble,
                    const hn_tempo *tempo, const hn_key *key, hn_traits *traits) {
  double octaves = log2(fmax(1, tempo->bpm) / 118) / 0.6;
  double lean = key->key < 0 ? 0 : clamp(4 * fabs(key->margin)) * (key->mode ? 0.2 : -0.2);
  double haste = tempo->bpm > 0 ? (tempo->bpm - 118) / 400 : 0;
  traits->danceability = sqrt(tempo->strength) * exp(-0.5 * octaves * octaves);
  traits->energy = sigmoid(2.61 + 0.23 * lufs + log(fmax(1e-6, activity) / 1.5));
  traits->acousticness = sigmoid((range - 20) / 5 - (treble + 22) / 5);
  traits->valence = clamp(0.5 + lean + haste + (treble + 22) / 100);
}

hn_status hn_traits_estimate(const hn_song_frames *f, double lufs, const hn_tempo *tempo,
                             const hn_key *key, hn_traits *traits_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_traits traits = {NAN, NAN, NAN, NAN, NAN, NAN, NAN};
  double *power = NULL, *scratch = NULL;
  float *levels = NULL;
  if (isinf(lufs)) {
    *traits_out = traits;
    return HN_OK;
  }
  size_t n = f->n;
  HN_NEW(power, n, err);
  HN_NEW(scratch, n + 1, err);
  HN_NEW(levels, n, err);
  double activity = 0;
  for (size_t t = 0; t < n; t++) {
    levels[t] = f->level[t];
    activity += (double)f->onset[t] / (double)n;
  }
  qsort(levels, n, sizeof *levels, compare_floats);
  double range = (double)(levels[n * 95 / 100] - levels[n / 10]);
  traits.liveness = clamp(quiet_noise(f, levels[n / 5]));

  gather_power(&f->mel, 5000, HN_SONG_RATE, power);
  double above = mean(power, n);
  gather_power(&f->mel, 300, 3400, power);
  double middle = mean(power, n), voice_depth = modulation_depth(power, n, scratch);
  gather_power(&f->mel, 0, HN_SONG_RATE, power);
  double whole = mean(power, n), depth = modulation_depth(power, n, scratch);
  double beatless = 1 - fmin(1, tempo->strength);
  combine(lufs, activity, range, 10 * log10(above / whole), tempo, key, &traits);
  traits.speechiness = clamp(2 * (depth - 0.25)) * beatless * beatless;
  traits.instrumentalness = 1 - clamp(2 * middle / whole * voice_depth);
  *traits_out = traits;
done:
  hn_free(power);
  hn_free(scratch);
  hn_free(levels);
  return status;
}
