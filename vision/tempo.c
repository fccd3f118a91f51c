#include "vision/tempo.h"

#include "base/memory.h"

#include <float.h>
#include <math.h>

static const double min_bpm = 40, max_bpm = 220;
enum { N_TEETH = 4 };

/* R(lag) / R(0) of the deviations from the mean, lag = 0 … n_lags - 1, each over the pairs there
 * are; zeros where nothing deviates. */
static void autocorrelate(const float *x, size_t n, size_t n_lags, double *r_out) {
  double mean = 0;
  for (size_t t = 0; t < n; t++) mean += (double)x[t] / (double)n;
  for (size_t lag = 0; lag < n_lags; lag++) {
    double sum = 0;
    for (size_t t = 0; t + lag < n; t++) sum += ((double)x[t] - mean) * ((double)x[t + lag] - mean);
    /* Few pairs say little: they count half as soon as half of the song is left. */
    r_out[lag] = lag < n ? sum / (double)n : 0;
  }
  /* Deviations that are nothing but rounding repeat perfectly. */
  int deviates = r_out[0] > 1e-12 * mean * mean;
  for (size_t lag = n_lags; lag-- > 0;) r_out[lag] = deviates ? r_out[lag] / r_out[0] : 0;
}

static double at_lag(const double *r, size_t n_lags, double lag) {
  size_t i = (size_t)lag;
  double part = lag - (double)i;
  return i + 1 < n_lags ? (1 - part) * r[i] + part * r[i + 1] : 0;
}

static double comb(const double *r, size_t n_lags, double period) {
  double sum = 0;
  for (int k = 1; k <= N_TEETH; k++) sum += at_lag(r, n_lags, k * period) / k;
  return sum;
}

static double prior(double bpm) {
  double octaves = log2(bpm / 120);
  return exp(-0.5 * octaves * octaves);
}

hn_status hn_tempo_estimate(const float *onset, size_t n, double frames_per_second,
                            hn_tempo *tempo_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_tempo tempo = {0};
  double *r = NULL, best = 0, frames_a_minute = 60 * frames_per_second;
  /* As far as four beats of half the slowest tempo. */
  size_t n_lags = (size_t)(N_TEETH * frames_a_minute / (min_bpm / 2)) + 2;
  HN_NEW(r, n_lags, err);
  autocorrelate(onset, n, n_lags, r);
  for (double bpm = min_bpm; bpm <= max_bpm; bpm *= 1.0025) {
    double score = prior(bpm) * comb(r, n_lags, frames_a_minute / bpm);
    if (score <= best) continue;
    best = score;
    tempo.bpm = bpm;
  }
  if (tempo.bpm > 0) {
    double period = frames_a_minute / tempo.bpm, fit = comb(r, n_lags, period);
    tempo.strength = fmax(0, at_lag(r, n_lags, period));
    tempo.half_strength = fmax(0, comb(r, n_lags, 2 * period) / fit);
    tempo.double_strength = fmax(0, comb(r, n_lags, period / 2) / fit);
  }
  *tempo_out = tempo;
done:
  hn_free(r);
  return status;
}

/* Onset strength by its standard deviation, smoothed by a Gaussian of 1/32 beat. */
static void smooth(const float *onset, size_t n, double period, double *out) {
  double mean = 0, squares = 0, sigma = period / 32;
  for (size_t t = 0; t < n; t++) mean += (double)onset[t] / (double)n;
  for (size_t t = 0; t < n; t++)
    squares += ((double)onset[t] - mean) * ((double)onset[t] - mean) / (double)n;
  double scale = squares > 0 ? 1 / sqrt(squares) : 0;
  ptrdiff_t reach = (ptrdiff_t)ceil(3 * sigma);
  for (size_t t = 0; t < n; t++) {
    out[t] = 0;
    for (ptrdiff_t d = -reach; d <= reach; d++) {
      ptrdiff_t from = (ptrdiff_t)t + d;
      if (from < 0 || from >= (ptrdiff_t)n) continue;
      double z = (double)d / sigma;
      out[t] += scale * (double)onset[from] * exp(-0.5 * z * z);
    }
  }
}

/* best[t]: the best sum of a chain of beats that ends at t; before[t]: the beat before it. */
static void chain_beats(double *best, ptrdiff_t *before, size_t n, double period) {
  const double tightness = 100;
  ptrdiff_t nearest = (ptrdiff_t)lround(period / 2), farthest = (ptrdiff_t)lround(2 * period);
  if (nearest < 1) nearest = 1;
  for (ptrdiff_t t = 0; t < (ptrdiff_t)n; t++) {
    double top = 0; /* a chain may begin anywhere */
    before[t] = -1;
    for (ptrdiff_t d = nearest; d <= farthest && d <= t; d++) {
      double stretch = log((double)d / period);
      double score = best[t - d] - tightness * stretch * stretch;
      if (score <= top) continue;
      top = score;
      before[t] = t - d;
    }
    best[t] += top;
  }
}

hn_status hn_beats_track(const float *onset, size_t n, double frames_per_second,
                         const hn_tempo *tempo, size_t **beats_out, size_t *n_out, hn_error *err) {
  hn_status status = HN_OK;
  double *best = NULL;
  ptrdiff_t *before = NULL, last = -1;
  size_t *beats = NULL, n_beats = 0;
  if (tempo->bpm > 0 && n > 0) {
    double period = 60 * frames_per_second / tempo->bpm;
    HN_NEW(best, n, err);
    HN_NEW(before, n, err);
    smooth(onset, n, period, best);
    chain_beats(best, before, n, period);
    /* The chain ends within the song's last beat. */
    double top = -DBL_MAX;
    for (size_t t = n > (size_t)period ? n - (size_t)period : 0; t < n; t++)
      if (best[t] > top) {
        top = best[t];
        last = (ptrdiff_t)t;
      }
    for (ptrdiff_t t = last; t >= 0; t = before[t]) n_beats++;
    HN_NEW(beats, n_beats, err);
    for (size_t i = n_beats; i-- > 0; last = before[last]) beats[i] = (size_t)last;
  }
  *beats_out = beats;
  *n_out = n_beats;
done:
  hn_free(best);
  hn_free(before);
  return status;
}

/* Pearson's correlation of the sequence with itself `lag` beats later. */
static double repeat(const float *x, size_t n, size_t lag) {
  double mean = 0, zero = 0, sum = 0;
  for (size_t i = 0; i < n; i++) mean += (double)x[i] / (double)n;
  for (size_t i = 0; i < n; i++) zero += ((double)x[i] - mean) * ((double)x[i] - mean) / (double)n;
  for (size_t i = 0; i + lag < n; i++)
    sum += ((double)x[i] - mean) * ((double)x[i + lag] - mean) / (double)(n - lag);
  return zero > 1e-12 * mean * mean ? sum / zero : 0;
}

int hn_metre_estimate(const float *accents, size_t n_kinds, size_t n_beats) {
  double three = 0, four = 0;
  if (n_beats < 12) return 0;
  for (size_t k = 0; k < n_kinds; k++) {
    const float *row = accents + k * n_beats;
    three += repeat(row, n_beats, 3) + repeat(row, n_beats, 6);
    four += repeat(row, n_beats, 4) + repeat(row, n_beats, 8);
  }
  return three > four ? 3 : 4;
}
