#include "experiments/importances.h"

#include "base/json.h"
#include "base/memory.h"
#include "experiments/run_folder.h"
#include "nlp/tfidf.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  char *name;
  double importance;
} feature;

/* Those of all folds, one after another. Owns names and array. */
typedef struct {
  feature *items;
  size_t n, capacity;
} features;

static void free_features(features *f) {
  for (size_t i = 0; i < f->n; i++) hn_free(f->items[i].name);
  hn_free(f->items);
}

static int by_name(const void *a, const void *b) {
  return strcmp(((const feature *)a)->name, ((const feature *)b)->name);
}

static int by_importance(const void *a, const void *b) {
  const feature *x = a, *y = b;
  if (x->importance != y->importance) return x->importance > y->importance ? -1 : 1;
  return strcmp(x->name, y->name);
}

/* Append what fold f of a model says; features that it does not use are left out. */
static hn_status add_fold(const hn_study_model *spec, size_t fold, const char *folder, features *f,
                          hn_error *err) {
  hn_status status = HN_OK;
  hn_model *model = NULL;
  hn_tensors *tensors = NULL;
  hn_tfidf *tfidf = NULL;
  double *importances = NULL;
  char *path = hn_run_path(folder, "models/%s.fold%zu.safetensors", spec->name, fold);
  if (!path) return hn_fail_memory(err);
  HN_TRY(hn_model_load(path, &model, &tensors, err));
  if (spec->modality == HN_MODALITY_LYRICS) HN_TRY(hn_tfidf_load(tensors, &tfidf, err));
  size_t n = hn_model_n_columns(model), n_named = tfidf ? hn_tfidf_n_terms(tfidf) : spec->columns.n;
  if (n != n_named)
    HN_TRY(hn_fail(err, HN_FORMAT, "%s: the model has %zu columns, but %zu names of features", path,
                   n, n_named));
  HN_NEW(importances, n, err);
  HN_TRY(hn_model_importances(model, importances, err));
  for (size_t j = 0; j < n; j++) {
    if (importances[j] <= 0) continue;
    HN_GROW(f->items, f->n, f->capacity, err);
    char *name = hn_strdup(tfidf ? hn_tfidf_term(tfidf, j, NULL) : spec->columns.items[j]);
    if (!name) HN_TRY(hn_fail_memory(err));
    f->items[f->n++] = (feature){name, importances[j]};
  }
done:
  hn_free(path);
  hn_free(importances);
  hn_tfidf_destroy(tfidf);
  hn_tensors_destroy(tensors);
  hn_model_destroy(model);
  return status;
}

/* Gather equal names into the first of them, as the mean over the folds; the others get 0. */
static void average(features *f, size_t n_folds) {
  size_t first = 0;
  if (f->n > 0) qsort(f->items, f->n, sizeof *f->items, by_name);
  for (size_t i = 0; i < f->n; i++) {
    f->items[i].importance /= (double)n_folds;
    if (i == 0 || strcmp(f->items[i].name, f->items[first].name) != 0) {
      first = i;
    } else {
      f->items[first].importance += f->items[i].importance;
      f->items[i].importance = 0;
    }
  }
}

static hn_status add_model(const hn_study_model *spec, size_t n_folds, const char *folder,
                           json_t *models, hn_error *err) {
  hn_status status = HN_OK;
  features f = {0};
  json_t *list = json_array();
  for (size_t fold = 0; fold < n_folds; fold++) HN_TRY(add_fold(spec, fold, folder, &f, err));
  average(&f, n_folds);
  if (f.n > 0) qsort(f.items, f.n, sizeof *f.items, by_importance);
  for (size_t i = 0; i < f.n && i < HN_IMPORTANCES_LISTED && f.items[i].importance > 0; i++)
    HN_TRY(hn_json_append(
        list,
        json_pack("{s:s, s:f}", "feature", f.items[i].name, "importance", f.items[i].importance),
        err));
  status =
      hn_json_append(models, json_pack("{s:s, s:O}", "model", spec->name, "features", list), err);
done:
  json_decref(list);
  free_features(&f);
  return status;
}

hn_status hn_importances_add(const hn_study *study, size_t n_folds, const char *folder,
                             json_t *metrics, hn_error *err) {
  hn_status status = HN_OK;
  json_t *models = json_array();
  for (size_t m = 0; m < study->n_models; m++)
    if (study->models[m].classifier->importances)
      HN_TRY(add_model(&study->models[m], n_folds, folder, models, err));
  if (json_array_size(models))
    status = hn_json_set(metrics, "importances", json_incref(models), err);
done:
  json_decref(models);
  return status;
}
