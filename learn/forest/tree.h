/* A decision tree for classes: what growing makes, what prediction walks. */
#ifndef HN_LEARN_TREE_H
#define HN_LEARN_TREE_H

#include <stddef.h>
#include <stdint.h>

/* Nodes lie in pre-order: the left child of node i is i + 1. A row goes left where its value of
 * `feature` is <= threshold. A leaf has feature < 0: HN_TREE_MIXED with its class shares in row
 * `next` of the tree's leaf table, else all weight is in class HN_TREE_PURE(feature) (most leaves
 * of a full tree; they take no table row). */
typedef struct {
  int32_t feature;
  float threshold;
  uint32_t next; /* the right child, or the leaf's row */
  float gain;    /* decrease of impurity, weighted by the node's share of the root; 0 in leaves */
} hn_tree_node;

#define HN_TREE_MIXED (-1)
#define HN_TREE_PURE(feature) (-2 - (feature)) /* its own inverse */

/* Owns its arrays. */
typedef struct {
  size_t n_nodes, n_leaves; /* n_leaves: mixed ones */
  hn_tree_node *nodes;
  float *leaves; /* (n_leaves, K) class shares, each row sums to 1 */
} hn_tree;

void hn_tree_free(hn_tree *tree);

/* The leaf in which a dense row (D) ends. */
static inline const hn_tree_node *hn_tree_leaf(const hn_tree *tree, const float *row) {
  const hn_tree_node *node = tree->nodes;
  while (node->feature >= 0)
    node = row[node->feature] <= node->threshold ? node + 1 : tree->nodes + node->next;
  return node;
}

#endif
