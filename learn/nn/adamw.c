#include "learn/nn/adamw.h"

#include <math.h>

#include "base/memory.h"

static const double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, average_momentum = 0.1;

hn_status hn_adamw_init(hn_adamw *optimizer, const hn_network *network, double weight_decay,
                        hn_error *err) {
  hn_status status = HN_OK;
  hn_adamw fresh = {.weight_decay = weight_decay};
  HN_NEW(fresh.first, network->n_parameters, err);
  HN_NEW(fresh.second, network->n_parameters, err);
  *optimizer = fresh;
  fresh = (hn_adamw){0};
done:
  hn_adamw_free(&fresh);
  return status;
}

void hn_adamw_free(hn_adamw *optimizer) {
  hn_free(optimizer->first);
  hn_free(optimizer->second);
  *optimizer = (hn_adamw){0};
}

typedef struct {
  float keep;                       /* 1 - learning rate * decay */
  float rate, inv_sqrt_correction2; /* both with the correction of the first steps' bias */
} step_sizes;

static void step_parameter(float *p, const float *g, float *first, float *second, size_t n,
                           step_sizes sizes) {
  const float b1 = (float)beta1, b2 = (float)beta2, eps = (float)epsilon;
  for (size_t i = 0; i < n; i++) {
    first[i] = b1 * first[i] + (1 - b1) * g[i];
    second[i] = b2 * second[i] + (1 - b2) * g[i] * g[i];
    p[i] = sizes.keep * p[i] -
           sizes.rate * first[i] / (sqrtf(second[i]) * sizes.inv_sqrt_correction2 + eps);
  }
}

void hn_adamw_step(hn_adamw *optimizer, hn_network *network, const float *gradient,
                   double learning_rate) {
  const double step = (double)++optimizer->step;
  step_sizes sizes = {.rate = (float)(learning_rate / (1 - pow(beta1, step))),
                      .inv_sqrt_correction2 = (float)(1 / sqrt(1 - pow(beta2, step)))};
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
      double decay = p->role == HN_PARAMETER_WEIGHT ? optimizer->weight_decay : 0;
      sizes.keep = (float)(1 - learning_rate * decay);
      step_parameter(values, gradient + at, optimizer->first + at, optimizer->second + at, p->size,
                     sizes);
    }
  }
}

double hn_cosine_schedule(size_t step, size_t n) {
  return 0.5 * (1 + cos(M_PI * (double)step / (double)n));
}
