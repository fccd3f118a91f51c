#include "learn/logistic.h"

#include "base/memory.h"
#include "learn/logistic_solve.h"

#include <math.h>
#include <string.h>

typedef struct {
  size_t n_columns, n_classes;
  double *coef;      /* (D, K) */
  double *intercept; /* (K) */
  uint8_t *present;  /* (K) had the class a training row? */
} logistic;

static const hn_option_spec specs[] = {
    {.name = "C",
     .type = HN_OPTION_REAL,
     .default_text = "1.0",
     .min = 1e-12,
     .max = 1e12,
     .help = "inverse strength of the L2 penalty"},
    {.name = "max_iter",
     .type = HN_OPTION_INT,
     .default_text = "100",
     .min = 1,
     .max = 1e9,
     .help = "iterations at most"},
    {.name = "tol",
     .type = HN_OPTION_REAL,
     .default_text = "0.0001",
     .min = 0,
     .max = 1e9,
     .help = "stop when no component of the gradient exceeds this"},
    {.name = "fit_intercept",
     .type = HN_OPTION_BOOL,
     .default_text = "true",
     .help = "learn a constant for each class"},
    {.name = "class_weight",
     .type = HN_OPTION_CHOICE,
     .default_text = "none",
     .none_allowed = 1,
     .choices = "balanced",
     .help = "balanced: weigh each class by the inverse of its size"},
    {.name = NULL},
};

static size_t logistic_n_units(const hn_options *options) {
  return (size_t)hn_options_int(options, "max_iter");
}

static void logistic_destroy(void *model) {
  logistic *l = model;
  if (!l) return;
  hn_free(l->coef);
  hn_free(l->intercept);
  hn_free(l->present);
  hn_free(l);
}

static hn_status logistic_create(size_t n_columns, size_t n_classes, logistic **out,
                                 hn_error *err) {
  hn_status status = HN_OK;
  logistic *l = NULL;
  HN_NEW(l, 1, err);
  HN_NEW(l->coef, n_columns * n_classes, err);
  HN_NEW(l->intercept, n_classes, err);
  HN_NEW(l->present, n_classes, err);
  l->n_columns = n_columns;
  l->n_classes = n_classes;
  *out = l;
  return HN_OK;
done:
  logistic_destroy(l);
  return status;
}

/* Weight of a row of each class: 1, or N / (classes present * rows of the class). */
static void weigh_classes(const size_t *counts, size_t n_classes, size_t n_rows, int is_balanced,
                          double *weights) {
  size_t n_present = 0;
  for (size_t k = 0; k < n_classes; k++) n_present += counts[k] > 0;
  for (size_t k = 0; k < n_classes; k++)
    weights[k] =
        is_balanced && counts[k] ? (double)n_rows / ((double)n_present * (double)counts[k]) : 1;
}

/* Number the classes that occur; of two, the first is the reference whose score stays 0. */
static void number_classes(const logistic *l, hn_logistic_problem *problem, int32_t *output_of) {
  int32_t next = 0;
  for (size_t k = 0; k < l->n_classes; k++) output_of[k] = l->present[k] ? next++ : -1;
  problem->has_reference = next <= 2;
  problem->n_outputs = (size_t)next - (size_t)problem->has_reference;
  if (problem->has_reference)
    for (size_t k = 0; k < l->n_classes; k++) output_of[k]--;
}

static void take_solution(logistic *l, const hn_logistic_problem *problem, const double *w,
                          const int32_t *output_of) {
  size_t n_outputs = problem->n_outputs, n_classes = l->n_classes;
  for (size_t k = 0; k < n_classes; k++) {
    if (!l->present[k] || output_of[k] < 0) continue;
    const double *from = w + output_of[k];
    for (size_t j = 0; j < l->n_columns; j++) l->coef[j * n_classes + k] = from[j * n_outputs];
    if (problem->fit_intercept) l->intercept[k] = from[l->n_columns * n_outputs];
  }
}

static hn_status logistic_fit(const hn_fit_input *input, const hn_options *options,
                              void **model_out, hn_error *err) {
  hn_status status = HN_OK;
  logistic *l = NULL;
  size_t *counts = NULL;
  int32_t *output_of = NULL, *targets = NULL;
  double *weights = NULL, *w = NULL;
  size_t n = hn_features_n_rows(input->x), n_classes = input->n_classes;
  hn_logistic_problem problem = {
      .x = input->x,
      .penalty = 1 / hn_options_real(options, "C"),
      .tol = hn_options_real(options, "tol"),
      .max_iter = (int)hn_options_int(options, "max_iter"),
      .fit_intercept = hn_options_bool(options, "fit_intercept"),
      .progress = input->progress,
  };
  HN_TRY(logistic_create(hn_features_n_cols(input->x), n_classes, &l, err));
  HN_NEW(counts, n_classes, err);
  HN_NEW(output_of, n_classes, err);
  HN_NEW(weights, n_classes, err);
  HN_NEW(targets, n, err);
  for (size_t i = 0; i < n; i++) counts[input->y[i]]++;
  for (size_t k = 0; k < n_classes; k++) l->present[k] = counts[k] > 0;
  weigh_classes(counts, n_classes, n, hn_options_is(options, "class_weight", "balanced"), weights);
  number_classes(l, &problem, output_of);
  for (size_t i = 0; i < n; i++) targets[i] = output_of[input->y[i]];
  problem.targets = targets;
  problem.y = input->y;
  problem.class_weights = weights;
  if (problem.n_outputs > 0) {
    HN_TRY(hn_logistic_solve(&problem, &w, err));
    take_solution(l, &problem, w, output_of);
  }
  *model_out = l;
  l = NULL;
done:
  logistic_destroy(l);
  hn_free(counts);
  hn_free(output_of);
  hn_free(targets);
  hn_free(weights);
  hn_free(w);
  return status;
}

static void add_scores(const logistic *l, const hn_features *x, size_t i, double *scores) {
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

static void softmax_present(const logistic *l, double *scores, float *p) {
  double top = -INFINITY, sum = 0;
  for (size_t k = 0; k < l->n_classes; k++)
    if (l->present[k] && scores[k] > top) top = scores[k];
  for (size_t k = 0; k < l->n_classes; k++) {
    scores[k] = l->present[k] ? exp(scores[k] - top) : 0;
    sum += scores[k];
  }
  for (size_t k = 0; k < l->n_classes; k++) p[k] = (float)(scores[k] / sum);
}

static hn_status logistic_predict_proba(const void *model, const hn_features *x, float *p_out,
                                        hn_error *err) {
  const logistic *l = model;
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
      add_scores(l, x, i, scores);
      softmax_present(l, scores, p_out + i * n_classes);
    }
    hn_free(scores);
  }
  return is_out_of_memory ? hn_fail_memory(err) : HN_OK;
}

static hn_status logistic_save(const void *model, hn_tensors *tensors, hn_error *err) {
  const logistic *l = model;
  hn_status status = HN_OK;
  size_t shape[2] = {l->n_columns, l->n_classes};
  HN_TRY(hn_tensors_add(tensors, "coef", HN_TENSOR_F64, 2, shape, l->coef, err));
  HN_TRY(hn_tensors_add(tensors, "intercept", HN_TENSOR_F64, 1, shape + 1, l->intercept, err));
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

static hn_status logistic_load(const hn_tensors *tensors, const hn_options *options,
                               size_t n_classes, void **model_out, hn_error *err) {
  (void)options;
  hn_status status = HN_OK;
  logistic *l = NULL;
  const hn_tensor *coef, *intercept, *present;
  HN_TRY(hn_tensors_get(tensors, "coef", HN_TENSOR_F64, 2, &coef, err));
  HN_TRY(hn_tensors_get(tensors, "intercept", HN_TENSOR_F64, 1, &intercept, err));
  HN_TRY(hn_tensors_get(tensors, "present", HN_TENSOR_U8, 1, &present, err));
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
  HN_TRY(logistic_create(coef->shape[0], n_classes, &l, err));
  memcpy(l->coef, coef->data, coef->n_bytes);
  memcpy(l->intercept, intercept->data, intercept->n_bytes);
  memcpy(l->present, present->data, present->n_bytes);
  *model_out = l;
  return HN_OK;
done:
  return status;
}

const hn_classifier_kind hn_logistic_kind = {
    .name = "logistic",
    .accepts = HN_FEATURES_DENSE | HN_FEATURES_CSR,
    .unit = "iterations",
    .options = specs,
    .n_units = logistic_n_units,
    .fit = logistic_fit,
    .predict_proba = logistic_predict_proba,
    .save = logistic_save,
    .load = logistic_load,
    .destroy = logistic_destroy,
};
