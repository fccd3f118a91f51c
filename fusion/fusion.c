#include "fusion/fusion.h"

#include "base/json.h"
#include "base/labels.h"
#include "base/memory.h"
#include "fusion/registry.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct hn_fusion {
  const hn_fusion_kind *kind;
  hn_options *options;
  size_t n_models, n_classes;
  char **models, **classes;
  void *learned;
};

static void free_texts(char **texts, size_t n) {
  for (size_t i = 0; texts && i < n; i++) hn_free(texts[i]);
  hn_free(texts);
}

static hn_status copy_texts(const char *const *texts, size_t n, char ***copy_out, hn_error *err) {
  hn_status status = HN_OK;
  char **copy = NULL;
  HN_NEW(copy, n, err);
  for (size_t i = 0; i < n; i++) HN_DUP(copy[i], texts[i], err);
  *copy_out = copy;
  return HN_OK;
done:
  free_texts(copy, n);
  return status;
}

void hn_fusion_destroy(hn_fusion *f) {
  if (!f) return;
  if (f->learned) f->kind->destroy(f->learned);
  hn_options_destroy(f->options);
  free_texts(f->models, f->n_models);
  free_texts(f->classes, f->n_classes);
  hn_free(f);
}

/* Everything but what is learned. */
static hn_status create(const hn_fusion_kind *kind, const hn_options *options,
                        const char *const *models, size_t n_models, const char *const *classes,
                        size_t n_classes, hn_fusion **fusion_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_fusion *f = NULL;
  HN_NEW(f, 1, err);
  f->kind = kind;
  f->n_models = n_models;
  f->n_classes = n_classes;
  HN_TRY(copy_texts(models, n_models, &f->models, err));
  HN_TRY(copy_texts(classes, n_classes, &f->classes, err));
  if (options)
    HN_TRY(hn_options_copy(options, &f->options, err));
  else
    HN_TRY(hn_options_create(kind->options, &f->options, err));
  *fusion_out = f;
  f = NULL;
done:
  hn_fusion_destroy(f);
  return status;
}

static hn_status check_names(const char *const *names, size_t n, hn_error *err) {
  if (n < 2) return hn_fail(err, HN_INVALID, "fusion needs two models at least, not %zu", n);
  for (size_t i = 1; i < n; i++)
    for (size_t j = 0; j < i; j++)
      if (strcmp(names[i], names[j]) == 0)
        return hn_fail(err, HN_INVALID, "model \"%.80s\" is given twice", names[i]);
  return HN_OK;
}

/* Keep the rows with a truth and with a model, in order. */
static void keep_learnable(hn_aligned *a) {
  size_t n = 0, n_models = a->n_tables;
  for (size_t i = 0; i < a->n_rows; i++) {
    int has_model = 0;
    for (size_t m = 0; m < n_models; m++) has_model |= a->p[i * n_models + m] != NULL;
    if (a->truth[i] == HN_LABEL_MISSING || !has_model) continue;
    a->ids[n] = a->ids[i];
    a->truth[n] = a->truth[i];
    a->fold[n] = a->fold[i];
    memmove(a->p + n * n_models, a->p + i * n_models, n_models * sizeof *a->p);
    n++;
  }
  a->n_rows = n;
}

hn_status hn_fusion_fit(const hn_fusion_kind *kind, const hn_options *options,
                        const char *const *names, const hn_probability *const *tables,
                        size_t n_tables, hn_fusion **fusion_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_fusion *f = NULL;
  hn_aligned rows = {0};
  HN_TRY(check_names(names, n_tables, err));
  HN_TRY(hn_align(tables, names, n_tables, &rows, err));
  HN_TRY(create(kind, options, names, n_tables, rows.classes, rows.n_classes, &f, err));
  if (kind->fit) {
    keep_learnable(&rows);
    if (rows.n_rows == 0)
      HN_TRY(hn_fail(err, HN_INVALID,
                     "%s has nothing to learn from: no validation track has both a truth and "
                     "probabilities",
                     kind->name));
    HN_TRY(kind->fit(&rows, f->options, &f->learned, err));
  }
  *fusion_out = f;
  f = NULL;
done:
  hn_aligned_free(&rows);
  hn_fusion_destroy(f);
  return status;
}

/* slots (M): the table of each fitted model, NULL where none is given. */
static hn_status place_tables(const hn_fusion *f, const char *const *names,
                              const hn_probability *const *tables, size_t n_tables,
                              const hn_probability **slots, hn_error *err) {
  if (n_tables == 0) return hn_fail(err, HN_INVALID, "no table to fuse");
  for (size_t t = 0; t < n_tables; t++) {
    size_t m = 0;
    while (m < f->n_models && strcmp(f->models[m], names[t]) != 0) m++;
    if (m == f->n_models)
      return hn_fail(err, HN_INVALID,
                     "this fusion does not know a model \"%.80s\" (the first of "
                     "its %zu is \"%.80s\")",
                     names[t], f->n_models, f->models[0]);
    if (slots[m]) return hn_fail(err, HN_INVALID, "model \"%.80s\" is given twice", names[t]);
    slots[m] = tables[t];
  }
  return HN_OK;
}

static hn_status check_classes(const hn_fusion *f, const hn_aligned *a, hn_error *err) {
  int same = f->n_classes == a->n_classes;
  for (size_t k = 0; same && k < a->n_classes; k++)
    same = strcmp(f->classes[k], a->classes[k]) == 0;
  if (same) return HN_OK;
  return hn_fail(err, HN_INVALID,
                 "the fusion was fitted on %zu classes (\"%.80s\" …), the tables have %zu "
                 "(\"%.80s\" …): they must be the same",
                 f->n_classes, f->classes[0], a->n_classes, a->classes[0]);
}

hn_status hn_fusion_apply(const hn_fusion *f, const char *const *names,
                          const hn_probability *const *tables, size_t n_tables,
                          hn_probability *fused_out, hn_error *err) {
  hn_status status = HN_OK;
  const hn_probability **slots = NULL;
  hn_aligned rows = {0};
  hn_probability fused = {0};
  HN_NEW(slots, f->n_models, err);
  HN_TRY(place_tables(f, names, tables, n_tables, slots, err));
  HN_TRY(hn_align(slots, (const char *const *)f->models, f->n_models, &rows, err));
  HN_TRY(check_classes(f, &rows, err));
  HN_TRY(hn_probability_init(&fused, rows.n_rows, rows.ids, rows.n_classes, rows.classes, err));
  memcpy(fused.truth, rows.truth, rows.n_rows * sizeof *fused.truth);
  memcpy(fused.fold, rows.fold, rows.n_rows * sizeof *fused.fold);
  HN_TRY(f->kind->apply(f->learned, f->options, &rows, fused.p, err));
  *fused_out = fused;
  fused = (hn_probability){0};
done:
  hn_free(slots);
  hn_aligned_free(&rows);
  hn_probability_free(&fused);
  return status;
}

const hn_fusion_kind *hn_fusion_get_kind(const hn_fusion *f) {
  return f->kind;
}

size_t hn_fusion_n_models(const hn_fusion *f) {
  return f->n_models;
}

const char *const *hn_fusion_models(const hn_fusion *f) {
  return (const char *const *)f->models;
}

hn_status hn_fusion_name(const char *prefix, const char *name, char out[HN_FUSION_NAME_SIZE],
                         hn_error *err) {
  int n = snprintf(out, HN_FUSION_NAME_SIZE, "%s%s", prefix, name);
  if (n >= HN_FUSION_NAME_SIZE)
    return hn_fail(err, HN_INVALID, "the name \"%.80s…\" in a file of tensors is too long", prefix);
  return HN_OK;
}

static hn_status set_text(hn_tensors *tensors, const char *prefix, const char *key,
                          const char *text, hn_error *err) {
  char name[HN_FUSION_NAME_SIZE];
  hn_status status = hn_fusion_name(prefix, key, name, err);
  return status == HN_OK ? hn_tensors_set_text(tensors, name, text, err) : status;
}

static hn_status get_text(const hn_tensors *tensors, const char *prefix, const char *key,
                          const char **text_out, hn_error *err) {
  char name[HN_FUSION_NAME_SIZE];
  hn_status status = hn_fusion_name(prefix, key, name, err);
  return status == HN_OK ? hn_tensors_get_text(tensors, name, text_out, err) : status;
}

static hn_status save_texts(char *const *texts, size_t n, const char *prefix, const char *key,
                            hn_tensors *tensors, hn_error *err) {
  hn_status status = HN_OK;
  char *text = NULL;
  json_t *list = json_array();
  for (size_t i = 0; i < n; i++)
    if (json_array_append_new(list, json_string(texts[i])) != 0)
      HN_TRY(hn_fail(err, HN_INVALID, "%s: name %zu is not UTF-8 text", key, i + 1));
  text = json_dumps(list, JSON_COMPACT);
  if (!text) HN_TRY(hn_fail_memory(err));
  HN_TRY(set_text(tensors, prefix, key, text, err));
done:
  free(text);
  json_decref(list);
  return status;
}

/* The texts are borrowed from the list that comes back; free both (texts with hn_free). */
static hn_status load_texts(const hn_tensors *tensors, const char *prefix, const char *key,
                            size_t least, json_t **list_out, const char ***texts_out,
                            hn_error *err) {
  hn_status status = HN_OK;
  const char *text, **texts = NULL;
  json_t *list = NULL;
  HN_TRY(get_text(tensors, prefix, key, &text, err));
  list = json_loads(text, 0, NULL);
  size_t n = json_array_size(list);
  HN_NEW(texts, n, err);
  for (size_t i = 0; i < n; i++) texts[i] = json_string_value(json_array_get(list, i));
  for (size_t i = 0; i < n; i++)
    if (!texts[i]) n = 0;
  if (n < least)
    HN_TRY(hn_fail(err, HN_FORMAT, "metadata \"%s%s\" is not a list of %zu names or more: %.80s",
                   prefix, key, least, text));
  *list_out = list;
  *texts_out = texts;
  return HN_OK;
done:
  hn_free(texts);
  json_decref(list);
  return status;
}

/* The metadata key of an option's text. */
static const char *option_key(const hn_option_spec *spec, char *key, size_t size) {
  snprintf(key, size, "option.%s", spec->name);
  return key;
}

hn_status hn_fusion_save(const hn_fusion *f, const char *prefix, hn_tensors *tensors,
                         hn_error *err) {
  hn_status status = HN_OK;
  char key[80];
  HN_TRY(set_text(tensors, prefix, "method", f->kind->name, err));
  HN_TRY(save_texts(f->models, f->n_models, prefix, "models", tensors, err));
  HN_TRY(save_texts(f->classes, f->n_classes, prefix, "classes", tensors, err));
  for (const hn_option_spec *spec = f->kind->options; spec->name; spec++)
    HN_TRY(set_text(tensors, prefix, option_key(spec, key, sizeof key),
                    hn_options_text(f->options, spec->name), err));
  if (f->learned) HN_TRY(f->kind->save(f->learned, prefix, tensors, err));
done:
  return status;
}

static hn_status load_options(const hn_tensors *tensors, const char *prefix, hn_fusion *f,
                              hn_error *err) {
  hn_status status = HN_OK;
  const char *text;
  char key[80];
  for (const hn_option_spec *spec = f->kind->options; spec->name; spec++) {
    HN_TRY(get_text(tensors, prefix, option_key(spec, key, sizeof key), &text, err));
    HN_TRY(hn_options_set(f->options, spec->name, text, err));
  }
done:
  return status;
}

hn_status hn_fusion_load(const hn_tensors *tensors, const char *prefix, hn_fusion **fusion_out,
                         hn_error *err) {
  hn_status status = HN_OK;
  const hn_fusion_kind *kind;
  const char *method, **models = NULL, **classes = NULL;
  json_t *model_list = NULL, *class_list = NULL;
  hn_fusion *f = NULL;
  HN_TRY(get_text(tensors, prefix, "method", &method, err));
  HN_TRY(hn_fusion_find(method, &kind, err));
  HN_TRY(load_texts(tensors, prefix, "models", 2, &model_list, &models, err));
  HN_TRY(load_texts(tensors, prefix, "classes", 1, &class_list, &classes, err));
  HN_TRY(create(kind, NULL, models, json_array_size(model_list), classes,
                json_array_size(class_list), &f, err));
  HN_TRY(load_options(tensors, prefix, f, err));
  if (kind->load)
    HN_TRY(kind->load(tensors, prefix, f->options, f->n_models, f->n_classes, &f->learned, err));
  *fusion_out = f;
  f = NULL;
done:
  hn_free(models);
  hn_free(classes);
  json_decref(model_list);
  json_decref(class_list);
  hn_fusion_destroy(f);
  return status;
}
