/* Convolution: the direct kernels for 3×3, matrix products for every other size. */
#include "learn/nn/layer.h"

#include <math.h>
#include <string.h>

#include "base/threads.h"
#include "learn/nn/im2col.h"

static hn_status plan(hn_layer *layer, hn_error *err) {
  const size_t size = layer->spec.kernel_size, n_in = layer->in.channels;
  const size_t n_out = layer->spec.channels;
  if (size % 2 == 0)
    return hn_fail(err, HN_INVALID, "convolution: kernel_size %zu, allowed are odd numbers", size);
  hn_status status = hn_shape_image(n_out, layer->in.height, layer->in.width, &layer->out, err);
  if (status != HN_OK) return status;
  const size_t shape[4] = {n_out, n_in, size, size};
  hn_layer_add_parameter(layer, "weight", HN_PARAMETER_WEIGHT, 4, shape);
  if (size == 3) {
    layer->prepared =
        (hn_conv3x3_packed_size(n_in, n_out) + hn_conv3x3_packed_size(n_out, n_in)) * sizeof(float);
  } else {
    layer->scratch = hn_im2col_scratch(&layer->in, size) * sizeof(float);
  }
  return HN_OK;
}

/* He et al. (2015): the variance of the activations stays the same through ReLU. */
static void init(const hn_layer *layer, hn_rng *rng, float *parameters) {
  size_t fan_in = layer->in.channels * layer->spec.kernel_size * layer->spec.kernel_size;
  double deviation = sqrt(2 / (double)fan_in);
  for (size_t i = 0; i < layer->size; i++) parameters[i] = (float)(deviation * hn_rng_normal(rng));
}

/* prepared: the packed weights of the forward pass, then those of the backward pass. */
static void prepare(const hn_layer *layer, const hn_pass *pass) {
  if (layer->spec.kernel_size != 3) return;
  const size_t n_in = layer->in.channels, n_out = layer->out.channels;
  float *packed = pass->prepared;
  hn_conv3x3_pack(pass->parameters, n_in, n_out, 0, packed);
  hn_conv3x3_pack(pass->parameters, n_in, n_out, 1, packed + hn_conv3x3_packed_size(n_in, n_out));
}

static float *scratch_here(const hn_pass *pass) {
  return (float *)(void *)(pass->scratch + (size_t)hn_thread_id() * pass->scratch_bytes);
}

static void forward(const hn_layer *layer, const hn_pass *pass, const float *x, float *y) {
  const size_t size_x = hn_shape_size(&layer->in), size_y = hn_shape_size(&layer->out);
#pragma omp parallel for num_threads(pass->n_threads) schedule(dynamic)
  for (size_t i = 0; i < pass->n; i++) {
    if (layer->spec.kernel_size == 3)
      pass->kernels->conv3x3(&layer->in, &layer->out, x + i * size_x, pass->prepared,
                             y + i * size_y);
    else
      hn_im2col_forward(&layer->in, &layer->out, layer->spec.kernel_size, pass->parameters,
                        x + i * size_x, y + i * size_y, scratch_here(pass));
  }
}

/* The gradient of the weights first, then that of the input over the input itself. */
static void backward_sample(const hn_layer *layer, const hn_pass *pass, float *x, const float *dy,
                            float *dw, int wants_dx) {
  const size_t size = layer->spec.kernel_size;
  if (size == 3) {
    const float *packed = (const float *)pass->prepared +
                          hn_conv3x3_packed_size(layer->in.channels, layer->out.channels);
    pass->kernels->conv3x3_weights(&layer->in, &layer->out, x, dy, dw);
    if (wants_dx) pass->kernels->conv3x3(&layer->out, &layer->in, dy, packed, x);
  } else {
    float *scratch = scratch_here(pass);
    hn_im2col_weights(&layer->in, &layer->out, size, x, dy, dw, scratch);
    if (wants_dx) hn_im2col_input(&layer->in, &layer->out, size, pass->parameters, dy, x, scratch);
  }
}

static void backward(const hn_layer *layer, const hn_pass *pass, float *x, const float *dy,
                     int wants_dx) {
  const size_t size_x = hn_shape_size(&layer->in), size_y = hn_shape_size(&layer->out);
#pragma omp parallel for num_threads(pass->n_threads) schedule(dynamic)
  for (size_t lane = 0; lane < HN_LANES; lane++) {
    float *dw = pass->lanes + lane * layer->size;
    memset(dw, 0, layer->size * sizeof *dw);
    for (size_t i = hn_lane_first(pass->n, lane); i < hn_lane_first(pass->n, lane + 1); i++)
      backward_sample(layer, pass, x + i * size_x, dy + i * size_y, dw, wants_dx);
  }
  hn_lanes_sum(pass, layer->size);
}

const hn_layer_kind hn_conv_layer = {"conv", plan, init, prepare, forward, backward};
