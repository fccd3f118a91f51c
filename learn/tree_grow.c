#include "learn/tree_grow.h"

#include "base/memory.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* A node is a range of `samples`. For sparse data each row has one word, position << shift |
 * payload (see tree_split.h): one load tells whether the row is in the node and what it weighs. */

typedef struct {
  size_t start, end, depth;
  size_t parent; /* of a right child; NO_PARENT for left children and the root */
} pending;

#define NO_PARENT SIZE_MAX
#define OUT_OF_BAG UINT32_MAX

struct hn_tree_grower {
  const hn_tree_data *data;
  const int32_t *y;
  const hn_tree_options *options;
  hn_split_rules rules;
  hn_rng *rng;
  uint32_t *samples;  /* (N) rows in the bag, by node */
  uint32_t *words;    /* (N) by row */
  uint32_t *keys;     /* (N) */
  uint32_t *scratch;  /* (N) */
  uint8_t *is_moving; /* (N) all 0 between calls */
  uint32_t *columns;  /* (D) a permutation, whatever it is */
  uint32_t *split_scratch;
  hn_split_side node; /* of the node at hand */
  double root_weight;
  pending *stack;
  size_t n_stack, stack_capacity;
  hn_tree tree;
  size_t node_capacity, leaf_capacity;
};

hn_status hn_tree_grower_create(const hn_tree_data *data, const int32_t *y, size_t n_classes,
                                const hn_tree_options *options, hn_tree_grower **grower_out,
                                hn_error *err) {
  hn_status status = HN_OK;
  hn_tree_grower *g = NULL;
  HN_NEW(g, 1, err);
  g->data = data;
  g->y = y;
  g->options = options;
  g->rules = (hn_split_rules){.criterion = options->criterion,
                              .n_classes = n_classes,
                              .min_samples_leaf = options->min_samples_leaf};
  HN_NEW(g->samples, data->n_rows, err);
  HN_NEW(g->words, data->n_rows, err);
  HN_NEW(g->keys, data->n_rows, err);
  HN_NEW(g->scratch, data->n_rows, err);
  HN_NEW(g->is_moving, data->n_rows, err);
  HN_NEW(g->columns, data->n_cols, err);
  HN_NEW(g->node.counts, n_classes, err);
  HN_NEW(g->split_scratch, 2 * n_classes, err);
  *grower_out = g;
  return HN_OK;
done:
  hn_tree_grower_destroy(g);
  return status;
}

void hn_tree_grower_destroy(hn_tree_grower *g) {
  if (!g) return;
  hn_free(g->samples);
  hn_free(g->words);
  hn_free(g->keys);
  hn_free(g->scratch);
  hn_free(g->is_moving);
  hn_free(g->columns);
  hn_free(g->node.counts);
  hn_free(g->split_scratch);
  hn_free(g->stack);
  hn_tree_free(&g->tree);
  hn_free(g);
}

void hn_tree_free(hn_tree *tree) {
  hn_free(tree->nodes);
  hn_free(tree->leaves);
  *tree = (hn_tree){0};
}

static unsigned bits_for(size_t largest) {
  unsigned bits = 0;
  while (bits < 64 && largest >> bits) bits++;
  return bits;
}

/* Lay out the keys and put the drawn rows in the bag; their number in *n_out. */
static hn_status fill_bag(hn_tree_grower *g, const uint32_t *draws, size_t *n_out, hn_error *err) {
  size_t n_rows = g->data->n_rows, n = 0;
  uint32_t most = 0;
  for (size_t i = 0; i < n_rows; i++)
    if (draws[i] > most) most = draws[i];
  g->rules.class_bits = bits_for(g->rules.n_classes - 1);
  g->rules.shift = g->rules.class_bits + bits_for(most);
  if (bits_for(n_rows) + g->rules.shift > 32)
    return hn_fail(
        err, HN_UNSUPPORTED,
        "%zu rows of %zu classes, one drawn %u times, are too many for a tree: it has 32 "
        "bits for all three; use max_samples or fewer rows",
        n_rows, g->rules.n_classes, most);
  for (size_t i = 0; i < n_rows; i++) {
    g->words[i] = OUT_OF_BAG;
    if (draws[i] == 0) continue;
    g->samples[n] = (uint32_t)i;
    g->words[i] =
        (uint32_t)n << g->rules.shift | draws[i] << g->rules.class_bits | (uint32_t)g->y[i];
    n++;
  }
  *n_out = n;
  return HN_OK;
}

/* --- one column of a node --- */

static uint32_t payload_mask(const hn_tree_grower *g) {
  return (1u << g->rules.shift) - 1;
}

/* Keys of the entries p of [from, to) whose rows are in the node: those whose words lie within
 * `span` above `low`. Without branches: which rows are in the bag is a coin's toss. */
#define DEFINE_GATHER(name, row_type)                                                              \
  static size_t name(const row_type *rows, size_t from, size_t to, const uint32_t *words,          \
                     uint32_t low, uint32_t span, unsigned shift, uint32_t *keys) {                \
    const uint32_t mask = (1u << shift) - 1;                                                       \
    size_t n = 0;                                                                                  \
    for (size_t p = from; p < to; p++) {                                                           \
      uint32_t word = words[rows[p]];                                                              \
      keys[n] = (uint32_t)p << shift | (word & mask);                                              \
      n += word - low < span;                                                                      \
    }                                                                                              \
    return n;                                                                                      \
  }
DEFINE_GATHER(gather16, uint16_t)
DEFINE_GATHER(gather32, uint32_t)

static hn_split_column sparse_column(const hn_tree_grower *g, size_t j, const pending *node) {
  const hn_tree_data *d = g->data;
  const size_t start = d->start[j], length = d->start[j + 1] - start;
  const unsigned shift = g->rules.shift;
  const uint32_t low = (uint32_t)node->start << shift;
  const uint32_t span = (uint32_t)(node->end - node->start) << shift;
  size_t bounds[3] = {0, d->n_negative[j], length}, n[2];
  for (int part = 0; part < 2; part++) {
    uint32_t *keys = g->keys + (part ? n[0] : 0);
    n[part] = d->rows16 ? gather16(d->rows16 + start, bounds[part], bounds[part + 1], g->words, low,
                                   span, shift, keys)
                        : gather32(d->rows32 + start, bounds[part], bounds[part + 1], g->words, low,
                                   span, shift, keys);
  }
  return (hn_split_column){.keys = g->keys,
                           .n_keys = n[0] + n[1],
                           .n_negative = n[0],
                           .n_zeros = node->end - node->start - n[0] - n[1],
                           .values = d->values + start,
                           .has_ties = d->has_ties[j]};
}

static hn_split_column dense_column(const hn_tree_grower *g, size_t j, const pending *node) {
  const hn_tree_data *d = g->data;
  const uint32_t *ranks = d->ranks + j * d->n_rows;
  const uint32_t mask = payload_mask(g);
  size_t n = node->end - node->start;
  for (size_t i = 0; i < n; i++) {
    uint32_t row = g->samples[node->start + i];
    g->keys[i] = ranks[row] << g->rules.shift | (g->words[row] & mask);
  }
  hn_split_sort(g->keys, n, g->rules.shift, g->scratch);
  return (hn_split_column){.keys = g->keys, .n_keys = n, .values = d->values + d->start[j]};
}

/* The best cut over the columns drawn; 0 when there is none. */
static int find_split(hn_tree_grower *g, const pending *node, hn_split *best, size_t *column_out) {
  size_t n_cols = g->data->n_cols;
  int is_found = 0, is_varying = 0;
  best->score = -INFINITY;
  for (size_t drawn = 0; drawn < n_cols; drawn++) {
    if (drawn >= g->options->max_features && is_varying) break;
    size_t at = drawn + (size_t)hn_rng_below(g->rng, n_cols - drawn);
    uint32_t j = g->columns[at];
    g->columns[at] = g->columns[drawn];
    g->columns[drawn] = j;
    hn_split_column column =
        g->data->is_dense ? dense_column(g, j, node) : sparse_column(g, j, node);
    if (hn_split_is_constant(&column, g->rules.shift)) continue;
    is_varying = 1;
    if (hn_split_search(&g->rules, &g->node, &column, g->split_scratch, best)) {
      is_found = 1;
      *column_out = j;
    }
  }
  return is_found;
}

/* --- dividing a node --- */

/* Left rows first; where the right ones begin. */
static size_t divide_dense(hn_tree_grower *g, const pending *node, size_t j, uint32_t rank) {
  const uint32_t *ranks = g->data->ranks + j * g->data->n_rows;
  size_t left = node->start, right = node->end;
  while (left < right) {
    uint32_t row = g->samples[left];
    if (ranks[row] < rank) {
      left++;
    } else {
      g->samples[left] = g->samples[--right];
      g->samples[right] = row;
    }
  }
  return left;
}

static void place(hn_tree_grower *g, uint32_t row, size_t position) {
  g->samples[position] = row;
  g->words[row] = (uint32_t)position << g->rules.shift | (g->words[row] & payload_mask(g));
}

/* The same, touching only the rows that have entries beyond the cut: they go to their end of the
 * node in exchange for the rows that stand there. */
static size_t divide_sparse(hn_tree_grower *g, const pending *node, size_t j,
                            const hn_split *split) {
  const hn_tree_data *d = g->data;
  const size_t start = d->start[j], length = d->start[j + 1] - start;
  const unsigned shift = g->rules.shift;
  size_t from = split->is_below_zeros ? 0 : split->rank;
  size_t to = split->is_below_zeros ? split->rank + 1 : length, n = 0;
  uint32_t *moving = g->scratch;
  for (size_t p = from; p < to; p++) {
    uint32_t row = d->rows16 ? d->rows16[start + p] : d->rows32[start + p];
    uint32_t position = g->words[row] >> shift;
    if (g->words[row] == OUT_OF_BAG || position < node->start || position >= node->end) continue;
    moving[n++] = row;
    g->is_moving[row] = 1;
  }
  size_t low = split->is_below_zeros ? node->start : node->end - n, high = low + n, free_at = low;
  for (size_t i = 0; i < n; i++) {
    uint32_t position = g->words[moving[i]] >> shift;
    if (position >= low && position < high) continue;
    while (g->is_moving[g->samples[free_at]]) free_at++;
    place(g, g->samples[free_at], position);
    place(g, moving[i], free_at);
  }
  for (size_t i = 0; i < n; i++) g->is_moving[moving[i]] = 0;
  return split->is_below_zeros ? high : low;
}

/* --- the tree --- */

static void sum_node(hn_tree_grower *g, const pending *node) {
  const unsigned class_bits = g->rules.class_bits;
  const uint32_t class_mask = (1u << class_bits) - 1, mask = payload_mask(g);
  memset(g->node.counts, 0, g->rules.n_classes * sizeof *g->node.counts);
  for (size_t i = node->start; i < node->end; i++) {
    uint32_t payload = g->words[g->samples[i]] & mask;
    g->node.counts[payload & class_mask] += payload >> class_bits;
  }
  hn_split_side_sum(&g->rules, &g->node);
}

static int is_pure(const hn_tree_grower *g) {
  size_t n_present = 0;
  for (size_t k = 0; k < g->rules.n_classes; k++) n_present += g->node.counts[k] > 0;
  return n_present == 1;
}

static hn_status write_leaf(hn_tree_grower *g, hn_tree_node *leaf, hn_error *err) {
  hn_status status = HN_OK;
  hn_tree *tree = &g->tree;
  size_t n_classes = g->rules.n_classes;
  if (is_pure(g)) {
    int32_t k = 0;
    while (g->node.counts[k] == 0) k++;
    *leaf = (hn_tree_node){.feature = HN_TREE_PURE(k)};
    return HN_OK;
  }
  if (tree->n_leaves == g->leaf_capacity) {
    size_t capacity = g->leaf_capacity ? 2 * g->leaf_capacity : 16;
    float *grown = hn_realloc(tree->leaves, capacity * n_classes, sizeof *grown);
    if (!grown) HN_TRY(hn_fail_memory(err));
    tree->leaves = grown;
    g->leaf_capacity = capacity;
  }
  float *shares = tree->leaves + tree->n_leaves * n_classes;
  for (size_t k = 0; k < n_classes; k++) {
    double w = g->rules.class_weights ? g->rules.class_weights[k] : 1;
    shares[k] = (float)(w * g->node.counts[k] / g->node.weight);
  }
  *leaf = (hn_tree_node){.feature = HN_TREE_MIXED, .next = (uint32_t)tree->n_leaves++};
done:
  return status;
}

/* Half-way between two values, rounded down, and never as large as the upper one. */
static float threshold_between(float below, float above) {
  double middle = below / 2.0 + above / 2.0;
  float threshold = (float)middle;
  if (threshold > middle) threshold = nextafterf(threshold, -INFINITY);
  return threshold < above ? threshold : below;
}

static hn_status push(hn_tree_grower *g, pending node, hn_error *err) {
  hn_status status = HN_OK;
  HN_GROW(g->stack, g->n_stack, g->stack_capacity, err);
  g->stack[g->n_stack++] = node;
done:
  return status;
}

static hn_status grow_node(hn_tree_grower *g, pending node, hn_error *err) {
  hn_status status = HN_OK;
  const hn_tree_options *o = g->options;
  hn_tree *tree = &g->tree;
  size_t n = node.end - node.start, column = 0, self = tree->n_nodes;
  hn_split split;
  HN_GROW(tree->nodes, tree->n_nodes, g->node_capacity, err);
  tree->n_nodes++;
  if (node.parent != NO_PARENT) tree->nodes[node.parent].next = (uint32_t)self;

  sum_node(g, &node);
  int is_leaf = node.depth >= o->max_depth || n < o->min_samples_split ||
                n < 2 * o->min_samples_leaf || is_pure(g) || !find_split(g, &node, &split, &column);
  double gain = 0;
  if (!is_leaf) {
    gain = (split.score - hn_split_score(&g->rules, &g->node)) / g->root_weight;
    is_leaf = gain + DBL_EPSILON < o->min_impurity_decrease;
  }
  if (is_leaf) return write_leaf(g, &tree->nodes[self], err);

  tree->nodes[self] = (hn_tree_node){.feature = (int32_t)column,
                                     .threshold = threshold_between(split.below, split.above),
                                     .gain = (float)fmax(gain, 0)};
  size_t middle = g->data->is_dense ? divide_dense(g, &node, column, split.rank)
                                    : divide_sparse(g, &node, column, &split);
  HN_TRY(push(g, (pending){middle, node.end, node.depth + 1, self}, err));
  HN_TRY(push(g, (pending){node.start, middle, node.depth + 1, NO_PARENT}, err));
done:
  return status;
}

/* Give back what doubling took too much; a refusal to shrink does no harm. */
static void trim(hn_tree *tree, size_t n_classes) {
  hn_tree_node *nodes = hn_realloc(tree->nodes, tree->n_nodes, sizeof *nodes);
  if (nodes) tree->nodes = nodes;
  float *leaves = hn_realloc(tree->leaves, tree->n_leaves * n_classes, sizeof *leaves);
  if (leaves) tree->leaves = leaves;
}

hn_status hn_tree_grow(hn_tree_grower *g, const uint32_t *draws, const double *class_weights,
                       hn_rng *rng, hn_tree *tree_out, hn_error *err) {
  hn_status status = HN_OK;
  pending root = {.parent = NO_PARENT};
  g->rng = rng;
  g->rules.class_weights = class_weights;
  g->tree = (hn_tree){0};
  g->node_capacity = g->leaf_capacity = g->n_stack = 0;
  for (size_t j = 0; j < g->data->n_cols; j++) g->columns[j] = (uint32_t)j;
  HN_TRY(fill_bag(g, draws, &root.end, err));
  sum_node(g, &root);
  g->root_weight = g->node.weight;
  HN_TRY(push(g, root, err));
  while (g->n_stack) HN_TRY(grow_node(g, g->stack[--g->n_stack], err));
  trim(&g->tree, g->rules.n_classes);
  *tree_out = g->tree;
  g->tree = (hn_tree){0};
done:
  hn_tree_free(&g->tree);
  return status;
}
