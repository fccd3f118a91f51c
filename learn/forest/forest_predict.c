#include "learn/forest/forest_model.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

/* Blocks of rows, tree by tree: the nodes of a tree stay in cache for a whole block. Sparse rows
 * are spread out for their block, so that every step is one load. */

enum { BLOCK_BYTES = 1 << 19, MAX_BLOCK = 64 };

typedef struct {
  float *rows;   /* (block, D) spread-out sparse rows, all 0 between blocks */
  double *sums;  /* (block, K) */
  size_t *votes; /* (block) trees */
} predict_scratch;

hn_status hn_forest_create(size_t n_columns, size_t n_classes, size_t n_trees,
                           hn_forest **forest_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_forest *forest = NULL;
  HN_NEW(forest, 1, err);
  HN_NEW(forest->trees, n_trees, err);
  forest->n_columns = n_columns;
  forest->n_classes = n_classes;
  forest->n_trees = n_trees;
  forest->oob_score = NAN;
  *forest_out = forest;
  return HN_OK;
done:
  hn_forest_destroy(forest);
  return status;
}

void hn_forest_destroy(void *model) {
  hn_forest *forest = model;
  if (!forest) return;
  for (size_t t = 0; forest->trees && t < forest->n_trees; t++) hn_tree_free(&forest->trees[t]);
  hn_free(forest->trees);
  hn_free(forest->oob_proba);
  hn_free(forest);
}

static void spread(const hn_csr *m, size_t i, float *row, int is_clearing) {
  for (int64_t e = m->indptr[i]; e < m->indptr[i + 1]; e++)
    row[m->indices[e]] = is_clearing ? 0 : m->values[e];
}

static void add_leaf(const hn_forest *forest, const hn_tree *tree, const float *row, double *sums) {
  const hn_tree_node *leaf = hn_tree_leaf(tree, row);
  if (leaf->feature != HN_TREE_MIXED) {
    sums[HN_TREE_PURE(leaf->feature)] += 1;
    return;
  }
  const float *shares = tree->leaves + leaf->next * forest->n_classes;
  for (size_t k = 0; k < forest->n_classes; k++) sums[k] += shares[k];
}

/* All trees without bags, else those that do not have the row in theirs. */
static void add_leaves(const hn_forest *forest, const hn_forest_bags *bags, const float *rows,
                       size_t from, size_t to, predict_scratch *scratch) {
  for (size_t t = 0; t < forest->n_trees; t++)
    for (size_t i = 0; i < to - from; i++) {
      if (bags && hn_forest_bags_has(bags, t, from + i)) continue;
      add_leaf(forest, &forest->trees[t], rows + i * forest->n_columns,
               scratch->sums + i * forest->n_classes);
      scratch->votes[i]++;
    }
}

static void predict_block(const hn_forest *forest, const hn_features *x, const hn_forest_bags *bags,
                          size_t from, size_t to, predict_scratch *scratch, float *p_out) {
  size_t n_cols = forest->n_columns, n_classes = forest->n_classes;
  const float *rows = scratch->rows;
  if (x->kind == HN_FEATURES_DENSE)
    rows = x->as.dense.values + from * n_cols;
  else
    for (size_t i = from; i < to; i++)
      spread(&x->as.csr, i, scratch->rows + (i - from) * n_cols, 0);
  memset(scratch->sums, 0, (to - from) * n_classes * sizeof *scratch->sums);
  memset(scratch->votes, 0, (to - from) * sizeof *scratch->votes);
  add_leaves(forest, bags, rows, from, to, scratch);
  for (size_t v = 0; v < (to - from) * n_classes; v++) {
    size_t votes = scratch->votes[v / n_classes];
    p_out[from * n_classes + v] = votes ? (float)(scratch->sums[v] / (double)votes) : 0;
  }
  if (x->kind == HN_FEATURES_CSR)
    for (size_t i = from; i < to; i++)
      spread(&x->as.csr, i, scratch->rows + (i - from) * n_cols, 1);
}

static hn_status predict(const hn_forest *forest, const hn_features *x, const hn_forest_bags *bags,
                         float *p_out, hn_error *err) {
  size_t n = hn_features_n_rows(x), n_cols = forest->n_columns;
  if (hn_features_n_cols(x) != n_cols)
    return hn_fail(err, HN_INVALID, "the features have %zu columns, the trees were grown on %zu",
                   hn_features_n_cols(x), n_cols);
  size_t block = BLOCK_BYTES / (n_cols * sizeof(float));
  block = block < 1 ? 1 : block > MAX_BLOCK ? MAX_BLOCK : block;
  int is_out_of_memory = 0;
#pragma omp parallel reduction(| : is_out_of_memory)
  {
    predict_scratch s = {0};
    int is_sparse = x->kind == HN_FEATURES_CSR;
    if (is_sparse) s.rows = hn_calloc(block * n_cols, sizeof *s.rows);
    s.sums = hn_alloc(block * forest->n_classes, sizeof *s.sums);
    s.votes = hn_alloc(block, sizeof *s.votes);
    int is_ready = s.sums && s.votes && (s.rows || !is_sparse);
    if (!is_ready) is_out_of_memory = 1;
#pragma omp for schedule(dynamic)
    for (size_t from = 0; from < n; from += block)
      if (is_ready)
        predict_block(forest, x, bags, from, from + block < n ? from + block : n, &s, p_out);
    hn_free(s.rows);
    hn_free(s.sums);
    hn_free(s.votes);
  }
  return is_out_of_memory ? hn_fail_memory(err) : HN_OK;
}

hn_status hn_forest_predict_proba(const void *model, const hn_features *x, float *p_out,
                                  hn_error *err) {
  return predict(model, x, NULL, p_out, err);
}

hn_status hn_forest_predict_oob(const hn_forest *forest, const hn_features *x,
                                const hn_forest_bags *bags, float *p_out, hn_error *err) {
  return predict(forest, x, bags, p_out, err);
}

/* Each tree's gains sum to 1 (a tree without a cut has none), and so does their mean. */
hn_status hn_forest_importances(const void *model, double *importances_out, hn_error *err) {
  (void)err;
  const hn_forest *forest = model;
  double all = 0;
  memset(importances_out, 0, forest->n_columns * sizeof *importances_out);
  for (size_t t = 0; t < forest->n_trees; t++) {
    const hn_tree *tree = &forest->trees[t];
    double sum = 0;
    for (size_t i = 0; i < tree->n_nodes; i++) sum += tree->nodes[i].gain;
    for (size_t i = 0; sum > 0 && i < tree->n_nodes; i++)
      if (tree->nodes[i].feature >= 0)
        importances_out[tree->nodes[i].feature] += tree->nodes[i].gain / sum;
    all += sum > 0;
  }
  for (size_t j = 0; all > 0 && j < forest->n_columns; j++) importances_out[j] /= all;
  return HN_OK;
}

void hn_forest_uses(const void *model, uint8_t *used_out) {
  const hn_forest *forest = model;
  memset(used_out, 0, forest->n_columns);
  for (size_t t = 0; t < forest->n_trees; t++)
    for (size_t i = 0; i < forest->trees[t].n_nodes; i++)
      if (forest->trees[t].nodes[i].feature >= 0) used_out[forest->trees[t].nodes[i].feature] = 1;
}
