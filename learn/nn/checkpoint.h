/* The state of a training between two epochs, in a file, so that what was stopped goes on bit for
 * bit. */
#ifndef HN_LEARN_NN_CHECKPOINT_H
#define HN_LEARN_NN_CHECKPOINT_H

#include "learn/nn/optimizer.h"

/* All borrowed. */
typedef struct {
  const char *identity; /* of options, seed and data: another training's state is refused */
  size_t n_epochs;      /* done */
  double learning_rate; /* of all of them, given or found */
  hn_network *network;
  hn_optimizer *optimizer;
  float *best; /* (n_parameters) of the best epoch so far; NULL where none is kept */
  size_t best_epoch;
  double best_loss;
} hn_checkpoint;

/* Atomic. Errors: HN_IO, HN_NO_MEMORY. */
hn_status hn_checkpoint_write(const hn_checkpoint *checkpoint, const char *path, hn_error *err);
/* Fill what `checkpoint` borrows, and its numbers. Errors: HN_IO; HN_FORMAT for another kind of
 * file; HN_INVALID for another identity; HN_NO_MEMORY. */
hn_status hn_checkpoint_read(hn_checkpoint *checkpoint, const char *path, hn_error *err);

#endif
