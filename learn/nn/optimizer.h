/* AdamW (Loshchilov and Hutter, 2019) and SGD with momentum, as torch.optim.AdamW and
 * torch.optim.SGD with the decay on weights only. */
#ifndef HN_LEARN_NN_OPTIMIZER_H
#define HN_LEARN_NN_OPTIMIZER_H

#include "learn/nn/network.h"

typedef enum { HN_OPTIMIZER_ADAMW, HN_OPTIMIZER_SGD } hn_optimizer_method;

typedef struct {
  hn_optimizer_method method;
  double weight_decay; /* AdamW: decoupled from the gradient; SGD: added to it */
  double momentum;     /* SGD's; AdamW has betas 0.9 and 0.999, epsilon 1e-8 */
  int nesterov;        /* SGD looks a step ahead */
  double max_norm;     /* shorten a longer gradient to this norm; 0: never */
} hn_optimizer_options;

/* What it remembers of earlier steps; owns it. */
typedef struct {
  hn_optimizer_options options;
  size_t step;
  float *first;  /* (n_parameters) running mean of the gradient, or SGD's velocity */
  float *second; /* (n_parameters) running mean of its square; NULL for SGD */
} hn_optimizer;

hn_status hn_optimizer_init(hn_optimizer *optimizer, const hn_network *network,
                            const hn_optimizer_options *options, hn_error *err);
void hn_optimizer_free(hn_optimizer *optimizer);
/* One step against gradient (n_parameters). Running averages move a tenth of the way to the
 * statistics of the batch, as PyTorch's batch norm does by default. */
void hn_optimizer_step(hn_optimizer *optimizer, hn_network *network, const float *gradient,
                       double learning_rate);

/* Euclidean norm of the gradient of all trained parameters, as torch.nn.utils.clip_grad_norm_. */
double hn_gradient_norm(const hn_network *network, const float *gradient);

#endif
