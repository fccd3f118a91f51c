/* Global average pooling: each channel becomes the mean of its pixels. */
#include "learn/nn/layer.h"

static hn_status plan(hn_layer *layer, hn_error *err) {
  (void)err;
  layer->out = hn_shape_vector(layer->in.channels);
  return HN_OK;
}

static void forward(const hn_layer *layer, const hn_pass *pass, const float *x, float *y) {
  const hn_shape *in = &layer->in;
  const double pixels = (double)(in->height * in->width);
#pragma omp parallel for num_threads(pass->n_threads)
  for (size_t i = 0; i < pass->n; i++) {
    const float *sample = x + i * hn_shape_size(in) + in->origin;
    for (size_t c = 0; c < in->channels; c++) {
      double sums[2];
      pass->kernels->moments(sample + c * in->plane, hn_shape_span(in), sums);
      y[i * in->channels + c] = (float)(sums[0] / pixels);
    }
  }
}

static void backward(const hn_layer *layer, const hn_pass *pass, float *x, const float *dy,
                     int wants_dx) {
  const hn_shape *in = &layer->in;
  if (!wants_dx) return;
#pragma omp parallel for num_threads(pass->n_threads)
  for (size_t i = 0; i < pass->n; i++) {
    for (size_t c = 0; c < in->channels; c++) {
      float *plane = x + i * hn_shape_size(in) + c * in->plane + in->origin;
      float d = dy[i * in->channels + c] / (float)(in->height * in->width);
      for (size_t p = 0; p < in->height; p++) {
        for (size_t q = 0; q < in->width; q++) plane[p * in->row + q] = d;
      }
    }
  }
}

const hn_layer_kind hn_global_average_layer = {"average", plan, NULL, NULL, forward, backward};
