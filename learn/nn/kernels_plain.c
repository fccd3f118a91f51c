/* The kernels as plain loops: what the vector sets are compared with. */
#include "learn/nn/kernels_plain.h"

#include <math.h>
#include <string.h>

static const double input[6][6] = {{4, 0, -5, 0, 1, 0},  {0, -4, -4, 1, 1, 0}, {0, 4, -4, -1, 1, 0},
                                   {0, -2, -1, 2, 1, 0}, {0, 2, -1, -2, 1, 0}, {0, 4, 0, -5, 0, 1}};
static const double output[4][6] = {
    {1, 1, 1, 1, 1, 0}, {0, 1, -1, 2, -2, 0}, {0, 1, 1, 4, 4, 0}, {0, 1, -1, 8, -8, 1}};
static const double weights[6][3] = {{1. / 4, 0, 0},
                                     {-1. / 6, -1. / 6, -1. / 6},
                                     {-1. / 6, 1. / 6, -1. / 6},
                                     {1. / 24, 1. / 12, 1. / 6},
                                     {1. / 24, -1. / 12, 1. / 6},
                                     {0, 0, 1}};

static void multiply(const hn_product *p, const float *a, const float *u, float *y) {
  for (size_t b = 0; b < p->n_blocks; b++) {
    for (size_t r = 0; r < p->n_rows; r++) {
      for (size_t k = 0; k < HN_BLOCK; k++) {
        double sum = 0;
        for (size_t i = 0; i < p->n_terms * p->depth; i++)
          sum += (double)a[r * p->pitch + p->offsets[i / p->depth] + i % p->depth] *
                 u[(b * p->n_terms * p->depth + i) * HN_BLOCK + k];
        y[b * p->y_block + r * HN_BLOCK + k] = (float)sum;
      }
    }
  }
}

static void multiply_transposed(const hn_product *p, const float *a, const float *d, float *du) {
  for (size_t b = 0; b < p->n_blocks; b++) {
    for (size_t i = 0; i < p->n_terms * p->depth; i++, du += HN_BLOCK) {
      for (size_t k = 0; k < HN_BLOCK; k++) {
        double sum = 0;
        for (size_t r = 0; r < p->n_rows; r++)
          sum += (double)a[r * p->pitch + p->offsets[i / p->depth] + i % p->depth] *
                 d[b * p->y_block + r * HN_BLOCK + k];
        du[k] += (float)sum;
      }
    }
  }
}

/* to[i * to_row + j * to_pixel] = (matrix · from · matrixᵀ)[i][j] of every channel; the matrix
 * is (n_to, n_from), or its transposed lies at `matrix`. */
typedef struct {
  const double *matrix;
  int is_transposed;
  size_t n_from, n_to;
  size_t from_row, from_pixel, to_row, to_pixel;
} transform;

static double element(const transform *t, size_t i, size_t j) {
  return t->is_transposed ? t->matrix[j * t->n_to + i] : t->matrix[i * t->n_from + j];
}

static void apply(const transform *t, const float *from, float *to) {
  for (size_t i = 0; i < t->n_to * t->n_to * HN_BLOCK; i++) {
    const size_t row = i / HN_BLOCK / t->n_to, column = i / HN_BLOCK % t->n_to, k = i % HN_BLOCK;
    double sum = 0;
    for (size_t r = 0; r < t->n_from; r++) {
      for (size_t c = 0; c < t->n_from; c++)
        sum += element(t, row, r) * element(t, column, c) *
               from[r * t->from_row + c * t->from_pixel + k];
    }
    to[row * t->to_row + column * t->to_pixel + k] = (float)sum;
  }
}

static void tile_input(const float *const x[HN_TILE_IN], float *v, size_t step) {
  float tile[HN_TILE_POINTS * HN_BLOCK];
  for (size_t i = 0; i < HN_TILE_IN; i++)
    memcpy(tile + i * HN_TILE_IN * HN_BLOCK, x[i], HN_TILE_IN * HN_BLOCK * sizeof *tile);
  apply(&(transform){*input, 0, 6, 6, HN_TILE_IN * HN_BLOCK, HN_BLOCK, 6 * step, step}, tile, v);
}

static void tile_output(const float *m, size_t step, float *y, size_t row) {
  apply(&(transform){*output, 0, 6, 4, 6 * step, step, row, HN_BLOCK}, m, y);
}

static void tile_output_back(const float *d, float *v, size_t step) {
  apply(&(transform){*output, 1, 4, 6, 4 * HN_BLOCK, HN_BLOCK, 6 * step, step}, d, v);
}

static void tile_input_back(const float *m, size_t step, float *const x[HN_TILE_IN]) {
  float tile[HN_TILE_POINTS * HN_BLOCK];
  apply(&(transform){*input, 1, 6, 6, 6 * step, step, HN_TILE_IN * HN_BLOCK, HN_BLOCK}, m, tile);
  for (size_t i = 0; i < HN_TILE_POINTS * HN_BLOCK; i++)
    x[i / (HN_TILE_IN * HN_BLOCK)][i % (HN_TILE_IN * HN_BLOCK)] += tile[i];
}

static void tile_weights(const float *g, float *u, size_t step, int streams) {
  (void)streams;
  apply(&(transform){*weights, 0, 3, 6, 3 * HN_BLOCK, HN_BLOCK, 6 * step, step}, g, u);
}

static void tile_weights_back(const float *u, size_t step, float *g) {
  apply(&(transform){*weights, 1, 6, 3, 6 * step, step, 3 * HN_BLOCK, HN_BLOCK}, u, g);
}

static void moments(const hn_patch *p, const float *y, double *sums) {
  for (size_t i = 0; i < p->height; i++) {
    for (size_t j = 0; j < p->width * HN_BLOCK; j++) {
      const double value = y[i * p->row + j];
      sums[j % HN_BLOCK] += value;
      sums[HN_BLOCK + j % HN_BLOCK] += value * value;
    }
  }
}

static void keep(size_t n, const float *from, float *to, int streams) {
  (void)streams;
  memcpy(to, from, n * HN_BLOCK * sizeof *to);
}

/* Where pixel q of the pool at (i, j) lies, channel k. */
static size_t pool_pixel(const hn_patch *p, size_t row, size_t i, size_t j, size_t q, size_t k) {
  return (i * p->pool_height + q / p->pool_width) * row +
         (j * p->pool_width + q % p->pool_width) * HN_BLOCK + k;
}

static void pool(const hn_patch *p, const float *y, const float *sign, float *m) {
  for (size_t i = 0; i < p->height / p->pool_height; i++) {
    for (size_t j = 0; j < p->width / p->pool_width; j++) {
      for (size_t k = 0; k < HN_BLOCK; k++) {
        float best = y[pool_pixel(p, p->row, i, j, 0, k)];
        for (size_t q = 1; q < p->pool_height * p->pool_width; q++) {
          const float value = y[pool_pixel(p, p->row, i, j, q, k)];
          if (sign[k] * value > sign[k] * best || isnan(value)) best = value;
        }
        m[i * p->pooled_row + j * HN_BLOCK + k] = best;
      }
    }
  }
}

static void activate(size_t n, const float *m, const float *scale_shift, const float *side,
                     int relu, float *a) {
  for (size_t i = 0; i < n * HN_BLOCK; i++) {
    const float *own = scale_shift + i % HN_BLOCK;
    const float value = own[0] * m[i] + own[HN_BLOCK] + (side ? side[i] : 0);
    a[i] = relu && value <= 0 ? 0 : value;
  }
}

/* Does ReLU let the gradient of value i through? */
static int is_open(const float *a, const float *scale_shift, float m, size_t i) {
  const float *own = scale_shift + i % HN_BLOCK;
  return a ? a[i] > 0 : !scale_shift || own[0] * m + own[HN_BLOCK] > 0;
}

static void gradient_sums(size_t n, const float *d, const float *a, const float *scale_shift,
                          const float *m, double *sums) {
  for (size_t i = 0; i < n * HN_BLOCK; i++) {
    if (!is_open(a, scale_shift, m[i], i)) continue;
    sums[i % HN_BLOCK] += d[i];
    sums[HN_BLOCK + i % HN_BLOCK] += (double)d[i] * m[i];
  }
}

static void gradient(const hn_patch *p, const float *y, const float *m, const float *a,
                     const float *scale_shift, const float *d, const float *back, float *out,
                     size_t out_row) {
  for (size_t i = 0; i < p->height; i++) {
    for (size_t j = 0; j < p->width * HN_BLOCK; j++)
      out[i * out_row + j] = back[j % HN_BLOCK] * y[i * p->row + j] + back[HN_BLOCK + j % HN_BLOCK];
  }
  for (size_t i = 0; i < p->height / p->pool_height; i++) {
    for (size_t j = 0; j < p->width / p->pool_width * HN_BLOCK; j++) {
      const size_t at = i * p->pooled_row + j, k = j % HN_BLOCK;
      if (!is_open(a, scale_shift, m[at], at)) continue;
      for (size_t q = 0; q < p->pool_height * p->pool_width; q++) {
        if (y[pool_pixel(p, p->row, i, j / HN_BLOCK, q, k)] != m[at]) continue;
        out[pool_pixel(p, out_row, i, j / HN_BLOCK, q, k)] += back[2 * HN_BLOCK + k] * d[at];
        break;
      }
    }
  }
}

enum { TILE_ROW = HN_TILE_OUT * HN_BLOCK };

static hn_patch whole_tile(size_t row, size_t pooled_row) {
  return (hn_patch){HN_TILE_OUT, HN_TILE_OUT, row, 2, 2, pooled_row};
}

static void tile_take(const float *m, size_t step, const float *sign, double *sums, float *kept,
                      size_t kept_row, int streams, float *pooled, size_t pooled_row) {
  float tile[HN_TILE_OUT * TILE_ROW];
  const hn_patch patch = whole_tile(TILE_ROW, pooled_row);
  tile_output(m, step, tile, TILE_ROW);
  moments(&patch, tile, sums);
  pool(&patch, tile, sign, pooled);
  for (size_t i = 0; i < HN_TILE_OUT; i++)
    keep(HN_TILE_OUT, tile + i * TILE_ROW, kept + i * kept_row, streams);
}

static void tile_give(const float *kept, size_t kept_row, const float *pooled, const float *d,
                      size_t pooled_row, const float *scale_shift, const float *back, float *v,
                      size_t step) {
  float tile[HN_TILE_OUT * TILE_ROW];
  const hn_patch patch = whole_tile(kept_row, pooled_row);
  gradient(&patch, kept, pooled, NULL, scale_shift, d, back, tile, TILE_ROW);
  tile_output_back(tile, v, step);
}

static void window_back(size_t height, size_t width, size_t row, const float *x, const float *y,
                        const float *d, float *dx) {
  for (size_t k = 0; k < HN_BLOCK; k++) {
    for (size_t i = 0; i < height * width; i++) {
      const size_t at = i / width * row + i % width * HN_BLOCK + k;
      if (x[at] != y[k]) continue;
      dx[at] += d[k];
      break;
    }
  }
}

static void correlate(size_t n, const float *a, const float *b, double *sums) {
  for (size_t i = 0; i < 9; i++) {
    for (size_t c = 0; c < n; c++) sums[i] += (double)a[c + i / 3] * b[c + i % 3];
  }
}

/* Tap t of pixel q of pool number i. */
static float tap_of(const float *x, size_t row, size_t i, size_t q, size_t t) {
  return x[(q / 2 + t / 3) * row + 2 * i + q % 2 + t % 3];
}

static void pool_taps(size_t n, const float *x, size_t row, const float *u, float *y,
                      int8_t *chosen) {
  for (size_t i = 0; i < n * HN_BLOCK; i++) {
    const size_t k = i % HN_BLOCK;
    double best = 0;
    int8_t at = 0;
    for (size_t q = 0; q < 4; q++) {
      double sum = 0;
      for (size_t t = 0; t < 9; t++)
        sum += (double)tap_of(x, row, i / HN_BLOCK, q, t) * u[t * HN_BLOCK + k];
      if (q == 0 || sum > best || isnan(sum)) best = sum, at = (int8_t)q;
    }
    const float value = (float)(best + u[9 * HN_BLOCK + k]);
    y[i] = value <= 0 ? 0 : value;
    if (chosen) chosen[i] = value > 0 ? at : -1;
  }
}

static void pool_taps_back(size_t n, const float *x, size_t row, const int8_t *chosen,
                           const float *d, double *sums) {
  for (size_t i = 0; i < n * HN_BLOCK; i++) {
    if (chosen[i] < 0) continue;
    for (size_t t = 0; t < 9; t++)
      sums[t * HN_BLOCK + i % HN_BLOCK] +=
          (double)d[i] * tap_of(x, row, i / HN_BLOCK, (size_t)chosen[i], t);
    sums[9 * HN_BLOCK + i % HN_BLOCK] += d[i];
  }
}

static int always(void) {
  return 1;
}

const hn_kernels hn_kernels_plain = {
    .name = "plain",
    .supported = always,
    .multiply = multiply,
    .multiply_transposed = multiply_transposed,
    .tile_input = tile_input,
    .tile_output = tile_output,
    .tile_output_back = tile_output_back,
    .tile_input_back = tile_input_back,
    .tile_weights = tile_weights,
    .tile_weights_back = tile_weights_back,
    .tile_take = tile_take,
    .tile_give = tile_give,
    .moments = moments,
    .keep = keep,
    .pool = pool,
    .activate = activate,
    .gradient_sums = gradient_sums,
    .gradient = gradient,
    .window_back = window_back,
    .correlate = correlate,
    .pool_taps = pool_taps,
    .pool_taps_back = pool_taps_back,
};
