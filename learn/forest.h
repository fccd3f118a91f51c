/* Random forest, as scikit-learn's RandomForestClassifier (1.9): trees grown on bootstrap samples,
 * each node choosing among max_features random columns; probabilities are the mean over the trees
 * of the class shares of the leaf. What differs: its own random streams (one a tree, so the same
 * bytes for every thread count); values that differ by less than 1e-7 are still told apart; a node
 * of one class is a leaf also under class weights, where scikit-learn's rounding divides some on.
 * experiments/benchmarks/forest_accuracy.py measures that accuracy, nodes and depths are alike.
 *
 * Options: n_estimators, criterion, max_depth, min_samples_split, min_samples_leaf, max_features,
 * max_leaf_nodes (trees then grow best-first), min_impurity_decrease, ccp_alpha (minimal
 * cost-complexity pruning of each tree), bootstrap, max_samples, class_weight. With bootstrap,
 * class_weight=balanced draws every class equally often (scikit-learn does so since 1.9) and
 * balanced_subsample weighs the drawn rows by their classes; without, both weigh all rows.
 *
 * Importances: mean decrease of impurity, which favours columns with many distinct values.
 * Limit: bits of (rows) + bits of (classes) + bits of (most draws of a row) <= 32.
 * Memory: 16 bytes a node, about 2 * 0.63 nodes a row and tree at most; while fitting, 20 to 30
 * bytes for each number that is not zero (dense: 12 for each number). */
#ifndef HN_LEARN_FOREST_H
#define HN_LEARN_FOREST_H

#include "learn/classifier.h"

extern const hn_classifier_kind hn_forest_kind;

#endif
