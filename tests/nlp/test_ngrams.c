#include "tests/support.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/threads.h"
#include "nlp/ngrams.h"

#include <string.h>

enum {
  N_WORDS = 40,
  MAX_N = 3,
  N_GRAMS = N_WORDS + N_WORDS * N_WORDS + N_WORDS * N_WORDS * N_WORDS
};

/* The naive counts of n-grams begin here; each is found by its words, taken as digits. */
static const size_t first_of[] = {0, 0, N_WORDS, N_WORDS + N_WORDS *N_WORDS};

typedef struct {
  uint32_t df[N_GRAMS], last_document[N_GRAMS];
  double total[N_GRAMS];
} naive_counts;

/* Documents of one to three sequences, of up to `longest` words each; low numbers are frequent. */
static void make_documents(hn_ngrams *g, size_t n, size_t longest) {
  hn_rng rng;
  hn_rng_init(&rng, 1, "ngrams", 0);
  *g = (hn_ngrams){.n_documents = n, .n = N_WORDS, .n_words = N_WORDS};
  g->starts = hn_calloc(n + 1, sizeof *g->starts);
  g->terms[0] = hn_alloc(n * 3 * (longest + 1), sizeof(uint32_t));
  g->df = hn_calloc(N_WORDS, sizeof *g->df);
  g->total = hn_calloc(N_WORDS, sizeof *g->total);
  for (size_t d = 0, at = 0; d < n; d++) {
    for (uint64_t k = hn_rng_below(&rng, 3); k < 3 && d % 7 != 3; k++) {
      for (uint64_t i = hn_rng_below(&rng, longest) + 1; i > 0; i--)
        g->terms[0][at++] = (uint32_t)hn_rng_below(&rng, 1 + hn_rng_below(&rng, N_WORDS));
      g->terms[0][at++] = HN_NO_TERM;
    }
    g->starts[d + 1] = at;
  }
}

static void count_one(naive_counts *counts, size_t gram, size_t d) {
  counts->total[gram]++;
  counts->df[gram] += counts->last_document[gram] != d + 1;
  counts->last_document[gram] = (uint32_t)d + 1;
}

/* The sequence of `length` words at `from`. */
static void count_sequence(naive_counts *counts, const uint32_t *from, size_t length, size_t d,
                           hn_ngram_range range) {
  for (size_t n = 1; n <= range.max_n; n++) {
    if (n < range.min_n && !(range.whole && length == n && n > 1)) continue;
    for (size_t i = 0; i + n <= length; i++) {
      size_t gram = 0;
      for (size_t k = 0; k < n; k++) gram = gram * N_WORDS + from[i + k];
      count_one(counts, first_of[n] + gram, d);
    }
  }
}

static naive_counts *count_naively(const hn_ngrams *g, hn_ngram_range range) {
  naive_counts *counts = hn_calloc(1, sizeof *counts);
  for (size_t d = 0; d < g->n_documents; d++)
    for (size_t i = g->starts[d], end; i < g->starts[d + 1]; i = end + 1) {
      for (end = i; g->terms[0][end] != HN_NO_TERM;) end++;
      count_sequence(counts, g->terms[0] + i, end - i, d, range);
    }
  return counts;
}

/* The words of a term as digits, and how many. */
static size_t digits_of(const hn_ngrams *g, uint32_t term, size_t *length_out) {
  if (term < N_WORDS) return *length_out = 1, term;
  hn_gram gram = g->grams[term - N_WORDS];
  size_t prefix = digits_of(g, gram.prefix, length_out);
  ++*length_out;
  return prefix * N_WORDS + gram.last;
}

static void expect_counts(size_t n, size_t longest, hn_ngram_range range) {
  for (int threads = 1; threads <= 3; threads++) {
    hn_ngrams g;
    hn_csr x = {0};
    double sum = 0, naive_sum = 0;
    hn_threads_set(threads);
    make_documents(&g, n, longest);
    naive_counts *naive = count_naively(&g, range);
    if (range.min_n == 1) { /* words are counted before */
      memcpy(g.df, naive->df, N_WORDS * sizeof *g.df);
      memcpy(g.total, naive->total, N_WORDS * sizeof *g.total);
    }
    assert_int_equal(hn_ngrams_count(&g, range, NULL), HN_OK);
    for (uint32_t t = 0; t < g.n; t++) {
      size_t length, digits = digits_of(&g, t, &length), number = first_of[length] + digits;
      assert_int_equal(g.df[t], naive->df[number]);
      assert_true(g.total[t] == naive->total[number]);
      sum += g.total[t];
    }
    for (size_t i = 0; i < N_GRAMS; i++) naive_sum += naive->total[i];
    assert_true(sum == naive_sum);

    int32_t *columns = hn_alloc(g.n, sizeof *columns);
    for (size_t t = 0; t < g.n; t++) columns[t] = (int32_t)(g.n - 1 - t);
    assert_int_equal(hn_ngrams_csr(&g, columns, g.n, &x, NULL), HN_OK);
    assert_int_equal(hn_csr_check(&x, NULL), HN_OK);
    uint32_t *df = hn_calloc(g.n, sizeof *df);
    for (size_t k = 0; k < hn_csr_n_entries(&x); k++) {
      df[g.n - 1 - (size_t)x.indices[k]]++;
      sum -= (double)x.values[k];
    }
    assert_true(sum == 0);
    assert_memory_equal(df, g.df, g.n * sizeof *df);
    hn_free(df);
    hn_free(columns);
    hn_csr_free(&x);
    hn_free(naive);
    hn_ngrams_free(&g);
  }
}

static void test_against_naive_counts(void **state) {
  (void)state;
  expect_counts(300, 5, (hn_ngram_range){1, 1, 0});
  expect_counts(300, 5, (hn_ngram_range){1, 2, 0});
  expect_counts(300, 5, (hn_ngram_range){2, 3, 0});
  expect_counts(300, 5, (hn_ngram_range){3, 3, 0});
  expect_counts(300, 5, (hn_ngram_range){3, 3, 1});
  expect_counts(1, 1, (hn_ngram_range){1, 3, 0});
  expect_counts(0, 1, (hn_ngram_range){1, 3, 0});
}

/* More than one round of several parts. */
static void test_many_occurrences(void **state) {
  (void)state;
  expect_counts(3000, 500, (hn_ngram_range){1, 2, 0});
}

/* Numbers follow (prefix, last word); the order is that of the spelling. */
static void test_order(void **state) {
  (void)state;
  /* a b a c | b | a b c */
  const uint32_t words[] = {0, 1, 0, 2, HN_NO_TERM, 1, HN_NO_TERM, 0, 1, 2, HN_NO_TERM};
  hn_ngrams g = {.n_documents = 1, .n = 3, .n_words = 3};
  g.starts = hn_calloc(2, sizeof *g.starts);
  g.starts[1] = 11;
  g.terms[0] = hn_alloc(11, sizeof *words);
  memcpy(g.terms[0], words, sizeof words);
  g.df = hn_calloc(3, sizeof *g.df);
  g.total = hn_calloc(3, sizeof *g.total);
  assert_int_equal(hn_ngrams_count(&g, (hn_ngram_range){1, 3, 0}, NULL), HN_OK);
  /* 3 a b, 4 a c, 5 b a, 6 b c, 7 a b a, 8 a b c, 9 b a c */
  const uint32_t order[] = {0, 3, 7, 8, 4, 1, 5, 9, 6, 2};
  uint32_t found[10];
  assert_int_equal(g.n, 10);
  hn_ngrams_order(&g, found);
  assert_memory_equal(found, order, sizeof order);
  hn_ngrams_free(&g);
  hn_ngrams_free(NULL);
}

static void test_memory_failures(void **state) {
  (void)state;
  hn_threads_set(2);
  for (long n = 0;; n++) {
    hn_ngrams g;
    hn_csr x = {0};
    int32_t columns[N_GRAMS] = {0};
    make_documents(&g, 20, 4);
    hn_memory_fail_after(n);
    hn_status status = hn_ngrams_count(&g, (hn_ngram_range){2, 3, 1}, NULL);
    if (status == HN_OK) status = hn_ngrams_csr(&g, columns, 1, &x, NULL);
    hn_memory_fail_after(-1);
    hn_ngrams_free(&g);
    hn_csr_free(&x);
    if (status == HN_OK) break;
    assert_int_equal(status, HN_NO_MEMORY);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_against_naive_counts),
      cmocka_unit_test(test_many_occurrences),
      cmocka_unit_test(test_order),
      cmocka_unit_test(test_memory_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
