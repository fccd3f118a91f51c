/* The inner loops of the FFT, once for each instruction set, and the plan that they follow. Only
 * fft.c and its tests need this. */
#ifndef HN_VISION_FFT_KERNELS_H
#define HN_VISION_FFT_KERNELS_H

#include <stddef.h>

#include "vision/fft.h"

/* One pass of Stockham's algorithm: all transforms of `radix` points, `stride` of which share
 * their twiddles. */
typedef struct {
  size_t radix, n_twiddled, stride;
  size_t twiddles; /* where exp(-2 pi i p j / (radix n_twiddled)), (n_twiddled, radix - 1, 2), and
                      behind them the roots of a radix that has no formula, (radix, 2), begin */
} hn_fft_pass;

typedef struct {
  const char *name;
  size_t lanes; /* transforms that run side by side in one vector; 1: any length is fine */
  int (*supported)(void);
  /* The transform of x (n), as (n / 2 + 1, 2) re, im or as (n / 2 + 1) powers. */
  void (*forward)(const hn_fft *fft, const float *x, int as_power, float *out, double *scratch);
} hn_fft_kernel;

/* An even n is a complex transform of n / 2 points, z[t] = x[2 t] + i x[2 t + 1], that is then
 * pulled apart; an odd n a complex one of n points. Lane l of L transforms the points l, l + L,
 * l + 2 L …, n_each of them; then L-point transforms across the lanes join them (Cooley and Tukey,
 * 1965). */
struct hn_fft {
  const hn_fft_kernel *kernel;
  size_t n, n_points, n_each, n_passes;
  hn_fft_pass passes[64];
  double *window;   /* (n), or NULL */
  double *twiddles; /* of all passes */
  double *joining;  /* (n_each, 2, lanes): exp(-2 pi i l k / n_points) */
  double *parting;  /* (2, n_points): exp(-2 pi i k / n) / 2, re then im; NULL when n is odd */
};

/* All kernels of this build, the portable twin first; NULL behind the last. */
const hn_fft_kernel *hn_fft_kernel_at(size_t i);
/* Can the kernel run here, and transform n points? */
int hn_fft_kernel_suits(const hn_fft_kernel *kernel, size_t n);
/* hn_fft_create_windowed with a kernel that suits. */
hn_status hn_fft_create_with(const hn_fft_kernel *kernel, size_t n, const double *window,
                             hn_fft **fft_out, hn_error *err);

#endif
