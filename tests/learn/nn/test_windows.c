/* Windows, standardisation, and the rows held out. */
#include "testing.h"

#include <string.h>

#include "learn/nn/holdout.h"
#include "learn/nn/windows.h"

static hn_error error;

static void windows_cover_the_song(void **state) {
  (void)state;
  static const size_t widths[] = {1, 9, 10, 11, 14, 15, 16, 20, 99, 100, 431};
  for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
    const size_t n = hn_window_count(widths[i], 10);
    assert_int_equal(hn_window_start(widths[i], 10, 0), 0);
    if (widths[i] <= 10) {
      assert_int_equal(n, 1);
      continue;
    }
    assert_int_equal(hn_window_start(widths[i], 10, n - 1), widths[i] - 10);
    for (size_t k = 1; k < n; k++) {
      size_t hop = hn_window_start(widths[i], 10, k) - hn_window_start(widths[i], 10, k - 1);
      assert_in_range(hop, 1, 5);
    }
  }
  assert_int_equal(hn_window_count(4, 1), 4);
}

static void short_items_are_repeated(void **state) {
  (void)state;
  const float item[2 * 3] = {1, 2, 3, 10, 20, 30};
  float mean[2] = {1, 10}, std[2] = {2, 5};
  const hn_standard standard = {2, mean, std};
  const float expected[2][7] = {{1, 0, 0.5f, 1, 0, 0.5f, 1}, {4, 0, 2, 4, 0, 2, 4}};
  hn_shape shape;
  assert_ok(hn_shape_planes(1, 2, 7, &shape, &error));
  float *sample = hn_alloc_aligned(hn_shape_size(&shape), sizeof *sample);
  hn_window_copy(item, 3, 2, &standard, &shape, sample);
  for (size_t h = 0; h < 2; h++) {
    for (size_t t = 0; t < 7; t++)
      assert_near(*pixel(&shape, sample, 0, h, t), expected[h][t], 1e-6, "frame");
  }
  hn_free(sample);
}

static void standard_of_chosen_rows(void **state) {
  (void)state;
  float first[2 * 2] = {1, 3, -80, -80}, second[2 * 1] = {1e6f, 1e6f}, third[2 * 1] = {5, -80};
  float *items[3] = {first, second, third};
  size_t widths[3] = {2, 1, 1};
  const size_t rows[2] = {0, 2};
  const hn_images images = {3, 2, widths, items};
  hn_standard standard;
  assert_ok(hn_standard_fit(&standard, &images, rows, 2, &error));
  assert_near(standard.mean[0], 3, 1e-6, "mean");
  assert_near(standard.std[0], sqrt(8.0 / 3), 1e-6, "std");
  assert_near(standard.mean[1], -80, 1e-6, "mean of silence");
  assert_near(standard.std[1], 1, 0, "a constant band is left in its scale");
  hn_standard_free(&standard);
}

static void holdout_by_groups(void **state) {
  (void)state;
  enum { N = 40 };
  int32_t groups[N];
  for (int i = 0; i < N; i++) groups[i] = 100 - i / 4;
  hn_fit_input input = {.groups = groups, .seed = 3};
  hn_holdout first, second;
  assert_ok(hn_holdout_init(&first, &input, N, 0.15, &error));
  assert_int_equal(first.n_held, 8); /* 6 are asked for, whole groups of four are taken */
  assert_int_equal(first.n_rows, 32);
  for (size_t i = 0; i < first.n_held; i++) {
    for (size_t j = 0; j < first.n_rows; j++)
      assert_int_not_equal(groups[first.held[i]], groups[first.rows[j]]);
  }
  assert_ok(hn_holdout_init(&second, &input, N, 0.15, &error));
  assert_memory_equal(first.held, second.held, 8 * sizeof *first.held);
  hn_holdout_free(&second);
  input.seed = 4;
  assert_ok(hn_holdout_init(&second, &input, N, 0.15, &error));
  assert_memory_not_equal(first.held, second.held, 8 * sizeof *first.held);
  hn_holdout_free(&first);
  hn_holdout_free(&second);
}

static void holdout_leaves_enough(void **state) {
  (void)state;
  const int32_t one_artist[5] = {7, 7, 7, 7, 7};
  uint8_t all[5] = {1, 1, 1, 1, 1}, last[5] = {0, 0, 0, 0, 1};
  hn_fit_input input = {.groups = one_artist};
  hn_holdout holdout;
  assert_ok(hn_holdout_init(&holdout, &input, 5, 0.1, &error));
  assert_int_equal(holdout.n_held, 0);
  hn_holdout_free(&holdout);
  input.groups = NULL;
  assert_ok(hn_holdout_init(&holdout, &input, 1, 0.5, &error));
  assert_int_equal(holdout.n_rows, 1);
  hn_holdout_free(&holdout);
  assert_ok(hn_holdout_init(&holdout, &input, 5, 0, &error));
  assert_int_equal(holdout.n_held, 0);
  hn_holdout_free(&holdout);
  input.validation = last; /* marks count, whatever the fraction */
  assert_ok(hn_holdout_init(&holdout, &input, 5, 0, &error));
  assert_int_equal(holdout.n_held, 1);
  assert_int_equal(holdout.held[0], 4);
  hn_holdout_free(&holdout);
  input.validation = all;
  assert_int_equal(hn_holdout_init(&holdout, &input, 5, 0.1, &error), HN_INVALID);
  assert_non_null(strstr(error.message, "all 5 rows"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(windows_cover_the_song),  cmocka_unit_test(short_items_are_repeated),
      cmocka_unit_test(standard_of_chosen_rows), cmocka_unit_test(holdout_by_groups),
      cmocka_unit_test(holdout_leaves_enough),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
