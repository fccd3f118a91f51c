#include "tests/support.h"

#include "eval/significance.h"
#include "tests/eval/golden.h"

#include "base/labels.h"
#include "base/threads.h"

static hn_error err;

enum { N = sizeof pair_a / sizeof *pair_a };

/* Golden percentiles are of 200,000 resamples; ours of 2,000 differ by their sampling error, which
 * is about 0.0015 here. */
static const double tolerance = 0.006;

static void test_accuracy(void **state) {
  (void)state;
  hn_bootstrap_options o = hn_bootstrap_options_default();
  hn_interval v;
  char text[160];
  assert_ok(hn_bootstrap_accuracy(pair_a, pair_artists, N, &o, &v, &err));
  assert_near(v.estimate, pair_accuracy[0], 1e-12);
  assert_near(v.low, pair_accuracy[1], tolerance);
  assert_near(v.high, pair_accuracy[2], tolerance);
  assert_int_equal(v.n_artists, 25);
  assert_false(v.by_track);
  assert_true(isnan(v.p_value));
  hn_interval_describe(&v, o.level, text);
  assert_string_equal(text, "95% interval, 25 artists resampled");
  assert_survives_no_memory(hn_bootstrap_accuracy(pair_a, pair_artists, N, &o, &v, &err));
}

static void test_difference(void **state) {
  (void)state;
  hn_bootstrap_options o = hn_bootstrap_options_default();
  hn_interval v, reverse;
  assert_ok(hn_bootstrap_difference(pair_a, pair_b, pair_artists, N, &o, &v, &err));
  assert_near(v.estimate, pair_difference[0], 1e-12);
  assert_near(v.low, pair_difference[1], tolerance);
  assert_near(v.high, pair_difference[2], tolerance);
  assert_near(v.p_value, pair_difference[3], 0.002);
  assert_ok(hn_bootstrap_difference(pair_b, pair_a, pair_artists, N, &o, &reverse, &err));
  assert_near(reverse.estimate, -v.estimate, 1e-12);
  assert_near(reverse.low, -v.high, 1e-12);
  assert_near(reverse.p_value, v.p_value, 1e-12);
  assert_survives_no_memory(hn_bootstrap_difference(pair_a, pair_b, pair_artists, N, &o, &v, &err));
  assert_ok(hn_bootstrap_difference(pair_a, pair_a, pair_artists, N, &o, &v, &err));
  assert_near(v.p_value, 1, 0);
  assert_near(v.high - v.low, 0, 0);
}

static void test_same_for_every_thread_count(void **state) {
  (void)state;
  hn_bootstrap_options o = hn_bootstrap_options_default();
  hn_interval one, four;
  int before = hn_threads();
  hn_threads_set(1);
  assert_ok(hn_bootstrap_accuracy(pair_a, pair_artists, N, &o, &one, &err));
  hn_threads_set(4);
  assert_ok(hn_bootstrap_accuracy(pair_a, pair_artists, N, &o, &four, &err));
  hn_threads_set(before);
  assert_true(one.low == four.low && one.high == four.high);
  o.seed = 1;
  assert_ok(hn_bootstrap_accuracy(pair_a, pair_artists, N, &o, &four, &err));
  assert_true(one.low != four.low || one.high != four.high);
}

static void check_by_track(const int32_t *artists, size_t n, const char *expected) {
  hn_bootstrap_options o = hn_bootstrap_options_default();
  hn_interval v, tracks;
  char text[160];
  assert_ok(hn_bootstrap_accuracy(pair_b, artists, n, &o, &v, &err));
  assert_ok(hn_bootstrap_accuracy(pair_b, NULL, n, &o, &tracks, &err));
  assert_true(v.by_track && tracks.by_track);
  assert_true(v.low == tracks.low && v.high == tracks.high);
  hn_interval_describe(&v, o.level, text);
  assert_string_equal(text, expected);
}

static void test_tracks_are_resampled(void **state) {
  (void)state;
  int32_t artists[30];
  for (int i = 0; i < 30; i++) artists[i] = i % 9;
  check_by_track(artists, 30, "95% interval, tracks resampled: 9 artists, fewer than 10");
  for (int i = 0; i < 30; i++) artists[i] = i < 10 ? 50 : i;
  check_by_track(artists, 30, "95% interval, tracks resampled: one artist holds 10 of 30 tracks");
  check_by_track(NULL, 30, "95% interval, tracks resampled: artists are not known");
  hn_bootstrap_options o = hn_bootstrap_options_default();
  hn_interval v;
  for (int i = 0; i < 30; i++) artists[i] = i < 20 ? -1 : i / 2; /* 20 unknown, 5 known */
  assert_ok(hn_bootstrap_accuracy(pair_b, artists, 30, &o, &v, &err));
  assert_int_equal(v.n_artists, 25);
  assert_false(v.by_track);
}

static void test_nothing_and_one(void **state) {
  (void)state;
  static const int32_t missing[] = {-1, -1}, right[] = {1}, artist[] = {3, 3};
  hn_bootstrap_options o = hn_bootstrap_options_default();
  hn_interval v;
  assert_ok(hn_bootstrap_accuracy(missing, artist, 2, &o, &v, &err));
  assert_true(isnan(v.estimate) && isnan(v.low) && isnan(v.high));
  assert_ok(hn_bootstrap_accuracy(NULL, NULL, 0, &o, &v, &err));
  assert_int_equal(v.n_tracks, 0);
  assert_ok(hn_bootstrap_accuracy(right, artist, 1, &o, &v, &err));
  assert_true(v.estimate == 1 && v.low == 1 && v.high == 1);
  o.level = 1;
  assert_fails(hn_bootstrap_accuracy(right, artist, 1, &o, &v, &err), HN_INVALID, "level 1");
}

static void test_mcnemar(void **state) {
  (void)state;
  static int32_t a[4000], b[4000];
  for (size_t c = 0; c < sizeof mcnemar_p / sizeof *mcnemar_p; c++) {
    size_t n = 0;
    for (int64_t i = 0; i < mcnemar_pairs[2 * c]; i++, n++) {
      a[n] = 1;
      b[n] = 0;
    }
    for (int64_t i = 0; i < mcnemar_pairs[2 * c + 1]; i++, n++) {
      a[n] = 0;
      b[n] = 1;
    }
    a[n] = b[n] = 1; /* agreement and missing outcomes do not matter */
    a[n + 1] = 1;
    b[n + 1] = -1;
    hn_mcnemar test = hn_mcnemar_test(a, b, n + 2);
    assert_int_equal(test.n_tracks, n + 1);
    assert_int_equal(test.only_a_right, mcnemar_pairs[2 * c]);
    assert_int_equal(test.only_b_right, mcnemar_pairs[2 * c + 1]);
    /* lgamma of some thousands leaves about eleven digits */
    assert_near(test.p_value / mcnemar_p[c], 1, 1e-10);
  }
  assert_near(hn_mcnemar_test(NULL, NULL, 0).p_value, 1, 0);
}

static void test_holm(void **state) {
  (void)state;
  enum { M = sizeof holm_p / sizeof *holm_p };
  double adjusted[M];
  static const double bad[] = {0.5, NAN}, alone[] = {0.04};
  assert_ok(hn_holm(holm_p, M, adjusted, &err));
  for (size_t i = 0; i < M; i++) assert_near(adjusted[i], holm_adjusted[i], 1e-15);
  assert_survives_no_memory(hn_holm(holm_p, M, adjusted, &err));
  assert_ok(hn_holm(alone, 1, adjusted, &err));
  assert_near(adjusted[0], 0.04, 0);
  assert_ok(hn_holm(NULL, 0, NULL, &err));
  assert_fails(hn_holm(bad, 2, adjusted, &err), HN_INVALID, "p value 2 of 2 is nan");
}

static void test_outcomes(void **state) {
  (void)state;
  static const char *const ids[] = {"b", "a", "c", "d"}, *const classes[] = {"x", "y"};
  static const char *const wanted[] = {"a", "b", "c", "d", "e"};
  static const float p[] = {0.5f, 0.5f, 0.1f, 0.9f, 1, 0, NAN, NAN};
  hn_probability table;
  int32_t outcomes[5];
  assert_ok(hn_probability_init(&table, 4, ids, 2, classes, &err));
  memcpy(table.p, p, sizeof p);
  table.truth[0] = 0; /* a tie goes to the first class: right */
  table.truth[1] = 0; /* wrong */
  table.truth[3] = 1; /* absent; the third has no truth */
  hn_outcomes(&table, outcomes);
  assert_memory_equal(outcomes, ((int32_t[]){1, 0, -1, -1}), sizeof(int32_t[4]));
  assert_survives_no_memory(hn_outcomes_by_id(&table, wanted, 5, outcomes, &err));
  assert_memory_equal(outcomes, ((int32_t[]){0, 1, -1, -1, -1}), sizeof outcomes);
  hn_probability_free(&table);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_accuracy),
      cmocka_unit_test(test_difference),
      cmocka_unit_test(test_same_for_every_thread_count),
      cmocka_unit_test(test_tracks_are_resampled),
      cmocka_unit_test(test_nothing_and_one),
      cmocka_unit_test(test_mcnemar),
      cmocka_unit_test(test_holm),
      cmocka_unit_test(test_outcomes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
