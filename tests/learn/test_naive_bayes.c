/* Naive Bayes against scikit-learn 1.9.1 (golden.safetensors), and its corners. */
#include "support.h"

#include "base/memory.h"
#include "learn/linear/naive_bayes.h"

#include <string.h>

static const struct {
  const char *name;
  const hn_classifier_kind *kind;
  const char *options;
} cases[] = {{"default", &hn_multinomial_nb_kind, ""},
             {"alpha", &hn_multinomial_nb_kind, "alpha=0.1"},
             {"uniform", &hn_multinomial_nb_kind, "fit_prior=false"},
             {"complement", &hn_complement_nb_kind, ""},
             {"norm", &hn_complement_nb_kind, "norm=true alpha=0.3"}};

/* The golden values are floats. */
static void check_set(const char *set, hn_features_kind form) {
  test_data d = golden_data(set, form);
  drop_signs(&d.x);
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    const float *want = golden("bayes.%s.%s.p", set, cases[c].name)->data;
    hn_model *model = fit(cases[c].kind, cases[c].options, &d, 1);
    float *p = predict(model, &d);
    for (size_t v = 0; v < d.n_rows * d.n_classes; v++) expect_near(p[v], want[v], 1e-6);
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
  check_set("wide", HN_FEATURES_CSR);
}

static void test_negative_values_are_refused(void **state) {
  (void)state;
  test_data d = make_data(HN_FEATURES_DENSE, 20, 2, 3);
  drop_signs(&d.x);
  hn_model *model = fit(&hn_multinomial_nb_kind, NULL, &d, 1), *none = NULL;
  hn_fit_input input = {.x = &d.x, .y = d.y, .n_classes = 2};
  hn_error err;
  float p[40];
  d.x.as.dense.values[3 * 8 + 5] = -0.5f;
  assert_int_equal(hn_model_fit(&hn_multinomial_nb_kind, NULL, &input, class_names, &none, &err),
                   HN_INVALID);
  assert_non_null(strstr(err.message, "row 3, column 5 of the features (from 0) is -0.5"));
  assert_int_equal(hn_model_predict_proba(model, &d.x, p, &err), HN_INVALID);
  hn_model_destroy(model);
  free_data(&d);
}

static void test_nothing_counted_leaves_the_shares(void **state) {
  (void)state;
  test_data d = make_data(HN_FEATURES_DENSE, 4, 2, 3);
  memset(d.x.as.dense.values, 0, 4 * 8 * sizeof(float));
  memcpy(d.y, (int32_t[]){0, 1, 1, 1}, 4 * sizeof *d.y);
  hn_model *model = fit(&hn_multinomial_nb_kind, NULL, &d, 1);
  float *p = predict(model, &d);
  expect_near(p[0], 0.25, 1e-7);
  hn_free(p);
  hn_model_destroy(model);
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
      cmocka_unit_test(test_negative_values_are_refused),
      cmocka_unit_test(test_nothing_counted_leaves_the_shares),
  };
  return cmocka_run_group_tests(tests, NULL, teardown);
}
