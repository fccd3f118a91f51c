#include "vision/filterbank_kernels.h"

#include "base/cpu.h"

#define UNROLL _Pragma("GCC unroll 16")

/* Vectors of `lanes` frames, whose sums stay in registers. */
#define DEFINE_APPLY(name, lanes, attributes)                                                      \
  attributes static void name(const hn_filterbank *bank, const float *power, float *bands_out) {   \
    typedef float vector                                                                           \
        __attribute__((vector_size(4 * (lanes)), aligned(sizeof(float)), may_alias));              \
    enum { N = HN_FILTERBANK_FRAMES / (lanes) };                                                   \
    for (size_t i = 0; i < bank->n_bands; i++) {                                                   \
      const float *weights = bank->weights + bank->offsets[i];                                     \
      const vector *bins = (const vector *)power + N * bank->starts[i];                            \
      vector sums[N] = {0}, *out = (vector *)bands_out + N * i;                                    \
      for (size_t j = 0; j < bank->counts[i]; j++) {                                               \
        UNROLL for (size_t t = 0; t < N; t++) sums[t] += weights[j] * bins[N * j + t];             \
      }                                                                                            \
      UNROLL for (size_t t = 0; t < N; t++) out[t] = sums[t];                                      \
    }                                                                                              \
  }

DEFINE_APPLY(apply_4, 4, )
#if defined(__x86_64__)
DEFINE_APPLY(apply_8, 8, __attribute__((target("avx2,fma"))))
DEFINE_APPLY(apply_16, 16, __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma"))))
#endif

static int always(void) {
  return 1;
}

static const hn_filterbank_kernel kernels[] = {
    {"128 bits", always, apply_4},
#if defined(__x86_64__)
    {"AVX2", hn_cpu_has_avx2, apply_8},
    {"AVX-512", hn_cpu_has_avx512, apply_16},
#endif
};

const hn_filterbank_kernel *hn_filterbank_kernel_at(size_t i) {
  return i < sizeof kernels / sizeof *kernels ? &kernels[i] : NULL;
}
