#include "experiments/fusing.h"

#include "base/memory.h"
#include "fusion/registry.h"

#include <math.h>
#include <string.h>

/* Tables of the fused models over the songs of some roles, songs in order; M tables. */
typedef struct {
  hn_probability *tables;
  const hn_probability **pointers; /* as the fusion wants them */
  const char **names;
  size_t n_tables;
  size_t *songs; /* of each row */
  size_t n;
} fold_tables;

static void free_tables(fold_tables *t) {
  for (size_t i = 0; t->tables && i < t->n_tables; i++) hn_probability_free(&t->tables[i]);
  hn_free(t->tables);
  hn_free(t->pointers);
  hn_free(t->names);
  hn_free(t->songs);
}

static hn_status build_tables(const hn_fold_context *c, const hn_fold_result *folds, size_t fold,
                              unsigned roles, fold_tables *t, hn_error *err) {
  hn_status status = HN_OK;
  const hn_songs *songs = c->songs;
  size_t n_classes = songs->labels.n_classes, n_models = c->study->fusion_of.n;
  const char **ids = NULL;

  HN_NEW(t->tables, n_models, err);
  HN_NEW(t->pointers, n_models, err);
  HN_NEW(t->names, n_models, err);
  HN_NEW(t->songs, songs->n, err);
  HN_NEW(ids, songs->n, err);
  for (size_t i = 0; i < songs->n; i++) {
    if (!(roles & 1u << hn_plan_role(c->plan, fold, i))) continue;
    ids[t->n] = songs->ids[i];
    t->songs[t->n++] = i;
  }
  for (size_t m = 0; m < n_models; m++) {
    const hn_study_model *model = hn_study_find_model(c->study, c->study->fusion_of.items[m]);
    const float *p = folds[(size_t)(model - c->study->models) * c->plan->n_folds + fold].p;
    hn_probability *table = &t->tables[m];
    HN_TRY(hn_probability_init(table, t->n, ids, n_classes,
                               (const char *const *)songs->labels.classes, err));
    t->n_tables++;
    t->pointers[m] = table;
    t->names[m] = model->name;
    for (size_t i = 0; i < t->n; i++) {
      memcpy(table->p + i * n_classes, p + t->songs[i] * n_classes, n_classes * sizeof *p);
      table->truth[i] = songs->labels.values[t->songs[i]];
    }
  }
done:
  hn_free(ids);
  return status;
}

static hn_status save_fusion(const hn_fold_context *c, const char *method, size_t fold,
                             const hn_fusion *fusion, hn_error *err) {
  hn_status status = HN_OK;
  hn_tensors *tensors = NULL;
  char *path = hn_run_path(c->folder->path, "models/fused-%s.fold%zu.safetensors", method, fold);
  if (!path) return hn_fail_memory(err);
  HN_TRY(hn_tensors_create(&tensors, err));
  HN_TRY(hn_fusion_save(fusion, "", tensors, err));
  status = hn_tensors_write(tensors, path, err);
done:
  hn_tensors_destroy(tensors);
  hn_free(path);
  return status;
}

hn_status hn_fold_fuse(const hn_fold_context *c, const char *method, const hn_fold_result *folds,
                       size_t fold, float *p, hn_error *err) {
  hn_status status = HN_OK;
  size_t n_classes = c->songs->labels.n_classes;
  const hn_fusion_kind *kind;
  fold_tables learned = {0}, applied = {0};
  hn_fusion *fusion = NULL;
  hn_probability fused = {0};

  for (size_t i = 0; i < c->songs->n * n_classes; i++) p[i] = NAN;
  HN_TRY(hn_fusion_find(method, &kind, err));
  HN_TRY(build_tables(c, folds, fold, 1u << HN_ROLE_VALIDATION, &learned, err));
  HN_TRY(
      build_tables(c, folds, fold, 1u << HN_ROLE_TEST | 1u << HN_ROLE_UNLABELLED, &applied, err));
  status =
      hn_fusion_fit(kind, NULL, learned.names, learned.pointers, learned.n_tables, &fusion, err);
  if (status != HN_OK) {
    hn_fail_prefix(err, status, "fusion \"%s\", fold %zu", method, fold);
    goto done;
  }
  HN_TRY(save_fusion(c, method, fold, fusion, err));
  HN_TRY(hn_fusion_apply(fusion, applied.names, applied.pointers, applied.n_tables, &fused, err));
  /* All tables list the same songs in the same order, and so does what comes of them. */
  for (size_t i = 0; i < applied.n; i++)
    memcpy(p + applied.songs[i] * n_classes, fused.p + i * n_classes, n_classes * sizeof *p);
done:
  hn_probability_free(&fused);
  hn_fusion_destroy(fusion);
  free_tables(&learned);
  free_tables(&applied);
  return status;
}
