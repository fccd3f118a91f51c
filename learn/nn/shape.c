#include "learn/nn/shape.h"

enum { LARGEST = 1 << 20 };

static hn_status shape_init(size_t channels, size_t height, size_t width, size_t block,
                            hn_shape *shape_out, hn_error *err) {
  if (!channels || !height || !width || channels > LARGEST || height > LARGEST || width > LARGEST)
    return hn_fail(err, HN_INVALID,
                   "network: a picture of %zu × %zu × %zu (channels, height, "
                   "width), allowed are 1 … %d each",
                   channels, height, width, LARGEST);
  const hn_shape shape = {.channels = channels, .height = height, .width = width, .block = block};
  if (hn_shape_plane(&shape) > ((size_t)1 << 31) / hn_shape_n_blocks(&shape))
    return hn_fail(err, HN_INVALID,
                   "network: a picture of %zu × %zu × %zu (channels, height, "
                   "width) is too large: choose a smaller window",
                   channels, height, width);
  *shape_out = shape;
  return HN_OK;
}

hn_status hn_shape_blocks(size_t channels, size_t height, size_t width, hn_shape *shape_out,
                          hn_error *err) {
  return shape_init(channels, height, width, HN_BLOCK, shape_out, err);
}

hn_status hn_shape_planes(size_t channels, size_t height, size_t width, hn_shape *shape_out,
                          hn_error *err) {
  return shape_init(channels, height, width, 1, shape_out, err);
}

hn_shape hn_shape_vector(size_t n) {
  return (hn_shape){.channels = n, .height = 1, .width = 1, .block = 1};
}
