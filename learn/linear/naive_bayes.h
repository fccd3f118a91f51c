/* Naive Bayes for counts of words, or TF-IDF: values of 0 or more.
 *
 * multinomial_nb, as scikit-learn's MultinomialNB: class k gives column j the probability
 * (count of j in k + alpha) / (all counts in k + alpha * D). Options: alpha, fit_prior (false: all
 * classes alike).
 * complement_nb, as scikit-learn's ComplementNB (Rennie et al., 2003): column j speaks against k by
 * its probability in all other classes; it suits classes of unequal size. Options: alpha, norm
 * (divide a class's weights by their sum).
 *
 * Both are linear: tensors of learn/linear/linear_model.h. A class without a training row has
 * probability 0. The probabilities are known to be too sure of themselves. */
#ifndef HN_LEARN_NAIVE_BAYES_H
#define HN_LEARN_NAIVE_BAYES_H

#include "learn/classifier.h"

extern const hn_classifier_kind hn_multinomial_nb_kind;
extern const hn_classifier_kind hn_complement_nb_kind;

#endif
