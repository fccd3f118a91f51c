/* Importances of several folds as one list. */
#include "experiments/ranking.h"

#include "tests/support.h"

static hn_error err;

static double number(const json_t *list, size_t i, const char *key) {
  return json_number_value(json_object_get(json_array_get(list, i), key));
}

static const char *name_of(const json_t *list, size_t i) {
  return json_string_value(json_object_get(json_array_get(list, i), "word"));
}

/* Two folds: "b" in both, "a" and "c" in one; a fold that lacks a word says 0. */
static void test_means(void **state) {
  (void)state;
  hn_ranking r = {0};
  assert_ok(hn_ranking_add(&r, "b", 0.3, 0.1, &err));
  assert_ok(hn_ranking_add(&r, "c", 0.2, 0, &err));
  assert_ok(hn_ranking_add(&r, "b", 0.1, 0.2, &err));
  assert_ok(hn_ranking_add(&r, "a", 0.2, 0, &err));
  hn_ranking_settle(&r, 2);
  json_t *all = hn_ranking_json(&r, "word", 0, 1), *two = hn_ranking_json(&r, "word", 2, 0);
  assert_int_equal(json_array_size(all), 3);
  assert_string_equal(name_of(all, 0), "b");
  assert_string_equal(name_of(all, 1), "a");
  assert_string_equal(name_of(all, 2), "c");
  assert_near(number(all, 0, "importance"), 0.2, 1e-15);
  assert_near(number(all, 1, "importance"), 0.1, 1e-15);
  /* Variance within folds (0.01 + 0.04) / 2, between them 0.01. */
  assert_near(number(all, 0, "deviation"), sqrt(0.035), 1e-15);
  assert_near(number(all, 1, "deviation"), 0.1, 1e-15);
  assert_int_equal(json_array_size(two), 2);
  assert_null(json_object_get(json_array_get(two, 0), "deviation"));
  json_decref(all);
  json_decref(two);
  hn_ranking_free(&r);
}

static void test_nothing(void **state) {
  (void)state;
  hn_ranking r = {0};
  hn_ranking_settle(&r, 0);
  json_t *list = hn_ranking_json(&r, "word", 0, 1);
  assert_int_equal(json_array_size(list), 0);
  json_decref(list);
  hn_ranking_free(&r);
}

static hn_status add_two(void) {
  hn_ranking r = {0};
  hn_status status = hn_ranking_add(&r, "a", 1, 0, &err);
  if (status == HN_OK) status = hn_ranking_add(&r, "b", 1, 0, &err);
  hn_ranking_free(&r);
  return status;
}

static void test_no_memory(void **state) {
  (void)state;
  assert_survives_no_memory(add_two());
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_means), cmocka_unit_test(test_nothing),
                                     cmocka_unit_test(test_no_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
