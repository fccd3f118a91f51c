#include "vision/window.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846

/* w(t) = sum of (-1)^k a_k cos(2 pi k t), t in [0, 1): all but one are sums of cosines. */
static const struct {
  const char *name;
  double a[5];
} cosine_sums[] = {
    {"hann", {0.5, 0.5}},
    {"hamming", {0.54, 0.46}},
    {"blackman", {0.42, 0.50, 0.08}},
    {"blackmanharris", {0.35875, 0.48829, 0.14128, 0.01168}},
    {"nuttall", {0.3635819, 0.4891775, 0.1365995, 0.0106411}},
    {"flattop", {0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368}},
    {"boxcar", {1}},
};

static void fill_cosines(const double a[5], size_t n, double *out) {
  for (size_t i = 0; i < n; i++) {
    double t = (double)i / (double)n, sum = 0;
    for (int k = 4; k >= 0; k--) sum += (k % 2 ? -a[k] : a[k]) * cos(2 * PI * k * t);
    out[i] = sum;
  }
}

void hn_window_fill(const char *name, size_t n, double *out) {
  /* SciPy's windows of one point are 1, whatever their formula says. */
  if (n == 1) name = "boxcar";
  if (strcmp(name, "bartlett") == 0) {
    for (size_t i = 0; i < n; i++) out[i] = 1 - fabs(2.0 * (double)i / (double)n - 1);
    return;
  }
  for (size_t k = 0; k < sizeof cosine_sums / sizeof *cosine_sums; k++)
    if (strcmp(name, cosine_sums[k].name) == 0) {
      fill_cosines(cosine_sums[k].a, n, out);
      return;
    }
  assert(!"a window that the table lacks");
}
