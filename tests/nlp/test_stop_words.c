#include "nlp/stop_words.h"

#include "nlp/text.h"
#include "nlp/tfidf.h"
#include "nlp/vocabulary.h"

#include "tests/support.h"

static hn_error err;

/* Each list that the option speaks of is there: distinct words in lower case. */
static void test_lists(void **state) {
  (void)state;
  char languages[] = HN_STOP_WORDS_LANGUAGES;
  size_t n_languages = 0;
  for (char *l = strtok(languages, ", "); l; l = strtok(NULL, ", "), n_languages++) {
    const char *list = hn_stop_words(l, strlen(l));
    hn_vocabulary words = {0};
    hn_buffer lowered = {0};
    assert_non_null(list);
    assert_ok(hn_text_lower(list, strlen(list), &lowered, &err));
    assert_string_equal(lowered.data, list);
    size_t n = 0, length;
    for (const char *at = list; *at; at += length + (at[length] == ' '), n++) {
      uint32_t word;
      length = strcspn(at, " ");
      assert_true(length > 0);
      assert_ok(hn_vocabulary_add_word(&words, at, length, &word, &err));
      if (words.n != n + 1) fail_msg("%s: \"%.*s\" stands there twice", l, (int)length, at);
    }
    assert_in_range(n, 100, 200);
    hn_vocabulary_free(&words);
    hn_buffer_free(&lowered);
  }
  assert_int_equal(n_languages, 8);
  assert_null(hn_stop_words("englis", 6));
  assert_null(hn_stop_words("", 0));
}

/* The terms of a text, a blank between. */
static char *terms_of(const char *text, const char *stop_words, const char *accents) {
  hn_options *options = NULL;
  hn_tfidf *tfidf = NULL;
  hn_buffer terms = {0};
  const hn_text document = {text, strlen(text)};
  assert_ok(hn_options_create(hn_tfidf_options, &options, &err));
  assert_ok(hn_options_set(options, "stop_words", stop_words, &err));
  assert_ok(hn_options_set(options, "strip_accents", accents, &err));
  assert_ok(hn_tfidf_fit_transform(&document, 1, options, NULL, &tfidf, NULL, &err));
  for (size_t i = 0; i < hn_tfidf_n_terms(tfidf); i++)
    hn_buffer_format(&terms, "%s%s", i ? " " : "", hn_tfidf_term(tfidf, i, NULL));
  hn_tfidf_destroy(tfidf);
  hn_options_destroy(options);
  return terms.data;
}

static void expect_terms(const char *text, const char *stop_words, const char *accents,
                         const char *expected) {
  char *got = terms_of(text, stop_words, accents);
  assert_string_equal(got, expected);
  hn_free(got);
}

static void test_option(void **state) {
  (void)state;
  expect_terms("The rose that you don't see, for love", "english", "none", "love rose see");
  expect_terms("The rose that you see, for love", "english, love", "none", "rose see");
  expect_terms("für the rose", "english,german", "none", "rose");
  /* The lists lose their accents with the text. */
  expect_terms("Für die Rose", "german", "unicode", "rose");
  expect_terms("für love", "love", "none", "für");
}

static void test_language_without_list(void **state) {
  (void)state;
  hn_options *options = NULL;
  hn_tfidf_fitter *fitter = NULL;
  assert_ok(hn_options_create(hn_tfidf_options, &options, &err));
  assert_ok(hn_options_set(options, "stop_words", "russian", &err));
  assert_fails(hn_tfidf_fitter_create(options, &fitter, &err), HN_INVALID,
               "there is no list for russian (there are dutch, ");
  hn_options_destroy(options);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_lists), cmocka_unit_test(test_option),
                                     cmocka_unit_test(test_language_without_list)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
