#include "tests/support.h"

#include "eval/slice.h"

#include <math.h>

static hn_error err;

static void test_by_value(void **state) {
  (void)state;
  const char *texts[] = {"West", "East", NULL, "West", "South", "West"};
  static const uint8_t rows[] = {1, 1, 1, 1, 0, 0};
  hn_slices s;
  uint8_t mask[6];
  char *small;
  assert_ok(hn_slices_by_value(texts, 6, rows, 2, &s, &err));
  assert_int_equal(s.n_slices, 3);
  assert_string_equal(s.slices[0].name, "East");
  assert_string_equal(s.slices[2].name, "West");
  assert_int_equal(s.slices[2].count, 2);
  assert_true(s.slices[0].too_small && s.slices[1].too_small && !s.slices[2].too_small);
  assert_int_equal(s.n_missing, 1);
  assert_memory_equal(s.index, ((int32_t[]){2, 0, -1, 2, 1, 2}), sizeof(int32_t[6]));
  hn_slices_mask(&s, 2, mask);
  assert_memory_equal(mask, ((uint8_t[]){1, 0, 0, 1, 0, 1}), 6);
  assert_survives_no_memory(hn_slices_describe_small(&s, &small, &err));
  assert_string_equal(small, "fewer than 2 tracks, not scored: East (1), South (0)");
  hn_free(small);
  hn_slices_free(&s);
  assert_survives_no_memory(hn_slices_by_value(texts, 6, NULL, 0, &s, &err));
  assert_int_equal(s.slices[2].count, 3);
  assert_ok(hn_slices_describe_small(&s, &small, &err));
  assert_null(small);
  hn_slices_free(&s);
  hn_slices_free(NULL);
}

static void test_nothing(void **state) {
  (void)state;
  const char *missing[] = {NULL};
  static const double nan_only[] = {NAN}, edge[] = {2000};
  hn_slices s;
  assert_ok(hn_slices_by_value(NULL, 0, NULL, 10, &s, &err));
  assert_int_equal(s.n_slices, 0);
  hn_slices_free(&s);
  assert_ok(hn_slices_by_value(missing, 1, NULL, 10, &s, &err));
  assert_int_equal(s.n_missing, 1);
  hn_slices_free(&s);
  assert_ok(hn_slices_by_edges(nan_only, 1, edge, 1, NULL, 10, &s, &err));
  assert_int_equal(s.n_slices, 2);
  assert_int_equal(s.n_missing, 1);
  hn_slices_free(&s);
}

static void test_eras(void **state) {
  (void)state;
  static const double years[] = {1990, 1989, 2010, 1999, NAN, 2009, 2000, 2024};
  static const double edges[] = {1990, 2000, 2001, 2010};
  static const char *const names[] = {"before 1990", "1990–1999", "2000", "2001–2009",
                                      "2010 and later"};
  hn_slices s;
  assert_survives_no_memory(hn_slices_by_edges(years, 8, edges, 4, NULL, 2, &s, &err));
  assert_int_equal(s.n_slices, 5);
  for (size_t k = 0; k < 5; k++) assert_string_equal(s.slices[k].name, names[k]);
  assert_memory_equal(s.index, ((int32_t[]){1, 0, 4, 1, -1, 3, 2, 4}), sizeof(int32_t[8]));
  assert_int_equal(s.n_missing, 1);
  assert_true(s.slices[0].too_small && !s.slices[1].too_small);
  hn_slices_free(&s);
}

static void test_other_numbers(void **state) {
  (void)state;
  static const double energy[] = {0.2, 0.5, 0.7999, 0.8}, edges[] = {0.5, 0.8};
  static const char *const names[] = {"below 0.5", "0.5 to below 0.8", "0.8 and above"};
  hn_slices s;
  assert_ok(hn_slices_by_edges(energy, 4, edges, 2, NULL, 1, &s, &err));
  for (size_t k = 0; k < 3; k++) assert_string_equal(s.slices[k].name, names[k]);
  assert_memory_equal(s.index, ((int32_t[]){0, 1, 1, 2}), sizeof(int32_t[4]));
  hn_slices_free(&s);
}

static void test_errors(void **state) {
  (void)state;
  static const double values[] = {1}, descending[] = {2000, 1990}, endless[] = {INFINITY};
  hn_slices s;
  assert_fails(hn_slices_by_edges(values, 1, NULL, 0, NULL, 1, &s, &err), HN_INVALID, "no edges");
  assert_fails(hn_slices_by_edges(values, 1, descending, 2, NULL, 1, &s, &err), HN_INVALID,
               "edge 2 of 2 is 1990");
  assert_fails(hn_slices_by_edges(values, 1, endless, 1, NULL, 1, &s, &err), HN_INVALID,
               "edge 1 of 1 is inf");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_by_value), cmocka_unit_test(test_nothing),
      cmocka_unit_test(test_eras),     cmocka_unit_test(test_other_numbers),
      cmocka_unit_test(test_errors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
