#include "learn/nn/schedule.h"

#include <math.h>

double hn_schedule_factor(const hn_schedule *s, size_t step) {
  const double n_steps = (double)(s->n_epochs * s->n_batches);
  const double n_warm = floor(s->warmup * (double)s->n_batches), at = (double)step;
  if (at < n_warm) return (at + 1) / (n_warm + 1);
  switch (s->kind) {
  case HN_SCHEDULE_COSINE:
    return 0.5 * (1 + cos(M_PI * (at - n_warm) / (n_steps - n_warm)));
  case HN_SCHEDULE_STEP:
    return pow(s->gamma, (double)(step / s->n_batches / s->step_size));
  default:
    return 1;
  }
}
