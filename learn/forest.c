#include "learn/forest.h"

#include "base/memory.h"
#include "base/random.h"
#include "learn/forest_model.h"
#include "learn/tree_data.h"
#include "learn/tree_grow.h"

#include <math.h>
#include <string.h>

static const hn_option_spec specs[] = {
    {.name = "n_estimators",
     .type = HN_OPTION_INT,
     .default_text = "100",
     .min = 1,
     .max = 1e6,
     .help = "number of trees"},
    {.name = "criterion",
     .type = HN_OPTION_CHOICE,
     .default_text = "gini",
     .choices = "gini|entropy|log_loss",
     .help = "impurity to decrease (entropy and log_loss are the same)"},
    {.name = "max_depth",
     .type = HN_OPTION_INT,
     .default_text = "none",
     .min = 1,
     .max = 1e9,
     .none_allowed = 1,
     .help = "levels below the root at most"},
    {.name = "min_samples_split",
     .type = HN_OPTION_COUNT,
     .default_text = "2",
     .min = 2,
     .max = 1e9,
     .help = "rows that a node needs to be divided, or a fraction of all"},
    {.name = "min_samples_leaf",
     .type = HN_OPTION_COUNT,
     .default_text = "1",
     .min = 1,
     .max = 1e9,
     .help = "rows that each side of a cut needs, or a fraction of all"},
    {.name = "max_features",
     .type = HN_OPTION_COUNT,
     .default_text = "sqrt",
     .min = 1,
     .max = 1e9,
     .none_allowed = 1,
     .choices = "sqrt|log2",
     .help = "columns drawn at a node (none: all), or a fraction of all"},
    {.name = "max_leaf_nodes",
     .type = HN_OPTION_INT,
     .default_text = "none",
     .min = 2,
     .max = 1e9,
     .none_allowed = 1,
     .help = "leaves of a tree at most; the nodes that decrease the impurity most come first"},
    {.name = "min_impurity_decrease",
     .type = HN_OPTION_REAL,
     .default_text = "0.0",
     .min = 0,
     .max = 1e9,
     .help = "decrease of impurity that a cut needs, weighted by the node's share of rows"},
    {.name = "ccp_alpha",
     .type = HN_OPTION_REAL,
     .default_text = "0.0",
     .min = 0,
     .max = 1e9,
     .help = "prune branches that decrease the impurity by no more than this a leaf"},
    {.name = "bootstrap",
     .type = HN_OPTION_BOOL,
     .default_text = "true",
     .help = "draw each tree's rows with replacement"},
    {.name = "max_samples",
     .type = HN_OPTION_COUNT,
     .default_text = "none",
     .min = 1,
     .max = 1e9,
     .none_allowed = 1,
     .help = "rows drawn for a tree (none: as many as there are), or a fraction of all"},
    {.name = "class_weight",
     .type = HN_OPTION_CHOICE,
     .default_text = "none",
     .none_allowed = 1,
     .choices = "balanced|balanced_subsample",
     .help = "give the classes equal weight, over all rows or in each tree's sample"},
    {.name = NULL},
};

typedef enum { WEIGHT_NONE, WEIGHT_BALANCED, WEIGHT_SUBSAMPLE } weighting;

/* Everything that the trees of a forest share while they grow. */
typedef struct {
  const hn_fit_input *input;
  hn_tree_options tree;
  hn_tree_data data;
  hn_tree_rows rows; /* of sparse data */
  weighting weighting;
  int is_bootstrap;
  size_t n_rows, n_draws;
  size_t n_present;    /* classes with rows */
  size_t *class_start; /* (K + 1) ranges of by_class */
  uint32_t *by_class;  /* (N) rows, class by class */
  size_t *present;     /* (n_present) classes with rows */
} forest_plan;

/* The working memory of one thread. */
typedef struct {
  hn_tree_grower *grower;
  uint32_t *draws;       /* (N) */
  double *class_weights; /* (K) */
} forest_worker;

static size_t forest_n_units(const hn_options *options) {
  return (size_t)hn_options_int(options, "n_estimators");
}

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

static void plan_tree(const hn_options *options, size_t n_rows, size_t n_cols,
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

static hn_status list_classes(forest_plan *plan, hn_error *err) {
  hn_status status = HN_OK;
  size_t n_classes = plan->input->n_classes;
  const int32_t *y = plan->input->y;
  HN_NEW(plan->class_start, n_classes + 2, err);
  HN_NEW(plan->by_class, plan->n_rows, err);
  HN_NEW(plan->present, n_classes, err);
  /* Two places ahead: filling moves each start to where the next class begins. */
  for (size_t i = 0; i < plan->n_rows; i++) plan->class_start[y[i] + 2]++;
  for (size_t k = 0; k < n_classes; k++) {
    if (plan->class_start[k + 2]) plan->present[plan->n_present++] = k;
    plan->class_start[k + 2] += plan->class_start[k + 1];
  }
  for (size_t i = 0; i < plan->n_rows; i++)
    plan->by_class[plan->class_start[y[i] + 1]++] = (uint32_t)i;
done:
  return status;
}

static hn_status make_plan(const hn_fit_input *input, const hn_options *options, forest_plan *plan,
                           hn_error *err) {
  hn_status status = HN_OK;
  plan->input = input;
  plan->n_rows = plan->n_draws = hn_features_n_rows(input->x);
  plan->is_bootstrap = hn_options_bool(options, "bootstrap");
  plan->weighting = hn_options_is_none(options, "class_weight")          ? WEIGHT_NONE
                    : hn_options_is(options, "class_weight", "balanced") ? WEIGHT_BALANCED
                                                                         : WEIGHT_SUBSAMPLE;
  plan_tree(options, plan->n_rows, hn_features_n_cols(input->x), &plan->tree);
  if (!hn_options_is_none(options, "max_samples")) {
    if (!plan->is_bootstrap)
      return hn_fail(err, HN_INVALID,
                     "max_samples: %s needs bootstrap: true (found bootstrap: false)",
                     hn_options_text(options, "max_samples"));
    plan->n_draws = at_least(hn_options_count(options, "max_samples", (double)plan->n_rows), 1);
  }
  HN_TRY(list_classes(plan, err));
  HN_TRY(hn_tree_data_init(&plan->data, input->x, err));
  if (!plan->data.is_dense) HN_TRY(hn_tree_rows_init(&plan->rows, &plan->data, err));
done:
  return status;
}

static void free_plan(forest_plan *plan) {
  hn_tree_data_free(&plan->data);
  hn_tree_rows_free(&plan->rows);
  hn_free(plan->class_start);
  hn_free(plan->by_class);
  hn_free(plan->present);
}

static void worker_destroy(forest_worker *worker) {
  if (!worker) return;
  hn_tree_grower_destroy(worker->grower);
  hn_free(worker->draws);
  hn_free(worker->class_weights);
  hn_free(worker);
}

static hn_status worker_create(const forest_plan *plan, forest_worker **worker_out) {
  hn_status status = HN_OK;
  forest_worker *worker = NULL;
  HN_NEW(worker, 1, NULL);
  HN_NEW(worker->draws, plan->n_rows, NULL);
  HN_NEW(worker->class_weights, plan->input->n_classes, NULL);
  HN_TRY(hn_tree_grower_create(&plan->data, plan->data.is_dense ? NULL : &plan->rows,
                               plan->input->y, plan->input->n_classes, &plan->tree, &worker->grower,
                               NULL));
  *worker_out = worker;
  return HN_OK;
done:
  worker_destroy(worker);
  return status;
}

static void draw_rows(const forest_plan *plan, hn_rng *rng, uint32_t *draws) {
  memset(draws, 0, plan->n_rows * sizeof *draws);
  for (size_t i = 0; i < plan->n_draws; i++) {
    if (!plan->is_bootstrap) {
      draws[i] = 1;
    } else if (plan->weighting == WEIGHT_BALANCED) {
      size_t k = plan->present[hn_rng_below(rng, plan->n_present)];
      size_t start = plan->class_start[k], n = plan->class_start[k + 1] - start;
      draws[plan->by_class[start + hn_rng_below(rng, n)]]++;
    } else {
      draws[hn_rng_below(rng, plan->n_rows)]++;
    }
  }
}

/* Weights of the drawn rows by class: rows / (classes drawn * rows of the class); NULL for 1. */
static const double *weigh_draws(const forest_plan *plan, forest_worker *worker) {
  size_t n_classes = plan->input->n_classes, n_present = 0;
  double *weights = worker->class_weights;
  int is_in_the_draw = plan->weighting == WEIGHT_BALANCED && plan->is_bootstrap;
  if (plan->weighting == WEIGHT_NONE || is_in_the_draw) return NULL;
  memset(weights, 0, n_classes * sizeof *weights);
  for (size_t i = 0; i < plan->n_rows; i++) weights[plan->input->y[i]] += worker->draws[i];
  for (size_t k = 0; k < n_classes; k++) n_present += weights[k] > 0;
  for (size_t k = 0; k < n_classes; k++)
    if (weights[k] > 0) weights[k] = (double)plan->n_draws / ((double)n_present * weights[k]);
  return weights;
}

static hn_status grow_tree(const forest_plan *plan, forest_worker *worker, size_t t, hn_tree *tree,
                           hn_error *err) {
  hn_rng rng;
  hn_rng_init(&rng, plan->input->seed, "forest.tree", t);
  draw_rows(plan, &rng, worker->draws);
  hn_status status =
      hn_tree_grow(worker->grower, worker->draws, weigh_draws(plan, worker), &rng, tree, err);
  if (status == HN_OK) hn_progress_advance(plan->input->progress, 1);
  return status;
}

/* All trees; the error of the lowest one that failed. */
static hn_status grow_trees(const forest_plan *plan, hn_forest *forest, hn_error *err) {
  size_t failed = forest->n_trees;
  hn_error first = {HN_OK, ""};
#pragma omp parallel
  {
    forest_worker *worker = NULL;
    hn_status ready = worker_create(plan, &worker);
#pragma omp for schedule(dynamic)
    for (size_t t = 0; t < forest->n_trees; t++) {
      hn_error error = {HN_OK, ""};
      hn_status status = ready == HN_OK ? grow_tree(plan, worker, t, &forest->trees[t], &error)
                                        : hn_fail_memory(&error);
      if (status == HN_OK) continue;
#pragma omp critical(hn_forest_error)
      if (t < failed) {
        failed = t;
        first = error;
      }
    }
    worker_destroy(worker);
  }
  return failed < forest->n_trees ? hn_fail(err, first.code, "%s", first.message) : HN_OK;
}

static hn_status forest_fit(const hn_fit_input *input, const hn_options *options, void **model_out,
                            hn_error *err) {
  hn_status status = HN_OK;
  forest_plan plan = {0};
  hn_forest *forest = NULL;
  HN_TRY(make_plan(input, options, &plan, err));
  HN_TRY(hn_forest_create(plan.data.n_cols, input->n_classes,
                          (size_t)hn_options_int(options, "n_estimators"), &forest, err));
  HN_TRY(grow_trees(&plan, forest, err));
  *model_out = forest;
  forest = NULL;
done:
  hn_forest_destroy(forest);
  free_plan(&plan);
  return status;
}

const hn_classifier_kind hn_forest_kind = {
    .name = "forest",
    .accepts = HN_FEATURES_DENSE | HN_FEATURES_CSR,
    .unit = "trees",
    .options = specs,
    .n_units = forest_n_units,
    .fit = forest_fit,
    .predict_proba = hn_forest_predict_proba,
    .save = hn_forest_save,
    .load = hn_forest_load,
    .destroy = hn_forest_destroy,
    .importances = hn_forest_importances,
    .uses = hn_forest_uses,
    .predict_changes = hn_forest_predict_changes,
};
