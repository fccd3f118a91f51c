#include "learn/nn/augment.h"

#include <math.h>
#include <string.h>

static void add_gain(double gain, const hn_standard *standard, const hn_shape *shape,
                     float *sample) {
  for (size_t h = 0; h < shape->height; h++) {
    const float offset = (float)gain / standard->std[h];
    float *row = sample + h * hn_shape_row(shape);
    for (size_t t = 0; t < shape->width; t++) row[t] += offset;
  }
}

typedef struct {
  size_t first, n;
} stretch;

/* A stretch of 0 … widest out of n. */
static stretch draw_stretch(hn_rng *rng, size_t widest, size_t n) {
  stretch s;
  s.n = hn_rng_below(rng, (widest < n ? widest : n) + 1);
  s.first = hn_rng_below(rng, n - s.n + 1);
  return s;
}

static void mask(const hn_shape *shape, stretch bands, stretch frames, float *sample) {
  for (size_t h = bands.first; h < bands.first + bands.n; h++)
    memset(sample + h * hn_shape_row(shape) + frames.first, 0, frames.n * sizeof *sample);
}

void hn_augment(const hn_augmentation *a, const hn_standard *standard, const hn_shape *shape,
                hn_rng *rng, float *sample) {
  const stretch all_bands = {0, shape->height}, all_frames = {0, shape->width};
  if (a->gain > 0) add_gain(a->gain * (2 * hn_rng_uniform(rng) - 1), standard, shape, sample);
  for (size_t i = 0; i < a->time_masks; i++)
    mask(shape, all_bands, draw_stretch(rng, a->time_width, shape->width), sample);
  for (size_t i = 0; i < a->frequency_masks; i++)
    mask(shape, draw_stretch(rng, a->band_width, shape->height), all_frames, sample);
}

double hn_mixup_share(double alpha, hn_rng *rng) {
  if (alpha == 0) return 1;
  for (;;) {
    const double x = pow(hn_rng_uniform(rng), 1 / alpha), y = pow(hn_rng_uniform(rng), 1 / alpha);
    if (x + y > 0 && x + y <= 1) return x / (x + y);
  }
}

void hn_mixup(const hn_shape *shape, float *a, double share_a, float *b, double share_b) {
  const float from_a = (float)share_a, from_b = (float)share_b;
  for (size_t i = 0; i < hn_shape_size(shape); i++) {
    const float x = a[i], y = b[i];
    a[i] = from_a * x + (1 - from_a) * y;
    b[i] = from_b * y + (1 - from_b) * x;
  }
}
