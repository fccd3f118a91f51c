#include "experiments/shortcuts.h"

#include "tests/support.h"

static hn_error err;

static hn_shortcut measure(const int32_t *classes, const int32_t *values, size_t n) {
  hn_shortcut s;
  assert_ok(hn_shortcut_measure(classes, 2, values, 3, n, &s, &err));
  return s;
}

static void test_told(void **state) {
  (void)state;
  int32_t classes[40], values[40];
  for (int i = 0; i < 40; i++) classes[i] = i % 2, values[i] = i % 2 ? 2 : 0;
  hn_shortcut s = measure(classes, values, 40);
  assert_int_equal(s.n, 40);
  assert_near(s.majority, 0.5, 0);
  assert_near(s.accuracy, 1, 0);
  assert_near(s.cramers_v, 1, 1e-12);
  assert_true(s.is_shortcut);
  /* Two songs tell nothing, however well they fit. */
  assert_false(measure(classes, values, 2).is_shortcut);
}

/* The table ((30, 10), (10, 30)): chi2 = 20, phi2 = 0.25 - 1/79, r = c = 2 - 1/79. */
static void test_association(void **state) {
  (void)state;
  int32_t classes[80], values[80];
  for (int i = 0; i < 80; i++) {
    classes[i] = i >= 40;
    values[i] = i < 40 ? i >= 30 : i >= 50;
  }
  hn_shortcut s = measure(classes, values, 80);
  assert_near(s.accuracy, 0.75, 1e-12);
  assert_near(s.cramers_v, sqrt((0.25 - 1.0 / 79) / (1 - 1.0 / 79)), 1e-12);
  assert_true(s.is_shortcut);
}

static void test_independent(void **state) {
  (void)state;
  int32_t classes[80], values[80];
  for (int i = 0; i < 80; i++) classes[i] = i % 2, values[i] = i / 2 % 2;
  hn_shortcut s = measure(classes, values, 80);
  assert_near(s.cramers_v, 0, 0);
  assert_near(s.accuracy, 0.5, 0);
  assert_false(s.is_shortcut);
}

/* Items alone with their value go to the largest class; missing ones do not count. */
static void test_guess(void **state) {
  (void)state;
  const int32_t classes[] = {0, 0, 0, 1, 1, -1, 1}, values[] = {0, 0, 0, 1, 2, 0, -1};
  hn_shortcut s = measure(classes, values, 7);
  assert_int_equal(s.n, 5);
  assert_near(s.majority, 0.6, 1e-12);
  assert_near(s.accuracy, 0.6, 1e-12);
}

static void test_nothing(void **state) {
  (void)state;
  const int32_t none[] = {-1, -1}, one[] = {0, 0};
  hn_shortcut s = measure(none, one, 2);
  assert_true(s.n == 0 && s.accuracy == 0 && !s.is_shortcut);
  s = measure(one, one, 2);
  assert_true(s.accuracy == 1 && s.majority == 1 && s.cramers_v == 0 && !s.is_shortcut);
  assert_survives_no_memory(hn_shortcut_measure(one, 2, one, 3, 2, &s, &err));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_told),
                                     cmocka_unit_test(test_association),
                                     cmocka_unit_test(test_independent),
                                     cmocka_unit_test(test_guess), cmocka_unit_test(test_nothing)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
