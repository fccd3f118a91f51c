#include "learn/forest/tree_grower.h"

#include "base/memory.h"

void hn_tree_free(hn_tree *tree) {
  hn_free(tree->nodes);
  hn_free(tree->leaves);
  *tree = (hn_tree){0};
}

/* Where each draft's node will stand, UINT32_MAX for those that pruning has cut off. Children stand
 * behind their parents, so one pass from the end counts the nodes of each subtree, and one from the
 * front places a left child behind its parent, a right one behind the left one's subtree. */
static void place_nodes(const hn_tree_grower *g, uint32_t *n_nodes, uint32_t *places) {
  const hn_tree_draft *drafts = g->drafts;
  for (size_t i = g->n_drafts; i-- > 0;) {
    uint32_t left = drafts[i].left;
    n_nodes[i] = left ? 1 + n_nodes[left] + n_nodes[left + 1] : 1;
    places[i] = UINT32_MAX;
  }
  places[0] = 0;
  for (size_t i = 0; i < g->n_drafts; i++) {
    uint32_t left = drafts[i].left;
    if (places[i] == UINT32_MAX || !left) continue;
    places[left] = places[i] + 1;
    places[left + 1] = places[left] + n_nodes[left];
  }
}

/* Shares may differ from those of the time when the node was divided: pruning makes new leaves. */
static hn_tree_node write_leaf(hn_tree_grower *g, const hn_tree_draft *draft, hn_tree *tree) {
  if (draft->feature < HN_TREE_MIXED) return (hn_tree_node){.feature = draft->feature};
  size_t n_classes = g->rules.n_classes;
  float *shares = tree->leaves + tree->n_leaves * n_classes;
  hn_tree_sum_node(g, &draft->range);
  for (size_t k = 0; k < n_classes; k++) {
    double w = g->rules.class_weights ? g->rules.class_weights[k] : 1;
    shares[k] = (float)(w * g->node.counts[k] / g->node.weight);
  }
  return (hn_tree_node){.feature = HN_TREE_MIXED, .next = (uint32_t)tree->n_leaves++};
}

hn_status hn_tree_write(hn_tree_grower *g, hn_tree *tree_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_tree tree = {0};
  uint32_t *n_nodes = NULL, *places = NULL;
  size_t n_mixed = 0;
  HN_NEW(n_nodes, g->n_drafts, err);
  HN_NEW(places, g->n_drafts, err);
  place_nodes(g, n_nodes, places);
  for (size_t i = 0; i < g->n_drafts; i++)
    n_mixed +=
        places[i] != UINT32_MAX && !g->drafts[i].left && g->drafts[i].feature >= HN_TREE_MIXED;
  tree.n_nodes = n_nodes[0];
  HN_NEW(tree.nodes, tree.n_nodes, err);
  HN_NEW(tree.leaves, n_mixed * g->rules.n_classes, err);
  for (size_t i = 0; i < g->n_drafts; i++) {
    const hn_tree_draft *d = &g->drafts[i];
    if (places[i] == UINT32_MAX) continue;
    tree.nodes[places[i]] = d->left ? (hn_tree_node){.feature = d->feature,
                                                     .threshold = d->threshold,
                                                     .next = places[d->left + 1],
                                                     .gain = (float)d->gain}
                                    : write_leaf(g, d, &tree);
  }
  *tree_out = tree;
  tree = (hn_tree){0};
done:
  hn_free(n_nodes);
  hn_free(places);
  hn_tree_free(&tree);
  return status;
}
