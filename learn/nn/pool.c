/* Maximum and average pooling of any size, stride and padding, as torch.nn.MaxPool2d and
 * AvgPool2d(count_include_pad=False): windows that reach over the edge take what is there. The
 * maximum's gradient goes to the first of equal ones, and NaN is larger than all. (2×2 maximum
 * pooling right behind a convolution belongs to that layer.) */
#include <math.h>
#include <string.h>

#include "learn/nn/layer.h"

static hn_status plan(hn_layer *layer, hn_error *err) {
  const hn_layer_spec *s = &layer->spec;
  const size_t size[2] = {layer->in.height, layer->in.width};
  size_t out[2];
  for (int axis = 0; axis < 2; axis++) {
    if (s->kernel[axis] == 0 || s->kernel[axis] > size[axis] + 2 * s->pad[axis] ||
        2 * s->pad[axis] > s->kernel[axis])
      return hn_fail(
          err, HN_INVALID,
          "pooling: windows of %zu pixels with a padding of %zu on a picture of %zu, "
          "allowed are windows no larger than the padded picture, and a padding of half a "
          "window at most",
          s->kernel[axis], s->pad[axis], size[axis]);
    out[axis] = (size[axis] + 2 * s->pad[axis] - s->kernel[axis]) / s->stride[axis] + 1;
  }
  layer->out = layer->in;
  layer->out.height = out[0], layer->out.width = out[1];
  return HN_OK;
}

/* The pixels of the window of output pixel (i, j): rows first[0] … end[0] - 1, columns likewise. */
typedef struct {
  size_t first[2], end[2];
} region;

static region region_of(const hn_layer *layer, size_t i, size_t j) {
  const hn_layer_spec *s = &layer->spec;
  const size_t at[2] = {i * s->stride[0], j * s->stride[1]};
  const size_t size[2] = {layer->in.height, layer->in.width};
  region r;
  for (int axis = 0; axis < 2; axis++) {
    const size_t end = at[axis] + s->kernel[axis]; /* with the padding before the picture */
    r.first[axis] = at[axis] > s->pad[axis] ? at[axis] - s->pad[axis] : 0;
    r.end[axis] = end - s->pad[axis] < size[axis] ? end - s->pad[axis] : size[axis];
  }
  return r;
}

/* One output pixel, all channels of its block at once. */
static void max_pixel(const hn_layer *layer, const region *r, const float *x, float *y) {
  const size_t block = layer->in.block;
  memcpy(y, x + (r->first[0] * layer->in.width + r->first[1]) * block, block * sizeof *y);
  for (size_t i = r->first[0]; i < r->end[0]; i++) {
    for (size_t j = r->first[1]; j < r->end[1]; j++) {
      const float *pixel = x + (i * layer->in.width + j) * block;
      for (size_t k = 0; k < block; k++)
        y[k] = pixel[k] > y[k] || isnan(pixel[k]) ? pixel[k] : y[k];
    }
  }
}

/* The same of a plane as hn_kernels.window_back of a block. */
static void max_plane_back(const hn_layer *layer, const region *r, const float *x, float y,
                           float dy, float *dx) {
  for (size_t i = r->first[0]; i < r->end[0]; i++) {
    for (size_t j = r->first[1]; j < r->end[1]; j++) {
      const size_t at = i * layer->in.width + j;
      if (x[at] != y) continue;
      dx[at] += dy;
      return;
    }
  }
}

static void max_pixel_back(const hn_layer *layer, const hn_kernels *kernels, const region *r,
                           const float *x, const float *y, const float *dy, float *dx) {
  if (layer->in.block == 1) {
    max_plane_back(layer, r, x, *y, *dy, dx);
    return;
  }
  const size_t row = hn_shape_row(&layer->in), at = r->first[0] * row + r->first[1] * HN_BLOCK;
  kernels->window_back(r->end[0] - r->first[0], r->end[1] - r->first[1], row, x + at, y, dy,
                       dx + at);
}

static void average_pixel(const hn_layer *layer, const region *r, const float *x, float *y) {
  const size_t block = layer->in.block;
  const float share = 1 / (float)((r->end[0] - r->first[0]) * (r->end[1] - r->first[1]));
  memset(y, 0, block * sizeof *y);
  for (size_t i = r->first[0]; i < r->end[0]; i++) {
    for (size_t j = r->first[1]; j < r->end[1]; j++) {
      const float *pixel = x + (i * layer->in.width + j) * block;
      for (size_t k = 0; k < block; k++) y[k] += share * pixel[k];
    }
  }
}

static void average_pixel_back(const hn_layer *layer, const hn_kernels *kernels, const region *r,
                               const float *x, const float *y, const float *dy, float *dx) {
  (void)kernels, (void)x, (void)y;
  const size_t block = layer->in.block;
  const float share = 1 / (float)((r->end[0] - r->first[0]) * (r->end[1] - r->first[1]));
  for (size_t i = r->first[0]; i < r->end[0]; i++) {
    for (size_t j = r->first[1]; j < r->end[1]; j++) {
      float *pixel = dx + (i * layer->in.width + j) * block;
      for (size_t k = 0; k < block; k++) pixel[k] += share * dy[k];
    }
  }
}

static void forward(const hn_layer *layer, const hn_pass *pass) {
  const hn_shape *in = &layer->in, *out = &layer->out;
  const int is_max = layer->spec.kind == &hn_max_pool_layer;
  const size_t n_planes = pass->n * hn_shape_n_blocks(in);
#pragma omp parallel for num_threads(pass->n_threads)
  for (size_t b = 0; b < n_planes; b++) {
    for (size_t p = 0; p < hn_shape_pixels(out); p++) {
      const region r = region_of(layer, p / out->width, p % out->width);
      (is_max ? max_pixel : average_pixel)(layer, &r, pass->x + b * hn_shape_plane(in),
                                           pass->y + b * hn_shape_plane(out) + p * out->block);
    }
  }
}

static void backward(const hn_layer *layer, const hn_pass *pass) {
  const hn_shape *in = &layer->in, *out = &layer->out;
  const int is_max = layer->spec.kind == &hn_max_pool_layer;
  const size_t n_planes = pass->n * hn_shape_n_blocks(in);
  if (!pass->dx) return;
#pragma omp parallel for num_threads(pass->n_threads)
  for (size_t b = 0; b < n_planes; b++) {
    float *dx = pass->dx + b * hn_shape_plane(in);
    if (!pass->adds_dx) memset(dx, 0, hn_shape_plane(in) * sizeof *dx);
    for (size_t p = 0; p < hn_shape_pixels(out); p++) {
      const region r = region_of(layer, p / out->width, p % out->width);
      const size_t at = b * hn_shape_plane(out) + p * out->block;
      (is_max ? max_pixel_back : average_pixel_back)(layer, pass->kernels, &r,
                                                     pass->x + b * hn_shape_plane(in), pass->y + at,
                                                     pass->dy + at, dx);
    }
  }
}

const hn_layer_kind hn_max_pool_layer = {"max_pool", plan, NULL, NULL, forward, backward};
const hn_layer_kind hn_average_pool_layer = {"average_pool", plan, NULL, NULL, forward, backward};
