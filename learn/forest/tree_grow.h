/* Growing one classification tree, with scikit-learn's rules (1.9): at a node max_features columns
 * are drawn without replacement, constant ones counted, and the drawing goes on only while all
 * drawn so far were constant; the cut with the largest decrease of impurity wins, the column drawn
 * first on ties. Cuts lie half-way between neighbouring values (rounded down to a float, which
 * decides the same for every float). */
#ifndef HN_LEARN_TREE_GROW_H
#define HN_LEARN_TREE_GROW_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/random.h"
#include "learn/forest/tree.h"
#include "learn/forest/tree_data.h"
#include "learn/forest/tree_rows.h"
#include "learn/forest/tree_split.h"

/* At a cut: the best one of a column, or one drawn at random between its least and its largest
 * value in the node (Geurts, Ernst and Wehenkel, Extremely randomized trees, 2006). */
typedef enum { HN_SPLITTER_BEST, HN_SPLITTER_RANDOM } hn_splitter;

/* Rows are counted once here, however often they were drawn. */
typedef struct {
  hn_splitter splitter;
  hn_criterion criterion;
  size_t max_depth; /* SIZE_MAX: none */
  size_t min_samples_split, min_samples_leaf;
  size_t max_features;   /* 1 … D */
  size_t max_leaf_nodes; /* SIZE_MAX: as many as there are, and then growth is depth-first */
  double min_impurity_decrease;
  double ccp_alpha; /* decrease of impurity that each further leaf must bring; 0: no pruning */
} hn_tree_options;

/* The working memory of one thread, used for one tree after the other. */
typedef struct hn_tree_grower hn_tree_grower;

/* Borrows all of data, rows (of sparse data, else NULL), y (N) and options. Errors: HN_NO_MEMORY.
 */
hn_status hn_tree_grower_create(const hn_tree_data *data, const hn_tree_rows *rows,
                                const int32_t *y, size_t n_classes, const hn_tree_options *options,
                                hn_tree_grower **grower_out, hn_error *err);
void hn_tree_grower_destroy(hn_tree_grower *grower);

/* Grow from draws[i] copies of each row i (0: out of the bag; at least one row is in it), each copy
 * weighing class_weights[y] (NULL: 1). The tree depends on these and the stream alone.
 * Errors: HN_NO_MEMORY; HN_UNSUPPORTED when a row number, the largest number of draws and a class
 * do not fit 32 bits together. */
hn_status hn_tree_grow(hn_tree_grower *grower, const uint32_t *draws, const double *class_weights,
                       hn_rng *rng, hn_tree *tree_out, hn_error *err);

#endif
