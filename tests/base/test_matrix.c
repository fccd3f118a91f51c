#include "tests/support.h"

#include "base/matrix.h"

static hn_error err;

static void test_dense(void **state) {
  (void)state;
  hn_matrix m;
  assert_ok(hn_matrix_init(&m, 2, 3, &err));
  for (size_t i = 0; i < 6; i++) assert_true(m.values[i] == 0);
  hn_matrix_free(&m);
  assert_null(m.values);
  assert_ok(hn_matrix_init(&m, 0, 3, &err));
  hn_matrix_free(&m);
  hn_matrix_free(NULL);
  m.n_rows = 42;
  assert_fails(hn_matrix_init(&m, SIZE_MAX / 2, 3, &err), HN_NO_MEMORY, "out of memory");
  assert_int_equal(m.n_rows, 42);
}

/* 3 x 5 with rows {1: 2.0, 4: 3.0}, {} and {0: 4.0}. */
static hn_csr make_csr(void) {
  hn_csr m;
  assert_ok(hn_csr_init(&m, 3, 5, 3, &err));
  memcpy(m.indptr, (int64_t[]){0, 2, 2, 3}, 4 * sizeof(int64_t));
  memcpy(m.indices, (int32_t[]){1, 4, 0}, 3 * sizeof(int32_t));
  memcpy(m.values, (float[]){2, 3, 4}, 3 * sizeof(float));
  return m;
}

static void test_csr(void **state) {
  (void)state;
  hn_csr m = make_csr();
  assert_int_equal(hn_csr_n_entries(&m), 3);
  assert_ok(hn_csr_check(&m, &err));
  m.indices[1] = 5;
  assert_fails(hn_csr_check(&m, &err), HN_FORMAT, "row 0 names column 5 of 5");
  m.indices[1] = -1;
  assert_fails(hn_csr_check(&m, &err), HN_FORMAT, "row 0 names column -1 of 5");
  m.indices[1] = 1;
  assert_fails(hn_csr_check(&m, &err), HN_FORMAT, "row 0 do not ascend");
  m.indices[1] = 4;
  m.indptr[2] = 1;
  assert_fails(hn_csr_check(&m, &err), HN_FORMAT, "descends at row 1");
  m.indptr[2] = 2;
  m.indptr[0] = 1;
  assert_fails(hn_csr_check(&m, &err), HN_FORMAT, "does not start at 0");
  hn_csr_free(&m);
  hn_csr_free(NULL);
  assert_int_equal(hn_csr_n_entries(&m), 0);
  assert_fails(hn_csr_init(&m, 1, (size_t)INT32_MAX + 1, 0, &err), HN_INVALID,
               "2147483648 columns");
  assert_survives_no_memory(hn_csr_init(&m, 3, 5, 3, &err));
  hn_csr_free(&m);
}

/* Three pictures of height 2; item i is i + 1 wide and counts from 10 i. */
static hn_features make_images(void) {
  hn_features x = {.kind = HN_FEATURES_IMAGES};
  hn_images *m = &x.as.images;
  assert_ok(hn_images_init(m, 3, 2, &err));
  for (size_t i = 0; i < 3; i++) {
    m->widths[i] = i + 1;
    m->items[i] = hn_alloc(2 * (i + 1), sizeof(float));
    for (size_t k = 0; k < 2 * (i + 1); k++) m->items[i][k] = (float)(10 * i + k);
  }
  return x;
}

static void test_take(void **state) {
  (void)state;
  static const size_t rows[] = {2, 0, 2};
  hn_features x = {.kind = HN_FEATURES_DENSE}, taken;
  assert_ok(hn_matrix_init(&x.as.dense, 3, 2, &err));
  for (size_t i = 0; i < 6; i++) x.as.dense.values[i] = (float)i;
  assert_survives_no_memory(hn_features_take(&x, rows, 3, &taken, &err));
  assert_int_equal(hn_features_n_rows(&taken), 3);
  assert_int_equal(hn_features_n_cols(&taken), 2);
  assert_memory_equal(taken.as.dense.values, ((float[]){4, 5, 0, 1, 4, 5}), 6 * sizeof(float));
  hn_features_free(&taken);
  assert_ok(hn_features_take(&x, NULL, 0, &taken, &err));
  assert_int_equal(hn_features_n_rows(&taken), 0);
  hn_features_free(&taken);
  hn_features_free(&x);

  x = (hn_features){.kind = HN_FEATURES_CSR, .as.csr = make_csr()};
  assert_survives_no_memory(hn_features_take(&x, rows, 3, &taken, &err));
  assert_ok(hn_csr_check(&taken.as.csr, &err));
  assert_int_equal(hn_features_n_cols(&taken), 5);
  assert_memory_equal(taken.as.csr.indptr, ((int64_t[]){0, 1, 3, 4}), 4 * sizeof(int64_t));
  assert_memory_equal(taken.as.csr.indices, ((int32_t[]){0, 1, 4, 0}), 4 * sizeof(int32_t));
  assert_memory_equal(taken.as.csr.values, ((float[]){4, 2, 3, 4}), 4 * sizeof(float));
  hn_features_free(&taken);
  hn_features_free(&x);

  x = make_images();
  assert_survives_no_memory(hn_features_take(&x, rows, 3, &taken, &err));
  assert_int_equal(hn_features_n_rows(&taken), 3);
  assert_int_equal(hn_features_n_cols(&taken), 2);
  assert_int_equal(taken.as.images.widths[1], 1);
  assert_memory_equal(taken.as.images.items[2], x.as.images.items[2], 6 * sizeof(float));
  hn_features_free(&taken);
  hn_features_free(&x);
  hn_features_free(NULL);
}

static void test_kind_names(void **state) {
  (void)state;
  assert_string_equal(hn_features_kind_name(HN_FEATURES_DENSE), "dense");
  assert_string_equal(hn_features_kind_name(HN_FEATURES_CSR), "sparse");
  assert_string_equal(hn_features_kind_name(HN_FEATURES_IMAGES), "pictures");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_dense),
      cmocka_unit_test(test_csr),
      cmocka_unit_test(test_take),
      cmocka_unit_test(test_kind_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
