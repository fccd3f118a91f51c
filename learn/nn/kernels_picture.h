/* What surrounds a convolution: sums, pooling, activation, and their gradients. Included by
 * kernels_vector.h. */

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
      NAME(stream)(to + i, value);
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

static void NAME(window_back)(size_t height, size_t width, size_t row, const float *x,
                              const float *y, const float *d, float *dx) {
  const V zero = {0};
  EACH_V {
    const V largest = NAME(load)(y + v);
    V left = NAME(load)(d + v);
    for (size_t i = 0; i < height; i++) {
      for (size_t j = 0; j < width; j++) {
        const size_t at = i * row + j * HN_BLOCK + v;
        const I is_it = NAME(load)(x + at) == largest;
        NAME(store)(dx + at, NAME(load)(dx + at) + NAME(choose)(is_it, left, zero));
        left = NAME(choose)(is_it, zero, left);
      }
    }
  }
}
