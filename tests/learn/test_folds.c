/* Dealing rows to the folds inside a fit. */
#include "support.h"

#include "base/memory.h"
#include "learn/folds.h"

#include <string.h>

enum { N = 90 };

static void test_rows_are_dealt_class_by_class(void **state) {
  (void)state;
  int32_t y[N];
  uint32_t fold[N], other[N];
  size_t counts[3][3] = {{0}};
  for (size_t i = 0; i < N; i++) y[i] = i < 60 ? 0 : i < 81 ? 1 : 2;
  assert_int_equal(hn_deal_folds(y, NULL, N, 3, 1, fold, NULL), HN_OK);
  for (size_t i = 0; i < N; i++) counts[y[i]][fold[i]]++;
  for (size_t f = 0; f < 3; f++) {
    assert_int_equal(counts[0][f], 20);
    assert_int_equal(counts[1][f], 7);
    assert_int_equal(counts[2][f], 3);
  }
  assert_int_equal(hn_deal_folds(y, NULL, N, 3, 2, other, NULL), HN_OK);
  assert_memory_not_equal(fold, other, sizeof fold);
}

static void test_groups_stay_whole(void **state) {
  (void)state;
  int32_t y[N], groups[N];
  uint32_t fold[N];
  size_t sizes[3] = {0};
  for (size_t i = 0; i < N; i++) {
    y[i] = (int32_t)(i % 2);
    groups[i] = i < 84 ? (int32_t)(i % 21) : -1; /* 21 groups of 4, six rows without one */
  }
  assert_int_equal(hn_deal_folds(y, groups, N, 3, 1, fold, NULL), HN_OK);
  for (size_t i = 0; i < N; i++) {
    sizes[fold[i]]++;
    if (i < 84) assert_int_equal(fold[i], fold[i % 21]);
  }
  for (size_t f = 0; f < 3; f++) assert_in_range(sizes[f], 27, 33);
}

static void test_few_rows_leave_folds_empty(void **state) {
  (void)state;
  uint32_t fold[2] = {9, 9};
  assert_int_equal(hn_deal_folds((int32_t[]){0, 0}, (int32_t[]){4, 4}, 2, 3, 1, fold, NULL), HN_OK);
  assert_true(fold[0] == 0 && fold[1] == 0);
  assert_int_equal(hn_deal_folds(NULL, NULL, 0, 3, 1, fold, NULL), HN_OK);
}

static void test_failed_allocations(void **state) {
  (void)state;
  uint32_t fold[2];
  hn_status status = HN_NO_MEMORY;
  for (long n = 0; status != HN_OK; n++) {
    hn_memory_fail_after(n);
    status = hn_deal_folds((int32_t[]){0, 1}, NULL, 2, 2, 1, fold, NULL);
    hn_memory_fail_after(-1);
    assert_true(status == HN_OK || status == HN_NO_MEMORY);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rows_are_dealt_class_by_class),
      cmocka_unit_test(test_groups_stay_whole),
      cmocka_unit_test(test_few_rows_leave_folds_empty),
      cmocka_unit_test(test_failed_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
