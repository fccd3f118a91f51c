#include "experiments/results.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"
#include "experiments/fusing.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *hn_result_role_name(hn_result_role role) {
  static const char *const names[] = {"model", "fused", "dummy"};
  return names[role];
}

/* Which songs stand in the two tables of every result. */
typedef struct {
  const hn_fold_context *context;
  const hn_results *results;
  size_t n_unlabelled;
  size_t *unlabelled_songs;
} table_layout;

static hn_status init_table(const table_layout *t, const size_t *songs, size_t n,
                            hn_probability *table, hn_error *err) {
  hn_status status = HN_OK;
  const hn_songs *all = t->context->songs;
  const char **ids = NULL;
  HN_NEW(ids, n, err);
  for (size_t i = 0; i < n; i++) ids[i] = all->ids[songs[i]];
  HN_TRY(hn_probability_init(table, n, ids, all->labels.n_classes,
                             (const char *const *)all->labels.classes, err));
  for (size_t i = 0; i < n; i++) {
    table->truth[i] = all->labels.values[songs[i]];
    table->fold[i] = t->context->plan->fold[songs[i]];
    if (table->fold[i] < 0) table->fold[i] = -1;
  }
done:
  hn_free(ids);
  return status;
}

static hn_status begin_result(const table_layout *t, const char *name, hn_result_role role,
                              hn_result *result, hn_error *err) {
  snprintf(result->name, sizeof result->name, "%s", name);
  result->role = role;
  result->train_accuracy = NAN;
  hn_status status =
      init_table(t, t->results->labelled_songs, t->results->n_labelled, &result->labelled, err);
  if (status == HN_OK)
    status = init_table(t, t->unlabelled_songs, t->n_unlabelled, &result->unlabelled, err);
  return status;
}

/* Test songs from their own fold; songs without target as the mean of all folds that saw them.
 * p[f] is (N, K). */
static void fill_tables(const table_layout *t, const float *const *p, hn_result *result) {
  const hn_plan *plan = t->context->plan;
  size_t n_classes = result->labelled.n_classes;
  for (size_t i = 0; i < t->results->n_labelled; i++) {
    size_t song = t->results->labelled_songs[i];
    if (plan->fold[song] < 0) continue;
    memcpy(result->labelled.p + i * n_classes, p[plan->fold[song]] + song * n_classes,
           n_classes * sizeof(float));
  }
  for (size_t i = 0; i < t->n_unlabelled; i++) {
    for (size_t k = 0; k < n_classes; k++) {
      double sum = 0;
      for (size_t f = 0; f < plan->n_folds; f++)
        sum += p[f][t->unlabelled_songs[i] * n_classes + k];
      result->unlabelled.p[i * n_classes + k] = (float)(sum / (double)plan->n_folds);
    }
  }
}

static hn_status add_model(const table_layout *t, const char *name, const hn_fold_result *folds,
                           hn_result *result, hn_error *err) {
  hn_status status = HN_OK;
  const float **p = NULL;
  size_t n_folds = t->context->plan->n_folds, n_train = 0;
  double n_right = 0;
  HN_TRY(begin_result(t, name, HN_RESULT_MODEL, result, err));
  HN_NEW(p, n_folds, err);
  for (size_t f = 0; f < n_folds; f++) {
    p[f] = folds[f].p;
    if (isnan(folds[f].train_accuracy)) continue;
    n_right += folds[f].train_accuracy * (double)folds[f].n_train;
    n_train += folds[f].n_train;
  }
  if (n_train) result->train_accuracy = n_right / (double)n_train;
  fill_tables(t, p, result);
done:
  hn_free(p);
  return status;
}

/* A dummy sees nothing but the labels of a fold's training songs. */
static hn_status fit_dummy(const table_layout *t, const hn_options *options, size_t fold, float *p,
                           hn_error *err) {
  hn_status status = HN_OK;
  const hn_songs *songs = t->context->songs;
  const hn_classifier_kind *kind;
  hn_features x = {.kind = HN_FEATURES_DENSE};
  hn_model *model = NULL;
  int32_t *y = NULL;
  size_t n = 0;

  HN_TRY(hn_classifier_find("dummy", &kind, err));
  HN_TRY(hn_matrix_init(&x.as.dense, songs->n, 1, err));
  HN_NEW(y, songs->n, err);
  for (size_t i = 0; i < songs->n; i++) {
    hn_role role = hn_plan_role(t->context->plan, fold, i);
    if (role == HN_ROLE_TRAIN || role == HN_ROLE_VALIDATION) y[n++] = songs->labels.values[i];
  }
  hn_features learned = x;
  learned.as.dense.n_rows = n;
  hn_fit_input input = {.x = &learned,
                        .y = y,
                        .n_classes = songs->labels.n_classes,
                        .seed = hn_seed_derive(t->context->study->seed, "dummy", fold)};
  HN_TRY(
      hn_model_fit(kind, options, &input, (const char *const *)songs->labels.classes, &model, err));
  status = hn_model_predict_proba(model, &x, p, err);
done:
  hn_model_destroy(model);
  hn_features_free(&x);
  hn_free(y);
  return status;
}

static hn_status add_dummy(const table_layout *t, const char *name, const char *strategy,
                           hn_result *result, hn_error *err) {
  hn_status status = HN_OK;
  const hn_classifier_kind *kind;
  hn_options *options = NULL;
  size_t n_folds = t->context->plan->n_folds;
  size_t size = t->context->songs->n * t->context->songs->labels.n_classes;
  float *all = NULL;
  const float **p = NULL;

  HN_TRY(begin_result(t, name, HN_RESULT_DUMMY, result, err));
  HN_TRY(hn_classifier_find("dummy", &kind, err));
  HN_TRY(hn_options_create(kind->options, &options, err));
  HN_TRY(hn_options_set(options, "strategy", strategy, err));
  HN_NEW(all, n_folds * size, err);
  HN_NEW(p, n_folds, err);
  for (size_t f = 0; f < n_folds; f++) {
    p[f] = all + f * size;
    HN_TRY(fit_dummy(t, options, f, all + f * size, err));
  }
  fill_tables(t, p, result);
done:
  hn_options_destroy(options);
  hn_free(all);
  hn_free(p);
  return status;
}

static hn_status add_fused(const table_layout *t, const char *method, const hn_fold_result *folds,
                           hn_result *result, hn_error *err) {
  hn_status status = HN_OK;
  const hn_plan *plan = t->context->plan;
  size_t size = t->context->songs->n * t->context->songs->labels.n_classes;
  float *all = NULL;
  const float **p = NULL;
  char name[sizeof result->name];

  snprintf(name, sizeof name, "fused-%s", method);
  HN_TRY(begin_result(t, name, HN_RESULT_FUSED, result, err));
  result->is_headline = strcmp(method, t->context->study->fusion_headline) == 0;
  HN_NEW(all, plan->n_folds * size, err);
  HN_NEW(p, plan->n_folds, err);
  for (size_t f = 0; f < plan->n_folds; f++) {
    p[f] = all + f * size;
    HN_TRY(hn_fold_fuse(t->context, method, folds, f, all + f * size, err));
  }
  fill_tables(t, p, result);
done:
  hn_free(all);
  hn_free(p);
  return status;
}

static hn_status lay_out(const hn_fold_context *c, hn_results *results, table_layout *t,
                         hn_error *err) {
  hn_status status = HN_OK;
  HN_NEW(results->labelled_songs, c->songs->n, err);
  HN_NEW(results->artists, c->songs->n, err);
  HN_NEW(t->unlabelled_songs, c->songs->n, err);
  for (size_t i = 0; i < c->songs->n; i++) {
    if (c->songs->labels.values[i] == HN_LABEL_MISSING) {
      t->unlabelled_songs[t->n_unlabelled++] = i;
    } else {
      results->artists[results->n_labelled] = c->songs->artists[i];
      results->labelled_songs[results->n_labelled++] = i;
    }
  }
done:
  return status;
}

hn_status hn_results_gather(const hn_fold_context *c, const hn_fold_result *folds,
                            hn_results *results_out, hn_error *err) {
  hn_status status = HN_OK;
  const hn_study *study = c->study;
  hn_results results = {0};
  table_layout layout = {.context = c, .results = &results};

  HN_TRY(lay_out(c, &results, &layout, err));
  HN_NEW(results.items, study->n_models + study->fusion_methods.n + 2, err);
  for (size_t m = 0; m < study->n_models; m++)
    HN_TRY(add_model(&layout, study->models[m].name, folds + m * c->plan->n_folds,
                     &results.items[results.n++], err));
  for (size_t i = 0; i < study->fusion_methods.n; i++)
    HN_TRY(add_fused(&layout, study->fusion_methods.items[i], folds, &results.items[results.n++],
                     err));
  HN_TRY(add_dummy(&layout, "dummy-majority", "most_frequent", &results.items[results.n++], err));
  HN_TRY(add_dummy(&layout, "dummy-stratified", "stratified", &results.items[results.n++], err));
  *results_out = results;
  results = (hn_results){0};
done:
  hn_free(layout.unlabelled_songs);
  hn_results_free(&results);
  return status;
}

void hn_results_free(hn_results *results) {
  if (!results) return;
  for (size_t i = 0; i < results->n; i++) {
    hn_probability_free(&results->items[i].labelled);
    hn_probability_free(&results->items[i].unlabelled);
  }
  hn_free(results->items);
  hn_free(results->labelled_songs);
  hn_free(results->artists);
  *results = (hn_results){0};
}

static hn_status write_table(const char *folder, const char *kind, const char *name,
                             const hn_probability *table, hn_error *err) {
  char *path = hn_run_path(folder, "%s/%s.csv", kind, name);
  if (!path) return hn_fail_memory(err);
  hn_status status = hn_probability_write(path, table, err);
  hn_free(path);
  return status;
}

hn_status hn_results_write(const hn_results *results, const char *folder, hn_error *err) {
  hn_status status = HN_OK;
  HN_TRY(hn_run_make(folder, "predictions", err));
  for (size_t i = 0; i < results->n; i++) {
    const hn_result *result = &results->items[i];
    HN_TRY(write_table(folder, "predictions", result->name, &result->labelled, err));
    if (result->unlabelled.n_rows == 0) continue;
    HN_TRY(hn_run_make(folder, "unlabelled", err));
    HN_TRY(write_table(folder, "unlabelled", result->name, &result->unlabelled, err));
  }
done:
  return status;
}

const hn_result *hn_results_find(const hn_results *results, const char *name) {
  for (size_t i = 0; i < results->n; i++) {
    const hn_result *result = &results->items[i];
    if (strcmp(result->name, name) == 0) return result;
    if (result->is_headline && strcmp(name, "fused") == 0) return result;
  }
  return NULL;
}
