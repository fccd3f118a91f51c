/* Dropout (Srivastava et al., 2014), inverted: what is kept is scaled up in training, nothing
 * happens afterwards. Of a vector; each sample draws from its own stream. */
#include "learn/nn/layer.h"

#include <string.h>

static hn_status plan(hn_layer *layer, hn_error *err) {
  if (!(layer->spec.rate >= 0 && layer->spec.rate < 1))
    return hn_fail(err, HN_INVALID, "dropout: rate %g, allowed are 0 up to below 1",
                   layer->spec.rate);
  layer->out = layer->in;
  layer->saved_sample = hn_shape_size(&layer->in) * sizeof(float);
  return HN_OK;
}

/* saved_samples (n, D): what each value is multiplied with. */
static void forward(const hn_layer *layer, const hn_pass *pass, const float *x, float *y) {
  const size_t size = hn_shape_size(&layer->in);
  const double rate = layer->spec.rate;
  if (!pass->training || rate == 0) {
    memcpy(y, x, pass->n * size * sizeof *y);
    return;
  }
  for (size_t i = 0; i < pass->n; i++) {
    float *factors = (float *)pass->saved_samples + i * size;
    hn_rng rng;
    hn_rng_init(&rng, pass->seed, "dropout", pass->streams[i]);
    for (size_t j = 0; j < size; j++) {
      factors[j] = hn_rng_uniform(&rng) < rate ? 0 : (float)(1 / (1 - rate));
      y[i * size + j] = x[i * size + j] * factors[j];
    }
  }
}

static void backward(const hn_layer *layer, const hn_pass *pass, float *x, const float *dy,
                     int wants_dx) {
  const size_t n = pass->n * hn_shape_size(&layer->in);
  const float *factors = pass->saved_samples;
  if (!wants_dx) return;
  for (size_t j = 0; j < n; j++) x[j] = layer->spec.rate == 0 ? dy[j] : dy[j] * factors[j];
}

const hn_layer_kind hn_dropout_layer = {"dropout", plan, NULL, NULL, forward, backward};
