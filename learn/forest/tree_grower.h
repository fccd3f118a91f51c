/* The working memory of growing trees, shared by the files that draw columns (tree_draw.c), divide
 * nodes (tree_grow.c), choose which node is next (tree_grow.c, tree_best_first.c), prune
 * (tree_prune.c) and write the tree down (tree_write.c).
 *
 * A node is a range of `samples`. For sparse data each row has one word, position << shift |
 * payload (see tree_split.h): one load tells whether the row is in the node and what it weighs. */
#ifndef HN_LEARN_TREE_GROWER_H
#define HN_LEARN_TREE_GROWER_H

#include "learn/forest/tree_grow.h"

typedef struct {
  uint32_t start, end, depth;
} hn_tree_range;

/* A node while its tree grows. `feature` is that of hn_tree_node: HN_TREE_MIXED and
 * HN_TREE_PURE(class) where there is no cut. A node that has a cut is a leaf all the same until it
 * is expanded. Children stand behind their parents, a right one behind the left one. */
typedef struct {
  hn_tree_range range;
  int32_t feature;
  float threshold;
  uint32_t middle; /* where the rows of the right child begin */
  uint32_t left;   /* the left child; 0: a leaf */
  double gain;     /* of the cut; 0 where there is none */
} hn_tree_draft;

/* A slot drawn at a small node, see tree_draw.c. */
typedef struct {
  size_t at; /* of its entry in hn_tree_rows */
  uint32_t slot;
  uint32_t entry; /* see hn_tree_rows */
  uint32_t row;   /* by its place in the node; UINT32_MAX: the slot of a frequent column */
} hn_tree_slot;

#define HN_OUT_OF_BAG UINT32_MAX

struct hn_tree_grower {
  const hn_tree_data *data;
  const hn_tree_rows *rows; /* NULL for dense data */
  const int32_t *y;
  const hn_tree_options *options;
  hn_split_rules rules;
  hn_rng *rng;
  uint32_t *samples; /* (N) rows in the bag, by node */
  uint32_t *words;   /* (N) by row */
  uint32_t *keys;    /* (N) */
  uint32_t *scratch; /* (N) */
  uint32_t *columns; /* (D) a permutation, whatever it is */
  uint32_t *split_scratch;
  hn_tree_slot *slots;   /* (D) drawn at a small node */
  uint8_t *is_member;    /* sparse: (N) is a row in the node at hand? all 0 between nodes */
  double *no_live;       /* (D + 1) chance to draw none of so many live slots, see tree_draw.c */
  uint64_t *is_drawn;    /* bit for each slot, all 0 between nodes */
  uint32_t *before;      /* (N) slots before each row of a small node */
  size_t max_small_node; /* rows up to which slots are drawn, not columns */
  uint8_t *is_moving;    /* (N) all 0 between calls */
  hn_split_side node;    /* of the node at hand */
  double root_weight;
  hn_tree_draft *drafts; /* the root first */
  size_t n_drafts, draft_capacity;
  uint32_t *frontier; /* drafts that wait for their turn: a stack, or a heap */
  size_t n_frontier, frontier_capacity;
};

static inline uint32_t hn_tree_payload_mask(const hn_tree_grower *g) {
  return (1u << g->rules.shift) - 1;
}

/* The best cut of a node, its rows marked in is_member, over the columns drawn for it; 0 when there
 * is none. */
int hn_tree_find_split(hn_tree_grower *grower, const hn_tree_range *node, hn_split *split_out,
                       size_t *column_out);

/* Class counts and sums of a node: grower->node. */
void hn_tree_sum_node(hn_tree_grower *grower, const hn_tree_range *node);
/* Look for the cut of a draft; where there is one, put its rows in order, left ones first. */
void hn_tree_divide(hn_tree_grower *grower, size_t draft);
/* Give a draft that has a cut its two children, not yet divided. Errors: HN_NO_MEMORY. */
hn_status hn_tree_expand(hn_tree_grower *grower, size_t draft, hn_error *err);

/* Grow from the root, the only draft, until max_leaf_nodes. Errors: HN_NO_MEMORY. */
hn_status hn_tree_grow_best_first(hn_tree_grower *grower, hn_error *err);
/* Make leaves of what ccp_alpha does not keep. Errors: HN_NO_MEMORY. */
hn_status hn_tree_prune(hn_tree_grower *grower, hn_error *err);
/* The drafts that can be reached from the root, as a tree. Errors: HN_NO_MEMORY. */
hn_status hn_tree_write(hn_tree_grower *grower, hn_tree *tree_out, hn_error *err);

#endif
