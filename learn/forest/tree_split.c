#include "learn/forest/tree_split.h"

#include <math.h>
#include <string.h>

/* Both criteria are sums of a term a class: with c the weight of a class, W that of a side,
 *   Gini     W * impurity = W - (sum of c^2) / W           term c^2
 *   entropy  W * impurity = W log2 W - sum of c log2 c     term c log2 c
 * A row that changes sides changes one term on each, so a cut costs a few operations whatever K.
 * The inline functions take the criterion and the class weights one by one, so that the commonest
 * case (Gini, no weights) compiles to loops without these choices. */

static inline double x_log_x(double x) {
  return x > 0 ? x * log2(x) : 0;
}

/* The change of the term of class k when its draws grow from `count` by `more`. */
static inline double term_growth(hn_criterion criterion, const double *class_weights, size_t k,
                                 uint32_t count, uint32_t more) {
  double w = class_weights ? class_weights[k] : 1;
  if (criterion == HN_CRITERION_ENTROPY) return x_log_x(w * (count + more)) - x_log_x(w * count);
  double growth = (double)((uint64_t)more * (2 * (uint64_t)count + more));
  return class_weights ? w * w * growth : growth;
}

static inline double side_score(hn_criterion criterion, const hn_split_side *side) {
  return criterion == HN_CRITERION_GINI ? side->terms / side->weight
                                        : side->terms - x_log_x(side->weight);
}

void hn_split_side_sum(const hn_split_rules *rules, hn_split_side *side) {
  side->weight = side->terms = 0;
  for (size_t k = 0; k < rules->n_classes; k++) {
    side->weight += (rules->class_weights ? rules->class_weights[k] : 1) * side->counts[k];
    side->terms += term_growth(rules->criterion, rules->class_weights, k, 0, side->counts[k]);
  }
}

double hn_split_score(const hn_split_rules *rules, const hn_split_side *side) {
  return side_score(rules->criterion, side);
}

static inline void move_key(hn_criterion criterion, const double *class_weights,
                            const hn_split_rules *rules, uint32_t key, hn_split_side *from,
                            hn_split_side *to) {
  size_t k = key & ((1u << rules->class_bits) - 1);
  uint32_t draws = (key & ((1u << rules->shift) - 1)) >> rules->class_bits;
  double weight = class_weights ? class_weights[k] * draws : draws;
  to->terms += term_growth(criterion, class_weights, k, to->counts[k], draws);
  to->counts[k] += draws;
  to->weight += weight;
  from->counts[k] -= draws;
  from->terms -= term_growth(criterion, class_weights, k, from->counts[k], draws);
  from->weight -= weight;
}

static inline void begin_sides(size_t n_classes, const hn_split_side *node, hn_split_side *full,
                               hn_split_side *empty) {
  memcpy(full->counts, node->counts, n_classes * sizeof *node->counts);
  full->weight = node->weight;
  full->terms = node->terms;
  memset(empty->counts, 0, n_classes * sizeof *empty->counts);
  empty->weight = empty->terms = 0;
}

/* Is there a cut between keys i - 1 and i? */
static inline int differs(const hn_split_column *c, unsigned shift, size_t i) {
  uint32_t below = c->keys[i - 1] >> shift, above = c->keys[i] >> shift;
  return below != above && !(c->has_ties && c->values[below] == c->values[above]);
}

static inline __attribute__((always_inline)) int
search(hn_criterion criterion, const double *class_weights, const hn_split_rules *rules,
       const hn_split_side *node, const hn_split_column *c, uint32_t *scratch, hn_split *best) {
  const size_t n = c->n_keys, n_rows = n + c->n_zeros, min_leaf = rules->min_samples_leaf;
  hn_split_side left = {.counts = scratch}, right = {.counts = scratch + rules->n_classes};
  double top = best->score;
  int is_found = 0, is_below_zeros = 0;
  size_t cut = 0; /* the first key above the best cut */

  /* From the top downwards the right side grows, and the block of zeros never has to be touched:
   * it is part of what remains. `>=` among the cuts of this column: the lowest of equals wins. */
  begin_sides(rules->n_classes, node, &left, &right);
  for (size_t i = n; i-- > c->n_negative;) {
    move_key(criterion, class_weights, rules, c->keys[i], &left, &right);
    int is_at_zeros = i == c->n_negative && c->n_zeros;
    if (!is_at_zeros && (i == 0 || !differs(c, rules->shift, i))) continue;
    if (n - i < min_leaf || n_rows - (n - i) < min_leaf) continue;
    double score = side_score(criterion, &left) + side_score(criterion, &right);
    if (is_found ? score >= top : score > top) {
      top = score;
      cut = i;
      is_found = 1;
    }
  }
  /* Then, where there are negative values, from the bottom upwards to the zeros (without zeros the
   * loop above has seen the last cut). These cuts lie lower than those above. */
  if (c->n_negative) begin_sides(rules->n_classes, node, &right, &left);
  for (size_t i = 1; i <= c->n_negative; i++) {
    move_key(criterion, class_weights, rules, c->keys[i - 1], &right, &left);
    if (i == c->n_negative ? !c->n_zeros : !differs(c, rules->shift, i)) continue;
    if (i < min_leaf || n_rows - i < min_leaf) continue;
    double score = side_score(criterion, &left) + side_score(criterion, &right);
    if (is_found && !is_below_zeros ? score >= top : score > top) {
      top = score;
      cut = i;
      is_found = is_below_zeros = 1;
    }
  }
  if (!is_found) return 0;
  int is_at_zeros = cut == c->n_negative && c->n_zeros;
  best->score = top;
  best->below = is_at_zeros && !is_below_zeros ? HN_SPLIT_ZERO : c->keys[cut - 1] >> rules->shift;
  best->above = is_at_zeros && is_below_zeros ? HN_SPLIT_ZERO : c->keys[cut] >> rules->shift;
  best->is_below_zeros = is_below_zeros;
  return 1;
}

int hn_split_search(const hn_split_rules *rules, const hn_split_side *node,
                    const hn_split_column *column, uint32_t *scratch, hn_split *best) {
  if (rules->criterion == HN_CRITERION_GINI && !rules->class_weights)
    return search(HN_CRITERION_GINI, NULL, rules, node, column, scratch, best);
  return search(rules->criterion, rules->class_weights, rules, node, column, scratch, best);
}

static void sort_by_insertion(uint32_t *keys, size_t n) {
  for (size_t i = 1; i < n; i++) {
    uint32_t key = keys[i];
    size_t j = i;
    for (; j > 0 && keys[j - 1] > key; j--) keys[j] = keys[j - 1];
    keys[j] = key;
  }
}

/* Radix sort over the bits in which ranks of this node differ. */
void hn_split_sort(uint32_t *keys, size_t n, unsigned shift, uint32_t *scratch) {
  enum { DIGIT_BITS = 8, N_DIGITS = 1 << DIGIT_BITS, SMALL = 48 };
  if (n <= SMALL) {
    sort_by_insertion(keys, n);
    return;
  }
  uint32_t differing = 0;
  for (size_t i = 1; i < n; i++) differing |= keys[i] ^ keys[0];
  uint32_t *from = keys, *to = scratch;
  for (unsigned at = shift; at < 32 && differing >> at; at += DIGIT_BITS) {
    uint32_t start[N_DIGITS] = {0};
    for (size_t i = 0; i < n; i++) start[(from[i] >> at) & (N_DIGITS - 1)]++;
    for (uint32_t d = 0, before = 0; d < N_DIGITS; d++) {
      uint32_t count = start[d];
      start[d] = before;
      before += count;
    }
    for (size_t i = 0; i < n; i++) to[start[(from[i] >> at) & (N_DIGITS - 1)]++] = from[i];
    uint32_t *t = from;
    from = to;
    to = t;
  }
  if (from != keys) memcpy(keys, from, n * sizeof *keys);
}
