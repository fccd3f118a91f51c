#include "vision/key.h"

#include <math.h>

enum { N_PITCHES = 12 };

/* From the tonic upwards. */
static const double profiles[2][N_PITCHES] = {
    {6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17},  /* minor */
    {6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88}}; /* major */

/* Pearson's correlation of the pitches from `tonic` upwards with a profile. */
static double correlate(const double *pitches, int tonic, const double *profile) {
  double mean_x = 0, mean_y = 0, xx = 0, yy = 0, xy = 0;
  for (int i = 0; i < N_PITCHES; i++) {
    mean_x += pitches[i] / N_PITCHES;
    mean_y += profile[i] / N_PITCHES;
  }
  for (int i = 0; i < N_PITCHES; i++) {
    double x = pitches[(tonic + i) % N_PITCHES] - mean_x, y = profile[i] - mean_y;
    xx += x * x;
    yy += y * y;
    xy += x * y;
  }
  return xx > 1e-12 * mean_x * mean_x ? xy / sqrt(xx * yy) : 0;
}

void hn_key_estimate(const float *chroma, size_t n_frames, hn_key *key_out) {
  double pitches[N_PITCHES] = {0}, best[2] = {0, 0};
  int tonics[2] = {-1, -1};
  for (int p = 0; p < N_PITCHES; p++)
    for (size_t t = 0; t < n_frames; t++) pitches[p] += (double)chroma[(size_t)p * n_frames + t];
  for (int mode = 0; mode < 2; mode++)
    for (int tonic = 0; tonic < N_PITCHES; tonic++) {
      double fit = correlate(pitches, tonic, profiles[mode]);
      if (fit <= best[mode]) continue;
      best[mode] = fit;
      tonics[mode] = tonic;
    }
  int mode = best[1] >= best[0];
  *key_out =
      (hn_key){tonics[mode], tonics[mode] < 0 ? -1 : mode, best[mode], best[mode] - best[!mode]};
}
