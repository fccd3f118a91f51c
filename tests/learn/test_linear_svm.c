/* The linear support vector machine against scikit-learn 1.9.1's LinearSVC (golden.safetensors),
 * and what its probabilities promise. */
#include "support.h"

#include "base/memory.h"
#include "learn/linear/linear_svm.h"

#include <stdio.h>
#include <string.h>

static const struct {
  const char *name, *options;
} cases[] = {{"default", ""},
             {"strong", "C=0.05"},
             {"origin", "fit_intercept=false"},
             {"balanced", "class_weight=balanced"},
             {"scaled", "intercept_scaling=10"},
             {"dual", "C=0.05 dual=true"},
             {"hinge", "C=0.02 loss=hinge"}};

static const char *const sets[] = {"continuous", "signed", "counts", "binary"};

/* Both run to a tight tolerance; liblinear's limit of 1,000 passes leaves the dual this far off. */
static const double TOLERANCE = 1e-5;

static void test_agrees_with_scikit_learn(void **state) {
  (void)state;
  static const hn_features_kind kinds[] = {HN_FEATURES_DENSE, HN_FEATURES_CSR};
  for (size_t s = 0; s < 4; s++)
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
      for (size_t f = 0; f < 2; f++) {
        test_data d = golden_data(sets[s], kinds[f]);
        char options[96], key[64];
        snprintf(options, sizeof options, "tol=1e-10 %s", cases[c].options);
        snprintf(key, sizeof key, "svm.%s.%s", sets[s], cases[c].name);
        hn_model *model = fit(&hn_linear_svm_kind, options, &d, 1);
        expect_coefficients(model, key, TOLERANCE);
        hn_model_destroy(model);
        free_data(&d);
      }
}

/* LinearSVC predicts class 1 of two where its one decision value is above 0. */
static void test_predicts_the_class_of_the_largest_decision_value(void **state) {
  (void)state;
  for (size_t s = 0; s < 4; s++) {
    test_data d = golden_data(sets[s], HN_FEATURES_DENSE);
    const hn_tensor *coef = golden("svm.%s.default.coef", sets[s]);
    const double *w = coef->data, *b = golden("svm.%s.default.intercept", sets[s])->data;
    hn_model *model = fit(&hn_linear_svm_kind, "tol=1e-10", &d, 1);
    float *p = predict(model, &d);
    size_t n_columns = d.x.as.dense.n_cols;
    for (size_t i = 0; i < d.n_rows; i++) {
      double best = d.n_classes == 2 ? 0 : -INFINITY;
      size_t want = 0, got = 0;
      for (size_t v = 0; v < coef->shape[0]; v++) {
        double value = b[v];
        for (size_t j = 0; j < n_columns; j++)
          value += w[v * n_columns + j] * d.x.as.dense.values[i * n_columns + j];
        if (value > best) {
          best = value;
          want = d.n_classes == 2 ? 1 : v;
        }
      }
      for (size_t k = 1; k < d.n_classes; k++)
        if (p[i * d.n_classes + k] > p[i * d.n_classes + got]) got = k;
      assert_int_equal(got, want);
    }
    hn_free(p);
    hn_model_destroy(model);
    free_data(&d);
  }
}

static double log_loss(const float *p, const test_data *d) {
  double sum = 0;
  for (size_t i = 0; i < d->n_rows; i++)
    sum -= log(fmax(p[i * d->n_classes + (size_t)d->y[i]], 1e-12));
  return sum / (double)d->n_rows;
}

/* On rows of the same kind that it has not seen, and where it cannot tell the classes apart. */
static void test_probabilities_are_calibrated(void **state) {
  (void)state;
  test_data learned = make_data(HN_FEATURES_CSR, 600, 4, 1);
  test_data fresh = make_data(HN_FEATURES_CSR, 600, 4, 2);
  hn_model *model = fit(&hn_linear_svm_kind, NULL, &learned, 1);
  float *p = predict(model, &fresh);
  double share = 0, sure = 0;
  for (size_t i = 0; i < fresh.n_rows; i++) {
    size_t best = 0;
    for (size_t k = 1; k < 4; k++)
      if (p[4 * i + k] > p[4 * i + best]) best = k;
    share += best == (size_t)fresh.y[i];
    sure += p[4 * i + best];
  }
  expect_near(sure / 600, share / 600, 0.04);
  assert_true(log_loss(p, &fresh) < 0.8 * log(4));
  hn_free(p);
  hn_model_destroy(model);

  for (size_t i = 0; i < learned.n_rows; i++) learned.y[i] = (int32_t)(i * i / 7 % 4);
  model = fit(&hn_linear_svm_kind, NULL, &learned, 1);
  p = predict(model, &fresh);
  assert_true(log_loss(p, &fresh) < 1.05 * log(4));
  hn_free(p);
  hn_model_destroy(model);
  free_data(&learned);
  free_data(&fresh);
}

/* Rows that repeat within a group look easy unless whole groups are held out together. */
static void test_groups_stay_together(void **state) {
  (void)state;
  enum { N = 300 };
  test_data d = make_data(HN_FEATURES_CSR, N, 2, 4);
  test_data noise = make_data(HN_FEATURES_CSR, N / 10, 2, 5);
  size_t rows[N];
  int32_t groups[N];
  hn_features_free(&d.x);
  for (size_t i = 0; i < N; i++) {
    rows[i] = i / 10;
    groups[i] = (int32_t)(i / 10);
    d.y[i] = (int32_t)(i / 10 * 7 % 3 % 2);
  }
  assert_int_equal(hn_features_take(&noise.x, rows, N, &d.x, NULL), HN_OK);
  hn_fit_input input = {.x = &d.x, .y = d.y, .n_classes = 2, .seed = 1};
  float sure[2] = {0};
  for (int is_grouped = 0; is_grouped < 2; is_grouped++) {
    hn_model *model;
    input.groups = is_grouped ? groups : NULL;
    assert_int_equal(hn_model_fit(&hn_linear_svm_kind, NULL, &input, class_names, &model, NULL),
                     HN_OK);
    float *p = predict(model, &d);
    for (size_t i = 0; i < N; i++) sure[is_grouped] += fmaxf(p[2 * i], p[2 * i + 1]) / N;
    hn_free(p);
    hn_model_destroy(model);
  }
  assert_true(sure[1] < sure[0] - 0.05f);
  free_data(&d);
  free_data(&noise);
}

/* Whatever order the rows come in, classes keep their places. */
static void test_absent_classes_have_probability_0(void **state) {
  (void)state;
  test_data d = make_data(HN_FEATURES_DENSE, 40, 2, 3);
  for (size_t i = 0; i < d.n_rows; i++) d.y[i] = 2 * d.y[i] + 1;
  d.n_classes = 5;
  hn_model *model = fit(&hn_linear_svm_kind, NULL, &d, 1);
  float *p = predict(model, &d);
  size_t n_right = 0;
  for (size_t i = 0; i < d.n_rows; i++) {
    assert_true(p[5 * i] == 0 && p[5 * i + 2] == 0 && p[5 * i + 4] == 0);
    n_right += p[5 * i + (size_t)d.y[i]] > 0.5f;
  }
  assert_true(n_right > 30);
  hn_free(p);
  hn_model_destroy(model);
  free_data(&d);
}

static void test_hinge_has_no_primal(void **state) {
  (void)state;
  test_data d = make_data(HN_FEATURES_CSR, 20, 2, 3);
  hn_options *options = parse_options(&hn_linear_svm_kind, "loss=hinge dual=false");
  hn_fit_input input = {.x = &d.x, .y = d.y, .n_classes = 2};
  hn_model *model = NULL;
  hn_error err;
  assert_int_equal(hn_model_fit(&hn_linear_svm_kind, options, &input, class_names, &model, &err),
                   HN_INVALID);
  assert_non_null(strstr(err.message, "dual"));
  assert_null(model);
  hn_options_destroy(options);
  free_data(&d);
}

static int teardown(void **state) {
  (void)state;
  free_golden();
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_agrees_with_scikit_learn),
      cmocka_unit_test(test_predicts_the_class_of_the_largest_decision_value),
      cmocka_unit_test(test_probabilities_are_calibrated),
      cmocka_unit_test(test_groups_stay_together),
      cmocka_unit_test(test_absent_classes_have_probability_0),
      cmocka_unit_test(test_hinge_has_no_primal),
  };
  return cmocka_run_group_tests(tests, NULL, teardown);
}
