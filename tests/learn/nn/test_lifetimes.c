/* Arrays that share memory. */
#include "testing.h"

#include "learn/nn/lifetimes.h"

static void arrays_of_other_times_share(void **state) {
  (void)state;
  hn_lifetime chain[] = {{100, 0, 1, 9}, {50, 1, 2, 9}, {100, 2, 3, 9}, {10, 3, 4, 9}};
  assert_int_equal(hn_lifetimes_place(chain, 4), 112 + 64);
  assert_int_equal(chain[0].place, 0);
  assert_int_equal(chain[1].place, 112); /* whole lines */
  assert_int_equal(chain[2].place, 0);   /* 100 has gone, 50 is still there */
  assert_int_equal(chain[3].place, 112);
}

static void nothing_and_one(void **state) {
  (void)state;
  hn_lifetime one = {7, 3, SIZE_MAX, 9}, empty = {0, 0, SIZE_MAX, 9};
  assert_int_equal(hn_lifetimes_place(NULL, 0), 0);
  assert_int_equal(hn_lifetimes_place(&one, 1), 16);
  assert_int_equal(one.place, 0);
  assert_int_equal(hn_lifetimes_place(&empty, 1), 0);
}

static void random_arrays_do_not_collide(void **state) {
  (void)state;
  enum { N = 40, CASES = 50 };
  hn_rng rng;
  hn_rng_init(&rng, 1, "test", 0);
  for (int k = 0; k < CASES; k++) {
    hn_lifetime a[N];
    size_t sum = 0;
    for (size_t i = 0; i < N; i++) {
      a[i] = (hn_lifetime){.size = 1 + hn_rng_below(&rng, 99), .start = hn_rng_below(&rng, 30)};
      a[i].end = a[i].start + hn_rng_below(&rng, 6);
      sum += a[i].size + 16;
    }
    const size_t all = hn_lifetimes_place(a, N);
    assert_in_range(all, 1, sum);
    for (size_t i = 0; i < N; i++) {
      assert_int_equal(a[i].place % 16, 0);
      assert_true(a[i].place + a[i].size <= all);
      for (size_t j = 0; j < i; j++) {
        if (a[i].start > a[j].end || a[j].start > a[i].end) continue;
        assert_true(a[i].place >= a[j].place + a[j].size || a[j].place >= a[i].place + a[i].size);
      }
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(arrays_of_other_times_share),
      cmocka_unit_test(nothing_and_one),
      cmocka_unit_test(random_arrays_do_not_collide),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
