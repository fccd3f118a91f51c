#include "golden.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/threads.h"
#include "nlp/analyze.h"
#include "nlp/tfidf.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

static hn_options *options_of(const json_t *given) {
  hn_error err = {0};
  hn_options *options = NULL;
  const char *key;
  json_t *value;
  assert_int_equal(hn_options_create(hn_tfidf_options, &options, &err), HN_OK);
  json_object_foreach((json_t *)(uintptr_t)given, key,
                      value) if (hn_options_set(options, key, json_string_value(value), &err) !=
                                 HN_OK) fail_msg("%s", err.message);
  return options;
}

static void expect_terms(const char *name, const hn_tfidf *t, const json_t *terms) {
  for (size_t i = 0; i < hn_tfidf_n_terms(t) && i < json_array_size(terms); i++) {
    size_t length;
    const char *term = hn_tfidf_term(t, i, &length);
    hn_text expected = golden_text(json_array_get(terms, i), NULL);
    if (length != expected.n || memcmp(term, expected.bytes, length) != 0)
      fail_msg("%s: term %zu is \"%s\", expected \"%s\"", name, i, term, expected.bytes);
  }
  assert_int_equal(hn_tfidf_n_terms(t), json_array_size(terms));
}

/* A model that went through a file: the same bytes out of it. */
static hn_tfidf *saved_and_loaded(const hn_tfidf *t) {
  hn_error err = {0};
  hn_tensors *tensors = NULL, *read = NULL;
  hn_tfidf *loaded = NULL;
  char path[] = "/tmp/headnod-tfidf-XXXXXX";
  close(mkstemp(path));
  assert_int_equal(hn_tensors_create(&tensors, &err), HN_OK);
  assert_int_equal(hn_tfidf_save(t, tensors, &err), HN_OK);
  assert_int_equal(hn_tensors_write(tensors, path, &err), HN_OK);
  assert_int_equal(hn_tensors_read(path, &read, &err), HN_OK);
  if (hn_tfidf_load(read, &loaded, &err) != HN_OK) fail_msg("%s", err.message);
  hn_tensors_destroy(tensors);
  hn_tensors_destroy(read);
  unlink(path);
  return loaded;
}

static void check_case(const json_t *golden, const json_t *item) {
  hn_error err = {0};
  const char *name = json_string_value(json_object_get(item, "name"));
  size_t n, n_others;
  hn_text *texts =
      texts_of(json_object_get(golden, json_string_value(json_object_get(item, "texts"))), &n);
  hn_text *others = texts_of(json_object_get(golden, "others"), &n_others);
  hn_options *options = options_of(json_object_get(item, "options"));
  hn_tfidf *t = NULL;
  hn_csr x = {0};
  if (hn_tfidf_fit_transform(texts, n, options, NULL, &t, &x, &err) != HN_OK)
    fail_msg("%s: %s", name, err.message);
  expect_terms(name, t, json_object_get(item, "terms"));
  const json_t *idf = json_object_get(item, "idf");
  assert_int_equal(hn_tfidf_idf(t) != NULL, json_is_array(idf));
  for (size_t i = 0; i < json_array_size(idf); i++)
    assert_true(fabs(hn_tfidf_idf(t)[i] - json_number_value(json_array_get(idf, i))) < 1e-11);
  expect_matrix(name, &x, json_object_get(item, "fitted"));
  hn_csr_free(&x);
  hn_tfidf *loaded = saved_and_loaded(t);
  expect_terms(name, loaded, json_object_get(item, "terms"));
  assert_int_equal(hn_tfidf_transform(loaded, texts, n, NULL, &x, &err), HN_OK);
  expect_matrix(name, &x, json_object_get(item, "fitted"));
  hn_csr_free(&x);
  assert_int_equal(hn_tfidf_transform(t, others, n_others, NULL, &x, &err), HN_OK);
  expect_matrix(name, &x, json_object_get(item, "transformed"));
  hn_csr_free(&x);
  hn_tfidf_destroy(loaded);
  hn_tfidf_destroy(t);
  hn_options_destroy(options);
  hn_free(texts);
  hn_free(others);
}

static void test_matches_scikit_learn(void **state) {
  (void)state;
  json_t *golden = read_golden("tfidf.json");
  size_t i;
  json_t *item;
  for (int threads = 1; threads <= 3; threads += 2) {
    hn_threads_set(threads);
    json_array_foreach(json_object_get(golden, "cases"), i, item) check_case(golden, item);
  }
  json_decref(golden);
}

static hn_csr bags_of(const json_t *rows) {
  hn_csr m = {0};
  size_t n_cols = json_array_size(json_array_get(rows, 0)), n = 0;
  assert_int_equal(hn_csr_init(&m, json_array_size(rows), n_cols, 100, NULL), HN_OK);
  for (size_t i = 0; i < m.n_rows; i++) {
    for (size_t j = 0; j < n_cols; j++) {
      double count = json_number_value(json_array_get(json_array_get(rows, i), j));
      if (count == 0) continue;
      m.indices[n] = (int32_t)j;
      m.values[n++] = (float)count;
    }
    m.indptr[i + 1] = (int64_t)n;
  }
  return m;
}

static void test_bags(void **state) {
  (void)state;
  hn_error err = {0};
  json_t *golden = read_golden("tfidf.json"), *bags = json_object_get(golden, "bags");
  const json_t *names = json_object_get(bags, "terms");
  hn_csr counts = bags_of(json_object_get(bags, "counts")), x = {0};
  const char *terms[8];
  for (size_t i = 0; i < counts.n_cols; i++) terms[i] = json_string_value(json_array_get(names, i));
  hn_options *options = options_of(NULL);
  hn_tfidf *t = NULL;
  assert_int_equal(hn_tfidf_fit_transform_counts(&counts, terms, options, &t, &x, &err), HN_OK);
  expect_terms("bags", t, json_object_get(bags, "kept"));
  expect_matrix("bags", &x, json_object_get(bags, "fitted"));
  hn_csr_free(&x);
  hn_tfidf *loaded = saved_and_loaded(t);
  assert_int_equal(hn_tfidf_transform_counts(loaded, &counts, &x, &err), HN_OK);
  expect_matrix("bags", &x, json_object_get(bags, "fitted"));
  hn_csr_free(&x);

  hn_text text = {"alpha", 5};
  assert_int_equal(hn_tfidf_transform(t, &text, 1, NULL, &x, &err), HN_INVALID);
  counts.n_cols = 4;
  assert_int_equal(hn_tfidf_transform_counts(t, &counts, &x, &err), HN_INVALID);
  assert_non_null(strstr(err.message, "4 columns"));
  counts.n_cols = 5;
  hn_tfidf_destroy(loaded);
  hn_tfidf_destroy(t);
  t = NULL;
  terms[1] = terms[0];
  assert_int_equal(hn_tfidf_fit_transform_counts(&counts, terms, options, &t, &x, &err),
                   HN_INVALID);
  assert_non_null(strstr(err.message, "zulu"));
  assert_int_equal(hn_options_set(options, "ngram", "1,2", &err), HN_OK);
  assert_int_equal(hn_tfidf_fit_transform_counts(&counts, terms, options, &t, &x, &err),
                   HN_INVALID);
  assert_non_null(strstr(err.message, "ngram"));
  assert_int_equal(hn_options_set(options, "ngram", "1,1", &err), HN_OK);
  assert_int_equal(hn_options_set(options, "stem", "english", &err), HN_OK);
  assert_int_equal(hn_tfidf_fit_transform_counts(&counts, terms, options, &t, &x, &err),
                   HN_INVALID);
  assert_non_null(strstr(err.message, "stem english"));
  assert_null(t);
  hn_options_destroy(options);
  hn_csr_free(&counts);
  json_decref(golden);
}

static void expect_refusal(const char *option, const char *value, const hn_text *texts, size_t n,
                           hn_status expected, const char *words) {
  hn_error err = {0};
  hn_options *options = options_of(NULL);
  hn_tfidf *t = NULL;
  hn_csr x = {0};
  hn_status status = HN_OK;
  if (option) status = hn_options_set(options, option, value, &err);
  if (status == HN_OK) status = hn_tfidf_fit_transform(texts, n, options, NULL, &t, &x, &err);
  assert_int_equal(status, expected);
  if (!strstr(err.message, words)) fail_msg("\"%s\" lacks \"%s\"", err.message, words);
  assert_null(t);
  assert_null(x.indptr);
  hn_options_destroy(options);
}

static void test_errors(void **state) {
  (void)state;
  const hn_text texts[] = {{"one two", 7}, {"two three", 9}}, empty[] = {{"", 0}, {"a . b", 5}};
  const hn_text bad[] = {{"fine", 4}, {"caf\xE9", 4}, {"\xFF", 1}};
  expect_refusal(NULL, NULL, NULL, 0, HN_INVALID, "no documents");
  expect_refusal(NULL, NULL, empty, 2, HN_INVALID, "no terms");
  expect_refusal("min_df", "3", texts, 2, HN_INVALID, "fewer than min_df 3");
  expect_refusal("ngram", "2,1", texts, 2, HN_INVALID, "not a range");
  expect_refusal("ngram", "2", texts, 2, HN_INVALID, "not a range");
  expect_refusal("token_pattern", "(", texts, 2, HN_INVALID, "token_pattern");
  expect_refusal("stem", "klingon", texts, 2, HN_INVALID, "no stemmer");
  expect_refusal("stop_words", "finnish", texts, 2, HN_INVALID, "no list for finnish");
  expect_refusal("norm", "l3", texts, 2, HN_INVALID, "l1, l2, none");
  hn_options *options = options_of(NULL);
  hn_analyzer *analyzer = NULL;
  hn_error err;
  assert_int_equal(hn_options_set(options, "stem", "english", &err), HN_OK);
  assert_int_equal(hn_options_set(options, "analyzer", "char", &err), HN_OK);
  assert_int_equal(hn_analyzer_create(options, &analyzer, &err), HN_INVALID);
  assert_non_null(strstr(err.message, "only words have stems"));
  hn_options_destroy(options);
  expect_refusal("max_df", "0.4", texts, 2, HN_INVALID, "max_df");
  for (int threads = 1; threads <= 3; threads++) {
    hn_threads_set(threads);
    expect_refusal(NULL, NULL, bad, 3, HN_FORMAT, "document 1: byte 3 (0xE9)");
  }
}

static void test_no_term_survives(void **state) {
  (void)state;
  const hn_text texts[] = {{"one two", 7}, {"one two", 7}, {"one two", 7}};
  expect_refusal("max_df", "2", texts, 3, HN_INVALID, "none of 2 terms");
}

static void test_invalid_bytes_replaced(void **state) {
  (void)state;
  hn_error err = {0};
  hn_options *options = options_of(NULL);
  const hn_text text = {"caf\xE9 noir", 9};
  hn_tfidf *t = NULL;
  hn_csr x = {0};
  assert_int_equal(hn_options_set(options, "decode_error", "replace", &err), HN_OK);
  assert_int_equal(hn_tfidf_fit_transform(&text, 1, options, NULL, &t, &x, &err), HN_OK);
  assert_int_equal(hn_tfidf_n_terms(t), 2);
  assert_string_equal(hn_tfidf_term(t, 0, NULL), "caf");
  hn_csr_free(&x);
  hn_tfidf_destroy(t);
  hn_options_destroy(options);
}

static void test_counts_and_escapes(void **state) {
  (void)state;
  hn_error err = {0};
  hn_options *options = options_of(NULL);
  const hn_text text = {"a\n\\\ta a", 7};
  hn_tfidf *t = NULL;
  hn_csr x = {0};
  hn_buffer terms = {0};
  assert_int_equal(hn_tfidf_options_count(options, &err), HN_OK);
  assert_int_equal(hn_options_set(options, "analyzer", "char", &err), HN_OK);
  assert_int_equal(hn_tfidf_fit_transform(&text, 1, options, NULL, &t, &x, &err), HN_OK);
  assert_null(hn_tfidf_idf(t));
  assert_int_equal(hn_tfidf_write_terms(t, &terms, &err), HN_OK);
  assert_string_equal(terms.data, "\\t\n\\n\n \n\\\\\na\n");
  assert_true(x.values[4] == 3);
  hn_tfidf *loaded = saved_and_loaded(t);
  assert_string_equal(hn_tfidf_term(loaded, 1, NULL), "\n");
  hn_buffer_free(&terms);
  hn_csr_free(&x);
  hn_tfidf_destroy(loaded);
  hn_tfidf_destroy(t);
  hn_options_destroy(options);
}

/* Many documents over several threads: the same bytes for every number of them. */
static void test_threads_do_not_matter(void **state) {
  (void)state;
  enum { N = 300 };
  static char lines[N][80];
  hn_text texts[N];
  for (size_t i = 0; i < N; i++)
    texts[i] = (hn_text){lines[i], (size_t)snprintf(lines[i], sizeof lines[i],
                                                    "song %zu of %zu goes on like %zu and then %zu",
                                                    i, i % 7, i % 13, i * i % 101)};
  hn_options *options = options_of(NULL);
  assert_int_equal(hn_options_set(options, "ngram", "1,3", NULL), HN_OK);
  assert_int_equal(hn_options_set(options, "max_features", "500", NULL), HN_OK);
  hn_csr first = {0};
  hn_buffer first_terms = {0};
  for (int threads = 1; threads <= 4; threads++) {
    hn_threads_set(threads);
    hn_tfidf *t = NULL;
    hn_csr x = {0};
    hn_buffer terms = {0};
    assert_int_equal(hn_tfidf_fit_transform(texts, N, options, NULL, &t, &x, NULL), HN_OK);
    assert_int_equal(hn_tfidf_write_terms(t, &terms, NULL), HN_OK);
    if (threads == 1) {
      first = x;
      first_terms = terms;
    } else {
      size_t n = hn_csr_n_entries(&first);
      assert_string_equal(terms.data, first_terms.data);
      assert_memory_equal(x.indptr, first.indptr, (N + 1) * sizeof *x.indptr);
      assert_memory_equal(x.indices, first.indices, n * sizeof *x.indices);
      assert_memory_equal(x.values, first.values, n * sizeof *x.values);
      hn_csr_free(&x);
      hn_buffer_free(&terms);
    }
    hn_tfidf_destroy(t);
  }
  hn_csr_free(&first);
  hn_buffer_free(&first_terms);
  hn_options_destroy(options);
}

static void test_broken_models_are_refused(void **state) {
  (void)state;
  hn_error err = {0};
  hn_tensors *tensors = NULL;
  hn_tfidf *t = NULL;
  assert_int_equal(hn_tensors_create(&tensors, &err), HN_OK);
  assert_int_equal(hn_tfidf_load(tensors, &t, &err), HN_FORMAT);
  for (const hn_option_spec *spec = hn_tfidf_options; spec->name; spec++) {
    char key[64];
    snprintf(key, sizeof key, "tfidf.%s", spec->name);
    assert_int_equal(hn_tensors_set_text(tensors, key, spec->default_text, &err), HN_OK);
  }
  assert_int_equal(hn_tfidf_load(tensors, &t, &err), HN_FORMAT);
  const size_t n_bytes = 4, n_idf = 1;
  assert_int_equal(
      hn_tensors_add(tensors, "tfidf.terms", HN_TENSOR_U8, 1, &n_bytes, "a\nb\n", &err), HN_OK);
  const double idf = 1;
  assert_int_equal(hn_tensors_add(tensors, "tfidf.idf", HN_TENSOR_F64, 1, &n_idf, &idf, &err),
                   HN_OK);
  assert_int_equal(hn_tfidf_load(tensors, &t, &err), HN_FORMAT);
  assert_non_null(strstr(err.message, "1 values for 2 terms"));
  assert_null(t);
  hn_tensors_destroy(tensors);
}

static hn_status everything(const hn_options *options) {
  const hn_text texts[] = {{"one two three", 13}, {"two \xC3\x89t\xC3\xA9 two", 13}};
  hn_tfidf *t = NULL, *loaded = NULL;
  hn_tensors *tensors = NULL;
  hn_csr x = {0}, again = {0};
  hn_status status = hn_tfidf_fit_transform(texts, 2, options, NULL, &t, &x, NULL);
  if (status == HN_OK) status = hn_tensors_create(&tensors, NULL);
  if (status == HN_OK) status = hn_tfidf_save(t, tensors, NULL);
  if (status == HN_OK) status = hn_tfidf_load(tensors, &loaded, NULL);
  if (status == HN_OK) status = hn_tfidf_transform(loaded, texts, 2, NULL, &again, NULL);
  hn_csr_free(&x);
  hn_csr_free(&again);
  hn_tensors_destroy(tensors);
  hn_tfidf_destroy(loaded);
  hn_tfidf_destroy(t);
  return status;
}

static void test_memory_failures(void **state) {
  (void)state;
  hn_options *options = options_of(NULL);
  assert_int_equal(hn_options_set(options, "ngram", "1,2", NULL), HN_OK);
  assert_int_equal(hn_options_set(options, "max_features", "3", NULL), HN_OK);
  assert_int_equal(hn_options_set(options, "stem", "english", NULL), HN_OK);
  assert_int_equal(hn_options_set(options, "stop_words", "french", NULL), HN_OK);
  hn_threads_set(2);
  for (long n = 0;; n++) {
    hn_memory_fail_after(n);
    hn_status status = everything(options);
    hn_memory_fail_after(-1);
    if (status == HN_OK) break;
    assert_int_equal(status, HN_NO_MEMORY);
  }
  hn_options_destroy(options);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_matches_scikit_learn),
      cmocka_unit_test(test_bags),
      cmocka_unit_test(test_errors),
      cmocka_unit_test(test_no_term_survives),
      cmocka_unit_test(test_invalid_bytes_replaced),
      cmocka_unit_test(test_counts_and_escapes),
      cmocka_unit_test(test_threads_do_not_matter),
      cmocka_unit_test(test_broken_models_are_refused),
      cmocka_unit_test(test_memory_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
