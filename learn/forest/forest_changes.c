#include "learn/forest/forest_model.h"

#include "base/memory.h"

#include <string.h>

/* Of one row many variants: each tree is walked once for the row as it is, and the nodes that the
 * walk passes are kept by the column that they ask for. A variant then walks only the trees that
 * asked for one of its columns, each from the first such node on. A tree's share is taken from the
 * sums and the new one added: with shares of 24 bits and sums of doubles that is exact until there
 * are leaves with a millionth of their weight in a class. */

/* A walk asked for a column here; nodes of a tree lie in pre-order, so they ascend along it. */
typedef struct {
  uint32_t tree, node;
} question;

typedef struct {
  const hn_forest *forest;
  float *row;                  /* (D) */
  const hn_tree_node **leaves; /* (trees) where the row ends as it is */
  double *sums;                /* (2, K) of the row, of the variant */
  size_t *start;               /* (D + 1) questions of each column, ascending by tree and node */
  question *questions;
  uint32_t *nodes; /* (trees) where the variant's walk begins; NO_NODE: not at all */
  uint32_t *asked; /* (trees) those with such a node */
} walks;

#define NO_NODE UINT32_MAX

static void free_walks(walks *w) {
  hn_free(w->row);
  hn_free(w->leaves);
  hn_free(w->sums);
  hn_free(w->start);
  hn_free(w->questions);
  hn_free(w->nodes);
  hn_free(w->asked);
}

static hn_status init_walks(const hn_forest *forest, walks *w, hn_error *err) {
  hn_status status = HN_OK;
  w->forest = forest;
  HN_NEW(w->row, forest->n_columns, err);
  HN_NEW(w->leaves, forest->n_trees, err);
  HN_NEW(w->sums, 2 * forest->n_classes, err);
  HN_NEW(w->start, forest->n_columns + 1, err);
  HN_NEW(w->nodes, forest->n_trees, err);
  HN_NEW(w->asked, forest->n_trees, err);
  for (size_t t = 0; t < forest->n_trees; t++) w->nodes[t] = NO_NODE;
done:
  return status;
}

static void spread(const hn_features *x, size_t i, float *row) {
  size_t n_cols = hn_features_n_cols(x);
  if (x->kind == HN_FEATURES_DENSE) {
    memcpy(row, x->as.dense.values + i * n_cols, n_cols * sizeof *row);
  } else {
    const hn_csr *m = &x->as.csr;
    for (int64_t e = m->indptr[i]; e < m->indptr[i + 1]; e++) row[m->indices[e]] = m->values[e];
  }
}

static void add_leaf(const walks *w, size_t t, const hn_tree_node *leaf, double sign,
                     double *sums) {
  size_t n_classes = w->forest->n_classes;
  if (leaf->feature != HN_TREE_MIXED) {
    sums[HN_TREE_PURE(leaf->feature)] += sign;
    return;
  }
  const float *shares = w->forest->trees[t].leaves + leaf->next * n_classes;
  for (size_t k = 0; k < n_classes; k++) sums[k] += sign * (double)shares[k];
}

static const hn_tree_node *step(const walks *w, const hn_tree *tree, const hn_tree_node *node) {
  return w->row[node->feature] <= node->threshold ? node + 1 : tree->nodes + node->next;
}

/* start[j + 1] counts the questions for column j; then, in a second walk, is where the next goes.
 */
static void walk_all(walks *w, int is_counting) {
  for (size_t t = 0; t < w->forest->n_trees; t++) {
    const hn_tree *tree = &w->forest->trees[t];
    const hn_tree_node *node = tree->nodes;
    for (; node->feature >= 0; node = step(w, tree, node)) {
      size_t at = w->start[node->feature + 1]++;
      if (!is_counting) w->questions[at] = (question){(uint32_t)t, (uint32_t)(node - tree->nodes)};
    }
    w->leaves[t] = node;
    if (!is_counting) add_leaf(w, t, node, 1, w->sums);
  }
}

static hn_status walk_row(walks *w, const hn_features *x, size_t i, hn_error *err) {
  hn_status status = HN_OK;
  size_t n = 0;
  spread(x, i, w->row);
  walk_all(w, 1);
  for (size_t j = 0; j < w->forest->n_columns; j++) {
    size_t count = w->start[j + 1];
    w->start[j + 1] = n;
    n += count;
  }
  HN_NEW(w->questions, n, err);
  walk_all(w, 0);
done:
  return status;
}

/* The trees that ask for a changed column, each with the first node that does; returns how many. */
static size_t find_asked(walks *w, const hn_row_change *change) {
  size_t n = 0;
  for (size_t c = 0; c < change->n; c++) {
    size_t column = (size_t)change->columns[c];
    for (size_t q = w->start[column]; q < w->start[column + 1]; q++) {
      question asks = w->questions[q];
      if (w->nodes[asks.tree] == NO_NODE) w->asked[n++] = asks.tree;
      if (asks.node < w->nodes[asks.tree]) w->nodes[asks.tree] = asks.node;
    }
  }
  return n;
}

static void exchange(float *row, const hn_row_change *change, const float *values) {
  for (size_t c = 0; c < change->n; c++) row[change->columns[c]] = values[c];
}

static void predict_variant(walks *w, const hn_row_change *change, float *p_out) {
  const hn_forest *forest = w->forest;
  double *sums = w->sums + forest->n_classes;
  memcpy(sums, w->sums, forest->n_classes * sizeof *sums);
  size_t n = find_asked(w, change);
  for (size_t a = 0; a < n; a++) {
    size_t t = w->asked[a];
    const hn_tree *tree = &forest->trees[t];
    const hn_tree_node *node = tree->nodes + w->nodes[t];
    while (node->feature >= 0) node = step(w, tree, node);
    w->nodes[t] = NO_NODE;
    if (node == w->leaves[t]) continue;
    add_leaf(w, t, w->leaves[t], -1, sums);
    add_leaf(w, t, node, 1, sums);
  }
  for (size_t k = 0; k < forest->n_classes; k++)
    p_out[k] = (float)(sums[k] / (double)forest->n_trees);
}

hn_status hn_forest_predict_changes(const void *model, const hn_features *x, size_t row,
                                    const hn_row_change *changes, size_t n_changes, float *p_out,
                                    hn_error *err) {
  hn_status status = HN_OK;
  const hn_forest *forest = model;
  walks w = {0};
  float *kept = NULL;
  size_t longest = 0;
  for (size_t c = 0; c < n_changes; c++)
    if (changes[c].n > longest) longest = changes[c].n;
  HN_NEW(kept, longest, err);
  HN_TRY(init_walks(forest, &w, err));
  HN_TRY(walk_row(&w, x, row, err));
  for (size_t c = 0; c < n_changes; c++) {
    for (size_t v = 0; v < changes[c].n; v++) kept[v] = w.row[changes[c].columns[v]];
    exchange(w.row, &changes[c], changes[c].values);
    predict_variant(&w, &changes[c], p_out + c * forest->n_classes);
    exchange(w.row, &changes[c], kept);
  }
done:
  hn_free(kept);
  free_walks(&w);
  return status;
}
