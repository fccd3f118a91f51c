/* Temperature scaling: finds the factor that made the labels, and stays finite. */
#include "support.h"

#include "base/memory.h"
#include "base/random.h"
#include "learn/sharpness.h"

static int32_t draw(const double *scores, size_t n_classes, double b, hn_rng *rng) {
  double sum = 0;
  for (size_t k = 0; k < n_classes; k++) sum += exp(b * scores[k]);
  double at = hn_rng_uniform(rng) * sum;
  for (size_t k = 0; k + 1 < n_classes; k++)
    if ((at -= exp(b * scores[k])) < 0) return (int32_t)k;
  return (int32_t)n_classes - 1;
}

static void test_finds_the_factor(void **state) {
  (void)state;
  enum { N = 20000, K = 3 };
  double *scores = hn_alloc(N * K, sizeof *scores);
  int32_t *y = hn_alloc(N, sizeof *y);
  hn_rng rng;
  hn_rng_init(&rng, 1, "test", 0);
  for (size_t v = 0; v < N * K; v++) scores[v] = hn_rng_normal(&rng);
  for (size_t i = 0; i < N; i++) y[i] = draw(scores + i * K, K, 2.5, &rng);
  expect_near(hn_sharpness_fit(scores, y, N, K), 2.5, 0.1); /* 4 standard errors */
  hn_free(scores);
  hn_free(y);
}

/* Two rows of scores 0 and 1, both right: the best p is Platt's (N + 1) / (N + 2) = 3 / 4. */
static void test_no_error_is_not_certainty(void **state) {
  (void)state;
  const double scores[] = {0, 1, 1, 0};
  expect_near(hn_sharpness_fit(scores, (int32_t[]){1, 0}, 2, 2), log(3), 1e-9);
}

static void test_classes_that_were_not_scored_do_not_count(void **state) {
  (void)state;
  const double scores[] = {0, -INFINITY, 1, 1, -INFINITY, 0};
  expect_near(hn_sharpness_fit(scores, (int32_t[]){2, 0}, 2, 3), log(3), 1e-9);
}

static void test_bounds(void **state) {
  (void)state;
  const double scores[] = {0, 1, 0, 1};
  expect_near(hn_sharpness_fit(NULL, NULL, 0, 3), 1, 0);
  expect_near(hn_sharpness_fit(scores, (int32_t[]){0, 0}, 2, 2), 1e-3, 1e-9); /* always wrong */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_finds_the_factor),
      cmocka_unit_test(test_no_error_is_not_certainty),
      cmocka_unit_test(test_classes_that_were_not_scored_do_not_count),
      cmocka_unit_test(test_bounds),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
