#include "learn/forest/tree_grower.h"

#include "base/memory.h"

/* Minimal cost-complexity pruning (Breiman, Friedman, Olshen and Stone, 1984, chapter 3): the
 * smallest of the subtrees that minimise impurity + ccp_alpha * leaves. Collapsing the weakest link
 * again and again, as scikit-learn does, ends at that subtree; it is found directly here, from the
 * leaves upwards. What a branch is worth is what its cuts decrease the impurity by, less ccp_alpha
 * a cut, since each adds one leaf; a branch that is worth nothing becomes a leaf. O(nodes). */
hn_status hn_tree_prune(hn_tree_grower *g, hn_error *err) {
  hn_status status = HN_OK;
  double *worth = NULL;
  HN_NEW(worth, g->n_drafts, err);
  for (size_t i = g->n_drafts; i-- > 0;) {
    hn_tree_draft *draft = &g->drafts[i];
    if (!draft->left) continue;
    worth[i] = draft->gain - g->options->ccp_alpha + worth[draft->left] + worth[draft->left + 1];
    if (worth[i] > 0) continue;
    worth[i] = 0;
    draft->left = 0;
  }
done:
  hn_free(worth);
  return status;
}
