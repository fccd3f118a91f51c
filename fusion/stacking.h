/* Stacking: logistic regression on the models' probabilities (Wolpert, 1992). */
#ifndef HN_FUSION_STACKING_H
#define HN_FUSION_STACKING_H

#include "fusion/fusion.h"

/* coefficients=shared (default): one coefficient a model and one bias a class,
 *     p(k) ∝ exp(bias_k + sum_m coef_m ln p_m(k)),
 * which weighs and tempers the models' opinions. The penalty pulls the coefficients to 1, the
 * biases to 0: without data it is the product rule. With M + K parameters it learns from a
 * validation part of some sixty tracks, where the other form, with M K², needs several hundred.
 * Probabilities below `floor` count as `floor`.
 *
 * coefficients=free: multinomial logistic regression on the probabilities side by side, as
 * scikit-learn's StackingClassifier with LogisticRegression (of two classes the first column is
 * left out, as there). For validation parts of several hundred tracks; C=10 suits it better than 1.
 *
 * C: inverse strength of the penalty. A track is fused by the stacker of exactly the models that it
 * has, fitted on the validation tracks that have these at least; the probabilities of a single
 * model stay as they are; for models that no validation track has together they are averaged.
 * At most 8 models. */
extern const hn_fusion_kind hn_fusion_stacking;

#endif
