#include "learn/nn/kernels.h"

#include <string.h>

size_t hn_conv3x3_packed_size(size_t n_in, size_t n_out) {
  return (n_out + HN_CONV3X3_BLOCK - 1) / HN_CONV3X3_BLOCK * HN_CONV3X3_BLOCK * n_in * 9;
}

void hn_conv3x3_pack(const float *weights, size_t n_in, size_t n_out, int backwards,
                     float *packed_out) {
  size_t from = backwards ? n_out : n_in, to = backwards ? n_in : n_out;
  memset(packed_out, 0, hn_conv3x3_packed_size(from, to) * sizeof *packed_out);
  for (size_t k = 0; k < to; k++) {
    float *block = packed_out + k / HN_CONV3X3_BLOCK * HN_CONV3X3_BLOCK * from * 9;
    for (size_t c = 0; c < from; c++) {
      for (size_t tap = 0; tap < 9; tap++) {
        float w =
            backwards ? weights[(c * n_in + k) * 9 + 8 - tap] : weights[(k * n_in + c) * 9 + tap];
        block[(c * 9 + tap) * HN_CONV3X3_BLOCK + k % HN_CONV3X3_BLOCK] = w;
      }
    }
  }
}

static void conv3x3_plain(const hn_shape *in, const hn_shape *out, const float *x,
                          const float *packed, float *y) {
  for (size_t k = 0; k < out->channels; k++) {
    const float *w =
        packed + k / HN_CONV3X3_BLOCK * HN_CONV3X3_BLOCK * in->channels * 9 + k % HN_CONV3X3_BLOCK;
    for (size_t i = 0; i < out->height; i++) {
      for (size_t j = 0; j < out->width; j++) {
        float sum = 0;
        for (size_t c = 0; c < in->channels; c++) {
          const float *corner = x + c * in->plane + in->origin + i * in->row + j - in->row - 1;
          for (size_t tap = 0; tap < 9; tap++)
            sum += w[(c * 9 + tap) * HN_CONV3X3_BLOCK] * corner[tap / 3 * in->row + tap % 3];
        }
        y[k * out->plane + out->origin + i * out->row + j] = sum;
      }
    }
  }
}

static void conv3x3_weights_plain(const hn_shape *in, const hn_shape *out, const float *x,
                                  const float *dy, float *dw) {
  for (size_t k = 0; k < out->channels; k++) {
    for (size_t c = 0; c < in->channels; c++) {
      for (size_t tap = 0; tap < 9; tap++) {
        const float *d = dy + k * out->plane + out->origin;
        const float *corner = x + c * in->plane + in->origin - in->row - 1;
        double sum = 0;
        for (size_t p = 0; p < hn_shape_span(out); p++)
          sum += (double)d[p] * corner[tap / 3 * in->row + tap % 3 + p];
        dw[(k * in->channels + c) * 9 + tap] += (float)sum;
      }
    }
  }
}

static void moments_plain(const float *x, size_t n, double sums_out[2]) {
  double sum = 0, squares = 0;
  for (size_t i = 0; i < n; i++) {
    sum += x[i];
    squares += (double)x[i] * x[i];
  }
  sums_out[0] = sum;
  sums_out[1] = squares;
}

static int pools_both_axes(const hn_pooling *g) {
  return g->pool_height == 2 && g->pool_width == 2;
}

static void pool_plain(const hn_pooling *g, const float *y, float scale, float shift, float *out,
                       uint8_t *where) {
  for (size_t i = 0; i < g->out_height; i++) {
    for (size_t j = 0; j < g->out_width; j++) {
      const float *corner = y + i * g->pool_height * g->row + j * g->pool_width;
      float best = 0;
      uint8_t position = HN_POOLED_NOWHERE;
      for (uint8_t k = 0; k < 4; k++) {
        if (k / 2 >= (int)g->pool_height || k % 2 >= (int)g->pool_width) continue;
        float value = scale * corner[k / 2 * g->row + k % 2] + shift;
        if (!(value <= best)) { /* NaN is larger: it must not vanish here */
          best = value;
          position = k;
        }
      }
      out[i * g->out_row + j] = best;
      if (where) where[i * g->out_width + j] = position;
    }
  }
}

/* The pixel that pooling chose at (i, j) of the pooled plane. */
static size_t chosen_pixel(const hn_pooling *g, const uint8_t *where, size_t i, size_t j) {
  const size_t position = where[i * g->out_width + j];
  return (i * g->pool_height + position / 2) * g->row + j * g->pool_width + position % 2;
}

static void pool_sums_plain(const hn_pooling *g, const float *y, const float *d,
                            const uint8_t *where, double sums_out[2]) {
  sums_out[0] = sums_out[1] = 0;
  for (size_t i = 0; i < g->out_height; i++) {
    for (size_t j = 0; j < g->out_width; j++) {
      if (where[i * g->out_width + j] == HN_POOLED_NOWHERE) continue;
      double value = d[i * g->out_row + j];
      sums_out[0] += value;
      sums_out[1] += value * y[chosen_pixel(g, where, i, j)];
    }
  }
}

/* The pixels of an odd last row or column, which no maximum can come from. */
static void pool_back_rest(const hn_pooling *g, float *y, const float slope_offset_scale[3]) {
  for (size_t i = 0; i < g->height; i++) {
    size_t pooled = i < g->out_height * g->pool_height ? g->out_width * g->pool_width : 0;
    for (size_t j = pooled; j < g->width; j++)
      y[i * g->row + j] = slope_offset_scale[0] * y[i * g->row + j] + slope_offset_scale[1];
  }
}

static void pool_back_plain(const hn_pooling *g, float *y, const float *d, const uint8_t *where,
                            const float slope_offset_scale[3]) {
  for (size_t i = 0; i < g->out_height * g->pool_height; i++) {
    for (size_t j = 0; j < g->out_width * g->pool_width; j++)
      y[i * g->row + j] = slope_offset_scale[0] * y[i * g->row + j] + slope_offset_scale[1];
  }
  pool_back_rest(g, y, slope_offset_scale);
  for (size_t i = 0; i < g->out_height; i++) {
    for (size_t j = 0; j < g->out_width; j++) {
      if (where[i * g->out_width + j] == HN_POOLED_NOWHERE) continue;
      y[chosen_pixel(g, where, i, j)] += slope_offset_scale[2] * d[i * g->out_row + j];
    }
  }
}

/* The vector sets: the same text compiled for each width. */
#define NAME_(stem, lanes) stem##_##lanes
#define NAME__(stem, lanes) NAME_(stem, lanes)
#define NAME(stem) NAME__(stem, LANES)

#define LANES 4
#define IOTA 0, 1, 2, 3
#include "learn/nn/kernels_vector.h"
#undef LANES
#undef IOTA

#if defined(__x86_64__)
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#define LANES 8
#define IOTA 0, 1, 2, 3, 4, 5, 6, 7
#include "learn/nn/kernels_vector.h"
#undef LANES
#undef IOTA
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,fma,prefer-vector-width=512")
#define LANES 16
#define IOTA 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
#include "learn/nn/kernels_vector.h"
#undef LANES
#undef IOTA
#pragma GCC pop_options

static int has_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static int has_avx512(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#endif

static int always(void) {
  return 1;
}

#define VECTOR_SET(title, lanes, test)                                                             \
  {                                                                                                \
    title, test, conv3x3_##lanes, conv3x3_weights_##lanes, moments_##lanes, pool_##lanes,          \
        pool_sums_##lanes, pool_back_##lanes                                                       \
  }

static const hn_kernels sets[] = {
    {"plain", always, conv3x3_plain, conv3x3_weights_plain, moments_plain, pool_plain,
     pool_sums_plain, pool_back_plain},
    VECTOR_SET("128 bits", 4, always),
#if defined(__x86_64__)
    VECTOR_SET("AVX2", 8, has_avx2),
    VECTOR_SET("AVX-512", 16, has_avx512),
#endif
};

const hn_kernels *hn_kernels_at(size_t i) {
  return i < sizeof sets / sizeof *sets ? &sets[i] : NULL;
}

const hn_kernels *hn_kernels_best(void) {
  const hn_kernels *best = &sets[0];
  for (size_t i = 0; hn_kernels_at(i); i++) {
    if (sets[i].supported()) best = &sets[i];
  }
  return best;
}
