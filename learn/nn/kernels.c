#include "learn/nn/kernels.h"

#include <stdint.h>
#include <string.h>

#include "base/cpu.h"
#include "learn/nn/kernels_plain.h"

#define NAME_(stem, lanes) stem##_##lanes
#define NAME__(stem, lanes) NAME_(stem, lanes)
#define NAME(stem) NAME__(stem, LANES)

/* Pixels whose sum stays in float before it goes into a double. */
enum { SHORT = 32 };

/* ROWS * BLOCKS * 16, COLUMNS * BLOCKS * 16 and 4 * POOLS * LANES sums fill the registers, but for
 * a few. */
#define LANES 4
#define POOLS 1
#define ROWS 3
#define BLOCKS 1
#define COLUMNS 2
#include "learn/nn/kernels_vector.h"

#if defined(__x86_64__)
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#define LANES 8
#define POOLS 1
#define ROWS 6
#define BLOCKS 1
#define COLUMNS 4
#include "learn/nn/kernels_vector.h"
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,fma,prefer-vector-width=512")
#define LANES 16
#define POOLS 4
#define ROWS 12
#define BLOCKS 2
#define COLUMNS 8
#include "learn/nn/kernels_vector.h"
#pragma GCC pop_options
#endif

static int always(void) {
  return 1;
}

#define VECTOR_SET(title, lanes, test)                                                             \
  {                                                                                                \
    .name = title, .supported = test, .multiply = multiply_##lanes,                                \
    .multiply_transposed = multiply_transposed_##lanes, .tile_input = tile_input_##lanes,          \
    .tile_output = tile_output_##lanes, .tile_output_back = tile_output_back_##lanes,              \
    .tile_input_back = tile_input_back_##lanes, .tile_weights = tile_weights_##lanes,              \
    .tile_weights_back = tile_weights_back_##lanes, .tile_take = tile_take_##lanes,                \
    .tile_give = tile_give_##lanes, .moments = moments_##lanes, .keep = keep_##lanes,              \
    .pool = pool_##lanes, .activate = activate_##lanes, .gradient_sums = gradient_sums_##lanes,    \
    .gradient = gradient_##lanes, .window_back = window_back_##lanes,                              \
    .correlate = correlate_##lanes, .pool_taps = pool_taps_##lanes,                                \
    .pool_taps_back = pool_taps_back_##lanes                                                       \
  }

static const hn_kernels vector_sets[] = {
    VECTOR_SET("128 bits", 4, always),
#if defined(__x86_64__)
    VECTOR_SET("AVX2", 8, hn_cpu_has_avx2),
    VECTOR_SET("AVX-512", 16, hn_cpu_has_avx512),
#endif
};

const hn_kernels *hn_kernels_at(size_t i) {
  if (i == 0) return &hn_kernels_plain;
  return i <= sizeof vector_sets / sizeof *vector_sets ? &vector_sets[i - 1] : NULL;
}

const hn_kernels *hn_kernels_best(void) {
  const hn_kernels *best = NULL;
  for (size_t i = 0; hn_kernels_at(i); i++) {
    if (hn_kernels_at(i)->supported()) best = hn_kernels_at(i);
  }
  return best;
}
