/* The kernels in GCC vector extensions; kernels.c includes this text once for each instruction set,
 * with LANES floats in a vector and so many rows, blocks and columns of sums that they stay in its
 * registers. No include guard.
 * Arrays of vectors below are registers: every loop over them has constant bounds and is unrolled.
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

INLINE V NAME(load)(const float *p) {
  return *(const NAME(loose) *)p;
}

INLINE void NAME(store)(float *p, V value) {
  *(NAME(loose) *)p = value;
}

INLINE V NAME(choose)(I mask, V yes, V no) {
  return (V)((mask & (I)yes) | (~mask & (I)no));
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

/* Products: `rows` rows times `blocks` blocks of output channels at once. */
INLINE void NAME(multiply_rows)(const hn_product *p, size_t rows, size_t blocks, size_t pitch,
                                const float *a, const float *u, float *y) {
  const size_t u_block = p->n_terms * p->depth * HN_BLOCK;
  V sums[ROWS][BLOCKS * PER], w[BLOCKS * PER];
  UNROLL for (size_t r = 0; r < rows; r++) {
    UNROLL for (size_t v = 0; v < blocks * PER; v++) sums[r][v] = (V){0};
  }
  for (size_t i = 0; i < p->n_terms; i++) {
    const float *term = a + p->offsets[i];
    for (size_t c = 0; c < p->depth; c++, term++, u += HN_BLOCK) {
      UNROLL for (size_t v = 0; v < blocks * PER; v++) w[v] =
          NAME(load)(u + v / PER * u_block + v % PER * LANES);
      UNROLL for (size_t r = 0; r < rows; r++) {
        UNROLL for (size_t v = 0; v < blocks * PER; v++) sums[r][v] += term[r * pitch] * w[v];
      }
    }
  }
  UNROLL for (size_t r = 0; r < rows; r++) {
    UNROLL for (size_t v = 0; v < blocks * PER; v++)
        NAME(store)(y + v / PER * p->y_block + r * HN_BLOCK + v % PER * LANES, sums[r][v]);
  }
}

INLINE void NAME(multiply_all)(const hn_product *p, size_t blocks, size_t pitch, const float *a,
                               const float *u, float *y) {
  size_t r = 0;
  for (; r + ROWS <= p->n_rows; r += ROWS)
    NAME(multiply_rows)(p, ROWS, blocks, pitch, a + r * pitch, u, y + r * HN_BLOCK);
  for (; ROWS > 4 && r + 4 <= p->n_rows; r += 4)
    NAME(multiply_rows)(p, ROWS > 4 ? 4 : 1, blocks, pitch, a + r * pitch, u, y + r * HN_BLOCK);
  for (; r < p->n_rows; r++)
    NAME(multiply_rows)(p, 1, blocks, pitch, a + r * pitch, u, y + r * HN_BLOCK);
}

INLINE void NAME(multiply_pitch)(const hn_product *p, size_t pitch, const float *a, const float *u,
                                 float *y) {
  const size_t u_block = p->n_terms * p->depth * HN_BLOCK;
  size_t b = 0;
  for (; b + BLOCKS <= p->n_blocks; b += BLOCKS)
    NAME(multiply_all)(p, BLOCKS, pitch, a, u + b * u_block, y + b * p->y_block);
  for (; b < p->n_blocks; b++)
    NAME(multiply_all)(p, 1, pitch, a, u + b * u_block, y + b * p->y_block);
}

/* The usual pitches are constants of their own: the rows' addresses then need no registers. */
static void NAME(multiply)(const hn_product *p, const float *a, const float *u, float *y) {
  switch (p->pitch) {
  case 1:
    NAME(multiply_pitch)(p, 1, a, u, y);
    break;
  case HN_BLOCK:
    NAME(multiply_pitch)(p, HN_BLOCK, a, u, y);
    break;
  case 2 * HN_BLOCK:
    NAME(multiply_pitch)(p, 2 * HN_BLOCK, a, u, y);
    break;
  default:
    NAME(multiply_pitch)(p, p->pitch, a, u, y);
  }
}

/* COLUMNS columns, at the places a[0], a[1], … of the first row, or side by side from a[0] on,
 * times `blocks` blocks. */
INLINE void NAME(transposed_columns)(const hn_product *p, size_t columns, size_t blocks,
                                     int side_by_side, const float *const *a, const float *d,
                                     float *du) {
  const size_t u_block = p->n_terms * p->depth * HN_BLOCK;
  V sums[COLUMNS][BLOCKS * PER], w[BLOCKS * PER];
  UNROLL for (size_t c = 0; c < columns; c++) {
    UNROLL for (size_t v = 0; v < blocks * PER; v++) sums[c][v] = (V){0};
  }
  for (size_t r = 0, at = 0; r < p->n_rows; r++, at += p->pitch) {
    UNROLL for (size_t v = 0; v < blocks * PER; v++) w[v] =
        NAME(load)(d + v / PER * p->y_block + r * HN_BLOCK + v % PER * LANES);
    UNROLL for (size_t c = 0; c < columns; c++) {
      const float value = side_by_side ? a[0][at + c] : a[c][at];
      UNROLL for (size_t v = 0; v < blocks * PER; v++) sums[c][v] += value * w[v];
    }
  }
  UNROLL for (size_t c = 0; c < columns; c++) {
    UNROLL for (size_t v = 0; v < blocks * PER; v++) {
      float *to = du + v / PER * u_block + c * HN_BLOCK + v % PER * LANES;
      NAME(store)(to, NAME(load)(to) + sums[c][v]);
    }
  }
}

INLINE void NAME(transposed_all)(const hn_product *p, size_t blocks, const float *a, const float *d,
                                 float *du) {
  const size_t n = p->n_terms * p->depth;
  const float *places[COLUMNS];
  for (size_t i = 0; i < n; i += COLUMNS) {
    const size_t columns = n - i < COLUMNS ? n - i : COLUMNS;
    for (size_t c = 0; c < columns; c++)
      places[c] = a + p->offsets[(i + c) / p->depth] + (i + c) % p->depth;
    if (p->depth == HN_BLOCK) {
      NAME(transposed_columns)(p, COLUMNS, blocks, 1, places, d, du + i * HN_BLOCK);
    } else if (columns == COLUMNS) {
      NAME(transposed_columns)(p, COLUMNS, blocks, 0, places, d, du + i * HN_BLOCK);
    } else {
      for (size_t c = 0; c < columns; c++)
        NAME(transposed_columns)(p, 1, blocks, 0, places + c, d, du + (i + c) * HN_BLOCK);
    }
  }
}

static void NAME(multiply_transposed)(const hn_product *p, const float *a, const float *d,
                                      float *du) {
  const size_t u_block = p->n_terms * p->depth * HN_BLOCK;
  size_t b = 0;
  for (; b + BLOCKS <= p->n_blocks; b += BLOCKS)
    NAME(transposed_all)(p, BLOCKS, a, d + b * p->y_block, du + b * u_block);
  for (; b < p->n_blocks; b++) NAME(transposed_all)(p, 1, a, d + b * p->y_block, du + b * u_block);
}

/* Winograd's matrices, applied to one line of a tile. */
INLINE void NAME(line_input)(const V x[6], V y[6]) {
  const V a = x[4] - 4 * x[2], b = x[3] - 4 * x[1], c = x[4] - x[2], d = 2 * (x[3] - x[1]);
  y[0] = 4 * x[0] - 5 * x[2] + x[4];
  y[1] = a + b, y[2] = a - b, y[3] = c + d, y[4] = c - d;
  y[5] = 4 * x[1] - 5 * x[3] + x[5];
}

INLINE void NAME(line_input_back)(const V m[6], V x[6]) {
  const V a = m[1] + m[2], b = m[1] - m[2], c = m[3] + m[4], d = 2 * (m[3] - m[4]);
  x[0] = 4 * m[0];
  x[1] = 4 * (m[5] - b) - d;
  x[2] = -5 * m[0] - 4 * a - c;
  x[3] = b + d - 5 * m[5];
  x[4] = m[0] + a + c;
  x[5] = m[5];
}

INLINE void NAME(line_output)(const V m[6], V y[4]) {
  const V a = m[1] + m[2], b = m[1] - m[2], c = m[3] + m[4], d = m[3] - m[4];
  y[0] = m[0] + a + c, y[1] = b + 2 * d, y[2] = a + 4 * c, y[3] = b + 8 * d + m[5];
}

INLINE void NAME(line_output_back)(const V d[4], V v[6]) {
  const V a = d[0] + d[2], b = d[1] + d[3], c = d[0] + 4 * d[2], e = 2 * d[1] + 8 * d[3];
  v[0] = d[0], v[1] = a + b, v[2] = a - b, v[3] = c + e, v[4] = c - e, v[5] = d[3];
}

INLINE void NAME(line_weights)(const V g[3], V u[6]) {
  const V a = (g[0] + g[2]) * (1.0f / 6), b = g[1] * (1.0f / 6);
  const V c = g[0] * (1.0f / 24) + g[2] * (1.0f / 6), d = g[1] * (1.0f / 12);
  u[0] = g[0] * 0.25f, u[1] = -a - b, u[2] = b - a, u[3] = c + d, u[4] = c - d, u[5] = g[2];
}

INLINE void NAME(line_weights_back)(const V u[6], V g[3]) {
  const V a = (u[1] + u[2]) * (1.0f / 6), b = (u[2] - u[1]) * (1.0f / 6);
  const V c = u[3] + u[4], d = u[3] - u[4];
  g[0] = u[0] * 0.25f - a + c * (1.0f / 24);
  g[1] = b + d * (1.0f / 12);
  g[2] = u[5] - a + c * (1.0f / 6);
}

/* One line function along the columns, then along the rows, of the channels at place v. */
#define TILE(line, from, to, LOAD, STORE)                                                          \
  {                                                                                                \
    V half[to][from];                                                                              \
    UNROLL for (size_t j = 0; j < from; j++) {                                                     \
      V in[from], out[to];                                                                         \
      UNROLL for (size_t i = 0; i < from; i++) in[i] = LOAD(i, j);                                 \
      NAME(line)(in, out);                                                                         \
      UNROLL for (size_t i = 0; i < to; i++) half[i][j] = out[i];                                  \
    }                                                                                              \
    UNROLL for (size_t i = 0; i < to; i++) {                                                       \
      V out[to];                                                                                   \
      NAME(line)(half[i], out);                                                                    \
      UNROLL for (size_t j = 0; j < to; j++) STORE(i, j, out[j]);                                  \
    }                                                                                              \
  }
#define EACH_V UNROLL for (size_t v = 0; v < HN_BLOCK; v += LANES)

/* Pixels in a picture of rows of `row` floats, in rows that each have a pointer, and points. */
#define AT_PIXEL(p, i, j) ((p) + (i)*row + (j)*HN_BLOCK + v)
#define IN_ROW(p, i, j) ((p)[i] + (j)*HN_BLOCK + v)
#define AT_POINT(p, i, j) ((p) + ((i)*HN_TILE_IN + (j)) * step + v)
#define LOAD_PIXEL(i, j) NAME(load)(AT_PIXEL(from, i, j))
#define LOAD_POINT(i, j) NAME(load)(AT_POINT(from, i, j))
#define STORE_PIXEL(i, j, value) NAME(store)(AT_PIXEL(to, i, j), value)
#define STORE_POINT(i, j, value) NAME(store)(AT_POINT(to, i, j), value)

static void NAME(tile_input)(const float *const x[HN_TILE_IN], float *to, size_t step) {
#define LOAD_ROW(i, j) NAME(load)(IN_ROW(x, i, j))
  EACH_V TILE(line_input, 6, 6, LOAD_ROW, STORE_POINT)
#undef LOAD_ROW
}

static void NAME(tile_input_back)(const float *from, size_t step, float *const x[HN_TILE_IN]) {
#define ADD_ROW(i, j, value) NAME(store)(IN_ROW(x, i, j), NAME(load)(IN_ROW(x, i, j)) + (value))
  EACH_V TILE(line_input_back, 6, 6, LOAD_POINT, ADD_ROW)
#undef ADD_ROW
}

static void NAME(tile_output)(const float *from, size_t step, float *to, size_t row) {
  EACH_V TILE(line_output, 6, 4, LOAD_POINT, STORE_PIXEL)
}

static void NAME(tile_output_back)(const float *from, float *to, size_t step) {
  const size_t row = HN_TILE_OUT * HN_BLOCK;
  EACH_V TILE(line_output_back, 4, 6, LOAD_PIXEL, STORE_POINT)
}

static void NAME(tile_weights)(const float *from, float *to, size_t step) {
  const size_t row = 3 * HN_BLOCK;
  EACH_V TILE(line_weights, 3, 6, LOAD_PIXEL, STORE_POINT)
}

static void NAME(tile_weights_back)(const float *from, size_t step, float *to) {
  const size_t row = 3 * HN_BLOCK;
  EACH_V TILE(line_weights_back, 6, 3, LOAD_POINT, STORE_PIXEL)
}

/* Better by `sign`, else the one before. */
INLINE V NAME(better)(V sign, V value, V best) {
  return NAME(choose)(sign * value > sign * best, value, best);
}

/* Of which lanes ReLU lets the gradient through: of the pixel at `at`, scale and shift at place v.
 */
INLINE I NAME(open)(const float *a, const float *scale_shift, size_t v, V m, size_t at) {
  const V zero = {0};
  if (a) return NAME(load)(a + at) > zero;
  if (!scale_shift) return zero == zero;
  return NAME(load)(scale_shift + v) * m + NAME(load)(scale_shift + HN_BLOCK + v) > zero;
}

static void NAME(tile_take)(const float *from, size_t step, const float *sign, double *sums,
                            float *kept, size_t kept_row, int streams, float *pooled,
                            size_t pooled_row) {
#define HOLD(i, j, value) y[i][j] = (value)
  EACH_V {
    V y[4][4], sum[4], squares[4];
    const V own_sign = NAME(load)(sign + v);
    TILE(line_output, 6, 4, LOAD_POINT, HOLD)
    UNROLL for (size_t j = 0; j < 4; j++) {
      sum[j] = (y[0][j] + y[1][j]) + (y[2][j] + y[3][j]);
      squares[j] = y[0][j] * y[0][j];
      UNROLL for (size_t i = 1; i < 4; i++) squares[j] += y[i][j] * y[i][j];
    }
    NAME(add_doubles)(sums + v, (sum[0] + sum[1]) + (sum[2] + sum[3]));
    NAME(add_doubles)
    (sums + HN_BLOCK + v, (squares[0] + squares[1]) + (squares[2] + squares[3]));
    UNROLL for (size_t q = 0; q < 4; q++) {
      const size_t i = q / 2 * 2, j = q % 2 * 2;
      V best = NAME(better)(own_sign, y[i][j + 1], y[i][j]);
      best = NAME(better)(own_sign, y[i + 1][j], best);
      best = NAME(better)(own_sign, y[i + 1][j + 1], best);
      NAME(store)(pooled + q / 2 * pooled_row + q % 2 * HN_BLOCK + v, best);
    }
    UNROLL for (size_t q = 0; q < 16; q++) {
      float *to = kept + q / 4 * kept_row + q % 4 * HN_BLOCK + v;
      if (streams)
        STREAM(to, y[q / 4][q % 4]);
      else
        NAME(store)(to, y[q / 4][q % 4]);
    }
  }
#undef HOLD
}

static void NAME(tile_give)(const float *kept, size_t row, const float *pooled, const float *d,
                            size_t pooled_row, const float *scale_shift, const float *back,
                            float *to, size_t step) {
#define LOAD_HELD(i, j) g[i][j]
  EACH_V {
    V g[4][4];
    const V slope = NAME(load)(back + v), offset = NAME(load)(back + HN_BLOCK + v);
    const V scale = NAME(load)(back + 2 * HN_BLOCK + v), zero = {0};
    UNROLL for (size_t q = 0; q < 4; q++) {
      const size_t at = q / 2 * pooled_row + q % 2 * HN_BLOCK + v;
      const V extreme = NAME(load)(pooled + at), through = scale * NAME(load)(d + at);
      I open = NAME(open)(NULL, scale_shift, v, extreme, at);
      UNROLL for (size_t r = 0; r < 4; r++) {
        const size_t i = q / 2 * 2 + r / 2, j = q % 2 * 2 + r % 2;
        const V value = NAME(load)(AT_PIXEL(kept, i, j));
        const I hit = (value == extreme) & open;
        open &= ~hit;
        g[i][j] = slope * value + offset + NAME(choose)(hit, through, zero);
      }
    }
    TILE(line_output_back, 4, 6, LOAD_HELD, STORE_POINT)
  }
#undef LOAD_HELD
}

#undef LOAD_PIXEL
#undef LOAD_POINT
#undef STORE_PIXEL
#undef STORE_POINT
#undef AT_PIXEL
#undef IN_ROW
#undef AT_POINT
#undef TILE

/* Sums of up to SHORT pixels stay in float: whole rows of a narrow patch, parts of a wide one's. */
static void NAME(moments)(const hn_patch *p, const float *y, double *sums) {
  const size_t rows = p->width < SHORT ? SHORT / p->width : 1;
  for (size_t first = 0; first < p->height; first += rows) {
    const size_t end = p->height - first < rows ? p->height : first + rows;
    for (size_t from = 0; from < p->width; from += SHORT) {
      const size_t to = p->width - from < SHORT ? p->width : from + SHORT;
      UNROLL for (size_t v = 0; v < PER; v++) {
        V sum[4] = {{0}}, squares[4] = {{0}}; /* of every fourth pixel: chains that overlap */
        for (size_t i = first; i < end; i++) {
          const float *row = y + i * p->row + v * LANES;
          size_t j = from;
          for (; j + 4 <= to; j += 4) {
            UNROLL for (size_t q = 0; q < 4; q++) {
              const V value = NAME(load)(row + (j + q) * HN_BLOCK);
              sum[q] += value;
              squares[q] += value * value;
            }
          }
          for (; j < to; j++) {
            const V value = NAME(load)(row + j * HN_BLOCK);
            sum[0] += value;
            squares[0] += value * value;
          }
        }
        NAME(add_doubles)(sums + v * LANES, (sum[0] + sum[1]) + (sum[2] + sum[3]));
        NAME(add_doubles)
        (sums + HN_BLOCK + v * LANES, (squares[0] + squares[1]) + (squares[2] + squares[3]));
      }
    }
  }
}

static void NAME(keep)(size_t n, const float *from, float *to, int streams) {
  for (size_t i = 0; i < n * HN_BLOCK; i += LANES) {
    const V value = NAME(load)(from + i);
    if (streams)
      STREAM(to + i, value);
    else
      NAME(store)(to + i, value);
  }
}

INLINE void NAME(pool_sizes)(const hn_patch *p, size_t pool_height, size_t pool_width,
                             const float *y, const float *sign, float *m) {
  const V s = NAME(load)(sign);
  for (size_t i = 0; i < p->height / pool_height; i++, m += p->pooled_row) {
    for (size_t j = 0; j < p->width / pool_width; j++) {
      const float *first = y + i * pool_height * p->row + j * pool_width * HN_BLOCK;
      V best = NAME(load)(first);
      UNROLL for (size_t q = 1; q < pool_height * pool_width; q++) best = NAME(better)(
          s, NAME(load)(first + q / pool_width * p->row + q % pool_width * HN_BLOCK), best);
      NAME(store)(m + j * HN_BLOCK, best);
    }
  }
}

static void NAME(pool)(const hn_patch *p, const float *y, const float *sign, float *m) {
  for (size_t v = 0; v < HN_BLOCK; v += LANES) {
    if (p->pool_height == 2 && p->pool_width == 2)
      NAME(pool_sizes)(p, 2, 2, y + v, sign + v, m + v);
    else
      NAME(pool_sizes)(p, p->pool_height, p->pool_width, y + v, sign + v, m + v);
  }
}

static void NAME(activate)(size_t n, const float *m, const float *scale_shift, const float *side,
                           int relu, float *a) {
  UNROLL for (size_t v = 0; v < PER; v++) {
    const V scale = NAME(load)(scale_shift + v * LANES), zero = {0};
    const V shift = NAME(load)(scale_shift + HN_BLOCK + v * LANES);
    for (size_t at = v * LANES; at < n * HN_BLOCK; at += HN_BLOCK) {
      V value = scale * NAME(load)(m + at) + shift;
      if (side) value += NAME(load)(side + at);
      if (relu) value = NAME(choose)(value <= zero, zero, value);
      NAME(store)(a + at, value);
    }
  }
}

static void NAME(gradient_sums)(size_t n, const float *d, const float *a, const float *scale_shift,
                                const float *m, double *sums) {
  const V zero = {0};
  for (size_t from = 0; from < n; from += SHORT) {
    const size_t to = n - from < SHORT ? n : from + SHORT;
    UNROLL for (size_t v = 0; v < HN_BLOCK; v += LANES) {
      V sum = {0}, products = {0};
      for (size_t at = from * HN_BLOCK + v; at < to * HN_BLOCK; at += HN_BLOCK) {
        const V own = NAME(load)(m + at);
        const V value =
            NAME(choose)(NAME(open)(a, scale_shift, v, own, at), NAME(load)(d + at), zero);
        sum += value;
        products += value * own;
      }
      NAME(add_doubles)(sums + v, sum);
      NAME(add_doubles)(sums + HN_BLOCK + v, products);
    }
  }
}

/* The channels at place v. */
INLINE void NAME(gradient_sizes)(const hn_patch *p, size_t pool_height, size_t pool_width, size_t v,
                                 const float *y, const float *m, const float *a,
                                 const float *scale_shift, const float *d, const float *back,
                                 float *out, size_t out_row) {
  const V slope = NAME(load)(back + v), offset = NAME(load)(back + HN_BLOCK + v);
  const V scale = NAME(load)(back + 2 * HN_BLOCK + v), zero = {0};
  const size_t height = p->height / pool_height, width = p->width / pool_width;
  for (size_t i = 0; i < height; i++) {
    for (size_t j = 0; j < width; j++) {
      const size_t at = i * p->pooled_row + j * HN_BLOCK + v;
      const V extreme = NAME(load)(m + at), through = scale * NAME(load)(d + at);
      I open = NAME(open)(a, scale_shift, v, extreme, at);
      UNROLL for (size_t q = 0; q < pool_height * pool_width; q++) {
        const size_t r = i * pool_height + q / pool_width, c = j * pool_width + q % pool_width;
        const V value = NAME(load)(y + r * p->row + c * HN_BLOCK + v);
        const I hit = (value == extreme) & open;
        open &= ~hit;
        NAME(store)
        (out + r * out_row + c * HN_BLOCK + v,
         slope * value + offset + NAME(choose)(hit, through, zero));
      }
    }
  }
  for (size_t r = 0; r < p->height; r++) { /* pixels that no pool has */
    for (size_t c = r < height * pool_height ? width * pool_width : 0; c < p->width; c++)
      NAME(store)
    (out + r * out_row + c * HN_BLOCK + v,
     slope * NAME(load)(y + r * p->row + c * HN_BLOCK + v) + offset);
  }
}

static void NAME(gradient)(const hn_patch *p, const float *y, const float *m, const float *a,
                           const float *scale_shift, const float *d, const float *back, float *out,
                           size_t out_row) {
  for (size_t v = 0; v < HN_BLOCK; v += LANES) {
    if (p->pool_height == 2 && p->pool_width == 2)
      NAME(gradient_sizes)(p, 2, 2, v, y, m, a, scale_shift, d, back, out, out_row);
    else
      NAME(gradient_sizes)
    (p, p->pool_height, p->pool_width, v, y, m, a, scale_shift, d, back, out, out_row);
  }
}

static void NAME(correlate)(size_t n, const float *a, const float *b, double *sums) {
  const size_t whole = n / LANES * LANES;
  V products[9] = {{0}};
  for (size_t c = 0; c < whole; c += LANES) {
    UNROLL for (size_t i = 0; i < 9; i++) products[i] +=
        NAME(load)(a + c + i / 3) * NAME(load)(b + c + i % 3);
  }
  for (size_t i = 0; i < 9; i++) {
    float lanes[LANES];
    NAME(store)(lanes, products[i]);
    for (size_t l = 0; l < LANES; l++) sums[i] += lanes[l];
    for (size_t c = whole; c < n; c++) sums[i] += (double)a[c + i / 3] * b[c + i % 3];
  }
}

/* `pools` pools, one vector of channels. */
INLINE void NAME(pool_taps_of)(size_t pools, const float *x, size_t row, const float *u, float *y,
                               int8_t *chosen) {
  V taps[9], sums[2][2 * POOLS];
  UNROLL for (size_t t = 0; t < 9; t++) taps[t] = NAME(load)(u + t * HN_BLOCK);
  UNROLL for (size_t q = 0; q < 4 * pools; q++) sums[q % 2][q / 2] = (V){0};
  UNROLL for (size_t i = 0; i < 4; i++) { /* a pixel of x serves all outputs that it reaches */
    UNROLL for (size_t j = 0; j < 2 * pools + 2; j++) {
      const float value = x[i * row + j];
      UNROLL for (size_t t = 0; t < 9; t++) {
        if (i < t / 3 || i - t / 3 > 1 || j < t % 3 || j - t % 3 >= 2 * pools) continue;
        sums[i - t / 3][j - t % 3] += value * taps[t];
      }
    }
  }
  const V shift = NAME(load)(u + 9 * HN_BLOCK), zero = {0};
  UNROLL for (size_t p = 0; p < pools; p++) {
    V best = sums[0][2 * p];
    I code = {0};
    UNROLL for (size_t q = 1; q < 4; q++) {
      const V value = sums[q / 2][2 * p + q % 2];
      const I is_better = value > best;
      best = NAME(choose)(is_better, value, best);
      code = (is_better & ((I){0} + (int32_t)q)) | (~is_better & code);
    }
    best += shift;
    NAME(store)(y + p * HN_BLOCK, NAME(choose)(best <= zero, zero, best));
    if (chosen)
      *(NAME(loose_codes) *)(chosen + p * HN_BLOCK) =
          __builtin_convertvector(code | ~(best > zero), NAME(codes));
  }
}

static void NAME(pool_taps)(size_t n, const float *x, size_t row, const float *u, float *y,
                            int8_t *chosen) {
  for (size_t v = 0; v < HN_BLOCK; v += LANES) {
    size_t i = 0;
    for (; i + POOLS <= n; i += POOLS) NAME(pool_taps_of)
    (POOLS, x + 2 * i, row, u + v, y + i * HN_BLOCK + v, chosen ? chosen + i * HN_BLOCK + v : NULL);
    for (; i < n; i++) NAME(pool_taps_of)
    (1, x + 2 * i, row, u + v, y + i * HN_BLOCK + v, chosen ? chosen + i * HN_BLOCK + v : NULL);
  }
}

static void NAME(pool_taps_back)(size_t n, const float *x, size_t row, const int8_t *chosen,
                                 const float *d, double *sums) {
  for (size_t v = 0; v < HN_BLOCK; v += LANES) {
    for (size_t from = 0; from < n; from += SHORT) {
      const size_t to = n - from < SHORT ? n : from + SHORT;
      V products[10] = {{0}};
      for (size_t i = from; i < to; i++) {
        const size_t at = i * HN_BLOCK + v;
        const I code = __builtin_convertvector(*(const NAME(loose_codes) *)(chosen + at), I);
        const V all = NAME(load)(d + at), zero = {0};
        UNROLL for (size_t q = 0; q < 4; q++) {
          const V value = NAME(choose)(code == (I){0} + (int32_t)q, all, zero);
          const float *pixel = x + q / 2 * row + 2 * i + q % 2;
          UNROLL for (size_t t = 0; t < 9; t++) products[t] += pixel[t / 3 * row + t % 3] * value;
          products[9] += value;
        }
      }
      UNROLL for (size_t t = 0; t < 10; t++)
          NAME(add_doubles)(sums + t * HN_BLOCK + v, products[t]);
    }
  }
}

#undef V
#undef I
#undef D
#undef PER
#undef INLINE
#undef UNROLL
#undef EACH_V
