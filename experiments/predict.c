#include "experiments/predict.h"

#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/table.h"
#include "corpora/filter.h"
#include "experiments/lyrics.h"
#include "experiments/run_folder.h"
#include "fusion/fusion.h"
#include "nlp/sections.h"
#include "nlp/style.h"
#include "vision/columns.h"
#include "vision/picture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the folds of one model say of the song. */
typedef struct {
  const char *name;
  float *p; /* (F, K) */
} model_says;

/* A prediction under way. */
typedef struct {
  const char *run;
  const hn_study *study;
  const hn_new_song *song;
  size_t n_folds, n_classes;
  char **classes; /* (K) */
  model_says *models;
  size_t n_models;
  hn_buffer marked;   /* the song's lyrics, without the sections that the run's policy cuts */
  hn_cleaned cleaned; /* the same, cleaned */
  hn_buffer note;
} prediction;

static char *model_path(const prediction *p, const char *name, size_t fold) {
  return hn_run_path(p->run, "models/%s.fold%zu.safetensors", name, fold);
}

static hn_status count_folds(prediction *p, hn_error *err) {
  hn_status status = HN_OK;
  json_t *metrics = NULL;
  char *path = hn_run_path(p->run, "metrics.json");
  if (!path) return hn_fail_memory(err);
  if (!hn_file_exists(path))
    HN_TRY(hn_fail(err, HN_INVALID,
                   "%s: the run is not finished; go on with headnod run --resume %s", p->run,
                   p->run));
  HN_TRY(hn_json_read(path, &metrics, err));
  p->n_folds =
      (size_t)json_integer_value(json_object_get(json_object_get(metrics, "split"), "folds"));
  if (p->n_folds == 0)
    HN_TRY(hn_fail(err, HN_FORMAT, "%s holds no split.folds: it is not that of a run", path));
done:
  json_decref(metrics);
  hn_free(path);
  return status;
}

/* Take the lyrics over as the run's policy for guests wants them, as far as that can be done. */
static hn_status cut_guests(prediction *p, const char *text, size_t n, hn_error *err) {
  hn_status status = HN_OK;
  hn_featured_policy policy;
  size_t n_removed = 0;
  HN_TRY(hn_featured_policy_parse(p->study->featured, &policy, err));
  int knows = policy != HN_FEATURED_REMOVE_VERSES_OTHER_REGION && p->song->artist;
  if (!hn_featured_policy_cuts(policy) || !knows) {
    hn_buffer_append(&p->marked, text, n);
    if (hn_featured_policy_cuts(policy))
      hn_buffer_format(&p->note,
                       "the run's filters.featured: %s is not applied to these lyrics: %s",
                       p->study->featured,
                       policy == HN_FEATURED_REMOVE_VERSES_OTHER_REGION
                           ? "the regions of their guests are not known"
                           : "the artist is not known, whose sections stay; give --artist NAME");
    goto done;
  }
  HN_TRY(hn_sections_keep_performer(text, n, p->song->artist, &p->marked, &n_removed, err));
  if (n_removed)
    hn_buffer_format(&p->note,
                     "%zu sections of the lyrics, in which %s does not perform, are left out, as "
                     "the run's filters.featured: %s wants it",
                     n_removed, p->song->artist, p->study->featured);
done:
  return status;
}

/* Read the lyrics, cut the guests, clean. */
static hn_status prepare_lyrics(prediction *p, hn_error *err) {
  hn_status status = HN_OK;
  hn_cleaner *cleaner = NULL;
  char *text = NULL;
  size_t n;
  HN_TRY(hn_file_read(p->song->lyrics, &text, &n, err));
  status = cut_guests(p, text, n, err);
  if (status == HN_OK) status = hn_buffer_status(&p->marked, err);
  if (status == HN_OK) status = hn_cleaner_create(p->study->clean, &cleaner, err);
  if (status == HN_OK)
    status = hn_cleaner_apply(cleaner, p->marked.data ? p->marked.data : "", p->marked.length,
                              &p->cleaned, err);
  if (status != HN_OK) HN_TRY(hn_fail_prefix(err, status, "%s", p->song->lyrics));
  if (!hn_lyrics_has_words(&p->cleaned))
    status = hn_fail(err, HN_INVALID, "%s: no word is left after cleaning%s%s", p->song->lyrics,
                     p->note.length ? "; " : "", p->note.length ? p->note.data : "");
done:
  hn_cleaner_destroy(cleaner);
  hn_free(text);
  return status;
}

/* The style of the song's lyrics, before and after cleaning. */
static hn_status measure_style(const prediction *p, hn_features *x, hn_error *err) {
  hn_status status = HN_OK;
  hn_text marked = {p->marked.data ? p->marked.data : "", p->marked.length};
  x->kind = HN_FEATURES_DENSE;
  HN_TRY(hn_matrix_init(&x->as.dense, 1, HN_STYLE_N_FEATURES, err));
  status =
      hn_style_measure((hn_text){p->cleaned.text, p->cleaned.n}, marked, x->as.dense.values, err);
done:
  return status;
}

static hn_status make_pictures(const hn_study_model *model, const char *path, hn_features *x,
                               hn_error *err) {
  hn_status status = HN_OK;
  hn_descriptor *descriptor = NULL;
  hn_matrix db = {0};
  const char *suffix = hn_path_suffix(path);
  if (strcmp(suffix, ".npy") == 0 || strcmp(suffix, ".png") == 0) {
    HN_TRY(hn_picture_read(path, &db, err));
  } else {
    HN_TRY(hn_descriptor_create(model->descriptor, model->features, &descriptor, err));
    HN_TRY(hn_descriptor_file(descriptor, path, &db, NULL, err));
  }
  if (model->is_statistics) {
    x->kind = HN_FEATURES_DENSE;
    HN_TRY(hn_matrix_init(&x->as.dense, 1, 2 * db.n_rows, err));
    hn_rows_summarize(&db, x->as.dense.values);
    goto done;
  }
  x->kind = HN_FEATURES_IMAGES;
  HN_TRY(hn_images_init(&x->as.images, 1, db.n_rows, err));
  x->as.images.items[0] = db.values;
  x->as.images.widths[0] = db.n_cols;
  db.values = NULL;
done:
  hn_matrix_free(&db);
  hn_descriptor_destroy(descriptor);
  return status;
}

static hn_status read_row(const hn_study_model *model, const char *path, hn_features *x,
                          hn_error *err) {
  hn_status status = HN_OK;
  hn_table *table = NULL;
  HN_TRY(hn_table_read(path, 1, &table, err));
  if (hn_table_n_rows(table) != 1)
    HN_TRY(hn_fail(err, HN_INVALID, "%s: %zu rows; expected a header and one", path,
                   hn_table_n_rows(table)));
  x->kind = HN_FEATURES_DENSE;
  HN_TRY(hn_matrix_init(&x->as.dense, 1, model->columns.n, err));
  for (size_t c = 0; c < model->columns.n; c++) {
    size_t column = hn_table_find(table, model->columns.items[c]);
    if (column == (size_t)-1)
      HN_TRY(hn_fail(err, HN_INVALID, "%s: the column \"%s\" is missing", path,
                     model->columns.items[c]));
    const char *cell = hn_table_cell(table, 0, column);
    char *end;
    double value = strtod(cell, &end);
    if (end == cell || *end || !isfinite(value))
      HN_TRY(hn_fail(err, HN_INVALID, "%s:%zu: %s: \"%s\" is not a number", path,
                     hn_table_line(table, 0), model->columns.items[c], cell));
    x->as.dense.values[c] = (float)value;
  }
done:
  hn_table_destroy(table);
  return status;
}

/* What the model of one fold says; texts become features by the fold's own vocabulary. */
static hn_status predict_fold(prediction *p, const char *name, size_t fold, const hn_text *text,
                              const hn_features *ready, float **p_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_model *model = NULL;
  hn_tensors *tensors = NULL;
  hn_tfidf *tfidf = NULL;
  hn_features x = {0};
  char *path = model_path(p, name, fold);

  if (!path) return hn_fail_memory(err);
  HN_TRY(hn_model_load(path, &model, &tensors, err));
  size_t n_classes = hn_model_n_classes(model);
  if (!p->classes) {
    HN_NEW(p->classes, n_classes, err);
    for (; p->n_classes < n_classes; p->n_classes++)
      HN_DUP(p->classes[p->n_classes], hn_model_classes(model)[p->n_classes], err);
  }
  if (n_classes != p->n_classes)
    HN_TRY(hn_fail(err, HN_FORMAT, "%s: %zu classes, but the run's other models have %zu", path,
                   n_classes, p->n_classes));
  if (!*p_out) HN_NEW(*p_out, p->n_folds * n_classes, err);
  if (text) {
    HN_TRY(hn_tfidf_load(tensors, &tfidf, err));
    x.kind = HN_FEATURES_CSR;
    HN_TRY(hn_tfidf_transform(tfidf, text, 1, NULL, &x.as.csr, err));
  }
  status = hn_model_predict_proba(model, text ? &x : ready, *p_out + fold * n_classes, err);
done:
  if (x.kind) hn_features_free(&x);
  hn_tfidf_destroy(tfidf);
  hn_tensors_destroy(tensors);
  hn_model_destroy(model);
  hn_free(path);
  return status;
}

static hn_status predict_model(prediction *p, const hn_study_model *model, hn_error *err) {
  hn_status status = HN_OK;
  hn_features ready = {0};
  hn_text text = {0};
  model_says *says = &p->models[p->n_models];

  switch (model->modality) {
  case HN_MODALITY_LYRICS:
    if (!p->cleaned.text) return HN_OK;
    text = (hn_text){p->cleaned.text, p->cleaned.n};
    break;
  case HN_MODALITY_AUDIO:
    if (!p->song->audio) return HN_OK;
    HN_TRY(make_pictures(model, p->song->audio, &ready, err));
    break;
  case HN_MODALITY_TABLE:
    if (!p->song->row) return HN_OK;
    HN_TRY(read_row(model, p->song->row, &ready, err));
    break;
  case HN_MODALITY_STYLE:
    if (!p->cleaned.text) return HN_OK;
    HN_TRY(measure_style(p, &ready, err));
    break;
  }
  p->n_models++;
  says->name = model->name;
  for (size_t f = 0; f < p->n_folds; f++)
    HN_TRY(predict_fold(p, model->name, f, text.bytes ? &text : NULL, &ready, &says->p, err));
done:
  if (ready.kind) hn_features_free(&ready);
  return status;
}

/* Fuse what the models of one fold say. */
static hn_status fuse_fold(const prediction *p, const char *method, size_t fold, float *p_out,
                           hn_error *err) {
  hn_status status = HN_OK;
  hn_tensors *tensors = NULL;
  hn_fusion *fusion = NULL;
  hn_probability *tables = NULL, fused = {0};
  const hn_probability **pointers = NULL;
  const char **names = NULL, *id = "song";
  size_t n = 0;
  char *path = hn_run_path(p->run, "models/fused-%s.fold%zu.safetensors", method, fold);

  if (!path) return hn_fail_memory(err);
  HN_TRY(hn_tensors_read(path, &tensors, err));
  HN_TRY(hn_fusion_load(tensors, "", &fusion, err));
  HN_NEW(tables, p->n_models, err);
  HN_NEW(pointers, p->n_models, err);
  HN_NEW(names, p->n_models, err);
  for (size_t m = 0; m < p->n_models; m++) {
    int is_fused = 0;
    for (size_t i = 0; i < hn_fusion_n_models(fusion); i++)
      is_fused |= strcmp(hn_fusion_models(fusion)[i], p->models[m].name) == 0;
    if (!is_fused) continue;
    HN_TRY(hn_probability_init(&tables[n], 1, &id, p->n_classes, (const char *const *)p->classes,
                               err));
    memcpy(tables[n].p, p->models[m].p + fold * p->n_classes, p->n_classes * sizeof(float));
    pointers[n] = &tables[n];
    names[n++] = p->models[m].name;
  }
  for (size_t k = 0; k < p->n_classes; k++) p_out[k] = NAN;
  if (n == 0) goto done;
  HN_TRY(hn_fusion_apply(fusion, names, pointers, n, &fused, err));
  memcpy(p_out, fused.p, p->n_classes * sizeof(float));
done:
  hn_probability_free(&fused);
  for (size_t i = 0; tables && i < n; i++) hn_probability_free(&tables[i]);
  hn_free(tables);
  hn_free(pointers);
  hn_free(names);
  hn_fusion_destroy(fusion);
  hn_tensors_destroy(tensors);
  hn_free(path);
  return status;
}

static void set_mean(const prediction *p, const float *folds, float *row) {
  for (size_t k = 0; k < p->n_classes; k++) {
    double sum = 0;
    for (size_t f = 0; f < p->n_folds; f++) sum += (double)folds[f * p->n_classes + k];
    row[k] = (float)(sum / (double)p->n_folds);
  }
}

static hn_status fill_table(const prediction *p, hn_probability *table_out, hn_error *err) {
  hn_status status = HN_OK;
  const hn_texts *methods = &p->study->fusion_methods;
  hn_probability table = {0};
  const char **ids = NULL;
  char(*fused_names)[160] = NULL;
  float *folds = NULL;

  HN_NEW(ids, p->n_models + methods->n, err);
  HN_NEW(fused_names, methods->n, err);
  HN_NEW(folds, p->n_folds * p->n_classes, err);
  for (size_t m = 0; m < p->n_models; m++) ids[m] = p->models[m].name;
  for (size_t i = 0; i < methods->n; i++) {
    snprintf(fused_names[i], sizeof *fused_names, "fused-%s", methods->items[i]);
    ids[p->n_models + i] = fused_names[i];
  }
  HN_TRY(hn_probability_init(&table, p->n_models + methods->n, ids, p->n_classes,
                             (const char *const *)p->classes, err));
  for (size_t m = 0; m < p->n_models; m++) set_mean(p, p->models[m].p, table.p + m * p->n_classes);
  for (size_t i = 0; i < methods->n; i++) {
    for (size_t f = 0; f < p->n_folds; f++)
      HN_TRY(fuse_fold(p, methods->items[i], f, folds + f * p->n_classes, err));
    set_mean(p, folds, table.p + (p->n_models + i) * p->n_classes);
  }
  *table_out = table;
  table = (hn_probability){0};
done:
  hn_probability_free(&table);
  hn_free(ids);
  hn_free(fused_names);
  hn_free(folds);
  return status;
}

hn_status hn_predict_song(const char *run, const hn_new_song *song, hn_probability *table_out,
                          char **note_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_study *study = NULL;
  prediction p = {.run = run, .song = song};
  char *path = hn_run_path(run, "study.yaml"), *note = NULL;

  if (!path) return hn_fail_memory(err);
  HN_TRY(hn_study_read(path, NULL, 0, &study, err));
  p.study = study;
  HN_TRY(count_folds(&p, err));
  HN_NEW(p.models, study->n_models, err);
  if (song->lyrics && !study->bow && hn_study_reads_lyrics(study)) HN_TRY(prepare_lyrics(&p, err));
  for (size_t m = 0; m < study->n_models; m++) HN_TRY(predict_model(&p, &study->models[m], err));
  if (p.n_models == 0)
    HN_TRY(hn_fail(err, HN_INVALID,
                   "%s: no model of this run can see the song: its models need %s%s", run,
                   study->models[0].modality == HN_MODALITY_TABLE
                       ? "a row of columns"
                       : hn_modality_name(study->models[0].modality),
                   study->bow ? " as bags of words, which cannot be made of a text here" : ""));
  if (p.note.length) HN_TRY(hn_buffer_steal(&p.note, &note, NULL, err));
  HN_TRY(fill_table(&p, table_out, err));
  *note_out = note;
  note = NULL;
done:
  hn_free(note);
  hn_buffer_free(&p.note);
  hn_buffer_free(&p.marked);
  hn_cleaned_free(&p.cleaned);
  for (size_t m = 0; m < p.n_models; m++) hn_free(p.models[m].p);
  hn_free(p.models);
  for (size_t k = 0; k < p.n_classes; k++) hn_free(p.classes[k]);
  hn_free(p.classes);
  hn_free(path);
  hn_study_destroy(study);
  return status;
}
