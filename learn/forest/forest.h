/* Random forest, as scikit-learn's RandomForestClassifier (1.9): trees grown on bootstrap samples,
 * each node choosing among max_features random columns; probabilities are the mean over the trees
 * of the class shares of the leaf. What differs: its own random streams (one a tree, so the same
 * bytes for every thread count); values that differ by less than 1e-7 are still told apart; a node
 * of one class is a leaf also under class weights, where scikit-learn's rounding divides some on.
 * experiments/benchmarks/forest_accuracy.py measures that accuracy, nodes and depths are alike.
 *
 * Options: n_estimators, criterion, max_depth, min_samples_split, min_samples_leaf, max_features,
 * max_leaf_nodes (trees then grow best-first), min_impurity_decrease, ccp_alpha (minimal
 * cost-complexity pruning of each tree), bootstrap, max_samples, oob_score, class_weight. With
 * bootstrap, class_weight=balanced draws every class equally often (scikit-learn does so since 1.9)
 * and balanced_subsample weighs the drawn rows by their classes; without, both weigh all rows.
 *
 * Out of the bag: with oob_score, each row is also predicted by the trees that did not draw it. The
 * file has these probabilities (oob_decision_function, all 0 for a row that every tree drew) and
 * their accuracy (oob_score) over the rows that at least one tree left out; scikit-learn counts the
 * others as of the first class. headnod fit tells the accuracy, a study's log.jsonl each fold's.
 *
 * Importances: mean decrease of impurity, which favours columns with many distinct values.
 * Limit: bits of (rows) + bits of (classes) + bits of (most draws of a row) <= 32.
 * Memory: 16 bytes a node, about 2 * 0.63 nodes a row and tree at most; while fitting, 20 to 30
 * bytes for each number that is not zero (dense: 12 for each number). */
#ifndef HN_LEARN_FOREST_H
#define HN_LEARN_FOREST_H

#include "learn/classifier.h"

extern const hn_classifier_kind hn_forest_kind;

/* extra_trees: the same with scikit-learn's ExtraTreesClassifier in mind. All rows without drawing
 * them (bootstrap is false unless asked for), and a node tries one cut of each column that it
 * draws, uniform between the column's least and largest value there; columns in which these differ
 * by 1e-7 or less count as constant. */
extern const hn_classifier_kind hn_extra_trees_kind;

#endif
