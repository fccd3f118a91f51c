#include "learn/classifier.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "learn/registry.h"
#include "learn/row_changes.h"

#include <assert.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT_VERSION "1"

struct hn_model {
  const hn_classifier_kind *kind;
  hn_options *options;
  size_t n_columns, n_classes;
  char **classes;
  void *fitted;
};

/* --- checks of what comes in --- */

static hn_status check_kind(const hn_classifier_kind *kind, const hn_features *x, hn_error *err) {
  static const hn_features_kind all[] = {HN_FEATURES_DENSE, HN_FEATURES_CSR, HN_FEATURES_IMAGES};
  if (kind->accepts & x->kind) return HN_OK;
  hn_buffer allowed = {0};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (kind->accepts & all[i])
      hn_buffer_format(&allowed, "%s%s", allowed.length ? ", " : "", hn_features_kind_name(all[i]));
  hn_status status = hn_buffer_status(&allowed, err);
  if (status == HN_OK)
    status = hn_fail(err, HN_INVALID, "%s cannot learn from %s features (it takes: %s)", kind->name,
                     hn_features_kind_name(x->kind), allowed.data);
  hn_buffer_free(&allowed);
  return status;
}

static hn_status check_row(const float *values, size_t n, size_t row, const int32_t *columns,
                           float least, hn_error *err) {
  for (size_t j = 0; j < n; j++) {
    size_t column = columns ? (size_t)columns[j] : j;
    if (!isfinite(values[j]))
      return hn_fail(err, HN_INVALID,
                     "row %zu, column %zu of the features (from 0) is %g; only finite numbers are "
                     "allowed: fill or drop missing values beforehand",
                     row, column, (double)values[j]);
    if (values[j] < least)
      return hn_fail(err, HN_INVALID,
                     "row %zu, column %zu of the features (from 0) is %g; this classifier learns "
                     "from counts, or TF-IDF, which are 0 or more: take another for such features",
                     row, column, (double)values[j]);
  }
  return HN_OK;
}

/* Finite numbers that the kind takes, and a sparse matrix that is well-formed. */
static hn_status check_values(const hn_classifier_kind *kind, const hn_features *x, hn_error *err) {
  const float least = kind->takes_counts ? 0 : -INFINITY;
  hn_status status = HN_OK;
  if (x->kind == HN_FEATURES_CSR) HN_TRY(hn_csr_check(&x->as.csr, err));
  size_t n = hn_features_n_rows(x), n_cols = hn_features_n_cols(x);
  for (size_t i = 0; i < n; i++) {
    if (x->kind == HN_FEATURES_DENSE) {
      HN_TRY(check_row(x->as.dense.values + i * n_cols, n_cols, i, NULL, least, err));
    } else if (x->kind == HN_FEATURES_CSR) {
      const hn_csr *m = &x->as.csr;
      HN_TRY(check_row(m->values + m->indptr[i], (size_t)(m->indptr[i + 1] - m->indptr[i]), i,
                       m->indices + m->indptr[i], least, err));
    } else {
      const hn_images *m = &x->as.images;
      if (check_row(m->items[i], m->height * m->widths[i], i, NULL, least, NULL) != HN_OK)
        HN_TRY(
            hn_fail(err, HN_INVALID, "picture %zu (from 0) holds a value that is not finite", i));
    }
  }
done:
  return status;
}

static hn_status check_input(const hn_classifier_kind *kind, const hn_fit_input *input,
                             hn_error *err) {
  hn_status status = HN_OK;
  size_t n = hn_features_n_rows(input->x);
  HN_TRY(check_kind(kind, input->x, err));
  if (n == 0)
    return hn_fail(err, HN_INVALID, "%s needs at least one row to learn from", kind->name);
  if (hn_features_n_cols(input->x) == 0)
    return hn_fail(err, HN_INVALID, "%s needs at least one column to learn from", kind->name);
  if (input->n_classes == 0 || input->n_classes > INT32_MAX)
    return hn_fail(err, HN_INVALID, "%zu classes; at least one is needed", input->n_classes);
  for (size_t i = 0; i < n; i++)
    if (input->y[i] < 0 || (size_t)input->y[i] >= input->n_classes)
      return hn_fail(err, HN_INVALID,
                     "label %d of row %zu (from 0) is not one of the %zu classes; rows without a "
                     "label must be left out",
                     input->y[i], i, input->n_classes);
  HN_TRY(check_values(kind, input->x, err));
done:
  return status;
}

/* --- life of a model --- */

static hn_status create_model(const hn_classifier_kind *kind, size_t n_columns, size_t n_classes,
                              hn_model **model_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_model *model = NULL;
  HN_NEW(model, 1, err);
  HN_NEW(model->classes, n_classes, err);
  model->kind = kind;
  model->n_columns = n_columns;
  model->n_classes = n_classes;
  *model_out = model;
  return HN_OK;
done:
  hn_model_destroy(model);
  return status;
}

void hn_model_destroy(hn_model *model) {
  if (!model) return;
  if (model->fitted) model->kind->destroy(model->fitted);
  for (size_t k = 0; model->classes && k < model->n_classes; k++) hn_free(model->classes[k]);
  hn_free(model->classes);
  hn_options_destroy(model->options);
  hn_free(model);
}

hn_status hn_model_fit(const hn_classifier_kind *kind, const hn_options *options,
                       const hn_fit_input *input, const char *const *classes, hn_model **model_out,
                       hn_error *err) {
  hn_status status = HN_OK;
  hn_model *model = NULL;
  HN_TRY(check_input(kind, input, err));
  HN_TRY(create_model(kind, hn_features_n_cols(input->x), input->n_classes, &model, err));
  for (size_t k = 0; k < input->n_classes; k++) HN_DUP(model->classes[k], classes[k], err);
  if (options) {
    assert(hn_options_specs(options) == kind->options);
    HN_TRY(hn_options_copy(options, &model->options, err));
  } else {
    HN_TRY(hn_options_create(kind->options, &model->options, err));
  }
  HN_TRY(kind->fit(input, model->options, &model->fitted, err));
  *model_out = model;
  return HN_OK;
done:
  hn_model_destroy(model);
  return status;
}

hn_status hn_model_predict_proba(const hn_model *model, const hn_features *x, float *p_out,
                                 hn_error *err) {
  hn_status status = HN_OK;
  HN_TRY(check_kind(model->kind, x, err));
  if (hn_features_n_cols(x) != model->n_columns)
    return hn_fail(err, HN_INVALID, "the features have %zu %s, the model was fitted on %zu",
                   hn_features_n_cols(x), x->kind == HN_FEATURES_IMAGES ? "mel bands" : "columns",
                   model->n_columns);
  HN_TRY(check_values(model->kind, x, err));
  HN_TRY(model->kind->predict_proba(model->fitted, x, p_out, err));
done:
  return status;
}

hn_status hn_model_importances(const hn_model *model, double *importances_out, hn_error *err) {
  if (!model->kind->importances)
    return hn_fail(err, HN_UNSUPPORTED, "%s has no feature importances", model->kind->name);
  return model->kind->importances(model->fitted, importances_out, err);
}

void hn_model_uses(const hn_model *model, uint8_t *used_out) {
  memset(used_out, 1, model->n_columns);
  if (model->kind->uses) model->kind->uses(model->fitted, used_out);
}

hn_status hn_model_predict_changes(const hn_model *model, const hn_features *x, size_t row,
                                   const hn_row_change *changes, size_t n_changes, float *p_out,
                                   hn_error *err) {
  const hn_classifier_kind *kind = model->kind;
  return kind->predict_changes
             ? kind->predict_changes(model->fitted, x, row, changes, n_changes, p_out, err)
             : hn_predict_changed_rows(model, x, row, changes, n_changes, p_out, err);
}

double hn_model_oob_score(const hn_model *model) {
  return model->kind->oob_score ? model->kind->oob_score(model->fitted) : NAN;
}

double hn_model_found_rate(const hn_model *model) {
  return model->kind->found_rate ? model->kind->found_rate(model->fitted) : NAN;
}

const hn_classifier_kind *hn_model_kind(const hn_model *model) {
  return model->kind;
}

size_t hn_model_n_classes(const hn_model *model) {
  return model->n_classes;
}

const char *const *hn_model_classes(const hn_model *model) {
  return (const char *const *)model->classes;
}

const hn_options *hn_model_options(const hn_model *model) {
  return model->options;
}

size_t hn_model_n_columns(const hn_model *model) {
  return model->n_columns;
}

/* --- the file --- */

static hn_status set_classes(const hn_model *model, hn_tensors *tensors, hn_error *err) {
  hn_status status = HN_OK;
  char *text = NULL;
  json_t *list = json_array();
  for (size_t k = 0; k < model->n_classes; k++)
    if (json_array_append_new(list, json_string(model->classes[k])) != 0)
      HN_TRY(hn_fail(err, HN_INVALID, "class %zu (from 0) is not UTF-8 text", k));
  text = json_dumps(list, JSON_COMPACT);
  if (!text) HN_TRY(hn_fail_memory(err));
  HN_TRY(hn_tensors_set_text(tensors, "classes", text, err));
done:
  free(text);
  json_decref(list);
  return status;
}

/* The metadata key under which an option's text is saved. */
static const char *option_key(const hn_option_spec *spec, char *key, size_t size) {
  snprintf(key, size, "option.%s", spec->name);
  return key;
}

static hn_status set_texts(const hn_model *model, hn_tensors *tensors, hn_error *err) {
  hn_status status = HN_OK;
  char text[80];
  HN_TRY(hn_tensors_set_text(tensors, "format_version", FORMAT_VERSION, err));
  HN_TRY(hn_tensors_set_text(tensors, "classifier", model->kind->name, err));
  snprintf(text, sizeof text, "%zu", model->n_columns);
  HN_TRY(hn_tensors_set_text(tensors, "n_columns", text, err));
  HN_TRY(set_classes(model, tensors, err));
  for (const hn_option_spec *spec = model->kind->options; spec->name; spec++)
    HN_TRY(hn_tensors_set_text(tensors, option_key(spec, text, sizeof text),
                               hn_options_text(model->options, spec->name), err));
done:
  return status;
}

hn_status hn_model_save(const hn_model *model, const hn_tensors *extra, const char *path,
                        hn_error *err) {
  hn_status status = HN_OK;
  hn_tensors *tensors = NULL;
  HN_TRY(hn_tensors_create(&tensors, err));
  if (extra) HN_TRY(hn_tensors_merge(tensors, extra, err));
  HN_TRY(set_texts(model, tensors, err));
  HN_TRY(model->kind->save(model->fitted, tensors, err));
  HN_TRY(hn_tensors_write(tensors, path, err));
done:
  hn_tensors_destroy(tensors);
  return status;
}

static hn_status load_classes(const hn_tensors *tensors, json_t **list_out, hn_error *err) {
  const char *text;
  hn_status status = hn_tensors_get_text(tensors, "classes", &text, err);
  if (status != HN_OK) return status;
  json_t *list = json_loads(text, 0, NULL);
  int is_valid = json_is_array(list) && json_array_size(list) > 0;
  for (size_t k = 0; is_valid && k < json_array_size(list); k++)
    is_valid = json_is_string(json_array_get(list, k));
  if (!is_valid) {
    json_decref(list);
    return hn_fail(err, HN_FORMAT, "metadata \"classes\" is not a list of class names: %.80s",
                   text);
  }
  *list_out = list;
  return HN_OK;
}

static hn_status load_n_columns(const hn_tensors *tensors, size_t *n_out, hn_error *err) {
  const char *text;
  hn_status status = hn_tensors_get_text(tensors, "n_columns", &text, err);
  if (status != HN_OK) return status;
  char *end;
  errno = 0;
  unsigned long long n = strtoull(text, &end, 10);
  if (errno || *end || end == text || *text == '-' || n == 0)
    return hn_fail(err, HN_FORMAT, "metadata \"n_columns\" is \"%.80s\", expected a count", text);
  *n_out = (size_t)n;
  return HN_OK;
}

static hn_status load_kind(const hn_tensors *tensors, const hn_classifier_kind **kind_out,
                           hn_error *err) {
  hn_status status = HN_OK;
  const char *version, *name;
  HN_TRY(hn_tensors_get_text(tensors, "format_version", &version, err));
  if (strcmp(version, FORMAT_VERSION) != 0)
    return hn_fail(err, HN_UNSUPPORTED,
                   "model format version \"%.20s\"; this headnod reads version " FORMAT_VERSION,
                   version);
  HN_TRY(hn_tensors_get_text(tensors, "classifier", &name, err));
  HN_TRY(hn_classifier_find(name, kind_out, err));
done:
  return status;
}

/* An option that the file does not have was not there yet when it was written: its default. */
static hn_status load_options(const hn_tensors *tensors, const hn_classifier_kind *kind,
                              hn_options **options_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_options *options = NULL;
  char key[80];
  HN_TRY(hn_options_create(kind->options, &options, err));
  for (const hn_option_spec *spec = kind->options; spec->name; spec++) {
    const char *text = hn_tensors_text(tensors, option_key(spec, key, sizeof key));
    if (text) HN_TRY(hn_options_set(options, spec->name, text, err));
  }
  *options_out = options;
  return HN_OK;
done:
  hn_options_destroy(options);
  return status;
}

static hn_status load_model(const hn_tensors *tensors, hn_model **model_out, hn_error *err) {
  hn_status status = HN_OK;
  const hn_classifier_kind *kind;
  json_t *classes = NULL;
  hn_model *model = NULL;
  size_t n_columns = 0;
  HN_TRY(load_kind(tensors, &kind, err));
  HN_TRY(load_n_columns(tensors, &n_columns, err));
  HN_TRY(load_classes(tensors, &classes, err));
  HN_TRY(create_model(kind, n_columns, json_array_size(classes), &model, err));
  for (size_t k = 0; k < model->n_classes; k++)
    HN_DUP(model->classes[k], json_string_value(json_array_get(classes, k)), err);
  HN_TRY(load_options(tensors, kind, &model->options, err));
  HN_TRY(kind->load(tensors, model->options, model->n_classes, &model->fitted, err));
  *model_out = model;
  model = NULL;
done:
  json_decref(classes);
  hn_model_destroy(model);
  return status;
}

hn_status hn_model_load(const char *path, hn_model **model_out, hn_tensors **tensors_out,
                        hn_error *err) {
  hn_tensors *tensors;
  hn_model *model = NULL;
  hn_status status = hn_tensors_read(path, &tensors, err);
  if (status != HN_OK) return status;
  status = load_model(tensors, &model, err);
  if (status != HN_OK) {
    hn_tensors_destroy(tensors);
    return hn_fail_prefix(err, status, "%s", path);
  }
  *model_out = model;
  if (tensors_out)
    *tensors_out = tensors;
  else
    hn_tensors_destroy(tensors);
  return HN_OK;
}
