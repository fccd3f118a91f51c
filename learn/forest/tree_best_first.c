#include "learn/forest/tree_grower.h"

#include "base/memory.h"

/* The node whose cut decreases the impurity most is expanded first (scikit-learn's
 * BestFirstTreeBuilder). The frontier is a binary heap that holds leaves too, and that breaks ties
 * as C++'s std::push_heap and std::pop_heap do, which scikit-learn uses: equal gains are common
 * among small nodes, and max_leaf_nodes cuts through the middle of them. */

static double gain_at(const hn_tree_grower *g, size_t place) {
  return g->drafts[g->frontier[place]].gain;
}

/* Put draft i into the heap at the free place `hole`, or above it. */
static void sift_up(hn_tree_grower *g, size_t hole, uint32_t i) {
  while (hole && gain_at(g, (hole - 1) / 2) < g->drafts[i].gain) {
    g->frontier[hole] = g->frontier[(hole - 1) / 2];
    hole = (hole - 1) / 2;
  }
  g->frontier[hole] = i;
}

static hn_status push(hn_tree_grower *g, size_t i, hn_error *err) {
  hn_status status = HN_OK;
  HN_GROW(g->frontier, g->n_frontier, g->frontier_capacity, err);
  sift_up(g, g->n_frontier++, (uint32_t)i);
done:
  return status;
}

/* The free place goes down to the bottom along the better children; the last draft fills it. */
static size_t pop(hn_tree_grower *g) {
  uint32_t top = g->frontier[0], last = g->frontier[--g->n_frontier];
  size_t hole = 0;
  for (size_t child = 1; child < g->n_frontier; child = 2 * hole + 1) {
    if (child + 1 < g->n_frontier && gain_at(g, child + 1) >= gain_at(g, child)) child++;
    g->frontier[hole] = g->frontier[child];
    hole = child;
  }
  if (g->n_frontier) sift_up(g, hole, last);
  return top;
}

hn_status hn_tree_grow_best_first(hn_tree_grower *g, hn_error *err) {
  hn_status status = HN_OK;
  hn_tree_divide(g, 0);
  HN_TRY(push(g, 0, err));
  for (size_t n_leaves = 1; g->n_frontier && n_leaves < g->options->max_leaf_nodes;) {
    size_t i = pop(g);
    if (g->drafts[i].feature < 0) continue;
    HN_TRY(hn_tree_expand(g, i, err));
    size_t left = g->drafts[i].left;
    hn_tree_divide(g, left);
    hn_tree_divide(g, left + 1);
    HN_TRY(push(g, left, err));
    HN_TRY(push(g, left + 1, err));
    n_leaves++;
  }
done:
  return status;
}
