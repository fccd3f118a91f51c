/* Winograd's transforms of tiles. Included by kernels_vector.h. */

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

static void NAME(tile_weights)(const float *from, float *to, size_t step, int streams) {
  const size_t row = 3 * HN_BLOCK;
#define STREAM_POINT(i, j, value) NAME(stream)(AT_POINT(to, i, j), value)
  EACH_V {
    if (streams) {
      TILE(line_weights, 3, 6, LOAD_PIXEL, STREAM_POINT)
    } else {
      TILE(line_weights, 3, 6, LOAD_PIXEL, STORE_POINT)
    }
  }
#undef STREAM_POINT
}

static void NAME(tile_weights_back)(const float *from, size_t step, float *to) {
  const size_t row = 3 * HN_BLOCK;
  EACH_V TILE(line_weights_back, 6, 3, LOAD_POINT, STORE_PIXEL)
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
        NAME(stream)(to, y[q / 4][q % 4]);
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
