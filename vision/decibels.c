#include "vision/decibels.h"

#include <stdint.h>
#include <string.h>

/* 10 log10 x = 10 log10(2) e + 20 / ln(10) atanh t, where x = 2^e m with m in [sqrt(1/2), sqrt(2)),
 * t = (m - 1) / (m + 1), |t| <= 0.1716: the series to t^9 leaves 7e-10 of atanh t. Written so that
 * a compiler makes vectors of it. */
static inline float decibels(float x) {
  const float per_octave = 3.01029995664f, per_atanh = 8.68588963807f;
  uint32_t bits, sqrt_half = 0x3f3504f3;
  memcpy(&bits, &x, sizeof bits);
  int32_t e = (int32_t)(bits - sqrt_half) >> 23;
  bits -= (uint32_t)e << 23;
  float m;
  memcpy(&m, &bits, sizeof m);
  float t = (m - 1) / (m + 1), square = t * t;
  float series = 1 + square * (1.0f / 3 + square * (1.0f / 5 + square * (1.0f / 7 + square / 9)));
  return per_octave * (float)e + per_atanh * t * series;
}

void hn_decibels(float *values, size_t n, float amin, float ref_db, float floor_db) {
  for (size_t i = 0; i < n; i++) {
    float db = decibels(values[i] > amin ? values[i] : amin) - ref_db;
    values[i] = db > floor_db ? db : floor_db;
  }
}
