#include "learn/linear/linear_model.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

void hn_linear_model_destroy(void *model) {
  hn_linear_model *l = model;
  if (!l) return;
  hn_free(l->coef);
  hn_free(l->intercept);
  hn_free(l->present);
  hn_free(l);
}

hn_status hn_linear_model_create(size_t n_columns, size_t n_classes, hn_linear_model **model_out,
                                 hn_error *err) {
  hn_status status = HN_OK;
  hn_linear_model *l = NULL;
  HN_NEW(l, 1, err);
  HN_NEW(l->coef, n_columns * n_classes, err);
  HN_NEW(l->intercept, n_classes, err);
  HN_NEW(l->present, n_classes, err);
  l->n_columns = n_columns;
  l->n_classes = n_classes;
  l->sharpness = 1;
  *model_out = l;
  return HN_OK;
done:
  hn_linear_model_destroy(l);
  return status;
}

void hn_linear_model_scores(const hn_linear_model *l, const hn_features *x, size_t i,
                            double *scores) {
  size_t n_classes = l->n_classes;
  memcpy(scores, l->intercept, n_classes * sizeof *scores);
  if (x->kind == HN_FEATURES_DENSE) {
    const float *row = x->as.dense.values + i * l->n_columns;
    for (size_t j = 0; j < l->n_columns; j++)
      for (size_t k = 0; k < n_classes; k++) scores[k] += row[j] * l->coef[j * n_classes + k];
  } else {
    const hn_csr *m = &x->as.csr;
    for (int64_t e = m->indptr[i]; e < m->indptr[i + 1]; e++) {
      const double *coef = l->coef + (size_t)m->indices[e] * n_classes;
      for (size_t k = 0; k < n_classes; k++) scores[k] += m->values[e] * coef[k];
    }
  }
}

static void softmax_present(const hn_linear_model *l, double *scores, float *p) {
  double top = -INFINITY, sum = 0;
  for (size_t k = 0; k < l->n_classes; k++)
    if (l->present[k] && scores[k] > top) top = scores[k];
  for (size_t k = 0; k < l->n_classes; k++) {
    scores[k] = l->present[k] ? exp(l->sharpness * (scores[k] - top)) : 0;
    sum += scores[k];
  }
  for (size_t k = 0; k < l->n_classes; k++) p[k] = (float)(scores[k] / sum);
}

hn_status hn_linear_model_predict_proba(const void *model, const hn_features *x, float *p_out,
                                        hn_error *err) {
  const hn_linear_model *l = model;
  size_t n = hn_features_n_rows(x), n_classes = l->n_classes;
  if (hn_features_n_cols(x) != l->n_columns)
    return hn_fail(err, HN_INVALID, "the features have %zu columns, coef has %zu",
                   hn_features_n_cols(x), l->n_columns);
  int is_out_of_memory = 0;
#pragma omp parallel reduction(| : is_out_of_memory)
  {
    double *scores = hn_alloc(n_classes, sizeof *scores);
    if (!scores) is_out_of_memory = 1;
#pragma omp for schedule(static)
    for (size_t i = 0; i < n; i++) {
      if (!scores) continue;
      hn_linear_model_scores(l, x, i, scores);
      softmax_present(l, scores, p_out + i * n_classes);
    }
    hn_free(scores);
  }
  return is_out_of_memory ? hn_fail_memory(err) : HN_OK;
}

void hn_linear_model_uses(const void *model, uint8_t *used_out) {
  const hn_linear_model *l = model;
  for (size_t j = 0; j < l->n_columns; j++) {
    used_out[j] = 0;
    for (size_t k = 0; k < l->n_classes; k++) used_out[j] |= l->coef[j * l->n_classes + k] != 0;
  }
}

hn_status hn_linear_model_save(const void *model, hn_tensors *tensors, hn_error *err) {
  const hn_linear_model *l = model;
  hn_status status = HN_OK;
  size_t shape[2] = {l->n_columns, l->n_classes}, one = 1;
  HN_TRY(hn_tensors_add(tensors, "coef", HN_TENSOR_F64, 2, shape, l->coef, err));
  HN_TRY(hn_tensors_add(tensors, "intercept", HN_TENSOR_F64, 1, shape + 1, l->intercept, err));
  HN_TRY(hn_tensors_add(tensors, "sharpness", HN_TENSOR_F64, 1, &one, &l->sharpness, err));
  HN_TRY(hn_tensors_add(tensors, "present", HN_TENSOR_U8, 1, shape + 1, l->present, err));
done:
  return status;
}

static hn_status check_finite(const char *name, const double *values, size_t n, hn_error *err) {
  for (size_t i = 0; i < n; i++)
    if (!isfinite(values[i]))
      return hn_fail(err, HN_FORMAT, "%s holds %g at %zu, expected finite numbers", name, values[i],
                     i);
  return HN_OK;
}

static hn_status load_sharpness(const hn_tensors *tensors, double *sharpness_out, hn_error *err) {
  const hn_tensor *sharpness;
  hn_status status = hn_tensors_get(tensors, "sharpness", HN_TENSOR_F64, 1, &sharpness, err);
  if (status != HN_OK) return status;
  double value = sharpness->shape[0] == 1 ? *(const double *)sharpness->data : NAN;
  if (!(value > 0 && isfinite(value)))
    return hn_fail(err, HN_FORMAT, "sharpness is %g (of %zu values), expected one positive number",
                   value, sharpness->shape[0]);
  *sharpness_out = value;
  return HN_OK;
}

hn_status hn_linear_model_load(const hn_tensors *tensors, const hn_options *options,
                               size_t n_classes, void **model_out, hn_error *err) {
  (void)options; /* all that they decided is in the tensors */
  hn_status status = HN_OK;
  hn_linear_model *l = NULL;
  double sharpness = 1;
  const hn_tensor *coef, *intercept, *present;
  HN_TRY(hn_tensors_get(tensors, "coef", HN_TENSOR_F64, 2, &coef, err));
  HN_TRY(hn_tensors_get(tensors, "intercept", HN_TENSOR_F64, 1, &intercept, err));
  HN_TRY(hn_tensors_get(tensors, "present", HN_TENSOR_U8, 1, &present, err));
  HN_TRY(load_sharpness(tensors, &sharpness, err));
  if (coef->shape[1] != n_classes || intercept->shape[0] != n_classes ||
      present->shape[0] != n_classes)
    return hn_fail(err, HN_FORMAT,
                   "coef, intercept and present are for %zu, %zu and %zu classes, "
                   "expected %zu",
                   coef->shape[1], intercept->shape[0], present->shape[0], n_classes);
  if (!memchr(present->data, 1, n_classes))
    return hn_fail(err, HN_FORMAT, "present marks no class");
  HN_TRY(check_finite("coef", coef->data, coef->shape[0] * n_classes, err));
  HN_TRY(check_finite("intercept", intercept->data, n_classes, err));
  HN_TRY(hn_linear_model_create(coef->shape[0], n_classes, &l, err));
  memcpy(l->coef, coef->data, coef->n_bytes);
  memcpy(l->intercept, intercept->data, intercept->n_bytes);
  memcpy(l->present, present->data, present->n_bytes);
  l->sharpness = sharpness;
  *model_out = l;
done:
  return status;
}

void hn_class_weights(const size_t *counts, size_t n_classes, int is_balanced,
                      double *weights_out) {
  size_t n_rows = 0, n_present = 0;
  for (size_t k = 0; k < n_classes; k++) {
    n_rows += counts[k];
    n_present += counts[k] > 0;
  }
  for (size_t k = 0; k < n_classes; k++)
    weights_out[k] =
        is_balanced && counts[k] ? (double)n_rows / ((double)n_present * (double)counts[k]) : 1;
}
