/* The search along a column against a search that tries every cut and counts anew, and the sort. */
#include "support.h"

#include "base/random.h"
#include "learn/forest/tree_split.h"

#include <stdlib.h>

enum { MAX_ROWS = 40, MAX_CLASSES = 4, CLASS_BITS = 2, DRAW_BITS = 2, SHIFT = 4 };

/* A node: per row its value, class and draws. */
typedef struct {
  size_t n, n_classes;
  float values[MAX_ROWS];
  uint32_t classes[MAX_ROWS], draws[MAX_ROWS];
} naive_node;

static double naive_impurity(hn_criterion criterion, const double *weights, size_t n_classes,
                             double total) {
  double impurity = criterion == HN_CRITERION_GINI ? 1 : 0;
  for (size_t k = 0; k < n_classes; k++) {
    double share = weights[k] / total;
    if (criterion == HN_CRITERION_GINI)
      impurity -= share * share;
    else if (share > 0)
      impurity -= share * log2(share);
  }
  return impurity;
}

/* Weight times impurity of the rows with values in (above, upto]; *rows_out counts them. */
static double naive_side(const naive_node *node, const hn_split_rules *rules, double above,
                         double upto, size_t *rows_out) {
  double weights[MAX_CLASSES] = {0}, total = 0;
  *rows_out = 0;
  for (size_t i = 0; i < node->n; i++) {
    if (!(node->values[i] > above && node->values[i] <= upto)) continue;
    double w = rules->class_weights ? rules->class_weights[node->classes[i]] : 1;
    weights[node->classes[i]] += w * node->draws[i];
    total += w * node->draws[i];
    ++*rows_out;
  }
  return total * naive_impurity(rules->criterion, weights, node->n_classes, total);
}

/* The largest decrease of impurity and the value below its lowest cut; 0 without a cut. */
static int naive_search(const naive_node *node, const hn_split_rules *rules, double *decrease_out,
                        float *below_out) {
  size_t n_left, n_right;
  double whole = naive_side(node, rules, -INFINITY, INFINITY, &n_left);
  int is_found = 0;
  for (size_t i = 0; i < node->n; i++) {
    double cut = node->values[i];
    double left = naive_side(node, rules, -INFINITY, cut, &n_left);
    double right = naive_side(node, rules, cut, INFINITY, &n_right);
    if (n_right == 0 || n_left < rules->min_samples_leaf || n_right < rules->min_samples_leaf)
      continue;
    double decrease = whole - left - right;
    int is_lower = is_found && fabs(decrease - *decrease_out) < 1e-9 && cut < *below_out;
    if (!is_found || decrease > *decrease_out + 1e-9 || is_lower) {
      *decrease_out = decrease;
      *below_out = (float)cut;
      is_found = 1;
    }
  }
  return is_found;
}

static int by_value(const void *a, const void *b) {
  const float *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

/* A column with implicit zeros, its entries sorted, one rank an entry: as in sparse data. */
static hn_split_column make_column(const naive_node *node, uint32_t *keys, float *values) {
  struct {
    float value;
    uint32_t row;
  } cells[MAX_ROWS];
  hn_split_column c = {.keys = keys, .values = values, .has_ties = 1};
  for (size_t i = 0; i < node->n; i++) {
    if (node->values[i] == 0) {
      c.n_zeros++;
      continue;
    }
    cells[c.n_keys].value = node->values[i];
    cells[c.n_keys++].row = (uint32_t)i;
    c.n_negative += node->values[i] < 0;
  }
  qsort(cells, c.n_keys, sizeof *cells, by_value);
  for (size_t p = 0; p < c.n_keys; p++) {
    values[p] = cells[p].value;
    keys[p] = (uint32_t)p << SHIFT | node->draws[cells[p].row] << CLASS_BITS |
              node->classes[cells[p].row];
  }
  return c;
}

static naive_node make_node(hn_rng *rng, size_t round) {
  naive_node node = {.n = 1 + hn_rng_below(rng, MAX_ROWS), .n_classes = 2 + round % 3};
  for (size_t i = 0; i < node.n; i++) {
    /* Few values, so that ties occur; in turn positive, negative and both; with and without zeros.
     */
    double v = (double)hn_rng_below(rng, 6) + (round % 2 ? 0 : 1);
    if (round % 5 == 1) v = -v;
    if (round % 5 > 1) v -= 3;
    node.values[i] = (float)v;
    node.classes[i] = (uint32_t)hn_rng_below(rng, node.n_classes);
    node.draws[i] = 1 + (uint32_t)hn_rng_below(rng, 3);
  }
  return node;
}

static void check_node(const naive_node *node, const hn_split_rules *rules) {
  uint32_t keys[MAX_ROWS], counts[MAX_CLASSES] = {0}, scratch[2 * MAX_CLASSES];
  float values[MAX_ROWS], below = 0;
  double decrease = 0;
  hn_split_column column = make_column(node, keys, values);
  for (size_t i = 0; i < node->n; i++) counts[node->classes[i]] += node->draws[i];
  hn_split_side side = {.counts = counts};
  hn_split_side_sum(rules, &side);
  hn_split best = {.score = -INFINITY};
  int is_found = naive_search(node, rules, &decrease, &below);
  assert_int_equal(hn_split_search(rules, &side, &column, scratch, &best), is_found);
  if (!is_found) return;
  expect_near(best.score - hn_split_score(rules, &side), decrease, 1e-9);
  float got_below = best.below == HN_SPLIT_ZERO ? 0 : values[best.below];
  float got_above = best.above == HN_SPLIT_ZERO ? 0 : values[best.above];
  /* With weights or logarithms, rounding decides among equal cuts. */
  if (rules->criterion == HN_CRITERION_GINI && !rules->class_weights)
    expect_near(got_below, below, 0);
  assert_true(got_below < got_above);
  assert_true(!best.is_below_zeros || got_below < 0);
  assert_false(hn_split_is_constant(&column, SHIFT));
  assert_int_equal(hn_split_search(rules, &side, &column, scratch, &best), 0);
}

static void test_search_finds_what_trying_all_finds(void **state) {
  (void)state;
  static const double class_weights[MAX_CLASSES] = {0.5, 2, 1.25, 3};
  hn_rng rng;
  hn_rng_init(&rng, 1, "test.split", 0);
  for (size_t round = 0; round < 3000; round++) {
    naive_node node = make_node(&rng, round);
    hn_split_rules rules = {.criterion = round % 4 == 3 ? HN_CRITERION_ENTROPY : HN_CRITERION_GINI,
                            .n_classes = node.n_classes,
                            .class_bits = CLASS_BITS,
                            .shift = SHIFT,
                            .class_weights = round % 4 == 2 ? class_weights : NULL,
                            .min_samples_leaf = 1 + round % 7 / 2};
    check_node(&node, &rules);
  }
}

static void test_constant_columns_are_seen(void **state) {
  (void)state;
  float values[] = {-1, 2, 2};
  uint32_t keys[] = {1u << SHIFT, 2u << SHIFT};
  hn_split_column column = {.keys = keys, .values = values, .has_ties = 1, .n_zeros = 3};
  assert_true(hn_split_is_constant(&column, SHIFT));
  column.n_keys = 2;
  assert_false(hn_split_is_constant(&column, SHIFT));
  column.n_zeros = 0;
  assert_true(hn_split_is_constant(&column, SHIFT));
}

static void test_sort_orders_ranks(void **state) {
  (void)state;
  enum { N = 5000 };
  static uint32_t keys[N], scratch[N];
  hn_rng rng;
  hn_rng_init(&rng, 2, "test.sort", 0);
  for (size_t n = 0; n <= N; n = n < 60 ? n + 1 : n * 2) {
    uint64_t sum = 0, sorted_sum = 0;
    for (size_t i = 0; i < n; i++) sum += keys[i] = (uint32_t)hn_rng_next(&rng) >> (n % 20);
    hn_split_sort(keys, n, SHIFT, scratch);
    for (size_t i = 0; i < n; i++) sorted_sum += keys[i];
    for (size_t i = 1; i < n; i++) assert_true(keys[i - 1] >> SHIFT <= keys[i] >> SHIFT);
    assert_int_equal(sum, sorted_sum);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_search_finds_what_trying_all_finds),
      cmocka_unit_test(test_constant_columns_are_seen),
      cmocka_unit_test(test_sort_orders_ranks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
