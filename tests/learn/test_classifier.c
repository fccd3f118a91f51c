/* What hn_model_fit, _predict_proba and _load check for every classifier. */
#include "support.h"

#include "base/file.h"
#include "base/memory.h"
#include "learn/dummy.h"
#include "learn/forest/forest.h"
#include "learn/linear/logistic.h"
#include "learn/registry.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

static void expect_refusal(const hn_classifier_kind *kind, const test_data *d, const char *part,
                           const char *other_part) {
  hn_fit_input input = {.x = &d->x, .y = d->y, .n_classes = d->n_classes};
  hn_model *model = NULL;
  hn_error err;
  assert_int_equal(hn_model_fit(kind, NULL, &input, class_names, &model, &err), HN_INVALID);
  assert_null(model);
  if (!strstr(err.message, part) || !strstr(err.message, other_part))
    fail_msg("\"%s\" lacks \"%s\" or \"%s\"", err.message, part, other_part);
}

static void test_refuses_bad_labels(void **state) {
  (void)state;
  test_data d = make_data(HN_FEATURES_DENSE, 12, 3, 1);
  d.y[7] = 3;
  expect_refusal(&hn_dummy_kind, &d, "label 3", "row 7");
  d.y[7] = -1;
  expect_refusal(&hn_dummy_kind, &d, "label -1", "left out");
  d.n_classes = 0;
  expect_refusal(&hn_dummy_kind, &d, "0 classes", "at least one");
  free_data(&d);
}

static void test_refuses_values_that_are_not_finite(void **state) {
  (void)state;
  test_data d = make_data(HN_FEATURES_DENSE, 12, 3, 1);
  d.x.as.dense.values[5 * 8 + 2] = NAN;
  expect_refusal(&hn_forest_kind, &d, "row 5, column 2", "nan");
  free_data(&d);
  d = make_data(HN_FEATURES_CSR, 12, 3, 1);
  size_t e = (size_t)d.x.as.csr.indptr[4];
  d.x.as.csr.values[e] = INFINITY;
  expect_refusal(&hn_logistic_kind, &d, "row 4", "inf");
  free_data(&d);
  d = make_data(HN_FEATURES_IMAGES, 12, 3, 1);
  d.x.as.images.items[3][9] = NAN;
  expect_refusal(&hn_dummy_kind, &d, "picture 3", "not finite");
  free_data(&d);
}

static void test_refuses_what_a_kind_does_not_take(void **state) {
  (void)state;
  test_data d = make_data(HN_FEATURES_IMAGES, 4, 2, 1);
  expect_refusal(&hn_forest_kind, &d, "pictures", "dense, sparse");
  free_data(&d);
}

static void test_refuses_nothing_to_learn_from(void **state) {
  (void)state;
  test_data d = make_data(HN_FEATURES_DENSE, 4, 2, 1);
  d.x.as.dense.n_rows = 0;
  expect_refusal(&hn_logistic_kind, &d, "at least one row", "logistic");
  d.x.as.dense.n_rows = 4;
  d.x.as.dense.n_cols = 0;
  expect_refusal(&hn_logistic_kind, &d, "at least one column", "logistic");
  free_data(&d);
}

static void test_prediction_checks_its_features(void **state) {
  (void)state;
  test_data d = make_data(HN_FEATURES_DENSE, 12, 3, 1);
  hn_model *model = fit(&hn_forest_kind, "n_estimators=2", &d, 1);
  float p[36];
  hn_error err;
  d.x.as.dense.n_cols = 7;
  assert_int_equal(hn_model_predict_proba(model, &d.x, p, &err), HN_INVALID);
  assert_non_null(strstr(err.message, "7 columns, the model was fitted on 8"));
  d.x.as.dense.n_cols = 8;
  d.x.as.dense.values[0] = NAN;
  assert_int_equal(hn_model_predict_proba(model, &d.x, p, &err), HN_INVALID);
  d.x.as.dense.n_rows = 0;
  assert_int_equal(hn_model_predict_proba(model, &d.x, p, &err), HN_OK);
  hn_model_destroy(model);
  free_data(&d);
}

static void test_extra_entries_come_back(void **state) {
  (void)state;
  test_data d = make_data(HN_FEATURES_DENSE, 12, 3, 1);
  hn_model *model = fit(&hn_dummy_kind, "strategy=stratified", &d, 77), *copy;
  hn_tensors *extra, *file;
  size_t two = 2;
  assert_int_equal(hn_tensors_create(&extra, NULL), HN_OK);
  assert_int_equal(hn_tensors_set_text(extra, "vocabulary", "love\nstreet", NULL), HN_OK);
  assert_int_equal(hn_tensors_add(extra, "idf", HN_TENSOR_F32, 1, &two, (float[]){1.5f, 2}, NULL),
                   HN_OK);
  assert_int_equal(hn_model_save(model, extra, scratch_path(), NULL), HN_OK);
  assert_int_equal(hn_model_load(scratch_path(), &copy, &file, NULL), HN_OK);
  unlink(scratch_path());
  assert_string_equal(hn_tensors_text(file, "vocabulary"), "love\nstreet");
  expect_near(((const float *)hn_tensors_find(file, "idf")->data)[1], 2, 0);
  assert_string_equal(hn_options_text(hn_model_options(copy), "strategy"), "stratified");
  assert_string_equal(hn_model_classes(copy)[2], "c");
  assert_int_equal(hn_model_n_classes(copy), 3);
  assert_int_equal(hn_model_n_columns(copy), 8);
  assert_ptr_equal(hn_model_kind(copy), &hn_dummy_kind);
  assert_int_equal(hn_model_importances(copy, NULL, NULL), HN_UNSUPPORTED);
  hn_tensors_destroy(extra);
  hn_tensors_destroy(file);
  hn_model_destroy(model);
  hn_model_destroy(copy);
  free_data(&d);
}

/* Save a dummy, then change one text or leave one out, and load. */
static void expect_bad_file(const char *key, const char *text, hn_status want, const char *part) {
  test_data d = make_data(HN_FEATURES_DENSE, 12, 3, 1);
  hn_model *model = fit(&hn_dummy_kind, NULL, &d, 1), *copy = NULL;
  hn_tensors *file;
  hn_error err;
  assert_int_equal(hn_model_save(model, NULL, scratch_path(), NULL), HN_OK);
  assert_int_equal(hn_tensors_read(scratch_path(), &file, NULL), HN_OK);
  assert_int_equal(hn_tensors_set_text(file, key, text, NULL), HN_OK);
  assert_int_equal(hn_tensors_write(file, scratch_path(), NULL), HN_OK);
  assert_int_equal(hn_model_load(scratch_path(), &copy, NULL, &err), want);
  unlink(scratch_path());
  assert_null(copy);
  if (!strstr(err.message, part) || !strstr(err.message, scratch_path()))
    fail_msg("\"%s\" lacks \"%s\" or the path", err.message, part);
  hn_tensors_destroy(file);
  hn_model_destroy(model);
  free_data(&d);
}

/* A file from before an option was there. */
static void test_takes_defaults_of_newer_options(void **state) {
  (void)state;
  static const char option[] = "option.strategy";
  test_data d = make_data(HN_FEATURES_DENSE, 12, 3, 1);
  hn_model *model = fit(&hn_dummy_kind, "strategy=stratified", &d, 1), *copy = NULL;
  char *bytes;
  size_t length;
  assert_int_equal(hn_model_save(model, NULL, scratch_path(), NULL), HN_OK);
  assert_int_equal(hn_file_read(scratch_path(), &bytes, &length, NULL), HN_OK);
  char *place = memmem(bytes, length, option, sizeof option - 1);
  assert_non_null(place);
  *place = 'x';
  assert_int_equal(hn_file_write(scratch_path(), bytes, length, NULL), HN_OK);
  assert_int_equal(hn_model_load(scratch_path(), &copy, NULL, NULL), HN_OK);
  unlink(scratch_path());
  assert_string_equal(hn_options_text(hn_model_options(model), "strategy"), "stratified");
  assert_string_equal(hn_options_text(hn_model_options(copy), "strategy"), "prior");
  hn_free(bytes);
  hn_model_destroy(model);
  hn_model_destroy(copy);
  free_data(&d);
}

static void test_refuses_broken_files(void **state) {
  (void)state;
  expect_bad_file("format_version", "9", HN_UNSUPPORTED, "version \"9\"");
  expect_bad_file("classifier", "oracle", HN_INVALID, "known: dummy, forest");
  expect_bad_file("classes", "[\"a\",\"b\"]", HN_FORMAT, "expected 2");
  expect_bad_file("classes", "[]", HN_FORMAT, "list of class names");
  expect_bad_file("classes", "[1,2,3]", HN_FORMAT, "list of class names");
  expect_bad_file("n_columns", "-8", HN_FORMAT, "n_columns");
  expect_bad_file("n_columns", "many", HN_FORMAT, "n_columns");
  expect_bad_file("option.strategy", "guess", HN_INVALID, "strategy");
  hn_model *model = NULL;
  assert_int_equal(hn_model_load("no such file", &model, NULL, NULL), HN_IO);
}

static void test_registry_lists_what_it_knows(void **state) {
  (void)state;
  const hn_classifier_kind *kind = NULL;
  hn_error err;
  assert_int_equal(hn_classifier_find("forest", &kind, &err), HN_OK);
  assert_ptr_equal(kind, &hn_forest_kind);
  assert_int_equal(hn_classifier_find("woods", &kind, &err), HN_INVALID);
  assert_non_null(strstr(err.message, "\"woods\""));
  assert_non_null(strstr(err.message, "logistic"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_refuses_bad_labels),
      cmocka_unit_test(test_refuses_values_that_are_not_finite),
      cmocka_unit_test(test_refuses_what_a_kind_does_not_take),
      cmocka_unit_test(test_refuses_nothing_to_learn_from),
      cmocka_unit_test(test_prediction_checks_its_features),
      cmocka_unit_test(test_extra_entries_come_back),
      cmocka_unit_test(test_refuses_broken_files),
      cmocka_unit_test(test_takes_defaults_of_newer_options),
      cmocka_unit_test(test_registry_lists_what_it_knows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
