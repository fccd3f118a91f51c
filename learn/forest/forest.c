#include "learn/forest/forest.h"

#include "base/memory.h"
#include "base/random.h"
#include "learn/forest/forest_model.h"
#include "learn/forest/forest_options.h"
#include "learn/forest/tree_data.h"
#include "learn/forest/tree_grow.h"

#include <math.h>
#include <string.h>

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
  hn_forest_bags bags; /* filled while the trees grow, if they are asked about other rows */
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

static hn_status plan_bags(const hn_options *options, forest_plan *plan, hn_error *err) {
  hn_status status = HN_OK;
  if (!hn_options_bool(options, "oob_score")) return HN_OK;
  if (!plan->is_bootstrap)
    return hn_fail(err, HN_INVALID,
                   "oob_score: true needs bootstrap: true (found bootstrap: false), or no row is "
                   "out of the bag");
  plan->bags.n_words = plan->n_rows / 64 + 1;
  HN_NEW(plan->bags.bits, forest_n_units(options) * plan->bags.n_words, err);
done:
  return status;
}

static hn_status make_plan(const hn_fit_input *input, const hn_options *options,
                           hn_splitter splitter, forest_plan *plan, hn_error *err) {
  hn_status status = HN_OK;
  plan->input = input;
  plan->n_rows = plan->n_draws = hn_features_n_rows(input->x);
  plan->is_bootstrap = hn_options_bool(options, "bootstrap");
  plan->weighting = hn_options_is_none(options, "class_weight")          ? WEIGHT_NONE
                    : hn_options_is(options, "class_weight", "balanced") ? WEIGHT_BALANCED
                                                                         : WEIGHT_SUBSAMPLE;
  hn_forest_plan_tree(options, plan->n_rows, hn_features_n_cols(input->x), &plan->tree);
  plan->tree.splitter = splitter;
  if (!hn_options_is_none(options, "max_samples")) {
    if (!plan->is_bootstrap)
      return hn_fail(err, HN_INVALID,
                     "max_samples: %s needs bootstrap: true (found bootstrap: false)",
                     hn_options_text(options, "max_samples"));
    plan->n_draws = (size_t)fmax(hn_options_count(options, "max_samples", (double)plan->n_rows), 1);
  }
  HN_TRY(plan_bags(options, plan, err));
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
  hn_free(plan->bags.bits);
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

/* Write down which rows tree t has seen. */
static void note_bag(const hn_forest_bags *bags, const uint32_t *draws, size_t n_rows, size_t t) {
  uint64_t *bits = bags->bits + t * bags->n_words;
  for (size_t i = 0; i < n_rows; i++) bits[i / 64] |= (uint64_t)(draws[i] > 0) << i % 64;
}

static hn_status grow_tree(const forest_plan *plan, forest_worker *worker, size_t t, hn_tree *tree,
                           hn_error *err) {
  hn_rng rng;
  hn_rng_init(&rng, plan->input->seed, "forest.tree", t);
  draw_rows(plan, &rng, worker->draws);
  if (plan->bags.bits) note_bag(&plan->bags, worker->draws, plan->n_rows, t);
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

static hn_status fit(const hn_fit_input *input, const hn_options *options, hn_splitter splitter,
                     void **model_out, hn_error *err) {
  hn_status status = HN_OK;
  forest_plan plan = {0};
  hn_forest *forest = NULL;
  HN_TRY(make_plan(input, options, splitter, &plan, err));
  HN_TRY(hn_forest_create(plan.data.n_cols, input->n_classes,
                          (size_t)hn_options_int(options, "n_estimators"), &forest, err));
  HN_TRY(grow_trees(&plan, forest, err));
  if (plan.bags.bits) HN_TRY(hn_forest_score_oob(forest, input->x, input->y, &plan.bags, err));
  *model_out = forest;
  forest = NULL;
done:
  hn_forest_destroy(forest);
  free_plan(&plan);
  return status;
}

static hn_status fit_forest(const hn_fit_input *input, const hn_options *options, void **model_out,
                            hn_error *err) {
  return fit(input, options, HN_SPLITTER_BEST, model_out, err);
}

static hn_status fit_extra_trees(const hn_fit_input *input, const hn_options *options,
                                 void **model_out, hn_error *err) {
  return fit(input, options, HN_SPLITTER_RANDOM, model_out, err);
}

const hn_classifier_kind hn_forest_kind = {
    .name = "forest",
    .accepts = HN_FEATURES_DENSE | HN_FEATURES_CSR,
    .unit = "trees",
    .options = hn_forest_options,
    .n_units = forest_n_units,
    .fit = fit_forest,
    .predict_proba = hn_forest_predict_proba,
    .save = hn_forest_save,
    .load = hn_forest_load,
    .destroy = hn_forest_destroy,
    .importances = hn_forest_importances,
    .uses = hn_forest_uses,
    .predict_changes = hn_forest_predict_changes,
    .oob_score = hn_forest_oob_score,
};

const hn_classifier_kind hn_extra_trees_kind = {
    .name = "extra_trees",
    .accepts = HN_FEATURES_DENSE | HN_FEATURES_CSR,
    .unit = "trees",
    .options = hn_extra_trees_options,
    .n_units = forest_n_units,
    .fit = fit_extra_trees,
    .predict_proba = hn_forest_predict_proba,
    .save = hn_forest_save,
    .load = hn_forest_load,
    .destroy = hn_forest_destroy,
    .importances = hn_forest_importances,
    .uses = hn_forest_uses,
    .predict_changes = hn_forest_predict_changes,
    .oob_score = hn_forest_oob_score,
};
