#include "learn/nn/shape.h"

enum { LINE = 16 /* floats in a cache line */, LARGEST = 1 << 20 };

static size_t round_up(size_t n) {
  return (n + LINE - 1) / LINE * LINE;
}

hn_status hn_shape_image(size_t channels, size_t height, size_t width, hn_shape *shape_out,
                         hn_error *err) {
  if (!channels || !height || !width || channels > LARGEST || height > LARGEST || width > LARGEST)
    return hn_fail(err, HN_INVALID,
                   "network: a picture of %zu × %zu × %zu (channels, height, "
                   "width), allowed are 1 … %d each",
                   channels, height, width, LARGEST);
  hn_shape shape = {.channels = channels, .height = height, .width = width, .row = width + 1};
  shape.origin = round_up(shape.row + 1);
  size_t plane = round_up(shape.origin + (height + 1) * shape.row + 1 + HN_SHAPE_SLACK);
  /* An odd number of lines: no two channels then fall on the same few sets of the cache. */
  shape.plane = plane / LINE % 2 ? plane : plane + LINE;
  if (shape.plane > ((size_t)1 << 31) / channels)
    return hn_fail(err, HN_INVALID,
                   "network: a picture of %zu × %zu × %zu (channels, height, "
                   "width) is too large: choose a smaller window",
                   channels, height, width);
  *shape_out = shape;
  return HN_OK;
}

hn_shape hn_shape_vector(size_t n) {
  return (hn_shape){.channels = n, .height = 1, .width = 1, .row = 1, .plane = 1};
}
