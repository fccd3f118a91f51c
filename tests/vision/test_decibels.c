#include "vision/decibels.h"

#include "support.h"

#include <float.h>

/* Every exponent, mantissas all over: the bound that the header gives. */
static void test_error(void **state) {
  (void)state;
  enum { N = 4093 };
  float values[N], exact[N];
  for (int e = -126; e <= 127; e++) {
    for (int i = 0; i < N; i++) exact[i] = values[i] = ldexpf(1 + (float)i / N, e);
    hn_decibels(values, N, FLT_MIN, 0, -INFINITY);
    for (int i = 0; i < N; i++) {
      double wanted = 10 * log10((double)exact[i]);
      if (!(fabs((double)values[i] - wanted) <= 2e-5 + 1e-7 * fabs(wanted)))
        fail_msg("%g: %.9g dB, expected %.9g", (double)exact[i], (double)values[i], wanted);
    }
  }
}

static void test_limits(void **state) {
  (void)state;
  float values[] = {0, 1e-5f, 1, 100, 1e-20f};
  static const float wanted[] = {-45, -45, -3, 17, -45};
  hn_decibels(values, 5, 1e-10f, 3, -45);
  for (int i = 0; i < 5; i++) assert_true(fabsf(values[i] - wanted[i]) < 1e-5f);
  float below = 0;
  hn_decibels(&below, 1, 1e-10f, 0, -INFINITY);
  assert_true(fabsf(below + 100) < 1e-4f);
  hn_decibels(NULL, 0, 1e-10f, 0, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_error), cmocka_unit_test(test_limits)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
