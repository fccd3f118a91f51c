#include "golden.h"

#include "base/memory.h"
#include "base/threads.h"
#include "nlp/count.h"
#include "nlp/tfidf.h"

#include <string.h>

static const hn_text texts[] = {{"b a b", 5}, {"", 0}, {"c a", 3}, {"b c c c", 7}};

static hn_analyzer *make_analyzer(void) {
  hn_options *options = NULL;
  hn_analyzer *analyzer = NULL;
  assert_int_equal(hn_options_create(hn_tfidf_options, &options, NULL), HN_OK);
  assert_int_equal(hn_options_set(options, "token_pattern", "\\w", NULL), HN_OK);
  assert_int_equal(hn_analyzer_create(options, &analyzer, NULL), HN_OK);
  hn_options_destroy(options);
  return analyzer;
}

/* In two batches as in one, whatever the number of threads. */
static void test_batches(void **state) {
  (void)state;
  hn_analyzer *analyzer = make_analyzer();
  for (int threads = 1; threads <= 3; threads++) {
    hn_counter *counter = NULL;
    hn_csr x = {0};
    const int32_t columns[] = {-1, 1, 0};
    hn_threads_set(threads);
    assert_int_equal(hn_counter_create(analyzer, NULL, &counter, NULL), HN_OK);
    assert_int_equal(hn_counter_add(counter, texts, 3, NULL, NULL), HN_OK);
    assert_int_equal(hn_counter_add(counter, texts + 3, 1, NULL, NULL), HN_OK);
    assert_int_equal(hn_counter_add(counter, NULL, 0, NULL, NULL), HN_OK);
    assert_int_equal(hn_counter_finish(counter, NULL), HN_OK);
    const hn_ngrams *g = hn_counter_ngrams(counter);
    assert_int_equal(g->n, 3);
    assert_int_equal(g->n_documents, 4);
    assert_int_equal(g->df[2], 2);
    assert_true(g->total[2] == 4);
    for (uint32_t i = 0; i < 3; i++) {
      char spelled;
      assert_int_equal(hn_counter_spelled_length(counter, i), 1);
      assert_ptr_equal(hn_counter_spell(counter, i, &spelled), &spelled + 1);
      assert_int_equal(spelled, 'a' + (int)i);
    }
    assert_int_equal(hn_ngrams_csr(g, columns, 2, &x, NULL), HN_OK);
    const int64_t indptr[] = {0, 1, 1, 2, 4};
    const int32_t indices[] = {1, 0, 0, 1};
    const float values[] = {2, 1, 3, 1};
    assert_memory_equal(x.indptr, indptr, sizeof indptr);
    assert_memory_equal(x.indices, indices, sizeof indices);
    assert_memory_equal(x.values, values, sizeof values);
    hn_csr_free(&x);
    hn_counter_destroy(counter);
  }
  hn_analyzer_destroy(analyzer);
}

static void test_errors_count_over_batches(void **state) {
  (void)state;
  const hn_text bad = {"\xFF", 1};
  hn_error err;
  hn_analyzer *analyzer = make_analyzer();
  hn_counter *counter = NULL;
  assert_int_equal(hn_counter_create(analyzer, NULL, &counter, NULL), HN_OK);
  assert_int_equal(hn_counter_add(counter, texts, 4, NULL, NULL), HN_OK);
  assert_int_equal(hn_counter_add(counter, &bad, 1, NULL, &err), HN_FORMAT);
  assert_non_null(strstr(err.message, "document 4: byte 0"));
  hn_counter_destroy(counter);
  hn_analyzer_destroy(analyzer);
}

/* Rows of every length: short ones are sorted by insertion, long ones by radix. */
static void test_long_rows_ascend(void **state) {
  (void)state;
  enum { N_WORDS = 5000 };
  hn_buffer text = {0};
  for (uint32_t i = 0; i < N_WORDS; i++) hn_buffer_format(&text, "w%u ", i * 7919u % N_WORDS);
  const hn_text documents[] = {{text.data, text.length}, {text.data, 200}, {text.data, 3000}};
  hn_options *options = NULL;
  hn_tfidf *t = NULL;
  hn_csr x = {0};
  assert_int_equal(hn_options_create(hn_tfidf_options, &options, NULL), HN_OK);
  assert_int_equal(hn_tfidf_fit_transform(documents, 3, options, NULL, &t, &x, NULL), HN_OK);
  assert_int_equal(hn_tfidf_n_terms(t), N_WORDS);
  assert_int_equal(x.indptr[1], N_WORDS);
  assert_int_equal(hn_csr_check(&x, NULL), HN_OK);
  hn_csr_free(&x);
  hn_tfidf_destroy(t);
  hn_options_destroy(options);
  hn_buffer_free(&text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_batches),
      cmocka_unit_test(test_errors_count_over_batches),
      cmocka_unit_test(test_long_rows_ascend),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
