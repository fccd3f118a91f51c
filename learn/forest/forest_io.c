#include "learn/forest/forest_model.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Tensors, all trees one behind the other:
 *   tree_start (T + 1) i64    the nodes of tree t are tree_start[t] … tree_start[t + 1] - 1
 *   feature, next (n) i32; threshold, gain (n) f32    see hn_tree_node
 *   leaf_start (T + 1) i64    the same for leaf_shares (m, K) f32
 *   n_columns (1) i64
 *   oob_decision_function (N, K) f32, and the text oob_score    only where asked for */

typedef struct {
  size_t n_trees, n_nodes, n_leaves;
  int64_t *tree_start, *leaf_start;
  int32_t *feature, *next;
  float *threshold, *gain, *leaf_shares;
} forest_arrays;

static void free_arrays(forest_arrays *a) {
  hn_free(a->tree_start);
  hn_free(a->leaf_start);
  hn_free(a->feature);
  hn_free(a->next);
  hn_free(a->threshold);
  hn_free(a->gain);
  hn_free(a->leaf_shares);
}

static void pack_tree(const hn_tree *tree, size_t n_classes, int64_t node_at, int64_t leaf_at,
                      forest_arrays *a) {
  for (size_t i = 0; i < tree->n_nodes; i++) {
    size_t at = (size_t)node_at + i;
    a->feature[at] = tree->nodes[i].feature;
    a->next[at] = (int32_t)tree->nodes[i].next;
    a->threshold[at] = tree->nodes[i].threshold;
    a->gain[at] = tree->nodes[i].gain;
  }
  if (tree->n_leaves == 0) return;
  memcpy(a->leaf_shares + (size_t)leaf_at * n_classes, tree->leaves,
         tree->n_leaves * n_classes * sizeof *tree->leaves);
}

static hn_status pack(const hn_forest *forest, forest_arrays *a, hn_error *err) {
  hn_status status = HN_OK;
  HN_NEW(a->tree_start, forest->n_trees + 1, err);
  HN_NEW(a->leaf_start, forest->n_trees + 1, err);
  for (size_t t = 0; t < forest->n_trees; t++) {
    a->tree_start[t + 1] = a->tree_start[t] + (int64_t)forest->trees[t].n_nodes;
    a->leaf_start[t + 1] = a->leaf_start[t] + (int64_t)forest->trees[t].n_leaves;
  }
  a->n_nodes = (size_t)a->tree_start[forest->n_trees];
  a->n_leaves = (size_t)a->leaf_start[forest->n_trees];
  HN_NEW(a->feature, a->n_nodes, err);
  HN_NEW(a->next, a->n_nodes, err);
  HN_NEW(a->threshold, a->n_nodes, err);
  HN_NEW(a->gain, a->n_nodes, err);
  HN_NEW(a->leaf_shares, a->n_leaves * forest->n_classes, err);
  for (size_t t = 0; t < forest->n_trees; t++)
    pack_tree(&forest->trees[t], forest->n_classes, a->tree_start[t], a->leaf_start[t], a);
done:
  return status;
}

static hn_status save_oob(const hn_forest *forest, hn_tensors *tensors, hn_error *err) {
  hn_status status = HN_OK;
  size_t shape[2] = {forest->n_oob_rows, forest->n_classes};
  char text[40];
  snprintf(text, sizeof text, "%.17g", forest->oob_score);
  HN_TRY(hn_tensors_add(tensors, "oob_decision_function", HN_TENSOR_F32, 2, shape,
                        forest->oob_proba, err));
  HN_TRY(hn_tensors_set_text(tensors, "oob_score", text, err));
done:
  return status;
}

hn_status hn_forest_save(const void *model, hn_tensors *tensors, hn_error *err) {
  const hn_forest *forest = model;
  hn_status status = HN_OK;
  forest_arrays a = {0};
  HN_TRY(pack(forest, &a, err));
  int64_t n_columns = (int64_t)forest->n_columns;
  size_t one = 1, starts = forest->n_trees + 1, shares[2] = {a.n_leaves, forest->n_classes};
  HN_TRY(hn_tensors_add(tensors, "n_columns", HN_TENSOR_I64, 1, &one, &n_columns, err));
  HN_TRY(hn_tensors_add(tensors, "tree_start", HN_TENSOR_I64, 1, &starts, a.tree_start, err));
  HN_TRY(hn_tensors_add(tensors, "feature", HN_TENSOR_I32, 1, &a.n_nodes, a.feature, err));
  HN_TRY(hn_tensors_add(tensors, "threshold", HN_TENSOR_F32, 1, &a.n_nodes, a.threshold, err));
  HN_TRY(hn_tensors_add(tensors, "next", HN_TENSOR_I32, 1, &a.n_nodes, a.next, err));
  HN_TRY(hn_tensors_add(tensors, "gain", HN_TENSOR_F32, 1, &a.n_nodes, a.gain, err));
  HN_TRY(hn_tensors_add(tensors, "leaf_start", HN_TENSOR_I64, 1, &starts, a.leaf_start, err));
  HN_TRY(hn_tensors_add(tensors, "leaf_shares", HN_TENSOR_F32, 2, shares, a.leaf_shares, err));
  if (forest->oob_proba) HN_TRY(save_oob(forest, tensors, err));
done:
  free_arrays(&a);
  return status;
}

/* The tensors of a saved forest, borrowed from the file. */
typedef struct {
  const hn_tensor *n_columns, *tree_start, *feature, *threshold, *next, *gain, *leaf_start,
      *leaf_shares;
} forest_file;

static hn_status find_tensors(const hn_tensors *tensors, forest_file *f, hn_error *err) {
  hn_status status = HN_OK;
  HN_TRY(hn_tensors_get(tensors, "n_columns", HN_TENSOR_I64, 1, &f->n_columns, err));
  HN_TRY(hn_tensors_get(tensors, "tree_start", HN_TENSOR_I64, 1, &f->tree_start, err));
  HN_TRY(hn_tensors_get(tensors, "feature", HN_TENSOR_I32, 1, &f->feature, err));
  HN_TRY(hn_tensors_get(tensors, "threshold", HN_TENSOR_F32, 1, &f->threshold, err));
  HN_TRY(hn_tensors_get(tensors, "next", HN_TENSOR_I32, 1, &f->next, err));
  HN_TRY(hn_tensors_get(tensors, "gain", HN_TENSOR_F32, 1, &f->gain, err));
  HN_TRY(hn_tensors_get(tensors, "leaf_start", HN_TENSOR_I64, 1, &f->leaf_start, err));
  HN_TRY(hn_tensors_get(tensors, "leaf_shares", HN_TENSOR_F32, 2, &f->leaf_shares, err));
done:
  return status;
}

/* Do the starts ascend from 0 to n, by at least `least` each? */
static int are_starts(const hn_tensor *starts, size_t n, int64_t least) {
  const int64_t *s = starts->data;
  size_t n_trees = starts->shape[0] - 1;
  if (s[0] != 0 || s[n_trees] != (int64_t)n) return 0;
  for (size_t t = 0; t < n_trees; t++)
    if (s[t + 1] > (int64_t)n || s[t + 1] - s[t] < least) return 0;
  return 1;
}

static hn_status check_shapes(const forest_file *f, size_t n_classes, hn_error *err) {
  size_t n = f->feature->shape[0];
  if (f->n_columns->shape[0] != 1 || *(const int64_t *)f->n_columns->data <= 0)
    return hn_fail(err, HN_FORMAT, "n_columns of the forest is not one positive number");
  if (f->threshold->shape[0] != n || f->next->shape[0] != n || f->gain->shape[0] != n)
    return hn_fail(err, HN_FORMAT, "feature has %zu nodes, threshold %zu, next %zu, gain %zu", n,
                   f->threshold->shape[0], f->next->shape[0], f->gain->shape[0]);
  if (f->leaf_shares->shape[1] != n_classes)
    return hn_fail(err, HN_FORMAT, "leaf_shares is for %zu classes, expected %zu",
                   f->leaf_shares->shape[1], n_classes);
  if (f->tree_start->shape[0] < 2 || f->leaf_start->shape[0] != f->tree_start->shape[0] ||
      !are_starts(f->tree_start, n, 1) || !are_starts(f->leaf_start, f->leaf_shares->shape[0], 0))
    return hn_fail(err, HN_FORMAT, "tree_start or leaf_start does not divide the nodes or leaves");
  return HN_OK;
}

/* Children lie behind their parents, so every walk ends. */
static int is_node_valid(const hn_tree *tree, size_t i, const hn_forest *forest) {
  const hn_tree_node *node = &tree->nodes[i];
  if (!isfinite(node->threshold) || !isfinite(node->gain)) return 0;
  if (node->feature == HN_TREE_MIXED) return node->next < tree->n_leaves;
  if (node->feature < 0) return (size_t)HN_TREE_PURE(node->feature) < forest->n_classes;
  return (size_t)node->feature < forest->n_columns && node->next > i + 1 &&
         node->next < tree->n_nodes;
}

static int are_leaves_valid(const hn_tree *tree, size_t n_classes) {
  for (size_t l = 0; l < tree->n_leaves; l++) {
    double sum = 0;
    for (size_t k = 0; k < n_classes; k++) {
      float share = tree->leaves[l * n_classes + k];
      if (!(share >= 0)) return 0;
      sum += share;
    }
    if (!(fabs(sum - 1) < 1e-5)) return 0;
  }
  return 1;
}

static hn_status unpack_tree(const forest_file *f, const hn_forest *forest, size_t t,
                             hn_error *err) {
  hn_status status = HN_OK;
  hn_tree *tree = &forest->trees[t];
  const int64_t *nodes = (const int64_t *)f->tree_start->data + t;
  const int64_t *leaves = (const int64_t *)f->leaf_start->data + t;
  tree->n_nodes = (size_t)(nodes[1] - nodes[0]);
  tree->n_leaves = (size_t)(leaves[1] - leaves[0]);
  HN_NEW(tree->nodes, tree->n_nodes, err);
  HN_NEW(tree->leaves, tree->n_leaves * forest->n_classes, err);
  memcpy(tree->leaves, (const float *)f->leaf_shares->data + (size_t)leaves[0] * forest->n_classes,
         tree->n_leaves * forest->n_classes * sizeof *tree->leaves);
  if (!are_leaves_valid(tree, forest->n_classes))
    HN_TRY(hn_fail(err, HN_FORMAT, "tree %zu: leaf_shares are not shares that sum to 1", t));
  for (size_t i = 0; i < tree->n_nodes; i++) {
    size_t at = (size_t)nodes[0] + i;
    tree->nodes[i] = (hn_tree_node){.feature = ((const int32_t *)f->feature->data)[at],
                                    .threshold = ((const float *)f->threshold->data)[at],
                                    .next = ((const uint32_t *)f->next->data)[at],
                                    .gain = ((const float *)f->gain->data)[at]};
    if (!is_node_valid(tree, i, forest))
      HN_TRY(hn_fail(err, HN_FORMAT, "tree %zu: node %zu has feature %d and next %u", t, i,
                     tree->nodes[i].feature, tree->nodes[i].next));
  }
done:
  return status;
}

static hn_status load_oob(const hn_tensors *tensors, hn_forest *forest, hn_error *err) {
  hn_status status = HN_OK;
  const hn_tensor *proba;
  const char *text;
  char *end;
  HN_TRY(hn_tensors_get(tensors, "oob_decision_function", HN_TENSOR_F32, 2, &proba, err));
  HN_TRY(hn_tensors_get_text(tensors, "oob_score", &text, err));
  double score = strtod(text, &end);
  if (proba->shape[1] != forest->n_classes || end == text || *end || score < 0 || score > 1)
    return hn_fail(
        err, HN_FORMAT,
        "oob_decision_function is for %zu classes, expected %zu; oob_score is \"%.40s\", "
        "expected a share",
        proba->shape[1], forest->n_classes, text);
  HN_NEW(forest->oob_proba, proba->shape[0] * proba->shape[1], err);
  memcpy(forest->oob_proba, proba->data, proba->n_bytes);
  forest->n_oob_rows = proba->shape[0];
  forest->oob_score = score;
done:
  return status;
}

hn_status hn_forest_load(const hn_tensors *tensors, const hn_options *options, size_t n_classes,
                         void **model_out, hn_error *err) {
  (void)options;
  hn_status status = HN_OK;
  hn_forest *forest = NULL;
  forest_file f;
  HN_TRY(find_tensors(tensors, &f, err));
  HN_TRY(check_shapes(&f, n_classes, err));
  HN_TRY(hn_forest_create((size_t) * (const int64_t *)f.n_columns->data, n_classes,
                          f.tree_start->shape[0] - 1, &forest, err));
  for (size_t t = 0; t < forest->n_trees; t++) HN_TRY(unpack_tree(&f, forest, t, err));
  if (hn_tensors_find(tensors, "oob_decision_function")) HN_TRY(load_oob(tensors, forest, err));
  *model_out = forest;
  return HN_OK;
done:
  hn_forest_destroy(forest);
  return status;
}
