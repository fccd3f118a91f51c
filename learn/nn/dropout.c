/* Dropout (Srivastava et al., 2014), inverted: what is kept is scaled up in training, nothing
 * happens afterwards. Of a vector; each sample draws from its own stream. */
#include "learn/nn/layer.h"

static hn_status plan(hn_layer *layer, hn_error *err) {
  if (!(layer->spec.rate >= 0 && layer->spec.rate < 1))
    return hn_fail(err, HN_INVALID, "dropout: rate %g, allowed are 0 up to below 1",
                   layer->spec.rate);
  layer->out = layer->in;
  layer->saved_sample = hn_shape_size(&layer->in) * sizeof(float);
  return HN_OK;
}

/* saved_samples (n, D): what each value is multiplied with. */
static void forward(const hn_layer *layer, const hn_pass *pass) {
  const size_t size = hn_shape_size(&layer->in);
  const double rate = layer->spec.rate;
  for (size_t i = 0; i < pass->n; i++) {
    float *factors = (float *)pass->saved_samples + i * size;
    hn_rng rng;
    if (pass->training) hn_rng_init(&rng, pass->seed, "dropout", pass->streams[i]);
    for (size_t j = i * size; j < (i + 1) * size; j++) {
      pass->y[j] = pass->x[j];
      if (!pass->training) continue;
      const float factor = hn_rng_uniform(&rng) < rate ? 0 : (float)(1 / (1 - rate));
      factors[j - i * size] = factor;
      pass->y[j] *= factor;
    }
  }
}

static void backward(const hn_layer *layer, const hn_pass *pass) {
  const float *factors = pass->saved_samples;
  if (!pass->dx) return;
  for (size_t j = 0; j < pass->n * hn_shape_size(&layer->in); j++)
    pass->dx[j] = pass->dy[j] * factors[j] + (pass->adds_dx ? pass->dx[j] : 0);
}

const hn_layer_kind hn_dropout_layer = {"dropout", plan, NULL, NULL, forward, backward};
