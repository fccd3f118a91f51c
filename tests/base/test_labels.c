#include "tests/support.h"

#include "base/labels.h"

static hn_error err;

static void test_encode(void **state) {
  (void)state;
  const char *texts[] = {"West", NULL, "East", "West", "10", "9", "-2", "01"};
  static const char *const classes[] = {"-2", "9", "10", "01", "East", "West"};
  static const int32_t values[] = {5, HN_LABEL_MISSING, 4, 5, 2, 1, 0, 3};
  hn_labels y;
  assert_ok(hn_labels_encode(texts, 8, &y, &err));
  assert_int_equal(y.n, 8);
  assert_int_equal(y.n_classes, 6);
  for (size_t k = 0; k < 6; k++) {
    assert_string_equal(y.classes[k], classes[k]);
    assert_int_equal(hn_labels_find(y.classes, 6, classes[k]), k);
  }
  for (size_t i = 0; i < 8; i++) assert_int_equal(y.values[i], values[i]);
  assert_int_equal(hn_labels_find(y.classes, 6, "North"), HN_LABEL_MISSING);
  hn_labels_free(&y);
  assert_survives_no_memory(hn_labels_encode(texts, 8, &y, &err));
  hn_labels_free(&y);
  hn_labels_free(NULL);
}

static void test_nothing(void **state) {
  (void)state;
  const char *missing[] = {NULL, NULL};
  hn_labels y;
  assert_ok(hn_labels_encode(missing, 2, &y, &err));
  assert_int_equal(y.n_classes, 0);
  assert_int_equal(y.values[1], HN_LABEL_MISSING);
  hn_labels_free(&y);
  assert_ok(hn_labels_encode(NULL, 0, &y, &err));
  assert_int_equal(hn_labels_find(y.classes, 0, "x"), HN_LABEL_MISSING);
  hn_labels_free(&y);
}

/* Every pair of a list in ascending order compares as its positions do. */
static void test_order_is_total(void **state) {
  (void)state;
  static const char *const sorted[] = {
      "-100", "-20", "-3",  "0", "7", "30", "123456789012345678901", "", "-", "-0",
      "00",   "1.5", "1e3", "A", "a", "é"};
  size_t n = sizeof sorted / sizeof *sorted;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) {
      int order = hn_labels_compare(sorted[i], sorted[j]);
      assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_encode),
      cmocka_unit_test(test_nothing),
      cmocka_unit_test(test_order_is_total),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
