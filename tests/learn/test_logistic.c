/* Logistic regression against scikit-learn 1.9.1 (golden.safetensors), and its corners. */
#include "support.h"

#include "base/memory.h"
#include "base/threads.h"
#include "learn/linear/logistic.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Both run to a tight tolerance, but on other paths; what is left is the flatness of the minimum
 * within rounding of the loss. */
static const double TOLERANCE = 2e-5;

static const struct {
  const char *name, *options;
} cases[] = {{"default", "C=1.0"},
             {"strong", "C=0.05"},
             {"origin", "fit_intercept=false"},
             {"balanced", "class_weight=balanced"}};

static void check_set(const char *set, hn_features_kind kind) {
  test_data d = golden_data(set, kind);
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    char options[96], key[64];
    snprintf(options, sizeof options, "tol=1e-10 max_iter=100000 %s", cases[c].options);
    hn_model *model = fit(&hn_logistic_kind, options, &d, 1);
    snprintf(key, sizeof key, "logistic.%s.%s", set, cases[c].name);
    expect_coefficients(model, key, TOLERANCE);
    const hn_tensor *want = golden("logistic.%s.%s.p", set, cases[c].name);
    float *p = predict(model, &d);
    for (size_t v = 0; v < d.n_rows * d.n_classes; v++)
      expect_near(p[v], ((const double *)want->data)[v], 1e-5);
    hn_free(p);
    hn_model_destroy(model);
  }
  free_data(&d);
}

static void test_agrees_with_scikit_learn(void **state) {
  (void)state;
  static const char *const sets[] = {"continuous", "signed", "counts", "binary"};
  for (size_t s = 0; s < sizeof sets / sizeof *sets; s++) {
    check_set(sets[s], HN_FEATURES_DENSE);
    check_set(sets[s], HN_FEATURES_CSR);
  }
}

/* As scikit-learn would, had it been told of the present classes only. */
static void test_absent_classes_have_probability_0(void **state) {
  (void)state;
  test_data d = make_data(HN_FEATURES_DENSE, 40, 2, 3);
  hn_model *two = fit(&hn_logistic_kind, NULL, &d, 1);
  float *p_two = predict(two, &d);
  for (size_t i = 0; i < d.n_rows; i++) d.y[i] = 2 * d.y[i] + 1;
  d.n_classes = 5;
  hn_model *five = fit(&hn_logistic_kind, NULL, &d, 1);
  float *p = predict(five, &d);
  for (size_t i = 0; i < d.n_rows; i++)
    for (size_t k = 0; k < 5; k++)
      expect_near(p[5 * i + k], k % 2 ? p_two[2 * i + k / 2] : 0, 1e-7);
  hn_free(p);
  hn_free(p_two);
  hn_model_destroy(two);
  hn_model_destroy(five);
  free_data(&d);
}

static void test_one_class_is_certain(void **state) {
  (void)state;
  test_data d = make_data(HN_FEATURES_CSR, 1, 1, 3);
  hn_model *model = fit(&hn_logistic_kind, NULL, &d, 1);
  float *p = predict(model, &d);
  expect_near(p[0], 1, 0);
  hn_free(p);
  hn_model_destroy(model);
  free_data(&d);
}

/* What stacking asks for: a dozen probabilities as columns, few rows, nearly separable. */
static void test_stops_at_max_iter(void **state) {
  (void)state;
  test_data d = make_data(HN_FEATURES_DENSE, 30, 3, 5);
  hn_model *model = fit(&hn_logistic_kind, "max_iter=1 C=1000", &d, 1);
  float *p = predict(model, &d);
  for (size_t v = 0; v < d.n_rows * 3; v++) assert_true(p[v] > 0 && p[v] < 1);
  hn_free(p);
  hn_model_destroy(model);
  free_data(&d);
}

static void test_values_out_of_scale_are_an_error_or_finite(void **state) {
  (void)state;
  test_data d = make_data(HN_FEATURES_DENSE, 30, 3, 5);
  for (size_t v = 0; v < d.n_rows * 8; v++) d.x.as.dense.values[v] *= 1e30f;
  hn_fit_input input = {.x = &d.x, .y = d.y, .n_classes = 3};
  hn_model *model = NULL;
  hn_error err;
  hn_status status = hn_model_fit(&hn_logistic_kind, NULL, &input, class_names, &model, &err);
  if (status == HN_OK) {
    float *p = predict(model, &d);
    for (size_t v = 0; v < d.n_rows * 3; v++) assert_true(p[v] >= 0 && p[v] <= 1);
    hn_free(p);
  } else {
    assert_int_equal(status, HN_NUMERIC);
    assert_non_null(strstr(err.message, "standardise"));
  }
  hn_model_destroy(model);
  free_data(&d);
}

/* Enough rows for the passes to be worth threads (the contract's data are not). */
static void test_same_bytes_for_every_thread_count(void **state) {
  (void)state;
  int n_threads = hn_threads();
  for (int kind = HN_FEATURES_DENSE; kind <= HN_FEATURES_CSR; kind++) {
    test_data d = make_data((hn_features_kind)kind, 5000, 3, 6);
    size_t n_one, n_three;
    hn_threads_set(1);
    hn_model *one = fit(&hn_logistic_kind, NULL, &d, 1);
    hn_threads_set(3);
    hn_model *three = fit(&hn_logistic_kind, NULL, &d, 1);
    hn_threads_set(n_threads);
    char *bytes_one = saved_bytes(one, &n_one), *bytes_three = saved_bytes(three, &n_three);
    assert_int_equal(n_one, n_three);
    assert_memory_equal(bytes_one, bytes_three, n_one);
    hn_free(bytes_one);
    hn_free(bytes_three);
    hn_model_destroy(one);
    hn_model_destroy(three);
    free_data(&d);
  }
}

static int teardown(void **state) {
  (void)state;
  free_golden();
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_agrees_with_scikit_learn),
      cmocka_unit_test(test_absent_classes_have_probability_0),
      cmocka_unit_test(test_one_class_is_certain),
      cmocka_unit_test(test_stops_at_max_iter),
      cmocka_unit_test(test_same_bytes_for_every_thread_count),
      cmocka_unit_test(test_values_out_of_scale_are_an_error_or_finite),
  };
  return cmocka_run_group_tests(tests, NULL, teardown);
}
