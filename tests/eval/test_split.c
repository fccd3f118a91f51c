#include "tests/support.h"

#include "eval/split.h"
#include "tests/eval/golden.h"

#include "base/memory.h"

static hn_error err;

enum { N = sizeof split_labels / sizeof *split_labels, K = 4, F = 5 };

static const char *const regions[] = {"East", "Midwest", "South", "West"};

static hn_options *options_of(const char *method, const char *folds, const char *shuffle) {
  hn_options *o;
  assert_ok(hn_options_create(hn_split_options, &o, &err));
  assert_ok(hn_options_set(o, "method", method, &err));
  assert_ok(hn_options_set(o, "folds", folds, &err));
  assert_ok(hn_options_set(o, "shuffle", shuffle, &err));
  return o;
}

/* One split with an options object of its own. */
static hn_status split_by(const char *method, const char *folds, const char *shuffle,
                          const hn_split_input *in, uint64_t seed, hn_split *split) {
  hn_options *o = options_of(method, folds, shuffle);
  hn_status status = hn_split_make(in, o, seed, split, &err);
  hn_options_destroy(o);
  return status;
}

static const hn_split_input golden_input = {N, K, regions, split_labels, split_artists, NULL, NULL};

static void test_as_scikit_learn(void **state) {
  (void)state;
  hn_split s;
  assert_ok(split_by("random", "5", "false", &golden_input, 0, &s));
  assert_int_equal(s.n_folds, F);
  assert_memory_equal(s.folds, split_random, sizeof split_random);
  hn_split_free(&s);
  assert_ok(split_by("artist-disjoint", "5", "false", &golden_input, 0, &s));
  assert_memory_equal(s.folds, split_disjoint, sizeof split_disjoint);
  hn_split_free(&s);
}

static void count_classes(const int32_t *folds, size_t counts[F][K]) {
  memset(counts, 0, F * K * sizeof(size_t));
  for (size_t i = 0; i < N; i++)
    if (folds[i] >= 0) counts[folds[i]][split_labels[i]]++;
}

/* Shuffling changes which tracks a fold has, not how many of each class. */
static void test_random_is_stratified(void **state) {
  (void)state;
  hn_split s, again, other;
  size_t counts[F][K], expected[F][K];
  assert_ok(split_by("random", "5", "true", &golden_input, 7, &s));
  assert_ok(split_by("random", "5", "true", &golden_input, 7, &again));
  assert_ok(split_by("random", "5", "true", &golden_input, 8, &other));
  count_classes(s.folds, counts);
  count_classes(split_random, expected);
  assert_memory_equal(counts, expected, sizeof counts);
  assert_memory_equal(s.folds, again.folds, sizeof split_random);
  assert_true(memcmp(s.folds, other.folds, sizeof split_random) != 0);
  size_t n_unlabelled = 0;
  for (size_t i = 0; i < N; i++) {
    n_unlabelled += split_labels[i] < 0;
    assert_true((s.folds[i] == HN_FOLD_NONE) == (split_labels[i] < 0));
  }
  assert_int_equal(s.n_unlabelled, n_unlabelled);
  assert_int_equal(s.n_unplaced, 0);
  hn_split_free(&s);
  hn_split_free(&again);
  hn_split_free(&other);
}

static void test_artists_stay_together(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < 20; seed++) {
    hn_split s;
    size_t counts[F][K];
    assert_ok(split_by("artist-disjoint", "5", "true", &golden_input, seed, &s));
    for (size_t i = 0; i < N; i++)
      for (size_t j = 0; j < i; j++)
        if (split_artists[i] == split_artists[j] && s.folds[i] >= 0 && s.folds[j] >= 0)
          assert_int_equal(s.folds[i], s.folds[j]);
    count_classes(s.folds, counts);
    for (size_t f = 0; f < F; f++) {
      size_t n = 0;
      for (size_t k = 0; k < K; k++) n += counts[f][k];
      assert_in_range(n, N / F - 20, N / F + 20);
    }
    hn_split_free(&s);
  }
}

static void test_column(void **state) {
  (void)state;
  static const char *const classes[] = {"a", "b"};
  static const int32_t labels[] = {0, 1, 0, -1, 1, 0};
  static const int32_t values[] = {4, 2, 2, 3, -1, 4};
  static const int32_t expected[] = {1, 0, 0, -1, -1, 1};
  hn_split_input in = {6, 2, classes, labels, NULL, values, NULL};
  hn_split s;
  assert_ok(split_by("column", "5", "true", &in, 0, &s));
  assert_int_equal(s.n_folds, 2);
  assert_int_equal(s.n_unlabelled, 1);
  assert_int_equal(s.n_unplaced, 1);
  assert_memory_equal(s.folds, expected, sizeof expected);
  hn_split_free(&s);
  static const int32_t one[] = {4, 4, 4, 3, -1, 4};
  in.values = one;
  assert_fails(split_by("column", "5", "true", &in, 0, &s), HN_INVALID, "1 values");
}

static void test_time(void **state) {
  (void)state;
  static const char *const classes[] = {"a", "b"};
  static const int32_t labels[] = {0, 1, 0, 1, 1, 0, 1, 0, -1, 0};
  static const double years[] = {1999, 1990, 1990, 1995, 2001, 2003, 1999, 1996, 1980, NAN};
  static const int32_t expected[] = {0, -2, -2, -2, 1, 1, 0, 0, -1, -1};
  hn_split_input in = {10, 2, classes, labels, NULL, NULL, years};
  hn_split s;
  assert_ok(split_by("time", "2", "true", &in, 0, &s));
  assert_true(s.expanding);
  assert_int_equal(s.n_unplaced, 1);
  assert_memory_equal(s.folds, expected, sizeof expected);
  hn_split_free(&s);
  assert_ok(split_by("time", "5", "true", &in, 0, &s)); /* a block for each of the six years */
  static const int32_t each[] = {2, -2, -2, 0, 3, 4, 2, 1, -1, -1};
  assert_memory_equal(s.folds, each, sizeof each);
  hn_split_free(&s);
  assert_fails(split_by("time", "6", "true", &in, 0, &s), HN_INVALID, "7 different years");
}

static void test_errors(void **state) {
  (void)state;
  static const char *const classes[] = {"rap", "sung"};
  static const int32_t labels[] = {0, 0, 0, 0, 1, 1, 1, 1}, none[] = {-1, -1};
  static const int32_t alone[] = {1, 1, 1, 1, 2, 3, 4, 5}, few[] = {1, 1, 2, 2, 2, 2, 1, 1};
  static const int32_t nameless[] = {1, 1, -1, 2, 3, 3, 4, 4};
  hn_split_input in = {8, 2, classes, labels, alone, NULL, NULL};
  hn_split s = {.n_rows = 99};
  assert_fails(split_by("random", "5", "true", &in, 0, &s), HN_INVALID,
               "class \"rap\" has 4 tracks, fewer than the 5 folds");
  assert_fails(split_by("artist-disjoint", "3", "true", &in, 0, &s), HN_INVALID,
               "all 4 tracks of class \"rap\" are by one artist");
  in.groups = few;
  assert_fails(split_by("artist-disjoint", "3", "true", &in, 0, &s), HN_INVALID,
               "3 folds need as many artists, and the labelled tracks have 2");
  in.groups = nameless;
  assert_fails(split_by("artist-disjoint", "3", "true", &in, 0, &s), HN_INVALID,
               "1 labelled tracks have no artist (the first is track 3)");
  in.n_rows = 2;
  in.labels = none;
  assert_fails(split_by("random", "2", "true", &in, 0, &s), HN_INVALID, "none of the 2 tracks");
  in.n_rows = 0;
  assert_fails(split_by("random", "2", "true", &in, 0, &s), HN_INVALID, "none of the 0 tracks");
  assert_int_equal(s.n_rows, 99);
}

static void test_no_memory(void **state) {
  (void)state;
  static const char *const methods[] = {"random", "artist-disjoint", "column", "time"};
  double years[N];
  for (size_t i = 0; i < N; i++) years[i] = 1990 + split_artists[i];
  for (size_t m = 0; m < 4; m++) {
    hn_split_input in = golden_input;
    hn_split s;
    in.values = split_artists;
    in.years = years;
    hn_options *o = options_of(methods[m], "5", "true");
    assert_survives_no_memory(hn_split_make(&in, o, 0, &s, &err));
    hn_split_free(&s);
    hn_options_destroy(o);
  }
  hn_split_free(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_as_scikit_learn),
      cmocka_unit_test(test_random_is_stratified),
      cmocka_unit_test(test_artists_stay_together),
      cmocka_unit_test(test_column),
      cmocka_unit_test(test_time),
      cmocka_unit_test(test_errors),
      cmocka_unit_test(test_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
