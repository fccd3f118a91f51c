#include "tests/support.h"

#include <omp.h>

static hn_error err;

static void test_sizes(void **state) {
  (void)state;
  int *numbers = hn_calloc(5, sizeof *numbers);
  for (size_t i = 0; i < 5; i++) assert_int_equal(numbers[i], 0);
  numbers[4] = 9;
  numbers = hn_realloc(numbers, 5000, sizeof *numbers);
  assert_int_equal(numbers[4], 9);
  hn_free(numbers);
  for (size_t n = 0; n < 100; n += 33) {
    char *aligned = hn_alloc_aligned(n, 1);
    assert_int_equal((uintptr_t)aligned % 64, 0);
    for (size_t i = 0; i < n; i++) assert_int_equal(aligned[i], 0);
    hn_free(aligned);
  }
  void *nothing = hn_alloc(0, 8);
  assert_non_null(nothing);
  hn_free(nothing);
  hn_free(NULL);
}

static void test_overflow(void **state) {
  (void)state;
  static const size_t sizes[][2] = {
      {SIZE_MAX / 2, 3}, {SIZE_MAX, SIZE_MAX}, {SIZE_MAX / 2 + 1, 1}, {SIZE_MAX / 8, 8}};
  for (size_t i = 0; i < 4; i++) {
    assert_null(hn_alloc(sizes[i][0], sizes[i][1]));
    assert_null(hn_calloc(sizes[i][0], sizes[i][1]));
    assert_null(hn_realloc(NULL, sizes[i][0], sizes[i][1]));
    assert_null(hn_alloc_aligned(sizes[i][0], sizes[i][1]));
  }
}

static void test_copies(void **state) {
  (void)state;
  char *all = hn_strdup("headnod"), *part = hn_strndup("headnod", 4), *none = hn_strdup("");
  assert_string_equal(all, "headnod");
  assert_string_equal(part, "head");
  assert_string_equal(none, "");
  hn_free(all);
  hn_free(part);
  hn_free(none);
}

static void test_hook(void **state) {
  (void)state;
  hn_memory_fail_after(2);
  void *first = hn_alloc(1, 1), *second = hn_calloc(1, 1);
  assert_true(first && second);
  assert_null(hn_alloc(1, 1));
  assert_null(hn_realloc(NULL, 1, 1));
  assert_null(hn_alloc_aligned(1, 1));
  assert_null(hn_strdup("x"));
  hn_memory_fail_after(-1);
  void *third = hn_alloc(1, 1);
  assert_non_null(third);
  hn_free(first);
  hn_free(second);
  hn_free(third);
  assert_int_equal(hn_fail_memory(&err), HN_NO_MEMORY);
  assert_string_equal(err.message, "out of memory");
}

/* Threads that meet at the last allocation: exactly as many pass as were promised. */
static void test_hook_between_threads(void **state) {
  (void)state;
  enum { N = 4000, PASS = 1000 };
  static void *got[N];
  size_t n_passed = 0;
  hn_memory_fail_after(PASS);
#pragma omp parallel for num_threads(4) schedule(dynamic, 1)
  for (int i = 0; i < N; i++) got[i] = hn_alloc(1, 1);
  hn_memory_fail_after(-1);
  for (size_t i = 0; i < N; i++) {
    n_passed += got[i] != NULL;
    hn_free(got[i]);
  }
  assert_int_equal(n_passed, PASS);
}

static hn_status grow_to(size_t n, int **numbers_out) {
  hn_status status = HN_OK;
  int *numbers = NULL;
  size_t capacity = 0;
  for (size_t i = 0; i < n; i++) {
    HN_GROW(numbers, i, capacity, &err);
    numbers[i] = (int)i;
  }
  *numbers_out = numbers;
  return HN_OK;
done:
  hn_free(numbers);
  return status;
}

static void test_grow(void **state) {
  (void)state;
  int *numbers = NULL;
  assert_survives_no_memory(grow_to(1000, &numbers));
  for (int i = 0; i < 1000; i++) assert_int_equal(numbers[i], i);
  hn_free(numbers);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sizes),  cmocka_unit_test(test_overflow),
      cmocka_unit_test(test_copies), cmocka_unit_test(test_hook),
      cmocka_unit_test(test_grow),   cmocka_unit_test(test_hook_between_threads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
