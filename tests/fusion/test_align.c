#include "tests/fusion/tables.h"

#include "base/labels.h"
#include "fusion/align.h"

static hn_error err;

static void table_of(const char *const *ids, size_t n, const int32_t *truth, hn_probability *t) {
  assert_ok(hn_probability_init(t, n, ids, 2, classes, &err));
  for (size_t i = 0; i < n; i++) {
    t->truth[i] = truth[i];
    t->p[2 * i] = 1;
    t->p[2 * i + 1] = 0;
  }
}

static void test_union(void **state) {
  (void)state;
  static const char *const first[] = {"c", "a", "b"}, *const second[] = {"d", "a", "c", "e"};
  static const char *const expected[] = {"c", "a", "b", "d", "e"};
  static const int32_t truth_first[] = {0, HN_LABEL_MISSING, 1};
  static const int32_t truth_second[] = {1, 0, 0, HN_LABEL_MISSING};
  hn_probability t[2];
  hn_aligned a;
  table_of(first, 3, truth_first, &t[0]);
  table_of(second, 4, truth_second, &t[1]);
  t[1].p[2] = t[1].p[3] = NAN; /* its "a" is absent */
  memcpy(t[0].fold, ((int32_t[]){1, 2, 3}), sizeof(int32_t[3]));
  memcpy(t[1].fold, ((int32_t[]){4, 0, 1, -1}), sizeof(int32_t[4]));
  const hn_probability *tables[] = {&t[0], NULL, &t[1]};
  assert_survives_no_memory(hn_align(tables, models, 3, &a, &err));
  assert_int_equal(a.n_rows, 5);
  for (size_t i = 0; i < 5; i++) assert_string_equal(a.ids[i], expected[i]);
  assert_memory_equal(a.truth, ((int32_t[]){0, 0, 1, 1, -1}), sizeof(int32_t[5]));
  assert_memory_equal(a.fold, ((int32_t[]){1, -1, 3, 4, -1}), sizeof(int32_t[5]));
  assert_ptr_equal(a.p[0], t[0].p);
  assert_null(a.p[1]);
  assert_ptr_equal(a.p[2], t[1].p + 4);
  assert_null(a.p[5]);
  assert_null(a.p[9]);
  hn_aligned_free(&a);
  free_tables(t, 2);
  hn_aligned_free(NULL);
}

static void test_empty(void **state) {
  (void)state;
  hn_probability t;
  hn_aligned a;
  table_of(NULL, 0, NULL, &t);
  const hn_probability *tables[] = {&t, &t};
  assert_ok(hn_align(tables, models, 2, &a, &err));
  assert_int_equal(a.n_rows, 0);
  hn_aligned_free(&a);
  hn_probability_free(&t);
}

static void test_errors(void **state) {
  (void)state;
  static const char *const ids[] = {"a", "b"}, *const twice[] = {"a", "a"};
  static const char *const other[] = {"East", "West"};
  static const int32_t zeros[] = {0, 0}, ones[] = {0, 1};
  hn_probability t[2];
  hn_aligned a;
  const hn_probability *tables[] = {&t[0], &t[1]};
  table_of(ids, 2, zeros, &t[0]);
  table_of(ids, 2, ones, &t[1]);
  assert_fails(hn_align(tables, models, 2, &a, &err), HN_INVALID,
               "track \"b\": its truth is \"Midwest\" in audio and \"East\" in another table");
  hn_probability_free(&t[1]);
  table_of(twice, 2, zeros, &t[1]);
  assert_fails(hn_align(tables, models, 2, &a, &err), HN_INVALID, "track \"a\" is in audio twice");
  hn_probability_free(&t[1]);
  assert_ok(hn_probability_init(&t[1], 2, ids, 2, other, &err));
  assert_fails(hn_align(tables, models, 2, &a, &err), HN_INVALID,
               "class 2 is \"Midwest\" in lyrics and \"West\" in audio");
  hn_probability_free(&t[1]);
  assert_ok(hn_probability_init(&t[1], 2, ids, 3, classes, &err));
  assert_fails(hn_align(tables, models, 2, &a, &err), HN_INVALID,
               "lyrics has 2 classes, audio has 3");
  free_tables(t, 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_union),
      cmocka_unit_test(test_empty),
      cmocka_unit_test(test_errors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
