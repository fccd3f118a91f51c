/* Training: mini-batches of random windows, validation after each epoch, early stopping.
 * N pictures of H bands, K classes. */
#ifndef HN_LEARN_NN_TRAINER_H
#define HN_LEARN_NN_TRAINER_H

#include "learn/classifier.h"
#include "learn/nn/augment.h"
#include "learn/nn/network.h"
#include "learn/nn/optimizer.h"
#include "learn/nn/schedule.h"

/* Everything is borrowed. */
typedef struct {
  const hn_images *images;
  const hn_standard *standard;
  const int32_t *y;          /* (N), 0 … K - 1 */
  const size_t *rows, *held; /* indices of the pictures to train on and of those to validate on */
  size_t n_rows, n_held;
} hn_train_data;

typedef struct {
  size_t batch_size;
  double learning_rate; /* at its highest */
  int finds_rate;       /* train with the rate that hn_rate_find tells instead */
  hn_schedule schedule; /* n_epochs counts; n_batches is set by the trainer */
  hn_optimizer_options optimizer;
  double label_smoothing;
  int weighs_classes; /* balanced weights in the loss, see hn_balanced_weights */
  int is_balanced;    /* balanced sampling, see hn_sampler_init */
  hn_augmentation augmentation;
  size_t patience; /* stop after so many epochs without a better validation loss and take the best
                      epoch's parameters; 0: train to the end and take the last */
  uint64_t seed;
  const char *checkpoint; /* see hn_fit_input; or NULL */
  const char *identity;   /* of a checkpoint, see checkpoint.h */
  hn_progress *progress;  /* counts windows */
  void (*on_rate)(void *context, const hn_rate_search *search); /* these two may be NULL */
  void (*on_epoch)(void *context, const hn_epoch *epoch);
  void *context;
} hn_train_options;

/* Train a network whose parameters are initialised. An epoch takes one random window of every row,
 * in batches of (almost) equal size, so that none is too small for batch norm. Validation is by
 * whole songs, as prediction is; it needs n_held > 0, else it is NaN and patience has no effect.
 * rate_out: the learning rate trained with. Same seed and data, same bytes for every thread count,
 * and whether it goes on from a checkpoint or not. Errors: HN_NO_MEMORY; HN_NUMERIC when the loss
 * leaves the finite numbers; those of the checkpoint and of hn_rate_find. */
hn_status hn_network_train(hn_network *network, const hn_train_data *data,
                           const hn_train_options *options, double *rate_out, hn_error *err);

#endif
