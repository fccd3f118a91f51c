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

/* Words of two vocabularies, some in both; prefixes, bytes above 0x7F and words that differ only
 * behind their eighth byte. */
static void test_rank_words(void **state) {
  (void)state;
  static const char *const sorted[] = {"",          "a",         "ab", "abcdefgh",
                                       "abcdefgh1", "abcdefgh2", "b",  "\xC3\xA9"};
  enum { N = sizeof sorted / sizeof *sorted };
  hn_vocabulary first = {0}, second = {0};
  uint32_t first_ranks[N], second_ranks[N], *const ranks[] = {first_ranks, second_ranks};
  const hn_vocabulary *const both[] = {&first, &second};
  hn_text *words;
  size_t n;
  for (size_t i = N; i-- > 0;)
    if (i % 3 != 1) add(&first, sorted[i]);
  for (size_t i = 0; i < N; i++)
    if (i % 3 != 0) add(&second, sorted[i]);
  assert_int_equal(hn_vocabulary_rank_words(both, 2, ranks, &words, &n, NULL), HN_OK);
  assert_int_equal(n, N);
  for (size_t i = 0; i < N; i++) {
    assert_int_equal(words[i].n, strlen(sorted[i]));
    if (i > 0) assert_memory_equal(words[i].bytes, sorted[i], words[i].n);
  }
  for (size_t v = 0; v < 2; v++)
    for (size_t i = 0; i < both[v]->n; i++) {
      const char *word = sorted[ranks[v][i]];
      assert_int_equal(hn_vocabulary_find_word(both[v], word, strlen(word)), i);
    }
  hn_free(words);
  hn_vocabulary_free(&first);
  assert_int_equal(hn_vocabulary_rank_words(both, 1, ranks, &words, &n, NULL), HN_OK);
  assert_int_equal(n, 0);
  hn_free(words);
  hn_vocabulary_free(&second);
  hn_vocabulary_free(NULL);
}

static void test_memory_failures(void **state) {
  (void)state;
  for (long n = 0;; n++) {
    hn_vocabulary v = {0};
    uint32_t term = 0, gram;
    hn_memory_fail_after(n);
    hn_status status = hn_vocabulary_add_word(&v, "word", 4, &term, NULL);
    if (status == HN_OK) status = hn_vocabulary_add_gram(&v, term, term, &gram, NULL);
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
      cmocka_unit_test(test_rank_words),
      cmocka_unit_test(test_memory_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
