/* How activations lie in memory. A sample is C planes of (H, W) floats, each plane surrounded by
 * zeros, so that a 3×3 window needs no test at the border: a row is followed by one zero (which is
 * also the one before the next row), the plane by a row of zeros and room for a vector too many.
 * Moving a whole plane by (dy, dx) is then one shift of dy * row + dx floats.
 * Whoever writes a plane leaves its border zero. */
#ifndef HN_LEARN_NN_SHAPE_H
#define HN_LEARN_NN_SHAPE_H

#include <stddef.h>

#include "base/error.h"

/* Floats that kernels may touch behind the last row: three of the widest vectors. */
#define HN_SHAPE_SLACK 48

typedef struct {
  size_t channels, height, width;
  size_t row;    /* floats from one row to the next: width + 1 */
  size_t origin; /* floats from the start of a plane to its pixel (0, 0), a multiple of 16 */
  size_t plane;  /* floats from one channel to the next */
} hn_shape;

/* A (C, H, W) sample with borders. Errors: HN_INVALID if an axis is 0 or the sample would exceed
 * 2^31 floats. */
hn_status hn_shape_image(size_t channels, size_t height, size_t width, hn_shape *shape_out,
                         hn_error *err);
/* A vector of n values, without borders. */
hn_shape hn_shape_vector(size_t n);
/* Floats in a sample. */
static inline size_t hn_shape_size(const hn_shape *shape) {
  return shape->channels * shape->plane;
}
/* Positions from pixel (0, 0) to the end of the last row, borders between rows included. */
static inline size_t hn_shape_span(const hn_shape *shape) {
  return shape->height * shape->row;
}

#endif
