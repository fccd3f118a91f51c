#include "vision/fft.h"

#include "base/memory.h"

#include <kiss_fft.h>
#include <math.h>
#include <string.h>

/* kissfft's own real transform writes into its plan, so that threads could not share one. Here an
 * even n is a complex transform of n / 2 points (even samples real, odd ones imaginary) that is
 * then pulled apart with `twiddles`; an odd n a complex one of n points. */
struct hn_fft {
  size_t n;
  kiss_fft_cfg plan;
  float *twiddles; /* (n / 2 + 1, 2): exp(-2 pi i k / n); NULL when n is odd */
};

static const double pi = 3.14159265358979323846;

hn_status hn_fft_create(size_t n, hn_fft **fft_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_fft *fft = NULL;
  HN_NEW(fft, 1, err);
  fft->n = n;
  int n_complex = (int)(n % 2 ? n : n / 2);
  size_t n_bytes = 0;
  kiss_fft_alloc(n_complex, 0, NULL, &n_bytes);
  fft->plan = hn_alloc(n_bytes, 1);
  if (!fft->plan) HN_TRY(hn_fail_memory(err));
  kiss_fft_alloc(n_complex, 0, fft->plan, &n_bytes);
  if (n % 2 == 0) {
    HN_NEW(fft->twiddles, n + 2, err);
    for (size_t k = 0; k <= n / 2; k++) {
      fft->twiddles[2 * k] = (float)cos(2 * pi * (double)k / (double)n);
      fft->twiddles[2 * k + 1] = (float)-sin(2 * pi * (double)k / (double)n);
    }
  }
  *fft_out = fft;
  return HN_OK;
done:
  hn_fft_destroy(fft);
  return status;
}

void hn_fft_destroy(hn_fft *fft) {
  if (!fft) return;
  hn_free(fft->plan);
  hn_free(fft->twiddles);
  hn_free(fft);
}

size_t hn_fft_n_bins(const hn_fft *fft) {
  return fft->n / 2 + 1;
}

size_t hn_fft_n_scratch(const hn_fft *fft) {
  return fft->n % 2 ? 4 * fft->n : fft->n;
}

static void forward_odd(const hn_fft *fft, const float *x, float *out, float *scratch) {
  float *in = scratch, *spectrum = scratch + 2 * fft->n;
  for (size_t t = 0; t < fft->n; t++) {
    in[2 * t] = x[t];
    in[2 * t + 1] = 0;
  }
  kiss_fft(fft->plan, (const kiss_fft_cpx *)(const void *)in, (kiss_fft_cpx *)(void *)spectrum);
  memcpy(out, spectrum, 2 * hn_fft_n_bins(fft) * sizeof *out);
}

/* With Z the transform of the pairs and h = n / 2: the even samples' transform is
 * E[k] = (Z[k] + conj Z[h - k]) / 2, the odd ones' O[k] = (Z[k] - conj Z[h - k]) / 2i, and
 * X[k] = E[k] + exp(-2 pi i k / n) O[k]. */
static void forward_even(const hn_fft *fft, const float *x, float *out, float *scratch) {
  size_t h = fft->n / 2;
  const float *z = scratch, *w = fft->twiddles;
  kiss_fft(fft->plan, (const kiss_fft_cpx *)(const void *)x, (kiss_fft_cpx *)(void *)scratch);
  out[0] = z[0] + z[1];
  out[1] = 0;
  for (size_t k = 1; k < h; k++) {
    size_t m = h - k;
    float even_re = 0.5f * (z[2 * k] + z[2 * m]), even_im = 0.5f * (z[2 * k + 1] - z[2 * m + 1]);
    float odd_re = 0.5f * (z[2 * k + 1] + z[2 * m + 1]), odd_im = 0.5f * (z[2 * m] - z[2 * k]);
    out[2 * k] = even_re + w[2 * k] * odd_re - w[2 * k + 1] * odd_im;
    out[2 * k + 1] = even_im + w[2 * k] * odd_im + w[2 * k + 1] * odd_re;
  }
  out[2 * h] = z[0] - z[1];
  out[2 * h + 1] = 0;
}

void hn_fft_forward(const hn_fft *fft, const float *x, float *out, float *scratch) {
  if (fft->n % 2)
    forward_odd(fft, x, out, scratch);
  else
    forward_even(fft, x, out, scratch);
}
