/* How far two labellings of the same tracks agree, whatever the labels are called. */
#ifndef HN_EVAL_AGREEMENT_H
#define HN_EVAL_AGREEMENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Over the n tracks that both label, n_ij of them with label i in a and j in b; H is entropy and I
 * mutual information. All NaN with no such track. Values match scikit-learn 1.9.
 *   ari           (2 (tp tn - fn fp)) / ((tp + fn)(fn + tn) + (tp + fp)(fp + tn)) over the pairs
 *                 of tracks: 1 the same, about 0 by chance, at least -0.5; 0/0 is 1 (Hubert and
 *                 Arabie, 1985)
 *   nmi           2 I / (H(a) + H(b)), 0 … 1; 1 where both have a single label
 *   homogeneity   I / H(a), 0 … 1: each cluster of b holds one label of a only; 1 where H(a) is 0
 *   completeness  I / H(b), 0 … 1: each label of a lies in one cluster of b only; 1 where H(b) is 0
 *   v_measure     their harmonic mean, 0 … 1; 0/0 is 0 (Rosenberg and Hirschberg, 2007) */
typedef struct {
  size_t n_scored;
  size_t n_excluded; /* tracks that a or b leaves without a label (negative) */
  double ari, nmi, homogeneity, completeness, v_measure;
} hn_agreement;

/* a (n): the truth (region, era, artist); b (n): the clusters. Errors: HN_NO_MEMORY.
 * O(n log n). */
hn_status hn_agreement_score(const int32_t *a, const int32_t *b, size_t n,
                             hn_agreement *agreement_out, hn_error *err);

#endif
