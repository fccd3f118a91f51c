#include "learn/nn/layer.h"

#include "base/threads.h"

void hn_layer_add_parameter(hn_layer *layer, const char *stem, const char *name,
                            hn_parameter_role role, int n_dims, const size_t *shape) {
  hn_parameter *p = &layer->parameters[layer->n_parameters++];
  *p = (hn_parameter){
      .stem = stem, .name = name, .role = role, .n_dims = n_dims, .offset = layer->size, .size = 1};
  for (int i = 0; i < n_dims; i++) {
    p->shape[i] = shape[i];
    p->size *= shape[i];
  }
  layer->size += p->size;
}

void hn_fill_uniform(hn_rng *rng, float *values, size_t n, double limit) {
  for (size_t i = 0; i < n; i++) values[i] = (float)(limit * (2 * hn_rng_uniform(rng) - 1));
}

void *hn_pass_scratch(const hn_pass *pass) {
  return pass->scratch + (size_t)hn_thread_id() * pass->scratch_bytes;
}

size_t hn_lanes_for(size_t lane_size) {
  const size_t most = 8, fit = ((size_t)1 << 23) / (lane_size + 1);
  return fit > most ? most : fit > 1 ? fit : 2;
}

void hn_lanes_sum(const hn_layer *layer, const hn_pass *pass) {
  const size_t size = layer->lane_size;
#pragma omp parallel for num_threads(pass->n_threads) schedule(static)
  for (size_t i = 0; i < size; i++) {
    float sum = 0;
    for (size_t lane = 0; lane < layer->n_lanes; lane++) sum += pass->lanes[lane * size + i];
    pass->lanes[i] = sum;
  }
}
