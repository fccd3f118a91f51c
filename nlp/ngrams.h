/* The words of documents by position, the n-grams that they form, and how often each stands where.
 * N documents, P positions in all, V terms: words first, then 2-grams, 3-grams …, each kind in the
 * order of (the number of its prefix, the number of its last word). */
#ifndef HN_NLP_NGRAMS_H
#define HN_NLP_NGRAMS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/matrix.h"
#include "nlp/analyze.h"

typedef struct {
  uint32_t prefix, last; /* term numbers of the first n - 1 words and of the last one */
} hn_gram;

/* Start from {0}. Owns its arrays. */
typedef struct {
  size_t n_documents;
  size_t *starts; /* (N + 1) document i has the positions starts[i] … starts[i + 1] - 1 */
  /* terms[n - 1] (P): the n-gram that ends at each position, or HN_NO_TERM where none is counted;
   * NULL: none of that length is. HN_NO_TERM stands behind each sequence of words. */
  uint32_t *terms[HN_MAX_NGRAM];
  size_t n, n_words;         /* V, and how many of them are words */
  size_t ends[HN_MAX_NGRAM]; /* ends[n - 1], n > 1: behind the last n-gram; 0: there is none */
  hn_gram *grams;            /* (V - n_words) term n_words + i */
  uint32_t *df;              /* (V) documents that hold the term */
  double *total;             /* (V) its occurrences */
} hn_ngrams;

/* Add the n-grams of more than one word. Before it, terms[0] holds all words, and df and total are
 * those of the words that count; after it, terms holds only what counts in range. The same result
 * for every number of threads. Linear in P times range.max_n; needs eight bytes a position besides
 * the results. Errors: HN_NO_MEMORY; HN_INVALID with more
 * than 2^32 - 2 terms. */
hn_status hn_ngrams_count(hn_ngrams *g, hn_ngram_range range, hn_error *err);
/* order_out (V): all terms in the code-point order of their spelling, provided that the words'
 * numbers are in that order and that n-grams are joined by nothing or by a byte below all bytes of
 * their words (a space). O(V) */
void hn_ngrams_order(const hn_ngrams *g, uint32_t *order_out);
/* The counts as (N, n_columns), term t in column columns[t], left out where that is negative.
 * Errors: HN_NO_MEMORY. */
hn_status hn_ngrams_csr(const hn_ngrams *g, const int32_t *columns, size_t n_columns,
                        hn_csr *counts_out, hn_error *err);
void hn_ngrams_free(hn_ngrams *g);

#endif
