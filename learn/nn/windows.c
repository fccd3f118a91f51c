#include "learn/nn/windows.h"

#include <math.h>

#include "base/memory.h"

hn_status hn_standard_fit(hn_standard *standard, const hn_images *images, const size_t *rows,
                          size_t n_rows, hn_error *err) {
  hn_status status = HN_OK;
  hn_standard fresh = {.height = images->height};
  HN_NEW(fresh.mean, images->height, err);
  HN_NEW(fresh.std, images->height, err);
#pragma omp parallel for
  for (size_t h = 0; h < images->height; h++) {
    double sum = 0, squares = 0, n = 0, mean;
    for (size_t i = 0; i < n_rows; i++) {
      const size_t width = images->widths[rows[i]];
      const float *band = images->items[rows[i]] + h * width;
      for (size_t t = 0; t < width; t++) sum += band[t];
      n += (double)width;
    }
    mean = sum / n;
    for (size_t i = 0; i < n_rows; i++) {
      const size_t width = images->widths[rows[i]];
      const float *band = images->items[rows[i]] + h * width;
      for (size_t t = 0; t < width; t++) squares += (band[t] - mean) * (band[t] - mean);
    }
    double std = sqrt(squares / n);
    fresh.mean[h] = (float)mean;
    fresh.std[h] = std > 1e-6 * fabs(mean) && std > 1e-30 ? (float)std : 1;
  }
  *standard = fresh;
  fresh = (hn_standard){0};
done:
  hn_standard_free(&fresh);
  return status;
}

void hn_standard_free(hn_standard *standard) {
  hn_free(standard->mean);
  hn_free(standard->std);
  *standard = (hn_standard){0};
}

size_t hn_window_count(size_t width, size_t window) {
  if (width <= window) return 1;
  size_t hop = window > 1 ? window / 2 : 1;
  return 1 + (width - window + hop - 1) / hop;
}

size_t hn_window_start(size_t width, size_t window, size_t i) {
  return i == 0 ? 0 : (width - window) * i / (hn_window_count(width, window) - 1);
}

void hn_window_copy(const float *item, size_t width, size_t start, const hn_standard *standard,
                    const hn_shape *shape, float *sample_out) {
  for (size_t h = 0; h < shape->height; h++) {
    const float *band = item + h * width;
    const float mean = standard->mean[h], inv_std = 1 / standard->std[h];
    float *row = sample_out + h * hn_shape_row(shape);
    for (size_t t = 0, from = start % width; t < shape->width; from = 0) {
      size_t n = width - from < shape->width - t ? width - from : shape->width - t;
      for (size_t i = 0; i < n; i++) row[t + i] = (band[from + i] - mean) * inv_std;
      t += n;
    }
  }
}
