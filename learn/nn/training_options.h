/* The options of training that all networks share (training_options.inc), and what they mean. */
#ifndef HN_LEARN_NN_TRAINING_OPTIONS_H
#define HN_LEARN_NN_TRAINING_OPTIONS_H

#include "learn/nn/trainer.h"

/* options: of a table that ends with training_options.inc. input (its matrices, labels and marks
 * apart, which the trainer gets as hn_train_data) stays borrowed. network: shapes the masks.
 * Errors: HN_INVALID for options that contradict each other. */
hn_status hn_training_options(const hn_options *options, const hn_fit_input *input,
                              const hn_network *network, hn_train_options *training_out,
                              hn_error *err);

#endif
