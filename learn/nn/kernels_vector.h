/* The kernels in GCC vector extensions; kernels.c includes this text, and with it the four below,
 * once for each instruction set, with LANES floats in a vector and so many rows, blocks, columns
 * and pools of sums that they stay in its registers. No include guards. Arrays of vectors below are
 * registers: every loop over them has constant bounds and is unrolled.
 */

#define V NAME(floats)
#define I NAME(ints)
#define D NAME(doubles)
#define PER (HN_BLOCK / LANES) /* vectors a block */

typedef float V __attribute__((vector_size(4 * LANES)));
typedef int32_t I __attribute__((vector_size(4 * LANES)));
typedef double D __attribute__((vector_size(4 * LANES)));
typedef int8_t NAME(codes) __attribute__((vector_size(LANES)));
/* The same in memory: at any address, over any array. */
typedef float NAME(loose) __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef double NAME(loose_doubles) __attribute__((vector_size(4 * LANES), aligned(8), may_alias));
typedef int8_t NAME(loose_codes) __attribute__((vector_size(LANES), aligned(1), may_alias));
typedef float NAME(half) __attribute__((vector_size(2 * LANES), aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 64")
#define EACH_V UNROLL for (size_t v = 0; v < HN_BLOCK; v += LANES)

INLINE V NAME(load)(const float *p) {
  return *(const NAME(loose) *)p;
}

INLINE void NAME(store)(float *p, V value) {
  *(NAME(loose) *)p = value;
}

INLINE V NAME(choose)(I mask, V yes, V no) {
  return (V)((mask & (I)yes) | (~mask & (I)no));
}

/* Store past the caches, where the compiler knows how; p at a multiple of 64 bytes. */
INLINE void NAME(stream)(float *p, V value) {
#if defined(__clang__)
  __builtin_nontemporal_store(value, (V *)(void *)p);
#elif defined(__x86_64__) && LANES == 16
  __builtin_ia32_movntps512(p, value);
#elif defined(__x86_64__) && LANES == 8
  __builtin_ia32_movntps256(p, value);
#elif defined(__x86_64__)
  __builtin_ia32_movntps(p, value);
#else
  NAME(store)(p, value);
#endif
}

/* sums += values, in double. */
INLINE void NAME(add_doubles)(double *sums, V values) {
  float kept[LANES];
  NAME(store)(kept, values);
  UNROLL for (int i = 0; i < 2; i++) {
    NAME(loose_doubles) *sum = (NAME(loose_doubles) *)(sums + i * LANES / 2);
    *sum += __builtin_convertvector(*(const NAME(half) *)(kept + i * LANES / 2), D);
  }
}

/* The larger one by `sign`, the one before of equal ones; NaN if either is. */
INLINE V NAME(better)(V sign, V value, V best) {
  return NAME(choose)((sign * value > sign * best) | (value != value), value, best);
}

/* Of which lanes ReLU lets the gradient through: of the pixel at `at`, scale and shift at place v.
 */
INLINE I NAME(open)(const float *a, const float *scale_shift, size_t v, V m, size_t at) {
  const V zero = {0};
  if (a) return NAME(load)(a + at) > zero;
  if (!scale_shift) return zero == zero;
  return NAME(load)(scale_shift + v) * m + NAME(load)(scale_shift + HN_BLOCK + v) > zero;
}

#include "learn/nn/kernels_first.h"
#include "learn/nn/kernels_picture.h"
#include "learn/nn/kernels_product.h"
#include "learn/nn/kernels_tile.h"

#undef V
#undef I
#undef D
#undef PER
#undef INLINE
#undef UNROLL
#undef EACH_V
#undef LANES
#undef ROWS
#undef BLOCKS
#undef COLUMNS
#undef POOLS
