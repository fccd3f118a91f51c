/* How activations lie in memory. A picture's channels are cut into blocks of HN_BLOCK, and the
 * channels of a block lie side by side at each pixel: (blocks, H, W, 16). A vector instruction then
 * works on the channels of one pixel, whatever the width of the picture. Channels that fill up the
 * last block are computed like the others, from weights that are zero.
 * What comes from outside and goes out (pictures of a few channels, vectors) lies in plain planes
 * (C, H, W): block 1. */
#ifndef HN_LEARN_NN_SHAPE_H
#define HN_LEARN_NN_SHAPE_H

#include <stddef.h>

#include "base/error.h"

#define HN_BLOCK 16

typedef struct {
  size_t channels, height, width;
  size_t block; /* HN_BLOCK or 1 */
} hn_shape;

/* A (C, H, W) sample in blocks, and in planes. Errors: HN_INVALID if an axis is 0 or the sample
 * would exceed 2^31 floats. */
hn_status hn_shape_blocks(size_t channels, size_t height, size_t width, hn_shape *shape_out,
                          hn_error *err);
hn_status hn_shape_planes(size_t channels, size_t height, size_t width, hn_shape *shape_out,
                          hn_error *err);
/* A vector of n values. */
hn_shape hn_shape_vector(size_t n);

static inline size_t hn_shape_n_blocks(const hn_shape *shape) {
  return (shape->channels + shape->block - 1) / shape->block;
}
static inline size_t hn_shape_pixels(const hn_shape *shape) {
  return shape->height * shape->width;
}
/* Floats from one block to the next, from one row to the next, and in a sample. */
static inline size_t hn_shape_plane(const hn_shape *shape) {
  return hn_shape_pixels(shape) * shape->block;
}
static inline size_t hn_shape_row(const hn_shape *shape) {
  return shape->width * shape->block;
}
static inline size_t hn_shape_size(const hn_shape *shape) {
  return hn_shape_n_blocks(shape) * hn_shape_plane(shape);
}
/* Where channel c of pixel (0, 0) lies; from pixel to pixel it is shape->block floats. */
static inline size_t hn_shape_channel(const hn_shape *shape, size_t c) {
  return c / shape->block * hn_shape_plane(shape) + c % shape->block;
}

#endif
