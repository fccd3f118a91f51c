#include "learn/nn/im2col.h"

#include <cblas.h>
#include <string.h>

enum { TILE_BYTES = 256 << 10 };

size_t hn_im2col_tile(const hn_shape *in, size_t size) {
  size_t row_bytes = in->channels * size * size * in->row * sizeof(float);
  size_t rows = TILE_BYTES / row_bytes;
  return rows < 1 ? 1 : rows < in->height ? rows : in->height;
}

size_t hn_im2col_scratch(const hn_shape *in, size_t size) {
  return in->channels * size * size * hn_im2col_tile(in, size) * in->row;
}

/* The pixels of row i that the tap (dy, dx) sees lie in row i + dy at columns j + dx; those inside
 * the picture are j = *first_out … *last_out - 1. Returns 0 if the row is outside. */
static int visible(const hn_shape *in, ptrdiff_t i, ptrdiff_t dy, ptrdiff_t dx, size_t *first_out,
                   size_t *last_out) {
  ptrdiff_t width = (ptrdiff_t)in->width, first = dx < 0 ? -dx : 0;
  ptrdiff_t last = dx > 0 ? width - dx : width;
  if (i + dy < 0 || i + dy >= (ptrdiff_t)in->height || first >= last) return 0;
  *first_out = (size_t)first;
  *last_out = (size_t)last;
  return 1;
}

/* columns (C * T, n_rows * row): rows first … first + n_rows - 1 of x, unfolded. */
static void unfold(const hn_shape *in, size_t size, size_t first, size_t n_rows, const float *x,
                   float *columns) {
  const ptrdiff_t pad = (ptrdiff_t)(size / 2), row = (ptrdiff_t)in->row;
  for (size_t c = 0; c < in->channels; c++) {
    const float *plane = x + c * in->plane + in->origin;
    for (size_t tap = 0; tap < size * size; tap++) {
      ptrdiff_t dy = (ptrdiff_t)(tap / size) - pad, dx = (ptrdiff_t)(tap % size) - pad;
      for (size_t i = first; i < first + n_rows; i++, columns += in->row) {
        size_t from, to;
        memset(columns, 0, in->row * sizeof *columns);
        if (!visible(in, (ptrdiff_t)i, dy, dx, &from, &to)) continue;
        const float *source = plane + ((ptrdiff_t)i + dy) * row + dx;
        memcpy(columns + from, source + from, (to - from) * sizeof *columns);
      }
    }
  }
}

/* The reverse: every element of the columns is added to the pixel that it came from. */
static void fold(const hn_shape *in, size_t size, size_t first, size_t n_rows, const float *columns,
                 float *dx_out) {
  const ptrdiff_t pad = (ptrdiff_t)(size / 2), row = (ptrdiff_t)in->row;
  for (size_t c = 0; c < in->channels; c++) {
    float *plane = dx_out + c * in->plane + in->origin;
    for (size_t tap = 0; tap < size * size; tap++) {
      ptrdiff_t dy = (ptrdiff_t)(tap / size) - pad, dx = (ptrdiff_t)(tap % size) - pad;
      for (size_t i = first; i < first + n_rows; i++, columns += in->row) {
        size_t from, to;
        if (!visible(in, (ptrdiff_t)i, dy, dx, &from, &to)) continue;
        float *target = plane + ((ptrdiff_t)i + dy) * row + dx;
        for (size_t j = from; j < to; j++) target[j] += columns[j];
      }
    }
  }
}

static size_t rows_of_tile(const hn_shape *in, size_t first, size_t tile) {
  return tile < in->height - first ? tile : in->height - first;
}

void hn_im2col_forward(const hn_shape *in, const hn_shape *out, size_t size, const float *weights,
                       const float *x, float *y, float *scratch) {
  const size_t depth = in->channels * size * size, tile = hn_im2col_tile(in, size);
  for (size_t first = 0; first < in->height; first += tile) {
    const size_t n_rows = rows_of_tile(in, first, tile), n = n_rows * in->row;
    unfold(in, size, first, n_rows, x, scratch);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)out->channels, (int)n, (int)depth,
                1, weights, (int)depth, scratch, (int)n, 0, y + out->origin + first * out->row,
                (int)out->plane);
  }
  for (size_t k = 0; k < out->channels; k++) {
    for (size_t i = 0; i < out->height; i++)
      y[k * out->plane + out->origin + i * out->row + out->width] = 0;
  }
}

void hn_im2col_weights(const hn_shape *in, const hn_shape *out, size_t size, const float *x,
                       const float *dy, float *dw, float *scratch) {
  const size_t depth = in->channels * size * size, tile = hn_im2col_tile(in, size);
  for (size_t first = 0; first < in->height; first += tile) {
    const size_t n_rows = rows_of_tile(in, first, tile), n = n_rows * in->row;
    unfold(in, size, first, n_rows, x, scratch);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)out->channels, (int)depth, (int)n, 1,
                dy + out->origin + first * out->row, (int)out->plane, scratch, (int)n, 1, dw,
                (int)depth);
  }
}

void hn_im2col_input(const hn_shape *in, const hn_shape *out, size_t size, const float *weights,
                     const float *dy, float *dx, float *scratch) {
  const size_t depth = in->channels * size * size, tile = hn_im2col_tile(in, size);
  for (size_t c = 0; c < in->channels; c++)
    memset(dx + c * in->plane + in->origin, 0, hn_shape_span(in) * sizeof *dx);
  for (size_t first = 0; first < in->height; first += tile) {
    const size_t n_rows = rows_of_tile(in, first, tile), n = n_rows * in->row;
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)depth, (int)n, (int)out->channels, 1,
                weights, (int)depth, dy + out->origin + first * out->row, (int)out->plane, 0,
                scratch, (int)n);
    fold(in, size, first, n_rows, scratch, dx);
  }
}
