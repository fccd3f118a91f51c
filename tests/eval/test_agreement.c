#include "tests/support.h"

#include "eval/agreement.h"
#include "tests/eval/golden.h"

static hn_error err;

enum { N = 100, N_CASES = sizeof agree_values / sizeof *agree_values / 5 };

static void check(const hn_agreement *s, const double expected[5]) {
  assert_near(s->ari, expected[0], 1e-12);
  assert_near(s->nmi, expected[1], 1e-12);
  assert_near(s->homogeneity, expected[2], 1e-12);
  assert_near(s->completeness, expected[3], 1e-12);
  assert_near(s->v_measure, expected[4], 1e-12);
}

static void test_as_scikit_learn(void **state) {
  (void)state;
  for (size_t c = 0; c < N_CASES; c++) {
    hn_agreement s;
    assert_ok(hn_agreement_score(agree_a + c * N, agree_b + c * N, N, &s, &err));
    assert_int_equal(s.n_scored, N);
    check(&s, agree_values + 5 * c);
  }
}

/* Tracks without a label on one side do not change the figures of the others. */
static void test_missing(void **state) {
  (void)state;
  int32_t a[N + 3], b[N + 3];
  memcpy(a, agree_a, N * sizeof *a);
  memcpy(b, agree_b, N * sizeof *b);
  a[N] = -1, b[N] = 0;
  a[N + 1] = 0, b[N + 1] = -1;
  a[N + 2] = b[N + 2] = -1;
  hn_agreement s;
  assert_survives_no_memory(hn_agreement_score(a, b, N + 3, &s, &err));
  assert_int_equal(s.n_excluded, 3);
  check(&s, agree_values);
}

static void test_nothing_and_one(void **state) {
  (void)state;
  static const int32_t missing[] = {-1, -1}, one[] = {5};
  hn_agreement s;
  assert_ok(hn_agreement_score(NULL, NULL, 0, &s, &err));
  assert_true(isnan(s.ari) && isnan(s.nmi) && isnan(s.v_measure));
  assert_ok(hn_agreement_score(missing, missing, 2, &s, &err));
  assert_true(isnan(s.homogeneity) && isnan(s.completeness));
  assert_int_equal(s.n_excluded, 2);
  assert_ok(hn_agreement_score(one, one, 1, &s, &err));
  check(&s, (double[]){1, 1, 1, 1, 1});
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_as_scikit_learn),
      cmocka_unit_test(test_missing),
      cmocka_unit_test(test_nothing_and_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
