#include "learn/linear/logistic.h"

#include "base/memory.h"
#include "learn/linear/linear_model.h"
#include "learn/linear/logistic_solve.h"

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

/* Number the classes that occur; of two, the first is the reference whose score stays 0. */
static void number_classes(const hn_linear_model *l, hn_logistic_problem *problem,
                           int32_t *output_of) {
  int32_t next = 0;
  for (size_t k = 0; k < l->n_classes; k++) output_of[k] = l->present[k] ? next++ : -1;
  problem->has_reference = next <= 2;
  problem->n_outputs = (size_t)next - (size_t)problem->has_reference;
  if (problem->has_reference)
    for (size_t k = 0; k < l->n_classes; k++) output_of[k]--;
}

static void take_solution(hn_linear_model *l, const hn_logistic_problem *problem, const double *w,
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
  hn_linear_model *l = NULL;
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
  HN_TRY(hn_linear_model_create(hn_features_n_cols(input->x), n_classes, &l, err));
  HN_NEW(counts, n_classes, err);
  HN_NEW(output_of, n_classes, err);
  HN_NEW(weights, n_classes, err);
  HN_NEW(targets, n, err);
  for (size_t i = 0; i < n; i++) counts[input->y[i]]++;
  for (size_t k = 0; k < n_classes; k++) l->present[k] = counts[k] > 0;
  hn_class_weights(counts, n_classes, hn_options_is(options, "class_weight", "balanced"), weights);
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
  hn_linear_model_destroy(l);
  hn_free(counts);
  hn_free(output_of);
  hn_free(targets);
  hn_free(weights);
  hn_free(w);
  return status;
}

const hn_classifier_kind hn_logistic_kind = {
    .name = "logistic",
    .accepts = HN_FEATURES_DENSE | HN_FEATURES_CSR,
    .unit = "iterations",
    .options = specs,
    .n_units = logistic_n_units,
    .fit = logistic_fit,
    .predict_proba = hn_linear_model_predict_proba,
    .save = hn_linear_model_save,
    .load = hn_linear_model_load,
    .destroy = hn_linear_model_destroy,
    .uses = hn_linear_model_uses,
};
