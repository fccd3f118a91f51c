#include "learn/forest/tree_split.h"

#include <string.h>

/* The values of a column in the node. */
typedef struct {
  uint32_t low_rank, high_rank; /* of the rows that have a key */
  float least, most;            /* of all rows */
} value_range;

static value_range range_of(const hn_split_column *c, unsigned shift) {
  value_range r = {.low_rank = UINT32_MAX};
  for (size_t i = 0; i < c->n_keys; i++) {
    uint32_t rank = c->keys[i] >> shift;
    if (rank < r.low_rank) r.low_rank = rank;
    if (rank > r.high_rank) r.high_rank = rank;
  }
  if (c->n_keys == 0) return r;
  r.least = c->values[r.low_rank];
  r.most = c->values[r.high_rank];
  if (c->n_zeros) {
    r.least = fminf(r.least, 0);
    r.most = fmaxf(r.most, 0);
  }
  return r;
}

/* The first rank between those of the node whose value lies above the threshold, or the one behind
 * them. */
static uint32_t first_above(const float *values, const value_range *r, float threshold) {
  uint32_t low = r->low_rank, high = r->high_rank + 1;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (values[middle] > threshold)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

/* Count the rows on the side of the cut where there are no zeros. */
static size_t count_side(const hn_split_rules *rules, const hn_split_column *c,
                         const hn_split *split, hn_split_side *side) {
  const uint32_t class_mask = (1u << rules->class_bits) - 1;
  const uint32_t mask = (1u << rules->shift) - 1;
  size_t n = 0;
  memset(side->counts, 0, rules->n_classes * sizeof *side->counts);
  for (size_t i = 0; i < c->n_keys; i++) {
    uint32_t key = c->keys[i];
    int is_below = key >> rules->shift < split->above;
    if (is_below != split->is_below_zeros) continue;
    side->counts[key & class_mask] += (key & mask) >> rules->class_bits;
    n++;
  }
  return n;
}

hn_split_outcome hn_split_random(const hn_split_rules *rules, const hn_split_side *node,
                                 const hn_split_column *c, hn_rng *rng, uint32_t *scratch,
                                 hn_split *best) {
  const float same = 1e-7f;
  value_range r = range_of(c, rules->shift);
  if (r.most <= r.least + same) return HN_SPLIT_CONSTANT;
  double drawn = r.least + hn_rng_uniform(rng) * ((double)r.most - r.least);
  hn_split split = {.threshold = drawn < r.most ? hn_round_down(drawn) : r.least};
  split.is_below_zeros = split.threshold < 0;
  split.above = first_above(c->values, &r, split.threshold);
  split.below = split.above - 1;

  hn_split_side side = {.counts = scratch}, rest = {.counts = scratch + rules->n_classes};
  size_t n = count_side(rules, c, &split, &side), n_rest = c->n_keys + c->n_zeros - n;
  if (n < rules->min_samples_leaf || n_rest < rules->min_samples_leaf) return HN_SPLIT_WORSE;
  for (size_t k = 0; k < rules->n_classes; k++) rest.counts[k] = node->counts[k] - side.counts[k];
  hn_split_side_sum(rules, &side);
  hn_split_side_sum(rules, &rest);
  split.score = hn_split_score(rules, &side) + hn_split_score(rules, &rest);
  if (!(split.score > best->score)) return HN_SPLIT_WORSE;
  *best = split;
  return HN_SPLIT_BETTER;
}
