#include "learn/forest/tree_grow.h"

#include "base/memory.h"
#include "learn/forest/tree_grower.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Drawing slots looks at each rare entry of the node with the same chance as drawing columns looks
 * at each column; beyond this many rows the entries' columns are longer altogether than all
 * columns. */
static size_t max_small_node(const hn_tree_data *data, const hn_tree_rows *rows) {
  return rows->rare_scan > 0 ? (size_t)((double)data->n_rows / rows->rare_scan) : data->n_rows;
}

/* C(D - n, F) / C(D, F) for n of D slots live and F drawn. */
static void fill_no_live(hn_tree_grower *g) {
  double n_cols = (double)g->data->n_cols, n_draws = (double)g->options->max_features;
  g->no_live[0] = 1;
  for (size_t n = 0; n < g->data->n_cols; n++)
    g->no_live[n + 1] =
        g->no_live[n] * fmax(n_cols - n_draws - (double)n, 0) / (n_cols - (double)n);
}

hn_status hn_tree_grower_create(const hn_tree_data *data, const hn_tree_rows *rows,
                                const int32_t *y, size_t n_classes, const hn_tree_options *options,
                                hn_tree_grower **grower_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_tree_grower *g = NULL;
  HN_NEW(g, 1, err);
  g->data = data;
  g->rows = rows;
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
  if (rows) {
    HN_NEW(g->slots, data->n_cols, err);
    HN_NEW(g->is_member, data->n_rows, err);
    HN_NEW(g->is_drawn, data->n_cols / 64 + 1, err);
    HN_NEW(g->no_live, data->n_cols + 1, err);
    fill_no_live(g);
    HN_NEW(g->before, data->n_rows, err);
    g->max_small_node = max_small_node(data, rows);
  }
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
  hn_free(g->slots);
  hn_free(g->is_member);
  hn_free(g->no_live);
  hn_free(g->is_drawn);
  hn_free(g->before);
  hn_free(g->node.counts);
  hn_free(g->split_scratch);
  hn_free(g->drafts);
  hn_free(g->frontier);
  hn_free(g);
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
    g->words[i] = HN_OUT_OF_BAG;
    if (draws[i] == 0) continue;
    g->samples[n] = (uint32_t)i;
    g->words[i] =
        (uint32_t)n << g->rules.shift | draws[i] << g->rules.class_bits | (uint32_t)g->y[i];
    n++;
  }
  *n_out = n;
  return HN_OK;
}

/* --- the rows of a node --- */

/* Left rows first; where the right ones begin. */
static size_t divide_dense(hn_tree_grower *g, const hn_tree_range *node, size_t j, uint32_t rank) {
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
  g->words[row] = (uint32_t)position << g->rules.shift | (g->words[row] & hn_tree_payload_mask(g));
}

/* The same, touching only the rows that have entries beyond the cut: they go to their end of the
 * node in exchange for the rows that stand there. */
static size_t divide_sparse(hn_tree_grower *g, const hn_tree_range *node, size_t j,
                            const hn_split *split) {
  const hn_tree_data *d = g->data;
  const hn_tree_column c = d->columns[j];
  size_t from = split->is_below_zeros ? 0 : split->above;
  size_t to = split->is_below_zeros ? split->below + 1 : c.length, n = 0;
  uint32_t *moving = g->scratch;
  for (size_t p = from; p < to; p++) {
    moving[n] = hn_tree_data_row(d, c.start + p);
    n += g->is_member[moving[n]];
  }
  for (size_t i = 0; i < n; i++) g->is_moving[moving[i]] = 1;
  size_t low = split->is_below_zeros ? node->start : node->end - n, high = low + n, free_at = low;
  for (size_t i = 0; i < n; i++) {
    uint32_t position = g->words[moving[i]] >> g->rules.shift;
    if (position >= low && position < high) continue;
    while (g->is_moving[g->samples[free_at]]) free_at++;
    place(g, g->samples[free_at], position);
    place(g, moving[i], free_at);
  }
  for (size_t i = 0; i < n; i++) g->is_moving[moving[i]] = 0;
  return split->is_below_zeros ? high : low;
}

/* --- one node --- */

void hn_tree_sum_node(hn_tree_grower *g, const hn_tree_range *node) {
  const unsigned class_bits = g->rules.class_bits;
  const uint32_t class_mask = (1u << class_bits) - 1, mask = hn_tree_payload_mask(g);
  memset(g->node.counts, 0, g->rules.n_classes * sizeof *g->node.counts);
  for (size_t i = node->start; i < node->end; i++) {
    uint32_t payload = g->words[g->samples[i]] & mask;
    g->node.counts[payload & class_mask] += payload >> class_bits;
  }
  hn_split_side_sum(&g->rules, &g->node);
}

/* What the node summed last is as a leaf. */
static int32_t leaf_feature(const hn_tree_grower *g) {
  size_t n_present = 0, last = 0;
  for (size_t k = 0; k < g->rules.n_classes; k++) {
    if (g->node.counts[k] == 0) continue;
    n_present++;
    last = k;
  }
  return n_present == 1 ? HN_TREE_PURE((int32_t)last) : HN_TREE_MIXED;
}

/* Where it was drawn, or half-way between the values beside the cut, rounded down, and never as
 * large as the upper one. */
static float threshold_of(const hn_tree_grower *g, size_t j, const hn_split *split) {
  if (g->options->splitter == HN_SPLITTER_RANDOM) return split->threshold;
  const float *values = g->data->values + g->data->columns[j].start;
  float below = split->below == HN_SPLIT_ZERO ? 0 : values[split->below];
  float above = split->above == HN_SPLIT_ZERO ? 0 : values[split->above];
  float threshold = hn_round_down(below / 2.0 + above / 2.0);
  return threshold < above ? threshold : below;
}

static void mark_members(hn_tree_grower *g, const hn_tree_range *node, uint8_t mark) {
  for (size_t i = node->start; g->is_member && i < node->end; i++)
    g->is_member[g->samples[i]] = mark;
}

static void cut(hn_tree_grower *g, hn_tree_draft *draft, size_t j, const hn_split *split) {
  const hn_tree_range *node = &draft->range;
  double gain = (split->score - hn_split_score(&g->rules, &g->node)) / g->root_weight;
  if (gain + DBL_EPSILON < g->options->min_impurity_decrease) return;
  draft->feature = (int32_t)j;
  draft->threshold = threshold_of(g, j, split);
  draft->gain = fmax(gain, 0);
  draft->middle = (uint32_t)(g->data->is_dense ? divide_dense(g, node, j, split->above)
                                               : divide_sparse(g, node, j, split));
}

void hn_tree_divide(hn_tree_grower *g, size_t i) {
  const hn_tree_options *o = g->options;
  hn_tree_draft *draft = &g->drafts[i];
  const hn_tree_range *node = &draft->range;
  size_t n = node->end - node->start, column = 0;
  hn_split split;
  hn_tree_sum_node(g, node);
  draft->feature = leaf_feature(g);
  if (draft->feature != HN_TREE_MIXED || node->depth >= o->max_depth || n < o->min_samples_split ||
      n < 2 * o->min_samples_leaf)
    return;
  mark_members(g, node, 1);
  if (hn_tree_find_split(g, node, &split, &column)) cut(g, draft, column, &split);
  mark_members(g, node, 0);
}

hn_status hn_tree_expand(hn_tree_grower *g, size_t i, hn_error *err) {
  hn_status status = HN_OK;
  size_t left = g->n_drafts;
  HN_GROW(g->drafts, left + 1, g->draft_capacity, err);
  hn_tree_draft *draft = &g->drafts[i];
  hn_tree_range range = draft->range;
  draft->left = (uint32_t)left;
  g->drafts[left] = (hn_tree_draft){.range = {range.start, draft->middle, range.depth + 1}};
  g->drafts[left + 1] = (hn_tree_draft){.range = {draft->middle, range.end, range.depth + 1}};
  g->n_drafts += 2;
done:
  return status;
}

/* --- the tree --- */

static hn_status push(hn_tree_grower *g, size_t i, hn_error *err) {
  hn_status status = HN_OK;
  HN_GROW(g->frontier, g->n_frontier, g->frontier_capacity, err);
  g->frontier[g->n_frontier++] = (uint32_t)i;
done:
  return status;
}

static hn_status grow_depth_first(hn_tree_grower *g, hn_error *err) {
  hn_status status = HN_OK;
  HN_TRY(push(g, 0, err));
  while (g->n_frontier) {
    size_t i = g->frontier[--g->n_frontier];
    hn_tree_divide(g, i);
    if (g->drafts[i].feature < 0) continue;
    HN_TRY(hn_tree_expand(g, i, err));
    HN_TRY(push(g, g->drafts[i].left + 1, err));
    HN_TRY(push(g, g->drafts[i].left, err));
  }
done:
  return status;
}

hn_status hn_tree_grow(hn_tree_grower *g, const uint32_t *draws, const double *class_weights,
                       hn_rng *rng, hn_tree *tree_out, hn_error *err) {
  hn_status status = HN_OK;
  size_t n_rows = 0;
  g->rng = rng;
  g->rules.class_weights = class_weights;
  g->n_drafts = g->n_frontier = 0;
  for (size_t j = 0; j < g->data->n_cols; j++) g->columns[j] = (uint32_t)j;
  HN_TRY(fill_bag(g, draws, &n_rows, err));
  HN_GROW(g->drafts, g->n_drafts, g->draft_capacity, err);
  g->drafts[g->n_drafts++] = (hn_tree_draft){.range = {.end = (uint32_t)n_rows}};
  hn_tree_sum_node(g, &g->drafts[0].range);
  g->root_weight = g->node.weight;
  HN_TRY(g->options->max_leaf_nodes == SIZE_MAX ? grow_depth_first(g, err)
                                                : hn_tree_grow_best_first(g, err));
  if (g->options->ccp_alpha > 0) HN_TRY(hn_tree_prune(g, err));
  HN_TRY(hn_tree_write(g, tree_out, err));
done:
  return status;
}
