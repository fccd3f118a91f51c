/* The options of the forest and of extremely randomized trees, and what they mean for a tree. */
#ifndef HN_LEARN_FOREST_OPTIONS_H
#define HN_LEARN_FOREST_OPTIONS_H

#include "base/options.h"
#include "learn/forest/tree_grow.h"

extern const hn_option_spec hn_forest_options[], hn_extra_trees_options[];

/* All but the splitter, which is no option. */
void hn_forest_plan_tree(const hn_options *options, size_t n_rows, size_t n_cols,
                         hn_tree_options *tree);

#endif
