/* A first layer of one plane, see conv_first.c. Included by kernels_vector.h. */

static void NAME(correlate)(size_t n, const float *a, const float *b, double *sums) {
  const size_t whole = n / LANES * LANES, piece = SHORT * LANES;
  for (size_t from = 0; from < whole; from += piece) {
    const size_t to = whole - from < piece ? whole : from + piece;
    V products[9] = {{0}};
    for (size_t c = from; c < to; c += LANES) {
      UNROLL for (size_t i = 0; i < 9; i++) products[i] +=
          NAME(load)(a + c + i / 3) * NAME(load)(b + c + i % 3);
    }
    for (size_t i = 0; i < 9; i++) {
      float lanes[LANES];
      NAME(store)(lanes, products[i]);
      for (size_t l = 0; l < LANES; l++) sums[i] += lanes[l];
    }
  }
  for (size_t i = 0; i < 9; i++) {
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
      const I is_better = (value > best) | (value != value);
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
