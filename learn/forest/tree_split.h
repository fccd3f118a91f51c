/* The best split of one node along one column.
 *
 * A key stands for one row of the node: rank << shift | payload, the payload being
 * weight << class_bits | class, where weight is how often the row was drawn. Sorted keys are a
 * column of the node with all that scoring needs; values are read for ties and thresholds only. */
#ifndef HN_LEARN_TREE_SPLIT_H
#define HN_LEARN_TREE_SPLIT_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"

typedef enum { HN_CRITERION_GINI, HN_CRITERION_ENTROPY } hn_criterion;

/* How keys are laid out and impurity is measured; shared by all nodes of a tree. */
typedef struct {
  hn_criterion criterion;
  size_t n_classes;
  unsigned class_bits, shift;
  const double *class_weights; /* (K), or NULL: all 1, and then the sums are exact integers */
  size_t min_samples_leaf;     /* rows, each counted once */
} hn_split_rules;

/* Weight of the rows of a node, by class, and sums over it. */
typedef struct {
  uint32_t *counts; /* (K) draws */
  double weight;    /* sum over classes of class weight times draws */
  double terms;     /* sum over classes of the criterion's term, see tree_split.c */
} hn_split_side;

/* The rows of a node along a column: n_keys with a rank, of which n_negative lie below zero, and
 * n_zeros rows that are zero (in a dense column: none, and n_negative 0). */
typedef struct {
  const uint32_t *keys; /* ascending */
  size_t n_keys, n_negative, n_zeros;
  const float *values; /* by rank */
  int has_ties;        /* may different ranks have equal values? */
} hn_split_column;

/* score grows with purity: the node's impurity times its weight decreases by
 * score - hn_split_score of the node undivided. The cut lies between the values of two ranks, or
 * between one of them and zero. Where it lies in the negative values, the ranks up to `below` go
 * left and all else right; otherwise the ranks from `above` on go right and all else left. */
typedef struct {
  double score;
  uint32_t below, above; /* ranks, or HN_SPLIT_ZERO */
  int is_below_zeros;
  float threshold; /* of a random cut: the ranks beside it may have no rows in the node */
} hn_split;

#define HN_SPLIT_ZERO UINT32_MAX

/* Class counts (given) to sums. */
void hn_split_side_sum(const hn_split_rules *rules, hn_split_side *side);
/* The score of a side left as it is. */
double hn_split_score(const hn_split_rules *rules, const hn_split_side *side);

/* Has the column one value only? */
static inline int hn_split_is_constant(const hn_split_column *column, unsigned shift) {
  if (column->n_keys == 0) return 1;
  return column->n_zeros == 0 && column->values[column->keys[0] >> shift] ==
                                     column->values[column->keys[column->n_keys - 1] >> shift];
}

/* Search the cuts of a column for one that scores above best->score, the lowest cut on ties; 1 and
 * *best when there is. node: the node's sums; scratch: 2 K numbers. O(n_keys + K). */
int hn_split_search(const hn_split_rules *rules, const hn_split_side *node,
                    const hn_split_column *column, uint32_t *scratch, hn_split *best);

typedef enum { HN_SPLIT_CONSTANT, HN_SPLIT_WORSE, HN_SPLIT_BETTER } hn_split_outcome;

/* Draw one cut of a column, uniformly between its least and its largest value in the node; *best
 * where it scores above best->score. A column is constant when these differ by 1e-7 or less. Keys
 * in any order; the rest as hn_split_search. */
hn_split_outcome hn_split_random(const hn_split_rules *rules, const hn_split_side *node,
                                 const hn_split_column *column, hn_rng *rng, uint32_t *scratch,
                                 hn_split *best);

/* The largest float that is not above x, which divides floats as x does. */
static inline float hn_round_down(double x) {
  float rounded = (float)x;
  return rounded > x ? nextafterf(rounded, -INFINITY) : rounded;
}

/* Sort keys by rank (order of equal ranks free); scratch: n keys. O(n), small n by insertion. */
void hn_split_sort(uint32_t *keys, size_t n, unsigned shift, uint32_t *scratch);

#endif
