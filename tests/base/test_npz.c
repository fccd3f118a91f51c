/* The archives in corpus_npz are SciPy's and NumPy's, made by make_golden.py. */
#include "tests/support.h"

#include <time.h>

#include "base/npz.h"

#define CORPUS HN_TEST_DIR "/corpus_npz/"

static hn_error err;

/* make_golden.py's dense(): 4 x 6 with six entries. */
static const int64_t indptr[] = {0, 2, 2, 5, 6};
static const int32_t indices[] = {1, 4, 0, 2, 5, 3};
static const float values[] = {1.5f, -2, 3, 0.25f, 7, 9};

static void assert_rows(const hn_csr *m, float factor) {
  assert_int_equal(m->n_rows, 4);
  assert_int_equal(m->n_cols, 6);
  assert_ok(hn_csr_check(m, &err));
  assert_memory_equal(m->indptr, indptr, sizeof indptr);
  assert_memory_equal(m->indices, indices, sizeof indices);
  for (size_t k = 0; k < 6; k++) assert_true(m->values[k] == factor * values[k]);
}

static void test_read(void **state) {
  (void)state;
  static const struct {
    const char *path;
    float factor;
  } cases[] = {{CORPUS "f4.npz", 1},      {CORPUS "f8.npz", 1},
               {CORPUS "i4.npz", 4},      {CORPUS "i8.npz", 4},
               {CORPUS "stored.npz", 1},  {CORPUS "wide.npz", 1},
               {CORPUS "array.npz", 1},   {CORPUS "unicode_format.npz", 1},
               {CORPUS "unsorted.npz", 1}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    hn_csr m;
    assert_ok(hn_npz_read_csr(cases[i].path, &m, &err));
    assert_rows(&m, cases[i].factor);
    hn_csr_free(&m);
  }
}

static void test_refusals(void **state) {
  (void)state;
  static const struct {
    const char *path;
    hn_status status;
    const char *message;
  } cases[] = {
      {CORPUS "none.npz", HN_IO, "none.npz: cannot open"},
      {CORPUS "bad_csc.npz", HN_UNSUPPORTED, "csc form is not read; save it as .tocsr()"},
      {CORPUS "bad_coo.npz", HN_UNSUPPORTED, "coo form"},
      {CORPUS "bad_dense.npz", HN_FORMAT, "format.npy is missing"},
      {CORPUS "bad_missing.npz", HN_FORMAT, "data.npy is missing"},
      {CORPUS "bad_column.npz", HN_FORMAT, "column 6 of 6"},
      {CORPUS "bad_negative.npz", HN_FORMAT, "column -4 of 6"},
      {CORPUS "bad_indptr.npz", HN_FORMAT, "descends at row 1"},
      {CORPUS "bad_end.npz", HN_FORMAT, "do not make 4 sparse rows"},
      {CORPUS "bad_length.npz", HN_FORMAT, "6 indices and 5 values"},
      {CORPUS "bad_shape.npz", HN_FORMAT, "two counts"},
      {CORPUS "bad_kind.npz", HN_FORMAT, "indptr.npy must be one axis of whole numbers"},
      {CORPUS "bad_size.npz", HN_FORMAT, "announces 2147483647 bytes"},
      {HN_TEST_DIR "/corpus_npy/f4_c.npy", HN_FORMAT, "not an .npz archive"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    hn_csr m = {.n_rows = 42};
    assert_fails(hn_npz_read_csr(cases[i].path, &m, &err), cases[i].status, cases[i].message);
    assert_int_equal(m.n_rows, 42);
  }
}

static void test_cut_and_damaged_files(void **state) {
  (void)state;
  char *bytes;
  size_t n;
  hn_csr m;
  assert_ok(hn_file_read(CORPUS "f4.npz", &bytes, &n, &err));
  for (size_t cut = 0; cut < n; cut++)
    assert_fails(hn_npz_parse_csr("cut", bytes, cut, &m, &err), HN_FORMAT, "cut: ");
  bytes[100] ^= 1; /* inside the first packed member: its checksum tells */
  assert_fails(hn_npz_parse_csr("cut", bytes, n, &m, &err), HN_FORMAT, "cut: ");
  hn_free(bytes);
}

static void test_write(void **state) {
  (void)state;
  char *folder = make_scratch(), *path = hn_path_join(folder, "a.npz"), *first, *second;
  size_t n_first, n_second;
  hn_csr m, back;
  assert_ok(hn_npz_read_csr(CORPUS "f4.npz", &m, &err));
  assert_ok(hn_npz_write_csr(path, &m, &err));
  assert_ok(hn_file_read(path, &first, &n_first, &err));
  assert_ok(hn_npz_read_csr(path, &back, &err));
  assert_rows(&back, 1);
  hn_csr_free(&back);

  setenv("TZ", "Asia/Tokyo", 1); /* a zip's dates are local times: ours must not be */
  tzset();
  assert_ok(hn_npz_write_csr(path, &m, &err));
  unsetenv("TZ");
  tzset();
  assert_ok(hn_file_read(path, &second, &n_second, &err));
  assert_int_equal(n_first, n_second);
  assert_memory_equal(first, second, n_first);
  hn_free(first);
  hn_free(second);

  assert_survives_no_memory(hn_npz_write_csr(path, &m, &err));
  assert_survives_no_memory(hn_npz_read_csr(path, &back, &err));
  hn_csr_free(&back);
  hn_csr_free(&m);
  hn_free(path);
  drop_scratch(folder);
}

static void test_nothing(void **state) {
  (void)state;
  char *folder = make_scratch(), *path = hn_path_join(folder, "a.npz");
  hn_csr m, back;
  assert_ok(hn_npz_read_csr(CORPUS "empty.npz", &m, &err));
  assert_true(m.n_rows == 3 && m.n_cols == 0 && hn_csr_n_entries(&m) == 0);
  assert_ok(hn_npz_write_csr(path, &m, &err));
  assert_ok(hn_npz_read_csr(path, &back, &err));
  assert_true(back.n_rows == 3 && back.n_cols == 0 && hn_csr_n_entries(&back) == 0);
  hn_csr_free(&m);
  hn_csr_free(&back);
  assert_ok(hn_csr_init(&m, 0, 7, 0, &err));
  assert_ok(hn_npz_write_csr(path, &m, &err));
  assert_ok(hn_npz_read_csr(path, &back, &err));
  assert_true(back.n_rows == 0 && back.n_cols == 7);
  hn_csr_free(&m);
  hn_csr_free(&back);
  hn_free(path);
  drop_scratch(folder);
}

static hn_status write_in_batches(const char *path, const hn_csr *m, int n_batches) {
  hn_npz_writer *writer = NULL;
  hn_status status = hn_npz_writer_create(path, m->n_cols, &writer, &err);
  for (int i = 0; i < n_batches && status == HN_OK; i++)
    status = hn_npz_writer_add(writer, m, &err);
  if (status == HN_OK) status = hn_npz_writer_finish(writer, &err);
  hn_npz_writer_destroy(writer);
  return status;
}

static void test_write_in_batches(void **state) {
  (void)state;
  char *folder = make_scratch(), *path = hn_path_join(folder, "a.npz");
  hn_csr m, back;
  assert_ok(hn_npz_read_csr(CORPUS "f4.npz", &m, &err));
  assert_ok(write_in_batches(path, &m, 0));
  assert_ok(hn_npz_read_csr(path, &back, &err));
  assert_true(back.n_rows == 0 && back.n_cols == 6);
  hn_csr_free(&back);
  assert_survives_no_memory(write_in_batches(path, &m, 2));
  assert_ok(hn_npz_read_csr(path, &back, &err));
  assert_int_equal(back.n_rows, 8);
  assert_ok(hn_csr_check(&back, &err));
  for (size_t i = 0; i < 4; i++) assert_int_equal(back.indptr[5 + i], 6 + indptr[1 + i]);
  for (size_t k = 0; k < 12; k++) {
    assert_int_equal(back.indices[k], indices[k % 6]);
    assert_true(back.values[k] == values[k % 6]);
  }
  hn_csr_free(&back);
  hn_csr_free(&m);
  /* what waited for the end is gone, and nothing is left without one */
  char **names;
  size_t n;
  assert_ok(hn_folder_list(folder, &names, &n, &err));
  assert_int_equal(n, 1);
  hn_names_free(names, n);
  hn_npz_writer *writer = NULL;
  assert_fails(hn_npz_writer_create("/none/a.npz", 6, &writer, &err), HN_IO, "/none/a.npz");
  hn_free(path);
  drop_scratch(folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_read),
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_cut_and_damaged_files),
      cmocka_unit_test(test_write),
      cmocka_unit_test(test_write_in_batches),
      cmocka_unit_test(test_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
