/* The working memory of growing trees, shared by the files that draw columns (tree_draw.c) and that
 * divide nodes (tree_grow.c).
 *
 * A node is a range of `samples`. For sparse data each row has one word, position << shift |
 * payload (see tree_split.h): one load tells whether the row is in the node and what it weighs. */
#ifndef HN_LEARN_TREE_GROWER_H
#define HN_LEARN_TREE_GROWER_H

#include "learn/tree_grow.h"

typedef struct {
  size_t start, end, depth;
  size_t parent; /* of a right child; HN_NO_PARENT for left children and the root */
} hn_tree_range;

/* A slot drawn at a small node, see tree_draw.c. */
typedef struct {
  uint32_t slot;
  uint32_t entry; /* see hn_tree_rows */
  uint32_t row;   /* by its place in the node; UINT32_MAX: the slot of a frequent column */
} hn_tree_slot;

#define HN_NO_PARENT SIZE_MAX
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
  uint64_t *is_drawn;    /* bit for each slot, all 0 between nodes */
  uint32_t *before;      /* (N) slots before each row of a small node */
  size_t max_small_node; /* rows up to which slots are drawn, not columns */
  uint8_t *is_moving;    /* (N) all 0 between calls */
  hn_split_side node;    /* of the node at hand */
  double root_weight;
  hn_tree_range *stack;
  size_t n_stack, stack_capacity;
  hn_tree tree;
  size_t node_capacity, leaf_capacity;
};

static inline uint32_t hn_tree_payload_mask(const hn_tree_grower *g) {
  return (1u << g->rules.shift) - 1;
}

/* The best cut of a node over the columns drawn for it; 0 when there is none. */
int hn_tree_find_split(hn_tree_grower *grower, const hn_tree_range *node, hn_split *split_out,
                       size_t *column_out);

#endif
