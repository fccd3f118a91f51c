/* AdamW (Loshchilov and Hutter, 2019), as torch.optim.AdamW with the decay on weights only, and
 * the cosine schedule of the same authors (2017). */
#ifndef HN_LEARN_NN_ADAMW_H
#define HN_LEARN_NN_ADAMW_H

#include "learn/nn/network.h"

/* Moments of every parameter; owns them. Betas 0.9 and 0.999, epsilon 1e-8. */
typedef struct {
  size_t step;
  double weight_decay;
  float *first, *second; /* (n_parameters) */
} hn_adamw;

hn_status hn_adamw_init(hn_adamw *optimizer, const hn_network *network, double weight_decay,
                        hn_error *err);
void hn_adamw_free(hn_adamw *optimizer);
/* One step against gradient (n_parameters). Running averages move a tenth of the way to the
 * statistics of the batch, as PyTorch's batch norm does by default. */
void hn_adamw_step(hn_adamw *optimizer, hn_network *network, const float *gradient,
                   double learning_rate);

/* Half a cosine from 1 at step 0 down to 0 at step n. */
double hn_cosine_schedule(size_t step, size_t n);

#endif
