#include "learn/sharpness.h"

#include <math.h>

/* Derivative of row i's smoothed cross-entropy by b: sum over classes of (p - truth) * score. */
static double row_slope(const double *s, int32_t truth, size_t n_rows, size_t n_classes, double b) {
  double top = -INFINITY, sum = 0, expected = 0, all = 0;
  size_t n_scored = 0;
  for (size_t k = 0; k < n_classes; k++)
    if (s[k] > top) top = s[k];
  for (size_t k = 0; k < n_classes; k++) {
    if (!isfinite(s[k])) continue;
    double p = exp(b * (s[k] - top));
    sum += p;
    expected += p * (s[k] - top);
    all += s[k] - top;
    n_scored++;
  }
  double wanted = ((double)n_rows * (s[truth] - top) + all) / (double)(n_rows + n_scored);
  return expected / sum - wanted;
}

double hn_sharpness_fit(const double *scores, const int32_t *y, size_t n_rows, size_t n_classes) {
  double low = log(1e-3), high = log(1e4);
  if (n_rows == 0) return 1;
  for (int step = 0; step < 60; step++) {
    double middle = 0.5 * (low + high), b = exp(middle), slope = 0;
    for (size_t i = 0; i < n_rows; i++)
      slope += row_slope(scores + i * n_classes, y[i], n_rows, n_classes, b);
    if (slope < 0)
      low = middle;
    else
      high = middle;
  }
  return exp(0.5 * (low + high));
}
