/* The classifier `cnn`: a small convolutional network on spectrograms (architecture: arch/cnn.h).
 * Pictures are standardised by mel band with mean and deviation of the training rows. Training
 * takes one random window an item and epoch; prediction averages the probabilities of windows that
 * cover the song. An item narrower than the window is repeated. Model tensors: "input.mean" and
 * "input.std" (H), "input.window", and those of the layers ("conv1.weight" …). */
#ifndef HN_LEARN_NN_CNN_CLASSIFIER_H
#define HN_LEARN_NN_CNN_CLASSIFIER_H

#include "learn/classifier.h"

extern const hn_classifier_kind hn_cnn_kind;

#endif
