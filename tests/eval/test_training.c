#include "tests/support.h"

#include "eval/training.h"
#include "tests/eval/golden.h"

static hn_error err;

enum { N = sizeof split_labels / sizeof *split_labels };

/* Six tracks, folds 0 0 1 1 2 -1; track 2 has artist 0 as a guest, track 4 nobody's. */
static int32_t folds[] = {0, 0, 1, 1, 2, HN_FOLD_NONE};
static const size_t offsets[] = {0, 1, 2, 4, 5, 6, 7};
static const int32_t artists[] = {0, 1, 2, 0, 3, 4, 0};
static const hn_credit_lists credits = {offsets, artists};

static void test_guests_leave(void **state) {
  (void)state;
  hn_split split = {.n_rows = 6, .n_folds = 3, .folds = folds};
  uint8_t training[6];
  size_t n_left;
  assert_ok(hn_training_rows(&split, &credits, 0, training, &n_left, &err));
  assert_memory_equal(training, ((uint8_t[]){0, 0, 0, 1, 1, 0}), 6);
  assert_int_equal(n_left, 1);
  assert_ok(hn_training_rows(&split, &credits, 1, training, &n_left, &err));
  assert_memory_equal(training, ((uint8_t[]){0, 1, 0, 0, 1, 0}), 6);
  assert_int_equal(n_left, 1);
  assert_ok(hn_training_rows(&split, NULL, 0, training, &n_left, &err));
  assert_memory_equal(training, ((uint8_t[]){0, 0, 1, 1, 1, 0}), 6);
  assert_int_equal(n_left, 0);
  assert_survives_no_memory(hn_training_rows(&split, &credits, 1, training, &n_left, &err));
}

static void test_by_time(void **state) {
  (void)state;
  int32_t blocks[] = {HN_FOLD_TRAIN_ONLY, 0, 1, HN_FOLD_TRAIN_ONLY, 0, HN_FOLD_NONE};
  hn_split split = {.n_rows = 6, .n_folds = 2, .folds = blocks, .expanding = 1};
  uint8_t training[6];
  size_t n_left;
  assert_ok(hn_training_rows(&split, NULL, 0, training, &n_left, &err));
  assert_memory_equal(training, ((uint8_t[]){1, 0, 0, 1, 0, 0}), 6);
  assert_ok(hn_training_rows(&split, &credits, 1, training, &n_left, &err));
  assert_memory_equal(training, ((uint8_t[]){0, 1, 0, 1, 1, 0}), 6);
}

static void test_nothing_left(void **state) {
  (void)state;
  static const size_t at[] = {0, 1, 2};
  static const int32_t same[] = {5, 5};
  int32_t two[] = {0, 1};
  hn_split split = {.n_rows = 2, .n_folds = 2, .folds = two};
  uint8_t training[2] = {9, 9};
  size_t n_left;
  assert_fails(hn_training_rows(&split, &(hn_credit_lists){at, same}, 0, training, &n_left, &err),
               HN_INVALID, "all 1 others");
  assert_int_equal(training[0], 9);
}

/* A fifth of the tracks and of each class, give or take what whole artists allow. */
static void check_parts(const uint8_t *training, const uint8_t *validation, int by_artist) {
  size_t n = 0, n_held = 0, class_n[4] = {0}, class_held[4] = {0};
  for (size_t i = 0; i < N; i++) {
    assert_false(training[i] && validation[i]);
    if (split_labels[i] < 0) {
      assert_false(training[i] || validation[i]);
      continue;
    }
    n++;
    n_held += validation[i];
    class_n[split_labels[i]]++;
    class_held[split_labels[i]] += validation[i];
    for (size_t j = 0; by_artist && j < i; j++)
      if (split_labels[j] >= 0 && split_artists[i] == split_artists[j])
        assert_int_equal(validation[i], validation[j]);
  }
  double tolerance = by_artist ? 0.12 : 0.02; /* single tracks: one of about 57 of a class */
  assert_true(fabs((double)n_held / (double)n - 0.2) < tolerance);
  for (size_t k = 0; k < 4; k++)
    assert_true(fabs((double)class_held[k] / (double)class_n[k] - 0.2) < tolerance);
}

static void test_validation(void **state) {
  (void)state;
  hn_split_input in = {N, 4, NULL, split_labels, split_artists, NULL, NULL};
  uint8_t training[N], validation[N], again[N];
  size_t n_left;
  for (int by_artist = 0; by_artist < 2; by_artist++) {
    hn_validation_options o = {0.2, by_artist, 3};
    for (size_t i = 0; i < N; i++) training[i] = split_labels[i] >= 0;
    assert_ok(hn_validation_rows(&in, NULL, &o, training, validation, &n_left, &err));
    check_parts(training, validation, by_artist);
    for (size_t i = 0; i < N; i++) training[i] = split_labels[i] >= 0;
    assert_survives_no_memory(hn_validation_rows(&in, NULL, &o, training, again, &n_left, &err));
    assert_memory_equal(validation, again, N);
    o.seed = 4;
    for (size_t i = 0; i < N; i++) training[i] = split_labels[i] >= 0;
    assert_ok(hn_validation_rows(&in, NULL, &o, training, again, &n_left, &err));
    assert_true(memcmp(validation, again, N) != 0);
  }
}

/* Every track but the last credits its own artist and artist 3 + (i % 2): whoever is held out, the
 * tracks with the same guest leave. */
static void test_validation_respects_credits(void **state) {
  (void)state;
  static const int32_t labels[] = {0, 0, 0, 0, 0, 0}, leads[] = {0, 1, 2, 3, 4, 5};
  static const size_t at[] = {0, 2, 4, 6, 8, 10, 11};
  static const int32_t who[] = {0, 6, 1, 7, 2, 6, 3, 7, 4, 6, 5};
  hn_split_input in = {6, 1, NULL, labels, leads, NULL, NULL};
  for (uint64_t seed = 0; seed < 10; seed++) {
    uint8_t training[] = {1, 1, 1, 1, 1, 1}, validation[6];
    hn_validation_options o = {0.2, 1, seed};
    size_t n_left, held = 0, n_held = 0, n_kept = 0;
    assert_ok(hn_validation_rows(&in, &(hn_credit_lists){at, who}, &o, training, validation,
                                 &n_left, &err));
    for (size_t i = 0; i < 6; i++) {
      if (validation[i]) held = i;
      n_held += validation[i];
      n_kept += training[i];
    }
    assert_int_equal(n_held, 1);
    assert_int_equal(n_left, held == 5 ? 0 : held % 2 ? 1 : 2);
    assert_int_equal(n_held + n_left + n_kept, 6);
  }
}

static void test_validation_of_few(void **state) {
  (void)state;
  static const int32_t labels[] = {0, 0, 1}, leads[] = {0, 0, 1}, one[] = {7, 7, 7};
  hn_split_input in = {3, 2, NULL, labels, leads, NULL, NULL};
  hn_validation_options o = {0.2, 1, 0};
  uint8_t training[] = {1, 1, 1}, validation[3];
  size_t n_left;
  assert_ok(hn_validation_rows(&in, NULL, &o, training, validation, &n_left, &err));
  assert_true(training[0] == training[1] && training[0] != training[2]);
  assert_true(validation[0] == training[2] && validation[2] == training[0]);

  memset(training, 1, 3);
  in.groups = one;
  assert_fails(hn_validation_rows(&in, NULL, &o, training, validation, &n_left, &err), HN_INVALID,
               "at least 2 artists to train on, and there are 1");
  o.share = 1;
  assert_fails(hn_validation_rows(&in, NULL, &o, training, validation, &n_left, &err), HN_INVALID,
               "share is 1");
  static const size_t at[] = {0, 1, 2, 3};
  o.share = 0.5;
  in.groups = leads;
  assert_fails(
      hn_validation_rows(&in, &(hn_credit_lists){at, one}, &o, training, validation, &n_left, &err),
      HN_INVALID, "no training track is left");
  assert_memory_equal(training, ((uint8_t[]){1, 1, 1}), 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_guests_leave),
      cmocka_unit_test(test_by_time),
      cmocka_unit_test(test_nothing_left),
      cmocka_unit_test(test_validation),
      cmocka_unit_test(test_validation_respects_credits),
      cmocka_unit_test(test_validation_of_few),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
