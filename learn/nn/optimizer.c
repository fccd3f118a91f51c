#include "learn/nn/optimizer.h"

#include <math.h>

#include "base/memory.h"

static const double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, average_momentum = 0.1;

enum { MANY = 1 << 14 /* elements that are worth another thread */ };

hn_status hn_optimizer_init(hn_optimizer *optimizer, const hn_network *network,
                            const hn_optimizer_options *options, hn_error *err) {
  hn_status status = HN_OK;
  hn_optimizer fresh = {.options = *options};
  HN_NEW(fresh.first, network->n_parameters, err);
  if (options->method == HN_OPTIMIZER_ADAMW) HN_NEW(fresh.second, network->n_parameters, err);
  *optimizer = fresh;
  fresh = (hn_optimizer){0};
done:
  hn_optimizer_free(&fresh);
  return status;
}

void hn_optimizer_free(hn_optimizer *optimizer) {
  hn_free(optimizer->first);
  hn_free(optimizer->second);
  *optimizer = (hn_optimizer){0};
}

/* What one step does to every element of a parameter. */
typedef struct {
  float scale;                      /* of the gradient, after clipping */
  float decay;                      /* of this parameter */
  float rate;                       /* AdamW: with the correction of the first moment's bias */
  float keep, inv_sqrt_correction2; /* AdamW: 1 - rate * decay; of the second moment's bias */
  float momentum;
  int nesterov;
} step_sizes;

static void step_adamw(float *p, const float *g, float *first, float *second, size_t n,
                       const step_sizes *sizes) {
  const float b1 = (float)beta1, b2 = (float)beta2, eps = (float)epsilon;
  const step_sizes s = *sizes;
#pragma omp parallel for simd if (n > MANY) schedule(static)
  for (size_t i = 0; i < n; i++) {
    const float slope = s.scale * g[i];
    first[i] = b1 * first[i] + (1 - b1) * slope;
    second[i] = b2 * second[i] + (1 - b2) * slope * slope;
    p[i] = s.keep * p[i] - s.rate * first[i] / (sqrtf(second[i]) * s.inv_sqrt_correction2 + eps);
  }
}

static void step_sgd(float *p, const float *g, float *velocity, size_t n, const step_sizes *sizes) {
  const step_sizes s = *sizes;
#pragma omp parallel for simd if (n > MANY) schedule(static)
  for (size_t i = 0; i < n; i++) {
    const float slope = s.scale * g[i] + s.decay * p[i];
    velocity[i] = s.momentum * velocity[i] + slope;
    p[i] -= s.rate * (s.nesterov ? slope + s.momentum * velocity[i] : velocity[i]);
  }
}

double hn_gradient_norm(const hn_network *network, const float *gradient) {
  double sum = 0;
  for (size_t i = 0; i < network->n_layers; i++) {
    const hn_layer *layer = &network->layers[i];
    for (size_t j = 0; j < layer->n_parameters; j++) {
      const hn_parameter *p = &layer->parameters[j];
      const float *g = gradient + layer->offset + p->offset;
      if (p->role == HN_PARAMETER_AVERAGE) continue;
      for (size_t k = 0; k < p->size; k++) sum += (double)g[k] * g[k];
    }
  }
  return sqrt(sum);
}

static float clipping(const hn_network *network, const float *gradient, double max_norm) {
  if (max_norm == 0) return 1;
  const double shorter = max_norm / (hn_gradient_norm(network, gradient) + 1e-6);
  return shorter < 1 ? (float)shorter : 1;
}

void hn_optimizer_step(hn_optimizer *optimizer, hn_network *network, const float *gradient,
                       double learning_rate) {
  const hn_optimizer_options *o = &optimizer->options;
  const int is_adamw = o->method == HN_OPTIMIZER_ADAMW;
  const double step = (double)++optimizer->step;
  step_sizes sizes = {
      .scale = clipping(network, gradient, o->max_norm),
      .rate = (float)(is_adamw ? learning_rate / (1 - pow(beta1, step)) : learning_rate),
      .inv_sqrt_correction2 = (float)(1 / sqrt(1 - pow(beta2, step))),
      .momentum = (float)o->momentum,
      .nesterov = o->nesterov};
  for (size_t i = 0; i < network->n_layers; i++) {
    const hn_layer *layer = &network->layers[i];
    for (size_t j = 0; j < layer->n_parameters; j++) {
      const hn_parameter *p = &layer->parameters[j];
      const size_t at = layer->offset + p->offset;
      float *values = network->parameters + at;
      if (p->role == HN_PARAMETER_AVERAGE) {
        for (size_t k = 0; k < p->size; k++)
          values[k] += (float)average_momentum * (gradient[at + k] - values[k]);
        continue;
      }
      const double decay = p->role == HN_PARAMETER_WEIGHT ? o->weight_decay : 0;
      sizes.decay = (float)decay;
      sizes.keep = (float)(1 - learning_rate * decay);
      if (is_adamw)
        step_adamw(values, gradient + at, optimizer->first + at, optimizer->second + at, p->size,
                   &sizes);
      else
        step_sgd(values, gradient + at, optimizer->first + at, p->size, &sizes);
    }
  }
}
