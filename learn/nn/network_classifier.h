/* The classifiers of spectrograms: one way of training, saving and predicting, and an architecture
 * for each (arch/). Pictures are standardised by mel band with mean and deviation of the training
 * rows. Training takes one random window an item and epoch; prediction averages the probabilities
 * of windows that cover the song. An item narrower than the window is repeated. Model tensors:
 * "input.mean" and "input.std" (H), "input.window", and those of the layers ("conv1.weight" …),
 * numbered in the order of the architecture's list; with find_learning_rate also the metadata
 * "found_learning_rate". */
#ifndef HN_LEARN_NN_NETWORK_CLASSIFIER_H
#define HN_LEARN_NN_NETWORK_CLASSIFIER_H

#include "learn/classifier.h"

extern const hn_classifier_kind hn_cnn_kind, hn_vgg_kind, hn_resnet18_kind, hn_resnet34_kind,
    hn_musicnn_kind;

#endif
