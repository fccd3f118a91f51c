/* Global average pooling: each channel becomes the mean of its pixels. */
#include <string.h>

#include "learn/nn/layer.h"

static hn_status plan(hn_layer *layer, hn_error *err) {
  (void)err;
  layer->out = hn_shape_vector(layer->in.channels);
  layer->scratch = 2 * HN_BLOCK * sizeof(double);
  return HN_OK;
}

static void average_sample(const hn_layer *layer, const hn_pass *pass, const float *x, float *y) {
  const hn_shape *in = &layer->in;
  const hn_patch plane = {.height = 1, .width = hn_shape_pixels(in)};
  double *sums = hn_pass_scratch(pass);
  for (size_t c = 0; c < in->channels; c++) {
    if (in->block == 1) {
      double sum = 0;
      for (size_t p = 0; p < plane.width; p++) sum += x[c * plane.width + p];
      y[c] = (float)(sum / (double)plane.width);
      continue;
    }
    if (c % HN_BLOCK == 0) {
      memset(sums, 0, 2 * HN_BLOCK * sizeof *sums);
      pass->kernels->moments(&plane, x + hn_shape_channel(in, c), sums);
    }
    y[c] = (float)(sums[c % HN_BLOCK] / (double)plane.width);
  }
}

static void forward(const hn_layer *layer, const hn_pass *pass) {
#pragma omp parallel for num_threads(pass->n_threads)
  for (size_t i = 0; i < pass->n; i++)
    average_sample(layer, pass, pass->x + i * hn_shape_size(&layer->in),
                   pass->y + i * layer->in.channels);
}

static void backward(const hn_layer *layer, const hn_pass *pass) {
  const hn_shape *in = &layer->in;
  const size_t pixels = hn_shape_pixels(in);
  if (!pass->dx) return;
#pragma omp parallel for num_threads(pass->n_threads)
  for (size_t i = 0; i < pass->n; i++) {
    float *dx = pass->dx + i * hn_shape_size(in);
    if (!pass->adds_dx) memset(dx, 0, hn_shape_size(in) * sizeof *dx);
    for (size_t c = 0; c < in->channels; c++) {
      const float d = pass->dy[i * in->channels + c] / (float)pixels;
      float *plane = dx + hn_shape_channel(in, c);
      for (size_t p = 0; p < pixels; p++) plane[p * in->block] += d;
    }
  }
}

const hn_layer_kind hn_global_average_layer = {"average", plan, NULL, NULL, forward, backward};
