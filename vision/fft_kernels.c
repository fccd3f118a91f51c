#include "vision/fft_kernels.h"

#include "base/cpu.h"

#define NAME_(stem, lanes) stem##_##lanes
#define NAME__(stem, lanes) NAME_(stem, lanes)
#define NAME(stem) NAME__(stem, LANES)
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 16")

#define SIN_60 0.86602540378443864676
#define COS_72 0.30901699437494742410
#define SIN_72 0.95105651629515357212
#define COS_144 (-0.80901699437494742410)
#define SIN_144 0.58778525229247312917
#define SQRT_HALF 0.70710678118654752440

static inline void put_bin(double re, double im, size_t k, int as_power, float *out) {
  if (as_power) {
    out[k] = (float)(re * re + im * im);
  } else {
    out[2 * k] = (float)re;
    out[2 * k + 1] = (float)im;
  }
}

#define LANES 1
#include "vision/fft_vector.h"
#undef LANES

#define LANES 2
#include "vision/fft_vector.h"
#undef LANES

#if defined(__x86_64__)
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#define LANES 4
#include "vision/fft_vector.h"
#undef LANES
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,fma,prefer-vector-width=512")
#define LANES 8
#include "vision/fft_vector.h"
#undef LANES
#pragma GCC pop_options
#endif

static int always(void) {
  return 1;
}

static const hn_fft_kernel kernels[] = {
    {"plain", 1, always, forward_1},
    {"128 bits", 2, always, forward_2},
#if defined(__x86_64__)
    {"AVX2", 4, hn_cpu_has_avx2, forward_4},
    {"AVX-512", 8, hn_cpu_has_avx512, forward_8},
#endif
};

const hn_fft_kernel *hn_fft_kernel_at(size_t i) {
  return i < sizeof kernels / sizeof *kernels ? &kernels[i] : NULL;
}

/* Vectors of lanes must be whole, and so many that they can be transposed. */
int hn_fft_kernel_suits(const hn_fft_kernel *kernel, size_t n) {
  size_t lanes = kernel->lanes;
  if (!kernel->supported()) return 0;
  return lanes == 1 || (n % (2 * lanes) == 0 && n / (2 * lanes) >= lanes);
}
