#include "vision/fft.h"

#include "base/memory.h"
#include "vision/fft_kernels.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* exp(-2 pi i turn / n) */
static void put_root(size_t turn, size_t n, double *re, double *im) {
  const double pi = 3.14159265358979323846;
  double angle = 2 * pi * (double)(turn % n) / (double)n;
  *re = cos(angle);
  *im = -sin(angle);
}

/* Fours first; then what has a formula; then primes. */
static size_t next_radix(size_t n) {
  static const size_t radices[] = {4, 2, 3, 5};
  for (size_t i = 0; i < 4; i++)
    if (n % radices[i] == 0) return radices[i];
  size_t radix = 7;
  while (n % radix && radix * radix <= n) radix += 2;
  return n % radix ? n : radix;
}

/* Splits n_each into passes; how many numbers their twiddles take. */
static size_t set_passes(hn_fft *fft) {
  size_t n_numbers = 0, stride = 1;
  for (size_t rest = fft->n_each; rest > 1;) {
    size_t radix = next_radix(rest);
    rest /= radix;
    fft->passes[fft->n_passes++] = (hn_fft_pass){radix, rest, stride, n_numbers};
    n_numbers += 2 * (radix - 1) * rest + (radix > 5 ? 2 * radix : 0);
    stride *= radix;
  }
  return n_numbers;
}

static void fill_twiddles(hn_fft *fft) {
  for (size_t i = 0; i < fft->n_passes; i++) {
    const hn_fft_pass *pass = &fft->passes[i];
    double *at = fft->twiddles + pass->twiddles;
    for (size_t p = 0; p < pass->n_twiddled; p++)
      for (size_t j = 1; j < pass->radix; j++, at += 2)
        put_root(p * j, pass->radix * pass->n_twiddled, at, at + 1);
    for (size_t j = 0; j < pass->radix && pass->radix > 5; j++, at += 2)
      put_root(j, pass->radix, at, at + 1);
  }
}

static void fill_joining(hn_fft *fft) {
  size_t lanes = fft->kernel->lanes;
  for (size_t k = 0; k < fft->n_each; k++) {
    double *re = fft->joining + 2 * lanes * k, *im = re + lanes;
    for (size_t lane = 0; lane < lanes; lane++)
      put_root(k * lane, fft->n_points, re + lane, im + lane);
  }
}

static void fill_parting(hn_fft *fft) {
  double *re = fft->parting, *im = re + fft->n_points;
  for (size_t k = 0; k < fft->n_points; k++) {
    put_root(k, fft->n, re + k, im + k);
    re[k] *= 0.5;
    im[k] *= 0.5;
  }
}

static double *new_table(size_t n) {
  return hn_alloc_aligned(n, sizeof(double));
}

hn_status hn_fft_create_with(const hn_fft_kernel *kernel, size_t n, const double *window,
                             hn_fft **fft_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_fft *fft = NULL;
  HN_NEW(fft, 1, err);
  fft->kernel = kernel;
  fft->n = n;
  fft->n_points = n % 2 ? n : n / 2;
  fft->n_each = fft->n_points / kernel->lanes;
  fft->twiddles = new_table(set_passes(fft));
  fft->joining = new_table(2 * fft->n_points);
  if (n % 2 == 0) fft->parting = new_table(n);
  if (window) fft->window = new_table(n);
  if (!fft->twiddles || !fft->joining || !(n % 2 || fft->parting) || !(!window || fft->window))
    HN_TRY(hn_fail_memory(err));
  fill_twiddles(fft);
  fill_joining(fft);
  if (fft->parting) fill_parting(fft);
  if (window) memcpy(fft->window, window, n * sizeof *window);
  *fft_out = fft;
  return HN_OK;
done:
  hn_fft_destroy(fft);
  return status;
}

hn_status hn_fft_create_windowed(size_t n, const double *window, hn_fft **fft_out, hn_error *err) {
  const hn_fft_kernel *best = NULL, *kernel;
  for (size_t i = 0; (kernel = hn_fft_kernel_at(i)); i++)
    if (hn_fft_kernel_suits(kernel, n)) best = kernel;
  return hn_fft_create_with(best, n, window, fft_out, err);
}

hn_status hn_fft_create(size_t n, hn_fft **fft_out, hn_error *err) {
  return hn_fft_create_windowed(n, NULL, fft_out, err);
}

void hn_fft_destroy(hn_fft *fft) {
  if (!fft) return;
  hn_free(fft->window);
  hn_free(fft->twiddles);
  hn_free(fft->joining);
  hn_free(fft->parting);
  hn_free(fft);
}

size_t hn_fft_n_bins(const hn_fft *fft) {
  return fft->n / 2 + 1;
}

enum { ALIGNMENT = 64 };

/* Two arrays of complex numbers, on a boundary of vectors that the caller need not know. */
size_t hn_fft_n_scratch(const hn_fft *fft) {
  return (4 * fft->n_points * sizeof(double) + ALIGNMENT) / sizeof(float);
}

static void transform(const hn_fft *fft, const float *x, int as_power, float *out, float *scratch) {
  uintptr_t address = ((uintptr_t)scratch + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  fft->kernel->forward(fft, x, as_power, out, (double *)address);
}

void hn_fft_forward(const hn_fft *fft, const float *x, float *out, float *scratch) {
  transform(fft, x, 0, out, scratch);
}

void hn_fft_power(const hn_fft *fft, const float *x, float *out, float *scratch) {
  transform(fft, x, 1, out, scratch);
}
