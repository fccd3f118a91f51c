#include "experiments/importances.h"

#include "base/json.h"
#include "base/memory.h"
#include "base/random.h"
#include "experiments/ranking.h"
#include "learn/permutation.h"

#include <stdio.h>
#include <string.h>

/* What the folds of one model say. */
typedef struct {
  const hn_fold_context *context;
  const hn_model_data *data;
  const hn_study_model *spec;
  int wants_permutation;
  hn_ranking impurity, features, groups;
  size_t n_tested; /* folds with songs to test */
} survey;

/* A fold's model and the names of its columns. */
typedef struct {
  hn_model *model;
  hn_tensors *tensors;
  hn_tfidf *tfidf; /* of a lyrics model */
  const hn_study_model *spec;
} fold_model;

static void free_fold(fold_model *f) {
  hn_tfidf_destroy(f->tfidf);
  hn_tensors_destroy(f->tensors);
  hn_model_destroy(f->model);
}

static hn_status load_fold(const survey *s, size_t fold, fold_model *f, hn_error *err) {
  hn_status status = HN_OK;
  char *path =
      hn_run_path(s->context->folder->path, "models/%s.fold%zu.safetensors", s->spec->name, fold);
  if (!path) return hn_fail_memory(err);
  f->spec = s->spec;
  HN_TRY(hn_model_load(path, &f->model, &f->tensors, err));
  if (s->spec->modality == HN_MODALITY_LYRICS) HN_TRY(hn_tfidf_load(f->tensors, &f->tfidf, err));
  size_t n = hn_model_n_columns(f->model);
  size_t n_named = f->tfidf ? hn_tfidf_n_terms(f->tfidf) : s->spec->columns.n;
  if (n != n_named)
    status = hn_fail(err, HN_FORMAT, "%s: the model has %zu columns, but %zu names of features",
                     path, n, n_named);
done:
  hn_free(path);
  return status;
}

static const char *column_name(const fold_model *f, size_t column) {
  return f->tfidf ? hn_tfidf_term(f->tfidf, column, NULL) : f->spec->columns.items[column];
}

static hn_status add_impurity(survey *s, const fold_model *f, hn_error *err) {
  hn_status status = HN_OK;
  double *importances = NULL;
  size_t n = hn_model_n_columns(f->model);
  HN_NEW(importances, n, err);
  HN_TRY(hn_model_importances(f->model, importances, err));
  for (size_t j = 0; j < n; j++)
    if (importances[j] > 0)
      HN_TRY(hn_ranking_add(&s->impurity, column_name(f, j), importances[j], 0, err));
done:
  hn_free(importances);
  return status;
}

/* --- permutation --- */

/* The songs that a fold tests and the model sees. */
typedef struct {
  size_t *songs;
  size_t n;
  int32_t *y;
  hn_song_features x;
} tested_songs;

static void free_tested(tested_songs *t) {
  hn_song_features_free(&t->x);
  hn_free(t->songs);
  hn_free(t->y);
}

static hn_status find_tested(const survey *s, const fold_model *f, size_t fold, tested_songs *t,
                             hn_error *err) {
  hn_status status = HN_OK;
  const hn_model_data *data = s->data;
  HN_NEW(t->songs, data->n, err);
  HN_NEW(t->y, data->n, err);
  for (size_t i = 0; i < data->n; i++) {
    if (!data->has[i] || hn_plan_role(s->context->plan, fold, i) != HN_ROLE_TEST) continue;
    t->songs[t->n] = i;
    t->y[t->n++] = s->context->songs->labels.values[i];
  }
  if (t->n > 0) status = hn_model_data_transform(data, f->tfidf, t->songs, t->n, &t->x, err);
done:
  return status;
}

/* The groups of the study as columns of the model. Owns its arrays. */
typedef struct {
  size_t *starts, *columns;
  const char **names;
  hn_column_groups groups;
} model_groups;

static void free_groups(model_groups *m) {
  hn_free(m->starts);
  hn_free(m->columns);
  hn_free(m->names);
}

static hn_status find_groups(const hn_study *study, const hn_study_model *spec, model_groups *m,
                             hn_error *err) {
  hn_status status = HN_OK;
  size_t n = 0, n_columns = 0;
  for (size_t g = 0; g < study->n_groups; g++) n_columns += study->groups[g].columns.n;
  HN_NEW(m->starts, study->n_groups + 1, err);
  HN_NEW(m->names, study->n_groups, err);
  HN_NEW(m->columns, n_columns, err);
  n_columns = 0;
  for (size_t g = 0; g < study->n_groups; g++) {
    const hn_study_group *group = &study->groups[g];
    if (!hn_study_group_fits(group, spec)) continue;
    for (size_t c = 0; c < group->columns.n; c++)
      for (size_t j = 0; j < spec->columns.n; j++)
        if (strcmp(spec->columns.items[j], group->columns.items[c]) == 0) {
          m->columns[n_columns++] = j;
          break;
        }
    m->names[n++] = group->name;
    m->starts[n] = n_columns;
  }
  m->groups = (hn_column_groups){n, m->starts, m->columns};
done:
  return status;
}

/* groups NULL: of single columns, the names of which the fold's model knows. */
static hn_status permute(survey *s, const fold_model *f, size_t fold, const tested_songs *t,
                         const model_groups *groups, hn_error *err) {
  hn_status status = HN_OK;
  const hn_fold_context *c = s->context;
  hn_permutation got = {0};
  const char *what = groups ? "groups" : "features";
  size_t n_repeats = (size_t)hn_options_int(c->study->importances, "n_repeats");
  size_t n = groups ? groups->groups.n : hn_model_n_columns(f->model);
  char name[200];
  snprintf(name, sizeof name, "%s %zu/%zu permuted %s", s->spec->name, fold + 1, c->plan->n_folds,
           what);
  hn_progress *progress = hn_progress_create(c->messages, name, "permutations", n * n_repeats);
  hn_permutation_input input = {
      .x = &t->x.x,
      .y = t->y,
      .groups = groups ? &groups->groups : NULL,
      .n_repeats = n_repeats,
      .seed = hn_seed_derive(hn_seed_derive(c->study->seed, s->spec->name, fold), what, 0),
      .progress = progress};
  status = hn_permutation_importances(f->model, &input, &got, err);
  hn_progress_destroy(progress);
  if (status != HN_OK)
    HN_TRY(hn_fail_prefix(err, status, "model \"%s\", fold %zu", s->spec->name, fold));
  for (size_t g = 0; g < n; g++) {
    if (!groups && got.mean[g] == 0 && got.deviation[g] == 0) continue;
    HN_TRY(hn_ranking_add(groups ? &s->groups : &s->features,
                          groups ? groups->names[g] : column_name(f, g), got.mean[g],
                          got.deviation[g], err));
  }
done:
  hn_permutation_free(&got);
  return status;
}

static hn_status add_permutation(survey *s, const fold_model *f, size_t fold, hn_error *err) {
  hn_status status = HN_OK;
  tested_songs tested = {0};
  model_groups groups = {0};
  HN_TRY(find_tested(s, f, fold, &tested, err));
  if (tested.n == 0) goto done;
  s->n_tested++;
  HN_TRY(permute(s, f, fold, &tested, NULL, err));
  HN_TRY(find_groups(s->context->study, s->spec, &groups, err));
  if (groups.groups.n > 0) HN_TRY(permute(s, f, fold, &tested, &groups, err));
done:
  free_groups(&groups);
  free_tested(&tested);
  return status;
}

/* --- all --- */

static hn_status describe(survey *s, json_t *impurity, json_t *permutation, hn_error *err) {
  hn_status status = HN_OK;
  const hn_study *study = s->context->study;
  hn_ranking_settle(&s->impurity, s->context->plan->n_folds);
  hn_ranking_settle(&s->features, s->n_tested);
  hn_ranking_settle(&s->groups, s->n_tested);
  if (s->spec->classifier->importances)
    HN_TRY(hn_json_append(
        impurity,
        json_pack("{s:s, s:o}", "model", s->spec->name, "features",
                  hn_ranking_json(&s->impurity, "feature", HN_IMPORTANCES_LISTED, 0)),
        err));
  if (s->n_tested)
    status = hn_json_append(
        permutation,
        json_pack("{s:s, s:I, s:o, s:o}", "model", s->spec->name, "n_repeats",
                  (json_int_t)hn_options_int(study->importances, "n_repeats"), "features",
                  hn_ranking_json(&s->features, "feature", HN_IMPORTANCES_LISTED, 1), "groups",
                  hn_ranking_json(&s->groups, "group", 0, 1)),
        err);
done:
  return status;
}

static hn_status add_model(const hn_fold_context *c, const hn_model_data *data, json_t *impurity,
                           json_t *permutation, hn_error *err) {
  hn_status status = HN_OK;
  const hn_study_model *spec = data->model;
  survey s = {.context = c, .data = data, .spec = spec};
  s.wants_permutation = c->study->importances && !hn_study_sees_pictures(spec);
  if (!spec->classifier->importances && !s.wants_permutation) return HN_OK;
  for (size_t fold = 0; status == HN_OK && fold < c->plan->n_folds; fold++) {
    fold_model f = {0};
    status = load_fold(&s, fold, &f, err);
    if (status == HN_OK && spec->classifier->importances) status = add_impurity(&s, &f, err);
    if (status == HN_OK && s.wants_permutation) status = add_permutation(&s, &f, fold, err);
    free_fold(&f);
  }
  if (status == HN_OK) status = describe(&s, impurity, permutation, err);
  hn_ranking_free(&s.impurity);
  hn_ranking_free(&s.features);
  hn_ranking_free(&s.groups);
  return status;
}

hn_status hn_importances_add(const hn_fold_context *c, const hn_model_data *data, json_t *metrics,
                             hn_error *err) {
  hn_status status = HN_OK;
  json_t *impurity = json_array(), *permutation = json_array();
  for (size_t m = 0; m < c->study->n_models; m++)
    HN_TRY(add_model(c, &data[m], impurity, permutation, err));
  if (json_array_size(impurity))
    HN_TRY(hn_json_set(metrics, "importances", json_incref(impurity), err));
  if (json_array_size(permutation))
    status = hn_json_set(metrics, "permutation_importances", json_incref(permutation), err);
done:
  json_decref(impurity);
  json_decref(permutation);
  return status;
}
