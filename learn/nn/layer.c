#include "learn/nn/layer.h"

void hn_layer_add_parameter(hn_layer *layer, const char *name, hn_parameter_role role, int n_dims,
                            const size_t *shape) {
  hn_parameter *p = &layer->parameters[layer->n_parameters++];
  *p = (hn_parameter){
      .name = name, .role = role, .n_dims = n_dims, .offset = layer->size, .size = 1};
  for (int i = 0; i < n_dims; i++) {
    p->shape[i] = shape[i];
    p->size *= shape[i];
  }
  layer->size += p->size;
}

void hn_fill_uniform(hn_rng *rng, float *values, size_t n, double limit) {
  for (size_t i = 0; i < n; i++) values[i] = (float)(limit * (2 * hn_rng_uniform(rng) - 1));
}

void hn_lanes_sum(const hn_pass *pass, size_t size) {
#pragma omp parallel for num_threads(pass->n_threads)
  for (size_t i = 0; i < size; i++) {
    float sum = 0;
    for (size_t lane = 0; lane < HN_LANES; lane++) {
      if (hn_lane_first(pass->n, lane) < hn_lane_first(pass->n, lane + 1))
        sum += pass->lanes[lane * size + i];
    }
    pass->gradient[i] = sum;
  }
}
