#include "fusion/pool.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

enum { MAX_ROUNDS = 5000 };
static const double least_change = 1e-9;

typedef struct {
  size_t n_models;
  double *weights; /* (M) sum 1 */
} pool;

static const hn_option_spec no_options[] = {{.name = NULL}};

static const hn_option_spec product_options[] = {
    {.name = "floor",
     .type = HN_OPTION_REAL,
     .default_text = "1e-12",
     .min = 1e-30,
     .max = 0.1,
     .help = "smaller probabilities count as this"},
    {.name = NULL},
};

/* Sum of weights[m] * p_m over the models present, scaled; weights NULL: equal. */
static void add_pool(const float *const *p, const double *weights, size_t n_models,
                     size_t n_classes, double *sums, float *p_out) {
  double total = 0;
  memset(sums, 0, n_classes * sizeof *sums);
  for (size_t m = 0; m < n_models; m++) {
    double weight = weights ? weights[m] : 1;
    for (size_t k = 0; p[m] && k < n_classes; k++) sums[k] += weight * (double)p[m][k];
  }
  for (size_t k = 0; k < n_classes; k++) total += sums[k];
  for (size_t k = 0; k < n_classes; k++) p_out[k] = (float)(sums[k] / total);
}

static size_t count_present(const float *const *p, size_t n_models) {
  size_t n_present = 0;
  for (size_t m = 0; m < n_models; m++) n_present += p[m] != NULL;
  return n_present;
}

static int has_weight(const float *const *p, const double *weights, size_t n_models) {
  double total = 0;
  for (size_t m = 0; m < n_models; m++) total += p[m] ? weights[m] : 0;
  return total > 0;
}

/* A track whose models all weigh nothing is averaged: there is nothing else to know about it. */
static hn_status apply_sum(const double *weights, const hn_aligned *rows, float *p_out,
                           hn_error *err) {
  hn_status status = HN_OK;
  size_t n_models = rows->n_tables, n_classes = rows->n_classes;
  double *sums = NULL;
  HN_NEW(sums, n_classes, err);
  for (size_t i = 0; i < rows->n_rows; i++) {
    const float *const *p = rows->p + i * n_models;
    const double *used = weights && has_weight(p, weights, n_models) ? weights : NULL;
    if (count_present(p, n_models) > 0)
      add_pool(p, used, n_models, n_classes, sums, p_out + i * n_classes);
  }
done:
  hn_free(sums);
  return status;
}

static hn_status mean_apply(const void *model, const hn_options *options, const hn_aligned *rows,
                            float *p_out, hn_error *err) {
  (void)model;
  (void)options;
  return apply_sum(NULL, rows, p_out, err);
}

static hn_status weighted_apply(const void *model, const hn_options *options,
                                const hn_aligned *rows, float *p_out, hn_error *err) {
  (void)options;
  return apply_sum(((const pool *)model)->weights, rows, p_out, err);
}

static void pool_destroy(void *model) {
  pool *made = model;
  if (!made) return;
  hn_free(made->weights);
  hn_free(made);
}

static hn_status pool_create(size_t n_models, pool **pool_out, hn_error *err) {
  hn_status status = HN_OK;
  pool *made = NULL;
  HN_NEW(made, 1, err);
  HN_NEW(made->weights, n_models, err);
  made->n_models = n_models;
  for (size_t m = 0; m < n_models; m++) made->weights[m] = 1 / (double)n_models;
  *pool_out = made;
  made = NULL;
done:
  pool_destroy(made);
  return status;
}

/* One round of MM: w_m becomes (share of the truth's probability that m explains) / (tracks that
 * could have been explained by m, by the weight of the models present). */
static double update_weights(const hn_aligned *rows, double *weights, double *explained,
                             double *exposed) {
  size_t n_models = rows->n_tables;
  double total = 0, change = 0;
  memset(explained, 0, n_models * sizeof *explained);
  memset(exposed, 0, n_models * sizeof *exposed);
  for (size_t i = 0; i < rows->n_rows; i++) {
    const float *const *p = rows->p + i * n_models;
    double present = 0, right = 0;
    for (size_t m = 0; m < n_models; m++) {
      if (!p[m]) continue;
      present += weights[m];
      right += weights[m] * (double)p[m][rows->truth[i]];
    }
    if (count_present(p, n_models) < 2 || !(right > 0))
      continue; /* the same whatever the weights are */
    for (size_t m = 0; m < n_models; m++) {
      if (!p[m]) continue;
      explained[m] += weights[m] * (double)p[m][rows->truth[i]] / right;
      exposed[m] += 1 / present;
    }
  }
  for (size_t m = 0; m < n_models; m++) {
    explained[m] = exposed[m] > 0 ? explained[m] / exposed[m] : weights[m];
    total += explained[m];
  }
  for (size_t m = 0; m < n_models; m++) {
    double updated = explained[m] / total;
    change = fmax(change, fabs(updated - weights[m]));
    weights[m] = updated;
  }
  return change;
}

static hn_status weighted_fit(const hn_aligned *rows, const hn_options *options, void **model_out,
                              hn_error *err) {
  (void)options;
  hn_status status = HN_OK;
  pool *made = NULL;
  double *explained = NULL, *exposed = NULL;
  HN_TRY(pool_create(rows->n_tables, &made, err));
  HN_NEW(explained, rows->n_tables, err);
  HN_NEW(exposed, rows->n_tables, err);
  for (int round = 0; round < MAX_ROUNDS; round++)
    if (update_weights(rows, made->weights, explained, exposed) < least_change) break;
  *model_out = made;
  made = NULL;
done:
  pool_destroy(made);
  hn_free(explained);
  hn_free(exposed);
  return status;
}

static hn_status weighted_save(const void *model, const char *prefix, hn_tensors *tensors,
                               hn_error *err) {
  const pool *saved = model;
  char name[HN_FUSION_NAME_SIZE];
  hn_status status = hn_fusion_name(prefix, "weights", name, err);
  if (status != HN_OK) return status;
  return hn_tensors_add(tensors, name, HN_TENSOR_F64, 1, &saved->n_models, saved->weights, err);
}

static hn_status weighted_load(const hn_tensors *tensors, const char *prefix,
                               const hn_options *options, size_t n_models, size_t n_classes,
                               void **model_out, hn_error *err) {
  (void)options;
  (void)n_classes;
  hn_status status = HN_OK;
  char name[HN_FUSION_NAME_SIZE];
  const hn_tensor *weights;
  pool *made = NULL;
  HN_TRY(hn_fusion_name(prefix, "weights", name, err));
  HN_TRY(hn_tensors_get(tensors, name, HN_TENSOR_F64, 1, &weights, err));
  if (weights->shape[0] != n_models)
    return hn_fail(err, HN_FORMAT, "%s holds %zu weights for %zu models", name, weights->shape[0],
                   n_models);
  HN_TRY(pool_create(n_models, &made, err));
  memcpy(made->weights, weights->data, weights->n_bytes);
  for (size_t m = 0; m < n_models; m++)
    if (!(made->weights[m] >= 0 && made->weights[m] <= 1))
      HN_TRY(hn_fail(err, HN_FORMAT, "%s: weight %zu is %g; allowed: 0 to 1", name, m + 1,
                     made->weights[m]));
  *model_out = made;
  made = NULL;
done:
  pool_destroy(made);
  return status;
}

static hn_status product_apply(const void *model, const hn_options *options, const hn_aligned *rows,
                               float *p_out, hn_error *err) {
  (void)model;
  hn_status status = HN_OK;
  size_t n_models = rows->n_tables, n_classes = rows->n_classes;
  double floor_p = hn_options_real(options, "floor"), *logs = NULL;
  HN_NEW(logs, n_classes, err);
  for (size_t i = 0; i < rows->n_rows; i++) {
    const float *const *p = rows->p + i * n_models;
    double top = -INFINITY, total = 0;
    if (count_present(p, n_models) == 0) continue;
    for (size_t k = 0; k < n_classes; k++) {
      logs[k] = 0;
      for (size_t m = 0; m < n_models; m++)
        if (p[m]) logs[k] += log(fmax(floor_p, (double)p[m][k]));
      top = fmax(top, logs[k]);
    }
    for (size_t k = 0; k < n_classes; k++) total += logs[k] = exp(logs[k] - top);
    for (size_t k = 0; k < n_classes; k++) p_out[i * n_classes + k] = (float)(logs[k] / total);
  }
done:
  hn_free(logs);
  return status;
}

const hn_fusion_kind hn_fusion_mean = {
    .name = "mean",
    .summary = "average of the models' probabilities",
    .options = no_options,
    .apply = mean_apply,
};

const hn_fusion_kind hn_fusion_weighted = {
    .name = "weighted",
    .summary = "average with the weights of least log loss on validation",
    .options = no_options,
    .fit = weighted_fit,
    .apply = weighted_apply,
    .save = weighted_save,
    .load = weighted_load,
    .destroy = pool_destroy,
};

const hn_fusion_kind hn_fusion_product = {
    .name = "product",
    .summary = "normalised product of the models' probabilities",
    .options = product_options,
    .apply = product_apply,
};
