/* Random forest, as scikit-learn's RandomForestClassifier (1.9): trees grown on bootstrap samples,
 * each node choosing among max_features random columns; probabilities are the mean over the trees
 * of the class shares of the leaf. What differs: its own random streams (one a tree, so the same
 * bytes for every thread count); values that differ by less than 1e-7 are still told apart; a node
 * of one class is a leaf also under class weights, where scikit-learn's rounding divides some on.
 *
 * Options: n_estimators, criterion, max_depth, min_samples_split, min_samples_leaf, max_features,
 * min_impurity_decrease, bootstrap, max_samples, class_weight.
 *   class_weight=balanced with bootstrap draws every class equally often (scikit-learn since 1.9),
 * and weighs the rows by class without; balanced_subsample weighs them by the bootstrap sample's
 * classes. Importances: mean decrease of impurity, which favours columns with many distinct values.
 * Limit: bits of (rows) + bits of (classes) + bits of (most draws of a row) <= 32.
 * Memory: 16 bytes a node, about 2 * rows * 0.63 nodes a tree when the trees are full. */
#ifndef HN_LEARN_FOREST_H
#define HN_LEARN_FOREST_H

#include "learn/classifier.h"

extern const hn_classifier_kind hn_forest_kind;

#endif
