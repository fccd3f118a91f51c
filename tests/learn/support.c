#include "support.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/random.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *const class_names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};

enum { N_COLS = 8 };

hn_features to_csr(const hn_matrix *m) {
  hn_features x = {.kind = HN_FEATURES_CSR};
  size_t n = 0;
  for (size_t i = 0; i < m->n_rows * m->n_cols; i++) n += m->values[i] != 0;
  assert_int_equal(hn_csr_init(&x.as.csr, m->n_rows, m->n_cols, n, NULL), HN_OK);
  n = 0;
  for (size_t i = 0; i < m->n_rows; i++) {
    for (size_t j = 0; j < m->n_cols; j++) {
      if (m->values[i * m->n_cols + j] == 0) continue;
      x.as.csr.indices[n] = (int32_t)j;
      x.as.csr.values[n++] = m->values[i * m->n_cols + j];
    }
    x.as.csr.indptr[i + 1] = (int64_t)n;
  }
  return x;
}

static void fill_table(test_data *d, hn_features_kind kind, hn_rng *rng) {
  hn_matrix m;
  assert_int_equal(hn_matrix_init(&m, d->n_rows, N_COLS, NULL), HN_OK);
  for (size_t i = 0; i < d->n_rows; i++)
    for (size_t j = 0; j < N_COLS; j++) {
      int is_own = j % d->n_classes == (size_t)d->y[i];
      if (hn_rng_uniform(rng) < 0.5)
        m.values[i * N_COLS + j] = (float)(hn_rng_normal(rng) + (is_own ? 1.5 : 0.3));
    }
  d->x.kind = HN_FEATURES_DENSE;
  d->x.as.dense = m;
  if (kind == HN_FEATURES_CSR) {
    d->x = to_csr(&m);
    hn_matrix_free(&m);
  }
}

static void fill_pictures(test_data *d, hn_rng *rng) {
  hn_images *m = &d->x.as.images;
  assert_int_equal(hn_images_init(m, d->n_rows, N_COLS, NULL), HN_OK);
  for (size_t i = 0; i < d->n_rows; i++) {
    m->widths[i] = 16 + hn_rng_below(rng, 8);
    m->items[i] = hn_alloc(N_COLS * m->widths[i], sizeof(float));
    for (size_t v = 0; v < N_COLS * m->widths[i]; v++) {
      int is_own = v / m->widths[i] % d->n_classes == (size_t)d->y[i];
      m->items[i][v] = (float)(hn_rng_normal(rng) + (is_own ? 1 : 0));
    }
  }
}

test_data make_data(hn_features_kind kind, size_t n_rows, size_t n_classes, uint64_t seed) {
  test_data d = {.x.kind = kind, .n_rows = n_rows, .n_classes = n_classes};
  hn_rng rng;
  hn_rng_init(&rng, seed, "test.data", 0);
  d.y = hn_alloc(n_rows, sizeof *d.y);
  for (size_t i = 0; i < n_rows; i++) d.y[i] = (int32_t)hn_rng_below(&rng, n_classes);
  if (kind == HN_FEATURES_IMAGES)
    fill_pictures(&d, &rng);
  else
    fill_table(&d, kind, &rng);
  return d;
}

void drop_signs(hn_features *x) {
  int is_dense = x->kind == HN_FEATURES_DENSE;
  float *values = is_dense ? x->as.dense.values : x->as.csr.values;
  size_t n = is_dense ? x->as.dense.n_rows * x->as.dense.n_cols : hn_csr_n_entries(&x->as.csr);
  for (size_t v = 0; v < n; v++) values[v] = fabsf(values[v]);
}

void free_data(test_data *d) {
  hn_features_free(&d->x);
  hn_free(d->y);
}

hn_options *parse_options(const hn_classifier_kind *kind, const char *text) {
  hn_options *options;
  char copy[256], *rest = copy;
  assert_int_equal(hn_options_create(kind->options, &options, NULL), HN_OK);
  snprintf(copy, sizeof copy, "%s", text ? text : "");
  for (char *pair; (pair = strtok_r(rest, " ", &rest));) {
    char *value = strchr(pair, '=');
    hn_error err;
    *value++ = 0;
    if (hn_options_set(options, pair, value, &err) != HN_OK) fail_msg("%s", err.message);
  }
  return options;
}

hn_model *fit(const hn_classifier_kind *kind, const char *text, const test_data *data,
              uint64_t seed) {
  hn_options *options = parse_options(kind, text);
  hn_fit_input input = {.x = &data->x, .y = data->y, .n_classes = data->n_classes, .seed = seed};
  hn_model *model = NULL;
  hn_error err;
  if (hn_model_fit(kind, options, &input, class_names, &model, &err) != HN_OK)
    fail_msg("%s %s: %s", kind->name, text ? text : "", err.message);
  hn_options_destroy(options);
  return model;
}

float *predict(const hn_model *model, const test_data *data) {
  float *p = hn_alloc(data->n_rows * hn_model_n_classes(model), sizeof *p);
  hn_error err;
  if (hn_model_predict_proba(model, &data->x, p, &err) != HN_OK) fail_msg("%s", err.message);
  return p;
}

const char *scratch_path(void) {
  static char path[64];
  snprintf(path, sizeof path, "test-learn-%ld.safetensors", (long)getpid());
  return path;
}

char *saved_bytes(const hn_model *model, size_t *n_out) {
  char *bytes = NULL;
  hn_error err;
  if (hn_model_save(model, NULL, scratch_path(), &err) != HN_OK ||
      hn_file_read(scratch_path(), &bytes, n_out, &err) != HN_OK)
    fail_msg("%s", err.message);
  unlink(scratch_path());
  return bytes;
}

static hn_tensors *golden_file;

static const hn_tensor *find_golden(const char *format, va_list args) {
  char name[128];
  vsnprintf(name, sizeof name, format, args);
  hn_error err;
  if (!golden_file &&
      hn_tensors_read(HN_TEST_DIR "/golden.safetensors", &golden_file, &err) != HN_OK)
    fail_msg("%s", err.message);
  return hn_tensors_find(golden_file, name);
}

const hn_tensor *golden(const char *format, ...) {
  va_list args;
  va_start(args, format);
  const hn_tensor *tensor = find_golden(format, args);
  va_end(args);
  if (!tensor) fail_msg("%s (…) is not among the golden values", format);
  return tensor;
}

int has_golden(const char *format, ...) {
  va_list args;
  va_start(args, format);
  const hn_tensor *tensor = find_golden(format, args);
  va_end(args);
  return tensor != NULL;
}

/* y, and K from it. */
static void take_golden_labels(const char *name, test_data *d) {
  const hn_tensor *y = golden("%s.y", name);
  d->n_rows = y->shape[0];
  d->y = hn_alloc(d->n_rows, sizeof *d->y);
  memcpy(d->y, y->data, y->n_bytes);
  for (size_t i = 0; i < d->n_rows; i++)
    if ((size_t)d->y[i] >= d->n_classes) d->n_classes = (size_t)d->y[i] + 1;
}

static test_data golden_wide(void) {
  const hn_tensor *indptr = golden("wide.indptr"), *indices = golden("wide.indices");
  test_data d = {.x.kind = HN_FEATURES_CSR};
  take_golden_labels("wide", &d);
  hn_csr *m = &d.x.as.csr;
  assert_int_equal(hn_csr_init(m, d.n_rows, 2000, indices->shape[0], NULL), HN_OK);
  for (size_t i = 0; i <= d.n_rows; i++) m->indptr[i] = ((const int32_t *)indptr->data)[i];
  memcpy(m->indices, indices->data, indices->n_bytes);
  memcpy(m->values, golden("wide.values")->data, indices->n_bytes);
  return d;
}

test_data golden_data(const char *name, hn_features_kind kind) {
  if (strcmp(name, "wide") == 0) return golden_wide();
  const hn_tensor *x = golden("%s.x", name);
  test_data d = {.x.kind = HN_FEATURES_DENSE};
  take_golden_labels(name, &d);
  assert_int_equal(hn_matrix_init(&d.x.as.dense, x->shape[0], x->shape[1], NULL), HN_OK);
  memcpy(d.x.as.dense.values, x->data, x->n_bytes);
  if (kind == HN_FEATURES_CSR) {
    hn_features sparse = to_csr(&d.x.as.dense);
    hn_features_free(&d.x);
    d.x = sparse;
  }
  return d;
}

void expect_coefficients(const hn_model *model, const char *key, double tolerance) {
  hn_tensors *file;
  const hn_tensor *coef, *intercept;
  const double *coef_want = golden("%s.coef", key)->data;
  const double *intercept_want = golden("%s.intercept", key)->data;
  hn_model *copy;
  assert_int_equal(hn_model_save(model, NULL, scratch_path(), NULL), HN_OK);
  assert_int_equal(hn_model_load(scratch_path(), &copy, &file, NULL), HN_OK);
  unlink(scratch_path());
  assert_int_equal(hn_tensors_get(file, "coef", HN_TENSOR_F64, 2, &coef, NULL), HN_OK);
  assert_int_equal(hn_tensors_get(file, "intercept", HN_TENSOR_F64, 1, &intercept, NULL), HN_OK);
  size_t n_columns = coef->shape[0], n_classes = coef->shape[1];
  size_t n_vectors = golden("%s.coef", key)->shape[0];
  assert_int_equal(n_vectors, n_classes == 2 ? 1 : n_classes);
  for (size_t v = 0; v < n_vectors; v++) {
    size_t k = n_classes == 2 ? 1 : v;
    for (size_t j = 0; j < n_columns; j++)
      expect_near(((const double *)coef->data)[j * n_classes + k], coef_want[v * n_columns + j],
                  tolerance);
    expect_near(((const double *)intercept->data)[k], intercept_want[v], tolerance);
  }
  hn_model_destroy(copy);
  hn_tensors_destroy(file);
}

void free_golden(void) {
  hn_tensors_destroy(golden_file);
  golden_file = NULL;
}
