#include "learn/forest/forest_options.h"

#include <math.h>

const hn_option_spec hn_forest_options[] = {
#define BOOTSTRAP "true"
#include "learn/forest/forest_options.inc"
#undef BOOTSTRAP
};

const hn_option_spec hn_extra_trees_options[] = {
#define BOOTSTRAP "false"
#include "learn/forest/forest_options.inc"
#undef BOOTSTRAP
};

static size_t at_least(double value, size_t least) {
  return value > (double)least ? (size_t)value : least;
}

static size_t count_max_features(const hn_options *options, size_t n_cols) {
  double d = (double)n_cols, n;
  if (hn_options_is_none(options, "max_features"))
    n = d;
  else if (hn_options_is(options, "max_features", "sqrt"))
    n = sqrt(d);
  else if (hn_options_is(options, "max_features", "log2"))
    n = log2(d);
  else
    n = hn_options_count(options, "max_features", d);
  return at_least(fmin(n, d), 1);
}

void hn_forest_plan_tree(const hn_options *options, size_t n_rows, size_t n_cols,
                         hn_tree_options *tree) {
  double n = (double)n_rows;
  *tree = (hn_tree_options){
      .criterion =
          hn_options_is(options, "criterion", "gini") ? HN_CRITERION_GINI : HN_CRITERION_ENTROPY,
      .max_depth = hn_options_is_none(options, "max_depth")
                       ? SIZE_MAX
                       : (size_t)hn_options_int(options, "max_depth"),
      .min_samples_split = at_least(ceil(hn_options_count(options, "min_samples_split", n)), 2),
      .min_samples_leaf = at_least(ceil(hn_options_count(options, "min_samples_leaf", n)), 1),
      .max_features = count_max_features(options, n_cols),
      .max_leaf_nodes = hn_options_is_none(options, "max_leaf_nodes")
                            ? SIZE_MAX
                            : (size_t)hn_options_int(options, "max_leaf_nodes"),
      .min_impurity_decrease = hn_options_real(options, "min_impurity_decrease"),
      .ccp_alpha = hn_options_real(options, "ccp_alpha"),
  };
}
