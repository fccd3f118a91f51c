/* The classifier that looks at no feature: what every accuracy has to stand beside.
 * Options, as scikit-learn's DummyClassifier: strategy
 *   prior          the class shares of the training rows (the default)
 *   most_frequent  1 for the largest training class, the lowest index on ties
 *   stratified     1 for a class drawn by those shares; row i of a model with seed s is always the
 *                  same, whatever is asked before it */
#ifndef HN_LEARN_DUMMY_H
#define HN_LEARN_DUMMY_H

#include "learn/classifier.h"

extern const hn_classifier_kind hn_dummy_kind;

#endif
