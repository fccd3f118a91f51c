/* The options of training that all networks share (training_options.inc), and what they mean. */
#ifndef HN_LEARN_NN_TRAINING_OPTIONS_H
#define HN_LEARN_NN_TRAINING_OPTIONS_H

#include "learn/nn/trainer.h"

/* options: of a table that ends with training_options.inc. The options made borrow from input
 * (seed, progress, on_rate, on_epoch, checkpoint) and from identity, which is written where there
 * is a checkpoint: a hash of all options, the seed and what of the data is at hand (labels, rows,
 * means and deviations of the bands). Errors: HN_INVALID for options that contradict each other;
 * HN_NO_MEMORY. */
hn_status hn_training_options(const hn_options *options, const hn_fit_input *input,
                              const hn_network *network, const hn_train_data *data,
                              char identity[33], hn_train_options *training_out, hn_error *err);

#endif
