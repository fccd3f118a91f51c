#include "tests/support.h"

#include <math.h>

#include "base/random.h"

/* The first numbers of the authors' generator from the state 1, 2, 3, 4. */
static void test_generator(void **state) {
  (void)state;
  static const uint64_t expected[] = {11520, 0, 1509978240, 1215971899390074240,
                                      1216172134540287360};
  hn_rng rng = {{1, 2, 3, 4}};
  for (size_t i = 0; i < 5; i++) assert_true(hn_rng_next(&rng) == expected[i]);
}

/* Values of an independent implementation (Python integers) of the seeding. Runs of years ago
 * repeat only while these stay. */
static void test_seeding(void **state) {
  (void)state;
  static const uint64_t expected[] = {0x5da0330b744f4ece, 0x3b06d73af5c1bc62, 0x9b8cd556329592cd};
  hn_rng rng;
  assert_true(hn_seed_derive(7, "forest.tree", 3) == 0x705562d9ece993fe);
  assert_true(hn_seed_derive(0, "", 0) == 0xa6bbc8dcbe30928c);
  hn_rng_init(&rng, 7, "forest.tree", 3);
  for (size_t i = 0; i < 3; i++) assert_true(hn_rng_next(&rng) == expected[i]);
}

static void test_streams_differ(void **state) {
  (void)state;
  enum { N = 2000 };
  static const char *const purposes[] = {"a", "b", "ab", "ba"};
  static uint64_t first[N];
  for (size_t i = 0; i < N; i++) {
    hn_rng rng;
    hn_rng_init(&rng, i / 1000, purposes[i % 4], i / 4 % 250);
    first[i] = hn_rng_next(&rng);
    for (size_t j = 0; j < i; j++) assert_true(first[i] != first[j]);
  }
}

/* Chi-square of 60,000 dice: 5 degrees of freedom, 20.5 is exceeded once in a thousand seeds. */
static void test_below(void **state) {
  (void)state;
  size_t counts[6] = {0};
  double chi = 0;
  hn_rng rng;
  hn_rng_init(&rng, 1, "dice", 0);
  for (size_t i = 0; i < 60000; i++) counts[hn_rng_below(&rng, 6)]++;
  for (size_t k = 0; k < 6; k++) {
    double off = (double)counts[k] - 10000;
    chi += off * off / 10000;
  }
  assert_true(chi < 20.5);
  for (size_t i = 0; i < 100; i++) {
    assert_int_equal(hn_rng_below(&rng, 1), 0);
    assert_true(hn_rng_below(&rng, (uint64_t)1 << 63 | 1) <= (uint64_t)1 << 63);
  }
}

/* Moments of 100,000 draws within five standard errors. */
static void test_uniform_and_normal(void **state) {
  (void)state;
  enum { N = 100000 };
  double u1 = 0, u2 = 0, z1 = 0, z2 = 0, z4 = 0;
  hn_rng rng;
  hn_rng_init(&rng, 1, "moments", 0);
  for (size_t i = 0; i < N; i++) {
    double u = hn_rng_uniform(&rng), z = hn_rng_normal(&rng);
    assert_true(u >= 0 && u < 1 && isfinite(z));
    u1 += u / N;
    u2 += u * u / N;
    z1 += z / N;
    z2 += z * z / N;
    z4 += z * z * z * z / N;
  }
  double root = sqrt(N);
  assert_true(fabs(u1 - 0.5) < 5 * sqrt(1.0 / 12) / root);
  assert_true(fabs(u2 - 1.0 / 3) < 5 * sqrt(4.0 / 45) / root);
  assert_true(fabs(z1) < 5 / root);
  assert_true(fabs(z2 - 1) < 5 * sqrt(2) / root);
  assert_true(fabs(z4 - 3) < 5 * sqrt(96) / root);
}

/* A permutation, and each of the six of three items about equally often. */
static void test_shuffle(void **state) {
  (void)state;
  size_t counts[3][3] = {{0}}, many[100], seen[100] = {0};
  hn_rng rng;
  hn_rng_init(&rng, 1, "cards", 0);
  for (size_t i = 0; i < 30000; i++) {
    size_t cards[3] = {0, 1, 2};
    hn_rng_shuffle(&rng, cards, 3);
    counts[cards[0]][cards[1]]++;
  }
  for (size_t a = 0; a < 3; a++)
    for (size_t b = 0; b < 3; b++) {
      double off = (double)counts[a][b] - 5000;
      assert_true(a == b ? counts[a][b] == 0 : fabs(off) < 5 * sqrt(30000 * 5 / 36.0));
    }
  for (size_t i = 0; i < 100; i++) many[i] = i;
  hn_rng_shuffle(&rng, many, 100);
  for (size_t i = 0; i < 100; i++) seen[many[i]]++;
  for (size_t i = 0; i < 100; i++) assert_int_equal(seen[i], 1);
  hn_rng_shuffle(&rng, NULL, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_generator),          cmocka_unit_test(test_seeding),
      cmocka_unit_test(test_streams_differ),     cmocka_unit_test(test_below),
      cmocka_unit_test(test_uniform_and_normal), cmocka_unit_test(test_shuffle),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
