#include "learn/dummy.h"

#include "base/memory.h"
#include "base/random.h"

#include <math.h>
#include <string.h>

typedef enum { PRIOR, MOST_FREQUENT, STRATIFIED } dummy_strategy;

typedef struct {
  dummy_strategy strategy;
  uint64_t seed;
  size_t n_classes;
  double *prior; /* (K), sums to 1 */
} dummy;

static const hn_option_spec specs[] = {
    {.name = "strategy",
     .type = HN_OPTION_CHOICE,
     .default_text = "prior",
     .choices = "prior|most_frequent|stratified",
     .help = "class shares, the largest class, or a class drawn by its share"},
    {.name = NULL},
};

static size_t dummy_n_units(const hn_options *options) {
  (void)options;
  return 1;
}

static void dummy_destroy(void *model) {
  dummy *d = model;
  if (!d) return;
  hn_free(d->prior);
  hn_free(d);
}

static hn_status dummy_create(const hn_options *options, size_t n_classes, dummy **dummy_out,
                              hn_error *err) {
  hn_status status = HN_OK;
  dummy *d = NULL;
  HN_NEW(d, 1, err);
  HN_NEW(d->prior, n_classes, err);
  d->n_classes = n_classes;
  d->strategy = hn_options_is(options, "strategy", "most_frequent") ? MOST_FREQUENT
                : hn_options_is(options, "strategy", "stratified")  ? STRATIFIED
                                                                    : PRIOR;
  *dummy_out = d;
  return HN_OK;
done:
  dummy_destroy(d);
  return status;
}

static hn_status dummy_fit(const hn_fit_input *input, const hn_options *options, void **model_out,
                           hn_error *err) {
  dummy *d;
  hn_status status = dummy_create(options, input->n_classes, &d, err);
  if (status != HN_OK) return status;
  size_t n = hn_features_n_rows(input->x);
  for (size_t i = 0; i < n; i++) d->prior[input->y[i]] += 1;
  for (size_t k = 0; k < d->n_classes; k++) d->prior[k] /= (double)n;
  d->seed = input->seed;
  hn_progress_advance(input->progress, 1);
  *model_out = d;
  return HN_OK;
}

static size_t largest(const dummy *d) {
  size_t best = 0;
  for (size_t k = 1; k < d->n_classes; k++)
    if (d->prior[k] > d->prior[best]) best = k;
  return best;
}

/* The class of row i by inverting the cumulative shares; rounding at the end of the scale goes to
 * the last class that has any. */
static size_t draw(const dummy *d, size_t i) {
  hn_rng rng;
  hn_rng_init(&rng, d->seed, "dummy.row", i);
  double u = hn_rng_uniform(&rng);
  size_t drawn = 0;
  for (size_t k = 0; k < d->n_classes; k++) {
    if (d->prior[k] == 0) continue;
    drawn = k;
    if (u < d->prior[k]) break;
    u -= d->prior[k];
  }
  return drawn;
}

static hn_status dummy_predict_proba(const void *model, const hn_features *x, float *p_out,
                                     hn_error *err) {
  (void)err;
  const dummy *d = model;
  size_t n = hn_features_n_rows(x), n_classes = d->n_classes;
  memset(p_out, 0, n * n_classes * sizeof *p_out);
  for (size_t i = 0; i < n; i++) {
    float *row = p_out + i * n_classes;
    if (d->strategy == PRIOR)
      for (size_t k = 0; k < n_classes; k++) row[k] = (float)d->prior[k];
    else
      row[d->strategy == STRATIFIED ? draw(d, i) : largest(d)] = 1;
  }
  return HN_OK;
}

static hn_status dummy_save(const void *model, hn_tensors *tensors, hn_error *err) {
  const dummy *d = model;
  hn_status status =
      hn_tensors_add(tensors, "prior", HN_TENSOR_F64, 1, &d->n_classes, d->prior, err);
  if (status != HN_OK) return status;
  return hn_tensors_add(tensors, "seed", HN_TENSOR_I64, 1, &(size_t){1}, &d->seed, err);
}

static hn_status dummy_load(const hn_tensors *tensors, const hn_options *options, size_t n_classes,
                            void **model_out, hn_error *err) {
  hn_status status = HN_OK;
  dummy *d = NULL;
  const hn_tensor *prior, *seed;
  HN_TRY(hn_tensors_get(tensors, "prior", HN_TENSOR_F64, 1, &prior, err));
  HN_TRY(hn_tensors_get(tensors, "seed", HN_TENSOR_I64, 1, &seed, err));
  if (prior->shape[0] != n_classes || seed->shape[0] != 1)
    return hn_fail(err, HN_FORMAT, "prior has %zu values and seed %zu, expected %zu and 1",
                   prior->shape[0], seed->shape[0], n_classes);
  HN_TRY(dummy_create(options, n_classes, &d, err));
  memcpy(d->prior, prior->data, n_classes * sizeof *d->prior);
  memcpy(&d->seed, seed->data, sizeof d->seed);
  double sum = 0;
  for (size_t k = 0; k < n_classes; k++) sum += d->prior[k] >= 0 ? d->prior[k] : NAN;
  if (!(fabs(sum - 1) < 1e-9))
    HN_TRY(hn_fail(err, HN_FORMAT, "prior sums to %g over its classes, expected 1", sum));
  *model_out = d;
  return HN_OK;
done:
  dummy_destroy(d);
  return status;
}

const hn_classifier_kind hn_dummy_kind = {
    .name = "dummy",
    .accepts = HN_FEATURES_DENSE | HN_FEATURES_CSR | HN_FEATURES_IMAGES,
    .unit = "fits",
    .options = specs,
    .n_units = dummy_n_units,
    .fit = dummy_fit,
    .predict_proba = dummy_predict_proba,
    .save = dummy_save,
    .load = dummy_load,
    .destroy = dummy_destroy,
};
