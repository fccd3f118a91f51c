/* How the learning rate goes on from step to step. */
#ifndef HN_LEARN_NN_SCHEDULE_H
#define HN_LEARN_NN_SCHEDULE_H

#include <stddef.h>

typedef enum {
  HN_SCHEDULE_COSINE,  /* down to 0 in half a cosine (Loshchilov and Hutter, 2017) */
  HN_SCHEDULE_STEP,    /* times gamma after every step_size epochs, as torch's StepLR */
  HN_SCHEDULE_CONSTANT /* not at all */
} hn_schedule_kind;

typedef struct {
  hn_schedule_kind kind;
  size_t n_epochs, n_batches; /* in an epoch: a step a batch */
  double warmup;    /* epochs, fewer than n_epochs: in these the rate rises in a straight line from
                       its first step on, and the cosine begins behind them */
  size_t step_size; /* epochs, counted from the first */
  double gamma;
} hn_schedule;

/* The share of the full learning rate at a step (from 0): 0 … 1. */
double hn_schedule_factor(const hn_schedule *schedule, size_t step);

#endif
