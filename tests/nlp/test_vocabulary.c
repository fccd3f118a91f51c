#include "golden.h"

#include "base/memory.h"
#include "nlp/vocabulary.h"

#include <string.h>

static uint32_t add(hn_vocabulary *v, const char *word) {
  uint32_t term;
  assert_int_equal(hn_vocabulary_add_word(v, word, strlen(word), &term, NULL), HN_OK);
  return term;
}

static uint32_t join(hn_vocabulary *v, uint32_t prefix, uint32_t last) {
  uint32_t term;
  assert_int_equal(hn_vocabulary_add_gram(v, prefix, last, &term, NULL), HN_OK);
  return term;
}

static void expect_order(const hn_vocabulary *v, const char *const *spelled) {
  uint32_t *order = hn_alloc(v->n, sizeof *order), *some = hn_alloc(v->n, sizeof *some);
  hn_buffer text = {0};
  for (size_t i = 0; i < v->n; i++) order[i] = (uint32_t)(v->n - 1 - i);
  assert_int_equal(hn_vocabulary_order(v, order, v->n, NULL), HN_OK);
  for (size_t i = 0; i < v->n; i++) {
    hn_buffer_clear(&text);
    hn_vocabulary_spell(v, order[i], ' ', &text);
    assert_string_equal(text.data, spelled[i]);
  }
  /* every third alone, from behind: in the same order */
  for (size_t step = 0, n = 0; step < 3; step++, n = 0) {
    for (size_t i = v->n; i-- > 0;)
      if (i % 3 == step) some[n++] = order[i];
    assert_int_equal(hn_vocabulary_order(v, some, n, NULL), HN_OK);
    for (size_t i = 0; i < n; i++) assert_int_equal(some[i], order[3 * i + step]);
  }
  hn_buffer_free(&text);
  hn_free(some);
  hn_free(order);
}

static void test_words_of_every_length(void **state) {
  (void)state;
  hn_vocabulary v = {0};
  assert_int_equal(hn_vocabulary_find_word(&v, "a", 1), HN_NO_TERM);
  for (int round = 0; round < 2; round++)
    for (uint32_t n = 0; n < 40; n++) {
      char word[41];
      memset(word, 'x', n);
      word[n] = 0;
      assert_int_equal(add(&v, word), 2 * n);
      if (n > 0) word[n - 1] = 'y';
      if (n == 0) strcpy(word, "~");
      assert_int_equal(add(&v, word), 2 * n + 1);
    }
  assert_int_equal(v.n, 80);
  assert_int_equal(hn_vocabulary_find_word(&v, "xxxxxxxxxxxy", 12), 25);
  assert_int_equal(hn_vocabulary_find_word(&v, "xxxxxxxxxxyx", 12), HN_NO_TERM);
  hn_vocabulary_free(&v);
}

static void test_many_terms_survive_growth(void **state) {
  (void)state;
  hn_vocabulary v = {0};
  char word[32];
  uint32_t previous = HN_NO_TERM;
  for (uint32_t i = 0; i < 20000; i++) {
    snprintf(word, sizeof word, "%u-th word", i);
    uint32_t term = add(&v, word);
    if (i > 0) assert_int_equal(join(&v, previous, term), 2 * i);
    previous = term;
  }
  for (uint32_t i = 1; i < 20000; i++) {
    snprintf(word, sizeof word, "%u-th word", i);
    uint32_t term = hn_vocabulary_find_word(&v, word, strlen(word));
    assert_int_equal(hn_vocabulary_find_gram(&v, i == 1 ? 0 : 2 * i - 3, term), 2 * i);
  }
  assert_int_equal(hn_vocabulary_find_gram(&v, 0, 0), HN_NO_TERM);
  assert_int_equal(hn_vocabulary_find_gram(&v, HN_NO_TERM, 0), HN_NO_TERM);
  hn_vocabulary_free(&v);
}

static void test_order_of_grams(void **state) {
  (void)state;
  hn_vocabulary v = {0};
  uint32_t b = add(&v, "b"), ab = add(&v, "ab"), a = add(&v, "a"), e = add(&v, "\xC3\xA9");
  uint32_t a_b = join(&v, a, b);
  join(&v, b, a);
  join(&v, a_b, e);
  join(&v, a, ab);
  join(&v, ab, a);
  join(&v, a_b, a);
  const char *const spelled[] = {"a",  "a ab", "a b", "a b a", "a b \xC3\xA9",
                                 "ab", "ab a", "b",   "b a",   "\xC3\xA9"};
  expect_order(&v, spelled);
  hn_vocabulary_free(&v);
}

static void test_merge(void **state) {
  (void)state;
  hn_vocabulary v = {0}, from = {0};
  uint32_t numbers[4];
  add(&v, "one");
  uint32_t two = add(&from, "two"), one = add(&from, "one"), gram = join(&from, two, one);
  join(&from, gram, two);
  assert_int_equal(hn_vocabulary_merge(&v, &from, numbers, NULL), HN_OK);
  assert_int_equal(numbers[one], 0);
  assert_int_equal(v.terms[numbers[3]].n_words, 3);
  const char *const spelled[] = {"one", "two", "two one", "two one two"};
  expect_order(&v, spelled);
  hn_vocabulary_free(&from);
  hn_vocabulary_free(&v);
}

static void test_empty(void **state) {
  (void)state;
  hn_vocabulary v = {0};
  expect_order(&v, NULL);
  hn_vocabulary_free(&v);
  hn_vocabulary_free(NULL);
}

static void test_memory_failures(void **state) {
  (void)state;
  for (long n = 0;; n++) {
    hn_vocabulary v = {0};
    uint32_t term = 0, gram, order[2] = {1, 0};
    hn_memory_fail_after(n);
    hn_status status = hn_vocabulary_add_word(&v, "word", 4, &term, NULL);
    if (status == HN_OK) status = hn_vocabulary_add_gram(&v, term, term, &gram, NULL);
    if (status == HN_OK) status = hn_vocabulary_order(&v, order, 2, NULL);
    hn_memory_fail_after(-1);
    hn_vocabulary_free(&v);
    if (status == HN_OK) break;
    assert_int_equal(status, HN_NO_MEMORY);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_words_of_every_length),
      cmocka_unit_test(test_many_terms_survive_growth),
      cmocka_unit_test(test_order_of_grams),
      cmocka_unit_test(test_merge),
      cmocka_unit_test(test_empty),
      cmocka_unit_test(test_memory_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
