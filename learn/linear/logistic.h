/* Multinomial logistic regression with an L2 penalty, as scikit-learn's LogisticRegression with its
 * lbfgs solver: minimises C * sum of the (class-weighted) cross-entropies + |coef|^2 / 2, the
 * intercepts free. Two classes take the binomial form (one vector of coefficients, not two), as
 * scikit-learn's does, so their probabilities agree too. A class without a training row has
 * probability 0. Computed in double; the sums run in a fixed order, whatever the thread count.
 *
 * Options: C, tol (stop when no component of the gradient of the mean loss exceeds it), max_iter
 * (stop there, as it is), fit_intercept, class_weight. Columns of very different scale should be
 * standardised before, as for scikit-learn. Tensors: those of learn/linear/linear_model.h, the
 * reference class of two having zeros. */
#ifndef HN_LEARN_LOGISTIC_H
#define HN_LEARN_LOGISTIC_H

#include "learn/classifier.h"

extern const hn_classifier_kind hn_logistic_kind;

#endif
