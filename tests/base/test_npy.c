/* The arrays in corpus_npy are NumPy's, made by make_golden.py with the formulas used here. */
#include "tests/support.h"

#include <math.h>

#include "base/npy.h"

#define CORPUS HN_TEST_DIR "/corpus_npy/"

static hn_error err;

static double number_of(const hn_npy *a, size_t i) {
  return a->kind == HN_NPY_INTS     ? (double)a->as.ints[i]
         : a->kind == HN_NPY_FLOATS ? (double)a->as.floats[i]
                                    : a->as.doubles[i];
}

/* Element i of the arrays that make_golden.py calls numbers(dtype); all are exact in all dtypes. */
static double expected_number(char type, size_t i) {
  double x = (double)i;
  return type == 'b' ? i % 3 == 0 : type == 'f' ? x * 0.5 - 3 : type == 'u' ? x * 10 : x * 5 - 50;
}

static void test_numbers_in_every_layout(void **state) {
  (void)state;
  static const char *const dtypes[] = {"b1", "i1", "i2", "i4", "i8", "u1",
                                       "u2", "u4", "u8", "f2", "f4", "f8"};
  static const char *const layouts[] = {"c", "fortran", "big", "big_fortran"};
  size_t n_read = 0;
  for (size_t t = 0; t < 12; t++)
    for (size_t l = 0; l < 4; l++) {
      char path[512];
      hn_npy a;
      snprintf(path, sizeof path, CORPUS "%s_%s.npy", dtypes[t], layouts[l]);
      if (l >= 2 && dtypes[t][1] == '1') continue; /* one byte has no order */
      assert_ok(hn_npy_read(path, &a, &err));
      assert_int_equal(a.kind, strcmp(dtypes[t], "f8") == 0 ? HN_NPY_DOUBLES
                               : dtypes[t][0] == 'f'        ? HN_NPY_FLOATS
                                                            : HN_NPY_INTS);
      assert_int_equal(a.n_dims, 3);
      assert_int_equal(a.n_values, 24);
      for (size_t d = 0; d < 3; d++) assert_int_equal(a.shape[d], d + 2);
      for (size_t i = 0; i < 24; i++)
        assert_true(number_of(&a, i) == expected_number(dtypes[t][0], i));
      hn_npy_free(&a);
      n_read++;
    }
  assert_int_equal(n_read, 42);
}

static void test_texts(void **state) {
  (void)state;
  static const char *const files[] = {"texts_u", "texts_u_big", "texts_s"};
  static const char *const texts[] = {"", "West", "é", "中文", "🎤 mic"};
  hn_npy a;
  for (size_t f = 0; f < 3; f++) {
    char path[512];
    snprintf(path, sizeof path, CORPUS "%s.npy", files[f]);
    assert_ok(hn_npy_read(path, &a, &err));
    assert_int_equal(a.kind, HN_NPY_TEXTS);
    assert_int_equal(a.n_values, 5);
    for (size_t i = 0; i < 5; i++) assert_string_equal(a.as.texts[i], texts[i]);
    hn_npy_free(&a);
  }
  assert_ok(hn_npy_read(CORPUS "texts_2d_fortran.npy", &a, &err));
  for (size_t i = 0; i < 6; i++) assert_int_equal(a.as.texts[i][0], 'a' + (int)i);
  hn_npy_free(&a);
}

static void test_corners(void **state) {
  (void)state;
  static const char *const versions[] = {CORPUS "version_2.npy", CORPUS "version_3.npy"};
  hn_npy a;
  for (size_t v = 0; v < 2; v++) {
    assert_ok(hn_npy_read(versions[v], &a, &err));
    assert_int_equal(a.n_values, 3);
    assert_true(a.as.floats[2] == 2);
    hn_npy_free(&a);
  }
  assert_ok(hn_npy_read(CORPUS "scalar.npy", &a, &err));
  assert_int_equal(a.n_dims, 0);
  assert_int_equal(a.n_values, 1);
  assert_true(a.as.doubles[0] == 2.5);
  hn_npy_free(&a);
  assert_ok(hn_npy_read(CORPUS "empty.npy", &a, &err));
  assert_int_equal(a.n_values, 0);
  assert_int_equal(a.shape[1], 5);
  hn_npy_free(&a);
  assert_ok(hn_npy_read(CORPUS "extremes.npy", &a, &err));
  assert_true(a.as.ints[0] == INT64_MIN && a.as.ints[1] == INT64_MAX);
  hn_npy_free(&a);
}

/* Zero of either sign, the largest, a subnormal, the smallest normal, infinities, not a number. */
static void test_half_floats(void **state) {
  (void)state;
  static const float expected[] = {0, -0.0f, 1, 65504, 0x1p-24f, 0x1p-14f, INFINITY, -INFINITY};
  hn_npy a;
  assert_ok(hn_npy_read(CORPUS "halves.npy", &a, &err));
  for (size_t i = 0; i < 8; i++)
    if (i != 5) assert_memory_equal(&a.as.floats[i], &expected[i], 4);
  assert_float_equal(a.as.floats[5], 6.1e-5, 3e-8); /* half a step of binary16 there */
  assert_true(isnan(a.as.floats[8]));
  hn_npy_free(&a);
}

static void test_refusals(void **state) {
  (void)state;
  hn_npy a = {.n_dims = 42};
  assert_fails(hn_npy_read(CORPUS "none.npy", &a, &err), HN_IO, "none.npy: cannot open");
  assert_fails(hn_npy_read(CORPUS "bad_u8.npy", &a, &err), HN_UNSUPPORTED, "9223372036854775808");
  assert_fails(hn_npy_read(CORPUS "bad_complex.npy", &a, &err), HN_UNSUPPORTED, "\"<c8\"");
  assert_fails(hn_npy_read(CORPUS "bad_dates.npy", &a, &err), HN_UNSUPPORTED, "\"<M8[s]\"");
  assert_fails(hn_npy_read(CORPUS "bad_structured.npy", &a, &err), HN_UNSUPPORTED, "structured");
  assert_fails(hn_npy_read(CORPUS "bad_axes.npy", &a, &err), HN_UNSUPPORTED, "more than 4 axes");
  assert_fails(hn_npy_read(CORPUS "bad_latin1.npy", &a, &err), HN_FORMAT, "element 0 is not UTF-8");
  assert_fails(hn_npy_parse("x", "PK\3\4 and more bytes", 18, &a, &err), HN_FORMAT,
               "x: not a .npy");
  assert_fails(hn_npy_parse("x", "", 0, &a, &err), HN_FORMAT, "x: not a .npy");
  assert_int_equal(a.n_dims, 42);
}

/* A file made of this header text and n bytes of zeros. */
static hn_status parse_header_text(const char *text, size_t n, hn_npy *a) {
  char bytes[512] = "\x93NUMPY\1";
  bytes[8] = (char)strlen(text);
  memcpy(bytes + 10, text, strlen(text));
  return hn_npy_parse("x", bytes, 10 + strlen(text) + n, a, &err);
}

static void test_headers(void **state) {
  (void)state;
  static const struct {
    const char *text;
    size_t n;
    hn_status status;
    const char *message;
  } cases[] = {
      {"{\"shape\":(2,),\"fortran_order\":False,\"descr\":\"|u1\"}", 2, HN_OK, ""},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2), }  \n", 8, HN_OK, ""},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", 9, HN_FORMAT, "9 bytes of data"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", 7, HN_FORMAT, "announces 8"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", 8, HN_FORMAT,
       "announces more than"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", 8, HN_FORMAT,
       "shape"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", 8, HN_FORMAT, "shape"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2 3)}", 8, HN_FORMAT, "shape"},
      {"{'descr': '<f4', 'fortran_order': 1, 'shape': (2,)}", 8, HN_FORMAT, "dictionary"},
      {"{'descr': '<f4', 'shape': (2,)}", 8, HN_FORMAT, "dictionary"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1}", 8, HN_FORMAT,
       "dictionary"},
      {"{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", 8, HN_FORMAT,
       "dictionary"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} 1", 8, HN_FORMAT, "dictionary"},
      {"{'descr': 'f4', 'fortran_order': False, 'shape': (2,)}", 8, HN_UNSUPPORTED, "\"f4\""},
      {"{'descr': '<f3', 'fortran_order': False, 'shape': (2,)}", 6, HN_UNSUPPORTED, "\"<f3\""},
      {"{'descr': '|S0', 'fortran_order': False, 'shape': (2,)}", 0, HN_UNSUPPORTED, "\"|S0\""},
      {"{'descr': '<U', 'fortran_order': False, 'shape': (2,)}", 0, HN_UNSUPPORTED, "\"<U\""},
      {"{'descr': '<U4611686018427387904', 'fortran_order': False, 'shape': (2,)}", 0,
       HN_UNSUPPORTED, "<U4611686018427387904"},
      {"{'descr': '<f4", 0, HN_FORMAT, "dictionary"},
      {"", 0, HN_FORMAT, "dictionary"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    hn_npy a = {0};
    err.message[0] = 0;
    hn_status status = parse_header_text(cases[i].text, cases[i].n, &a);
    if (status != cases[i].status || !strstr(err.message, cases[i].message))
      fail_msg("%s: %s (%s)", cases[i].text, hn_status_name(status), err.message);
    hn_npy_free(&a);
  }
  hn_npy a;
  char later[16] = "\x93NUMPY\4";
  assert_fails(hn_npy_parse("x", later, 16, &a, &err), HN_UNSUPPORTED, "version 4");
}

static void test_cut_files(void **state) {
  (void)state;
  static const char *const files[] = {CORPUS "i4_c.npy", CORPUS "texts_u.npy",
                                      CORPUS "version_2.npy"};
  for (size_t f = 0; f < 3; f++) {
    char *bytes;
    size_t n;
    hn_npy a;
    assert_ok(hn_file_read(files[f], &bytes, &n, &err));
    for (size_t cut = 0; cut < n; cut++)
      assert_fails(hn_npy_parse("cut", bytes, cut, &a, &err), HN_FORMAT, "cut: ");
    hn_free(bytes);
  }
}

static void test_read_matrix(void **state) {
  (void)state;
  hn_matrix m = {0};
  assert_ok(hn_npy_read_matrix(CORPUS "labels_ints.npy", &m, &err));
  assert_int_equal(m.n_rows, 4);
  assert_int_equal(m.n_cols, 1);
  assert_true(m.values[0] == 10 && m.values[3] == -1);
  hn_matrix_free(&m);
  assert_ok(hn_npy_read_matrix(CORPUS "empty.npy", &m, &err));
  assert_true(m.n_rows == 0 && m.n_cols == 5);
  hn_matrix_free(&m);
  assert_fails(hn_npy_read_matrix(CORPUS "f4_c.npy", &m, &err), HN_FORMAT, "3 axes");
  assert_fails(hn_npy_read_matrix(CORPUS "scalar.npy", &m, &err), HN_FORMAT, "0 axes");
  assert_fails(hn_npy_read_matrix(CORPUS "texts_u.npy", &m, &err), HN_FORMAT, "holds text");
}

static void test_read_features(void **state) {
  (void)state;
  hn_features x;
  assert_ok(hn_npy_read_features(CORPUS "f8_big_fortran.npy", &x, &err));
  assert_int_equal(x.kind, HN_FEATURES_IMAGES);
  assert_int_equal(x.as.images.n_items, 2);
  assert_int_equal(x.as.images.height, 3);
  assert_int_equal(x.as.images.widths[1], 4);
  for (size_t i = 0; i < 24; i++)
    assert_true((double)x.as.images.items[i / 12][i % 12] == expected_number('f', i));
  hn_features_free(&x);
  assert_ok(hn_npy_read_features(CORPUS "empty.npy", &x, &err));
  assert_int_equal(x.kind, HN_FEATURES_DENSE);
  hn_features_free(&x);
  assert_fails(hn_npy_read_features(CORPUS "texts_u.npy", &x, &err), HN_FORMAT, "holds text");
  assert_survives_no_memory(hn_npy_read_features(CORPUS "i2_big.npy", &x, &err));
  hn_features_free(&x);
}

static void check_labels(const char *path, const char *const *classes, size_t n_classes,
                         const int32_t *values, size_t n) {
  hn_labels y;
  assert_ok(hn_npy_read_labels(path, &y, &err));
  assert_int_equal(y.n, n);
  assert_int_equal(y.n_classes, n_classes);
  for (size_t k = 0; k < n_classes; k++) assert_string_equal(y.classes[k], classes[k]);
  for (size_t i = 0; i < n; i++) assert_int_equal(y.values[i], values[i]);
  hn_labels_free(&y);
}

static void test_read_labels(void **state) {
  (void)state;
  hn_labels y;
  check_labels(CORPUS "labels_ints.npy", (const char *[]){"-1", "9", "10"}, 3,
               (int32_t[]){2, 1, 2, 0}, 4);
  check_labels(CORPUS "labels_reals.npy", (const char *[]){"1", "2"}, 2, (int32_t[]){1, -1, 0, 1},
               4);
  check_labels(CORPUS "texts_u.npy", (const char *[]){"West", "é", "中文", "🎤 mic"}, 4,
               (int32_t[]){-1, 0, 1, 2, 3}, 5);
  assert_fails(hn_npy_read_labels(CORPUS "labels_broken.npy", &y, &err), HN_FORMAT, "label 0");
  assert_fails(hn_npy_read_labels(CORPUS "empty.npy", &y, &err), HN_FORMAT, "2 axes");
  assert_survives_no_memory(hn_npy_read_labels(CORPUS "texts_u.npy", &y, &err));
  hn_labels_free(&y);
}

/* The bytes that NumPy itself writes for the same arrays. */
static void test_write(void **state) {
  (void)state;
  char *folder = make_scratch(), *path = hn_path_join(folder, "a.npy"), *bytes, *golden;
  float floats[24];
  int32_t ints[4] = {10, 9, 10, -1};
  size_t shape[] = {2, 3, 4}, n, n_golden;
  for (size_t i = 0; i < 24; i++) floats[i] = (float)expected_number('f', i);
  for (int is_float = 0; is_float < 2; is_float++) {
    if (is_float)
      assert_ok(hn_npy_write_floats(path, floats, 3, shape, &err));
    else
      assert_ok(hn_npy_write_ints(path, ints, 1, &shape[2], &err));
    assert_ok(hn_file_read(path, &bytes, &n, &err));
    assert_ok(hn_file_read(is_float ? CORPUS "f4_c.npy" : CORPUS "labels_ints.npy", &golden,
                           &n_golden, &err));
    assert_int_equal(n, n_golden);
    assert_memory_equal(bytes, golden, n);
    hn_free(bytes);
    hn_free(golden);
  }
  assert_survives_no_memory(hn_npy_write_floats(path, floats, 3, shape, &err));
  hn_npy a;
  assert_ok(hn_npy_write_floats(path, floats, 0, NULL, &err));
  assert_ok(hn_npy_read(path, &a, &err));
  assert_true(a.n_dims == 0 && a.as.floats[0] == -3);
  hn_npy_free(&a);
  shape[1] = 0;
  assert_ok(hn_npy_write_floats(path, NULL, 2, shape, &err));
  assert_ok(hn_npy_read(path, &a, &err));
  assert_int_equal(a.n_values, 0);
  hn_npy_free(&a);
  hn_free(path);
  drop_scratch(folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_numbers_in_every_layout),
      cmocka_unit_test(test_texts),
      cmocka_unit_test(test_corners),
      cmocka_unit_test(test_half_floats),
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_headers),
      cmocka_unit_test(test_cut_files),
      cmocka_unit_test(test_read_matrix),
      cmocka_unit_test(test_read_features),
      cmocka_unit_test(test_read_labels),
      cmocka_unit_test(test_write),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
