/* Products of matrices. Included by kernels_vector.h. */

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
