/* Steps of training, a mini-batch each: random windows, augmented and mixed, forward and backward,
 * and what the optimizer makes of the gradient. */
#ifndef HN_LEARN_NN_STEPPER_H
#define HN_LEARN_NN_STEPPER_H

#include "learn/nn/loss.h"
#include "learn/nn/sampler.h"
#include "learn/nn/trainer.h"
#include "learn/nn/workspace.h"

/* Borrows network, data and options; owns the rest. */
typedef struct {
  hn_network *network;
  const hn_train_data *data;
  const hn_train_options *options;
  uint64_t seed;    /* of orders, windows, augmentation and dropout */
  size_t n_epochs;  /* that these streams may serve */
  size_t n_batches; /* in an epoch, of (almost) equal size */
  hn_optimizer optimizer;
  hn_workspace *workspace;
  hn_sampler sampler;
  double *class_weights; /* (K), or NULL */
  size_t epoch;          /* begun last */
  const hn_draw *draws;  /* (n_rows) of it */
  /* Of the samples in a batch (batch_size): their streams, classes, and with mixup what was mixed
   * into them and how much of them stayed. */
  uint64_t *streams;
  int32_t *batch_y, *batch_other;
  float *batch_share;
} hn_stepper;

/* Errors: HN_NO_MEMORY. */
hn_status hn_stepper_init(hn_stepper *stepper, hn_network *network, const hn_train_data *data,
                          const hn_train_options *options, uint64_t seed, size_t n_epochs,
                          hn_error *err);
void hn_stepper_free(hn_stepper *stepper);
/* Draw the rows of an epoch (0 … n_epochs - 1) in their order. */
void hn_stepper_begin(hn_stepper *stepper, size_t epoch);
/* Take batch b (0 … n_batches - 1) of the epoch begun and move the parameters. Returns the number
 * of its windows; sums_out is the loss before the move. Where the objective is not finite, nothing
 * moves. The bytes do not depend on the number of threads. */
size_t hn_stepper_step(hn_stepper *stepper, size_t b, double learning_rate, hn_loss *sums_out);

#endif
