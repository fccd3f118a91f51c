/* Linear support vector machine, as scikit-learn's LinearSVC, by liblinear: one class against the
 * rest (two classes: one machine), the intercept penalised like any coefficient.
 *
 * Options: C, loss (squared_hinge, hinge), dual (auto: true with fewer rows than columns; hinge is
 * solved in the dual only), tol, fit_intercept, intercept_scaling, class_weight. liblinear stops
 * after 1,000 passes, which is scikit-learn's default max_iter and cannot be changed. Columns of
 * very different scale should be standardised before.
 *
 * Probabilities: softmax of the decision values times one factor (learn/sharpness.h), which is
 * learned inside fit from decision values of three-fold cross-validation, whole groups at a time.
 * So the most probable class is always the one that LinearSVC predicts, and fit costs three times
 * one training. A class without a training row has probability 0.
 *
 * liblinear draws from rand(): fits of one process take turns, each calls srand(), so results
 * depend on the seed alone. It takes memory that no check guards: 16 bytes an entry of the
 * features are checked, its own few vectors of D and N are not.
 * Tensors: those of learn/linear/linear_model.h, the first of two classes having zeros. */
#ifndef HN_LEARN_LINEAR_SVM_H
#define HN_LEARN_LINEAR_SVM_H

#include "learn/classifier.h"

extern const hn_classifier_kind hn_linear_svm_kind;

#endif
