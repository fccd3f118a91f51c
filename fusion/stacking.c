#include "fusion/stacking.h"

#include "base/labels.h"
#include "base/memory.h"
#include "fusion/conditional_logit.h"
#include "learn/linear/logistic.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_MODELS = 8 };

static const hn_option_spec specs[] = {
    {.name = "coefficients",
     .type = HN_OPTION_CHOICE,
     .default_text = "shared",
     .choices = "shared|free",
     .help = "shared: one a model; free: one a model, class and class"},
    {.name = "C",
     .type = HN_OPTION_REAL,
     .default_text = "1.0",
     .min = 1e-6,
     .max = 1e6,
     .help = "inverse strength of the penalty"},
    {.name = "floor",
     .type = HN_OPTION_REAL,
     .default_text = "0.001",
     .min = 1e-30,
     .max = 0.1,
     .help = "shared: smaller probabilities count as this"},
    {.name = NULL},
};

/* Subsets of models are bit masks: bit m is model m. S = 2^M. */
typedef struct {
  size_t n_models, n_classes, n_subsets;
  uint8_t *fitted;  /* (S) has the subset a stacker? */
  double *coef;     /* (S, M + K) shared: coefficients (0 for models outside), then biases */
  void **logistics; /* (S) free: models of the logistic kind */
} stacker;

static void stacker_destroy(void *model) {
  stacker *s = model;
  if (!s) return;
  for (size_t u = 0; s->logistics && u < s->n_subsets; u++)
    if (s->logistics[u]) hn_logistic_kind.destroy(s->logistics[u]);
  hn_free(s->logistics);
  hn_free(s->coef);
  hn_free(s->fitted);
  hn_free(s);
}

static hn_status stacker_create(size_t n_models, size_t n_classes, stacker **stacker_out,
                                hn_error *err) {
  hn_status status = HN_OK;
  stacker *s = NULL;
  if (n_models > MAX_MODELS)
    return hn_fail(err, HN_INVALID, "stacking fuses at most %d models, not %zu", MAX_MODELS,
                   n_models);
  HN_NEW(s, 1, err);
  s->n_models = n_models;
  s->n_classes = n_classes;
  s->n_subsets = (size_t)1 << n_models;
  HN_NEW(s->fitted, s->n_subsets, err);
  HN_NEW(s->coef, s->n_subsets * (n_models + n_classes), err);
  HN_NEW(s->logistics, s->n_subsets, err);
  *stacker_out = s;
  s = NULL;
done:
  stacker_destroy(s);
  return status;
}

static size_t subset_of(const hn_aligned *rows, size_t i) {
  size_t subset = 0;
  for (size_t m = 0; m < rows->n_tables; m++)
    if (rows->p[i * rows->n_tables + m]) subset |= (size_t)1 << m;
  return subset;
}

static size_t count_models(size_t subset) {
  return (size_t)__builtin_popcountll(subset);
}

/* The rows that take part in one fit or prediction, as one of the two forms needs them. */
typedef struct {
  size_t n;
  size_t *rows; /* indices into the aligned tables */
  int32_t *y;
} selection;

static void free_selection(selection *s) {
  hn_free(s->rows);
  hn_free(s->y);
}

/* Rows that have the models of subset: at least these, or (exactly) no others. */
static hn_status select_rows(const hn_aligned *a, size_t subset, int exactly, selection *out,
                             hn_error *err) {
  hn_status status = HN_OK;
  selection s = {0};
  HN_NEW(s.rows, a->n_rows, err);
  HN_NEW(s.y, a->n_rows, err);
  for (size_t i = 0; i < a->n_rows; i++) {
    size_t present = subset_of(a, i);
    if ((present & subset) != subset || (exactly && present != subset)) continue;
    s.rows[s.n] = i;
    s.y[s.n++] = a->truth[i];
  }
  *out = s;
  s = (selection){0};
done:
  free_selection(&s);
  return status;
}

/* x (models of subset, K): the logarithms of one row. */
static void take_logs(const hn_aligned *a, size_t row, size_t subset, double floor_p, double *x) {
  for (size_t m = 0; m < a->n_tables; m++) {
    if (!(subset >> m & 1)) continue;
    const float *p = a->p[row * a->n_tables + m];
    for (size_t k = 0; k < a->n_classes; k++) *x++ = log(fmax(floor_p, (double)p[k]));
  }
}

/* The probabilities of the subset's models side by side, as features. */
static hn_status take_features(const hn_aligned *a, const selection *s, size_t subset,
                               hn_features *x_out, hn_error *err) {
  size_t first = a->n_classes == 2, n_used = a->n_classes - first;
  hn_features x = {.kind = HN_FEATURES_DENSE};
  hn_status status = hn_matrix_init(&x.as.dense, s->n, count_models(subset) * n_used, err);
  if (status != HN_OK) return status;
  float *to = x.as.dense.values;
  for (size_t i = 0; i < s->n; i++)
    for (size_t m = 0; m < a->n_tables; m++) {
      if (!(subset >> m & 1)) continue;
      memcpy(to, a->p[s->rows[i] * a->n_tables + m] + first, n_used * sizeof *to);
      to += n_used;
    }
  *x_out = x;
  return HN_OK;
}

static hn_status fit_shared(const hn_aligned *a, const selection *s, size_t subset,
                            const hn_options *options, double *coef, hn_error *err) {
  hn_status status = HN_OK;
  size_t n_used = count_models(subset), n_classes = a->n_classes, size = n_used * n_classes;
  double *x = NULL, *fitted = NULL, floor_p = hn_options_real(options, "floor");
  HN_NEW(x, s->n * size, err);
  HN_NEW(fitted, n_used + n_classes, err);
  for (size_t i = 0; i < s->n; i++) take_logs(a, s->rows[i], subset, floor_p, x + i * size);
  HN_TRY(hn_conditional_logit_fit(
      &(hn_conditional_logit){s->n, n_used, n_classes, x, s->y, hn_options_real(options, "C")},
      fitted, err));
  for (size_t m = 0, j = 0; m < a->n_tables; m++)
    if (subset >> m & 1) coef[m] = fitted[j++];
  memcpy(coef + a->n_tables, fitted + n_used, n_classes * sizeof *coef);
done:
  hn_free(x);
  hn_free(fitted);
  return status;
}

/* The options of the logistic regression inside. */
static hn_status logistic_options(const hn_options *options, hn_options **inner_out,
                                  hn_error *err) {
  hn_options *inner = NULL;
  hn_status status = hn_options_create(hn_logistic_kind.options, &inner, err);
  if (status == HN_OK) status = hn_options_set(inner, "C", hn_options_text(options, "C"), err);
  if (status == HN_OK)
    *inner_out = inner;
  else
    hn_options_destroy(inner);
  return status;
}

static hn_status fit_free(const hn_aligned *a, const selection *s, size_t subset,
                          const hn_options *options, void **model_out, hn_error *err) {
  hn_status status = HN_OK;
  hn_options *inner = NULL;
  hn_features x = {.kind = HN_FEATURES_DENSE};
  HN_TRY(logistic_options(options, &inner, err));
  HN_TRY(take_features(a, s, subset, &x, err));
  hn_fit_input input = {.x = &x, .y = s->y, .n_classes = a->n_classes};
  HN_TRY(hn_logistic_kind.fit(&input, inner, model_out, err));
done:
  hn_options_destroy(inner);
  hn_features_free(&x);
  return status;
}

static hn_status stacking_fit(const hn_aligned *a, const hn_options *options, void **model_out,
                              hn_error *err) {
  hn_status status = HN_OK;
  stacker *s = NULL;
  selection chosen = {0};
  int is_free = hn_options_is(options, "coefficients", "free");
  HN_TRY(stacker_create(a->n_tables, a->n_classes, &s, err));
  for (size_t u = 1; u < s->n_subsets; u++) {
    if (count_models(u) < 2) continue;
    HN_TRY(select_rows(a, u, 0, &chosen, err));
    if (chosen.n > 0) {
      if (is_free)
        HN_TRY(fit_free(a, &chosen, u, options, &s->logistics[u], err));
      else
        HN_TRY(fit_shared(a, &chosen, u, options, s->coef + u * (s->n_models + s->n_classes), err));
      s->fitted[u] = 1;
    }
    free_selection(&chosen);
    chosen = (selection){0};
  }
  *model_out = s;
  s = NULL;
done:
  free_selection(&chosen);
  stacker_destroy(s);
  return status;
}

static hn_status apply_shared(const stacker *s, const hn_aligned *a, const selection *chosen,
                              size_t subset, double floor_p, float *p_out, hn_error *err) {
  hn_status status = HN_OK;
  size_t n_used = count_models(subset), n_classes = s->n_classes;
  const double *from = s->coef + subset * (s->n_models + n_classes);
  double *x = NULL, *scores = NULL, *coef = NULL;
  HN_NEW(x, n_used * n_classes, err);
  HN_NEW(scores, n_classes, err);
  HN_NEW(coef, n_used + n_classes, err);
  for (size_t m = 0, j = 0; m < s->n_models; m++)
    if (subset >> m & 1) coef[j++] = from[m];
  memcpy(coef + n_used, from + s->n_models, n_classes * sizeof *coef);
  for (size_t i = 0; i < chosen->n; i++) {
    take_logs(a, chosen->rows[i], subset, floor_p, x);
    hn_conditional_logit_predict(coef, x, n_used, n_classes, scores,
                                 p_out + chosen->rows[i] * n_classes);
  }
done:
  hn_free(x);
  hn_free(scores);
  hn_free(coef);
  return status;
}

static hn_status apply_free(const stacker *s, const hn_aligned *a, const selection *chosen,
                            size_t subset, float *p_out, hn_error *err) {
  hn_status status = HN_OK;
  size_t n_classes = s->n_classes;
  hn_features x = {.kind = HN_FEATURES_DENSE};
  float *p = NULL;
  HN_TRY(take_features(a, chosen, subset, &x, err));
  HN_NEW(p, chosen->n * n_classes, err);
  HN_TRY(hn_logistic_kind.predict_proba(s->logistics[subset], &x, p, err));
  for (size_t i = 0; i < chosen->n; i++)
    memcpy(p_out + chosen->rows[i] * n_classes, p + i * n_classes, n_classes * sizeof *p);
done:
  hn_free(p);
  hn_features_free(&x);
  return status;
}

/* The mean of the models present, which for a single one is its own. */
static void apply_mean(const hn_aligned *a, const selection *chosen, size_t subset, float *p_out) {
  float share = 1 / (float)count_models(subset);
  for (size_t i = 0; i < chosen->n; i++) {
    float *to = p_out + chosen->rows[i] * a->n_classes;
    memset(to, 0, a->n_classes * sizeof *to);
    for (size_t m = 0; m < a->n_tables; m++) {
      const float *p = a->p[chosen->rows[i] * a->n_tables + m];
      for (size_t k = 0; p && k < a->n_classes; k++) to[k] += share * p[k];
    }
  }
}

static hn_status stacking_apply(const void *model, const hn_options *options, const hn_aligned *a,
                                float *p_out, hn_error *err) {
  hn_status status = HN_OK;
  const stacker *s = model;
  selection chosen = {0};
  int is_free = hn_options_is(options, "coefficients", "free");
  for (size_t u = 1; u < s->n_subsets; u++) {
    HN_TRY(select_rows(a, u, 1, &chosen, err));
    if (!s->fitted[u])
      apply_mean(a, &chosen, u, p_out);
    else if (is_free)
      HN_TRY(apply_free(s, a, &chosen, u, p_out, err));
    else
      HN_TRY(apply_shared(s, a, &chosen, u, hn_options_real(options, "floor"), p_out, err));
    free_selection(&chosen);
    chosen = (selection){0};
  }
done:
  free_selection(&chosen);
  return status;
}

/* The name under which entries of a subset's logistic model are kept: "<prefix>subset3.". */
static hn_status subset_prefix(const char *prefix, size_t subset, char out[HN_FUSION_NAME_SIZE],
                               hn_error *err) {
  char name[32];
  snprintf(name, sizeof name, "subset%zu.", subset);
  return hn_fusion_name(prefix, name, out, err);
}

static hn_status save_logistic(const void *logistic, const char *prefix, size_t subset,
                               hn_tensors *tensors, hn_error *err) {
  hn_status status = HN_OK;
  hn_tensors *own = NULL;
  char under[HN_FUSION_NAME_SIZE], name[HN_FUSION_NAME_SIZE];
  HN_TRY(hn_tensors_create(&own, err));
  HN_TRY(hn_logistic_kind.save(logistic, own, err));
  HN_TRY(subset_prefix(prefix, subset, under, err));
  for (size_t t = 0; t < hn_tensors_count(own); t++) {
    const hn_tensor *x = hn_tensors_at(own, t);
    HN_TRY(hn_fusion_name(under, x->name, name, err));
    HN_TRY(hn_tensors_add(tensors, name, x->type, x->n_dims, x->shape, x->data, err));
  }
done:
  hn_tensors_destroy(own);
  return status;
}

static hn_status load_logistic(const hn_tensors *tensors, const char *prefix, size_t subset,
                               const hn_options *options, size_t n_classes, void **model_out,
                               hn_error *err) {
  hn_status status = HN_OK;
  hn_tensors *own = NULL;
  hn_options *inner = NULL;
  char under[HN_FUSION_NAME_SIZE];
  HN_TRY(hn_tensors_create(&own, err));
  HN_TRY(subset_prefix(prefix, subset, under, err));
  for (size_t t = 0; t < hn_tensors_count(tensors); t++) {
    const hn_tensor *x = hn_tensors_at(tensors, t);
    if (strncmp(x->name, under, strlen(under)) != 0) continue;
    HN_TRY(
        hn_tensors_add(own, x->name + strlen(under), x->type, x->n_dims, x->shape, x->data, err));
  }
  HN_TRY(logistic_options(options, &inner, err));
  HN_TRY(hn_logistic_kind.load(own, inner, n_classes, model_out, err));
done:
  hn_options_destroy(inner);
  hn_tensors_destroy(own);
  return status;
}

static hn_status stacking_save(const void *model, const char *prefix, hn_tensors *tensors,
                               hn_error *err) {
  hn_status status = HN_OK;
  const stacker *s = model;
  char name[HN_FUSION_NAME_SIZE];
  size_t shape[2] = {s->n_subsets, s->n_models + s->n_classes};
  HN_TRY(hn_fusion_name(prefix, "fitted", name, err));
  HN_TRY(hn_tensors_add(tensors, name, HN_TENSOR_U8, 1, shape, s->fitted, err));
  HN_TRY(hn_fusion_name(prefix, "coef", name, err));
  HN_TRY(hn_tensors_add(tensors, name, HN_TENSOR_F64, 2, shape, s->coef, err));
  for (size_t u = 0; u < s->n_subsets; u++)
    if (s->logistics[u]) HN_TRY(save_logistic(s->logistics[u], prefix, u, tensors, err));
done:
  return status;
}

static hn_status check_tensors(const stacker *s, const hn_tensor *fitted, const hn_tensor *coef,
                               hn_error *err) {
  if (fitted->shape[0] != s->n_subsets || coef->shape[0] != s->n_subsets ||
      coef->shape[1] != s->n_models + s->n_classes)
    return hn_fail(err, HN_FORMAT,
                   "stacking: fitted (%zu) and coef (%zu, %zu) do not fit %zu models and %zu "
                   "classes",
                   fitted->shape[0], coef->shape[0], coef->shape[1], s->n_models, s->n_classes);
  const double *values = coef->data;
  for (size_t i = 0; i < coef->shape[0] * coef->shape[1]; i++)
    if (!isfinite(values[i]))
      return hn_fail(err, HN_FORMAT, "stacking: coef holds %g, expected finite numbers", values[i]);
  return HN_OK;
}

static hn_status stacking_load(const hn_tensors *tensors, const char *prefix,
                               const hn_options *options, size_t n_models, size_t n_classes,
                               void **model_out, hn_error *err) {
  hn_status status = HN_OK;
  stacker *s = NULL;
  const hn_tensor *fitted, *coef;
  char name[HN_FUSION_NAME_SIZE];
  HN_TRY(stacker_create(n_models, n_classes, &s, err));
  HN_TRY(hn_fusion_name(prefix, "fitted", name, err));
  HN_TRY(hn_tensors_get(tensors, name, HN_TENSOR_U8, 1, &fitted, err));
  HN_TRY(hn_fusion_name(prefix, "coef", name, err));
  HN_TRY(hn_tensors_get(tensors, name, HN_TENSOR_F64, 2, &coef, err));
  HN_TRY(check_tensors(s, fitted, coef, err));
  memcpy(s->fitted, fitted->data, fitted->n_bytes);
  memcpy(s->coef, coef->data, coef->n_bytes);
  if (hn_options_is(options, "coefficients", "free"))
    for (size_t u = 0; u < s->n_subsets; u++)
      if (s->fitted[u])
        HN_TRY(load_logistic(tensors, prefix, u, options, n_classes, &s->logistics[u], err));
  *model_out = s;
  s = NULL;
done:
  stacker_destroy(s);
  return status;
}

const hn_fusion_kind hn_fusion_stacking = {
    .name = "stacking",
    .summary = "logistic regression on the models' probabilities",
    .options = specs,
    .fit = stacking_fit,
    .apply = stacking_apply,
    .save = stacking_save,
    .load = stacking_load,
    .destroy = stacker_destroy,
};
