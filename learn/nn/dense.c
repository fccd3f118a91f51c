/* Dense layer: y = W x + b with W (K, D), then ReLU if wanted. */
#include <math.h>
#include <string.h>

#include "learn/nn/layer.h"

static hn_status plan(hn_layer *layer, hn_error *err) {
  const size_t n_in = layer->in.channels, n_out = layer->spec.channels;
  if (layer->in.height != 1 || layer->in.width != 1 || layer->in.block != 1 || n_out == 0)
    return hn_fail(err, HN_INVALID,
                   "dense layer: %zu outputs of (%zu, %zu, %zu) inputs, allowed "
                   "are 1 or more of a vector",
                   n_out, n_in, layer->in.height, layer->in.width);
  const size_t shape[2] = {n_out, n_in};
  layer->out = hn_shape_vector(n_out);
  hn_layer_add_parameter(layer, "dense", "weight", HN_PARAMETER_WEIGHT, 2, shape);
  hn_layer_add_parameter(layer, "dense", "bias", HN_PARAMETER_PLAIN, 1, &n_out);
  return HN_OK;
}

static void init(const hn_layer *layer, hn_rng *rng, float *parameters) {
  const size_t n = layer->parameters[0].size;
  hn_fill_uniform(rng, parameters, n, 1 / sqrt((double)layer->in.channels));
  memset(parameters + n, 0, layer->parameters[1].size * sizeof *parameters);
}

static void forward(const hn_layer *layer, const hn_pass *pass) {
  const size_t n_in = layer->in.channels, n_out = layer->out.channels;
  const float *bias = pass->parameters + n_out * n_in;
#pragma omp parallel for num_threads(pass->n_threads)
  for (size_t i = 0; i < pass->n * n_out; i++) {
    const float *x = pass->x + i / n_out * n_in, *weights = pass->parameters + i % n_out * n_in;
    double sum = bias[i % n_out];
    for (size_t j = 0; j < n_in; j++) sum += (double)weights[j] * x[j];
    pass->y[i] = layer->spec.relu && sum <= 0 ? 0 : (float)sum;
  }
}

/* The gradient of output k of sample i before ReLU. */
static float gradient_at(const hn_layer *layer, const hn_pass *pass, size_t i, size_t k) {
  const size_t at = i * layer->out.channels + k;
  return layer->spec.relu && !(pass->y[at] > 0) ? 0 : pass->dy[at];
}

static void backward(const hn_layer *layer, const hn_pass *pass) {
  const size_t n_in = layer->in.channels, n_out = layer->out.channels;
  memset(pass->gradient, 0, layer->size * sizeof *pass->gradient);
#pragma omp parallel for num_threads(pass->n_threads)
  for (size_t k = 0; k < n_out; k++) {
    for (size_t i = 0; i < pass->n; i++) {
      const float d = gradient_at(layer, pass, i, k);
      for (size_t j = 0; j < n_in; j++) pass->gradient[k * n_in + j] += d * pass->x[i * n_in + j];
      pass->gradient[n_out * n_in + k] += d;
    }
  }
  if (!pass->dx) return;
#pragma omp parallel for num_threads(pass->n_threads)
  for (size_t i = 0; i < pass->n; i++) {
    float *dx = pass->dx + i * n_in;
    if (!pass->adds_dx) memset(dx, 0, n_in * sizeof *dx);
    for (size_t k = 0; k < n_out; k++) {
      const float d = gradient_at(layer, pass, i, k);
      for (size_t j = 0; j < n_in; j++) dx[j] += d * pass->parameters[k * n_in + j];
    }
  }
}

const hn_layer_kind hn_dense_layer = {"dense", plan, init, NULL, forward, backward};
