/* The kernels in GCC vector extensions; kernels.c includes this text once for each number of
 * LANES, under the instruction set that has them. IOTA is 0, 1, … LANES - 1. No include guard. */

#define V NAME(floats)
#define I NAME(ints)
#define D NAME(doubles)

typedef float V __attribute__((vector_size(4 * LANES)));
typedef int32_t I __attribute__((vector_size(4 * LANES)));
typedef double D __attribute__((vector_size(4 * LANES)));
/* The same in memory: at any address, over any array. */
typedef float NAME(loose) __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef float NAME(half) __attribute__((vector_size(2 * LANES), aligned(4), may_alias));
typedef uint8_t NAME(bytes) __attribute__((vector_size(LANES), aligned(1), may_alias));

#define INLINE static inline __attribute__((always_inline))

INLINE V NAME(load)(const float *p) {
  return *(const NAME(loose) *)p;
}

INLINE void NAME(store)(float *p, V value) {
  *(NAME(loose) *)p = value;
}

INLINE V NAME(choose)(I mask, V yes, V no) {
  return (V)((mask & (I)yes) | (~mask & (I)no));
}

INLINE double NAME(total)(D v) {
  double sum = 0;
  for (int i = 0; i < LANES / 2; i++) sum += v[i];
  return sum;
}

INLINE float NAME(total_float)(V v) {
  float sum = 0;
  for (int i = 0; i < LANES; i++) sum += v[i];
  return sum;
}

/* Twelve running sums, four output channels × three vectors of pixels (or three taps), stay in
 * registers: seven loads feed twelve products, on 16 registers or more. */
static void NAME(conv3x3)(const hn_shape *in, const hn_shape *out, const float *x,
                          const float *packed, float *y) {
  const size_t span = hn_shape_span(out), tile = 3 * LANES, n_in = in->channels;
  for (size_t p = 0; p < span; p += tile) {
    for (size_t k = 0; k < out->channels; k += 4) {
      const float *w = packed + k * n_in * 9;
      V a0 = {0}, a1 = {0}, a2 = {0}, b0 = {0}, b1 = {0}, b2 = {0};
      V c0 = {0}, c1 = {0}, c2 = {0}, d0 = {0}, d1 = {0}, d2 = {0};
      for (size_t c = 0; c < n_in; c++) {
        const float *corner = x + c * in->plane + in->origin + p - in->row - 1;
        for (size_t tap = 0; tap < 9; tap++, w += 4) {
          const float *pixels = corner + tap / 3 * in->row + tap % 3;
          V v0 = NAME(load)(pixels), v1 = NAME(load)(pixels + LANES);
          V v2 = NAME(load)(pixels + 2 * LANES);
          a0 += w[0] * v0, a1 += w[0] * v1, a2 += w[0] * v2;
          b0 += w[1] * v0, b1 += w[1] * v1, b2 += w[1] * v2;
          c0 += w[2] * v0, c1 += w[2] * v1, c2 += w[2] * v2;
          d0 += w[3] * v0, d1 += w[3] * v1, d2 += w[3] * v2;
        }
      }
      const V sums[4][3] = {{a0, a1, a2}, {b0, b1, b2}, {c0, c1, c2}, {d0, d1, d2}};
      float *target = y + k * out->plane + out->origin + p;
      for (size_t j = 0; j < 4 && k + j < out->channels; j++) {
        for (size_t i = 0; i < 3; i++) NAME(store)(target + j * out->plane + i * LANES, sums[j][i]);
      }
    }
  }
  for (size_t k = 0; k < out->channels; k++) { /* what was written into the border */
    float *plane = y + k * out->plane + out->origin;
    for (size_t i = 0; i < out->height; i++) plane[i * out->row + out->width] = 0;
    memset(plane + span, 0, ((span + tile - 1) / tile * tile - span) * sizeof *plane);
  }
}

/* The four channels from k on and one row of taps of input channel c, over n pixels from p on. */
INLINE void NAME(conv3x3_weights_row)(const float *const d[4], const float *x, size_t n,
                                      float sums_out[4][3]) {
  V a0 = {0}, a1 = {0}, a2 = {0}, b0 = {0}, b1 = {0}, b2 = {0};
  V c0 = {0}, c1 = {0}, c2 = {0}, d0 = {0}, d1 = {0}, d2 = {0};
  for (size_t p = 0; p < n; p += LANES) {
    V v0 = NAME(load)(x + p), v1 = NAME(load)(x + p + 1), v2 = NAME(load)(x + p + 2);
    V g = NAME(load)(d[0] + p);
    a0 += g * v0, a1 += g * v1, a2 += g * v2;
    g = NAME(load)(d[1] + p);
    b0 += g * v0, b1 += g * v1, b2 += g * v2;
    g = NAME(load)(d[2] + p);
    c0 += g * v0, c1 += g * v1, c2 += g * v2;
    g = NAME(load)(d[3] + p);
    d0 += g * v0, d1 += g * v1, d2 += g * v2;
  }
  const V sums[4][3] = {{a0, a1, a2}, {b0, b1, b2}, {c0, c1, c2}, {d0, d1, d2}};
  for (size_t j = 0; j < 4; j++) {
    for (size_t i = 0; i < 3; i++) sums_out[j][i] = NAME(total_float)(sums[j][i]);
  }
}

static void NAME(conv3x3_weights)(const hn_shape *in, const hn_shape *out, const float *x,
                                  const float *dy, float *dw) {
  const size_t span = hn_shape_span(out), chunk = 2048; /* four of dy and one of x fit L1 */
  for (size_t p = 0; p < span; p += chunk) {
    size_t n = span - p < chunk ? span - p : chunk;
    for (size_t k = 0; k < out->channels; k += 4) {
      size_t n_k = out->channels - k < 4 ? out->channels - k : 4;
      const float *d[4];
      for (size_t j = 0; j < 4; j++)
        d[j] = dy + (k + (j < n_k ? j : 0)) * out->plane + out->origin + p;
      for (size_t c = 0; c < in->channels; c++) {
        for (size_t row = 0; row < 3; row++) {
          const float *pixels = x + c * in->plane + in->origin + p + row * in->row - in->row - 1;
          float sums[4][3];
          NAME(conv3x3_weights_row)(d, pixels, n, sums);
          for (size_t j = 0; j < n_k; j++) {
            float *taps = dw + ((k + j) * in->channels + c) * 9 + row * 3;
            for (size_t i = 0; i < 3; i++) taps[i] += sums[j][i];
          }
        }
      }
    }
  }
}

static void NAME(moments)(const float *x, size_t n, double sums_out[2]) {
  D sum0 = {0}, sum1 = {0}, squares0 = {0}, squares1 = {0};
  for (size_t i = 0; i < n; i += LANES) {
    D a = __builtin_convertvector(*(const NAME(half) *)(x + i), D);
    D b = __builtin_convertvector(*(const NAME(half) *)(x + i + LANES / 2), D);
    sum0 += a, sum1 += b;
    squares0 += a * a, squares1 += b * b;
  }
  sums_out[0] = NAME(total)(sum0 + sum1);
  sums_out[1] = NAME(total)(squares0 + squares1);
}

/* 2 * LANES neighbours as those of even and those of odd column. */
INLINE void NAME(split)(const float *p, V *even_out, V *odd_out) {
  const I iota = {IOTA};
  V a = NAME(load)(p), b = NAME(load)(p + LANES);
  *even_out = __builtin_shuffle(a, b, 2 * iota);
  *odd_out = __builtin_shuffle(a, b, 2 * iota + 1);
}

/* And back. */
INLINE void NAME(join)(float *p, V even, V odd) {
  const I iota = {IOTA}, low = (iota >> 1) + (iota & 1) * LANES;
  NAME(store)(p, __builtin_shuffle(even, odd, low));
  NAME(store)(p + LANES, __builtin_shuffle(even, odd, low + LANES / 2));
}

INLINE I NAME(positions)(const uint8_t *where) {
  return __builtin_convertvector(*(const NAME(bytes) *)where, I);
}

/* A row of pooling ends anywhere within a vector. The pixels behind it are read and, where
 * something is stored, written back as they were. */
INLINE I NAME(first_of_vector)(size_t n) {
  const I iota = {IOTA};
  return iota < (n < LANES ? (int32_t)n : LANES);
}

static void NAME(pool)(const hn_pooling *g, const float *y, float scale, float shift, float *out,
                       uint8_t *where) {
  if (!pools_both_axes(g)) {
    pool_plain(g, y, scale, shift, out, where);
    return;
  }
  for (size_t i = 0; i < g->out_height; i++) {
    for (size_t j = 0; j < g->out_width; j += LANES) {
      const float *corner = y + 2 * i * g->row + 2 * j;
      const I valid = NAME(first_of_vector)(g->out_width - j);
      V value[4], best = {0};
      I position = (I){0} + HN_POOLED_NOWHERE;
      NAME(split)(corner, &value[0], &value[1]);
      NAME(split)(corner + g->row, &value[2], &value[3]);
      for (int k = 0; k < 4; k++) {
        V scaled = scale * value[k] + shift;
        I larger = ~(scaled <= best); /* NaN is larger: it must not vanish here */
        best = NAME(choose)(larger, scaled, best);
        position = (larger & k) | (~larger & position);
      }
      float *target = out + i * g->out_row + j;
      NAME(store)(target, NAME(choose)(valid, best, NAME(load)(target)));
      if (!where) continue;
      uint8_t *bytes = where + i * g->out_width + j;
      position = (valid & position) | (~valid & NAME(positions)(bytes));
      *(NAME(bytes) *)bytes = __builtin_convertvector(position, NAME(bytes));
    }
  }
}

INLINE D NAME(halves)(V v) {
  float lanes[LANES];
  NAME(store)(lanes, v);
  return __builtin_convertvector(*(const NAME(half) *)lanes, D) +
         __builtin_convertvector(*(const NAME(half) *)(lanes + LANES / 2), D);
}

/* A row is summed in float, the rows in double. */
static void NAME(pool_sums)(const hn_pooling *g, const float *y, const float *d,
                            const uint8_t *where, double sums_out[2]) {
  D sum = {0}, product = {0};
  if (!pools_both_axes(g)) {
    pool_sums_plain(g, y, d, where, sums_out);
    return;
  }
  for (size_t i = 0; i < g->out_height; i++) {
    V row_sum = {0}, row_product = {0};
    for (size_t j = 0; j < g->out_width; j += LANES) {
      const float *corner = y + 2 * i * g->row + 2 * j;
      const I position = NAME(positions)(where + i * g->out_width + j);
      const I passes = NAME(first_of_vector)(g->out_width - j) & (position < HN_POOLED_NOWHERE);
      V value[4], chosen = {0};
      NAME(split)(corner, &value[0], &value[1]);
      NAME(split)(corner + g->row, &value[2], &value[3]);
      for (int k = 0; k < 4; k++) chosen = NAME(choose)(passes & (position == k), value[k], chosen);
      V passed = NAME(choose)(passes, NAME(load)(d + i * g->out_row + j), (V){0});
      row_sum += passed;
      row_product += passed * chosen;
    }
    sum += NAME(halves)(row_sum);
    product += NAME(halves)(row_product);
  }
  sums_out[0] = NAME(total)(sum);
  sums_out[1] = NAME(total)(product);
}

static void NAME(pool_back)(const hn_pooling *g, float *y, const float *d, const uint8_t *where,
                            const float slope_offset_scale[3]) {
  const float slope = slope_offset_scale[0], offset = slope_offset_scale[1];
  if (!pools_both_axes(g)) {
    pool_back_plain(g, y, d, where, slope_offset_scale);
    return;
  }
  for (size_t i = 0; i < g->out_height; i++) {
    for (size_t j = 0; j < g->out_width; j += LANES) {
      float *corner = y + 2 * i * g->row + 2 * j;
      const I valid = NAME(first_of_vector)(g->out_width - j);
      const I position = NAME(positions)(where + i * g->out_width + j);
      const V passed = slope_offset_scale[2] * NAME(load)(d + i * g->out_row + j);
      V value[4];
      NAME(split)(corner, &value[0], &value[1]);
      NAME(split)(corner + g->row, &value[2], &value[3]);
      for (int k = 0; k < 4; k++) {
        V changed = slope * value[k] + offset + NAME(choose)(position == k, passed, (V){0});
        value[k] = NAME(choose)(valid, changed, value[k]);
      }
      NAME(join)(corner, value[0], value[1]);
      NAME(join)(corner + g->row, value[2], value[3]);
    }
  }
  pool_back_rest(g, y, slope_offset_scale);
}

#undef V
#undef I
#undef D
#undef INLINE
