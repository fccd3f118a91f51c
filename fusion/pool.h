/* Pooling rules: the fused probabilities are a sum or a product of the models' own. */
#ifndef HN_FUSION_POOL_H
#define HN_FUSION_POOL_H

#include "fusion/fusion.h"

/* mean: the average over the models that the track has. Nothing is learned. */
extern const hn_fusion_kind hn_fusion_mean;

/* weighted: sum of w_m p_m over the models m that the track has, divided by the sum of their
 * weights. The weights (at least 0, sum 1) are those of least log loss on validation; tracks with
 * a single model say nothing about them. Found by the MM algorithm of Hunter (2004), which for
 * tracks with every model is EM for mixture weights; it starts from equal weights, and a model that
 * no track shares with another keeps its start. */
extern const hn_fusion_kind hn_fusion_weighted;

/* product: the product over the models that the track has, scaled to sum 1: the models as
 * independent witnesses, with classes equally likely beforehand. A probability below `floor` counts
 * as `floor`, so that one model's zero is nearly a veto, and contradicting zeros leave a
 * distribution. Nothing is learned. */
extern const hn_fusion_kind hn_fusion_product;

#endif
