#include "learn/linear/naive_bayes.h"

#include "base/memory.h"
#include "learn/linear/linear_model.h"

#include <math.h>

#define ALPHA_SPEC                                                                                 \
  {                                                                                                \
    .name = "alpha", .type = HN_OPTION_REAL, .default_text = "1.0", .min = 1e-10, .max = 1e9,      \
    .help = "added to every count"                                                                 \
  }

static const hn_option_spec multinomial_specs[] = {
    ALPHA_SPEC,
    {.name = "fit_prior",
     .type = HN_OPTION_BOOL,
     .default_text = "true",
     .help = "learn the shares of the classes; false: all alike"},
    {.name = NULL},
};

static const hn_option_spec complement_specs[] = {
    ALPHA_SPEC,
    {.name = "norm",
     .type = HN_OPTION_BOOL,
     .default_text = "false",
     .help = "divide the weights of a class by their sum"},
    {.name = NULL},
};

static size_t one_unit(const hn_options *options) {
  (void)options;
  return 1;
}

/* What is counted: coef (D, K) of the new model holds sums of the columns by class, intercept (K)
 * the rows. */
static hn_status count(const hn_fit_input *input, hn_linear_model **model_out, hn_error *err) {
  const hn_features *x = input->x;
  size_t n_rows = hn_features_n_rows(x), n_cols = hn_features_n_cols(x),
         n_classes = input->n_classes;
  hn_linear_model *l;
  hn_status status = hn_linear_model_create(n_cols, n_classes, &l, err);
  if (status != HN_OK) return status;
  for (size_t i = 0; i < n_rows; i++) {
    double *sums = l->coef + input->y[i];
    l->present[input->y[i]] = 1;
    l->intercept[input->y[i]]++;
    if (x->kind == HN_FEATURES_DENSE) {
      const float *row = x->as.dense.values + i * n_cols;
      for (size_t j = 0; j < n_cols; j++) sums[j * n_classes] += row[j];
    } else {
      const hn_csr *m = &x->as.csr;
      for (int64_t e = m->indptr[i]; e < m->indptr[i + 1]; e++)
        sums[(size_t)m->indices[e] * n_classes] += m->values[e];
    }
  }
  hn_progress_advance(input->progress, 1);
  *model_out = l;
  return HN_OK;
}

static hn_status multinomial_fit(const hn_fit_input *input, const hn_options *options,
                                 void **model_out, hn_error *err) {
  hn_linear_model *l;
  hn_status status = count(input, &l, err);
  if (status != HN_OK) return status;
  double alpha = hn_options_real(options, "alpha");
  double n_rows = (double)hn_features_n_rows(input->x);
  int has_prior = hn_options_bool(options, "fit_prior");
  for (size_t k = 0; k < l->n_classes; k++) {
    double sum = alpha * (double)l->n_columns, *coef = l->coef + k;
    for (size_t j = 0; j < l->n_columns; j++) sum += coef[j * l->n_classes];
    for (size_t j = 0; j < l->n_columns; j++)
      coef[j * l->n_classes] = log((coef[j * l->n_classes] + alpha) / sum);
    l->intercept[k] = has_prior && l->present[k] ? log(l->intercept[k] / n_rows) : 0;
  }
  *model_out = l;
  return HN_OK;
}

static hn_status complement_fit(const hn_fit_input *input, const hn_options *options,
                                void **model_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_linear_model *l = NULL;
  double *totals = NULL, all = 0;
  double alpha = hn_options_real(options, "alpha");
  int is_normed = hn_options_bool(options, "norm");
  HN_TRY(count(input, &l, err));
  HN_NEW(totals, l->n_columns, err);
  for (size_t j = 0; j < l->n_columns; j++) {
    for (size_t k = 0; k < l->n_classes; k++) totals[j] += l->coef[j * l->n_classes + k];
    all += totals[j];
  }
  for (size_t k = 0; k < l->n_classes; k++) {
    double sum = all + alpha * (double)l->n_columns, sum_of_logs = 0, *coef = l->coef + k;
    for (size_t j = 0; j < l->n_columns; j++) sum -= coef[j * l->n_classes];
    for (size_t j = 0; j < l->n_columns; j++) {
      double *weight = &coef[j * l->n_classes];
      *weight = -log((totals[j] - *weight + alpha) / sum);
      sum_of_logs -= *weight;
    }
    for (size_t j = 0; is_normed && sum_of_logs < 0 && j < l->n_columns; j++)
      coef[j * l->n_classes] /= -sum_of_logs;
    l->intercept[k] = 0;
  }
  *model_out = l;
  l = NULL;
done:
  hn_linear_model_destroy(l);
  hn_free(totals);
  return status;
}

const hn_classifier_kind hn_multinomial_nb_kind = {
    .name = "multinomial_nb",
    .accepts = HN_FEATURES_DENSE | HN_FEATURES_CSR,
    .takes_counts = 1,
    .unit = "fits",
    .options = multinomial_specs,
    .n_units = one_unit,
    .fit = multinomial_fit,
    .predict_proba = hn_linear_model_predict_proba,
    .save = hn_linear_model_save,
    .load = hn_linear_model_load,
    .destroy = hn_linear_model_destroy,
    .uses = hn_linear_model_uses,
};

const hn_classifier_kind hn_complement_nb_kind = {
    .name = "complement_nb",
    .accepts = HN_FEATURES_DENSE | HN_FEATURES_CSR,
    .takes_counts = 1,
    .unit = "fits",
    .options = complement_specs,
    .n_units = one_unit,
    .fit = complement_fit,
    .predict_proba = hn_linear_model_predict_proba,
    .save = hn_linear_model_save,
    .load = hn_linear_model_load,
    .destroy = hn_linear_model_destroy,
    .uses = hn_linear_model_uses,
};
