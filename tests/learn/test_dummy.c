#include "support.h"

#include "base/memory.h"
#include "learn/dummy.h"

#include <string.h>

/* 40 rows: 20 of class 0, 10 of class 1, 10 of class 3, none of class 2. */
static test_data make_uneven(void) {
  test_data d = make_data(HN_FEATURES_DENSE, 40, 4, 1);
  for (size_t i = 0; i < 40; i++) d.y[i] = i < 20 ? 0 : i < 30 ? 1 : 3;
  return d;
}

static void test_prior_gives_class_shares(void **state) {
  (void)state;
  test_data d = make_uneven();
  hn_model *model = fit(&hn_dummy_kind, NULL, &d, 1);
  float *p = predict(model, &d);
  for (size_t i = 0; i < d.n_rows; i++) {
    expect_near(p[4 * i], 0.5, 0);
    expect_near(p[4 * i + 1], 0.25, 0);
    expect_near(p[4 * i + 2], 0, 0);
    expect_near(p[4 * i + 3], 0.25, 0);
  }
  hn_free(p);
  hn_model_destroy(model);
  free_data(&d);
}

static void test_most_frequent_takes_the_lowest_of_equals(void **state) {
  (void)state;
  test_data d = make_uneven();
  for (size_t i = 0; i < 20; i++) d.y[i] = i < 10 ? 2 : 0;
  hn_model *model = fit(&hn_dummy_kind, "strategy=most_frequent", &d, 1);
  float *p = predict(model, &d);
  for (size_t v = 0; v < 4 * d.n_rows; v++) expect_near(p[v], v % 4 == 0, 0);
  hn_free(p);
  hn_model_destroy(model);
  free_data(&d);
}

static void test_stratified_draws_by_share(void **state) {
  (void)state;
  test_data d = make_uneven(), many = make_data(HN_FEATURES_CSR, 8000, 4, 2);
  hn_model *model = fit(&hn_dummy_kind, "strategy=stratified", &d, 9);
  float *p = predict(model, &many), *again = predict(model, &many), *few = predict(model, &d);
  double drawn[4] = {0};
  for (size_t i = 0; i < many.n_rows; i++)
    for (size_t k = 0; k < 4; k++) drawn[k] += p[4 * i + k];
  /* Four standard deviations of a share over 8,000 draws are below 0.023. */
  expect_near(drawn[0] / 8000, 0.5, 0.023);
  expect_near(drawn[1] / 8000, 0.25, 0.023);
  expect_near(drawn[2], 0, 0);
  expect_near(drawn[3] / 8000, 0.25, 0.023);
  assert_memory_equal(p, again, 4 * many.n_rows * sizeof *p);
  assert_memory_equal(p, few, 4 * d.n_rows * sizeof *p);
  hn_free(p);
  hn_free(again);
  hn_free(few);
  hn_model_destroy(model);
  free_data(&d);
  free_data(&many);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_prior_gives_class_shares),
      cmocka_unit_test(test_most_frequent_takes_the_lowest_of_equals),
      cmocka_unit_test(test_stratified_draws_by_share),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
